/**
 * Copies of terms: equal to the original, of the size said beforehand, with their own references to
 * off-heap objects.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadProbe, type Probe, randomNumbers } from './bin_probe.ts';
import { HeapText } from './heap_text.ts';
import { Builder, jsonBigint, randomTerm, type Term } from './term_model.ts';

const seeds = 2000;
const fragmentHeader = 16;
const literalBit = 1n << 32n;
let probe: Probe;
let builder: Builder;
before(async () => {
  probe = await loadProbe('vm/probe_gc.ts', 8 << 20);
  builder = new Builder(probe);
});
const call = (name: string, ...args: unknown[]) => (builder.call(name, ...args) as number) >>> 0;
const allocated = () => ((probe.vm.allocatedBytes as WebAssembly.Global).value as number) >>> 0;
const word = (at: number) => probe.view().getBigUint64(at, true);

/** Words of a fragment, without its header. */
function contents(fragment: number): { start: number; end: number } {
  const start = fragment + fragmentHeader;
  return { start, end: start + 8 * probe.view().getUint32(fragment + 8, true) };
}
/**
 * Length of a fragment's off-heap list; each object on it must lie in the fragment and be referred
 * to.
 */
function holders(fragment: number): number {
  const { start, end } = contents(fragment);
  let count = 0;
  for (let at = probe.view().getUint32(fragment + 12, true); at; count++) {
    assert.ok(at >= start && at < end);
    assert.ok(
      probe.view().getUint32(Number(word(at + 24)), true) > 1,
      'the reference is not counted',
    );
    at = Number(word(at + (((word(at) >> 2n) & 15n) === 8n ? 16 : 32)));
  }
  return count;
}
/** Pointers in a fragment, the root included: all in it, or literals when `literals`. */
function checkPointers(fragment: number, literals: boolean): void {
  const { start, end } = contents(fragment);
  for (let at = start; at < end; ) {
    const value = word(at);
    const tag = value & 3n;
    if (tag === 1n || tag === 2n) {
      assert.equal((value & literalBit) !== 0n, literals);
      const target = Number(value & 0xffff_fffcn);
      assert.ok(target >= start && target < end, 'a pointer leads out of the copy');
    }
    if (tag !== 0n) {
      at += 8;
      continue;
    }
    const first = [1, 4, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 1, 1, 1, 1][Number((value >> 2n) & 15n)]!;
    at += 8 * (first || Number((value >> 6n) & 0xffff_ffffn) + 1);
  }
}

test('a message is identical to the term, of the size that flatSize says, and gives everything back', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = randomNumbers(seed);
    const model: Term = { kind: 'tuple', items: [randomTerm(random, 1 + random(4))] };
    const term = builder.build(model);
    const show = `seed ${seed}: ${JSON.stringify(model, jsonBigint)}`;
    const first = allocated();
    const fragment = call('copyToFragment', term);
    assert.ok(fragment);
    const root = builder.term('fragmentRoot', fragment);
    assert.ok(builder.call('identical', term, root), show);
    assert.equal(builder.call('hash2', term), builder.call('hash2', root), show);
    const { start, end } = contents(fragment);
    assert.equal((end - start) / 8 - 1, call('flatSize', term), show);
    checkPointers(fragment, false);
    holders(fragment);
    // A copy of the copy is the same, word for word: nothing is left to be simplified.
    const second = call('copyToFragment', root);
    assert.equal(contents(second).end - contents(second).start, end - start, show);
    call('releaseMessage', second);
    call('releaseMessage', fragment);
    assert.equal(allocated(), first, show);
    if (seed % 500 === 0) {
      call('leave');
      assert.ok(call('collectNow', call('running'), 1 << 19, 1));
      call('enter', call('running'));
    }
  }
});

test('literals are shared by messages, copied where they must last, and made by copyToLiterals', () => {
  const inner = builder.build({
    kind: 'tuple',
    items: [{ kind: 'bits', bytes: new Array(100).fill(7), bits: 800, form: 1 }],
  });
  const area = call('copyToLiterals', inner);
  checkPointers(area, true);
  assert.equal(holders(area), 1);
  const literal = builder.term('fragmentRoot', area);
  assert.equal(call('flatSize', literal), 0);
  const term = builder.list([literal], literal);
  const message = call('copyToFragment', term);
  const root = builder.term('fragmentRoot', message);
  assert.equal(call('flatSize', term), 2);
  assert.equal(word(Number(root & 0xffff_fffcn)), literal);
  assert.equal(word(Number(root & 0xffff_fffcn) + 8), literal);
  const whole = call('copyAllToFragment', term);
  checkPointers(whole, false);
  assert.equal(holders(whole), 2);
  assert.ok(builder.call('identical', builder.term('fragmentRoot', whole), term));
  for (const fragment of [message, whole, area]) call('releaseMessage', fragment);
});

test('only the part that a sub-binary shows of a heap binary is copied, and a match context becomes its binary', () => {
  const bytes = Array.from({ length: 60 }, (_, i) => i);
  const owner = builder.owner(bytes, false);
  const part = builder.boxed([(10n << 2n) | (4n << 6n), 2n, 3n, 0n, owner]);
  // Two whole bytes: header, size, one word of data.
  assert.equal(call('flatSize', part), 3);
  const unaligned = builder.boxed([(10n << 2n) | (4n << 6n), 2n, 3n, 3n | (5n << 8n), owner]);
  assert.equal(call('flatSize', unaligned), 3 + 5);
  const context = builder.term('newMatchState', owner);
  const message = call('copyToFragment', builder.boxed([1n << 6n, context]));
  const text = new HeapText(probe);
  text.add(builder.term('fragmentRoot', message));
  assert.match(text.text(), /^\n40 \n/);
  const copied = word(Number(builder.term('fragmentRoot', message) & 0xffff_fffcn) + 8);
  assert.ok(builder.call('identical', copied, owner));
  assert.equal((word(Number(copied & 0xffff_fffcn)) >> 2n) & 15n, 9n);
  call('releaseMessage', message);
});

test('a term that is too large when written out is not copied', () => {
  let term = 0x3bn;
  for (let i = 0; i < 33; i++) term = builder.list([term], term);
  const first = allocated();
  assert.equal(call('flatSize', builder.list([], term)) > 1 << 28, true);
  assert.equal(call('copyToFragment', term), 0);
  assert.equal(allocated(), first);
});

test('a copy done in slices is the copy done at once', () => {
  const random = randomNumbers(77);
  for (let i = 0; i < 200; i++) {
    const term = builder.build({ kind: 'tuple', items: [randomTerm(random, 4)] });
    const words = call('flatSize', term);
    const [record, at, slot] = [
      call('allocateZeroed', 40),
      call('allocate', 8 * words + 8),
      call('allocateZeroed', 8),
    ];
    const root = builder.term('beginCopy', record, term, at, slot, 0);
    let slices = 1;
    while (!builder.call('continueCopy', record, 1 + random(5))) slices++;
    assert.ok(slices >= words / 10, `${slices} slices of ${words}`);
    assert.ok(builder.call('identical', term, root));
    call('releaseList', slot);
    for (const block of [record, at, slot]) call('release', block);
  }
});
