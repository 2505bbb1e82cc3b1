/**
 * Random heaps, collected in all ways: what the process can reach stays the same, the heap stays
 * sound, all memory comes back.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadProbe, type Probe, randomNumbers } from './bin_probe.ts';
import { HeapText } from './heap_text.ts';
import { Builder, type Random, randomTerm } from './term_model.ts';

const seeds = Number(process.env.GC_SEEDS ?? 300);
const firstSeed = Number(process.env.GC_FIRST_SEED ?? 1);
const nil = 0x3bn;
const registersMax = 8;

let probe: Probe;
let builder: Builder;
let fields: Record<string, number>;
before(async () => {
  probe = await loadProbe('vm/probe_gc.ts', 1 << 16);
  builder = new Builder(probe);
  fields = {};
  for (const [name, value] of Object.entries(probe.vm))
    if (name.startsWith('P_'))
      fields[name.slice(2)] = (value as WebAssembly.Global).value as number;
});
const call = (name: string, ...args: unknown[]) => (builder.call(name, ...args) as number) >>> 0;
const global = (name: string) => ((probe.vm[name] as WebAssembly.Global).value as number) >>> 0;

/**
 * A process under test with its roots: words of its stack, registers, dictionary values, opened
 * messages, a root block.
 */
class FakeProcess {
  readonly at: number;
  readonly random: Random;
  stack = 0;
  /** Slots of the stack that hold terms, by distance from its end. */
  readonly nodes: number[] = [];
  readonly rootBlock: number;
  readonly keys: bigint[] = [];
  constructor(random: Random) {
    this.random = random;
    this.at = call('newProcess', 30 + random(300));
    call('enter', this.at);
    this.rootBlock = call('newRootBlock', this.at, 2);
  }
  get(name: string): number {
    return probe.view().getUint32(this.at + fields[name]!, true);
  }
  set(name: string, value: number): void {
    probe.view().setUint32(this.at + fields[name]!, value, true);
  }
  /** Addresses of all root words that hold terms. */
  roots(): number[] {
    call('leave');
    const top = this.get('STACK_TOP');
    const registers = this.get('SAVED_X');
    const words = (start: number, count: number) =>
      Array.from({ length: count }, (_, i) => start + 8 * i);
    return [
      ...words(top, (this.get('HEAP_END') - top) / 8),
      ...words(registers, this.get('LIVE')),
      ...words(this.rootBlock + 8, 2),
      ...this.nodes.map((node) => node + 8),
      ...this.dictionary(),
      this.at + fields.SEQ_TRACE!,
    ];
  }
  dictionary(): number[] {
    const table = this.get('DICTIONARY');
    if (!table) return [];
    const word = (at: number) => probe.view().getUint32(at, true);
    // Pages of 512 pairs (vm/dictionary.ts).
    return Array.from(
      { length: 2 * word(table) },
      (_, i) => word(word(table + 8) + 4 * (i >> 10)) + 8 * (i & 1023),
    );
  }
  text(): string {
    const text = new HeapText(probe);
    for (const root of this.roots()) text.add(text.word(root));
    return text.text();
  }
  anyTerm(): bigint {
    const roots = this.roots();
    const word = probe.view().getBigUint64(roots[this.random(roots.length)]!, true);
    return word & 3n ? word : nil;
  }
  /** The tuples with elements that roots are. */
  tuples(): bigint[] {
    return this.roots()
      .map((root) => probe.view().getBigUint64(root, true))
      .filter((term) => isTuple(term) && tupleSize(term) > 0);
  }
  /** Add a live register. */
  register(term: bigint): void {
    const live = this.get('LIVE');
    probe.view().setBigUint64(this.get('SAVED_X') + 8 * live, term, true);
    this.set('LIVE', live + 1);
  }
  /** Put a term where the process can reach it. */
  keep(term: bigint): void {
    const view = probe.view();
    switch (this.random(6)) {
      case 0: {
        const live = this.get('LIVE');
        const index = this.random(Math.min(live + 1, registersMax));
        view.setBigUint64(this.get('SAVED_X') + 8 * index, term, true);
        if (index === live) this.set('LIVE', live + 1);
        return;
      }
      case 1:
        if (builder.call('pushStack', term)) this.stack++;
        return;
      case 2:
        builder.call('erlangPut2', builder.int(BigInt(this.random(12))), term);
        return;
      case 3:
        view.setBigUint64(this.rootBlock + 8 + 8 * this.random(2), term, true);
        return;
      case 4:
        view.setBigUint64(this.at + fields.SEQ_TRACE!, term, true);
        return;
      default: {
        // Not in the mailbox, where the kind of term counts.
        const roots = this.roots().filter((root) => !this.nodes.includes(root - 8));
        view.setBigUint64(roots[this.random(roots.length)]!, term, true);
      }
    }
  }
}

