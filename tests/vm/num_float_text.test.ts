/** Floats as text and back, against erl and against JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askErlang, erlangFloat, floatBits, floatOfBits } from './num_oracle.ts';
import { loadNumberProbe, randomSource } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm, memory } = probe;
const buffer = vm.allocate(4096);

function written(length: number): string {
  return Buffer.from(memory.buffer, buffer, length).toString('latin1');
}
const short = (value: number) =>
  written((vm.writeFloatShort as (value: number, at: number) => number)(value, buffer));
function parsed(text: string): number | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const at = bytes.length <= 4096 ? buffer : vm.allocate(bytes.length);
  Buffer.from(memory.buffer).set(bytes, at);
  const length = (vm.parseFloatText as (at: number, length: number) => number)(at, bytes.length);
  if (at !== buffer) vm.release(at);
  return length === bytes.length
    ? (vm.parsedFloat as unknown as { value: number }).value
    : undefined;
}

/**
 * Floats of all kinds: random bits, few decimals, powers of two and ten, integers, and their
 * neighbours.
 */
function sampleFloats(seed: number, count: number): number[] {
  const random = randomSource(seed);
  const kinds: readonly (() => number)[] = [
    () => floatOfBits(random.bits(64)),
    () => random.below(100000) / 10 ** random.below(8),
    () => random.below(2 ** 31) * 10 ** (random.below(40) - 20),
    () => 2 ** (random.below(2098) - 1074),
    () => Number(`1e${random.below(632) - 323}`),
    () => floatOfBits(floatBits(2 ** (random.below(2098) - 1074)) + BigInt(random.below(5) - 2)),
    () => Number(random.integer(70)),
    () => floatOfBits(random.bits(random.below(52) + 1)),
    () => random.below(2 ** 20) / 2 ** random.below(30),
    () => floatOfBits(floatBits(Number(`1e${random.below(600) - 300}`)) + BigInt(random.below(9))),
  ];
  const samples = [0, -0, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308];
  samples.push(Number.MAX_VALUE, 2 ** 53, 2 ** 53 - 1, 2 ** 53 + 2, 1e22, 1e23, 0.1, 1 / 3);
  while (samples.length < count) {
    const value = kinds[samples.length % kinds.length]!();
    if (Number.isFinite(value)) samples.push(random.below(4) ? value : -value);
  }
  return samples;
}

test('the shortest form is what float_to_list(F, [short]) gives', () => {
  const samples = sampleFloats(21, 30000);
  const wanted = askErlang(
    samples.map((v) => `{erlang,float_to_list,[${erlangFloat(v)},[short]]}`),
  );
  for (const [i, value] of samples.entries()) assert.equal(`list ${short(value)}`, wanted[i]);
});

test('the shortest form has the digits of JavaScript and reads back as the same float', () => {
  for (const value of sampleFloats(22, 150000)) {
    const text = short(value);
    assert.ok(Object.is(parsed(text), value), text);
    if (value !== 0) assert.equal(significant(text), significant(String(value)), text);
  }
  function significant(text: string): string {
    return text
      .replace('-', '')
      .split('e')[0]!
      .replace('.', '')
      .replace(/^0+|0+$/g, '');
  }
});

const formats: readonly [string, (random: ReturnType<typeof randomSource>) => string][] = [
  ['the default', () => '[]'],
  ['compact', () => '[compact]'],
  ['a number of decimals', (random) => `[{decimals,${random.below(24)}}]`],
  ['compact decimals', (random) => `[{decimals,${random.below(24) + 1}},compact]`],
  ['many decimals', (random) => `[{decimals,${random.below(256)}}]`],
  ['scientific', (random) => `[{scientific,${random.below(253) - 1}}]`],
  ['the last of several formats', () => '[short,{decimals,3},{scientific,4},compact]'],
  ['refused decimals', (random) => `[{decimals,${254 + random.below(100)}}]`],
  ['negative decimals', () => '[{decimals,-1}]'],
  ['unknown options', () => '[{decimals,2},foo]'],
];

/** The options as a term of the VM. */
function optionsTerm(text: string): bigint {
  const items = text.slice(1, -1).match(/\{[^}]*\}|\w+/g) ?? [];
  return probe.list(
    items.map((item) => {
      const pair = /^\{(\w+),(-?\d+)\}$/.exec(item);
      if (pair) return probe.tuple([probe.atom(pair[1]!), probe.term(BigInt(pair[2]!))]);
      return probe.atom(item === 'foo' ? 'badarg' : item);
    }),
  );
}

for (const [name, options] of formats) {
  test(`float_to_list and float_to_binary with ${name}`, () => {
    const random = randomSource(23);
    const cases = sampleFloats(24, 1500).map((value) => ({ value, options: options(random) }));
    const calls = cases.flatMap((c) => [
      `{erlang,float_to_list,[${erlangFloat(c.value)},${c.options}]}`,
      `{erlang,float_to_binary,[${erlangFloat(c.value)},${c.options}]}`,
    ]);
    const wanted = askErlang(calls);
    for (const [i, c] of cases.entries()) {
      for (const [j, kind] of ['list', 'binary'].entries()) {
        vm.reset();
        const bif = kind === 'list' ? 'erlangFloatToList2' : 'erlangFloatToBinary2';
        const made = probe.call(bif, probe.term(c.value), optionsTerm(c.options));
        const got = made ? `${kind} ${probe.text(made)}` : `error ${probe.value(0n)}`;
        assert.equal(got, wanted[2 * i + j], calls[2 * i + j]!);
      }
    }
  });
}

