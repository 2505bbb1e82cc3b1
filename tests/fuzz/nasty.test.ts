/**
 * Modules that no compiler makes and that the verifier takes, because each of their instructions is
 * safe on its own: whatever they do to themselves, the VM and the other processes go on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeTar } from '../../image/tar.ts';
import { assemble } from '../vm/loader_assembler.ts';
import { campaignFiles } from './campaign.ts';
import { runInNode } from './node_runs.ts';

interface Row {
  readonly name: string;
  readonly code: readonly string[];
  /** Code of a second function, g/1, whose entry is label f11. */
  readonly other?: readonly string[];
}

/** Something that is no function, tuple, list, map, binary or context. */
const odd = 'move i7 x0';
/** What x0 holds is caught and looked at as a stack trace. */
const raiseWith = (...make: string[]): string[] => [
  'allocate u1 u0',
  'try y0 f3',
  ...make,
  'move why x1',
  'raise x0 x1',
  'label u3',
  'try_case y0',
  'move x2 x0',
  'build_stacktrace',
  'deallocate u1',
  'return',
];

/** erlang:garbage_collect(self(), [{type,minor}]) with y1 at hand. */
const smallCollection = [
  'put_tuple2 x0 [type,minor]',
  'put_list x0 nil y1',
  'call_ext u0 erlang:self/0',
  'move y1 x1',
  'call_ext u2 erlang:garbage_collect/2',
];

