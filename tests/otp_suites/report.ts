/**
 * What the suites' results mean: which cases count, the table by suite, and the list of failing
 * cases, which may only shrink (failing.tsv: suite, case, what the last run with --update reported,
 * and why, where a person has written it).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult } from './suite_run.ts';

export interface Comparison {
  readonly suite: string;
  readonly folder: string;
  readonly erl: readonly CaseResult[];
  readonly ours: readonly CaseResult[];
}

const failingPath = join(import.meta.dirname, 'failing.tsv');
const docsPath = join(import.meta.dirname, '..', '..', 'docs', 'otp_suites.md');
const heading =
  "# Cases of OTP's test suites that erl passes and our VM does not: suite, case, report, why.\n";
const REASON_CHARACTERS = 160;

interface Counts {
  readonly counted: number;
  readonly passed: number;
  readonly failed: readonly CaseResult[];
}

/** The cases that erl passes, and those of them that ours does not. */
function counts({ erl, ours }: Comparison): Counts {
  const byName = new Map(ours.map((each) => [each.name, each]));
  const counted = erl.filter(({ outcome }) => outcome === 'ok');
  const failed = counted
    .map(({ name }) => byName.get(name) ?? missing(name, ours))
    .filter(({ outcome }) => outcome !== 'ok');
  return { counted: counted.length, passed: counted.length - failed.length, failed };
}

/** A case that did not run, with what the suite as a whole died of. */
function missing(name: string, ours: readonly CaseResult[]): CaseResult {
  const whole = ours.find((each) => each.name === 'the_suite');
  const reason = whole ? whole.reason : 'was not run';
  return { name, outcome: 'failed', milliseconds: 0, reason };
}

const percent = (part: number, whole: number) =>
  whole ? `${((100 * part) / whole).toFixed(1)} %` : '-';
/** Without folders, which differ from machine to machine. */
const short = (reason: string) =>
  reason
    .replaceAll(/(?<!\w)\/(?:[\w.@+-]+\/)+/g, '')
    .replaceAll(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, REASON_CHARACTERS) || 'no reason';

/** A suite's result for people, with the failing cases. */
export function reportText(comparison: Comparison): string {
  const { counted, passed, failed } = counts(comparison);
  const rows = failed.map(({ name, outcome, reason }) => `    ${name} ${outcome}: ${reason}`);
  return [`${comparison.suite}: ${passed} of ${counted}`, ...rows].join('\n');
}

/** A row of the table by suite. */
interface TableRow {
  readonly suite: string;
  readonly cases: number;
  readonly counted: number;
  readonly passed: number;
}

const rowText = (name: string, row: Omit<TableRow, 'suite'>) =>
  `| ${name} | ${row.cases} | ${row.counted} | ${row.passed} | ${percent(row.passed, row.counted)} |`;

/** Rows of the document that suites of earlier runs left. */
function documentedRows(): TableRow[] {
  const text = existsSync(docsPath) ? readFileSync(docsPath, 'utf8') : '';
  return [...text.matchAll(/^\| ([\w/]+_SUITE) \| (\d+) \| (\d+) \| (\d+) \|/gm)].map(
    ([, suite, cases, counted, passed]) => ({
      suite: suite as string,
      cases: Number(cases),
      counted: Number(counted),
      passed: Number(passed),
    }),
  );
}

function tableRows(comparisons: readonly Comparison[]): TableRow[] {
  return comparisons.map((each) => {
    const { counted, passed } = counts(each);
    return { suite: each.suite, cases: each.erl.length, counted, passed };
  });
}

/** Write the document with the results of this run; rows of suites that did not run stay. */
export function writeTable(comparisons: readonly Comparison[]): void {
  const rows = new Map([...documentedRows(), ...tableRows(comparisons)].map((r) => [r.suite, r]));
  const sorted = [...rows.values()].sort((a, b) => (a.suite < b.suite ? -1 : 1));
  writeFileSync(docsPath, documentText(sorted));
}

/** The table by suite, and the figures. */
export function tableText(comparisons: readonly Comparison[]): string {
  return documentText(tableRows(comparisons));
}

function documentText(rows: readonly TableRow[]): string {
  const sum = (of: (row: TableRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const all = {
    cases: sum((row) => row.cases),
    counted: sum((row) => row.counted),
    passed: sum((row) => row.passed),
  };
  return `# OTP's own test suites

Suites of the emulator, of stdlib and of kernel in the sources of the OTP that is installed, each as
the last run with \`--update\` that took it: \`OTP_SRC=DIR make otp-suites\` makes this table. A
case counts when \`erl\` passes it under the same runner, which is one node that is not distributed.
The failing cases, with the reasons: \`tests/otp_suites/failing.tsv\`.

| suite | cases | erl passes | of these here | |
| --- | ---: | ---: | ---: | ---: |
${rows.map((row) => rowText(row.suite, row)).join('\n')}
${rowText('all', all)}

    figure otp_suite_cases ${all.counted} cases
    figure otp_suite_passed ${all.passed} cases
`;
}

/** By suite and case: what was reported, and what a person has written. */
type Reasons = Map<string, { readonly report: string; readonly why: string }>;

function readFailing(): Reasons {
  const text = existsSync(failingPath) ? readFileSync(failingPath, 'utf8') : '';
  const rows = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    rows.map((line) => {
      const [suite, name, report = '', why = ''] = line.split('\t');
      return [`${suite}\t${name}`, { report, why }];
    }),
  );
}

/** Lines that say how the results differ from the list. */
export function checkFailing(comparisons: readonly Comparison[]): string[] {
  const listed = readFailing();
  return comparisons.flatMap((comparison) => {
    const { failed } = counts(comparison);
    const failing = new Set(failed.map(({ name }) => `${comparison.suite}\t${name}`));
    const unlisted = [...failing].filter((key) => !listed.has(key));
    const gone = [...listed.keys()].filter(
      (key) => key.startsWith(`${comparison.suite}\t`) && !failing.has(key),
    );
    return [
      ...unlisted.map((key) => `fails and is not listed: ${key}`),
      ...gone.map((key) => `listed and does not fail: ${key}`),
    ];
  });
}

/** Rewrite the rows of the suites that ran; what a person wrote is kept. */
export function writeFailing(comparisons: readonly Comparison[]): void {
  const listed = readFailing();
  const ran = new Set(comparisons.map(({ suite }) => suite));
  const kept = [...listed].filter(([key]) => !ran.has(key.split('\t')[0] as string));
  const found = comparisons.flatMap((comparison) =>
    counts(comparison).failed.map(({ name, reason }) => {
      const key = `${comparison.suite}\t${name}`;
      return [key, { report: short(reason), why: listed.get(key)?.why ?? '' }] as const;
    }),
  );
  const rows = [...kept, ...found]
    .map(([key, { report, why }]) => `${key}\t${report}${why && `\t${why}`}`)
    .sort();
  writeFileSync(failingPath, `${heading}${rows.join('\n')}\n`);
}
