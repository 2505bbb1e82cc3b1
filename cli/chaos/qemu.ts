/**
 * One boot of QEMU with a campaign of faults. Time counts instructions (-icount), so figures do not
 * depend on how busy the host is; when what is typed arrives does, so a run is not the same twice.
 * Interrupts cannot be disturbed from outside here: the campaign does it in the drivers' mailboxes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { buildKernel } from '../../image/kernel.ts';
import { findExecutable } from '../../image/otp.ts';
import { contentHash, writeWhole } from '../../lib/cache.ts';
import { UserError } from '../../lib/user_error.ts';
import { findFirmware, qemuArguments, systemStatus } from '../commands/qemu.ts';
import { chaosArchive } from './archive.ts';
import { Campaign } from './protocol.ts';
import type { BootRecord } from './record.ts';

const memoryMb = 256;
/** An instruction takes 2 ns: 500 million a second. */
const clock = 'shift=1,sleep=off';
/** The campaign says something at least so often, firmware and boot included. */
const silenceMs = 600_000;
const connectEveryMs = 50;

export interface QemuOptions {
  readonly seed: number;
  readonly faults: number;
  readonly only: string;
  readonly onLine: ((line: string) => void) | null;
}

async function prepare(seed: number, faults: number, only: string): Promise<string> {
  const archive = await chaosArchive(seed, faults, 'qemu', only);
  const kernel = await buildKernel((line) => process.stderr.write(`${line}\n`));
  const folder = join(buildDir, 'qemu', contentHash(kernel.efi, archive));
  writeWhole(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), kernel.efi);
  writeWhole(join(folder, 'VBEAM', 'BOOT.TAR'), archive);
  return folder;
}

/** QEMU makes the socket some time after it has started, and waits for a reader. */
function openSocket(path: string, child: ChildProcess): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tryIt = () => {
      if (child.exitCode !== null) return reject(new Error(`QEMU ended: ${child.exitCode}`));
      const socket = connect(path);
      socket.once('connect', () => resolve(socket));
      socket.once('error', () => setTimeout(tryIt, connectEveryMs));
    };
    tryIt();
  });
}

export async function runQemuCampaign(options: QemuOptions): Promise<BootRecord> {
  const { seed, faults, only, onLine } = options;
  const firmware = findFirmware();
  if (!findExecutable('qemu-system-x86_64'))
    throw new UserError('QEMU is not installed; run: make setup');
  const folder = await prepare(seed, faults, only);
  const scratch = mkdtempSync(join(tmpdir(), 'vbeam-chaos-'));
  const path = join(scratch, 'debug');
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...qemuArguments(folder, memoryMb, firmware),
      ...['-icount', clock, '-debugcon', `unix:${path},server=on,wait=on`],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    return await watch(child, path, new Campaign(seed), seed, onLine);
  } finally {
    child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function watch(
  child: ChildProcess,
  path: string,
  campaign: Campaign,
  seed: number,
  onLine: ((line: string) => void) | null,
): Promise<BootRecord> {
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  let stopped: string | null = null;
  let hung = false;
  let heard = Date.now();
  const stop = (why: string) => {
    stopped ??= why;
    child.kill('SIGKILL');
  };
  const timer = setInterval(() => {
    if (Date.now() - heard < silenceMs) return;
    hung = true;
    stop(`hang: the campaign said nothing for ${silenceMs / 1000} s`);
  }, 1000);
  campaign.onLine = onLine;
  child.stdin?.on('error', () => undefined);
  child.stdout?.on('data', (bytes: Buffer) => campaign.serial.take(bytes));
  const socket = await openSocket(path, child);
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    heard = Date.now();
    for (const byte of bytes)
      campaign.take(byte, { stop, type: (typed) => child.stdin?.write(typed) });
  });
  const exit = await ended;
  clearInterval(timer);
  socket.destroy();
  const status = stopped === null ? systemStatus(exit) : null;
  const record = campaign.record();
  return {
    ...record,
    seed,
    status,
    ending: stopped ?? (status === 0 ? null : `the machine ended with status ${status}`),
    crashed: stopped === null && status !== 0,
    hung,
    virtualMs: Math.round((record.faults.at(-1)?.atUs ?? 0) / 1000),
    digest: 0,
  };
}
