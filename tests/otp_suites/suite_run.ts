/**
 * One suite on one host, from its first case to its last. When the host dies or stops printing, the
 * case that was running has failed, and the suite goes on with the next case on a fresh host.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildBootArchive } from '../../image/boot_archive.ts';
import { otpRoot } from '../../image/otp.ts';
import { filesBelow, type Suite } from './otp_source.ts';

export interface CaseResult {
  readonly name: string;
  readonly outcome: 'ok' | 'skipped' | 'failed';
  readonly milliseconds: number;
  readonly reason: string;
}

/** Where suites run: OTP's VM, ours in Node, ours as a Linux program. */
export type HostName = 'erl' | 'node' | 'linux';

export interface Host {
  readonly name: HostName;
  /** Path of the VM as a Linux program. */
  readonly executable?: string;
  /** Folder of the runner's modules. */
  readonly runner: string;
  /** Longest time for one case; what a suite asks for is multiplied by `scale` before. */
  readonly limitMs: number;
  readonly scale: number;
}

/** Starts that a suite may need; each start after the first one follows a dead host. */
const STARTS_MAX = 40;
/** A host that prints nothing for so long after a case should have ended hangs. */
const SILENCE_MS = 30_000;
const BOOT_MS = 60_000;
const MEMORY_MB = 2048;
const OUTPUT_CHARACTERS_MAX = 1 << 24;

/** The module suite_plan, compiled into a folder. */
function compilePlan(work: string, suite: Suite, host: Host, done: readonly string[]): string {
  const onErl = host.name === 'erl';
  const data = onErl ? suite.data : `/suites/${suite.module}_data`;
  const priv = onErl ? join(work, 'private') : '/tmp/private';
  const text = (path: string) => `"${path}/"`;
  writeFileSync(
    join(work, 'suite_plan.erl'),
    `-module(suite_plan).
-export([plan/0]).
plan() ->
    #{suite => ${suite.module}, done => ${JSON.stringify(done)}, data_dir => ${text(data)},
      priv_dir => ${text(priv)}, limit_ms => ${host.limitMs}, scale => ${host.scale}}.
`,
  );
  execFileSync('erlc', ['-o', work, join(work, 'suite_plan.erl')]);
  return join(work, 'suite_plan.beam');
}

/** Applications that suites use where they are installed, as on the host. */
function furtherApplications(): string[] {
  const names = readdirSync(join(otpRoot(), 'lib')).map((name) => name.replace(/-[^-]*$/, ''));
  return ['compiler', 'syntax_tools', 'runtime_tools', 'tools'].filter((each) =>
    names.includes(each),
  );
}

/** The boot archive with a suite, its data and what it may compile. */
async function suiteArchive(suite: Suite, host: Host, plan: string): Promise<Uint8Array> {
  const below = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.beam') && !/_SUITE\.beam$/.test(name))
      .map((name) => join(folder, name));
  const beams = [...below(host.runner), ...below(suite.ebin)];
  const program = {
    name: 'suite',
    args: [],
    module: 'suite_runner',
    function: 'main',
    beams: [plan, join(suite.ebin, `${suite.module}.beam`), ...beams],
  };
  const data = filesBelow(suite.data).map((name) => ({
    path: `suites/${suite.module}_data/${name}`,
    bytes: readFileSync(join(suite.data, name)),
  }));
  const source = `${suite.module}.erl`;
  const files = [
    ...data,
    { path: `suites/${source}`, bytes: readFileSync(join(suite.source, source)) },
  ];
  return buildBootArchive('application', program, { applications: furtherApplications(), files });
}

/** What to start on a host, with its working folder. */
async function command(
  work: string,
  suite: Suite,
  host: Host,
  plan: string,
): Promise<readonly [string, ...string[]]> {
  if (host.name === 'erl') {
    const folders = [work, host.runner, suite.ebin];
    return ['erl', '-noshell', '-pa', ...folders, '-eval', 'suite_runner:main(), halt().'];
  }
  const archive = join(work, 'archive.tar');
  writeFileSync(archive, await suiteArchive(suite, host, plan));
  if (host.name === 'linux') return [host.executable as string, archive];
  const script = join(import.meta.dirname, 'on_pc.ts');
  return [process.execPath, '--import', 'tsx', script, archive, String(MEMORY_MB)];
}

interface Output {
  readonly text: string;
  /** Why it was stopped or how it ended, when the suite did not end. */
  readonly problem: string;
}

function runHost(words: readonly [string, ...string[]], host: Host): Promise<Output> {
  return new Promise((resolve) => {
    const [program, ...args] = words;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: host.name === 'erl' ? tmpdir() : join(import.meta.dirname, '..', '..'),
    });
    let text = '';
    let stderr = '';
    let problem = '';
    let timer: NodeJS.Timeout;
    const stop = (why: string) => {
      problem ||= why;
      child.kill('SIGKILL');
    };
    const wait = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(`printed nothing for ${ms / 1000} s`), ms);
    };
    wait(BOOT_MS + host.limitMs);
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.length > OUTPUT_CHARACTERS_MAX) stop('printed too much');
      wait(host.limitMs + SILENCE_MS);
      if (/^suite \w+ ended/m.test(text.slice(-4000))) wait(SILENCE_MS / 6);
    });
    child.stderr.on('data', (chunk) => {
      stderr = `${stderr}${chunk}`.slice(-2000);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const last = (stderr.trim() || text.trim()).split('\n').slice(-3).join(' | ');
      problem ||= `${signal ?? `status ${status}`}: ${last}`;
      resolve({ text: text.replaceAll('\r', ''), problem });
    });
  });
}

/** The results in a run's output, by name; a case that only started has failed. */
function readResults(module: string, { text, problem }: Output): CaseResult[] {
  const results = new Map<string, CaseResult>();
  for (const line of text.split('\n')) {
    const row = new RegExp(`case ${module} (\\S+) (ok|skipped|failed|starts) ?(\\d*) ?(.*)$`).exec(
      line,
    );
    if (!row) continue;
    const [, name, word, ms, reason] = row as unknown as [string, string, string, string, string];
    results.set(
      name,
      word === 'starts'
        ? { name, outcome: 'failed', milliseconds: 0, reason: `the VM ended: ${problem}` }
        : { name, outcome: word as CaseResult['outcome'], milliseconds: Number(ms), reason },
    );
  }
  return [...results.values()];
}

/** All results of a suite on a host; what prevented it from ending, if something did, as a case. */
export async function runSuite(suite: Suite, host: Host): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  for (let start = 0; start < STARTS_MAX; start++) {
    const work = mkdtempSync(join(tmpdir(), 'vbeam-suite-'));
    mkdirSync(join(work, 'private'));
    try {
      const plan = compilePlan(work, suite, host, [...results.keys()]);
      const output = await runHost(await command(work, suite, host, plan), host);
      const found = readResults(suite.module, output);
      for (const result of found) results.set(result.name, result);
      if (new RegExp(`^suite ${suite.module} ended`, 'm').test(output.text)) break;
      if (!found.length) {
        const reason = `${output.problem} ${output.text.split('\n').slice(-4).join(' | ')}`;
        results.set('the_suite', { name: 'the_suite', outcome: 'failed', milliseconds: 0, reason });
        break;
      }
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return [...results.values()];
}

/** Base name of a suite's module without _SUITE. */
export const shortName = (suite: Suite): string => basename(suite.module, '_SUITE');
