/**
 * Adaptive partitions: shares under load that saturates them, lending, and the service
 * vbeam_scheduler. `make latency` measures what an interrupt for a critical process takes.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { measureShares, shareError } from '../bench/stress/partitions.ts';
import { noQemu, root, vbeam } from './command_line.ts';

const slow = { timeout: 1_200_000 };
/** Percentage points. */
const ERROR_MAX = 2;
const SIMULATED = [
  'computing_sending_collecting',
  'collecting_computing_sending',
  'middle_high',
  'middle_idle',
  'middle_idle_system_high',
];
const EMULATED = ['computing_sending_collecting', 'middle_idle'];
const hosts = [
  { host: 'simulated', whats: SIMULATED, skip: false },
  { host: 'qemu', whats: EMULATED, skip: noQemu() },
] as const;

describe('shares of partitions over a second', () => {
  for (const { host, whats, skip } of hosts)
    test(`${host}: what is guaranteed, and what is lent`, { ...slow, skip }, async (t) => {
      for (const shares of await measureShares(host, whats)) {
        t.diagnostic(`${shares.what}: ${shares.used.join(', ')}`);
        assert.ok(shares.milliseconds >= 1000, `${shares.milliseconds} ms`);
        assert.ok(shareError(shares) <= ERROR_MAX, `${shares.what}: ${shares.used}`);
      }
    });
});

test('the service vbeam_scheduler', slow, async () => {
  const program = join(root, 'tests', 'tree', 'partitions.erl');
  const { stdout, stderr, status } = await vbeam(['run', program]);
  assert.equal(status, 0, stderr + stdout);
  const lines = stdout.replaceAll('\r', '').split('\n');
  const told = lines.flatMap((line) => /^told: (.*)$/.exec(line)?.[1] ?? []);
  assert.deepEqual(told, EXPECTED);
  const head = lines.findIndex((line) => /^partition +share +used/.test(line));
  assert.match(lines[head + 1] ?? '', /^system +100 % +\d+\.\d % .* 10 +0 +\d+ +\d+$/);
});

const EXPECTED = [
  'refused: {error,exists}',
  'refused: {error,{bad_name,"web"}}',
  'refused: {error,{bad_options,#{critical => 0,share => 0}}}',
  'refused: {error,{not_enough,99}}',
  'refused: {error,{bad_options,#{critical => 1}}}',
  'refused: {error,{bad_options,#{critical => 101,share => 10}}}',
  'refused: {error,{bad_options,#{budget => 1,share => 10}}}',
  'refused: {error,{bad_options,none}}',
  'refused: {error,not_found}',
  'refused: {error,{bad_options,#{critical => 10,share => 50}}}',
  'refused: {error,not_found}',
  'refused: {error,{bad_name,system}}',
  'refused: {error,not_found}',
  'refused: {error,noproc}',
  'refused: {error,{bad_pid,someone}}',
  'refused: {error,{bad_flag,maybe_not}}',
  'refused: {error,{bad_window,9}}',
  'refused: {error,{bad_window,fast}}',
  'not the owner: not_owner',
  'somebody has it: taken',
  'too much: {error,{not_enough,9}}',
  'shares: [{system,10},{web,70},{batch,20}]',
  'critical: [{system,10},{web,2},{batch,0}]',
  'window: 50',
  'driver: {system,true}',
  'inherited: {batch,false} {system,false}',
  'processes: 0 1',
  'moved: 1 0',
  'critical: {web,true}',
  'ended: 0 0',
  'children: [web,system], supervisor: {system,false}',
  'started again: [web,system]',
  'unknown: {partition,nowhere,not_found}',
  'billed: collection true, end true',
  'missed while the service was ended ten times: []',
  'bankrupt: web',
  'critical use within its budget: true',
  'others still run: true',
  'counted: true',
  'shares: [{system,30},{web,70}]',
  'where: [{system,false}]',
  'shares: [{system,100}]',
  'created: 15, then {error,system_limit}',
];
