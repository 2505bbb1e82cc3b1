/**
 * Erlang terms as JavaScript values: random ones, their external format for `erl`, and their words
 * in the memory of a probe.
 */
import type { Probe } from './bin_probe.ts';

export type Term =
  | { kind: 'int'; value: bigint }
  | { kind: 'float'; value: number }
  | { kind: 'atom'; name: string }
  | { kind: 'list'; items: Term[]; tail: Term | null }
  | { kind: 'tuple'; items: Term[] }
  | { kind: 'map'; pairs: [Term, Term][] }
  | { kind: 'bits'; bytes: number[]; bits: number; form: number }
  | { kind: 'pid'; node: string; number: number; serial: number; creation: number }
  | { kind: 'port'; node: string; number: number; creation: number }
  | { kind: 'ref'; node: string; words: number[]; creation: number }
  | { kind: 'export'; module: string; name: string; arity: number }
  | { kind: 'fun'; module: string; index: number; uniq: number; free: Term[] };

export type Random = (limit: number) => number;

// ---- random terms

const atomNames = [
  'a',
  'b',
  'ab',
  'abc',
  'true',
  'é',
  'ÿz',
  'Ā',
  '日本',
  '',
  'lists',
  'A'.repeat(255),
];
const nodes = ['a@b', 'a@a', 'z@a'];
const exponents = [0, 1, 8, 27, 28, 31, 32, 53, 58, 59, 60, 63, 64, 65, 127, 128, 200];

function randomInt(random: Random): bigint {
  if (random(3) === 0) return BigInt(random(300)) - 20n;
  const base = 1n << BigInt(exponents[random(exponents.length)]!);
  const value = base + BigInt(random(5)) - 2n + (random(2) ? BigInt(random(1 << 30)) : 0n);
  return random(2) ? value : -value;
}
function randomFloat(random: Random): number {
  const choices = [
    0,
    -0,
    1,
    -1,
    1.5,
    255,
    2 ** 53,
    2 ** 59,
    2 ** 60,
    -(2 ** 63),
    2 ** 64,
    1e300,
    5e-324,
    2 ** 200,
  ];
  if (random(3)) return choices[random(choices.length)]!;
  return (random(1 << 30) / 7 - 1e7) * 2 ** (random(200) - 100);
}
function randomBits(random: Random): Term {
  const count = [0, 1, 3, 4, 8, 11, 12, 13, 24, 25, 63, 64, 65, 80, 200][random(15)]!;
  const rest = random(3) ? 0 : random(8);
  const small = random(2) === 0;
  const bytes = Array.from({ length: count + (rest ? 1 : 0) }, () => random(small ? 2 : 256));
  if (rest) bytes[count] = bytes[count]! & (0xff << (8 - rest)) & 0xff;
  return { kind: 'bits', bytes, bits: count * 8 + rest, form: random(1 << 16) };
}
function randomIdentity(random: Random): Term {
  const node = nodes[random(nodes.length)]!;
  const creation = 1 + random(2);
  switch (random(5)) {
    case 0:
      return { kind: 'pid', node, number: random(4), serial: random(3), creation };
    case 1:
      return { kind: 'port', node, number: random(4), creation };
    case 2: {
      const words = Array.from({ length: 1 + random(5) }, () => random(3));
      return { kind: 'ref', node, words, creation };
    }
    case 3:
      return {
        kind: 'export',
        module: atomNames[random(5)]!,
        name: atomNames[random(5)]!,
        arity: random(3),
      };
    default:
      return {
        kind: 'fun',
        module: atomNames[random(3)]!,
        index: random(2),
        uniq: random(2),
        free: Array.from({ length: random(3) }, () => randomTerm(random, 1)),
      };
  }
}
/** Largest map that randomTerm makes: tests without large maps lower it. */
export const limits = { mapPairs: 60 };

