/**
 * `make test`: generated files and the VM, types, format and lint, tidy, then every test. Each step
 * has a time limit; the run goes on after a failure, lists what failed at the end, and exits with
 * status 1 then.
 *
 *   node --import tsx tools/test.ts [PART...]      only test files whose path contains a PART
 */
import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run as runTests } from 'node:test';
import { fileURLToPath } from 'node:url';
import { reportTests } from './test_report.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly minutes: number;
}

const typescript = (...args: string[]) => [process.execPath, '--import', 'tsx', ...args];
const npmProgram = (...args: string[]) => ['npx', '--no-install', ...args];

const checks: readonly Step[] = [
  { name: 'generate and compile vm/', command: typescript('tools/build_vm.ts'), minutes: 10 },
  { name: 'types', command: npmProgram('tsc', '-p', 'tsconfig.json'), minutes: 5 },
  { name: 'format and lint', command: npmProgram('biome', 'check', '.'), minutes: 5 },
  { name: 'tidy', command: typescript('tools/tidy.ts'), minutes: 5 },
];

/** Run in this order behind all others: they take minutes, or boot machines. */
const slowTests: readonly RegExp[] = [
  /^v\/v_programs\.test\.ts$/,
  /^tests\/conformance/,
  /^native\/spec\.test\.ts$/,
  /^tests\/native_vm\.test\.ts$/,
  /^nucleus\/boot\.test\.ts$/,
  /^tests\/boot\.test\.ts$/,
  /^tests\/pc_devices\.test\.ts$/,
];

/** All test files may take together, and one of them. */
const testsMinutesMax = 75;
const testFileMinutesMax = 30;
const concurrency = Math.max(2, Math.min(4, cpus().length));

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'build', '.git'].includes(entry.name) ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [relative(root, path)] : [];
  });
}

const slowness = (path: string) => slowTests.findIndex((slow) => slow.test(path));

function orderedTests(parts: readonly string[]): string[] {
  return testFiles(root)
    .filter((path) => !parts.length || parts.some((part) => path.includes(part)))
    .sort((a, b) => slowness(a) - slowness(b) || (a < b ? -1 : 1));
}

interface Outcome {
  readonly name: string;
  readonly problem: string | null;
}

function ended(name: string, start: number, problem: string | null): Outcome {
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  process.stdout.write(`== ${name}: ${problem ?? 'ok'} (${seconds} s)\n\n`);
  return { name, problem };
}

function runCheck({ name, command, minutes }: Step): Promise<Outcome> {
  const start = Date.now();
  process.stdout.write(`== ${name}\n`);
  return new Promise((resolve) => {
    const [program, ...args] = command as [string, ...string[]];
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, minutes * 60_000);
    const finish = (problem: string | null) => {
      clearTimeout(timer);
      const text = timedOut ? `took more than ${minutes} minutes` : problem;
      resolve(ended(name, start, text));
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (status) => finish(status === 0 ? null : `status ${status}`));
  });
}

interface TestOutcome extends Outcome {
  /** node:test's closing figures. */
  readonly closing: readonly string[];
}

/** All test files, in processes of their own that load TypeScript as this one does. */
async function runAllTests(files: string[]): Promise<TestOutcome> {
  const start = Date.now();
  process.stdout.write('== tests\n');
  const signal = AbortSignal.timeout(testsMinutesMax * 60_000);
  // Each file that runs listens, and nobody stops listening before the end.
  setMaxListeners(0, signal);
  const stream = runTests({
    files: files.map((path) => join(root, path)),
    concurrency,
    timeout: testFileMinutesMax * 60_000,
    signal,
  });
  const { failed, closing } = await reportTests(stream, root, (text) => process.stdout.write(text));
  const problem = failed ? `${failed} failed` : null;
  return { ...ended('tests', start, problem), closing };
}

async function main(parts: readonly string[]): Promise<number> {
  process.chdir(root);
  const outcomes: Outcome[] = [];
  for (const step of parts.length ? [] : checks) outcomes.push(await runCheck(step));
  const tests = await runAllTests(orderedTests(parts));
  outcomes.push(tests);
  for (const { name, problem } of outcomes)
    if (problem !== null) process.stdout.write(`FAILED: ${name}: ${problem}\n`);
  for (const line of tests.closing) process.stdout.write(`# ${line}\n`);
  return outcomes.every(({ problem }) => problem === null) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
