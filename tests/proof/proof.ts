/**
 * `make proof`: real programs on the installed `erl` and on our VM, natively and, with --node, on
 * the simulated PC, too. Prints a table and one line a figure; exit status 1 when anything differs
 * or could not run.
 *
 *   node --import tsx tests/proof/proof.ts [--node] [--write] [NAME...]     names may be parts
 *
 * --write puts the rows into the table of docs/proof.md, in the order of programs.ts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../../lib/cache.ts';
import { type HostName, type Outcome, runTask } from './hosts.ts';
import { proofPrograms } from './programs.ts';
import { missingPackages, taskOf } from './tasks.ts';

interface Row {
  readonly name: string;
  readonly host: HostName;
  readonly same: number;
  readonly total: number;
  readonly erlSeconds: number;
  readonly seconds: number;
}

const document = join(import.meta.dirname, '..', '..', 'docs', 'proof.md');
const [begin, end] = ['<!-- table -->\n', '<!-- end of table -->\n'];
const differencesShown = 5;

/** Lines of `wanted` that stand in `found` at the same place. */
function sameLines(wanted: Outcome, found: Outcome): number {
  return wanted.lines.filter((line, i) => line === found.lines[i]).length;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tellDifferences(host: HostName, wanted: Outcome, found: Outcome): void {
  if (found.failure) tell(`  ${host}: ${found.failure}`);
  const differing = wanted.lines.flatMap((line, i) => (line === found.lines[i] ? [] : [i]));
  for (const i of differing.slice(0, differencesShown)) {
    tell(`  line ${i + 1}\n    erl: ${wanted.lines[i]}\n    ${host}: ${found.lines[i]}`);
  }
  if (found.lines.length > wanted.lines.length) tell(`  ${host}: prints more lines`);
}

async function runProgram(name: string, hosts: readonly HostName[], work: string): Promise<Row[]> {
  const task = taskOf(name, work);
  const wanted = await runTask('erl', task);
  if (wanted.failure) throw new Error(`erl: ${wanted.failure}`);
  const rows: Row[] = [];
  for (const host of hosts) {
    const found = await runTask(host, task);
    const extra = Math.max(0, found.lines.length - wanted.lines.length);
    const same = sameLines(wanted, found);
    const total = wanted.lines.length + extra + (found.failure ? 1 : 0);
    rows.push({
      name,
      host,
      same,
      total,
      erlSeconds: wanted.cpuSeconds,
      seconds: found.cpuSeconds,
    });
    tell(`${name} (${host}): ${same} of ${total} lines are those of erl`);
    if (same !== total) tellDifferences(host, wanted, found);
  }
  return rows;
}

/** `| name | ... |`, a line a program and host. */
function tableRows(rows: readonly Row[]): string[] {
  const what = new Map(proofPrograms.map((program) => [program.name, program.what]));
  return rows.map(({ name, host, same, total, erlSeconds, seconds }) => {
    const ratio = (seconds / erlSeconds).toFixed(2);
    const cells = [name, host, what.get(name), `${same} of ${total}`];
    return `| ${[...cells, erlSeconds.toFixed(1), seconds.toFixed(1), ratio].join(' | ')} |`;
  });
}

const tableHead = [
  '| program | host | what it does | lines as on erl | erl, CPU s | here, CPU s | ratio |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];
const table = (rows: readonly string[]) => `${[...tableHead, ...rows].join('\n')}\n`;

function figures({ name, host, same, total, erlSeconds, seconds }: Row): string[] {
  const prefix = host === 'native' ? name : `${name}_${host}`;
  return [
    `figure ${prefix}_same ${same} lines`,
    `figure ${prefix}_total ${total} lines`,
    `figure ${prefix}_ratio ${(seconds / erlSeconds).toFixed(2)} times`,
  ];
}

/** Rows of programs that did not run now stay as they are. */
function writeTable(rows: readonly string[]): void {
  const page = readFileSync(document, 'utf8');
  const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(end)];
  const key = (row: string) => row.split(' | ').slice(0, 2).join(' | ');
  const fresh = new Set(rows.map(key));
  const kept = page
    .slice(from, to)
    .split('\n')
    .filter((line) => line.startsWith('| '));
  const old = kept.filter((line) => !tableHead.includes(line) && !fresh.has(key(line)));
  const place = (row: string) =>
    proofPrograms.findIndex(({ name }) => row.startsWith(`| ${name} |`));
  const all = [...old, ...rows].sort((a, b) => place(a) - place(b));
  writeWhole(document, `${page.slice(0, from)}\n${table(all)}\n${page.slice(to)}`);
}

async function main(args: readonly string[]): Promise<number> {
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const hosts: HostName[] = args.includes('--node') ? ['native', 'node'] : ['native'];
  const chosen = proofPrograms.filter(
    ({ name }) => !parts.length || parts.some((part) => name.includes(part)),
  );
  const unmeasured: string[] = [];
  const rows: Row[] = [];
  const work = mkdtempSync(join(tmpdir(), 'vbeam-proof-modules-'));
  try {
    for (const program of chosen) {
      const missing = missingPackages(program);
      if (missing.length) unmeasured.push(`${program.name}_same unmeasured ${missing.join(' ')}`);
      else rows.push(...(await runProgram(program.name, hosts, work)));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const lines = tableRows(rows);
  tell(`\n${table(lines)}`);
  if (args.includes('--write')) writeTable(lines);
  for (const row of rows) for (const line of figures(row)) tell(line);
  for (const line of unmeasured) tell(`figure ${line} (missing packages)`);
  return unmeasured.length || rows.some(({ same, total }) => same !== total) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
