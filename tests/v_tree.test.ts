/**
 * V below the supervision tree of the simulated PC: a driver and a service that are ended and come
 * back, and programs that panic with and without `--supervised`. tests/v_tree/ has the programs.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { bootKinds } from '../image/boot_file.ts';
import { type Program, prepareProgram } from '../image/program.ts';
import { type PcOptions, runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';
import { root } from './command_line.ts';

const slow = { timeout: 900_000 };

async function onPc(
  program: Program,
  options: Partial<PcOptions> = {},
): Promise<{ status: number | null; lines: string[] }> {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module((await buildVm({ level: 1 })).wasm),
    archive: await buildBootArchive(bootKinds(new Map(), program), program),
    memoryBytes: 128 << 20,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { virtualNsMax: 120e9 },
    ...options,
  });
  const text = Buffer.concat(chunks).toString().replaceAll('\r', '');
  return { status: result.status, lines: text.split('\n') };
}

const example = (name: string): Promise<Program> =>
  prepareProgram(join(root, 'examples', name), buildDir);
const own = (lines: readonly string[], said: RegExp): string[] => lines.filter((l) => said.test(l));

test('a driver in V serves its device, is killed, and serves on', slow, async () => {
  const card = { model: 'edu', messages: 'msi', slot: 3, behindPort: false } as const;
  const { status, lines } = await onPc(await example('edu_driver.v'), { pciCards: [card] });
  assert.deepEqual(own(lines, /^edu_driver@/), [
    'edu_driver@00:03.0: 8! is 40320',
    'edu_driver@00:03.0: after its end 13! is 1932053504',
    'edu_driver@00:03.0: served 2',
  ]);
  assert.equal(status, 0);
});

test('a service in V in the tree is killed and comes back', slow, async () => {
  const { status, lines } = await onPc(await example('counter_service.v'));
  assert.deepEqual(own(lines, /^(count|after it|another)/), [
    'count: 40',
    'after it was killed: 42',
    'another process: true',
  ]);
  assert.equal(status, 0);
});

test('a panic ends a program with status 1', slow, async () => {
  const program = await prepareProgram(join(root, 'tests', 'v_tree', 'panics.v'), buildDir);
  const { status, lines } = await onPc(program);
  assert.deepEqual(own(lines, /^(life|V panic|the end)/), ['life 1', 'V panic: first']);
  assert.equal(status, 1);
});

test('a supervised program starts again after a panic in any thread', slow, async () => {
  const program = await prepareProgram(join(root, 'tests', 'v_tree', 'panics.v'), buildDir);
  const { status, lines } = await onPc({ ...program, function: 'supervised' });
  assert.deepEqual(own(lines, /^(life|V panic|the end|v\.main: )/), [
    'life 1',
    'V panic: first',
    'v.main: its supervisor starts it again',
    'life 2',
    'V panic: second',
    'v.main: its supervisor starts it again',
    'life 3',
    'the end',
  ]);
  assert.equal(status, 0);
});
