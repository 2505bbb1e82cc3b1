/**
 * `make fuzz`: runs a range of mutants and appends a line to the ledger.
 *
 *   node --import tsx tests/fuzz/fuzz.ts modules|terms quick|node|native FIRST COUNT [--no-ledger]
 */
import { campaignFiles, generatorRevision, type Host, runCampaign, type What } from './campaign.ts';
import { appendToLedger } from './ledger.ts';

const [what = '', host = '', first = '', count = '', ...flags] = process.argv.slice(2);
if (!/^(modules|terms) (quick|node|native) \d+ \d+$/.test([what, host, first, count].join(' '))) {
  process.stderr.write(
    'usage: fuzz.ts modules|terms quick|node|native FIRST COUNT [--no-ledger]\n',
  );
  process.exit(2);
}
const start = process.hrtime.bigint();
const files = campaignFiles();
const range = { what: what as What, first: Number(first), count: Number(count) };
const summary = await runCampaign(files, range, host as Host, (seed) => {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stderr.write(
    `\r${seed}: ${((seconds / (seed - range.first)) * 1e3).toFixed(3)} ms each `,
  );
});
process.stderr.write('\n');
for (const { seed, what: harm } of summary.harms) process.stdout.write(`seed ${seed}: ${harm}\n`);
for (const [letter, times] of summary.counts) process.stdout.write(`${letter} ${times}\n`);
if (!flags.includes('--no-ledger')) appendToLedger(summary, host as Host, generatorRevision(files));
process.exitCode = summary.harms.length ? 1 : 0;
