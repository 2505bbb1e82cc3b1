/** Long operations on big integers in slices, and Karatsuba's products, against BigInt. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNumberProbe, randomSource, type Value } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm, memory } = probe;
const unfinished = 'class 9';

interface Outcome {
  readonly term: bigint;
  readonly slices: number;
}
/** Run an operation with slices of that many reductions to its end. */
function inSlices(reductions: number, start: () => bigint): Outcome {
  const slice = () => (vm.setSlice as (reductions: number) => void)(reductions);
  slice();
  let term = start();
  let slices = 1;
  while (term === 0n && probe.value(term) === unfinished) {
    slice();
    term = probe.call('continueBigJob');
    slices++;
  }
  return { term, slices };
}
function operate(name: string, a: bigint, b: bigint, reductions: number): [Value | string, number] {
  vm.reset();
  const [x, y] = [probe.term(a), probe.term(b)];
  const before = vm.allocatedBytes.value;
  const { term, slices } = inSlices(reductions, () => probe.call(name, x, y));
  assert.equal(vm.allocatedBytes.value, before, 'the job is freed');
  return [probe.value(term), slices];
}

const operators: readonly [string, (a: bigint, b: bigint) => bigint][] = [
  ['mulInSlices', (a, b) => a * b],
  ['intDivInSlices', (a, b) => a / b],
  ['remInSlices', (a, b) => a % b],
];

test('operators give the same in slices of any size', () => {
  const random = randomSource(61);
  let interrupted = 0;
  for (let round = 0; round < 400; round++) {
    const a = random.integer(40000);
    const b = random.integer([3000, 20000, 40000][random.below(3)]!) || 1n;
    for (const [name, wanted] of operators) {
      const [got, slices] = operate(name, a, b, [1, 7, 100, 4000][random.below(4)]!);
      assert.equal(got, wanted(a, b), `${name} ${a} ${b}`);
      if (slices > 1) interrupted++;
    }
  }
  assert.ok(interrupted > 300, `${interrupted} operations were interrupted`);
});

test('a ringing doorbell ends a slice at once, and every slice makes progress', () => {
  const doorbell = new DataView(memory.buffer);
  const [a, b] = [(1n << 20000n) - 1n, (1n << 20000n) - 12345n];
  doorbell.setInt32(64, 0x7fffffff, true);
  for (const [name, wanted] of operators) {
    const [got, slices] = operate(name, a * b, b, 4000);
    assert.equal(got, wanted(a * b, b), name);
    assert.ok(slices > 100, `${name} took ${slices} slices`);
  }
  doorbell.setInt32(64, 0, true);
});

test('products around the sizes at which the method changes', () => {
  const random = randomSource(62);
  const sizes = [1, 2, 31, 32, 33, 39, 40, 41, 63, 64, 65, 96, 127, 128, 129, 200, 257];
  for (const m of sizes) {
    for (const n of sizes) {
      const ones = (digits: number) => (1n << BigInt(64 * digits)) - 1n;
      for (const [a, b] of [
        [ones(m), ones(n)],
        [random.bits(64 * m) | 1n, ones(n)],
        [(1n << BigInt(64 * m - 1)) + 1n, random.bits(64 * n)],
        [random.bits(64 * m), random.bits(64 * n)],
      ] as const) {
        vm.reset();
        const message = `${m} by ${n} digits`;
        assert.equal(probe.binary('mulTerms', a, b), a * b, message);
        assert.equal(operate('mulInSlices', a, -b, 50)[0], -(a * b), message);
      }
    }
  }
});

test('squares of all sizes', () => {
  const random = randomSource(63);
  for (let digits = 1; digits < 150; digits++) {
    vm.reset();
    const a = random.bits(64 * digits) | 1n;
    const term = probe.term(a);
    const { term: square } = inSlices(30, () => probe.call('mulInSlices', term, term));
    assert.equal(probe.value(square), a * a, `${digits} digits`);
  }
});

test('text of large integers in slices, both ways', () => {
  const random = randomSource(64);
  let interrupted = 0;
  for (let round = 0; round < 120; round++) {
    vm.reset();
    const value = random.integer(30000);
    const base = [2, 3, 7, 10, 10, 10, 16, 36][random.below(8)]!;
    const text = value.toString(base).toUpperCase();
    const reductions = [1, 20, 500][random.below(3)]!;
    const term = probe.term(value);
    const written = inSlices(reductions, () =>
      BigInt.asUintN(64, (vm.textOrJob as CallableFunction)(term, base, random.below(2))),
    );
    assert.equal(probe.text(written.term), text);
    const at = vm.allocate(text.length + 100);
    const padded = text.replace(/^-?/, (sign) => sign + '0'.repeat(random.below(100)));
    Buffer.from(memory.buffer).write(padded, at, 'latin1');
    const read = inSlices(reductions, () =>
      BigInt.asUintN(64, (vm.integerOrJob as CallableFunction)(at, padded.length, base)),
    );
    assert.equal(probe.value(read.term), value);
    vm.release(at);
    if (written.slices > 1 && read.slices > 1) interrupted++;
  }
  assert.ok(interrupted > 20, `${interrupted} conversions were interrupted`);
});

test('callers that cannot wait get the result at once', () => {
  vm.reset();
  const [a, b] = [(1n << 30000n) - 3n, (1n << 29000n) + 7n];
  (vm.setSlice as (reductions: number) => void)(1);
  assert.equal(probe.call('mulInSlices', probe.term(a), probe.term(b)), 0n);
  assert.equal(probe.value(probe.call('finishBigJob')), a * b);
  assert.equal((vm.bigJob as () => number)(), 0);
});
