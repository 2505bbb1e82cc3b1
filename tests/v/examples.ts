/**
 * V's own console examples on `erl`: each is compiled, and run with no input.
 *
 *   V_SRC=DIR node --import tsx tests/v/examples.ts [PART OF A PATH...]
 *
 * An example counts when it compiles and ends in time with the status that it has in V, see
 * `endings`. Those that import what a
 * terminal and a file system alone cannot give (graphics, networks, data bases) are not tried.
 * Exit status 1: fewer run than EXAMPLES_MIN.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { CompileError, compileRuntime, compileVFile, ErlangNode } from '../../v/compile.ts';

const EXAMPLES_MIN = 40;
const RUN_MS_MAX = 20_000;

/** What an example must not import, or say of C, to be a console program. */
const outOfScope =
  /^\s*import\s+(gg|gx|ui|net|veb|vweb|db|sokol|x\.|v\.|picohttpparser|orm|stbi|clipboard|dl|audio|eventbus|readline|term\.ui)\b|^\s*#(flag|include|pkgconfig)|\bC\.\w+|\bsql\s+\w+\s*\{|\basm\s+\w+\s*\{/m;

/** How examples end that do not end with status 0 in V either, and why. */
const endings: Readonly<Record<string, { readonly status: number; readonly why: string }>> = {
  'brainvuck.v': { status: 1, why: 'it was given no program to interpret' },
  'log.v': { status: 1, why: 'it shows log.fatal, which ends the program' },
  'logfatal.v': { status: 1, why: 'it shows log.fatal, which ends the program' },
  'term_key_pressed.v': { status: 124, why: 'it runs until a key is pressed; there is none' },
};
/** What stands for running on when nobody stops it. */
const RUNNING = 124;
const ENDLESS_MS = 3000;

function consoleExamples(folder: string, parts: readonly string[]): string[] {
  const names = readdirSync(join(folder, 'examples')).filter((n) => n.endsWith('.v'));
  return names
    .map((name) => join(folder, 'examples', name))
    .filter((path) => !outOfScope.test(readFileSync(path, 'utf8')))
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
    .sort();
}

async function outcome(path: string, work: string, node: ErlangNode): Promise<string> {
  try {
    const { beamPath } = await compileVFile(path, work, node);
    const ending = endings[basename(path)];
    const expected = ending?.status ?? 0;
    const limit = expected === RUNNING ? ENDLESS_MS : RUN_MS_MAX;
    const { status, stderr } = await node.run(beamPath, limit);
    if (ending && status === expected) return `ok (status ${status}: ${ending.why})`;
    return status === expected ? 'ok' : `status ${status}: ${stderr.trim().split('\n')[0]}`;
  } catch (error) {
    const message = (error as Error).message;
    const first = message.split('\n').find((line) => line.includes(' error: ')) ?? message;
    return `${error instanceof CompileError ? 'compile' : 'failed'}: ${first.slice(0, 200)}`;
  }
}

async function main(): Promise<number> {
  const { V_SRC: given } = process.env;
  if (given === undefined) {
    process.stderr.write('V_SRC names a folder with a checkout of V; see docs/testing.md\n');
    return 2;
  }
  const folder = resolve(given);
  const parts = process.argv.slice(2);
  const examples = consoleExamples(folder, parts);
  const work = mkdtempSync(join(tmpdir(), 'v-examples-'));
  // Examples write files where they are started.
  process.chdir(work);
  const node = new ErlangNode();
  let passed = 0;
  try {
    for (const beam of await compileRuntime(join(work, 'runtime'), node)) await node.load(beam);
    for (const path of examples) {
      const result = await outcome(path, join(work, 'out'), node);
      if (result.startsWith('ok')) passed++;
      process.stdout.write(`${path.slice(folder.length + 1)}: ${result}\n`);
    }
  } finally {
    node.close();
    rmSync(work, { recursive: true, force: true });
  }
  process.stdout.write(`${passed} of ${examples.length} console examples run\n`);
  return parts.length > 0 || passed >= EXAMPLES_MIN ? 0 : 1;
}

process.exitCode = await main();
