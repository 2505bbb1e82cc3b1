/**
 * `make otp-suites`: OTP's own test suites on our VM, side by side with `erl`.
 *
 *   OTP_SRC=DIR node --import tsx tests/otp_suites/main.ts [SUITE | FOLDER...] [OPTIONS]
 *     --node         on the simulated PC (default: the VM as a Linux program)
 *     --update       write failing.tsv and docs/otp_suites.md instead of comparing with the former
 *     --kept         take what the last runs of the suites here have left in build/, run nothing
 *     --erl          only run erl, from the last suite to the first, and keep the results
 *     --limit S      seconds for one case on our VM; default 180
 *
 * A case counts, and is run on our VM, when `erl` passes it under the same runner. The results of
 * `erl` are kept below build/. Exit status 1: a case fails that failing.tsv does not list, or one
 * passes that it lists.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { erlExecutable } from '../../image/erl_program.ts';
import { contentHash, writeWhole } from '../../lib/cache.ts';
import { UserError } from '../../lib/user_error.ts';
import { stagedData } from './otp_data.ts';
import { compileFolder, compileRunner, type Suite, suitesOf } from './otp_source.ts';
import {
  type Comparison,
  checkFailing,
  reportText,
  tableText,
  writeFailing,
  writeTable,
} from './report.ts';
import { type CaseResult, type Host, runSuite, shortName } from './suite_run.ts';
import { suiteFolders } from './suites.ts';

const work = join(buildDir, 'otp_suites');
const progress = (line: string) => process.stderr.write(`${line}\n`);
/** `erl` gets a shorter time: what takes it longer does not count. */
const ERL_LIMIT_MS = 60_000;
const OUR_SCALE = 10;

interface Options {
  readonly names: readonly string[];
  readonly onNode: boolean;
  readonly onlyErl: boolean;
  readonly update: boolean;
  readonly kept: boolean;
  readonly limitMs: number;
}

function options(args: readonly string[]): Options {
  const limitAt = args.indexOf('--limit');
  const limit = limitAt < 0 ? 180 : Number(args[limitAt + 1]);
  return {
    names: args.filter((each, i) => !each.startsWith('--') && (limitAt < 0 || i !== limitAt + 1)),
    onNode: args.includes('--node'),
    onlyErl: args.includes('--erl'),
    update: args.includes('--update'),
    kept: args.includes('--kept'),
    limitMs: limit * 1000,
  };
}

/**
 * What erl does with a suite, from build/ when neither suite nor runner changed. The key knows no
 * folders, so a copy of the results is good in another copy of the project.
 */
async function erlResults(suite: Suite, host: Host): Promise<CaseResult[]> {
  const source = readFileSync(join(suite.source, `${suite.module}.erl`));
  const data = basename(stagedData(suite, work) ?? '');
  const key = contentHash(source, basename(host.runner), data, String(host.limitMs));
  const path = join(work, 'erl', `${suite.module}.${key}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const results = await runSuite(suite, host);
  writeWhole(path, JSON.stringify(results, null, 1));
  return results;
}

async function ourHost(chosen: Options, runner: string): Promise<Host> {
  const limits = { limitMs: chosen.limitMs, scale: OUR_SCALE, runner, buildDir: work };
  if (!chosen.onNode) return { program: [await erlExecutable(progress)], ...limits };
  const command = join(import.meta.dirname, '..', '..', 'cli', 'vbeam-erl.mjs');
  return { program: [process.execPath, command], ...limits };
}

const comparisonPath = (suite: Suite) => join(work, `${suite.label.replace('/', '_')}.json`);
async function compare(suite: Suite, erlHost: Host, host: Host): Promise<Comparison> {
  const erl = await erlResults(suite, erlHost);
  // What erl does not pass does not count.
  const leftOut = erl.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name);
  const ours = await runSuite(suite, host, leftOut);
  const comparison = { suite: suite.label, folder: suite.folder, erl, ours };
  writeFileSync(comparisonPath(suite), JSON.stringify(comparison, null, 1));
  return comparison;
}
function keptComparison(suite: Suite): Comparison | undefined {
  const path = comparisonPath(suite);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

async function main(): Promise<number> {
  const otp = process.env.OTP_SRC;
  if (!otp) {
    throw new UserError(
      'OTP_SRC names a folder with the sources of Erlang/OTP; see docs/testing.md',
      2,
    );
  }
  const chosen = options(process.argv.slice(2));
  const runner = compileRunner(work);
  const suites = suiteFolders.flatMap((folder) => {
    return suitesOf(otp, folder, compileFolder(otp, folder, work)).filter(
      (suite) =>
        !chosen.names.length ||
        chosen.names.some((n) => [folder.folder, shortName(suite)].includes(n)),
    );
  });
  const erlHost: Host = {
    program: ['erl'],
    limitMs: ERL_LIMIT_MS,
    scale: 1,
    runner,
    buildDir: work,
  };
  if (chosen.onlyErl) {
    for (const suite of suites.reverse()) await erlResults(suite, erlHost);
    return 0;
  }
  const host = chosen.kept ? undefined : await ourHost(chosen, runner);
  const comparisons: Comparison[] = [];
  for (const suite of suites) {
    const comparison = host ? await compare(suite, erlHost, host) : keptComparison(suite);
    if (!comparison) continue;
    comparisons.push(comparison);
    progress(reportText(comparison));
    // After every suite, so that a run that is interrupted leaves what it found.
    if (chosen.update) {
      writeFailing(comparisons);
      writeTable(comparisons);
    }
  }
  process.stdout.write(tableText(comparisons));
  if (chosen.update) return 0;
  const problems = checkFailing(comparisons);
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
