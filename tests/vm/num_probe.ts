/**
 * The number functions of the VM (vm/probe_num.ts) with integers and floats of JavaScript as
 * arguments and results.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { immediate2Tags, immediateTags, primaryTags } from '../../tables/terms.ts';
import { buildVm } from '../../tools/build_vm.ts';

type Unary = (a: bigint) => bigint;
type Binary = (a: bigint, b: bigint) => bigint;

export interface NumberVm {
  init(start: number, end: number): void;
  reset(): void;
  heapUsed(): number;
  allocate(bytes: number): number;
  release(address: number): void;
  hAlloc(words: number): number;
  compareNumbers(a: bigint, b: bigint): number;
  binaryData(t: bigint): number;
  byteSize(t: bigint): number;
  fitsI64(a: bigint): number;
  fitsU64(a: bigint): number;
  readonly failClass: { value: number };
  readonly failReason: { value: bigint };
  readonly pendingReductions: { value: number };
  readonly allocatedBytes: { value: number };
  readonly [name: string]: unknown;
}

export type Value = bigint | number | { readonly atom: string };

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const small = BigInt(immediateTags.small);
const atomTag = BigInt(immediate2Tags.atom);
const nil = BigInt(immediate2Tags.nil);
const boxed = BigInt(primaryTags.boxed);

/** The functions of the probe with terms made from and turned into JavaScript values. */
export class NumberProbe {
  readonly vm: NumberVm;
  readonly memory: WebAssembly.Memory;
  private readonly view: DataView;
  private readonly atoms: Map<string, number>;

  constructor(vm: NumberVm, memory: WebAssembly.Memory) {
    this.vm = vm;
    this.memory = memory;
    this.view = new DataView(memory.buffer);
    this.atoms = atomNumbers();
  }

  call(name: string, ...terms: bigint[]): bigint {
    return BigInt.asUintN(64, (this.vm[name] as (...terms: bigint[]) => bigint)(...terms));
  }
  unary(name: string, a: Value): Value | string {
    return this.value((this.vm[name] as Unary)(this.term(a)));
  }
  binary(name: string, a: Value, b: Value): Value | string {
    return this.value((this.vm[name] as Binary)(this.term(a), this.term(b)));
  }

  // ---- making terms

  /** A term for a bigint (integer), a number (float) or an atom. */
  term(value: Value): bigint {
    if (typeof value === 'object') return this.atom(value.atom);
    if (typeof value === 'number') {
      const at = this.vm.hAlloc(2);
      this.view.setBigUint64(at, (1n << 6n) | (6n << 2n), true);
      this.view.setFloat64(at + 8, value, true);
      return BigInt(at) | boxed;
    }
    if (BigInt.asIntN(60, value) === value) return BigInt.asUintN(64, value << 4n) | small;
    return this.bigTerm(value);
  }
  private bigTerm(value: bigint): bigint {
    const hex = (value < 0n ? -value : value).toString(16);
    const count = Math.ceil(hex.length / 16);
    const at = this.vm.hAlloc(count + 1);
    const subtag = value < 0n ? 3n : 2n;
    this.view.setBigUint64(at, (BigInt(count) << 6n) | (subtag << 2n), true);
    for (let i = 0; i < count; i++) {
      const digit = hex.slice(Math.max(0, hex.length - 16 * (i + 1)), hex.length - 16 * i);
      this.view.setBigUint64(at + 8 + 8 * i, BigInt(`0x${digit}`), true);
    }
    return BigInt(at) | boxed;
  }
  atom(name: string): bigint {
    const number = this.atoms.get(name);
    if (number === undefined) throw new Error(`the VM has no atom ${name}`);
    return (BigInt(number) << 6n) | atomTag;
  }
  list(elements: readonly bigint[], end: bigint = nil): bigint {
    if (!elements.length) return end;
    const at = this.vm.hAlloc(elements.length * 2);
    for (const [i, element] of elements.entries()) {
      const next = i + 1 < elements.length ? BigInt(at + 16 * (i + 1)) | 1n : end;
      this.view.setBigUint64(at + 16 * i, element, true);
      this.view.setBigUint64(at + 16 * i + 8, next, true);
    }
    return BigInt(at) | 1n;
  }
  tuple(elements: readonly bigint[]): bigint {
    const at = this.vm.hAlloc(elements.length + 1);
    this.view.setBigUint64(at, BigInt(elements.length) << 6n, true);
    for (const [i, element] of elements.entries())
      this.view.setBigUint64(at + 8 + 8 * i, element, true);
    return BigInt(at) | boxed;
  }

  // ---- reading terms