const rows: readonly Row[] = [
  { name: 'raise with a number as stack trace', code: raiseWith('move i5 x0') },
  { name: 'raise with {} as stack trace', code: raiseWith('put_tuple2 x0 []') },
  { name: 'raise with {a}', code: raiseWith('put_tuple2 x0 [a]') },
  { name: 'raise with {a,[]}', code: raiseWith('put_tuple2 x0 [a,nil]') },
  { name: 'raise with {a,b}', code: raiseWith('put_tuple2 x0 [a,b]') },
  { name: 'raise with {a,b,c}', code: raiseWith('put_tuple2 x0 [a,b,c]') },
  { name: 'raise with {a,i1,nil,i77}', code: raiseWith('put_tuple2 x0 [a,i1,nil,i77]') },
  {
    name: 'raise with an instruction-like trace',
    code: raiseWith('put_tuple2 x1 [a,b]', 'put_tuple2 x0 [error,x1,nil,i-5,i16777216]'),
  },
  {
    name: 'raw_raise with odd registers',
    code: ['move i1 x0', 'move i2 x1', 'move i3 x2', 'raw_raise', 'return'],
  },
  {
    name: 'raw_raise of an error without trace',
    code: ['move error x0', 'move i2 x1', 'move nil x2', 'raw_raise', 'return'],
  },
  {
    name: 'build_stacktrace of a tuple',
    code: ['put_tuple2 x0 [throw]', 'build_stacktrace', 'return'],
  },
  {
    name: 'remove_message without a message',
    code: ['remove_message', 'remove_message', 'move ok x0', 'return'],
  },
  { name: 'timeout without a timer', code: ['timeout', 'move ok x0', 'return'] },
  {
    name: 'loop_rec_end without a message',
    code: ['label u3', 'loop_rec f4 x0', 'loop_rec_end f3', 'label u4', 'loop_rec_end f3'],
  },
  {
    name: 'waiting for a register that is gone',
    code: ['move i1 x0', 'label u3', 'wait_timeout f3 x0', 'timeout', 'move ok x0', 'return'],
  },
  { name: 'waiting for ever in a loop of its own', code: ['label u3', 'wait f3'] },
  { name: 'an element of a number', code: [odd, 'get_tuple_element x0 u3 x0', 'return'] },
  {
    name: 'element 16,777,214 of a small tuple',
    code: ['put_tuple2 x0 [a]', 'get_tuple_element x0 u16777214 x0', 'return'],
  },
  { name: 'the head of a number', code: [odd, 'get_hd x0 x0', 'return'] },
  { name: 'the arity of a number', code: [odd, 'test_arity f1 x0 u1', 'return'] },
  {
    name: 'a number as map',
    code: [odd, 'get_map_elements f3 x0 [a,x1]', 'return', 'label u3', 'return'],
  },
  { name: 'fields of a number', code: [odd, 'has_map_fields f3 x0 [a]', 'label u3', 'return'] },
  { name: 'a map made from a number', code: [odd, 'put_map_assoc f0 x0 x0 u1 [a,b]', 'return'] },
  {
    name: 'a record made from a number',
    code: [odd, 'update_record reuse u3 x0 x0 [i2,b]', 'return'],
  },
  {
    name: 'a record of another size',
    code: ['put_tuple2 x0 [a,b]', 'update_record copy u3 x0 x0 [i3,b]', 'return'],
  },
  { name: 'an element set in a number', code: [odd, 'set_tuple_element ok x0 u0', 'return'] },
  { name: 'a float from a number', code: [odd, 'fmove x0 fr0', 'fmove fr0 x0', 'return'] },
  {
    name: 'a context from a number',
    code: [odd, 'bs_start_match4 no_fail u1 x0 x1', 'bs_get_tail x1 x0 u2', 'return'],
  },
  { name: 'the tail of a number', code: [odd, 'bs_get_tail x0 x0 u1', 'return'] },
  {
    name: 'a field of a number',
    code: [odd, 'bs_get_integer2 f3 x0 u1 i8 u1 u0 x1', 'return', 'label u3', 'return'],
  },
  {
    name: 'a position of a number',
    code: [odd, 'bs_get_position x0 x1 u1', 'bs_set_position x0 x1', 'return'],
  },
  {
    name: 'a position far away',
    code: [
      'bs_init2 f0 u8 u0 u0 u0 x0',
      'bs_start_match3 f3 x0 u1 x1',
      'move i1000000 x2',
      'bs_set_position x1 x2',
      'bs_get_tail x1 x0 u2',
      'return',
      'label u3',
      'return',
    ],
  },
  {
    name: 'building without a binary',
    code: [
      'bs_put_integer f0 i8 u1 u0 i65',
      'bs_put_binary f0 all u8 u0 i3',
      'move ok x0',
      'return',
    ],
  },
  {
    name: 'a binary of unset bytes, overfilled',
    code: [
      'bs_init2 f0 u1 u0 u0 u0 x0',
      'bs_put_integer f0 i8 u1 u0 i65',
      'bs_put_integer f0 i64 u1 u0 i65',
      'return',
    ],
  },
  {
    name: 'an append to a number',
    code: [odd, 'bs_append f0 i8 u0 u1 u1 x0 u0 x0', 'bs_put_integer f0 i8 u1 u0 i65', 'return'],
  },
  {
    name: 'an append in place to a number',
    code: [odd, 'bs_private_append f0 i8 u1 x0 u0 x0', 'return'],
  },
  { name: 'bs_init_writable of a list', code: ['move nil x0', 'bs_init_writable', 'return'] },
  { name: 'a gigantic binary', code: ['bs_init2 f0 i4294967295 u0 u0 u0 x0', 'return'] },
  {
    name: 'calling a number',
    code: ['allocate u0 u0', odd, 'call_fun u0', 'deallocate u0', 'return'],
  },
  {
    name: 'applying numbers',
    code: ['allocate u0 u0', 'move i1 x0', 'move i2 x1', 'apply u0', 'deallocate u0', 'return'],
  },
  { name: 'sending to nobody', code: ['move nobody x0', 'move hello x1', 'send', 'return'] },
  {
    name: 'recursion without end',
    code: ['move nil x0', 'call_only u1 f11'],
    other: ['allocate u9 u1', 'call u1 f11', 'deallocate u9', 'return'],
  },
  {
    name: 'a list without end',
    code: ['move nil x0', 'call_only u1 f11'],
    other: ['test_heap u2 u1', 'put_list x0 x0 x0', 'call_only u1 f11'],
  },
  {
    name: 'allocation without end',
    code: ['move nil x0', 'call_only u1 f11'],
    other: ['test_heap u4000000 u1', 'put_list x0 nil x0', 'call_only u1 f11'],
  },
  {
    name: 'a catch in every frame',
    code: ['move nil x0', 'call_only u1 f11'],
    other: [
      'allocate u1 u1',
      'catch y0 f12',
      'call u1 f11',
      'label u12',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
  },
  {
    name: 'a match context as a term',
    code: [
      'allocate u2 u0',
      'init_yregs [y0,y1]',
      'bs_init2 f0 u100 u0 u0 u0 x0',
      ...Array.from({ length: 25 }, () => 'bs_put_integer f0 i32 u1 u0 i65'),
      'bs_start_match4 no_fail u1 x0 x0',
      'move x0 y0',
      ...[
        'erlang:display/1',
        'erlang:term_to_binary/1',
        'erlang:phash2/1',
        'erlang:external_size/1',
        'erts_debug:flat_size/1',
        'erlang:list_to_tuple/1',
      ].flatMap((bif) => ['move y0 x0', 'put_list x0 nil x0', `call_ext u1 ${bif}`]),
      ...['==/2', '</2', '=:=/2', '++/2'].flatMap((bif) => [
        'move y0 x0',
        'move y0 x1',
        'put_list x1 nil x1',
        'put_list x0 nil x0',
        `call_ext u2 erlang:${bif}`,
      ]),
      'call_ext u0 erlang:self/0',
      'move y0 x1',
      'put_tuple2 x1 [x1,x1,a]',
      'send',
      'call_ext u0 erlang:self/0',
      'move y0 x1',
      'send',
      'move y0 x1',
      'move a x0',
      'call_ext u2 erlang:put/2',
      'call_ext u0 maps:new/0',
      'move y0 x1',
      'put_map_assoc f0 x0 x1 u2 [x1,x1]',
      'move x1 y1',
      'call_ext u0 erlang:garbage_collect/0',
      'move y1 x0',
      'call_ext u1 erlang:term_to_binary/1',
      'move y0 x0',
      'deallocate u2',
      'return',
    ],
  },
  {
    name: 'a match context in a guard and in arithmetic',
    code: [
      'bs_init2 f0 u1 u0 u0 u0 x0',
      'bs_put_integer f0 i8 u1 u0 i65',
      'bs_start_match4 no_fail u1 x0 x1',
      'is_binary f3 x1',
      'label u3',
      'is_bitstr f4 x1',
      'label u4',
      'gc_bif1 f5 u2 erlang:byte_size/1 x1 x2',
      'label u5',
      'gc_bif2 f6 u2 erlang:+/2 x1 x1 x2',
      'label u6',
      'is_function f7 x1',
      'label u7',
      'bs_get_tail x1 x0 u2',
      'return',
    ],
  },
  {
    name: 'fields of a map that are asked for twice, or not at all',
    code: [
      'allocate u0 u0',
      'call_ext u0 maps:new/0',
      'deallocate u0',
      'move a x1',
      'put_map_assoc f0 x0 x0 u2 [x1,x1,b,x1]',
      'has_map_fields f3 x0 [a,a]',
      'get_map_elements f3 x0 [a,x2,a,x3]',
      'has_map_fields f3 x0 []',
      'get_map_elements f3 x0 []',
      'put_map_exact f0 x0 x0 u1 []',
      'return',
      'label u3',
      'return',
    ],
  },
  {
    name: 'floats that nobody set',
    code: ['fadd f0 fr0 fr9 fr1', 'fmul f0 fr1 fr1 fr1', 'fmove fr1 x0', 'return'],
  },
  {
    name: 'an element set in a tuple that has survived collections',
    code: [
      'allocate u2 u0',
      'init_yregs [y0,y1]',
      'put_tuple2 y0 [a,b]',
      'call_ext u0 erlang:garbage_collect/0',
      'call_ext u0 erlang:garbage_collect/0',
      'move y0 x1',
      'move i7 x0',
      'put_list x0 nil x2',
      'set_tuple_element x2 x1 u1',
      'call_ext u0 erlang:make_ref/0',
      'call_ext u0 erlang:garbage_collect/0',
      'move y0 x0',
      'call_ext u1 erlang:term_to_binary/1',
      'move y0 x0',
      'deallocate u2',
      'return',
    ],
  },
  {
    name: 'an element set in a tuple that has survived a small collection',
    code: [
      'allocate u2 u0',
      'init_yregs [y0,y1]',
      'put_tuple2 y0 [a,b]',
      ...smallCollection,
      'move i7 x0',
      'put_list x0 nil x2',
      'move y0 x1',
      'set_tuple_element x2 x1 u1',
      ...smallCollection,
      'move y0 x0',
      'deallocate u2',
      'return',
    ],
  },
  {
    name: 'a return out of the middle of a receive',
    code: [
      'allocate u1 u0',
      'init_yregs [y0]',
      'call_ext u0 erlang:self/0',
      'move hello x1',
      'send',
      'label u3',
      'loop_rec f4 x0',
      'move x0 y0',
      'call_ext u0 erlang:garbage_collect/0',
      'move y0 x0',
      'deallocate u1',
      'return',
      'label u4',
      'wait f3',
    ],
  },
  {
    name: 'more terms than the heap was asked for',
    code: [
      'test_heap u2 u0',
      'move nil x0',
      ...Array.from({ length: 200 }, () => 'put_list x0 x0 x0'),
      'put_tuple2 x0 [x0,x0,x0,x0]',
      'return',
    ],
  },
  {
    name: 'receive markers of numbers',
    code: [
      'recv_marker_reserve x0',
      'recv_marker_bind x0 x0',
      'recv_marker_use x0',
      'recv_marker_clear x0',
      'return',
    ],
  },
];

const files = campaignFiles();

for (const { name, code, other } of rows)
  test(`${name} does the VM no harm`, async () => {
    const functions = [{ name: 'run', arity: 0, code }];
    if (other) functions.push({ name: 'g', arity: 1, code: other });
    const { outcomes, harm } = await runInNode(
      writeTar([
        { path: 'boot', bytes: Buffer.from('fuzz_host run\n') },
        ...files.filter(({ path }) => path.endsWith('.beam')),
        { path: 'victim', bytes: assemble(functions, 'victim') },
      ]),
    );
    assert.equal(harm, null);
    assert.match(outcomes, /^[dk]$/, 'it should have been run');
  });
