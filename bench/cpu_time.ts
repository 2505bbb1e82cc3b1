/**
 * CPU time (user + system) and memory of a program's run. Other load on the machine makes single
 * runs slower, never faster, so callers take the minimum of several (architecture D13).
 */
import { basename } from 'node:path';
import { runProcess } from '../lib/run_process.ts';

const RUN_TIMEOUT_MS = 300_000;

export interface Run {
  readonly cpuS: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a program to its end through `sh`, whose `times` reports the CPU time of its children. */
export async function cpuRun(command: string, args: readonly string[], cwd: string): Promise<Run> {
  const script = '"$@"; status=$?; times >&2; exit $status';
  const result = await runProcess('sh', ['-c', script, 'sh', command, ...args], {
    cwd,
    timeoutMs: RUN_TIMEOUT_MS,
  });
  if (result.timedOut)
    throw new Error(`${basename(command)} did not end within ${RUN_TIMEOUT_MS / 1000} s`);
  if (result.status !== 0)
    throw new Error(`${basename(command)} failed: ${result.stderr.split('\n')[0]}`);
  const lines = result.stderr.trimEnd().split('\n');
  const seconds = [...(lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    (match) => Number(match[1]) * 60 + Number(match[2]),
  );
  if (seconds.length !== 2) throw new Error(`no CPU time from sh: ${lines.at(-1)}`);
  return {
    cpuS: seconds[0]! + seconds[1]!,
    stdout: result.stdout,
    stderr: lines.slice(0, -2).join('\n'),
  };
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
