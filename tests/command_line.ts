/** Runs `vbeam` as a user does, for tests. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '../image/otp.ts';
import { type ProcessResult, runProcess } from '../lib/run_process.ts';
import { ovmfPaths } from '../tables/requirements.ts';

export const root = join(import.meta.dirname, '..');

export interface VbeamOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** A first run may build the VM and the kernel, on a busy machine. */
const timeoutMsDefault = 900_000;

export function vbeam(args: readonly string[], options: VbeamOptions = {}): Promise<ProcessResult> {
  return runProcess(process.execPath, [join(root, 'cli', 'vbeam.mjs'), ...args], {
    cwd: root,
    timeoutMs: options.timeoutMs ?? timeoutMsDefault,
    env: { ...process.env, ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

/** False when machines can be booted here, else why not. */
export function noQemu(): string | false {
  if (!findExecutable('qemu-system-x86_64')) return 'qemu-system-x86_64 is not installed';
  if (!ovmfPaths.some((path) => existsSync(path))) return 'OVMF is not installed';
  return false;
}

/** The lines of the system, from its first one on, without what the firmware printed. */
export function systemLines(stdout: string): string[] {
  const text = stdout.replaceAll('\r', '');
  const start = text.indexOf('BEAM Kernel');
  return (start < 0 ? text : text.slice(start)).split('\n').filter((line) => line !== '');
}

/** Lines with every number as N: sizes and speeds depend on the machine. */
export const withoutFigures = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/0x[0-9a-f]+|\d+/g, 'N'));
