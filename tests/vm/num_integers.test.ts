/** Integer arithmetic of the VM against JavaScript's BigInt. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNumberProbe, randomSource } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm } = probe;

const binaryOperators: readonly [string, (a: bigint, b: bigint) => bigint | string][] = [
  ['addTerms', (a, b) => a + b],
  ['subTerms', (a, b) => a - b],
  ['mulTerms', (a, b) => a * b],
  ['intDivTerms', (a, b) => (b ? a / b : 'badarith')],
  ['remTerms', (a, b) => (b ? a % b : 'badarith')],
  ['bandTerms', (a, b) => a & b],
  ['borTerms', (a, b) => a | b],
  ['bxorTerms', (a, b) => a ^ b],
];
const unaryOperators: readonly [string, (a: bigint) => bigint][] = [
  ['negateTerm', (a) => -a],
  ['plusTerm', (a) => a],
  ['bnotTerm', (a) => ~a],
  ['absTerm', (a) => (a < 0n ? -a : a)],
  ['truncTerm', (a) => a],
  ['roundTerm', (a) => a],
  ['floorTerm', (a) => a],
  ['ceilTerm', (a) => a],
];

function checkPair(a: bigint, b: bigint): void {
  vm.reset();
  for (const [name, wanted] of binaryOperators)
    assert.equal(probe.binary(name, a, b), wanted(a, b), `${name} ${a} ${b}`);
  const order = a < b ? -1 : a > b ? 1 : 0;
  assert.equal(vm.compareNumbers(probe.term(a), probe.term(b)), order, `compare ${a} ${b}`);
}

const edges = [0n, 1n, 2n, 31n, 32n, 33n, 58n, 59n, 60n, 61n, 62n, 63n, 64n, 65n, 127n, 128n, 191n]
  .flatMap((bit) => [(1n << bit) - 1n, 1n << bit, (1n << bit) + 1n])
  .flatMap((value) => [value, -value]);

test('all operators on all pairs of numbers at the edges of digits', () => {
  for (const a of edges) for (const b of edges) checkPair(a, b);
});

test('all operators on random pairs up to 300 bits', () => {
  const random = randomSource(11);
  for (let round = 0; round < 20000; round++) checkPair(random.integer(300), random.integer(300));
});

test('all operators on random pairs of unequal size up to 6000 bits', () => {
  const random = randomSource(12);
  for (let round = 0; round < 1500; round++) {
    checkPair(random.integer(6000), random.integer([64, 700, 6000][random.below(3)]!));
  }
});

test('products, quotients and remainders belong together up to 60000 bits', () => {
  const random = randomSource(13);
  for (let round = 0; round < 60; round++)
    checkPair(random.integer(60000), random.integer([600, 60000][random.below(2)]!));
});

test('quotients of numbers whose digits are at the edges, where estimates are wrong', () => {
  const digits = [0n, 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 2n, (1n << 64n) - 1n];
  const number = (index: number, count: number) => {
    let value = 0n;
    for (let i = 0, rest = index; i < count; i++, rest = Math.floor(rest / 6))
      value = (value << 64n) | digits[rest % 6]!;
    return value;
  };
  for (let i = 0; i < 6 ** 4; i += 1) {
    const a = number(i, 4);
    for (let j = 6; j < 6 ** 3; j += 1 + (i % 3)) {
      const b = number(j, j < 36 ? 2 : 3) || 1n;
      vm.reset();
      const [x, y] = [probe.term(a), probe.term(b)];
      assert.equal(probe.value(probe.call('intDivTerms', x, y)), a / b, `${a} div ${b}`);
      assert.equal(probe.value(probe.call('remTerms', x, y)), a % b, `${a} rem ${b}`);
    }
  }
});

test('a number times itself takes the path for squares', () => {
  const random = randomSource(14);
  for (let round = 0; round < 3000; round++) {
    vm.reset();
    const a = random.integer(round < 2900 ? 900 : 40000);
    const term = probe.term(a);
    const square = (vm.mulTerms as (a: bigint, b: bigint) => bigint)(term, term);
    assert.equal(probe.value(square), a * a, `square ${a}`);
  }
});

test('unary operators', () => {
  const random = randomSource(15);
  for (let round = 0; round < 5000; round++) {
    vm.reset();
    const a = round < edges.length ? edges[round]! : random.integer(500);
    for (const [name, wanted] of unaryOperators)
      assert.equal(probe.unary(name, a), wanted(a), `${name} ${a}`);
  }
});

test('shifts in both directions by small counts', () => {
  const random = randomSource(16);
  for (let round = 0; round < 20000; round++) {
    vm.reset();
    const a = random.integer(400);
    const count = BigInt(random.below(500) - 250);
    const left = count < 0n ? a >> -count : a << count;
    const right = count < 0n ? a << -count : a >> count;
    assert.equal(probe.binary('bslTerms', a, count), left, `${a} bsl ${count}`);
    assert.equal(probe.binary('bsrTerms', a, count), right, `${a} bsr ${count}`);
  }
});

test('shifts by enormous counts', () => {
  const big = 1n << 100n;
  const huge = 1n << 58n;
  const cases: readonly [bigint, bigint, bigint | string, bigint | string][] = [
    [1n, big, 'system_limit', 0n],
    [0n, big, 0n, 0n],
    [1n, -big, 0n, 'system_limit'],
    [-1n, -big, -1n, 'system_limit'],
    [-5n, big, 'system_limit', -1n],
    [-big, big, 'system_limit', -1n],
    [-big, huge, 'system_limit', -1n],
    [big, huge, 'system_limit', 0n],
    [5n, -(1n << 59n), 0n, 'system_limit'],
    [0n, -(1n << 59n), 0n, 0n],
    [-big, -(1n << 59n), -1n, 'system_limit'],
  ];
  for (const [a, b, left, right] of cases) {
    assert.equal(probe.binary('bslTerms', a, b), left, `${a} bsl ${b}`);
    assert.equal(probe.binary('bsrTerms', a, b), right, `${a} bsr ${b}`);
  }
});

test('the largest integer has 524287 digits; one more is system_limit', () => {
  vm.reset();
  const largest = 33554367n;
  const top = probe.term(1n << largest);
  const call = (name: string, a: bigint, b: bigint) =>
    probe.value((vm[name] as (a: bigint, b: bigint) => bigint)(a, b));
  assert.equal(probe.binary('bslTerms', 1n, largest), 1n << largest);
  assert.equal(probe.binary('bslTerms', 1n, largest + 1n), 'system_limit');
  assert.equal(probe.binary('bslTerms', -1n, largest + 1n), 'system_limit');
  vm.reset();
  const again = probe.term(1n << largest);
  assert.equal(call('addTerms', again, again), 'system_limit');
  assert.equal(call('mulTerms', again, probe.term(2n)), 'system_limit');
  assert.equal(call('mulTerms', probe.term(1n << 60n), again), 'system_limit');
  const ones = probe.term((1n << (largest + 1n)) - 1n);
  assert.equal(probe.value((vm.bnotTerm as (a: bigint) => bigint)(ones)), 'system_limit');
  assert.notEqual(top, 0n);
});

test('what is no integer gives badarith', () => {
  const others = [1.5, { atom: 'badarg' }] as const;
  for (const other of others) {
    for (const name of ['intDivTerms', 'remTerms', 'bandTerms', 'borTerms', 'bxorTerms']) {
      assert.equal(probe.binary(name, other, 1n), 'badarith');
      assert.equal(probe.binary(name, 1n << 70n, other), 'badarith');
    }
    assert.equal(probe.binary('bslTerms', other, 1n), 'badarith');
    assert.equal(probe.binary('bsrTerms', 1n, other), 'badarith');
    assert.equal(probe.unary('bnotTerm', other), 'badarith');
  }
  for (const name of ['addTerms', 'subTerms', 'mulTerms', 'divTerms']) {
    assert.equal(probe.binary(name, { atom: 'badarg' }, 1n), 'badarith');
    assert.equal(probe.binary(name, 1.0, { atom: 'badarg' }), 'badarith');
  }
});

test('conversions to machine words', () => {
  const random = randomSource(17);
  for (let round = 0; round < 3000; round++) {
    vm.reset();
    const a = round < edges.length ? edges[round]! : random.integer(130);
    const term = probe.term(a);
    assert.equal(!!vm.fitsI64(term), BigInt.asIntN(64, a) === a, `fitsI64 ${a}`);
    assert.equal(!!vm.fitsU64(term), BigInt.asUintN(64, a) === a, `fitsU64 ${a}`);
    const low = (vm.lowBits as (a: bigint) => bigint)(term);
    assert.equal(BigInt.asUintN(64, low), BigInt.asUintN(64, a), `lowBits ${a}`);
    const signed = BigInt.asIntN(64, a);
    const made = (vm.integerOfI64 as (a: bigint) => bigint)(signed);
    assert.equal(probe.value(made), signed);
    const unsigned = (vm.integerOfU64 as (a: bigint) => bigint)(signed);
    assert.equal(probe.value(unsigned), BigInt.asUintN(64, a));
  }
});

test('no operation leaves memory allocated, and the heap holds the results only', () => {
  const random = randomSource(18);
  vm.reset();
  const before = vm.allocatedBytes.value;
  const a = probe.term(random.bits(60000));
  const b = probe.term(random.bits(30000));
  const start = vm.heapUsed();
  let words = 0;
  for (const [name] of binaryOperators) {
    const result = probe.value((vm[name] as (a: bigint, b: bigint) => bigint)(a, b)) as bigint;
    words += 1 + Math.ceil((result < 0n ? -result : result).toString(16).length / 16);
  }
  assert.equal(vm.heapUsed() - start, words * 8);
  assert.equal(vm.allocatedBytes.value, before);
});
