/**
 * One suite on one host, from its first case to its last. When the host dies or stops printing, the
 * case that was running has failed, and the suite goes on with the next case on a fresh host.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagedData } from './otp_data.ts';
import type { Suite } from './otp_source.ts';

export interface CaseResult {
  readonly name: string;
  readonly outcome: 'ok' | 'skipped' | 'failed';
  readonly milliseconds: number;
  readonly reason: string;
}

/** Where suites run: OTP's VM, ours in Node, ours as a Linux program. */
export interface Host {
  /** What stands for `erl`: a program, and its first arguments. */
  readonly program: readonly string[];
  /** Folder of the runner's modules, and the one where suites and their data are built. */
  readonly runner: string;
  readonly buildDir: string;
  /** Longest time for one case; what a suite asks for is multiplied by `scale` before. */
  readonly limitMs: number;
  readonly scale: number;
}

/** Starts that a suite may need; each start after the first one follows a dead host. */
const STARTS_MAX = 100;
/** A host that prints nothing for so long after a case should have ended hangs. */
const SILENCE_MS = 20_000;
const BOOT_MS = 60_000;
const OUTPUT_CHARACTERS_MAX = 1 << 24;

const dataFolder = (work: string, suite: Suite) => join(work, `${suite.module}_data`);

/**
 * What a start of a suite works with: its data, a private folder, and a folder of programs in which
 * `erl` is the host's, so that a case that starts a system starts the same.
 */
function prepare(work: string, suite: Suite, host: Host): void {
  mkdirSync(join(work, 'private'));
  const data = stagedData(suite, host.buildDir);
  if (data) cpSync(data, dataFolder(work, suite), { recursive: true });
  if (host.program[0] === 'erl') return;
  mkdirSync(join(work, 'bin'));
  const words = host.program.map((word) => `"${word}"`).join(' ');
  writeFileSync(join(work, 'bin', 'erl'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/** The module suite_plan, compiled into a folder. */
function compilePlan(work: string, suite: Suite, host: Host, done: readonly string[]): void {
  const text = (path: string) => `"${path}/"`;
  writeFileSync(
    join(work, 'suite_plan.erl'),
    `-module(suite_plan).
-export([plan/0]).
plan() ->
    #{suite => ${suite.module}, done => ${JSON.stringify(done)},
      data_dir => ${text(dataFolder(work, suite))},
      priv_dir => ${text(join(work, 'private'))}, limit_ms => ${host.limitMs},
      scale => ${host.scale}}.
`,
  );
  execFileSync('erlc', ['-o', work, join(work, 'suite_plan.erl')]);
}

/** As OTP's own test server starts nodes. */
const flags = ['-noshell', '-sasl', 'errlog_type', 'error', '-enable-feature', 'maybe_expr'];

/** What to start on a host. */
function command(work: string, suite: Suite, host: Host): string[] {
  const folders = [work, host.runner, suite.ebin];
  const run = 'suite_runner:main(), halt().';
  return [...host.program, ...flags, '-pa', ...folders, '-eval', run];
}

interface Output {
  readonly text: string;
  /** Why it was stopped or how it ended, when the suite did not end. */
  readonly problem: string;
}

function runHost(suite: Suite, work: string, host: Host): Promise<Output> {
  return new Promise((resolve) => {
    const [program, ...args] = command(work, suite, host);
    // Escripts that a case starts run on the same host.
    const path = `${join(work, 'bin')}:${process.env.PATH}`;
    const env = {
      ...process.env,
      PATH: path,
      ESCRIPT_EMULATOR: host.program.at(-1),
      // Systems that a case starts have Common Test in their code path.
      ...(suite.folder.startsWith('erts/') ? { ERL_LIBS: join(host.buildDir, 'lib') } : {}),
    };
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const child = spawn(program as string, args, { stdio, cwd: work, env });
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

/**
 * Results of a suite on a host, without the cases left out; what prevented it from ending, if
 * something did, as a case.
 */
export async function runSuite(
  suite: Suite,
  host: Host,
  leftOut: readonly string[] = [],
): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  for (let start = 0; start < STARTS_MAX; start++) {
    const work = mkdtempSync(join(tmpdir(), 'vbeam-suite-'));
    try {
      prepare(work, suite, host);
      compilePlan(work, suite, host, [...leftOut, ...results.keys()]);
      const output = await runHost(suite, work, host);
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

/** How a suite is listed, without _SUITE. */
export const shortName = (suite: Suite): string => suite.label.replace(/_SUITE$/, '');