const isPointer = (word: bigint) => (word & 3n) !== 0n && (word & 3n) !== 3n;
const word = (at: number) => probe.view().getBigUint64(at, true);
const isTuple = (term: bigint) =>
  (term & 3n) === 2n && (word(Number(term & 0xffff_fffcn)) & 63n) === 0n;
const tupleSize = (tuple: bigint) => Number(word(Number(tuple & 0xffff_fffcn)) >> 6n);
const isBitstring = (word: bigint) => {
  if ((word & 3n) !== 2n) return false;
  const subtag = (probe.view().getBigUint64(Number(word & 0xffff_fffcn), true) >> 2n) & 15n;
  return subtag >= 8n && subtag <= 10n;
};

/** A message with a copy of some term of the process; copies of copies could fill all memory. */
function sentCopy(p: FakeProcess): number {
  const term = p.anyTerm();
  return call('copyToFragment', call('flatSize', term) < 4000 ? term : nil);
}

/** Things that a process may do between collections. */
const actions: ((p: FakeProcess) => void)[] = [
  (p) => p.keep(builder.build(randomTerm(p.random, 1 + p.random(4)))),
  (p) => p.keep(builder.build(randomTerm(p.random, 1 + p.random(4)))),
  (p) => {
    const items = Array.from({ length: p.random(6) }, () => p.anyTerm());
    p.keep(builder.boxed([BigInt(items.length) << 6n, ...items]));
  },
  (p) => p.keep(builder.list([p.anyTerm(), p.anyTerm()], p.anyTerm())),
  (p) => p.keep(nil),
  (p) => {
    // A message, received at once.
    const fragment = sentCopy(p);
    p.keep(builder.term('adoptMessage', p.at, fragment));
  },
  (p) => {
    // A message that a receive has looked at and left in the mailbox.
    const fragment = sentCopy(p);
    const term = builder.term('adoptMessage', p.at, fragment);
    const node = call('allocateZeroed', 16);
    probe.view().setUint32(node, p.get('MAILBOX_FIRST'), true);
    probe.view().setBigUint64(node + 8, term, true);
    p.set('MAILBOX_FIRST', node);
    if (isPointer(term)) p.set('MAILBOX_OPENED', p.get('MAILBOX_OPENED') + 1);
    p.nodes.unshift(node);
  },
  (p) => {
    const term = p.anyTerm();
    if (isBitstring(term)) p.keep(builder.term('newMatchState', term));
  },
  (p) => p.keep(builder.term('newMagic', p.random(100))),
  (p) => {
    // A frame: a continuation and a few slots without value.
    for (let i = p.random(8); i >= 0; i--)
      if (builder.call('pushStack', BigInt(p.random(1000)) << 2n)) p.stack++;
  },
  (p) => {
    const words = p.random(p.stack + 1);
    builder.call('popStack', words);
    p.stack -= words;
  },
  (p) => {
    if (p.random(4)) return;
    const size = 900 + p.random(2500);
    const items = Array.from({ length: size }, (_, i) =>
      i % 7 ? 15n + (BigInt(i) << 4n) : p.anyTerm(),
    );
    p.keep(builder.boxed([BigInt(size) << 6n, ...items]));
  },
  (p) => {
    if (p.random(4)) return;
    p.keep(builder.int(1n << BigInt(64 * (1000 + p.random(200)))));
  },
  (p) => {
    // set_tuple_element on any tuple, however old, often of an element that is younger.
    const tuples = p.tuples();
    const tuple = tuples[p.random(tuples.length)];
    if (tuple === undefined) return;
    const fresh = p.random(2) === 0;
    const value = fresh ? builder.build(randomTerm(p.random, 1 + p.random(3))) : p.anyTerm();
    const at = Number(tuple & 0xffff_fffcn);
    if (isPointer(value)) builder.call('tupleChanges', p.at, at);
    probe.view().setBigUint64(at + 8 + 8 * p.random(tupleSize(tuple)), value, true);
  },
  (p) => {
    builder.call('erlangErase1', builder.int(BigInt(p.random(12))));
  },
];

