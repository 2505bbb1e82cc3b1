/**
 * What the verifier knows of types: code gets a check (`i_check_*`) exactly where an instruction
 * relies on more than is known. A check too few would let code reach foreign memory, one too many
 * costs time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from './loader_assembler.ts';
import { startProbe } from './loader_probe.ts';

const probe = await startProbe();
const { vm } = probe;

interface Row {
  readonly name: string;
  readonly arity?: number;
  readonly code: readonly string[];
  /** Checks that the loader puts in. */
  readonly checks: number;
}

const pair = ['is_tuple f1 x0', 'test_arity f1 x0 u2'];
const atoms = (count: number) => new Array(count).fill('a').join(',');
/** y1 holds a pair while something is tried; in `inside` it may be changed. */
const tryWith = (inside: readonly string[]): string[] => [
  ...pair,
  'allocate u2 u1',
  'move x0 y1',
  'try y0 f3',
  ...inside,
  'try_end y0',
  'move ok x0',
  'deallocate u2',
  'return',
  'label u3',
  'try_case y0',
  'get_tuple_element y1 u1 x0',
  'deallocate u2',
  'return',
];
const caught = ['move ok x0', 'call u1 f2'];

const rows: readonly Row[] = [
  { name: 'an element of anything', code: ['get_tuple_element x0 u0 x0', 'return'], checks: 1 },
  {
    name: 'the last element of a tuple',
    code: [...pair, 'get_tuple_element x0 u1 x0', 'return'],
    checks: 0,
  },
  {
    name: 'an element behind the last one',
    code: [...pair, 'get_tuple_element x0 u2 x0', 'return'],
    checks: 1,
  },
  {
    name: 'an element far behind the last one',
    code: [...pair, 'get_tuple_element x0 u16000000 x0', 'return'],
    checks: 1,
  },
  {
    name: 'elements in ascending order: each says more',
    code: ['get_tuple_element x0 u0 x1', 'get_tuple_element x0 u1 x2', 'return'],
    checks: 2,
  },
  {
    name: 'elements in descending order: the first says all',
    code: ['get_tuple_element x0 u1 x1', 'get_tuple_element x0 u0 x2', 'return'],
    checks: 1,
  },
  {
    name: 'an element of what is_tuple has found',
    code: ['is_tuple f1 x0', 'get_tuple_element x0 u0 x0', 'return'],
    checks: 1,
  },
  {
    name: 'the last element that can be known to be there',
    code: [`put_tuple2 x0 [${atoms(300)}]`, 'get_tuple_element x0 u238 x0', 'return'],
    checks: 0,
  },
  {
    name: 'the first element that cannot',
    code: [`put_tuple2 x0 [${atoms(300)}]`, 'get_tuple_element x0 u239 x0', 'return'],
    checks: 1,
  },
  {
    name: 'an element behind the end of a tuple of which as much is known as can be',
    code: [`put_tuple2 x0 [${atoms(239)}]`, 'get_tuple_element x0 u239 x0', 'return'],
    checks: 1,
  },
  {
    name: 'a register that was written again',
    code: [...pair, 'move ok x0', 'get_tuple_element x0 u0 x0', 'return'],
    checks: 1,
  },
  {
    name: 'a copy of a register',
    code: [...pair, 'move x0 x1', 'get_tuple_element x1 u1 x0', 'return'],
    checks: 0,
  },
  { name: 'a list cell of anything', code: ['get_hd x0 x0', 'return'], checks: 1 },
  {
    name: 'a list cell that was found',
    code: ['is_nonempty_list f1 x0', 'get_list x0 x1 x2', 'return'],
    checks: 0,
  },
  { name: 'the tail of a tail', code: ['get_tl x0 x0', 'get_tl x0 x0', 'return'], checks: 2 },
  {
    name: 'a tuple is no list cell',
    code: [...pair, 'get_tl x0 x0', 'return'],
    checks: 1,
  },
  {
    name: 'a list cell is no tuple',
    code: ['is_nonempty_list f1 x0', 'get_tuple_element x0 u0 x0', 'return'],
    checks: 1,
  },
  {
    name: 'keys of anything',
    code: ['has_map_fields f1 x0 [a]', 'return'],
    checks: 1,
  },
  {
    name: 'keys of a map',
    code: ['is_map f1 x0', 'has_map_fields f1 x0 [a]', 'return'],
    checks: 0,
  },
  { name: 'a float of anything', code: ['fmove x0 fr0', 'fmove fr0 x0', 'return'], checks: 1 },
  {
    name: 'a float that was found',
    code: ['is_float f1 x0', 'fmove x0 fr0', 'fmove fr0 x0', 'return'],
    checks: 0,
  },
  {
    name: 'a tuple on both ways',
    arity: 2,
    code: [
      'is_atom f3 x1',
      'put_tuple2 x0 [a,b,c]',
      'jump f4',
      'label u3',
      'put_tuple2 x0 [a,b]',
      'label u4',
      'get_tuple_element x0 u1 x0',
      'return',
    ],
    checks: 0,
  },
  {
    name: 'a tuple that is smaller on one of two ways',
    arity: 2,
    code: [
      'is_atom f3 x1',
      'put_tuple2 x0 [a,b,c]',
      'jump f4',
      'label u3',
      'put_tuple2 x0 [a,b]',
      'label u4',
      'get_tuple_element x0 u2 x0',
      'return',
    ],
    checks: 1,
  },
  {
    name: 'a tuple on one of two ways',
    arity: 2,
    code: [
      'is_atom f3 x1',
      'put_tuple2 x0 [a]',
      'label u3',
      'get_tuple_element x0 u0 x0',
      'return',
    ],
    checks: 1,
  },
  {
    name: 'a slot of the frame over a call',
    code: [
      ...pair,
      'allocate u1 u1',
      'move x0 y0',
      'call u1 f2',
      'get_tuple_element y0 u1 x0',
      'deallocate u1',
      'return',
    ],
    checks: 0,
  },
  {
    name: 'the result of a call',
    code: [
      ...pair,
      'allocate u0 u1',
      'call u1 f2',
      'get_tuple_element x0 u1 x0',
      'deallocate u0',
      'return',
    ],
    checks: 1,
  },
  {
    name: 'slots move when the frame is trimmed',
    code: [
      ...pair,
      'allocate u2 u1',
      'move x0 y1',
      'move ok y0',
      'trim u1 u1',
      'get_tuple_element y0 u1 x0',
      'deallocate u1',
      'return',
    ],
    checks: 0,
  },
  { name: 'a slot where an exception arrives', code: tryWith(caught), checks: 0 },
  {
    name: 'a slot that changes before an exception arrives',
    code: tryWith(['move ok y1', ...caught]),
    checks: 1,
  },
  {
    name: 'a slot that changes after something was called',
    code: tryWith([...caught, 'move ok y1', ...caught]),
    checks: 1,
  },
  {
    name: 'a slot that becomes a smaller tuple before an exception arrives',
    code: tryWith(['put_tuple2 y1 [a]', ...caught]),
    checks: 1,
  },
  {
    name: 'a slot that becomes a larger tuple before an exception arrives',
    code: tryWith(['put_tuple2 y1 [a,b,c]', ...caught]),
    checks: 0,
  },
  {
    name: 'a slot that changes and is a tuple again before an exception can arrive',
    code: tryWith(['move ok y1', 'put_tuple2 y1 [a,b]', ...caught]),
    checks: 1,
  },
  {
    name: 'a slot in a receive loop',
    code: [
      ...pair,
      'allocate u1 u1',
      'move x0 y0',
      'label u3',
      'loop_rec f5 x0',
      'get_tuple_element y0 u1 x0',
      'remove_message',
      'deallocate u1',
      'return',
      'label u5',
      'wait f3',
    ],
    checks: 1,
  },
];

for (const { name, arity = 1, code, checks } of rows)
  test(`${name}: ${checks === 1 ? '1 check' : `${checks} checks`}`, () => {
    const file = assemble([{ name: 'f', arity, code }]);
    const before = vm.checksEmitted.value;
    const instance = probe.with(file, (address, length) => vm.prepareModule(address, length));
    assert.notEqual(instance, 0, probe.report());
    vm.discardInstance(instance);
    assert.equal(vm.checksEmitted.value - before, checks);
  });
