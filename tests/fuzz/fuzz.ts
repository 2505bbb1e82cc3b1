/**
 * `make fuzz`: runs a range of mutants. The ledger gets a row after every so many seeds, so a run
 * can be stopped and go on later.
 *
 *   node --import tsx tests/fuzz/fuzz.ts modules|terms quick|node|native FIRST COUNT [--no-ledger]
 */
import {
  campaignFiles,
  generatorRevision,
  type Harm,
  type Host,
  runCampaign,
  type What,
} from './campaign.ts';
import { addToLedger } from './ledger.ts';

const seedsOfRow = 20_000;

const [what = '', host = '', first = '', count = '', ...flags] = process.argv.slice(2);
if (!/^(modules|terms) (quick|node|native) \d+ \d+$/.test([what, host, first, count].join(' '))) {
  process.stderr.write(
    'usage: fuzz.ts modules|terms quick|node|native FIRST COUNT [--no-ledger]\n',
  );
  process.exit(2);
}
const files = campaignFiles();
const generator = generatorRevision(files);
const start = process.hrtime.bigint();
const end = Number(first) + Number(count);
const report = (seed: number) => {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stderr.write(
    `\r${seed}: ${((seconds / (seed - Number(first))) * 1e3).toFixed(3)} ms each `,
  );
};
const counts = new Map<string, number>();
const harms: Harm[] = [];
for (let from = Number(first); from < end; from += seedsOfRow) {
  const range = { what: what as What, first: from, count: Math.min(seedsOfRow, end - from) };
  const summary = await runCampaign(files, range, host as Host, report);
  for (const harm of summary.harms) process.stdout.write(`seed ${harm.seed}: ${harm.what}\n`);
  harms.push(...summary.harms);
  for (const [letter, times] of summary.counts)
    counts.set(letter, (counts.get(letter) ?? 0) + times);
  if (!flags.includes('--no-ledger')) addToLedger(summary, host as Host, generator);
}
process.stderr.write('\n');
for (const [letter, times] of counts) process.stdout.write(`${letter} ${times}\n`);
process.exitCode = harms.length ? 1 : 0;
