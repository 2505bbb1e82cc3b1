/**
 * Generated cases compared with erl: random terms through operations of many kinds
 * (generated_cases.erl) and through random programs compiled by OTP's compiler
 * (generated_programs.erl). Both virtual machines print a digest a chunk of cases; where two
 * differ, the chunk runs again with its results in full, and the first case that differs is shown.
 *
 *   node --import tsx tests/generated/generated.ts [FIRST [CASES]]        `make generated`
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOnErl, runOnOurs } from '../program_runs.ts';

const folder = import.meta.dirname;
const chunk = 100;
/** Cases of one program, in chunks. */
const casesOfProgram = 400;
/** Programs are this share of all cases. */
const programShare = 0.4;
const differencesShown = 20;

/** Options of the compiler, taken in turn. */
const compilations: readonly (readonly string[])[] = [
  [],
  ['+r23'],
  ['+no_copt'],
  ['+r24'],
  ['+no_type_opt'],
  ['+no_ssa_opt'],
  ['+inline'],
  ['+no_postopt', '+no_share_opt'],
];

interface Range {
  readonly kind: string;
  readonly first: number;
  readonly count: number;
}

export interface Comparison {
  readonly cases: number;
  /** The first differing case of each chunk that differs. */
  readonly differences: readonly string[];
}

function compileSupport(work: string): void {
  const sources = readdirSync(folder).filter((name) => name.endsWith('.erl'));
  const paths = sources.map((name) => join(folder, name));
  const random = join(folder, '..', 'fuzz', 'fuzz_random.erl');
  execFileSync('erlc', ['-W0', '-o', work, random, ...paths], { timeout: 120_000 });
}

/** Those that erl loads: some options of its compiler make code that its loader refuses. */
function loadable(work: string, names: readonly string[]): string[] {
  const tried = `[N || N <- [${names}], {module, N} =:= code:load_file(N)]`;
  const call = `io:format("LOADED ~w", [${tried}]), halt().`;
  const text = execFileSync('erl', ['-noshell', '-pa', work, '-eval', call], { encoding: 'utf8' });
  const loaded = /LOADED \[(.*)\]/s.exec(text)?.[1] ?? '';
  return loaded.split(',').map((name) => name.trim());
}

/** Write and compile programs first to first + count - 1; the names of those that can be loaded. */
function makePrograms(work: string, first: number, count: number): string[] {
  const sources = join(work, 'programs');
  mkdirSync(sources, { recursive: true });
  const call = `generated_programs:main(["${sources}", "${first}", "${count}"]), halt().`;
  execFileSync('erl', ['-noshell', '-pa', work, '-eval', call], { timeout: 120_000 });
  const names = Array.from({ length: count }, (_, i) => `generated_program_${first + i}`);
  compilations.forEach((options, turn) => {
    const paths = names
      .filter((_, i) => (first + i) % compilations.length === turn)
      .map((name) => join(sources, `${name}.erl`));
    if (paths.length) execFileSync('erlc', ['-W0', ...options, '-o', work, ...paths]);
  });
  return loadable(work, names);
}

function writeRange(work: string, mode: string, ranges: readonly Range[]): void {
  const rows = ranges.map(({ kind, first, count }) => `{${kind}, ${first}, ${count}}`);
  const text = `-module(generated_range).\n-export([range/0]).\nrange() -> {${mode}, [${rows}]}.\n`;
  writeFileSync(join(work, 'generated_range.erl'), text);
  execFileSync('erlc', ['-o', work, join(work, 'generated_range.erl')]);
}

/** Lines of both virtual machines, erl's first. */
async function runBoth(work: string, mode: string, ranges: readonly Range[]) {
  writeRange(work, mode, ranges);
  const program = { name: 'generated_runner', beam: join(work, 'generated_runner.beam') };
  const others = readdirSync(work)
    .filter((name) => name.endsWith('.beam') && name !== basename(program.beam))
    .map((name) => join(work, name));
  const wanted = runOnErl(program).filter(Boolean);
  const found = (await runOnOurs(program, { others })).filter(Boolean);
  return { wanted, found };
}

/** What differs first in the chunk that begins a differing line. */
async function firstDifference(work: string, line: string): Promise<string> {
  const [, kind = '', first = ''] = /^\{(\w+),(\d+),/.exec(line) ?? [];
  const range = { kind, first: Number(first), count: chunk };
  const { wanted, found } = await runBoth(work, 'results', [range]);
  // Texts differ where maps are walked in another order.
  const digest = (text?: string) => text?.split(',').slice(0, 3).join();
  const at = wanted.findIndex((text, i) => digest(text) !== digest(found[i]));
  if (at < 0) return `${kind} ${first}: the chunk's digest differs, those of its cases do not`;
  return `erl:  ${wanted[at]}\n    here: ${found[at]}`;
}

/** The kinds of generated_cases.erl. */
function kinds(work: string): string[] {
  const call = 'io:format("~w", [generated_cases:kinds()]), halt().';
  const text = execFileSync('erl', ['-noshell', '-pa', work, '-eval', call], { encoding: 'utf8' });
  return text.replace(/[[\]\s]/g, '').split(',');
}

const wholeChunks = (cases: number) => Math.max(1, Math.round(cases / chunk)) * chunk;

/** Compare about `cases` cases, of each kind those from number `first` on. */
export async function compareGenerated(first: number, cases: number): Promise<Comparison> {
  const work = mkdtempSync(join(tmpdir(), 'vbeam-generated-'));
  try {
    compileSupport(work);
    const all = kinds(work);
    const each = wholeChunks((cases * (1 - programShare)) / all.length);
    const count = Math.max(1, Math.round((cases * programShare) / casesOfProgram));
    const programs = makePrograms(work, first, count);
    const ranges = [
      ...all.map((kind) => ({ kind, first, count: each })),
      ...programs.map((kind) => ({ kind, first, count: casesOfProgram })),
    ];
    const { wanted, found } = await runBoth(work, 'digests', ranges);
    const total = ranges.reduce((sum, range) => sum + range.count, 0);
    const odd = wanted.find((line) => !/^\{\w+,\d+,'?[0-9A-F]{32}'?\}$/.test(line));
    if (odd) throw new Error(`a generator fails: ${odd}`);
    if (wanted.length !== total / chunk) throw new Error(`erl printed ${wanted.length} lines`);
    const differing = wanted.filter((line, i) => line !== found[i]);
    const differences: string[] = [];
    for (const line of differing.slice(0, differencesShown))
      differences.push(await firstDifference(work, line));
    if (process.env.GENERATED_KEEP) {
      mkdirSync(process.env.GENERATED_KEEP, { recursive: true });
      for (const name of readdirSync(join(work, 'programs')))
        copyFileSync(join(work, 'programs', name), join(process.env.GENERATED_KEEP, name));
    }
    return { cases: total, differences };
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = 1, cases = 100_000] = process.argv.slice(2).map(Number);
  const { cases: total, differences } = await compareGenerated(first, cases);
  for (const difference of differences) process.stdout.write(`${difference}\n`);
  process.stdout.write(`${total} cases compared, ${differences.length} chunks differ\n`);
  process.exitCode = differences.length ? 1 : 0;
}
