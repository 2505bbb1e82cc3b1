// Compiles and runs every `NAME.v` of testdata and examples on a real Erlang system and compares
// with `NAME.out`, and every `NAME.v` that has to be rejected with `NAME.err`. All of it in one
// system, so the folder takes seconds.
//
// A missing expectation fails. `UPDATE_EXPECTED=1` writes what is missing or different, for a
// person to read.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CompileError,
  compileRuntime,
  compileV,
  compileVFile,
  compileVFiles,
  ErlangNode,
  formatDiagnostics,
} from './compile.ts';
import { programFiles } from './load/load.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const update = process.env.UPDATE_EXPECTED === '1';
const runTimeoutMs = 20_000;

const node = new ErlangNode();
const work = mkdtempSync(join(tmpdir(), 'v-test-'));

before(async () => {
  process.chdir(root);
  for (const beam of await compileRuntime(join(work, 'runtime'), node)) await node.load(beam);
});

after(() => {
  node.close();
  rmSync(work, { recursive: true, force: true });
});

function compare(path: string, actual: string): void {
  if (update) writeFileSync(path, actual);
  assert.ok(existsSync(path), `${path} is missing; UPDATE_EXPECTED=1 writes it`);
  assert.equal(actual, readFileSync(path, 'utf8'));
}

async function runProgram(path: string, defines: readonly string[] = []): Promise<string> {
  const folder = join(work, [path.replaceAll('/', '_'), ...defines].join('-'));
  const { beamPath } = await compileVFile(path, folder, node, { defines }).catch((error) => {
    throw error instanceof CompileError ? new Error(`does not compile:\n${error.message}`) : error;
  });
  const { status, stdout, stderr } = await node.run(beamPath, runTimeoutMs);
  let text = stdout;
  if (stderr !== '') text += `[stderr]\n${stderr}`;
  if (status !== 0) text += `[status ${status}]\n`;
  return text;
}

function vFiles(folder: string): string[] {
  const names = readdirSync(join(root, folder))
    .filter((n) => n.endsWith('.v'))
    .sort();
  return names.map((n) => relative(root, join(root, folder, n)));
}

for (const path of vFiles('v/testdata')) {
  test(`${path} prints what its .out says`, async () => {
    compare(path.replace(/\.v$/, '.out'), await runProgram(path));
  });
}

test('flags and values given with -d decide what templates.v does', async () => {
  const defines = ['tracing', 'lucky=9', 'title=all', 'half=1.25'];
  const text = await runProgram('v/testdata/templates.v', defines);
  compare('v/testdata/templates_with_flags.out', text);
});

const projects = join('v/testdata', 'projects');
for (const name of readdirSync(join(root, projects)).sort()) {
  if (name.endsWith('.out')) continue;
  test(`${name}, a program of several files and modules, prints what its .out says`, async () => {
    compare(join(projects, `${name}.out`), await runProgram(join(projects, name)));
  });
}

for (const path of vFiles('examples')) {
  const name = path.replace(/^.*\//, '').replace(/\.v$/, '.out');
  test(`${path} prints what its .out says`, async () => {
    compare(join('v/testdata/examples', name), await runProgram(path));
  });
}

for (const path of vFiles('v/testdata/errors')) {
  test(`${path} is rejected as its .err says`, () => {
    const source = readFileSync(path, 'utf8');
    const result = compileV(path, source);
    assert.ok('errors' in result, 'it compiles');
    compare(path.replace(/\.v$/, '.err'), formatDiagnostics(path, source, result.errors));
  });
}

const rejected = join('v/testdata', 'rejected');
for (const name of readdirSync(join(root, rejected)).sort()) {
  if (name.endsWith('.err')) continue;
  test(`${name}, a program of several modules, is rejected as its .err says`, () => {
    const [first, ...more] = programFiles(join(rejected, name), []);
    assert.ok(first, 'it has no files');
    const result = compileVFiles([first, ...more]);
    assert.ok('errors' in result, 'it compiles');
    const text = formatDiagnostics(first.path, first.text, result.errors);
    compare(join(rejected, `${name}.err`), text);
  });
}

for (const path of vFiles('v/testdata/warnings')) {
  test(`${path} compiles with the warnings of its .err`, () => {
    const source = readFileSync(path, 'utf8');
    const result = compileV(path, source);
    assert.ok('core' in result, 'it does not compile');
    compare(path.replace(/\.v$/, '.err'), formatDiagnostics(path, source, result.warnings));
  });
}
