/**
 * `make conformance`: the cases of tests/conformance/ on `erl`, on our VM in Node and on our VM as
 * a Linux program. Prints a table by area, which it also writes to docs/conformance.md, and
 * figures.
 *
 *   node --import tsx tests/conformance_table.ts [--node-only]
 *
 * Exit status 1: a result differs and tests/known_differences.ts does not know of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLinux } from '../image/kernel.ts';
import { writeWhole } from '../lib/cache.ts';
import {
  type CaseModule,
  type CaseResults,
  caseModules,
  compareModule,
  compileCases,
  differenceText,
  resultsOnErl,
  resultsOnLinux,
  resultsOnPc,
} from './conformance_run.ts';

const progress = (line: string) => process.stderr.write(`${line}\n`);
const docs = join(import.meta.dirname, '..', 'docs', 'conformance.md');
const nodeOnly = process.argv.includes('--node-only');

interface Row {
  readonly area: string;
  readonly cases: number;
  readonly equal: number;
  readonly known: number;
  /** Equal on the Linux program; null when it was not run. */
  readonly equalOnLinux: number | null;
}

/** The rows of the table, and what differs without being known. */
function compareAll(
  modules: readonly CaseModule[],
  want: CaseResults,
  hosts: readonly { readonly name: string; readonly got: CaseResults }[],
): { rows: Row[]; problems: string[] } {
  const areas = [...new Set(modules.map(({ area }) => area))];
  const problems: string[] = [];
  const rows = areas.map((area) => {
    const equal: number[] = [];
    let cases = 0;
    let known = 0;
    for (const { name, got } of hosts) {
      const compared = modules
        .filter((module) => module.area === area)
        .map((module) => compareModule(module, want, got));
      const sum = (of: (each: (typeof compared)[number]) => number) =>
        compared.reduce((total, each) => total + of(each), 0);
      cases = sum(({ all }) => all.length);
      known = Math.max(
        known,
        sum((each) => each.known.length),
      );
      equal.push(cases - sum(({ differing }) => differing.length));
      for (const each of compared) {
        const text = differenceText(each, want, got);
        if (text) problems.push(`${name}: ${text}`);
      }
    }
    return { area, cases, known, equal: equal[0] as number, equalOnLinux: equal[1] ?? null };
  });
  return { rows, problems };
}

function tableText(rows: readonly Row[]): string {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const line = (row: Row) =>
    `| ${row.area} | ${row.cases} | ${row.equal} | ${row.equalOnLinux ?? '-'} | ${row.known} |`;
  const all: Row = {
    area: 'all',
    cases: sum((row) => row.cases),
    equal: sum((row) => row.equal),
    known: sum((row) => row.known),
    equalOnLinux: rows.some((row) => row.equalOnLinux === null)
      ? null
      : sum((row) => row.equalOnLinux ?? 0),
  };
  return `# Conformance with erl

The cases of \`tests/conformance/\`, each run on the installed \`erl\` and on our VM, in Node and as
a Linux program. \`make conformance\` makes this table. A known difference is a row of
\`tests/known_differences.ts\` with its reason.

| area | cases | equal in Node | equal as a Linux program | known differences |
| --- | ---: | ---: | ---: | ---: |
${[...rows, all].map(line).join('\n')}

    figure conformance_cases ${all.cases} cases
    figure conformance_equal ${all.equal} cases
    figure conformance_equal_linux ${all.equalOnLinux ?? 'unmeasured not asked for'} cases
`;
}

const work = mkdtempSync(join(tmpdir(), 'vbeam-conformance-'));
try {
  const modules = caseModules('');
  const beams = compileCases(work, modules);
  progress(`${modules.length} modules on erl`);
  const want = resultsOnErl(beams);
  progress('in Node');
  const hosts = [{ name: 'Node', got: await resultsOnPc(beams) }];
  if (!nodeOnly) {
    const executable = await buildLinux(progress);
    progress('as a Linux program');
    hosts.push({ name: 'Linux', got: await resultsOnLinux(work, beams, executable) });
  }
  const { rows, problems } = compareAll(modules, want, hosts);
  for (const problem of problems) progress(problem);
  process.stdout.write(tableText(rows));
  if (!nodeOnly) writeWhole(docs, tableText(rows));
  process.exitCode = problems.length ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}
