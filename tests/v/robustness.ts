/**
 * Whatever the input, the compiler answers with a program or with errors. From a checkout of V: all
 * its language tests, their prefixes cut at random places, and token mutations of them.
 *
 *   V_SRC=DIR node --import tsx tests/v/robustness.ts [OPTIONS]
 *     --seed N          default 1
 *     --prefixes N      of each file; default 200
 *     --mutations N     default 10000
 *     --threads N       default 2
 *     --case N          only this case; prints its source and what the compiler says
 *
 * A case fails when the compiler throws, rejects without an error, takes more than ten seconds of
 * processor time, or makes Core Erlang that OTP's compiler refuses. Exit status 1: a case failed.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../lib/user_error.ts';
import { compileV, ErlangNode, formatDiagnostics } from '../../v/compile.ts';
import { type Campaign, caseCount, caseSource } from './robustness_cases.ts';
import type { WorkerReport, WorkerTask } from './robustness_worker.ts';

/** Of one thread; the time of the others is counted with it. */
const HANG_MS = 10_000;
const LOOK_MS = 500;
const PROGRESS_MS = 60_000;
const FAILURES_SHOWN_MAX = 50;

/** A new thread knows no TypeScript before tsx has registered itself. */
const threadStart =
  `import('tsx/esm/api').then(({ register }) => { register(); ` +
  `return import(${JSON.stringify(new URL('./robustness_worker.ts', import.meta.url).href)}); });`;

interface Outcome {
  accepted: number;
  readonly failures: { readonly number: number; readonly what: string }[];
}

/** Of all threads: a machine that is busy with other things makes nothing hang. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** One thread's cases; a hanging one is named, and a new thread goes on behind it. */
async function runThread(
  campaign: Campaign,
  threads: number,
  index: number,
  report: (message: WorkerReport) => void,
  hangs: (number: number) => void,
): Promise<void> {
  const end = caseCount(campaign);
  let first = index;
  let shown = Date.now();
  while (first < end) {
    const current = new Int32Array(new SharedArrayBuffer(4)).fill(first);
    const workerData: WorkerTask = { campaign, first, step: threads, end, current };
    const worker = new Worker(threadStart, { workerData, eval: true });
    worker.on('message', report);
    let last = first;
    let since = cpuMilliseconds();
    const next = await new Promise<number>((resolve, reject) => {
      const timer = setInterval(() => {
        const now = Atomics.load(current, 0);
        if (index === 0 && Date.now() - shown > PROGRESS_MS) {
          shown = Date.now();
          process.stderr.write(`at case ${now} of ${end}\n`);
        }
        if (now !== last) {
          last = now;
          since = cpuMilliseconds();
        } else if (cpuMilliseconds() - since > HANG_MS * threads && now < end) {
          hangs(now);
          resolve(now + threads);
        }
      }, LOOK_MS);
      worker.on('error', reject);
      worker.on('exit', () => {
        clearInterval(timer);
        resolve(end);
      });
    });
    await worker.terminate();
    first = next;
  }
}

async function runCampaign(campaign: Campaign, threads: number): Promise<Outcome> {
  const outcome: Outcome = { accepted: 0, failures: [] };
  const fail = (number: number, what: string) => {
    outcome.failures.push({ number, what });
    if (outcome.failures.length <= FAILURES_SHOWN_MAX)
      process.stderr.write(`case ${number}: ${what.slice(0, 600)}\n`);
  };
  const node = new ErlangNode();
  const work = mkdtempSync(join(tmpdir(), 'v-robustness-'));
  let compiling: Promise<void> = Promise.resolve();
  const report = (message: WorkerReport): void => {
    if (message.kind === 'thrown') fail(message.number, `throws ${message.text}`);
    else if (message.kind === 'silent') fail(message.number, 'is rejected without an error');
    else {
      outcome.accepted++;
      compiling = compiling.then(async () => {
        const path = join(work, 'v.main.core');
        writeFileSync(path, message.core);
        // On a machine that is busy with other things the first attempt may run out of time.
        await node
          .compileCore(path)
          .catch(() => node.compileCore(path))
          .catch((error: Error) => fail(message.number, error.message));
      });
    }
  };
  const hangs = (number: number) => fail(number, `takes more than ${HANG_MS} ms`);
  await Promise.all(
    Array.from({ length: threads }, (_, i) => runThread(campaign, threads, i, report, hangs)),
  );
  await compiling;
  node.close();
  rmSync(work, { recursive: true, force: true });
  return outcome;
}

function showCase(campaign: Campaign, number: number): number {
  const { path, source } = caseSource(campaign, number);
  process.stdout.write(`${path}\n--- source\n${source}\n---\n`);
  const result = compileV(path, source);
  if ('core' in result) process.stdout.write('accepted\n');
  else process.stdout.write(formatDiagnostics(path, source, result.errors));
  return 0;
}

async function main(): Promise<number> {
  const folder = process.env.V_SRC;
  if (!folder) throw new UserError('V_SRC names a folder with a checkout of V', 2);
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seed: text, prefixes: text, mutations: text, threads: text, case: text },
  });
  const tests = join(folder, 'vlib/v/tests');
  const names = readdirSync(tests, { recursive: true, encoding: 'utf8' });
  const campaign: Campaign = {
    files: names
      .filter((name) => name.endsWith('_test.v'))
      .sort()
      .map((name) => join(tests, name)),
    seed: Number(values.seed ?? 1),
    prefixes: Number(values.prefixes ?? 200),
    mutations: Number(values.mutations ?? 10_000),
  };
  if (values.case !== undefined) return showCase(campaign, Number(values.case));
  const before = Date.now();
  const { accepted, failures } = await runCampaign(campaign, Number(values.threads ?? 2));
  const seconds = Math.round((Date.now() - before) / 1000);
  process.stdout.write(
    `${campaign.files.length} files, ${caseCount(campaign)} cases of seed ${campaign.seed} in ` +
      `${seconds} s: ${accepted} programs, ${failures.length} failures\n`,
  );
  return failures.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.status;
}