function randomMap(random: Random, depth: number): Term {
  const size = random(8) ? random(5) : random(limits.mapPairs);
  const seen = new Set<string>();
  const pairs: [Term, Term][] = [];
  for (let i = 0; i < size; i++) {
    const key = random(2) ? randomTerm(random, 0) : randomTerm(random, depth - 1);
    const text = JSON.stringify(canonical(key), jsonBigint);
    if (seen.has(text)) continue;
    seen.add(text);
    pairs.push([key, randomTerm(random, depth - 1)]);
  }
  return { kind: 'map', pairs };
}
export function randomTerm(random: Random, depth: number): Term {
  const choice = random(depth > 0 ? 16 : 9);
  if (choice < 3) return { kind: 'int', value: randomInt(random) };
  if (choice === 3) return { kind: 'float', value: randomFloat(random) };
  if (choice < 6) return { kind: 'atom', name: atomNames[random(atomNames.length)]! };
  if (choice === 6) return { kind: 'list', items: [], tail: null };
  if (choice === 7) return randomBits(random);
  if (choice === 8) return randomIdentity(random);
  const items = (limit: number) =>
    Array.from({ length: random(limit) }, () => randomTerm(random, depth - 1));
  if (choice === 9) {
    const text = Array.from({ length: 1 + random(9) }, () => ({
      kind: 'int' as const,
      value: BigInt(random(random(4) ? 4 : 257)),
    }));
    return { kind: 'list', items: text, tail: null };
  }
  if (choice < 12) {
    const list = items(5);
    return {
      kind: 'list',
      items: list,
      tail: list.length && !random(4) ? randomTerm(random, 0) : null,
    };
  }
  if (choice < 14) return { kind: 'tuple', items: items(5) };
  return randomMap(random, depth);
}

/** A form in which identical terms (=:=) are equal. */
export function canonical(t: Term): unknown {
  switch (t.kind) {
    case 'float':
      return ['float', t.value === 0 ? 0 : t.value];
    case 'bits':
      return ['bits', t.bytes, t.bits];
    case 'list':
      return ['list', t.items.map(canonical), t.tail && canonical(t.tail)];
    case 'tuple':
      return ['tuple', t.items.map(canonical)];
    case 'fun':
      return ['fun', t.module, t.index, t.uniq, t.free.map(canonical)];
    case 'ref': {
      const words = [...t.words];
      while (words.at(-1) === 0) words.pop();
      return ['ref', t.node, words, t.creation];
    }
    case 'map': {
      const pairs = t.pairs.map(([k, v]) => [
        JSON.stringify(canonical(k), jsonBigint),
        canonical(v),
      ]);
      return ['map', pairs.sort((x, y) => (x[0]! < y[0]! ? -1 : 1))];
    }
    default:
      return t;
  }
}
export function jsonBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

// ---- external term format

