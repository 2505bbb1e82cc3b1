/**
 * What the suites' results mean: which cases count, the table by suite, and the list of failing
 * cases (failing.tsv: suite, case, reason), which may only shrink.
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
const heading =
  "# Cases of OTP's test suites that erl passes and our VM does not: suite, case, why.\n";
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
const short = (reason: string) =>
  reason
    .replaceAll(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, REASON_CHARACTERS) || 'no reason';

/** A suite's result for people, with the failing cases. */
export function reportText(comparison: Comparison): string {
  const { counted, passed, failed } = counts(comparison);
  const rows = failed.map(({ name, outcome, reason }) => `    ${name} ${outcome}: ${reason}`);
  return [`${comparison.suite}: ${passed} of ${counted}`, ...rows].join('\n');
}

/** The table by suite, and the figures. */
export function tableText(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((each) => ({ ...each, ...counts(each) }));
  const sum = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + of(row), 0);
  const counted = sum((row) => row.counted);
  const passed = sum((row) => row.passed);
  const all = sum((row) => row.erl.length);
  const lines = rows.map(
    (row) =>
      `| ${row.suite} | ${row.erl.length} | ${row.counted} | ${row.passed} | ${percent(row.passed, row.counted)} |`,
  );
  return `# OTP's own test suites

Suites of the emulator and of stdlib in the sources of the OTP that is installed, those that the
last run with \`--update\` took: \`OTP_SRC=DIR make otp-suites\` makes this table. A case counts
when \`erl\` passes it under the same runner, which is one node that is not distributed. The failing
cases, with the reasons: \`tests/otp_suites/failing.tsv\`.

| suite | cases | erl passes | of these here | |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}
| all | ${all} | ${counted} | ${passed} | ${percent(passed, counted)} |

    figure otp_suite_cases ${counted} cases
    figure otp_suite_passed ${passed} cases
`;
}

type Reasons = Map<string, string>;

function readFailing(): Reasons {
  const text = existsSync(failingPath) ? readFileSync(failingPath, 'utf8') : '';
  const rows = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    rows.map((line) => {
      const [suite, name, reason] = line.split('\t');
      return [`${suite}\t${name}`, reason ?? ''];
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

/** Rewrite the rows of the suites that ran; a reason that a person wrote is kept. */
export function writeFailing(comparisons: readonly Comparison[]): void {
  const listed = readFailing();
  const ran = new Set(comparisons.map(({ suite }) => suite));
  const kept = [...listed].filter(([key]) => !ran.has(key.split('\t')[0] as string));
  const found = comparisons.flatMap((comparison) =>
    counts(comparison).failed.map(({ name, reason }) => {
      const key = `${comparison.suite}\t${name}`;
      return [key, listed.get(key) ?? short(reason)] as const;
    }),
  );
  const rows = [...kept, ...found].map(([key, reason]) => `${key}\t${reason}`).sort();
  writeFileSync(failingPath, `${heading}${rows.join('\n')}\n`);
}
