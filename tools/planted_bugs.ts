/**
 * `make planted`: shows that the tests find bugs. A copy of the repository below build/planted/ is
 * built once with all bugs of tables/planted_bugs.ts in it, each behind a comparison with one
 * global; the number that this global starts with, a constant in the Wasm file, chooses the bug.
 * For each bug its tests are run until one fails. With no bug chosen all of them must pass.
 *
 *   node --import tsx tools/planted_bugs.ts [NUMBER...]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PlantedBug, plantedBugs } from '../tables/planted_bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const copy = join(root, 'build', 'planted');
const entries = ['vm/main.ts', 'vm/probe_loader.ts', 'vm/probe_gc.ts'];
/** The global's value without a bug; bug N adds N. Nothing else in the VM has these values. */
const marker = 0x5eed00;
const testMinutesMax = 12;

function copyRepository(): void {
  rmSync(copy, { recursive: true, force: true });
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  for (const file of files.split('\0').filter(Boolean)) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

function plant({ file, right, wrong }: PlantedBug, number: number): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const pieces = text.split(right);
  if (pieces.length !== 2)
    throw new Error(`${file}: "${right}" stands there ${pieces.length - 1} times`);
  const choice = `(planted == ${marker + number} ? (${wrong}) : (${right}))`;
  const line = `import { planted } from '${importPath(file)}';\n`;
  writeFileSync(path, pieces.join(choice) + (text.includes(line) ? '' : line));
}

function importPath(file: string): string {
  const path = relative(dirname(file), 'vm/planted');
  return path.startsWith('.') ? path : `./${path}`;
}

/** A number as the operand of i32.const (signed LEB128). */
function encoded(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 64) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

interface Template {
  readonly path: string;
  readonly wasm: Buffer;
  readonly at: number;
}

/** Where the initial value stands: in a global of type i32 that can change. */
function template(entry: string): Template {
  const args = ['--import', 'tsx', 'tools/build_vm.ts', '--entry', entry];
  const text = execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  const path = text.trim().split('\n').at(-1) ?? '';
  const wasm = readFileSync(path);
  const initial = Buffer.concat([Buffer.from([0x7f, 1, 0x41]), encoded(marker), Buffer.from([11])]);
  const found = wasm.indexOf(initial);
  if (found < 0 || wasm.indexOf(initial, found + 1) >= 0)
    throw new Error(`${entry}: the global that chooses the bug cannot be found`);
  return { path, wasm, at: found + 3 };
}

function choose(templates: readonly Template[], number: number): void {
  for (const { path, wasm, at } of templates) {
    const chosen = Buffer.from(wasm);
    encoded(marker + number).copy(chosen, at);
    writeFileSync(path, chosen);
  }
}

/**
 * The name of the first test that fails, null when none does. A file that fails as a whole, before
 * its tests or because its time is up, says nothing about them.
 */
function firstFailure(test: string): string | null {
  const [file = '', ...variables] = test.split(' ');
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-reporter', 'tap', file],
    {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, ...Object.fromEntries(variables.map((each) => each.split('='))) },
      timeout: testMinutesMax * 60_000,
      maxBuffer: 1 << 28,
    },
  );
  if (status === 0) return null;
  const names = [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name ?? '');
  if (names[0] && !names[0].endsWith(file)) return names[0];
  process.stderr.write(`${test}: could not be run: ${names[0] ?? `status ${status}`}\n`);
  return null;
}

function hunt(templates: readonly Template[], bug: PlantedBug, number: number): boolean {
  choose(templates, number);
  for (const test of bug.tests) {
    const failure = firstFailure(test);
    if (failure === null) continue;
    process.stdout.write(
      `| ${number} | \`${bug.file}\` | ${bug.what} | \`${test}\`: ${failure} |\n`,
    );
    return true;
  }
  process.stdout.write(`| ${number} | \`${bug.file}\` | ${bug.what} | NOT FOUND |\n`);
  return false;
}

function main(chosen: readonly number[]): number {
  copyRepository();
  writeFileSync(join(copy, 'vm', 'planted.ts'), `export let planted: u32 = ${marker};\n`);
  plantedBugs.forEach((bug, i) => void plant(bug, i + 1));
  for (const entry of entries) {
    const path = join(copy, entry);
    writeFileSync(path, `${readFileSync(path, 'utf8')}export { planted } from './planted';\n`);
  }
  const templates = entries.map(template);
  let wrong = 0;
  if (!chosen.length) {
    choose(templates, 0);
    for (const test of new Set(plantedBugs.flatMap(({ tests }) => tests))) {
      const failure = firstFailure(test);
      if (failure !== null) wrong++;
      process.stdout.write(`without a bug: ${test}: ${failure ?? 'passes'}\n`);
    }
  }
  plantedBugs.forEach((bug, i) => {
    if (chosen.length && !chosen.includes(i + 1)) return;
    if (!hunt(templates, bug, i + 1)) wrong++;
  });
  return wrong ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2).map(Number));
