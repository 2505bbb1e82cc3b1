/**
 * Boots a kernel image in QEMU under OVMF, from a folder, and returns what it sent and how QEMU
 * ended.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { debugExitPort } from '../../tables/memory_map.ts';

export interface MonitorCommand {
  readonly command: string;
  readonly after: string;
  readonly afterMs: number;
}

export interface BootOptions {
  readonly efi: Uint8Array;
  /** Contents of \VBEAM\BOOT.TAR; null leaves the file out. */
  readonly archive: Uint8Array | null;
  readonly memoryMib?: number;
  readonly cpu?: string;
  readonly machine?: string;
  readonly devices?: readonly string[];
  /** OVMF with Secure Boot on, and Debian's test key as the only one that it knows. */
  readonly secureBoot?: boolean;
  /** Commands for QEMU's monitor, each so long after a text of the kernel. */
  readonly monitor?: MonitorCommand | readonly MonitorCommand[];
  /** A reset boots again instead of ending QEMU. */
  readonly reboots?: boolean;
  /** QEMU is stopped when its output matches: no need to wait for the time limit. */
  readonly until?: RegExp;
  /** Further arguments of QEMU. */
  readonly extra?: readonly string[];
  readonly timeoutMs?: number;
}

export interface BootResult {
  /** Lines from the kernel's banner on, without the firmware's own and without carriage returns. */
  readonly lines: readonly string[];
  readonly text: string;
  /** What QEMU's monitor answered. */
  readonly monitor: string;
  readonly status: number | null;
}

/** Firmware that insists on signatures, and its variables with the test key enrolled. */
const secureFirmware = '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd';
const secureVariables = '/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd';
/** The test key, whose password is no secret, and its certificate; from the package ovmf. */
export const testKey = {
  key: '/usr/share/ovmf/PkKek-1-snakeoil.key',
  certificate: '/usr/share/ovmf/PkKek-1-snakeoil.pem',
  password: 'snakeoil',
} as const;

/** How long the monitor may answer. */
const monitorMs = 2_000;
/** A boot takes seconds, but the computer may be busy with others. */
const timeoutMsDefault = 240_000;

/** QEMU, or what VBEAM_QEMU says instead. */
export const qemuProgram = process.env.VBEAM_QEMU ?? 'qemu-system-x86_64';

/** Whether its emulated processors have x2APIC, which QEMU 9 was the first to give them. */
export function emulatesX2apic(): boolean {
  const { stdout } = spawnSync(qemuProgram, ['--version'], { encoding: 'utf8' });
  return Number(/version (\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= 9;
}

const firmwarePlaces = ['/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_CODE_4M.fd'];

/** The variables are written to, so each machine has its own. */
function secureDrives(directory: string): string[] {
  const variables = `${directory}.vars`;
  copyFileSync(secureVariables, variables);
  const flash = 'if=pflash,format=raw';
  return [
    ['-global', 'driver=cfi.pflash01,property=secure,value=on'],
    ['-drive', `${flash},unit=0,readonly=on,file=${secureFirmware}`],
    ['-drive', `${flash},unit=1,file=${variables}`],
  ].flat();
}

export function bootInQemu(options: BootOptions): Promise<BootResult> {
  const firmware = firmwarePlaces.find((path) => existsSync(path));
  if (!firmware)
    throw new Error(`no OVMF firmware at ${firmwarePlaces.join(' or ')}: install ovmf`);
  const directory = mkdtempSync(join(tmpdir(), 'vbeam-boot-'));
  const files: [string, Uint8Array][] = [['EFI/BOOT/BOOTX64.EFI', options.efi]];
  if (options.archive) files.push(['VBEAM/BOOT.TAR', options.archive]);
  for (const [path, bytes] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
  const args = [
    ['-m', `${options.memoryMib ?? 128}`],
    ['-machine', options.secureBoot ? 'q35,smm=on' : (options.machine ?? 'pc')],
    options.cpu ? ['-cpu', options.cpu] : [],
    options.secureBoot
      ? secureDrives(directory)
      : ['-drive', `if=pflash,format=raw,readonly=on,file=${firmware}`],
    ['-drive', `format=raw,file=fat:rw:${directory}`],
    ['-serial', 'stdio', '-display', 'none', '-net', 'none'],
    options.reboots ? [] : ['-no-reboot'],
    options.monitor ? ['-monitor', `unix:${directory}.monitor,server=on,wait=off`] : [],
    ['-device', `isa-debug-exit,iobase=0x${debugExitPort.toString(16)},iosize=2`],
    (options.devices ?? []).flatMap((device) => ['-device', device]),
    options.extra ?? [],
  ].flat();
  return new Promise((resolve, reject) => {
    const qemu = spawn(qemuProgram, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => qemu.kill('SIGKILL'), options.timeoutMs ?? timeoutMsDefault);
    const { monitor = [] } = options;
    const commands = new Set('command' in monitor ? [monitor] : monitor);
    const answers: Buffer[] = [];
    const take = (data: Buffer): void => {
      chunks.push(data);
      // A line may come in pieces.
      const recent = Buffer.concat(chunks.slice(-64)).toString('latin1');
      if (options.until?.test(recent)) qemu.kill('SIGKILL');
      for (const one of commands) {
        if (!recent.includes(one.after)) continue;
        commands.delete(one);
        setTimeout(() => {
          const socket = connect(`${directory}.monitor`, () => socket.write(`${one.command}\n`));
          socket.on('data', (data) => answers.push(Buffer.from(data)));
          // QEMU may have ended already.
          socket.on('error', () => undefined);
          setTimeout(() => socket.destroy(), monitorMs);
        }, one.afterMs);
      }
    };
    for (const stream of [qemu.stdout, qemu.stderr]) stream.on('data', take);
    qemu.on('error', reject);
    qemu.on('close', (status) => {
      clearTimeout(timer);
      rmSync(directory, { recursive: true });
      for (const suffix of ['vars', 'monitor']) rmSync(`${directory}.${suffix}`, { force: true });
      const text = Buffer.concat(chunks).toString('latin1').replaceAll('\r', '');
      const start = text.indexOf('BEAM Kernel');
      const kernel = start < 0 ? '' : text.slice(start);
      const monitor = Buffer.concat(answers).toString('latin1').replaceAll('\r', '');
      resolve({ text: start < 0 ? text : kernel, lines: kernel.split('\n'), monitor, status });
    });
  });
}