const u32 = (value: number) => [
  (value >>> 24) & 255,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const u16 = (value: number) => [(value >> 8) & 255, value & 255];

function encodeAtom(name: string): number[] {
  const text = [...Buffer.from(name, 'utf8')];
  return [118, ...u16(text.length), ...text];
}
function encodeInt(value: bigint): number[] {
  if (value >= -(1n << 31n) && value < 1n << 31n) return [98, ...u32(Number(value))];
  const digits: number[] = [];
  for (let rest = value < 0n ? -value : value; rest; rest >>= 8n) digits.push(Number(rest & 255n));
  return [110, digits.length, value < 0n ? 1 : 0, ...digits];
}
function encodeFloat(value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return [70, ...bytes];
}
/** The external format of a term, without the version byte. */
export function encode(t: Term): number[] {
  switch (t.kind) {
    case 'int':
      return encodeInt(t.value);
    case 'float':
      return encodeFloat(t.value);
    case 'atom':
      return encodeAtom(t.name);
    case 'list':
      if (!t.items.length) return [106];
      return [
        108,
        ...u32(t.items.length),
        ...t.items.flatMap(encode),
        ...(t.tail ? encode(t.tail) : [106]),
      ];
    case 'tuple':
      return [105, ...u32(t.items.length), ...t.items.flatMap(encode)];
    case 'map':
      return [
        116,
        ...u32(t.pairs.length),
        ...t.pairs.flatMap(([k, v]) => [...encode(k), ...encode(v)]),
      ];
    case 'bits':
      if (t.bits % 8 === 0) return [109, ...u32(t.bytes.length), ...t.bytes];
      return [77, ...u32(t.bytes.length), t.bits % 8, ...t.bytes];
    case 'pid':
      return [88, ...encodeAtom(t.node), ...u32(t.number), ...u32(t.serial), ...u32(t.creation)];
    case 'port':
      return [120, ...encodeAtom(t.node), 0, 0, 0, 0, ...u32(t.number), ...u32(t.creation)];
    case 'ref':
      return [
        90,
        ...u16(t.words.length),
        ...encodeAtom(t.node),
        ...u32(t.creation),
        ...t.words.flatMap(u32),
      ];
    case 'export':
      return [113, ...encodeAtom(t.module), ...encodeAtom(t.name), 97, t.arity];
    case 'fun': {
      const pid: Term = { kind: 'pid', node: 'nonode@nohost', number: 1, serial: 0, creation: 0 };
      const body = [
        1,
        ...new Array(16).fill(7),
        ...u32(t.index),
        ...u32(t.free.length),
        ...encodeAtom(t.module),
        ...encodeInt(BigInt(t.index)),
        ...encodeInt(BigInt(t.uniq)),
        ...encode(pid),
        ...t.free.flatMap(encode),
      ];
      return [112, ...u32(body.length + 4), ...body];
    }
  }
}

// ---- words in the memory of a probe

const header = (subtag: number, words: number, extra = 0) =>
  (BigInt(extra) << 38n) | (BigInt(words) << 6n) | (BigInt(subtag) << 2n);
const small = (value: bigint) => BigInt.asUintN(64, (value << 4n) | 15n);

/** Writes terms to the heap of the probe's process. */
export class Builder {
  readonly probe: Probe;
  readonly atoms = new Map<string, bigint>();
  readonly funEntries = new Map<string, number>();
  /** Make binaries only as OTP's binary_to_term does, not in all the forms that exist. */
  plain = false;
  constructor(probe: Probe) {
    this.probe = probe;
  }
  call(name: string, ...args: unknown[]): unknown {
    return (this.probe.vm[name] as (...a: unknown[]) => unknown)(...args);
  }
  /** Call a function that returns a term. */
  term(name: string, ...args: unknown[]): bigint {
    return BigInt.asUintN(64, this.call(name, ...args) as bigint);
  }
  write(at: number, words: readonly bigint[]): void {
    const view = this.probe.view();
    words.forEach((word, i) => {
      view.setBigUint64(at + 8 * i, BigInt.asUintN(64, word), true);
    });
  }
  /** Words on the heap. */
  place(words: readonly bigint[]): number {
    const at = (this.call('hAlloc', words.length) as number) >>> 0;
    if (!at) throw new Error('the heap of the probe is full');
    this.write(at, words);
    return at;
  }
  boxed(words: readonly bigint[]): bigint {
    return BigInt(this.place(words)) | 2n;
  }
  /** Bytes in a block of the allocator. */
  block(bytes: Uint8Array | number[]): number {
    const at = (this.call('allocate', Math.max(bytes.length, 1)) as number) >>> 0;
    if (!at) throw new Error('the memory of the probe is full');
    Buffer.from(this.probe.bytes().buffer, at, bytes.length).set(bytes);
    return at;
  }
  atom(name: string): bigint {
    const known = this.atoms.get(name);
    if (known !== undefined) return known;
    const text = Buffer.from(name, 'utf8');
    const at = this.block(text);
    const word = this.term('atomFromUtf8', at, text.length);
    this.call('release', at);
    this.atoms.set(name, word);
    return word;
  }
  int(value: bigint): bigint {
    if (value >= -(1n << 59n) && value < 1n << 59n) return small(value);
    const digits: bigint[] = [];
    for (let rest = value < 0n ? -value : value; rest; rest >>= 64n)
      digits.push(BigInt.asUintN(64, rest));
    return this.boxed([header(value < 0n ? 3 : 2, digits.length), ...digits]);
  }
  float(value: number): bigint {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, value);
    return this.boxed([header(6, 1), bits.getBigUint64(0)]);
  }
  list(items: readonly bigint[], tail: bigint): bigint {
    return items.reduceRight((rest, item) => BigInt(this.place([item, rest])) | 1n, tail);
  }
  /** A HeapBinary when `bytes` are few and `refc` is not asked for, else a RefcBinary. */
  owner(bytes: readonly number[], refc: boolean): bigint {
    if (bytes.length <= 64 && !refc) {
      const padded = [...bytes, ...new Array((8 - (bytes.length % 8)) % 8).fill(0)];
      const data = Buffer.from(padded);
      const words = Array.from({ length: padded.length / 8 }, (_, i) =>
        data.readBigUInt64LE(8 * i),
      );
      return this.boxed([header(9, 1 + words.length), BigInt(bytes.length), ...words]);
    }
    const object = (this.call('newBinaryObject', bytes.length, bytes.length) as number) >>> 0;
    Buffer.from(this.probe.bytes().buffer, object + 16, bytes.length).set(bytes);
    return this.term('refcBinaryOf', object, bytes.length);
  }
  bits(t: Term & { kind: 'bits' }): bigint {
    const form = this.plain ? 0 : t.form;
    const whole = t.bits % 8 === 0;
    const refc = (form & 1) === 1;
    if (whole && !(form & 2)) return this.owner(t.bytes, refc);
    const before = (form >> 2) % 20;
    let text = '';
    for (let i = 0; i < before; i++) text += (form >> (i % 13)) & 1;
    for (let i = 0; i < t.bits; i++) text += (t.bytes[i >> 3]! >> (7 - (i & 7))) & 1;
    while (text.length % 8) text += (form >> (text.length % 8)) & 1;
    const bytes = Array.from({ length: text.length / 8 }, (_, i) =>
      Number.parseInt(text.slice(8 * i, 8 * i + 8), 2),
    );
    const owner = this.owner(bytes, refc);
    const bitsWord = BigInt((t.bits & 7) | ((before & 7) << 8));
    return this.boxed([header(10, 4), BigInt(t.bits >> 3), BigInt(before >> 3), bitsWord, owner]);
  }
  map(pairs: readonly [bigint, bigint][]): bigint {
    const sorted = [...pairs].sort((x, y) => this.call('compareKeys', x[0], y[0]) as number);
    if (sorted.length > 32) return this.largeMap(sorted);
    const keys = this.boxed([header(0, sorted.length), ...sorted.map(([key]) => key)]);
    return this.boxed([
      header(15, 2 + sorted.length),
      small(BigInt(sorted.length)),
      keys,
      ...sorted.map(([, value]) => value),
    ]);
  }
  largeMap(pairs: readonly [bigint, bigint][]): bigint {
    const at = this.block(new Uint8Array(16 * pairs.length));
    this.write(at, pairs.flat());
    const map = this.term('mapFromPairs', at, pairs.length);
    this.call('release', at);
    return map;
  }
  /** A fun entry (vm/code.ts) for a function of no module in particular. */
  funEntry(t: Term & { kind: 'fun' }): bigint {
    const key = `${t.module}/${t.index}/${t.uniq}`;
    let entry = this.funEntries.get(key);
    if (entry === undefined) {
      entry = this.block(new Uint8Array(56));
      this.write(entry, [this.atom(t.module)]);
      const view = this.probe.view();
      view.setUint32(entry + 8, t.index, true);
      view.setUint32(entry + 20, t.uniq, true);
      this.funEntries.set(key, entry);
    }
    return BigInt(entry);
  }
  build(t: Term): bigint {
    switch (t.kind) {
      case 'int':
        return this.int(t.value);
      case 'float':
        return this.float(t.value);
      case 'atom':
        return this.atom(t.name);
      case 'list':
        return this.list(
          t.items.map((item) => this.build(item)),
          t.tail ? this.build(t.tail) : 0x3bn,
        );
      case 'tuple': {
        const items = t.items.map((item) => this.build(item));
        return this.boxed([header(0, items.length), ...items]);
      }
      case 'map':
        return this.map(t.pairs.map(([key, value]) => [this.build(key), this.build(value)]));
      case 'bits':
        return this.bits(t);
      case 'pid': {
        const number = small((BigInt(t.serial) << 32n) | BigInt(t.number));
        return this.boxed([header(12, 3), this.atom(t.node), number, small(BigInt(t.creation))]);
      }
      case 'port':
        return this.boxed([
          header(13, 3),
          this.atom(t.node),
          small(BigInt(t.number)),
          small(BigInt(t.creation)),
        ]);
      case 'ref': {
        const words = t.words.map((word) => small(BigInt(word)));
        return this.boxed([
          header(14, 2 + words.length),
          this.atom(t.node),
          small(BigInt(t.creation)),
          ...words,
        ]);
      }
      case 'export': {
        const entry = this.call(
          'exportEntry',
          this.atom(t.module),
          this.atom(t.name),
          t.arity,
        ) as number;
        return this.boxed([header(7, 1), BigInt(entry >>> 0)]);
      }
      case 'fun': {
        const free = t.free.map((item) => this.build(item));
        return this.boxed([header(5, 2 + free.length), this.funEntry(t), 1n, ...free]);
      }
    }
  }
}
