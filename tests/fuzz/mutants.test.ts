/** A range of mutants of a module is loaded and run: the VM survives each (see mutants.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMutants } from './mutants.ts';

const first = 0;
const count = 300;

test(`mutants ${first} to ${first + count - 1} do the VM no harm`, {
  timeout: 300_000,
}, async () => {
  const bad: string[] = [];
  let ran = 0;
  await runMutants(first, count, ({ seed, outcome, good }) => {
    if (!good) bad.push(`seed ${seed}: ${outcome}`);
    if (outcome !== 'refused') ran++;
  });
  assert.deepEqual(bad, []);
  assert.ok(ran > count / 20, `only ${ran} of ${count} were run`);
});
