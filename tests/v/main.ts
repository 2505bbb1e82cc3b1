/**
 * `make test-v`: V's own tests, compiled here, on `erl` and on our VM.
 *
 *   V_SRC=DIR node --import tsx tests/v/main.ts [PART OF A PATH...] [OPTIONS]
 *     --erl          only on `erl`
 *     --update       write the list of those that fail and the document instead of comparing with
 *                    the former; the document only when all listed tests have run, those
 *                    of the language on both
 *     --library      the tests beside the modules of V's library; files and document of their own
 *     --all          every `_test.v` of the checkout's vlib/v/tests, not only the listed ones
 *
 * Exit status 1: a test fails that failing.tsv does not list, or one passes that it lists.
 */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { erlExecutable } from '../../image/erl_program.ts';
import { UserError } from '../../lib/user_error.ts';
import { checkFailing, passes, tableText, writeFailing, writeTable } from './report.ts';
import { Lane, languageSuite, librarySuite, listedTests, type TestResult } from './suite.ts';

const LANES_MAX = 2;
const progress = (line: string) => process.stderr.write(`${line}\n`);

function checkout(): string {
  const folder = process.env.V_SRC;
  if (!folder || !existsSync(join(folder, 'vlib'))) {
    throw new UserError('V_SRC names a folder with a checkout of V; see docs/testing.md', 2);
  }
  return folder;
}

function allTests(folder: string): string[] {
  const names = readdirSync(join(folder, 'vlib/v/tests'), { recursive: true, encoding: 'utf8' });
  const tests = names.filter((name) => name.endsWith('_test.v'));
  return tests.map((name) => `vlib/v/tests/${name}`).sort();
}

async function runAll(paths: readonly string[], lanes: readonly Lane[]): Promise<TestResult[]> {
  const results: TestResult[] = [];
  const queue = [...paths];
  const work = async (lane: Lane): Promise<void> => {
    await lane.start();
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const result = await lane.run(path);
      results.push(result);
      if (passes(result)) continue;
      const what = result.stage === 'ok' ? `on our VM ${result.difference}` : result.report;
      progress(`${path}: ${result.stage === 'ok' ? '' : `${result.stage} `}${what.slice(0, 250)}`);
    }
  };
  try {
    await Promise.all(lanes.map(work));
  } finally {
    for (const lane of lanes) lane.close();
  }
  return results.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const folder = checkout();
  const flags = args.filter((arg) => arg.startsWith('--'));
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const suite = flags.includes('--library') ? librarySuite : languageSuite;
  const all = flags.includes('--all') ? allTests(folder) : listedTests(suite);
  const chosen = all.filter((path) => !parts.length || parts.some((part) => path.includes(part)));
  const ours = flags.includes('--erl') ? undefined : await erlExecutable(progress);
  const count = Math.min(LANES_MAX, availableParallelism());
  const lanes = Array.from({ length: count }, () => new Lane(folder, ours));
  const results = await runAll(chosen, lanes);
  process.stdout.write(tableText(suite, results));
  if (flags.includes('--all')) return 0;
  if (flags.includes('--update')) {
    writeFailing(suite, results);
    const whole = ours !== undefined || suite === librarySuite;
    if (whole && parts.length === 0) writeTable(suite, results);
    return 0;
  }
  const problems = checkFailing(suite, results);
  for (const problem of problems) progress(problem);
  return problems.length ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  progress(error.message);
  process.exitCode = error.status;
}
