/**
 * Mutants of modules, loaded and run, and mutants of external terms, decoded (campaign.ts): a range
 * of each does no VM any harm. `make fuzz` runs other ranges and keeps the ledger.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaignFiles, runCampaign, type What } from './campaign.ts';

const count = Number(process.env.FUZZ_COUNT ?? 20_000);
const first = Number(process.env.FUZZ_FIRST ?? 0);

const files = campaignFiles();

for (const what of ['modules', 'terms'] as const satisfies What[])
  test(`${what} ${first} to ${first + count - 1} do the VM no harm`, async (t) => {
    const { counts, harms } = await runCampaign(files, { what, first, count }, 'quick');
    const all = [...counts].map(([letter, times]) => `${letter} ${times}`).join(', ');
    t.diagnostic(`outcomes: ${all}`);
    assert.deepEqual(harms, []);
    // Mutants that are all refused, or none, would test nothing.
    const refused = counts.get('r') ?? 0;
    assert.ok(refused > count / 10 && refused < count * 0.9, `${refused} refused`);
  });
