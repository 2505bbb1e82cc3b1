/**
 * The ledger of mutants (ledger.tsv): a line for each range of seeds that was run, with the
 * revision of generator and victims and that of the VM's sources, and what became of the mutants.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Summary } from './campaign.ts';

export const ledgerPath = join(import.meta.dirname, 'ledger.tsv');
/** Letters of outcomes (fuzz_modules.erl, fuzz_terms.erl), in the order of the columns. */
export const outcomeColumns = ['r', 'd', 'k', 'n', 's'] as const;

function sourceRevision(): string {
  return execFileSync('git', ['rev-parse', '--short=12', 'HEAD:vm'], { encoding: 'utf8' }).trim();
}

export function appendToLedger(summary: Summary, host: Host, generator: string): void {
  const counts = outcomeColumns.map((letter) => summary.counts.get(letter) ?? 0);
  const harms = summary.harms.length;
  const row = [summary.what, host, summary.first, summary.count, generator, sourceRevision()];
  appendFileSync(ledgerPath, `${[...row, ...counts, harms].join('\t')}\n`);
}
