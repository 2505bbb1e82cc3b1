/**
 * `vbeam chaos` on the simulated PC: what it injects is healed, the same seed is the same run, and
 * what nothing can heal is noticed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSimulated } from '../cli/chaos/simulated.ts';
import { summary } from '../cli/chaos/summary.ts';
import { buildVm } from '../tools/build_vm.ts';

const slow = { timeout: 900_000 };

/** A build that overwrites freed memory and checks what it finds there. */
async function boot(seed: number, faults: number, only = 'all') {
  const { wasm } = await buildVm({ level: 1 });
  return runSimulated({ wasm: Buffer.from(wasm), seed, faults, only, onLine: null });
}

const replay = 'vbeam chaos';

test('150 faults of all kinds are healed', slow, async () => {
  const record = await boot(1, 150);
  const { text, ok } = summary([record], '', replay);
  assert.ok(ok, text);
  assert.equal(record.faults.length, 150);
  assert.ok(record.lines > 150, `${record.lines} lines`);
  assert.ok(new Set(record.faults.map((fault) => fault.kind)).size > 12, text);
});

test('the same seed is the same run, another one is another', slow, async () => {
  const [first, again] = [await boot(3, 12), await boot(3, 12)];
  assert.deepEqual(again, first);
  assert.equal(summary([again], '', replay).text, summary([first], '', replay).text);
  // How a failure is shown again: the run up to it is the same.
  assert.deepEqual((await boot(3, 7)).faults, first.faults.slice(0, 7));
  assert.notEqual((await boot(4, 3)).digest, first.digest);
});

test(
  'what nothing can heal counts as unhealed, with its seed and how to see it again',
  slow,
  async () => {
    const { text, ok } = summary([await boot(8, 3, 'end_keeper')], '', replay);
    assert.ok(!ok);
    assert.match(text, /^seed 8, fault 1 \(end_keeper vbeam_\w+\): /m);
    assert.match(text, /^ +the same again: vbeam chaos --seed 8 --faults 1$/m);
    assert.match(text, /^figure chaos_unhealed 1 faults$/m);
  },
);

test('a line that comes twice is noticed', slow, async () => {
  const { text, ok } = summary([await boot(7, 8, 'forge_line')], '', replay);
  assert.ok(!ok);
  assert.match(text, /line \d+ has ".*" in it/);
});
