/** Control flow by hand: what random modules seldom or never make, natively and by V8. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabtInit from 'wabt';
import { linear, virtual } from '../tables/memory_map.ts';
import type { DispatchForm } from './function_emitter.ts';
import { emitModule } from './module_emitter.ts';
import { dispatchModule } from './testing/dispatch_module.ts';
import { type Command, NativeProgram } from './testing/native_program.ts';
import { V8Program } from './testing/v8_program.ts';
import { WasmError } from './wasm_reader.ts';

const wabt = await wabtInit();

function assemble(text: string): Uint8Array {
  const parsed = wabt.parseWat('control.wat', text, { multi_value: true, bulk_memory: true });
  try {
    return parsed.toBinary({ write_debug_names: true }).buffer;
  } finally {
    parsed.destroy();
  }
}

interface Case {
  readonly name: string;
  readonly text: string;
  readonly calls: readonly (readonly [name: string, ...args: number[]])[];
}

const cases: readonly Case[] = [
  {
    name: 'an assignment inside a block does not change an operand that waits below it',
    text: `(func (export "f") (param i32) (result i32)
      (i32.add (local.get 0) (i32.const 1))
      (block (br_if 0 (i32.eqz (local.get 0))) (local.set 0 (i32.const 100)))
      (i32.add (local.get 0)))`,
    calls: [
      ['f', 0],
      ['f', 1],
    ],
  },
  {
    name: 'local.tee under a pending read of the same local',
    text: `(func (export "f") (param i32) (result i32)
      (i32.sub (local.get 0) (local.tee 0 (i32.mul (local.get 0) (i32.const 3)))))`,
    calls: [
      ['f', 5],
      ['f', -7],
    ],
  },
  {
    name: 'a loop with params swaps them',
    text: `(func (export "f") (param $n i32) (result i32)
      (i32.const 1) (i32.const 2)
      (loop $l (param i32 i32) (result i32 i32)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (call $swap (local.get $n)) (drop)
        (local.set 1) (local.set 2) (local.get 1) (local.get 2)
        (br_if $l (local.get $n)))
      (i32.mul (i32.const 10)) (i32.add))
      (func $swap (param i32) (result i32) (local.get 0))`.replace(
      '(result i32)',
      '(result i32) (local i32 i32)',
    ),
    calls: [
      ['f', 1],
      ['f', 2],
      ['f', 5],
    ],
  },
  {
    name: 'a loop whose branch reads its own params in the other order',
    text: `(func (export "f") (param $n i32) (result i32) (local $a i32) (local $b i32)
      (i32.const 3) (i32.const 8)
      (loop $l (param i32 i32) (result i32)
        (local.set $b) (local.set $a)
        (if (i32.eqz (local.get $n)) (then (return (i32.sub (local.get $a) (local.get $b)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.get $b) (local.get $a) (br $l)))`,
    calls: [
      ['f', 0],
      ['f', 1],
      ['f', 2],
    ],
  },
  {
    name: 'br_table with a value to several labels and to the function',
    text: `(func (export "f") (param i32) (result i32)
      (block $a (result i32) (block $b (result i32)
        (br_table $a $b 2 $b (i32.mul (local.get 0) (i32.const 7)) (local.get 0)))
        (i32.add (i32.const 1000))) (i32.add (i32.const 10000)))`,
    calls: [
      ['f', 0],
      ['f', 1],
      ['f', 2],
      ['f', 3],
      ['f', -1],
    ],
  },
  {
    name: 'if with params and no else',
    text: `(func (export "f") (param i32) (result i32)
      (i32.const 7) (if (param i32) (result i32) (local.get 0) (then (i32.add (i32.const 1)))))`,
    calls: [
      ['f', 0],
      ['f', 1],
    ],
  },
  {
    name: 'unreachable code behind every kind of branch',
    text: `(func (export "f") (param i32) (result i32)
      (block $b (result i32) (br $b (i32.const 4)) (loop (br 0)) (unreachable))
      (if (result i32) (local.get 0) (then (return (i32.const 9)) (drop) (i32.const 3)) (else (i32.const 5)))
      (i32.add) (return) (i64.const 1) (drop) (i32.const 2))`,
    calls: [
      ['f', 0],
      ['f', 1],
    ],
  },
  {
    name: 'calls through the table: good, null, wrong type, out of range',
    text: `(type $t (func (param i32) (result i32))) (type $u (func (result i32)))
      (table 5 funcref) (elem (i32.const 1) $twice $seven)
      (func $twice (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
      (func $seven (result i32) (i32.const 7))
      (func (export "f") (param i32) (result i32) (call_indirect (type $t) (i32.const 21) (local.get 0)))
      (func (export "g") (param i32) (result i32) (call_indirect (type $u) (local.get 0)))`,
    calls: [...[0, 1, 2, 4, 5, -1].map((i) => ['f', i] as const), ['g', 2], ['g', 1]],
  },
  {
    name: 'passive segments, copied and dropped',
    text: `(memory (export "memory") 1) (data $d "abcdefgh") (table 4 funcref) (elem $e func $one $two)
      (type $u (func (result i32)))
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func (export "data") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
      (func (export "drop") (data.drop $d) (elem.drop $e))
      (func (export "elem") (param i32 i32 i32) (table.init $e (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (table.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "call") (param i32) (result i32) (call_indirect (type $u) (local.get 0)))`,
    calls: [
      ['data', 10, 2, 4],
      ['data', 65532, 0, 4],
      ['data', 65533, 0, 4],
      ['data', 0, 6, 3],
      ['data', 0, 8, 0],
      ['call', 1],
      ['elem', 1, 0, 2],
      ['call', 1],
      ['call', 2],
      ['copy', 2, 1, 2],
      ['call', 3],
      ['call', 2],
      ['elem', 3, 0, 2],
      ['copy', 0, 3, 2],
      ['drop'],
      ['data', 0, 0, 1],
      ['elem', 0, 0, 1],
      ['data', 0, 0, 0],
    ],
  },
  {
    name: 'globals and a start function',
    text: `(global $g (mut i64) (i64.const -5)) (global $c f32 (f32.const nan)) (global $h (mut f64) (f64.const inf))
      (start $s) (func $s (global.set $g (i64.add (global.get $g) (i64.const 2))))
      (func (export "g") (result i64) (global.get $g)) (func (export "h") (result f64) (global.get $h))
      (func (export "c") (result f32) (global.get $c))`,
    calls: [['g'], ['h'], ['c']],
  },
];

const shapes = [
  { arms: 40, tableEntries: 40, seed: 1 },
  { arms: 600, tableEntries: 4096, seed: 2 },
  // The table has fewer entries than a byte has values, and more than one byte's worth of them are
  // used.
  { arms: 120, tableEntries: 200, seed: 5, byteOpcodes: true },
  { arms: 300, tableEntries: 300, seed: 6, byteOpcodes: true },
];

const forms: readonly DispatchForm[] = ['switch', 'goto', 'threaded'];

function bits(value: number): bigint {
  return BigInt.asUintN(32, BigInt(value));
}

async function compare(
  wasms: Uint8Array[],
  commands: Command[],
  dispatch: DispatchForm,
  names: readonly string[],
) {
  const native = await NativeProgram.build(wasms, { dispatch, everyAccess: false, optimise: 2 });
  try {
    const actual = native.run(commands);
    const expected = new V8Program(wasms).run(commands);
    commands.forEach((command, i) => {
      const what = command.kind === 'call' ? `${command.name}(${command.args})` : command.kind;
      const result = actual[i]?.result.replace(/^nan .*/, 'nan');
      assert.equal(result, expected[i]?.result, `${dispatch}: ${names[command.module]}: ${what}`);
    });
  } finally {
    native.dispose();
  }
}

