/** Native tasks that mean harm, and the ledger of those that were run by `make hostile`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { noQemu } from './command_line.ts';
import { hostileTasks, ledgerPath } from './tasks/hostile.ts';

const count = Number(process.env.HOSTILE_TASKS ?? 1000);

test(`${count} hostile programs end alone`, {
  skip: noQemu(),
  timeout: 1_200_000,
}, async () => {
  const { ends, harms } = await hostileTasks(1, count);
  console.log(`figure hostile_tasks_faults ${ends[0]} programs`);
  assert.deepEqual(harms, []);
  // A campaign in which nothing happens finds nothing.
  const [faults = 0, , loops = 0] = ends;
  assert.ok(faults > count / 10 && loops > count / 100, String(ends));
});

test('the ledger of hostile programs has no harm', () => {
  const [head = '', ...rows] = readFileSync(ledgerPath, 'utf8').trimEnd().split('\n');
  assert.match(head, /^first\tcount\t.*\tharms$/);
  for (const row of rows) assert.match(row, /^(\d+\t){2}(\w+\t){2}(\d+\t){3}0$/);
});
