/** Terms and instructions for the binary tests: JavaScript values in, JavaScript values out. */
import { bitText, type Probe } from './bin_probe.ts';

/** An Erlang atom. */
export class Atom {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
export const atom = (name: string): Atom => new Atom(name);
/** A bitstring as a string of '0' and '1'. */
export class Bits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export const bits = (text: string): Bits => new Bits(text);
export type Term = bigint | number | Atom | Bits | Term[] | { tuple: Term[] } | { raw: bigint };

const smallMin = -(1n << 59n);
const smallMax = (1n << 59n) - 1n;

export function termsOf(probe: Probe) {
  const { vm, bytes, view } = probe;
  const scratch = vm.allocate(1 << 20) as number;

  function binary(text: string): bigint {
    const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
    const all = bytes();
    for (let i = 0; i < padded.length; i += 8)
      all[scratch + i / 8] = Number.parseInt(padded.slice(i, i + 8), 2);
    const whole = vm.binaryOf(scratch, padded.length / 8);
    return text.length % 8 ? vm.subBinary(whole, 0n, BigInt(text.length)) : whole;
  }
  function integer(value: bigint): bigint {
    if (value >= smallMin && value <= smallMax) return BigInt.asUintN(64, (value << 4n) | 15n);
    let magnitude = value < 0n ? -value : value;
    let count = 0;
    for (; magnitude; magnitude >>= 64n)
      view().setBigUint64(scratch + 8 * count++, BigInt.asUintN(64, magnitude), true);
    return vm.integerOfDigits(scratch, count, value < 0n ? 1 : 0);
  }
  function make(value: Term): bigint {
    if (typeof value === 'bigint') return integer(value);
    if (typeof value === 'number') {
      const at = vm.hAlloc(2);
      view().setBigUint64(at, (1n << 6n) | (6n << 2n), true);
      view().setFloat64(at + 8, value, true);
      return BigInt(at) | 2n;
    }
    if (value instanceof Atom) {
      const text = Buffer.from(value.name, 'utf8');
      text.copy(bytes(), scratch);
      return vm.atomFromUtf8(scratch, text.length);
    }
    if (value instanceof Bits) return binary(value.text);
    if ('raw' in value) return value.raw;
    if ('tuple' in value) {
      const words = value.tuple.map(make);
      const at = vm.hAlloc(words.length + 1);
      view().setBigUint64(at, BigInt(words.length) << 6n, true);
      words.forEach((word, i) => {
        view().setBigUint64(at + 8 + 8 * i, word, true);
      });
      return BigInt(at) | 2n;
    }
    return value.reduceRight((rest: bigint, element) => {
      const head = make(element);
      const at = vm.hAlloc(2);
      view().setBigUint64(at, head, true);
      view().setBigUint64(at + 8, rest, true);
      return BigInt(at) | 1n;
    }, 0x3bn);
  }
  function boxed(term: bigint): Term {
    const at = Number(term & 0xffff_ffffn) - 2;
    const header = view().getBigUint64(at, true);
    const [subtag, words] = [Number((header >> 2n) & 15n), Number((header >> 6n) & 0xffff_ffffn)];
    const word = (i: number) => view().getBigUint64(at + 8 * i, true);
    if (subtag === 0) return { tuple: Array.from({ length: words }, (_, i) => read(word(i + 1))) };
    if (subtag === 2 || subtag === 3) {
      let value = 0n;
      for (let i = words; i > 0; i--) value = (value << 64n) | word(i);
      return subtag === 2 ? value : -value;
    }
    if (subtag === 6) return view().getFloat64(at + 8, true);
    if (subtag >= 8 && subtag <= 10) {
      const data = vm.binaryData(term);
      return new Bits(
        bitText(bytes().subarray(data), vm.bitOffset(term), Number(vm.bitSize(term))),
      );
    }
    return { raw: term };
  }
  function read(given: bigint): Term {
    const term = BigInt.asUintN(64, given);
    if ((term & 3n) === 2n) return boxed(term);
    if ((term & 15n) === 15n) return BigInt.asIntN(64, term) >> 4n;
    if ((term & 63n) === 0x0bn) {
      const at = vm.atomText(term) >>> 0;
      return new Atom(bytes().toString('utf8', at, at + vm.atomLength(term)));
    }
    if ((term & 3n) !== 1n && term !== 0x3bn) return { raw: term };
    const list: Term[] = [];
    let at = term;
    for (; (at & 3n) === 1n; ) {
      const cell = Number(at & 0xffff_ffffn) - 1;
      list.push(read(view().getBigUint64(cell, true)));
      at = view().getBigUint64(cell + 8, true);
    }
    return at === 0x3bn ? list : { tuple: [atom('improper'), list, read(at)] };
  }
  return { make, read };
}

/** Where a failing instruction of the tests goes on. */
export const failLabel = 0xf000;

export function machineOf(probe: Probe) {
  const { vm, view } = probe;
  const terms = termsOf(probe);
  const code = vm.allocate(65536) as number;
  let constants = 0;

  const x = (index: number): number => 1024 + 8 * index;
  const setX = (index: number, value: Term): void => {
    view().setBigUint64(x(index), terms.make(value), true);
  };
  const getX = (index: number): Term => terms.read(view().getBigUint64(x(index), true));
  /** Source word of a constant. */
  const constant = (value: Term): number => {
    const at = code + 32768 + 8 * constants++;
    view().setBigUint64(at, terms.make(value), true);
    return at;
  };
  /** Run one instruction; true when it went on behind itself, false when it failed. */
  const run = (name: string, ...words: number[]): boolean => {
    words.forEach((word, i) => {
      view().setUint32(code + 4 + 4 * i, word, true);
    });
    const next = vm[`op_${name}`](code) >>> 0;
    if (next === code + 4 + 4 * words.length) return true;
    if (next !== failLabel) throw new Error(`${name} went to ${next}, expected ${code}+`);
    return false;
  };
  const reset = (): void => {
    constants = 0;
    vm.reset();
  };
  return { ...terms, x, setX, getX, constant, run, reset };
}
