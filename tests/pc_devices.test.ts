/**
 * An Erlang program as the driver of a PC's devices: timers, clock, PCI, a watchdog that resets. It
 * prints the same on the simulated PC and on QEMU's.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findFirmware, qemuArguments } from '../cli/commands/qemu.ts';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { bootKinds } from '../image/boot_file.ts';
import { buildKernel } from '../image/kernel.ts';
import { prepareProgram } from '../image/program.ts';
import { writeWhole } from '../lib/cache.ts';
import { runPc } from '../machine/pc.ts';
import { i6300esb } from '../tables/i6300esb.ts';
import { buildVm } from '../tools/build_vm.ts';
import { noQemu } from './command_line.ts';

const memoryMb = 256;
const secondsMax = 900;

const work = mkdtempSync(join(tmpdir(), 'vbeam-devices-'));
after(() => rmSync(work, { recursive: true }));

async function archiveOf(): Promise<Uint8Array> {
  const path = join(import.meta.dirname, 'programs', 'pc_devices.erl');
  const program = await prepareProgram(path, buildDir);
  return buildBootArchive(bootKinds(new Map([['--bare', '']]), program), program, {
    terminal: false,
  });
}

/** The program's own lines; numbers that depend on the moment go to `figures`. */
function ownLines(serial: string): { lines: string[]; figures: Map<string, number[]> } {
  const figures = new Map<string, number[]>();
  const lines = serial
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => /^(\{.*\}|hpet_\w+|fed)$/.test(line))
    .map((line) => {
      const name = /^\{(hpet_late|pm_timer|updates),/.exec(line)?.[1];
      if (name === undefined) return line;
      figures.set(name, [...line.matchAll(/\d+/g)].map(Number));
      return `{${name}}`;
    });
  return { lines, figures };
}

const expected = [
  '{hpet_period,10000000}',
  '{hpet_status,2}',
  '{hpet_late}',
  'hpet_served',
  '{date,[32,38,1,1]}',
  '{updates}',
  '{pm_timer}',
  `{pci,${0x25ab_8086},${i6300esb.classCode * 256}}`,
  'fed',
  '{second_boot,2}',
  '{cleared,0}',
];

/** Three updates with their flags, so many seconds apart. The seconds are BCD. */
function assertUpdates(numbers: readonly number[] = [], secondsApartMax = 1): void {
  assert.equal(numbers.length, 6, `${numbers}`);
  const seconds = [0, 2, 4].map((at) => numbers[at] as number).map((n) => (n >> 4) * 10 + (n & 15));
  for (const at of [1, 3, 5]) assert.equal(numbers[at], 0x90, `${numbers}`);
  for (const at of [0, 1]) {
    const apart = ((seconds[at + 1] as number) - (seconds[at] as number) + 60) % 60;
    assert.ok(apart >= 1 && apart <= secondsApartMax, `${numbers}`);
  }
}

test('on the simulated PC, to the tick', async () => {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module((await buildVm({ level: 1 })).wasm),
    archive: await archiveOf(),
    memoryBytes: memoryMb << 20,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  const { lines, figures } = ownLines(Buffer.concat(chunks).toString());
  assert.deepEqual(lines, expected);
  assert.deepEqual(result.resets, ['watchdog of the LPC bridge']);
  assert.equal(result.status, 0);
  assertUpdates(figures.get('updates'));
  const [late = -1] = figures.get('hpet_late') ?? [];
  assert.ok(late >= 0 && late < 1000, `${late} ticks of 10 ns after its time`);
  const [ticks = 0] = figures.get('pm_timer') ?? [];
  assert.ok(Math.abs(ticks - 3_579_545) < 10_000, `${ticks} ticks in a second`);
});

/** What the machine prints until it switches itself off. */
function serialOfQemu(args: readonly string[]): Promise<string> {
  const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let serial = '';
  child.stdout.on('data', (chunk: Buffer) => {
    serial += chunk.toString('latin1');
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), secondsMax * 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(serial);
    });
  });
}

test('in QEMU the same', { skip: noQemu(), timeout: 1_800_000 }, async () => {
  writeWhole(join(work, 'VBEAM', 'BOOT.TAR'), await archiveOf());
  const kernel = await buildKernel(() => {});
  writeWhole(join(work, 'EFI', 'BOOT', 'BOOTX64.EFI'), kernel.efi);
  const usual = qemuArguments(work, memoryMb, findFirmware());
  const serial = await serialOfQemu([
    ...usual.filter((option) => option !== '-no-reboot'),
    // The strap that keeps QEMU's watchdog from resetting is off, and its slot is the same.
    ...['-vga', 'none', '-global', 'ICH9-LPC.noreboot=false'],
    ...['-device', `i6300esb,addr=${i6300esb.device}`, '-rtc', 'base=2026-01-01T00:00:00'],
  ]);
  const { lines, figures } = ownLines(serial);
  assert.deepEqual(lines, expected, serial);
  assertUpdates(figures.get('updates'), 30);
  // How late depends on what else this computer does.
  const [late = -1] = figures.get('hpet_late') ?? [];
  assert.ok(late >= 0, `${late} ticks of 10 ns after its time`);
  const [ticks = 0] = figures.get('pm_timer') ?? [];
  assert.ok(ticks > 0.99 * 3_579_545, `${ticks} ticks in a second`);
});
