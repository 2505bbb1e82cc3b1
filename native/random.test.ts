/**
 * Random modules made by Binaryen's `wasm-opt --translate-to-fuzz` from seeded bytes, run natively
 * and by V8: the same results, traps, calls of imports in the same order, and the same memory
 * afterwards. VBEAM_FUZZ_SEED sets the first seed and VBEAM_FUZZ_MODULES how many modules, for
 * longer runs.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exportMemory } from './testing/export_memory.ts';
import { type Command, NativeProgram, type Outcome } from './testing/native_program.ts';
import { Rng } from './testing/random.ts';
import { noInstance, V8Program } from './testing/v8_program.ts';
import { decodeModule, type ValueType } from './wasm_module.ts';

const run = promisify(execFile);
const wasmOpt = fileURLToPath(new URL('../node_modules/binaryen/bin/wasm-opt', import.meta.url));

/** NaNs become 0 where they arise: their bits are open, and could reach memory or branches. */
const flags = [
  '-mvp',
  '--enable-bulk-memory',
  '--enable-bulk-memory-opt',
  '--enable-sign-ext',
].concat(['--enable-mutable-globals', '--enable-nontrapping-float-to-int', '--denan']);

const inputBytes = 30_000;

async function randomModule(seed: number, dir: string): Promise<Uint8Array> {
  const random = new Rng(seed);
  const input = join(dir, `${seed}.bytes`);
  const output = join(dir, `${seed}.wasm`);
  writeFileSync(
    input,
    Uint8Array.from({ length: inputBytes }, () => random.below(256)),
  );
  const level = ['-O0', '-O1', '-O2', '-O3'][seed % 4] as string;
  await run(process.execPath, [wasmOpt, '-ttf', input, '-o', output, ...flags, level]);
  return exportMemory(readFileSync(output));
}

const interesting = [0n, 1n, 2n, 100n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn];

function argument(type: ValueType, random: Rng): bigint {
  const small = interesting[random.below(interesting.length)] as bigint;
  if (type === 'i') return small;
  if (type === 'l') return BigInt.asUintN(64, small * 0x1_0000_0001n);
  // Ordinary numbers: JavaScript would change a signalling NaN on its way in.
  return type === 'f'
    ? ([0n, 0x3fc0_0000n, 0xc49a_5000n][random.below(3)] as bigint)
    : ([0n, 0x3ff8_0000_0000_0000n, 0xc093_4a45_6d5c_faadn][random.below(3)] as bigint);
}

function commandsFor(wasm: Uint8Array, module: number, seed: number): Command[] {
  const random = new Rng(seed ^ 0x5eed);
  const decoded = decodeModule(wasm);
  const commands: Command[] = [{ kind: 'instantiate', module }];
  for (const { kind, name, index } of decoded.exports) {
    const type = decoded.functions[index]?.type;
    if (kind !== 'function' || type === undefined) continue;
    for (let i = 0; i < 3; i++) {
      commands.push({
        kind: 'call',
        module,
        name,
        args: type.params.map((p) => argument(p, random)),
      });
    }
  }
  if (decoded.memory !== null) commands.push({ kind: 'memory', module });
  return commands;
}

test('random modules do natively what they do in V8', { timeout: 600_000 }, async () => {
  const firstSeed = Number(process.env.VBEAM_FUZZ_SEED ?? 1);
  const count = Number(process.env.VBEAM_FUZZ_MODULES ?? 4);
  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
  const dir = mkdtempSync(join(tmpdir(), 'vbeam-fuzz-'));
  const wasms: Uint8Array[] = [];
  try {
    for (let i = 0; i < seeds.length; i += 2) {
      wasms.push(
        ...(await Promise.all(seeds.slice(i, i + 2).map((seed) => randomModule(seed, dir)))),
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const native = await NativeProgram.build(wasms, {
    dispatch: 'threaded',
    everyAccess: true,
    optimise: 2,
  });
  try {
    const commands = wasms.flatMap((wasm, i) => commandsFor(wasm, i, seeds[i] as number));
    const expected = new V8Program(wasms).run(commands);
    const actual = native.run(commands);
    const givenUp = new Set<number>();
    commands.forEach((command, i) => {
      // How deep recursion may go is nobody's business, but it changes what the module does next.
      const results = [expected[i]?.result, actual[i]?.result];
      if (results.includes('trap: stack')) givenUp.add(command.module);
      if (results.includes(noInstance) || givenUp.has(command.module)) return;
      const what = JSON.stringify(command, (_, v) =>
        typeof v === 'bigint' ? `0x${v.toString(16)}` : v,
      );
      assert.deepEqual(
        normal(actual[i]),
        normal(expected[i]),
        `seed ${seeds[command.module]}: ${what}`,
      );
    });
    const calls = commands.filter((c) => c.kind === 'call').length;
    assert.ok(givenUp.size < count / 2, `${givenUp.size} modules overflow the stack`);
    assert.ok(calls > 20 * count, `${calls} calls`);
  } finally {
    native.dispose();
  }
});

/**
 * V8 has one message for the two reasons why a conversion fails, and JavaScript hides the bits of a
 * NaN.
 */
function normal(outcome: Outcome | undefined) {
  const result = outcome?.result
    .replace(/^trap: (overflow|conversion)$/, 'trap: conversion or overflow')
    .replace(/^nan .*/, 'nan');
  return { result, log: outcome?.log };
}
