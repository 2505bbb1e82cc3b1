/**
 * What the results of V's tests mean: the table by category, and the list of tests that fail, which
 * may only shrink (failing.tsv: test, how far it came, what was complained about, and why, where a
 * person has written it).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { categoryOf, type TestResult } from './suite.ts';

const failingPath = join(import.meta.dirname, 'failing.tsv');
const docsPath = join(import.meta.dirname, '..', '..', 'docs', 'v_tests.md');
const heading = "# V's own tests that do not pass here: test, stage, report, why.\n";
const REPORT_CHARACTERS = 160;

export const passes = (result: TestResult) => result.stage === 'ok' && result.same !== false;

/** Without folders, which differ from machine to machine. */
const short = (report: string) =>
  report
    .replaceAll(/(?<!\w)\/(?:[\w.@+-]+\/)+/g, '')
    .replaceAll(/[^ -~]+/g, ' ')
    .slice(0, REPORT_CHARACTERS);

function stageOf(result: TestResult): string {
  return result.stage === 'ok' ? 'ours' : result.stage;
}

interface FailingRow {
  readonly stage: string;
  readonly report: string;
  readonly why: string;
}

function readFailing(): Map<string, FailingRow> {
  const text = existsSync(failingPath) ? readFileSync(failingPath, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [path = '', stage = '', report = '', why = ''] = line.split('\t');
      return [path, { stage, report, why }];
    }),
  );
}

/** Lines that say how the results differ from the list. */
export function checkFailing(results: readonly TestResult[]): string[] {
  const listed = readFailing();
  return results.flatMap((result) => {
    if (passes(result))
      return listed.has(result.path) ? [`listed and does not fail: ${result.path}`] : [];
    const what = result.stage === 'ok' ? result.difference : result.report;
    return listed.has(result.path)
      ? []
      : [`fails and is not listed: ${result.path} (${stageOf(result)} ${what.slice(0, 300)})`];
  });
}

/** Write the rows of the tests that ran; the others and what a person wrote stay. */
export function writeFailing(results: readonly TestResult[]): void {
  const rows = readFailing();
  for (const result of results) {
    const why = rows.get(result.path)?.why ?? '';
    rows.delete(result.path);
    if (passes(result)) continue;
    const report = short(result.stage === 'ok' ? result.difference : result.report);
    rows.set(result.path, { stage: stageOf(result), report, why });
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, row]) => [path, row.stage, row.report, row.why].join('\t').trimEnd());
  writeFileSync(failingPath, `${heading}${lines.join('\n')}\n`);
}

interface Counts {
  tests: number;
  compiled: number;
  passed: number;
  same: number;
}

function countsByCategory(results: readonly TestResult[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const result of results) {
    const name = categoryOf(result.path);
    const row = counts.get(name) ?? { tests: 0, compiled: 0, passed: 0, same: 0 };
    row.tests++;
    if (result.stage === 'ok' || result.stage === 'run') row.compiled++;
    if (result.stage === 'ok') row.passed++;
    if (result.same) row.same++;
    counts.set(name, row);
  }
  return counts;
}

/** The table by category, and the figures. */
export function tableText(results: readonly TestResult[]): string {
  const counts = [...countsByCategory(results)].sort(([a], [b]) => (a < b ? -1 : 1));
  const row = (name: string, c: Counts) =>
    `| ${name} | ${c.tests} | ${c.compiled} | ${c.passed} | ${c.same} |`;
  const sum = (of: (c: Counts) => number) => counts.reduce((total, [, c]) => total + of(c), 0);
  const all = {
    tests: sum((c) => c.tests),
    compiled: sum((c) => c.compiled),
    passed: sum((c) => c.passed),
    same: sum((c) => c.same),
  };
  return `# V's own tests

The tests of V's repository (\`vlib/v/tests\`) that need nothing that cannot exist on BEAM
(\`tests/v/tests.txt\`), compiled by our compiler and run on OTP's VM and on ours.
\`V_SRC=DIR make test-v\` makes this table from a checkout of V. A test passes when it ends with
status 0. Those that do not, with the reasons: \`tests/v/failing.tsv\`.

| category | tests | compile | pass on OTP's VM | and on ours |
| --- | ---: | ---: | ---: | ---: |
${counts.map(([name, c]) => row(name, c)).join('\n')}
${row('all', all)}

    figure v_tests_listed ${all.tests} tests
    figure v_tests_passed ${all.passed} tests
    figure v_tests_passed_on_our_vm ${all.same} tests

Out of scope, as they need what BEAM has not: C interoperation beyond system calls, inline assembly,
\`sql\` and the ORM, \`goto\`, pointer arithmetic, raw memory.
`;
}

/** The page's part on the demonstrations is tests/v/demos.ts's. */
export function writeTable(results: readonly TestResult[]): void {
  const text = readFileSync(docsPath, 'utf8');
  const demonstrations = text.indexOf('\n## Demonstrations');
  const kept = demonstrations < 0 ? '' : text.slice(demonstrations);
  writeFileSync(docsPath, `${tableText(results)}${kept}`);
}
