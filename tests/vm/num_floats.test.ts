/** Arithmetic and comparison of floats, and of floats with integers, against JavaScript and erl. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askErlang, erlangFloat, floatBits, floatOfBits } from './num_oracle.ts';
import { loadNumberProbe, randomSource, type Value } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm } = probe;
const random = randomSource(41);

function finite(): number {
  while (true) {
    const value = random.below(2) ? floatOfBits(random.bits(64)) : Number(random.integer(80)) / 8;
    if (Number.isFinite(value)) return value;
  }
}
/** The exact order of an integer and a float. */
function order(a: bigint, b: number): number {
  if (!Number.isInteger(b)) return a <= BigInt(Math.floor(b)) ? -1 : 1;
  return a < BigInt(b) ? -1 : a > BigInt(b) ? 1 : 0;
}
const numberText = (v: Value) => (typeof v === 'number' ? erlangFloat(v) : String(v));
function resultText(value: Value | string): string {
  if (typeof value === 'number') return `float ${floatBits(value)}`;
  return typeof value === 'bigint' ? `integer ${value}` : `error ${value}`;
}

test('sum, difference, product and quotient of floats are those of IEEE 754, or badarith', () => {
  const operators: readonly [string, (a: number, b: number) => number][] = [
    ['addTerms', (a, b) => a + b],
    ['subTerms', (a, b) => a - b],
    ['mulTerms', (a, b) => a * b],
    ['divTerms', (a, b) => a / b],
  ];
  for (let round = 0; round < 20000; round++) {
    vm.reset();
    const [a, b] = [finite(), random.below(20) ? finite() : 0];
    for (const [name, operator] of operators) {
      const wanted = operator(a, b);
      const got = probe.binary(name, a, b);
      if (Number.isFinite(wanted)) assert.ok(Object.is(got, wanted), `${name} ${a} ${b}: ${got}`);
      else assert.equal(got, 'badarith', `${name} ${a} ${b}`);
    }
  }
});

test('operators on integers and floats mixed give what erl gives', () => {
  const names = { addTerms: '+', subTerms: '-', mulTerms: '*', divTerms: '/' } as const;
  const cases: { name: string; a: Value; b: Value; call: string }[] = [];
  for (let round = 0; round < 4000; round++) {
    const integer = random.integer([70, 300, 1100][random.below(3)]!);
    const other = random.below(4) ? finite() : random.integer(1100);
    const [a, b] = random.below(2) ? [integer, other] : [other, integer];
    const [name, operator] = Object.entries(names)[random.below(4)]!;
    cases.push({ name, a, b, call: `{erlang,'${operator}',[${numberText(a)},${numberText(b)}]}` });
  }
  const wanted = askErlang(cases.map((c) => c.call));
  for (const [i, { name, a, b, call }] of cases.entries()) {
    vm.reset();
    assert.equal(resultText(probe.binary(name, a, b)), wanted[i], call);
  }
});

test('conversions between floats and integers give what erl gives', () => {
  const names = {
    absTerm: 'abs',
    ceilTerm: 'ceil',
    floatTerm: 'float',
    floorTerm: 'floor',
    negateTerm: '-',
    plusTerm: '+',
    roundTerm: 'round',
    truncTerm: 'trunc',
  };
  const cases: { name: string; a: Value; call: string }[] = [];
  const fixed = [0.5, -0.5, 0.49999999999999994, 1.5, 2.5, -0, 2 ** 52 + 0.5, 2 ** 63, -(2 ** 63)];
  fixed.push(2 ** 59, -(2 ** 59), 2 ** 64, Number.MAX_VALUE, 5e-324, 2 ** 59 - 128);
  for (let round = 0; round < 800; round++) {
    const a =
      round < fixed.length ? fixed[round]! : random.below(4) ? finite() : random.integer(1100);
    for (const [name, bif] of Object.entries(names)) {
      // Applied, erlang:'+'/1 of -0.0 is -0.0; the VM does always what OTP's instruction does.
      if (bif === '+' && Object.is(a, -0)) continue;
      cases.push({ name, a, call: `{erlang,'${bif}',[${numberText(a)}]}` });
    }
  }
  const wanted = askErlang(cases.map((c) => c.call));
  for (const [i, { name, a, call }] of cases.entries()) {
    vm.reset();
    assert.equal(resultText(probe.unary(name, a)), wanted[i], call);
  }
});

test('what is no number gives badarith to operators and badarg to guard BIFs', () => {
  const other = { atom: 'badarg' };
  for (const name of ['negateTerm', 'plusTerm']) assert.equal(probe.unary(name, other), 'badarith');
  for (const name of ['absTerm', 'ceilTerm', 'floatTerm', 'floorTerm', 'roundTerm', 'truncTerm'])
    assert.equal(probe.unary(name, other), 'badarg');
  assert.equal(probe.unary('floatTerm', 1n << 2000n), 'badarg');
});

test('numbers are ordered by their exact values', () => {
  const check = (a: Value, b: Value, wanted: number) => {
    vm.reset();
    assert.equal(vm.compareNumbers(probe.term(a), probe.term(b)), wanted, `${a} ${b}`);
  };
  for (let round = 0; round < 30000; round++) {
    const b = finite();
    const near = Number.isInteger(b) && random.below(2);
    const a = near ? BigInt(b) + BigInt(random.below(3) - 1) : random.integer(1100);
    check(a, b, order(a, b));
    check(b, a, 0 - order(a, b));
    const c = random.below(9) ? finite() : b;
    check(b, c, b < c ? -1 : b > c ? 1 : 0);
  }
  for (let bit = 50; bit < 1024; bit++) {
    const value = 2 ** bit;
    for (const a of [-1n, 0n, 1n]) {
      check(BigInt(value) + a, value, Number(a));
      check(-BigInt(value) + a, -value, Number(a));
    }
  }
  check(0n, -0, 0);
  check(0, -0, 0);
  check(1n, 1, 0);
});