test('reading: random decimals as JavaScript reads them', () => {
  const random = randomSource(25);
  for (let round = 0; round < 60000; round++) {
    const digits = String(random.bits(random.below(120) + 1));
    const point = random.below(digits.length + 1);
    const text =
      `${random.below(2) ? '-' : ''}${digits.slice(0, point) || '0'}.${digits.slice(point) || '0'}` +
      (random.below(3) ? `e${random.below(700) - 350}` : '');
    const value = Number(text);
    if (Number.isFinite(value)) assert.ok(Object.is(parsed(text), value), text);
    else assert.equal(parsed(text), undefined, text);
  }
});

/** The exact decimal text of significand * 2^exponent. */
function exactText(significand: bigint, exponent: number): string {
  if (exponent >= 0) return `${significand << BigInt(exponent)}.0`;
  const digits = (significand * 5n ** BigInt(-exponent)).toString().padStart(-exponent + 1, '0');
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

test('reading: exactly halfway between two floats, and the least bit beside', () => {
  const random = randomSource(26);
  for (let round = 0; round < 6000; round++) {
    let bits = floatBits(Math.abs(sampleFloats(1000 + round, 14)[13]!));
    if (round % 3 === 0) bits = random.bits(random.below(62) + 1) % 0x7fe0000000000000n;
    const field = Number(bits >> 52n);
    const significand = (bits & 0xfffffffffffffn) | (field ? 1n << 52n : 0n);
    const text = exactText(2n * significand + 1n, (field || 1) - 1076);
    const lower = floatOfBits(bits);
    const upper = floatOfBits(bits + 1n);
    if (!Number.isFinite(upper)) continue;
    const even = bits & 1n ? upper : lower;
    const zeros = '0'.repeat(random.below(900));
    assert.ok(Object.is(parsed(text), even), text);
    assert.ok(Object.is(parsed(`${text}${zeros}1`), upper), `${text}${zeros}1`);
    const below = text.endsWith('.0')
      ? `${BigInt(text.slice(0, -2)) - 1n}.9${zeros}`
      : `${text.slice(0, -1)}${Number(text.at(-1)) - 1}9${zeros}`;
    assert.ok(Object.is(parsed(below), lower), below);
  }
});

test('reading: very long texts', () => {
  const zeros = '0'.repeat(100000);
  assert.equal(parsed(`0.${zeros}15e100001`), 1.5);
  assert.equal(parsed(`15${zeros}.0e-100001`), 1.5);
  assert.equal(parsed(`1${zeros}.0`), undefined);
  assert.equal(parsed(`1.${zeros}1`), 1);
  assert.equal(parsed('1.0e99999999999999999999999'), undefined);
  assert.equal(parsed('1.0e-99999999999999999999999'), 0);
  assert.equal(parsed('0.0e99999999999999999999999'), 0);
});

test('what is a float and what is not, as OTP says', () => {
  const random = randomSource(27);
  const texts: string[] = [];
  for (let round = 0; round < 12000; round++) {
    let text = '';
    for (let i = random.below(9); i >= 0; i--) text += '0123456789..,eeE+--x'[random.below(20)];
    texts.push(text);
  }
  const codes = (text: string) => `[${[...text].map((c) => c.charCodeAt(0)).join(',')}]`;
  const wanted = askErlang(
    texts.flatMap((text) => [
      `{erlang,list_to_float,[${codes(text)}]}`,
      `{erlang,binary_to_float,[<<"${text}">>]}`,
      `{string,list_to_float,[${codes(text)}]}`,
    ]),
  );
  for (const [i, text] of texts.entries()) {
    vm.reset();
    const list = probe.list([...text].map((c) => probe.term(BigInt(c.charCodeAt(0)))));
    const result = (term: bigint) => {
      const value = probe.value(term);
      return typeof value === 'number' ? `float ${floatBits(value)}` : `error ${value}`;
    };
    assert.equal(result(probe.call('erlangListToFloat1', list)), wanted[3 * i], text);
    Buffer.from(memory.buffer).write(text, buffer, 'latin1');
    const binary = (vm.binaryOf as (at: number, length: number) => bigint)(buffer, text.length);
    assert.equal(result(probe.call('erlangBinaryToFloat1', binary)), wanted[3 * i + 1], text);
    const pair = probe.pair(probe.call('stringListToFloat1', list));
    const [first, second] = [probe.value(pair[0]), pair[1]];
    const got =
      typeof first === 'number'
        ? `float ${floatBits(first)} rest ${codes(probe.text(second))}`
        : `{error,${(probe.value(second) as { atom: string }).atom}}`;
    assert.equal(got, wanted[3 * i + 2], text);
  }
});