/** Collect as the seed says. False when the process was killed in the middle. */
function collect(p: FakeProcess, mayKill: boolean): boolean {
  call('leave');
  const before = p.text();
  const need = p.random(4) ? p.random(40) : p.random(2000);
  assert.equal(call('startCollection', p.at, need, p.random(4) === 0), 0);
  const budget = p.random(3) ? 1 + p.random(60) : 1_000_000;
  let slices = 0;
  while (!builder.call('collectSlice', p.at, budget)) {
    slices++;
    if (mayKill && p.random(40) === 0) return false;
    assert.ok(slices < 1_000_000);
  }
  call('enter', p.at);
  assert.equal(call('checkHeap', p.at), 0, `fault at ${global('faultAddress').toString(16)}`);
  assert.equal(p.text(), before);
  assert.equal(p.get('FRAGMENTS'), 0);
  const free = (p.get('STACK_TOP') - p.get('HEAP_TOP')) / 8;
  assert.ok(free >= need + 8, `${free} words free, ${need} needed`);
  return true;
}

function end(p: FakeProcess): void {
  for (const node of p.nodes) call('release', node);
  call('giveUpDictionary', p.at);
  call('freeDictionaries', 1_000_000);
  call('freeProcessHeap', p.at);
  call('release', p.get('SAVED_X'));
  call('release', p.at);
}

function runSeed(seed: number): void {
  const random = randomNumbers(seed);
  const p = new FakeProcess(random);
  p.set('FULLSWEEP_AFTER', random(3) ? 65535 : random(5));
  const steps = 10 + random(60);
  let alive = true;
  for (let i = 0; i < steps && alive; i++) {
    actions[random(actions.length)]!(p);
    if (random(4) === 0) alive = collect(p, seed % 5 === 0);
  }
  end(p);
}

/** Bytes in use, without those of the work stack. */
const held = () => global('allocatedBytes') - call('workStackBytes');
/** Things that are never freed. */
function permanentCount(): number {
  return builder.atoms.size + builder.funEntries.size + global('exportCount');
}

