/**
 * Every instruction that is a row with operands is run natively and by V8 on all combinations of
 * edge values, and the result bits and traps must be the same. The rows come from the table, so a
 * new row is tested without a new test.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import wabtInit from 'wabt';
import { wasmMemoryTypeBytes } from '../tables/wasm_opcodes.ts';
import { type Command, NativeProgram } from './testing/native_program.ts';
import { V8Program } from './testing/v8_program.ts';
import type { ValueType } from './wasm_module.ts';
import { type WasmOpcode, wasmOpcodes } from './wasm_opcode.ts';

const wabt = await wabtInit();

const edges: Readonly<Record<ValueType, readonly bigint[]>> = {
  i: [
    0n,
    1n,
    2n,
    7n,
    31n,
    32n,
    33n,
    0x7fn,
    0x80n,
    0x7fffn,
    0x8000n,
    0x1234_5678n,
    0x7fff_ffffn,
  ].concat([0x8000_0000n, 0x8000_0001n, 0xffff_fffen, 0xffff_ffffn]),
  l: [0n, 1n, 5n, 63n, 64n, 0x80n, 0x8000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn]
    .concat([
      0x1_0000_0000n,
      0x0123_4567_89ab_cdefn,
      0x0020_0000_0000_0001n,
      0x8000_0080_0000_0001n,
    ])
    .concat([0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn]),
  f: [0x0000_0000n, 0x8000_0000n, 0x0000_0001n, 0x8000_0001n, 0x3f00_0000n, 0xbf00_0000n]
    .concat([0x3f80_0000n, 0xbf80_0000n, 0x3fc0_0000n, 0xbf7f_ffffn, 0x4020_0000n, 0xc060_0000n])
    .concat([0x4aff_ffffn, 0x4b00_0001n, 0x4eff_ffffn, 0x4f00_0000n, 0xcf00_0000n, 0xcf00_0001n])
    .concat([0x4f7f_ffffn, 0x4f80_0000n, 0x5eff_ffffn, 0x5f00_0000n, 0xdf00_0000n, 0x5f7f_ffffn])
    .concat([0x5f80_0000n, 0x7f7f_ffffn, 0x7f80_0000n, 0xff80_0000n, 0x7fc0_0000n, 0xffc0_1234n]),
  d: [0n, 0x8000_0000_0000_0000n, 1n, 0x8000_0000_0000_0001n, 0x3fe0_0000_0000_0000n]
    .concat([0xbfe0_0000_0000_0000n, 0x3ff0_0000_0000_0000n, 0xbff0_0000_0000_0000n])
    .concat([0xbfef_ffff_ffff_ffffn, 0x4004_0000_0000_0000n, 0xc00c_0000_0000_0000n])
    .concat([0x3fdf_ffff_ffff_ffffn, 0x432f_ffff_ffff_ffffn, 0x4330_0000_0000_0001n])
    .concat([0x41df_ffff_ffc0_0000n, 0x41e0_0000_0000_0000n, 0x41df_ffff_fff0_0000n])
    .concat([0xc1e0_0000_0000_0000n, 0xc1e0_0000_0020_0000n, 0xc1e0_0000_0010_0000n])
    .concat([0x41ef_ffff_fff0_0000n, 0x41f0_0000_0000_0000n, 0x43e0_0000_0000_0000n])
    .concat([0xc3e0_0000_0000_0000n, 0xc3e0_0000_0000_0001n, 0x43ef_ffff_ffff_ffffn])
    .concat([0x43f0_0000_0000_0000n, 0x7fef_ffff_ffff_ffffn, 0x47ef_ffff_e000_0000n])
    .concat([0x36a0_0000_0000_0000n, 0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n])
    .concat([0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_1234n]),
};

/** Bytes of memory that the edge addresses of loads and stores fall into and beyond. */
const addresses = [
  0n,
  1n,
  3n,
  8n,
  0xfff8n,
  0xfffcn,
  0xffffn,
  0x1_0000n,
  0x8000_0000n,
  0xffff_fffen,
];
const offsets = [0, 5, 0xffff_ffff];

const typeNames: Readonly<Record<ValueType, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64' };
const integerOf: Readonly<Record<ValueType, ValueType>> = { i: 'i', l: 'l', f: 'i', d: 'l' };

/** Operands and results travel as integers, because JavaScript may change the bits of a NaN. */
function fromBits(type: ValueType, wat: string): string {
  if (type === 'f') return `(f32.reinterpret_i32 ${wat})`;
  return type === 'd' ? `(f64.reinterpret_i64 ${wat})` : wat;
}

function toBits(type: ValueType, wat: string): string {
  if (type === 'f') return `(i32.reinterpret_f32 ${wat})`;
  return type === 'd' ? `(i64.reinterpret_f64 ${wat})` : wat;
}

function hasAtomicAccess(opcode: WasmOpcode): boolean {
  return opcode.immediate === 'access' && opcode.kind === 'ordered';
}

const rows = [...wasmOpcodes.values()].filter((row) => row.kind !== 'special');
const numeric = rows.filter((row) => row.immediate === 'none');
const accesses = rows.filter((row) => row.immediate === 'access');
const bulk = rows.filter(
  (row) => row.immediate.startsWith('memory') || row.immediate === 'zeroByte',
);

function functionText(name: string, opcode: WasmOpcode, immediate: string): string {
  const params = opcode.params.map((type) => ` (param ${typeNames[integerOf[type]]})`).join('');
  const operands = opcode.params.map((type, i) => fromBits(type, `(local.get ${i})`)).join(' ');
  const result = opcode.results[0];
  const body = `(${opcode.name} ${immediate} ${operands})`;
  if (result === undefined) return `(func (export "${name}")${params} ${body})`;
  const resultType = typeNames[integerOf[result]];
  return `(func (export "${name}")${params} (result ${resultType}) ${toBits(result, body)})`;
}

