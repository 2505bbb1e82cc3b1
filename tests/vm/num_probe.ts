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

export interface NumberProbe {
  readonly vm: NumberVm;
  readonly memory: WebAssembly.Memory;
  /** A term for a bigint (integer) or a number (float). */
  term(value: Value): bigint;
  /** The value of a number term, an atom, or the name of the error when it is 0. */
  value(term: bigint): Value | string;
  /** A list of these bytes or terms. */
  list(elements: readonly bigint[], end?: bigint): bigint;
  /** The text of a list of bytes or of a binary. */
  text(term: bigint): string;
  /** An atom of the VM. */
  atom(name: string): bigint;
  tuple(elements: readonly bigint[]): bigint;
  /** The elements of a tuple of two. */
  pair(term: bigint): [bigint, bigint];
  call(name: string, ...terms: bigint[]): bigint;
  unary(name: string, a: Value): Value | string;
  binary(name: string, a: Value, b: Value): Value | string;
}

export async function loadNumberProbe(megabytes = 128): Promise<NumberProbe> {
  const { wasm } = await buildVm({ entry: 'vm/probe_num.ts', level: 1 });
  const memory = new WebAssembly.Memory({ initial: megabytes * 16, maximum: 65536 });
  const host = new Proxy({}, { get: (_, name) => () => panic(String(name)) });
  const module = await WebAssembly.compile(wasm);
  const instance = await WebAssembly.instantiate(module, { env: { memory }, host });
  const vm = instance.exports as unknown as NumberVm;
  vm.init(1 << 20, megabytes << 20);
  const view = new DataView(memory.buffer);
  const atoms = atomNumbers();

  const bigTerm = (value: bigint): bigint => {
    const hex = (value < 0n ? -value : value).toString(16);
    const count = Math.ceil(hex.length / 16);
    const at = vm.hAlloc(count + 1);
    const subtag = value < 0n ? 3n : 2n;
    view.setBigUint64(at, (BigInt(count) << 6n) | (subtag << 2n), true);
    for (let i = 0; i < count; i++) {
      const digit = hex.slice(Math.max(0, hex.length - 16 * (i + 1)), hex.length - 16 * i);
      view.setBigUint64(at + 8 + 8 * i, BigInt(`0x${digit}`), true);
    }
    return BigInt(at) | BigInt(primaryTags.boxed);
  };
  const term = (value: Value): bigint => {
    if (typeof value === 'object') return (BigInt(atoms.get(value.atom)!) << 6n) | 0x0bn;
    if (typeof value === 'number') {
      const at = vm.hAlloc(2);
      view.setBigUint64(at, (1n << 6n) | (6n << 2n), true);
      view.setFloat64(at + 8, value, true);
      return BigInt(at) | BigInt(primaryTags.boxed);
    }
    if (BigInt.asIntN(60, value) === value) return BigInt.asUintN(64, value << 4n) | small;
    return bigTerm(value);
  };
  const atomName = (word: bigint): string => {
    const number = Number(BigInt.asUintN(32, word) >> 6n);
    return [...atoms].find(([, index]) => index === number)?.[0] ?? `atom ${number}`;
  };
  const boxedValue = (at: number): Value => {
    const header = view.getBigUint64(at, true);
    const subtag = Number((header >> 2n) & 15n);
    const words = Number(header >> 6n);
    if (subtag === 6) return view.getFloat64(at + 8, true);
    if (subtag !== 2 && subtag !== 3) throw new Error(`no number: header ${header}`);
    if (words === 0 || view.getBigUint64(at + 8 * words, true) === 0n)
      throw new Error('a big has a leading zero digit');
    let hex = '0x';
    for (let i = words; i; i--)
      hex += view
        .getBigUint64(at + 8 * i, true)
        .toString(16)
        .padStart(16, '0');
    const magnitude = BigInt(hex);
    const value = subtag === 3 ? -magnitude : magnitude;
    if (BigInt.asIntN(60, value) === value) throw new Error(`${value} should be a small`);
    return value;
  };
  const value = (signed: bigint): Value | string => {
    const word = BigInt.asUintN(64, signed);
    if (word === 0n)
      return vm.failClass.value === 0
        ? atomName(vm.failReason.value)
        : `class ${vm.failClass.value}`;
    if ((word & 15n) === small) return BigInt.asIntN(64, word) >> 4n;
    if ((word & 63n) === BigInt(immediate2Tags.atom)) return { atom: atomName(word) };
    if ((word & 3n) !== BigInt(primaryTags.boxed)) throw new Error(`no number: ${word}`);
    return boxedValue(Number(BigInt.asUintN(32, word)) - 2);
  };
  const atom = (name: string): bigint => {
    const number = atoms.get(name);
    if (number === undefined) throw new Error(`the VM has no atom ${name}`);
    return (BigInt(number) << 6n) | 0x0bn;
  };
  const list = (elements: readonly bigint[], end = 0x3bn): bigint => {
    if (!elements.length) return end;
    const at = vm.hAlloc(elements.length * 2);
    for (const [i, element] of elements.entries()) {
      const next = i + 1 < elements.length ? BigInt(at + 16 * (i + 1)) | 1n : end;
      view.setBigUint64(at + 16 * i, element, true);
      view.setBigUint64(at + 16 * i + 8, next, true);
    }
    return BigInt(at) | 1n;
  };
  const tuple = (elements: readonly bigint[]): bigint => {
    const at = vm.hAlloc(elements.length + 1);
    view.setBigUint64(at, BigInt(elements.length) << 6n, true);
    for (const [i, element] of elements.entries()) view.setBigUint64(at + 8 + 8 * i, element, true);
    return BigInt(at) | 2n;
  };
  const text = (signed: bigint): string => {
    let word = BigInt.asUintN(64, signed);
    if ((word & 3n) === 2n) {
      const at = vm.binaryData(word);
      return Buffer.from(memory.buffer, at, vm.byteSize(word)).toString('latin1');
    }
    let result = '';
    for (; (word & 3n) === 1n; ) {
      const at = Number(BigInt.asUintN(32, word)) - 1;
      result += String.fromCharCode(Number(view.getBigUint64(at, true) >> 4n));
      word = view.getBigUint64(at + 8, true);
    }
    return result;
  };
  return {
    vm,
    memory,
    term,
    value,
    atom,
    list,
    tuple,
    text,
    pair: (word) => {
      const at = Number(BigInt.asUintN(32, word)) - 2;
      if (view.getBigUint64(at, true) !== 2n << 6n) throw new Error(`no pair: ${word}`);
      return [view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
    },
    call: (name, ...terms) =>
      BigInt.asUintN(64, (vm[name] as (...terms: bigint[]) => bigint)(...terms)),
    unary: (name, a) => value((vm[name] as Unary)(term(a))),
    binary: (name, a, b) => value((vm[name] as Binary)(term(a), term(b))),
  };
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
