/**
 * The tables of vm/ets/ against JavaScript's Map: contents, shape of the tree, size of the bucket
 * array, and that all memory comes back. What the BIFs do is compared with erl in
 * tests/conformance/ets.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { buildVm } from '../../tools/build_vm.ts';
import { randomNumbers } from './bin_probe.ts';
import { small, smallValue } from './maps_probe.ts';

interface EtsProbe {
  init(start: number, end: number): void;
  reset(): void;
  table(type: number): number;
  drop(table: number): void;
  insert(table: number, key: bigint, value: bigint, bytes: number): void;
  remove(table: number, key: bigint): void;
  find(table: number, key: bigint): bigint;
  first(table: number): number;
  next(table: number, object: number): number;
  keyOf(object: number): bigint;
  fix(table: number): void;
  unfix(table: number): void;
  count(table: number): number;
  words(table: number): bigint;
  buckets(table: number): number;
  gone(table: number): number;
  root(table: number): number;
  balanceOf(object: number): number;
  clearTable(table: number): number;
  freeDoomed(limit: number): number;
  allocatedBytes: WebAssembly.Global;
}

let vm: EtsProbe;
let memory: WebAssembly.Memory;
const set = 0;
const duplicateBag = 2;
const orderedSet = 3;

before(async () => {
  const { wasm } = await buildVm({ level: 1, entry: 'vm/probe_ets.ts' });
  memory = new WebAssembly.Memory({ initial: 2048, maximum: 65536 });
  const module = await WebAssembly.compile(Buffer.from(wasm));
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === 'memory' ? memory : name === 'now' ? () => 1n : () => 0;
  }
  const instance = await WebAssembly.instantiate(module, imports as WebAssembly.Imports);
  vm = instance.exports as unknown as EtsProbe;
  vm.init(8 << 20, 128 << 20);
});

const word = (address: number): number => new DataView(memory.buffer).getUint32(address, true);

/** Height of a subtree; fails where balances or the order of keys are wrong. */
function checkTree(node: number, above: number, below: number): number {
  if (!node) return 0;
  const key = smallValue(vm.keyOf(node));
  assert.ok(key > above && key < below, 'keys out of order');
  const left = checkTree(word(node), above, key);
  const right = checkTree(word(node + 4), key, below);
  assert.equal(right - left, vm.balanceOf(node), 'balance');
  assert.ok(Math.abs(right - left) <= 1);
  return Math.max(left, right) + 1;
}

function keysOf(table: number): number[] {
  const keys: number[] = [];
  for (let object = vm.first(table); object; object = vm.next(table, object)) {
    keys.push(smallValue(vm.keyOf(object)));
  }
  return keys;
}

function check(table: number, type: number, model: Map<number, number>): void {
  assert.equal(vm.count(table), model.size);
  const keys = keysOf(table);
  if (type === orderedSet) {
    assert.deepEqual(
      keys,
      [...model.keys()].sort((a, b) => a - b),
    );
    checkTree(vm.root(table), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  } else {
    assert.deepEqual(
      keys.sort((a, b) => a - b),
      [...model.keys()].sort((a, b) => a - b),
    );
  }
  for (const [key, value] of model) assert.equal(smallValue(vm.find(table, small(key))), value);
}

for (const [name, type] of [
  ['a hash table', set],
  ['an ordered set', orderedSet],
] as const) {
  describe(name, () => {
    for (const range of [20, 300, 5000]) {
      test(`holds what was put in, random keys below ${range}`, () => {
        const start = vm.allocatedBytes.value;
        const table = vm.table(type);
        const empty = vm.words(table);
        const model = new Map<number, number>();
        const below = randomNumbers(range);
        for (let step = 0; step < 6000; step++) {
          const key = below(range);
          if (below(10) < (Math.floor(step / 1500) & 1 ? 3 : 7)) {
            vm.insert(table, small(key), small(step), below(200));
            model.set(key, step);
          } else {
            vm.remove(table, small(key));
            model.delete(key);
          }
          if (step % 500 === 499) check(table, type, model);
          if (step % 100 === 99) vm.reset();
        }
        for (const key of model.keys()) vm.remove(table, small(key));
        assert.equal(vm.count(table), 0);
        if (type === orderedSet) assert.equal(vm.words(table), empty);
        vm.drop(table);
        while (!vm.freeDoomed(10)) {}
        vm.reset();
        assert.equal(vm.allocatedBytes.value, start, 'memory is lost');
      });
    }

    test('is freed in slices when it is deleted or cleared while full', () => {
      const start = vm.allocatedBytes.value;
      const table = vm.table(type);
      for (let i = 0; i < 3000; i++) vm.insert(table, small(i), small(i), 100);
      vm.reset();
      assert.ok(vm.clearTable(table));
      assert.equal(vm.count(table), 0);
      for (let i = 0; i < 500; i++) vm.insert(table, small(i), small(i), 10);
      let slices = 0;
      while (!vm.freeDoomed(100)) slices++;
      assert.ok(slices >= 29);
      assert.equal(keysOf(table).length, 500);
      vm.drop(table);
      while (!vm.freeDoomed(100)) {}
      vm.reset();
      assert.equal(vm.allocatedBytes.value, start);
    });
  });
}

test('buckets follow the number of objects, a few at a time', () => {
  const table = vm.table(set);
  let last = vm.buckets(table);
  for (let i = 0; i < 5000; i++) {
    vm.insert(table, small(i), small(i), 0);
    assert.ok(vm.buckets(table) - last <= 5);
    last = vm.buckets(table);
    if (i % 1000 === 0) vm.reset();
  }
  assert.equal(last, 5000);
  for (let i = 0; i < 4990; i++) {
    vm.remove(table, small(i));
    assert.ok(last - vm.buckets(table) <= 5);
    last = vm.buckets(table);
  }
  // As in OTP, a table of this many buckets (256 + 2048) or fewer does not shrink.
  assert.equal(last, 2304);
  assert.deepEqual(
    keysOf(table).sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, i) => 4990 + i),
  );
  vm.drop(table);
  while (!vm.freeDoomed(1000)) {}
});

test('a walk over a fixed table meets every object once, whatever is deleted and inserted on the way', () => {
  const start = vm.allocatedBytes.value;
  for (const type of [set, duplicateBag]) {
    const table = vm.table(type);
    for (let i = 0; i < 1000; i++) vm.insert(table, small(i), small(i), 0);
    vm.fix(table);
    const seen: number[] = [];
    const below = randomNumbers(type);
    for (let object = vm.first(table); object; ) {
      const key = smallValue(vm.keyOf(object));
      if (key < 1000) seen.push(key);
      vm.remove(table, small(key));
      vm.insert(table, small(10000 + below(100000)), small(0), 0);
      object = vm.next(table, object);
    }
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    assert.ok(vm.gone(table));
    vm.unfix(table);
    for (let i = 0; i < 500; i++) vm.remove(table, small(-1));
    assert.equal(vm.gone(table), 0, 'marked objects are freed after the fixation');
    vm.drop(table);
    while (!vm.freeDoomed(1000)) {}
    vm.reset();
  }
  assert.equal(vm.allocatedBytes.value, start);
});
