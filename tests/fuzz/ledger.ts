/**
 * The ledger of mutants (ledger.tsv): a line for each range of seeds that was run, with the
 * revision of generator and victims and that of the VM's sources, and what became of the mutants.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Summary } from './campaign.ts';

export const ledgerPath = join(import.meta.dirname, 'ledger.tsv');
/** Letters of outcomes (fuzz_modules.erl, fuzz_terms.erl), in the order of the columns. */
export const outcomeColumns = ['r', 'd', 'k', 'n', 's'] as const;

export interface LedgerRow {
  readonly what: string;
  readonly host: string;
  readonly first: number;
  readonly count: number;
  readonly generator: string;
  readonly vm: string;
  /** Numbers of outcomes in the order of `outcomeColumns`, and of harms. */
  readonly numbers: readonly number[];
}

function sourceRevision(): string {
  return execFileSync('git', ['rev-parse', '--short=12', 'HEAD:vm'], { encoding: 'utf8' }).trim();
}

export function parseRow(line: string): LedgerRow {
  const [what = '', host = '', first, count, generator = '', vm = '', ...numbers] =
    line.split('\t');
  return {
    what,
    host,
    first: Number(first),
    count: Number(count),
    generator,
    vm,
    numbers: numbers.map(Number),
  };
}

function rowText({ what, host, first, count, generator, vm, numbers }: LedgerRow): string {
  return [what, host, first, count, generator, vm, ...numbers].join('\t');
}

/** One row for two ranges, the second behind the first, that were run alike; else null. */
export function joinedRows(row: LedgerRow, next: LedgerRow): LedgerRow | null {
  const kind = ({ what, host, generator, vm }: LedgerRow) => [what, host, generator, vm].join();
  if (kind(row) !== kind(next) || row.first + row.count !== next.first) return null;
  const numbers = row.numbers.map((number, i) => number + (next.numbers[i] ?? 0));
  return { ...row, count: row.count + next.count, numbers };
}

/** Adds a range, in the row of the range before it where there is one. */
export function addToLedger(summary: Summary, host: Host, generator: string): void {
  const counts = outcomeColumns.map((letter) => summary.counts.get(letter) ?? 0);
  const { what, first, count, harms } = summary;
  const numbers = [...counts, harms.length];
  const row = { what, host, first, count, generator, vm: sourceRevision(), numbers };
  const [head = '', ...lines] = readFileSync(ledgerPath, 'utf8').trimEnd().split('\n');
  const rows = lines.map(parseRow);
  const before = rows.findIndex((each) => joinedRows(each, row) !== null);
  const both = before < 0 ? null : joinedRows(rows[before] as LedgerRow, row);
  if (both) rows[before] = both;
  else rows.push(row);
  writeFileSync(ledgerPath, `${[head, ...rows.map(rowText)].join('\n')}\n`);
}
