/**
 * The verifier, rule by rule: code that breaks it is refused by a line that says how, code that
 * keeps it loads.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AssembledTables, assemble } from './loader_assembler.ts';
import { startProbe } from './loader_probe.ts';

const probe = await startProbe();
const { vm } = probe;
vm.setAcceptUnimplemented(1);

interface Row {
  readonly name: string;
  readonly arity?: number;
  readonly code: readonly string[];
  /** A second function, g/1, whose labels are from f10 on. */
  readonly other?: readonly string[];
  readonly tables?: AssembledTables;
  /** What the report says; without it the code is good. */
  readonly refused?: RegExp;
}

/** An external term: <<"text">>. */
const literal = Uint8Array.from([131, 109, 0, 0, 0, 4, ...Buffer.from('text')]);

const rows: readonly Row[] = [
  { name: 'a constant is returned', code: ['move ok x0', 'return'] },
  { name: 'an argument is returned', arity: 1, code: ['return'] },
  { name: 'an X register that was never set', code: ['return'], refused: /no value: x0/ },
  {
    name: 'an X register above the arguments',
    arity: 1,
    code: ['move x1 x0', 'return'],
    refused: /no value: x1/,
  },
  {
    name: 'a register number above all',
    code: ['move x1024 x0', 'return'],
    refused: /too large: 1024/,
  },
  {
    name: 'a slot without a frame',
    code: ['move ok y0', 'return'],
    refused: /outside the frame: y0/,
  },
  {
    name: 'a slot above the frame',
    arity: 1,
    code: ['allocate u1 u1', 'move x0 y1', 'deallocate u1', 'return'],
    refused: /outside the frame: y1/,
  },
  {
    name: 'a slot that was never set',
    code: ['allocate u1 u0', 'move y0 x0', 'deallocate u1', 'return'],
    refused: /no value: y0/,
  },
  {
    name: 'a value kept over a call',
    arity: 1,
    code: ['allocate u1 u1', 'move x0 y0', 'call u1 f2', 'move y0 x0', 'deallocate u1', 'return'],
  },
  {
    name: 'an X register over a call',
    arity: 2,
    code: ['allocate u0 u2', 'call u2 f2', 'move x1 x0', 'deallocate u0', 'return'],
    refused: /no value: x1/,
  },
  {
    name: 'a call without a frame',
    arity: 1,
    code: ['call u1 f2', 'return'],
    refused: /needs a frame/,
  },
  {
    name: 'a call without its arguments',
    code: ['allocate u0 u0', 'call u1 f2', 'deallocate u0', 'return'],
    refused: /no value: x0/,
  },
  {
    name: 'a call of another arity',
    arity: 1,
    code: ['move x0 x1', 'call_only u2 f2'],
    refused: /not the entry of a function of arity 2/,
  },
  {
    name: 'a call into the middle of a function',
    arity: 1,
    code: ['label u3', 'move x0 x0', 'label u4', 'call_only u1 f4'],
    refused: /not the entry/,
  },
  {
    name: 'a return with a frame',
    arity: 1,
    code: ['allocate u0 u1', 'return'],
    refused: /leaves a frame behind/,
  },
  {
    name: 'a tail call with a frame',
    arity: 1,
    code: ['allocate u0 u1', 'call_only u1 f2'],
    refused: /leaves a frame behind/,
  },
  {
    name: 'a frame dropped in another size',
    arity: 1,
    code: ['allocate u1 u1', 'deallocate u2', 'return'],
    refused: /another size/,
  },
  {
    name: 'a second frame',
    arity: 1,
    code: ['allocate u1 u1', 'allocate u1 u1', 'deallocate u1', 'return'],
    refused: /second frame/,
  },
  {
    name: 'a trimmed frame',
    arity: 1,
    code: ['allocate u2 u1', 'move x0 y1', 'trim u1 u1', 'move y0 x0', 'deallocate u1', 'return'],
  },
  {
    name: 'a frame trimmed too far',
    arity: 1,
    code: ['allocate u1 u1', 'trim u2 u0', 'deallocate u0', 'return'],
    refused: /does not fit the frame/,
  },
  {
    name: 'live registers that hold nothing',
    arity: 1,
    code: ['test_heap u2 u2', 'return'],
    refused: /no value: x1/,
  },
  {
    name: 'a register that did not live across a collection',
    arity: 2,
    code: ['test_heap u2 u1', 'move x1 x0', 'return'],
    refused: /no value: x1/,
  },
  {
    name: 'falling into the next function',
    arity: 1,
    code: ['move x0 x0'],
    refused: /reached from the function before/,
  },
  {
    name: 'a label that does not exist',
    arity: 1,
    code: ['is_atom f9 x0', 'return'],
    refused: /label 9/,
  },
  {
    name: 'a label above the label count',
    arity: 1,
    code: ['is_atom f900 x0', 'return'],
    refused: /label above the label count: 900/,
  },
  {
    name: 'a label defined twice',
    arity: 1,
    code: ['label u3', 'label u3', 'return'],
    refused: /label 3 is defined twice/,
  },
  {
    name: 'a loop without a call',
    arity: 1,
    code: ['label u3', 'move x0 x0', 'jump f3'],
    refused: /branches backwards to label 3/,
  },
  {
    name: 'a jump to the entry',
    arity: 1,
    code: ['jump f2'],
    refused: /branches backwards to label 2/,
  },
  { name: 'a branch to func_info', arity: 1, code: ['is_atom f1 x0', 'return'] },
  {
    name: 'a branch to func_info with a frame',
    arity: 1,
    code: ['allocate u0 u1', 'is_atom f1 x0', 'deallocate u0', 'return'],
    refused: /func_info with a frame/,
  },
  {
    name: 'a register that only one branch sets',
    arity: 1,
    code: ['is_atom f3 x0', 'move ok x1', 'label u3', 'move x1 x0', 'return'],
    refused: /no value: x1/,
  },
  {
    name: 'a register that both branches set',
    arity: 1,
    code: ['move no x1', 'is_atom f3 x0', 'move ok x1', 'label u3', 'move x1 x0', 'return'],
  },
  {
    name: 'branches with different frames that return',
    arity: 1,
    code: ['is_atom f3 x0', 'allocate u0 u1', 'label u3', 'return'],
    refused: /leaves a frame behind/,
  },
  {
    name: 'branches with different frames that raise',
    arity: 1,
    code: ['is_atom f3 x0', 'allocate u0 u1', 'label u3', 'badmatch x0'],
  },
  {
    name: 'a catch',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'call u1 f2',
      'label u3',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
  },
  {
    name: 'a try',
    arity: 1,
    code: [
      'allocate u1 u1',
      'try y0 f3',
      'call u1 f2',
      'try_end y0',
      'deallocate u1',
      'return',
      'label u3',
      'try_case y0',
      'deallocate u1',
      'return',
    ],
  },
  {
    name: 'a tag read as a term',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'move y0 x0',
      'label u3',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
    refused: /no value: y0/,
  },
  {
    name: 'a tag overwritten',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'move x0 y0',
      'label u3',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
    refused: /overwrites the tag/,
  },
  {
    name: 'a catch left open',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'deallocate u1',
      'return',
      'label u3',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
    refused: /leaves a catch open/,
  },
  {
    name: 'a try that is still open where its exception arrives',
    arity: 1,
    code: ['allocate u1 u1', 'try y0 f3', 'call u1 f2', 'label u3', 'move nil x1', 'badmatch x1'],
    refused: /stands where a caught exception arrives/,
  },
  {
    name: 'labels between a try and where its exception arrives',
    arity: 1,
    code: [
      'allocate u1 u1',
      'try y0 f3',
      'call u1 f2',
      'try_end y0',
      'deallocate u1',
      'return',
      'label u3',
      'label u4',
      'try_case y0',
      'deallocate u1',
      'return',
    ],
  },
  {
    name: 'exceptions that arrive with another frame than a branch',
    arity: 1,
    code: [
      'is_atom f3 x0',
      'allocate u1 u1',
      'try y0 f3',
      'call u1 f2',
      'try_end y0',
      'deallocate u1',
      'return',
      'label u3',
      'if_end',
    ],
    refused: /reached by exceptions and with another frame: 3/,
  },
  {
    name: 'a catch closed as a try',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'call u1 f2',
      'label u3',
      'try_case y0',
      'deallocate u1',
      'return',
    ],
    refused: /innermost catch/,
  },
  {
    name: 'an inner catch above an outer one',
    arity: 1,
    code: [
      'allocate u2 u1',
      'catch y0 f3',
      'catch y1 f4',
      'label u4',
      'catch_end y1',
      'label u3',
      'catch_end y0',
      'deallocate u2',
      'return',
    ],
    refused: /outside the one that is open/,
  },
  {
    name: 'catches closed in the wrong order',
    arity: 1,
    code: [
      'allocate u2 u1',
      'catch y1 f3',
      'catch y0 f4',
      'call u1 f2',
      'label u3',
      'catch_end y1',
      'label u4',
      'catch_end y0',
      'deallocate u2',
      'return',
    ],
    refused: /reached by exceptions and with another frame: 3/,
  },
  {
    name: 'the result of a catch before catch_end',
    arity: 1,
    code: [
      'allocate u1 u1',
      'catch y0 f3',
      'call u1 f2',
      'label u3',
      'move x0 x1',
      'catch_end y0',
      'deallocate u1',
      'return',
    ],
    refused: /stands where a caught exception arrives/,
  },
  {
    name: 'a slot set only after the catch was opened',
    arity: 1,
    code: [
      'allocate u2 u1',
      'catch y0 f3',
      'move x0 y1',
      'call u1 f2',
      'label u3',
      'catch_end y0',
      'move y1 x0',
      'deallocate u2',
      'return',
    ],
    refused: /no value: y1/,
  },
  {
    name: 'a receive loop',
    code: [
      'label u3',
      'loop_rec f5 x0',
      'is_atom f4 x0',
      'remove_message',
      'return',
      'label u4',
      'loop_rec_end f3',
      'label u5',
      'wait f3',
    ],
  },
  {
    name: 'an X register over a receive',
    arity: 1,
    code: ['label u3', 'loop_rec f5 x1', 'remove_message', 'return', 'label u5', 'wait f3'],
    refused: /no value: x0/,
  },
  {
    name: 'a tuple element behind its test',
    arity: 1,
    code: ['is_tuple f1 x0', 'test_arity f1 x0 u2', 'get_tuple_element x0 u1 x0', 'return'],
  },
  {
    name: 'a list cell of a constant that is none',
    code: ['get_list ok x0 x1', 'return'],
    refused: /constant of the wrong type/,
  },
  { name: 'a BIF that must be called', arity: 1, code: ['bif1 f0 erlang:exit/1 x0 x0', 'return'] },
  {
    name: 'a BIF of another arity',
    arity: 1,
    code: ['bif1 f0 erlang:self/0 x0 x0', 'return'],
    refused: /another arity/,
  },
  {
    name: 'an error that is not returned from',
    code: ['move ok x0', 'call_ext u1 erlang:error/1'],
  },
  {
    name: 'an instruction that nobody makes any more',
    code: ['move ok x0', 'm_plus f0 x0 x0 x0', 'return'],
    refused: /obsolete/,
  },
  {
    name: 'a floating-point register above all',
    code: ['fmove fr2000 x0', 'return'],
    refused: /too large: 2000/,
  },
  {
    name: 'a branch into the next function',
    code: ['move ok x0', 'is_list f12 x0', 'return'],
    other: ['label u12', 'return'],
    refused: /branch out of its function, to label 12/,
  },
  {
    name: 'a branch to the func_info of the next function',
    code: ['move ok x0', 'is_list f10 x0', 'return'],
    other: ['return'],
    refused: /func_info .* is reached from the function before it/,
  },
  {
    name: 'a branch into the function before',
    code: ['label u3', 'move ok x0', 'return'],
    other: ['is_list f3 x0', 'return'],
    refused: /branches backwards to label 3/,
  },
  {
    name: 'the last literal',
    code: ['move lit1 x0', 'return'],
    tables: { literals: [literal, literal] },
  },
  {
    name: 'a literal behind the last one',
    code: ['move lit2 x0', 'return'],
    tables: { literals: [literal, literal] },
    refused: /literal that does not exist: 2/,
  },
  { name: 'the last fun', code: ['make_fun3 u1 x0 []', 'return'], tables: { lambdas: [0, 0] } },
  {
    name: 'a fun behind the last one',
    code: ['make_fun3 u2 x0 []', 'return'],
    tables: { lambdas: [0, 0] },
    refused: /fun that does not exist/,
  },
];

for (const { name, arity = 0, code, other, tables, refused } of rows) {
  test(`${name} ${refused ? 'is refused' : 'is taken'}`, () => {
    const second = other ? [{ name: 'g', arity: 1, code: other }] : [];
    const file = assemble([{ name: 'f', arity, code }, ...second], 'test', tables);
    const instance = probe.with(file, (address, length) => vm.prepareModule(address, length));
    if (refused) {
      assert.equal(instance, 0);
      assert.match(probe.report(), refused);
      assert.match(probe.report(), /^module test: Code chunk: /);
    } else {
      assert.notEqual(instance, 0, probe.report());
      vm.discardInstance(instance);
    }
  });
}
