/**
 * vm/maps.ts against JavaScript's Map: random puts, updates and removals, with real hashes and with
 * hashes that collide.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { loadMapsProbe, type MapsProbe, NIL, small, smallValue } from './maps_probe.ts';

let vm: MapsProbe;
let memory: WebAssembly.Memory;
let scratch = 0;

before(async () => {
  ({ vm, memory } = await loadMapsProbe());
  scratch = vm.allocate(1 << 20);
});

/** mulberry32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/**
 * Key number `n`: integers, floats, tuples, lists and pairs of them, so that equal keys are
 * different words.
 */
function key(n: number): bigint {
  const value = small(n >> 2);
  if ((n & 3) === 0) return value;
  if ((n & 3) === 1) return vm.floatOf(n >> 2);
  if ((n & 3) === 2) return vm.pair(value, vm.floatOf(1));
  return vm.cons(value, vm.cons(small(7), NIL));
}

function pairsOf(map: bigint, chunk: number): [bigint, bigint][] {
  const found: [bigint, bigint][] = [];
  let position = 0n;
  while (true) {
    const count = vm.walk(map, position, chunk, scratch);
    const words = new BigUint64Array(memory.buffer, scratch, count * 2);
    for (let i = 0; i < count; i++) found.push([words[2 * i]!, words[2 * i + 1]!]);
    if (count < chunk) return found;
    position = BigInt.asIntN(64, vm.walkPosition());
  }
}

function fromPairs(pairs: readonly (readonly [number, number])[]): bigint {
  const at = vm.allocate(pairs.length * 16 + 16);
  pairs.forEach(([k, v], i) => {
    const words = new BigUint64Array(memory.buffer, at + i * 16, 2);
    words[0] = key(k);
    words[1] = small(v);
  });
  const map = vm.mapFromPairs(at, pairs.length);
  vm.release(at);
  return map;
}

/**
 * The map holds what the model holds, walks show it once each, and a map made afresh of the same
 * pairs has the same shape.
 */
function check(map: bigint, model: Map<number, number>): void {
  assert.equal(vm.mapSize(map), model.size);
  assert.equal(vm.isFlatMap(map) !== 0, model.size <= 32);
  for (const [k, v] of model) assert.equal(vm.mapGet(map, key(k)), small(v), `key ${k}`);
  const all = pairsOf(map, 1 << 15);
  assert.equal(all.length, model.size);
  for (const [k, v] of all) assert.equal(vm.mapGet(map, k), v);
  assert.equal(new Set(all.map(([, v]) => v)).size, model.size, 'walk repeats a pair');
  for (const chunk of [1, 7]) assert.deepEqual(pairsOf(map, chunk), all);
  if (model.size <= 32) {
    for (let i = 1; i < all.length; i++) assert.ok(vm.compareKeys(all[i - 1]![0], all[i]![0]) < 0);
  }
  const shuffled = [...model].sort(([a], [b]) => ((a * 7919) % 1009) - ((b * 7919) % 1009));
  assert.ok(vm.identical(map, fromPairs(shuffled)), 'shape depends on history');
}

const masks: readonly [string, number][] = [
  ['hashes as they are', 0xffffffff],
  ['hashes of 8 bits', 0x00f0000f],
  ['hashes that differ in the deepest levels only', 0xf0000000],
  ['all hashes equal', 0],
];

for (const [name, mask] of masks) {
  describe(`maps, ${name}`, () => {
    for (const keys of [12, 48, 70, 600]) {
      test(`random operations on ${keys} keys`, () => {
        vm.reset();
        vm.setHashMask(mask);
        const below = random(keys * 31 + mask);
        const model = new Map<number, number>();
        let map = vm.emptyMap();
        let value = 0;
        for (let step = 0; step < 2000; step++) {
          const k = below(keys);
          const action = below(10);
          // Phases of growing and shrinking, so that every size is met.
          if (action < ((step >> 8) & 1 ? 3 : 6)) {
            map = vm.mapPut(map, key(k), small(++value));
            model.set(k, value);
          } else if (action < 8) {
            const gone = vm.mapRemove(map, key(k));
            if (!model.has(k)) assert.equal(gone, map);
            map = gone;
            model.delete(k);
          } else if (action === 8) {
            const updated = vm.mapUpdate(map, key(k), small(++value));
            assert.equal(updated !== 0n, model.has(k));
            if (updated) {
              map = updated;
              model.set(k, value);
            }
          } else {
            const found = vm.mapGet(map, key(k));
            assert.equal(found ? smallValue(found) : undefined, model.get(k));
          }
          if (step % 100 === 99) check(map, model);
        }
        vm.setHashMask(0xffffffff);
      });
    }

    test('of equal keys in a list of pairs the last counts', () => {
      vm.reset();
      vm.setHashMask(mask);
      const below = random(99);
      for (const count of [10, 32, 33, 40, 64, 500]) {
        for (const keys of [5, 33, 300]) {
          const pairs = Array.from({ length: count }, (_, i) => [below(keys), i] as const);
          check(fromPairs(pairs), new Map(pairs));
        }
      }
      vm.setHashMask(0xffffffff);
    });
  });
}

test('putting the same value again gives the same map', () => {
  vm.reset();
  for (const size of [1, 32, 33, 100]) {
    const map = fromPairs(Array.from({ length: size }, (_, i) => [i, i] as const));
    assert.equal(vm.mapPut(map, key(size - 1), small(size - 1)), map);
  }
});

test('updating a flat map shares its tuple of keys', () => {
  vm.reset();
  const map = fromPairs([
    [1, 1],
    [2, 2],
  ]);
  const updated = vm.mapPut(map, key(2), small(3));
  const keysOf = (term: bigint) =>
    new DataView(memory.buffer).getBigUint64(Number(term & 0xffffffffn) - 2 + 16, true);
  assert.notEqual(updated, map);
  assert.equal(keysOf(updated), keysOf(map));
});