  /** The value of a number or atom, or the name of the error when `signed` is 0. */
  value(signed: bigint): Value | string {
    const word = BigInt.asUintN(64, signed);
    if (word === 0n) {
      const kind = this.vm.failClass.value;
      return kind === 0 ? this.atomName(this.vm.failReason.value) : `class ${kind}`;
    }
    if ((word & 15n) === small) return BigInt.asIntN(64, word) >> 4n;
    if ((word & 63n) === atomTag) return { atom: this.atomName(word) };
    if ((word & 3n) !== boxed) throw new Error(`no number: ${word}`);
    return this.boxedValue(Number(BigInt.asUintN(32, word)) - 2);
  }
  private atomName(word: bigint): string {
    const number = Number(BigInt.asUintN(32, word) >> 6n);
    return [...this.atoms].find(([, index]) => index === number)?.[0] ?? `atom ${number}`;
  }
  private boxedValue(at: number): Value {
    const word = (index: number) => this.view.getBigUint64(at + 8 * index, true);
    const subtag = Number((word(0) >> 2n) & 15n);
    const words = Number(word(0) >> 6n);
    if (subtag === 6) return this.view.getFloat64(at + 8, true);
    if (subtag !== 2 && subtag !== 3) throw new Error(`no number: header ${word(0)}`);
    if (words === 0 || word(words) === 0n) throw new Error('a big has a leading zero digit');
    let hex = '0x';
    for (let i = words; i; i--) hex += word(i).toString(16).padStart(16, '0');
    const value = subtag === 3 ? -BigInt(hex) : BigInt(hex);
    if (BigInt.asIntN(60, value) === value) throw new Error(`${value} should be a small`);
    return value;
  }
  /** The elements of a tuple of two. */
  pair(word: bigint): [bigint, bigint] {
    const at = Number(BigInt.asUintN(32, word)) - 2;
    if (this.view.getBigUint64(at, true) !== 2n << 6n) throw new Error(`no pair: ${word}`);
    return [this.view.getBigUint64(at + 8, true), this.view.getBigUint64(at + 16, true)];
  }
  /** The text of a list of bytes or of a binary. */
  text(word: bigint): string {
    if ((word & 3n) === boxed) {
      const at = this.vm.binaryData(word);
      return Buffer.from(this.memory.buffer, at, this.vm.byteSize(word)).toString('latin1');
    }
    let result = '';
    for (let rest = word; (rest & 3n) === 1n; ) {
      const at = Number(BigInt.asUintN(32, rest)) - 1;
      result += String.fromCharCode(Number(this.view.getBigUint64(at, true) >> 4n));
      rest = this.view.getBigUint64(at + 8, true);
    }
    return result;
  }
}

export async function loadNumberProbe(megabytes = 128): Promise<NumberProbe> {
  const { wasm } = await buildVm({ entry: 'vm/probe_num.ts', level: 1 });
  const memory = new WebAssembly.Memory({ initial: megabytes * 16, maximum: 65536 });
  const host = new Proxy({}, { get: (_, name) => () => panic(String(name)) });
  const module = await WebAssembly.compile(wasm);
  const instance = await WebAssembly.instantiate(module, { env: { memory }, host });
  const vm = instance.exports as unknown as NumberVm;
  vm.init(1 << 20, megabytes << 20);
  return new NumberProbe(vm, memory);
}

function panic(name: string): number {
  throw new Error(`the VM called host.${name}`);
}

/** Numbers of the VM's atoms by name, from the generated constants. */
function atomNumbers(): Map<string, number> {
  const text = readFileSync(join(root, 'vm', 'gen', 'atoms.ts'), 'utf8');
  return new Map(
    [...text.matchAll(/export const am_(\w+): u64 = (\d+);/g)].map((match) => [
      match[1]!,
      Number(BigInt(match[2]!) >> 6n),
    ]),
  );
}

/** Seeded random numbers (xorshift). */
export function randomSource(seed: number): {
  below(limit: number): number;
  bits(count: number): bigint;
  integer(bitsMax: number): bigint;
} {
  let state = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + 1n);
  const next = (): bigint => {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    return state;
  };
  const below = (limit: number) => Number((next() >> 16n) % BigInt(limit));
  const bits = (count: number): bigint => {
    let value = 0n;
    for (let i = 0; i < count; i += 64) value = (value << 64n) | next();
    return BigInt.asUintN(count, value);
  };
  /**
   * Of any size up to bitsMax, often near a boundary of digits or with long runs of ones or zeros.
   */
  const integer = (bitsMax: number): bigint => {
    const size = below(bitsMax + 1);
    const kind = below(8);
    const edge = [59n, 60n, 63n, 64n, 127n, 128n, 192n][below(7)]!;
    let value = bits(size);
    if (kind === 0) value = BigInt(below(5) - 2);
    if (kind === 1) value = (1n << edge) + BigInt(below(5) - 2);
    if (kind === 2) value = (1n << BigInt(size)) - (1n << BigInt(below(size + 1)));
    if (kind === 3) value = (1n << BigInt(size)) + bits(below(size + 1));
    return below(2) ? -value : value;
  };
  return { below, bits, integer };
}