test('hand-written control flow gives what V8 gives', async () => {
  const wasms = cases.map(({ text }) => assemble(`(module ${text})`));
  const commands = cases.flatMap(({ calls, text }, module): Command[] => [
    { kind: 'instantiate', module },
    ...calls.map(
      ([name, ...args]): Command => ({ kind: 'call', module, name, args: args.map(bits) }),
    ),
    ...(text.includes('memory') ? [{ kind: 'memory', module } as const] : []),
  ]);
  await compare(
    wasms,
    commands,
    'threaded',
    cases.map((c) => c.name),
  );
});

test('an interpreter loop gives what V8 gives in every form of dispatch', {
  timeout: 300_000,
}, async () => {
  const wasms = shapes.map(dispatchModule);
  const commands = wasms.flatMap((_, module): Command[] => [
    { kind: 'instantiate', module },
    ...[1, 2, 1000, 200_000].map(
      (steps): Command => ({ kind: 'call', module, name: 'run', args: [65536n, bits(steps)] }),
    ),
    { kind: 'memory', module },
  ]);
  for (const form of forms)
    await compare(
      wasms,
      commands,
      form,
      shapes.map((s) => `${s.arms} arms`),
    );
});

const emitOptions = {
  memoryBase: virtual.linearMemoryLinux,
  units: 'one',
  volatileRanges: [{ start: linear.doorbell, bytes: 4 }],
} as const;

