/**
 * Conformance by cases: a module of tests/conformance/ with cases/0, a list of {Name, Fun}, has the
 * same results on the installed `erl` and here. All modules run in one VM, below the supervision
 * tree, driven by conformance/runner/conformance_cases.erl, which prints a line a case.
 *
 * `CONFORMANCE=AREA/NAME` runs that module only. Programs that print: conformance.test.ts.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildBootArchive } from '../image/boot_archive.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';
import { knownDifferences } from './known_differences.ts';

const here = join(import.meta.dirname, 'conformance');
const memoryBytes = 256 << 20;
const reductionsMax = 2_000_000_000;
const erlSecondsMax = 300;

const work = mkdtempSync(join(tmpdir(), 'vbeam-conformance-'));
after(() => rmSync(work, { recursive: true, force: true }));

interface Program {
  readonly area: string;
  readonly name: string;
  readonly path: string;
}

const programs: readonly Program[] = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'runner')
  .flatMap(({ name: area }) => readdirSync(join(here, area)).map((file) => ({ area, file })))
  .filter(({ file }) => file.endsWith('.erl'))
  .map(({ area, file }) => ({ area, name: basename(file, '.erl'), path: join(here, area, file) }))
  .filter(({ path }) => /^-export\(\[cases\/0/m.test(readFileSync(path, 'utf8')))
  .filter(({ area, name }) => (process.env.CONFORMANCE ?? `${area}/${name}`) === `${area}/${name}`);

/** Compile into a folder below the scratch folder; returns its path. */
function compile(folder: string, sources: readonly string[], ...options: string[]): string {
  const out = join(work, folder);
  mkdirSync(out, { recursive: true });
  if (sources.length)
    execFileSync('erlc', ['-W0', ...options, '-o', out, ...sources], { stdio: 'inherit' });
  return out;
}

function runErl(beams: string, code: string): string {
  return execFileSync(
    'erl',
    ['-noshell', '+pc', 'unicode', '-kernel', 'logger_level', 'none', '-pa', beams, '-eval', code],
    {
      encoding: 'utf8',
      timeout: erlSecondsMax * 1000,
      maxBuffer: 64 << 20,
    },
  ).replaceAll('\r', '');
}

let wasm: WebAssembly.Module;
before(async () => {
  wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
});

/** What the system prints on its serial line until it ends. */
function runHere(archive: Uint8Array): string {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm,
    archive,
    memoryBytes,
    seed: 0n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { reductionsMax },
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  assert.equal(result.panic, undefined, `${result.panic}\n${text.slice(-4000)}`);
  assert.equal(result.ending.kind, 'power', text.slice(-4000));
  return text;
}

/** Results by `MODULE NUMBER NAME`. */
function caseResults(text: string): Map<string, string> {
  const rows = [...text.matchAll(/^(\w+ \d+ .*?) => (.*)$/gmu)];
  return new Map(rows.map(([, name, result]) => [name!, result!]));
}

async function runCases(): Promise<{ want: Map<string, string>; got: Map<string, string> }> {
  const list = join(work, 'conformance_list.erl');
  const modules = programs.map(({ name }) => name).join(', ');
  writeFileSync(
    list,
    `-module(conformance_list).\n-export([modules/0]).\nmodules() -> [${modules}].\n`,
  );
  const runner = join(here, 'runner', 'conformance_cases.erl');
  const folder = compile('cases', [...programs.map(({ path }) => path), runner, list]);
  const want = caseResults(runErl(folder, 'conformance_cases:main(), halt().'));
  const beams = readdirSync(folder).map((file) => join(folder, file));
  const program = {
    name: 'conformance',
    args: [],
    module: 'conformance_cases',
    function: 'main',
    beams,
  };
  const text = runHere(await buildBootArchive('application', program));
  const got = caseResults(text);
  assert.match(text, /^application: ended with status 0$/m, text.slice(-4000));
  return { want, got };
}

describe('cases have the results that they have on erl', { skip: !programs.length }, () => {
  let want: Map<string, string>;
  let got: Map<string, string>;
  before(async () => {
    ({ want, got } = await runCases());
  });

  for (const { area, name } of programs)
    test(`${area}/${name}`, (t) => {
      const names = [...want.keys()].filter((each) => each.startsWith(`${name} `));
      assert.ok(names.length > 0, 'erl printed nothing');
      const differing = names.filter((each) => got.get(each) !== want.get(each));
      const isKnown = (each: string) =>
        knownDifferences.some((row) => each.startsWith(`${row.case} `));
      const text = differing
        .filter((each) => !isKnown(each))
        .map(
          (each) => `${each}\n    erl:  ${want.get(each)}\n    here: ${got.get(each) ?? 'nothing'}`,
        );
      t.diagnostic(`${names.length} cases compared`);
      assert.equal(text.length, 0, `${text.length} of ${names.length} differ:\n${text.join('\n')}`);
      // The list of known differences only shrinks: a row whose difference is gone must go.
      const gone = names.filter((each) => isKnown(each) && !differing.includes(each));
      assert.deepEqual(gone, [], 'known differences that are none any more');
    });
});
