/** A share of the generated cases in each test run; `make generated` compares as many as wished. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareGenerated } from './generated.ts';

const cases = Number(process.env.GENERATED_CASES ?? 12_000);
const first = Number(process.env.GENERATED_FIRST ?? 1);

test(`${cases} generated cases from ${first} on have the results that they have on erl`, async (t) => {
  const { cases: compared, differences } = await compareGenerated(first, cases);
  t.diagnostic(`${compared} cases compared`);
  assert.deepEqual(differences, []);
  assert.ok(compared >= cases * 0.8, `only ${compared} cases compared`);
});