test('the dispatch of a loop is repeated at every branch to its head', () => {
  const wasm = dispatchModule({ arms: 100, tableEntries: 100, seed: 3 });
  const jumps = (dispatch: DispatchForm) =>
    emitModule(wasm, { ...emitOptions, dispatch }).units[0]?.text.match(/goto \*/g)?.length ?? 0;
  assert.deepEqual(forms.map(jumps), [0, 1, 101]);
});

test('an opcode that is a byte is not compared with the size of the table', () => {
  const compares = (byteOpcodes: boolean) => {
    const wasm = dispatchModule({ arms: 100, tableEntries: 100, seed: 3, byteOpcodes });
    const text = emitModule(wasm, { ...emitOptions, dispatch: 'threaded' }).units[0]?.text ?? '';
    return text.match(/goto \*\w+\[\w+ </g)?.length ?? 0;
  };
  assert.deepEqual([compares(false), compares(true)], [101, 0]);
});

test('the base of linear memory is no address that an index could be or-ed into', () => {
  const anIndexBit = 0x8000_0000n;
  for (const base of [virtual.linearMemory, virtual.linearMemoryLinux])
    assert.ok(base & anIndexBit);
});

test('the text grows with the module and not with its nesting', () => {
  const size = (arms: number) => {
    const wasm = dispatchModule({ arms, tableEntries: 4 * arms, seed: 4 });
    return emitModule(wasm, { ...emitOptions, dispatch: 'threaded' }).units[0]?.text.length ?? 0;
  };
  const ratio = size(4000) / size(500);
  assert.ok(ratio < 9, `8 times the arms give ${ratio} times the text`);
});

test('loads of the doorbell at constant addresses are volatile, others are not', () => {
  const at = linear.doorbell;
  const wasm = assemble(`(module (memory 1) (global $g i32 (i32.const ${at}))
    (func (export "a") (result i32) (i32.load (i32.const ${at})))
    (func (export "b") (result i32) (i32.load offset=${at} (i32.const 0)))
    (func (export "c") (result i32) (i32.load (global.get $g)))
    (func (export "d") (result i32) (i32.load (i32.const ${at + 4})))
    (func (export "e") (param i32) (result i32) (i32.load offset=${at} (local.get 0))))`);
  const text = emitModule(wasm, { ...emitOptions, dispatch: 'threaded' }).units[0]?.text ?? '';
  assert.equal(text.match(/VM_VOLATILE_AT\(/g)?.length, 3);
  assert.equal(text.match(/ VM_AT\(/g)?.length, 2);
});

const refusals: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['SIMD', '(func (drop (v128.const i64x2 0 0)))', /SIMD/],
  ['several results', '(func (result i32 i32) (i32.const 1) (i32.const 2))', /several results/],
  ['an imported global', '(import "a" "b" (global i32))', /a\.b: imported tables and globals/],
];

for (const [what, text, message] of refusals) {
  test(`${what} is refused by name`, () => {
    const features = { simd: true, multi_value: true };
    const parsed = wabt.parseWat('refused.wat', `(module ${text})`, features);
    const wasm = parsed.toBinary({}).buffer;
    parsed.destroy();
    const emit = () => emitModule(wasm, { ...emitOptions, dispatch: 'switch' });
    assert.throws(
      emit,
      (error: Error) => error instanceof WasmError && message.test(error.message),
    );
  });
}

test('every prefix of a module is refused with an error of its own, and so is every changed byte or nothing', () => {
  const wasm = assemble(`(module ${cases[8]?.text})`);
  const attempt = (bytes: Uint8Array, what: string) => {
    try {
      emitModule(bytes, { ...emitOptions, dispatch: 'threaded' });
    } catch (error) {
      assert.ok(error instanceof WasmError, `${what}: ${error}`);
    }
  };
  for (let length = 0; length < wasm.length; length++)
    attempt(wasm.slice(0, length), `prefix ${length}`);
  for (let at = 0; at < wasm.length; at++) {
    for (const change of [1, 0x10, 0x80, 0xff]) {
      const changed = wasm.slice();
      changed[at] = (changed[at] as number) ^ change;
      attempt(changed, `byte ${at} ^ ${change}`);
    }
  }
});
