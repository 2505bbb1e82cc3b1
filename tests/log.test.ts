/**
 * The log in memory that a reset leaves as it is (vbeam_log): what it has after a reset, crash
 * reports with file and line of Erlang and V, and that nothing found there keeps the system from
 * booting. tests/watchdog.test.ts has it after a hang.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { bootKinds } from '../image/boot_file.ts';
import { prepareProgram } from '../image/program.ts';
import { type PcResult, runPc } from '../machine/pc.ts';
import { keptMemory } from '../tables/memory_map.ts';
import { buildVm } from '../tools/build_vm.ts';
import { noQemu, root, vbeam } from './command_line.ts';

const slow = { timeout: 900_000 };
const source = join(root, 'tests', 'programs', 'log_reboot.erl');
/** The line of the program that fails. */
const failing =
  readFileSync(source, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('1 + length(Term)')) + 1;
const hosts = [
  { command: 'run', skip: false },
  { command: 'qemu', skip: noQemu() },
] as const;

describe('after a reset the log has what the life before said', { concurrency: 2 }, () => {
  for (const { command, skip } of hosts)
    test(`vbeam ${command}`, { ...slow, skip }, async () => {
      const { stdout, stderr, status } = await vbeam([command, source]);
      assert.equal(status, 7, stderr + stdout);
      const text = stdout.replaceAll('\r', '');
      const log = text.slice(text.indexOf('--- the life before'));
      const [before = '', now = ''] = log.split('--- this life\n');
      assert.match(before, /crasher:\n +initial call: log_reboot:crash\/1/);
      assert.match(before, new RegExp(`log_reboot\\.erl, line ${failing}\\)`));
      assert.match(before, /last words\n/);
      assert.doesNotMatch(before, /damaged|second life/);
      assert.match(now, /first words of the second life\n/);
      assert.doesNotMatch(now, /crasher|last words/);
    });
});

/** Run a program on the simulated PC, with what its kept memory holds in the beginning. */
async function simulate(
  path: string,
  kept?: Uint8Array,
): Promise<{ text: string; result: PcResult }> {
  const program = await prepareProgram(path, buildDir);
  const { wasm } = await buildVm({ level: 1 });
  let text = '';
  const result = runPc({
    wasm: new WebAssembly.Module(new Uint8Array(wasm)),
    archive: await buildBootArchive(bootKinds(new Map(), program), program),
    memoryBytes: 1 << 27,
    seed: 1n,
    onSerial: (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    },
    ...(kept ? { keptMemory: kept } : {}),
  });
  return { text: text.replaceAll('\r', ''), result };
}
const show = join(root, 'tests', 'programs', 'log_show.erl');

test(
  'a panic of a V program is there with file and line; damage costs one record',
  slow,
  async () => {
    const { result: first } = await simulate(join(root, 'tests', 'programs', 'log_panic.v'));
    const kept = Buffer.from(first.keptMemory);
    const report = kept.toString('latin1');
    assert.match(report, /log_panic\.v, line 6\)/);

    const whole = await simulate(show, kept);
    assert.equal(whole.result.status, 0, whole.text);
    assert.match(whole.text, /--- the life before\n[\s\S]*log_panic\.v[\s\S]*--- this life\n/);
    const [, lines = ''] = /life 2, damaged 0, lines (\d+)/.exec(whole.text) ?? [];

    // A bit in the text of the first record.
    kept.writeUInt8(kept.readUInt8(40) ^ 1, 40);
    const damaged = await simulate(show, kept);
    assert.equal(damaged.result.status, 0, damaged.text);
    assert.match(damaged.text, new RegExp(`life 2, damaged 1, lines ${Number(lines) - 1}`));
  },
);

test('whatever is found in that memory, the system boots and logs', slow, async () => {
  const noise = randomBytes(keptMemory.bytes);
  // Beginnings of records with lengths of all kinds.
  for (let at = 0; at < noise.length; at += 512) noise.writeUInt32LE(0x564c_4f47, at);
  const { text, result } = await simulate(show, noise);
  assert.equal(result.status, 0, text);
  assert.match(text, /--- 128 damaged\n--- this life\nwritten in this life\n/);
  assert.match(text, /life 1, damaged 128, lines 1/);
});