interface Case {
  readonly name: string;
  readonly opcode: WasmOpcode;
  readonly immediate: string;
}

const cases: Case[] = [
  ...[...numeric, ...bulk].map((opcode) => ({ name: opcode.name, opcode, immediate: '' })),
  ...accesses.flatMap((opcode) =>
    offsets.map((offset) => ({
      name: `${opcode.name} offset=${offset}`,
      opcode,
      immediate: `offset=${offset}`,
    })),
  ),
];

function moduleText(): string {
  const bytes = Array.from(
    { length: 128 },
    (_, i) => `\\${((i * 37 + 11) & 255).toString(16).padStart(2, '0')}`,
  );
  return `(module (memory (export "memory") 1 3)
    (data (i32.const 0) "${bytes.join('')}") (data (i32.const 65472) "${bytes.slice(0, 64).join('')}")
    ${cases.map(({ name, opcode, immediate }) => functionText(name, opcode, immediate)).join('\n')})`;
}

function combinations(lists: readonly (readonly bigint[])[]): bigint[][] {
  return lists.reduce<bigint[][]>(
    (rest, list) => rest.flatMap((head) => list.map((value) => [...head, value])),
    [[]],
  );
}

function argumentsOf({ opcode }: Case): bigint[][] {
  const lists = opcode.params.map((type, i) => {
    if (opcode.immediate === 'access' && i === 0) return addresses;
    if (opcode.immediate !== 'none') return edges[type].filter((_, k) => k % 3 === 0);
    return edges[type];
  });
  // V8 (Node 20) compares only the low bits of a narrow cmpxchg's expected value; the proposal
  // compares all of them.
  const narrow = /rmw(\d+)\.cmpxchg/.exec(opcode.name)?.[1];
  if (narrow) lists[1] = (lists[1] ?? []).filter((value) => value < 1n << BigInt(narrow));
  if (opcode.name === 'memory.grow') return [[0n], [1n], [2n], [1n], [0xffff_ffffn]];
  if (opcode.immediate === 'memory' || opcode.immediate === 'memoryMemory') {
    return combinations(opcode.params.map(() => [0n, 1n, 60n, 65530n, 65536n, 0xffff_fff0n]));
  }
  return combinations(lists);
}

const wasm = (() => {
  const features = {
    threads: true,
    bulk_memory: true,
    sign_extension: true,
    sat_float_to_int: true,
  };
  const parsed = wabt.parseWat('operators.wat', moduleText(), features);
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
})();

let native: NativeProgram;

before(async () => {
  native = await NativeProgram.build([wasm], {
    dispatch: 'threaded',
    everyAccess: true,
    optimise: 2,
  });
});

after(() => native?.dispose());

test('every row of the table has a case', () => {
  const special = [...wasmOpcodes.values()].filter((row) => row.kind === 'special');
  assert.equal(numeric.length + accesses.length + bulk.length + special.length, wasmOpcodes.size);
  for (const row of rows) {
    if (row.kind !== 'load' && row.kind !== 'store') continue;
    assert.ok(wasmMemoryTypeBytes[row.c], `${row.name} names a known type in memory`);
  }
  assert.ok(accesses.some(hasAtomicAccess));
});

test('every operator gives on all edge values what V8 gives', () => {
  const commands: Command[] = [{ kind: 'instantiate', module: 0 }];
  for (const item of cases) {
    for (const args of argumentsOf(item)) {
      commands.push({ kind: 'call', module: 0, name: item.name, args });
    }
    if (item.opcode.immediate !== 'none') commands.push({ kind: 'memory', module: 0 });
  }
  const expected = new V8Program([wasm]).run(commands);
  const actual = native.run(commands);
  const arithmetic = new Map(cases.map((item) => [item.name, item.opcode.results[0]]));
  let trapped = 0;
  commands.forEach((command, i) => {
    const name = command.kind === 'call' ? command.name : command.kind;
    const text = `${name}(${command.kind === 'call' ? command.args.map((a) => `0x${a.toString(16)}`) : ''})`;
    const left = comparable(actual[i]?.result ?? '', arithmetic.get(name), name.includes('atomic'));
    const right = comparable(
      expected[i]?.result ?? '',
      arithmetic.get(name),
      name.includes('atomic'),
    );
    assert.equal(left, right, text);
    if (right.startsWith('trap')) trapped++;
  });
  assert.ok(
    commands.length > 10_000 && trapped > 500,
    `${commands.length} calls, ${trapped} traps`,
  );
});

/**
 * A NaN's payload is open, but it must be quiet; V8 has one message for both kinds of failing
 * conversion, and checks an atomic's alignment before its range, which a page fault cannot.
 */
function comparable(result: string, type: ValueType | undefined, atomic: boolean): string {
  if (atomic && /trap: (memory|unaligned)/.test(result)) return 'trap: memory or unaligned';
  if (result === 'trap: overflow' || result === 'trap: conversion')
    return 'trap: conversion or overflow';
  if (type !== 'f' && type !== 'd') return result;
  if (result.startsWith('trap')) return result;
  const bits = BigInt(`0x${result}`);
  const [exponent, quiet] =
    type === 'f' ? [0x7f80_0000n, 0x0040_0000n] : [0x7ff0n << 48n, 0x0008n << 48n];
  const isNan = (bits & exponent) === exponent && (bits & (quiet * 2n - 1n)) !== 0n;
  return isNan ? `nan ${(bits & quiet) !== 0n ? 'quiet' : 'signalling'}` : result;
}
