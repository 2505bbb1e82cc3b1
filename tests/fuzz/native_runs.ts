/** A VM of a campaign as machine code: the Linux build, with the checks that only tests want. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLinux } from '../../image/kernel.ts';
import type { Run } from './campaign.ts';

const memoryMib = 96;
const stallMs = 30_000;
const outcomeMark = 0xf8;
const harmLetter = 0x46;
const textMax = 4000;

/** Runs the archive and reads the marks from standard error. */
export async function runNatively(archive: Uint8Array): Promise<Run> {
  const executable = await buildLinux(() => {}, true);
  const work = mkdtempSync(join(tmpdir(), 'vbeam-native-fuzz-'));
  try {
    const program = join(work, 'vm');
    writeFileSync(program, executable, { mode: 0o755 });
    writeFileSync(join(work, 'tar'), archive);
    return await watched(program, [join(work, 'tar'), String(memoryMib)]);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function watched(program: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let outcomes = '';
    let text = '';
    let marked = false;
    let stalled = false;
    const stop = () => {
      stalled = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(stop, stallMs);
    child.stderr.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(stop, stallMs);
      for (const byte of chunk) {
        if (marked) {
          if (byte !== harmLetter) outcomes += String.fromCharCode(byte);
          text = '';
        } else if (byte !== outcomeMark && text.length < textMax) text += String.fromCharCode(byte);
        marked = !marked && byte === outcomeMark;
      }
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const why = stalled ? 'hangs' : `status ${status ?? signal}`;
      resolve({ outcomes, harm: status === 0 ? null : `${why}: ${text.trim().slice(-600)}` });
    });
  });
}
