/**
 * Runs the cases of tests/conformance/ on the installed `erl` and on our VM, in Node or as a Linux
 * program. A module of cases exports cases/0, a list of {Name, Fun}; all modules run in one VM,
 * driven by conformance/runner/conformance_cases.erl, which prints a line a case.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildBootArchive } from '../image/boot_archive.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';
import { knownDifferences } from './known_differences.ts';

export const conformanceFolder = join(import.meta.dirname, 'conformance');
const runnerName = 'conformance_cases';
const memoryBytes = 512 << 20;
const reductionsMax = 20_000_000_000;
const secondsMax = 600;

/** What CONFORMANCE chooses: paths below tests/conformance/ that begin so; '' = all. */
export const chosenPrefix = (process.env.CONFORMANCE ?? '').replace(/\.erl$/, '');

/** A choice that nothing matches is a mistake, not a choice of nothing. */
export function assertSomethingChosen(): void {
  const paths = readdirSync(conformanceFolder, { recursive: true, encoding: 'utf8' });
  const found = paths.some((path) => path.endsWith('.erl') && path.startsWith(chosenPrefix));
  assert.ok(found, `no file below tests/conformance/ begins with "${chosenPrefix}"`);
}

export interface CaseModule {
  readonly area: string;
  readonly name: string;
  readonly path: string;
}

/** The modules with cases/0 whose AREA/NAME begins with `prefix`. */
export function caseModules(prefix = chosenPrefix): CaseModule[] {
  return readdirSync(conformanceFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'runner')
    .flatMap(({ name: area }) =>
      readdirSync(join(conformanceFolder, area)).map((file) => ({ area, file })),
    )
    .filter(({ file }) => file.endsWith('.erl'))
    .map(({ area, file }) => ({
      area,
      name: basename(file, '.erl'),
      path: join(conformanceFolder, area, file),
    }))
    .filter(({ path }) => /^-export\(\[cases\/0/m.test(readFileSync(path, 'utf8')))
    .filter(({ area, name }) => `${area}/${name}`.startsWith(prefix))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Results by `MODULE NUMBER NAME`. */
export type CaseResults = Map<string, string>;

export function caseResults(text: string): CaseResults {
  const rows = [...text.replaceAll('\r', '').matchAll(/^(\w+ \d+ .*?) => (.*)$/gmu)];
  return new Map(rows.map(([, name, result]) => [name!, result!]));
}

/** Compile the modules and what runs them into a folder below `work`; returns its path. */
export function compileCases(
  work: string,
  modules: readonly CaseModule[],
  drivers: readonly string[] = [],
): string {
  const list = join(work, 'conformance_list.erl');
  const names = modules.map(({ name }) => name).join(', ');
  writeFileSync(
    list,
    `-module(conformance_list).\n-export([modules/0]).\nmodules() -> [${names}].\n`,
  );
  const runner = join(conformanceFolder, 'runner', 'conformance_cases.erl');
  const out = join(work, 'cases');
  mkdirSync(out, { recursive: true });
  const sources = [...modules.map(({ path }) => path), runner, list, ...drivers];
  execFileSync('erlc', ['-W0', '-o', out, ...sources], { stdio: 'inherit' });
  return out;
}

export function resultsOnErl(beams: string): CaseResults {
  const start = 'conformance_cases:main(), halt().';
  return caseResults(
    execFileSync(
      'erl',
      ['-noshell', '-kernel', 'logger_level', 'none', '-pa', beams, '-eval', start],
      { encoding: 'utf8', timeout: secondsMax * 1000, maxBuffer: 1 << 28 },
    ),
  );
}

function archiveOf(beams: string, driver = runnerName): Promise<Uint8Array> {
  return buildBootArchive(
    'application',
    {
      name: 'conformance',
      args: [],
      module: driver,
      function: 'main',
      beams: readdirSync(beams).map((file) => join(beams, file)),
    },
    { applications: ['compiler'] },
  );
}

function checkedOutput(text: string): string {
  assert.match(text, /^application: ended with status 0\r?$/m, text.slice(-4000));
  return text;
}

/** What main/0 of `driver` prints on the simulated PC. */
export async function outputOnPc(beams: string, driver = runnerName): Promise<string> {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm)),
    archive: await archiveOf(beams, driver),
    memoryBytes,
    seed: 0n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { reductionsMax },
  });
  const text = Buffer.concat(chunks).toString('utf8');
  assert.equal(result.panic, undefined, `${result.panic}\n${text.slice(-4000)}`);
  assert.equal(result.ending.kind, 'power', text.slice(-4000));
  return checkedOutput(text);
}
export async function resultsOnPc(beams: string): Promise<CaseResults> {
  return caseResults(await outputOnPc(beams));
}

/** As a Linux program. */
export async function resultsOnLinux(
  work: string,
  beams: string,
  executable: Uint8Array,
): Promise<CaseResults> {
  const program = join(work, 'vbeam');
  writeFileSync(program, executable, { mode: 0o755 });
  writeFileSync(join(work, 'archive.tar'), await archiveOf(beams));
  const text = checkedOutput(
    execFileSync(program, [join(work, 'archive.tar')], {
      encoding: 'utf8',
      timeout: secondsMax * 1000,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return caseResults(text);
}

/** The cases of a module, by what their results are here. */
export interface ModuleComparison {
  readonly all: readonly string[];
  readonly differing: readonly string[];
  /** Those of `differing` that known_differences.ts lists. */
  readonly known: readonly string[];
  /** Cases that known_differences.ts lists and that do not differ. */
  readonly gone: readonly string[];
}

export function compareModule(
  { name }: CaseModule,
  want: CaseResults,
  got: CaseResults,
): ModuleComparison {
  const all = [...want.keys()].filter((each) => each.startsWith(`${name} `));
  const differing = all.filter((each) => got.get(each) !== want.get(each));
  const isKnown = (each: string) => knownDifferences.some((row) => each.startsWith(`${row.case} `));
  return {
    all,
    differing,
    known: differing.filter(isKnown),
    gone: all.filter((each) => isKnown(each) && !differing.includes(each)),
  };
}

/** The differences that nobody knows of, as a text for people. */
export function differenceText(
  { differing, known }: ModuleComparison,
  want: CaseResults,
  got: CaseResults,
): string {
  return differing
    .filter((each) => !known.includes(each))
    .map((each) => `${each}\n    erl:  ${want.get(each)}\n    here: ${got.get(each) ?? 'nothing'}`)
    .join('\n');
}