test('collections keep what is reachable, and give all memory back', () => {
  // Make most of the atoms and entries that stay.
  runSeed(firstSeed);
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const first = held();
    const permanent = permanentCount();
    try {
      runSeed(seed);
      if (permanentCount() === permanent) assert.equal(held(), first, 'memory is lost');
      assert.equal(builder.call('workStackDepth'), 0);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).stack}`);
    }
  }
});

/** A list of `count` tuples {I, [I]}. */
function bigList(count: number): bigint {
  let list = nil;
  for (let i = 0; i < count; i++) {
    const small = (BigInt(i) << 4n) | 15n;
    list = builder.list([builder.boxed([2n << 6n, small, builder.list([small], nil)])], list);
  }
  return list;
}

test('a slice does little more work than it may', () => {
  const p = new FakeProcess(randomNumbers(7));
  p.register(bigList(20000));
  const size = 200_000;
  const wide = builder.boxed([BigInt(size) << 6n, ...new Array<bigint>(size).fill(bigList(1))]);
  p.register(wide);
  for (let i = 0; i < 2000; i++)
    builder.call('erlangPut2', builder.int(BigInt(i)), builder.call('newMagic', 1));
  for (const full of [0, 0, 1, 1]) {
    call('leave');
    const before = p.text();
    assert.equal(call('startCollection', p.at, 100, full), 0);
    let slices = 0;
    while (!builder.call('collectSlice', p.at, 1000)) {
      slices++;
      const over = -((probe.vm.left as WebAssembly.Global).value as number);
      assert.ok(over <= 1100, `slice ${slices} did ${over} words of work too much`);
    }
    assert.ok(full === 0 || slices > 300, `${slices} slices`);
    assert.equal(call('checkHeap', p.at), 0);
    call('enter', p.at);
    assert.equal(p.text(), before);
  }
  end(p);
});

test('when memory runs out, a collection fails and the heap is as it was', () => {
  const p = new FakeProcess(randomNumbers(8));
  p.register(bigList(2000));
  call('leave');
  assert.ok(call('collectNow', p.at, 10, 0));
  call('enter', p.at);
  p.register(bigList(3000));
  call('leave');
  const before = p.text();
  // Take all memory but little.
  const taken: number[] = [];
  for (let size = 1 << 25; size >= 4096; size >>= 1) {
    let block = call('allocate', size);
    for (; block; block = call('allocate', size)) taken.push(block);
  }
  const held = global('allocatedBytes');
  for (const full of [0, 1]) {
    assert.equal(call('startCollection', p.at, 100, full), 1);
    assert.equal(global('allocatedBytes'), held);
    assert.equal(p.text(), before);
    assert.equal(call('checkHeap', p.at), 0);
  }
  for (const block of taken) call('release', block);
  assert.ok(call('collectNow', p.at, 10, 1));
  call('enter', p.at);
  assert.equal(p.text(), before);
  end(p);
});

test('off-heap objects die with the collection that finds them unreachable', () => {
  const p = new FakeProcess(randomNumbers(9));
  const destroyed = global('destroyed');
  const object = call('newBinaryObject', 1000, 1000);
  p.keep(builder.term('refcBinaryOf', object, 1000));
  for (const value of [1, 10]) {
    builder.term('newMagic', value);
    p.set('LIVE', 0);
  }
  probe.view().setBigUint64(p.get('SAVED_X'), builder.term('newMagic', 100), true);
  p.set('LIVE', 1);
  call('leave');
  const references = () => probe.view().getUint32(object, true);
  assert.equal(references(), 1);
  const fragment = call('copyToFragment', p.anyTerm());
  assert.ok(call('collectNow', p.at, 0, 0));
  assert.equal(global('destroyed') - destroyed, 11);
  call('releaseMessage', fragment);
  call('enter', p.at);
  end(p);
  assert.equal(global('destroyed') - destroyed, 111);
});

test('a process that keeps growing keeps its memory in proportion', () => {
  const p = new FakeProcess(randomNumbers(10));
  let list = nil;
  builder.call('pushStack', nil);
  for (let i = 0; i < 30000; i++) {
    const top = p.get('HEAP_END') - 8;
    list = probe.view().getBigUint64(top, true);
    list = builder.list([builder.boxed([1n << 6n, nil])], list);
    probe.view().setBigUint64(top, list, true);
    if (p.get('FRAGMENTS')) {
      call('leave');
      assert.ok(call('collectNow', p.at, 4, 0));
      call('enter', p.at);
    }
  }
  const live = 4 * 30000;
  const total = Number(builder.call('totalHeapWords', p.at) as bigint);
  assert.ok(total < 3 * live, `${total} words for ${live}`);
  assert.ok(p.get('GC_TOTAL_MINOR') < 200, `${p.get('GC_TOTAL_MINOR')} collections`);
  end(p);
});
