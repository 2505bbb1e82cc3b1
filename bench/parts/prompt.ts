/**
 * Booting to the prompt of the shell in QEMU, on a machine with 64 MB: how long it takes from the
 * firmware's hand-over, and what the VM has allocated then, with Unicode's tables in use.
 */
import { spawn } from 'node:child_process';
import { findFirmware, qemuArguments } from '../../cli/commands/qemu.ts';
import { buildBootArchive } from '../../image/boot_archive.ts';
import { buildKernel } from '../../image/kernel.ts';
import { findExecutable } from '../../image/otp.ts';
import { figure, progress } from '../figures.ts';
import { withBootFolder } from './boot.ts';

export const promptMachineMb = 64;
const timeoutMs = 300_000;

/** Typed at the prompt: a character of each plane that string:uppercase/1 changes, and the sum. */
const typed =
  '{string:uppercase([16#e5, 16#2c3, 16#1e943]), erlang:memory(total)}.\r' + 'halt().\r';
const answer = /\{\[197,707,125217\],(\d+)\}/;

export interface Prompt {
  /** From our first line to the prompt. */
  readonly seconds: number;
  /** erlang:memory(total). */
  readonly bytes: number;
}

function bootToPrompt(args: readonly string[]): Promise<Prompt> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    let started = 0;
    let prompted = 0;
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!started && text.includes('BEAM Kernel v0.1.0 booting...')) started = performance.now();
      if (prompted || !text.includes('\n1> ')) return;
      prompted = performance.now();
      child.stdin.write(typed);
    });
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const bytes = answer.exec(text)?.[1];
      if (started && prompted && bytes) {
        resolve({ seconds: (prompted - started) / 1000, bytes: Number(bytes) });
      } else reject(new Error(`the shell did not answer: ${text.slice(-500)}`));
    });
  });
}

/** The best of `times` boots. */
export async function measurePrompt(times: number): Promise<Prompt> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  const firmware = findFirmware();
  const archive = await buildBootArchive('stay', undefined);
  const kernel = await buildKernel(progress);
  return withBootFolder(kernel.efi, archive, async (folder) => {
    const boots: Prompt[] = [];
    for (let i = 0; i < times; i++)
      boots.push(await bootToPrompt(qemuArguments(folder, promptMachineMb, firmware)));
    return boots.reduce((best, each) => (each.seconds < best.seconds ? each : best));
  });
}

async function measure(quick: boolean): Promise<void> {
  const { seconds, bytes } = await measurePrompt(quick ? 1 : 3);
  figure('prompt_s', seconds, 's');
  figure('prompt_bytes', bytes, 'bytes');
  figure('prompt_machine_mb', promptMachineMb, 'MB');
}

export const prompt = { figures: ['prompt_s', 'prompt_bytes', 'prompt_machine_mb'], measure };
