/**
 * What the results of V's tests mean: the table by category, and the list of tests that fail, which
 * may only shrink (failing.tsv: test, how far it came, what was complained about, and why, where a
 * person has written it).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { categoryOf, type Suite, type TestResult } from './suite.ts';

const failingPath = (suite: Suite) => join(import.meta.dirname, suite.failing);
const documentPath = (suite: Suite) =>
  join(import.meta.dirname, '..', '..', 'docs', suite.document);
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

function readFailing(suite: Suite): Map<string, FailingRow> {
  const path = failingPath(suite);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [path = '', stage = '', report = '', why = ''] = line.split('\t');
      return [path, { stage, report, why }];
    }),
  );
}

/** Lines that say how the results differ from the list. */
export function checkFailing(suite: Suite, results: readonly TestResult[]): string[] {
  const listed = readFailing(suite);
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
export function writeFailing(suite: Suite, results: readonly TestResult[]): void {
  const rows = readFailing(suite);
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
  writeFileSync(failingPath(suite), `${heading}${lines.join('\n')}\n`);
}

interface Counts {
  tests: number;
  compiled: number;
  passed: number;
  same: number;
}

function countsByCategory(suite: Suite, results: readonly TestResult[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const result of results) {
    const name = categoryOf(suite, result.path);
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
export function tableText(suite: Suite, results: readonly TestResult[]): string {
  // Without our VM there is no column for it.
  const onBoth = results.some((result) => result.same !== undefined);
  const counts = [...countsByCategory(suite, results)].sort(([a], [b]) => (a < b ? -1 : 1));
  const row = (name: string, c: Counts) =>
    `| ${name} | ${c.tests} | ${c.compiled} | ${c.passed} |${onBoth ? ` ${c.same} |` : ''}`;
  const sum = (of: (c: Counts) => number) => counts.reduce((total, [, c]) => total + of(c), 0);
  const all = {
    tests: sum((c) => c.tests),
    compiled: sum((c) => c.compiled),
    passed: sum((c) => c.passed),
    same: sum((c) => c.same),
  };
  const { figure } = suite;
  const last = onBoth ? ' and on ours |' : '';
  const ours = onBoth ? `    figure ${figure}_passed_on_our_vm ${all.same} tests\n` : '';
  return `# ${suite.title}

${suite.about}
| category | tests | compile | pass on OTP's VM |${last}
| --- | ---: | ---: | ---: |${onBoth ? ' ---: |' : ''}
${counts.map(([name, c]) => row(name, c)).join('\n')}
${row('all', all)}

    figure ${figure}_listed ${all.tests} tests
    figure ${figure}_passed ${all.passed} tests
${ours}${suite.after}`;
}

/** The page's part on the demonstrations is tests/v/demos.ts's. */
export function writeTable(suite: Suite, results: readonly TestResult[]): void {
  const path = documentPath(suite);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const demonstrations = text.indexOf('\n## Demonstrations');
  const kept = demonstrations < 0 ? '' : text.slice(demonstrations);
  writeFileSync(path, `${tableText(suite, results)}${kept}`);
}
