/**
 * `make latency`: how long others have to wait. Pauses are counted in instructions, in QEMU with a
 * clock that counts them (-icount): the most between two places where the VM looks whether another
 * process should run. Lateness of a process that wants to run every millisecond is measured
 * natively, next to a C program's and OTP's (one scheduler), and says as much about the machine as
 * about the VM.
 *
 *   node --import tsx bench/latency.ts [--scale THOUSANDS] [SCENARIO ...]
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFirmware, qemuArguments } from '../cli/commands/qemu.ts';
import { buildDir } from '../image/boot_archive.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildKernel } from '../image/kernel.ts';
import { findExecutable } from '../image/otp.ts';
import { cpuRun, lastLine } from './cpu_time.ts';
import { figure, figureLines, progress, unmeasured } from './figures.ts';
import { prepare, programArchive, withNativeVm, wrapper } from './native_vm.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), 'latency');
/** What the promise of 50,000 instructions is about; the other scenarios are shown, too. */
const PROMISED = ['collection', 'print_to_list', 'exit_with_links', 'drop_table', 'purge'];
const PAUSE_MAX = 50_000;
const MEMORY_MB = 3072;
const TIMEOUT_MS = 3_600_000;
const WAITS = 5000;

/** Boot the kernel with an archive and hand over each line of the serial line. */
function runInQemu(folder: string, onLine: (line: string) => void): Promise<void> {
  const args = [
    ...qemuArguments(folder, MEMORY_MB, findFirmware()),
    '-icount',
    'shift=0,sleep=off',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).replaceAll('\r', '').split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine(line);
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function pauses(scale: number, names: readonly string[]): Promise<void> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-latency-'));
  try {
    const beams = await compileErlang([join(sources, 'pauses.erl')], join(buildDir, 'bench'));
    const call = names.length ? `pauses:run(${scale}, [${names.join()}])` : `pauses:run(${scale})`;
    beams.push(await wrapper(folder, 'latency_main', call));
    mkdirSync(join(folder, 'EFI', 'BOOT'), { recursive: true });
    mkdirSync(join(folder, 'VBEAM'));
    const { efi } = await buildKernel(progress);
    writeFileSync(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), efi);
    writeFileSync(join(folder, 'VBEAM', 'BOOT.TAR'), await programArchive('latency_main', beams));
    process.stdout.write(`longest pauses with sizes of ${scale} thousand, in instructions\n`);
    let promised = 0;
    let over = 0;
    let done = false;
    await runInQemu(folder, (line) => {
      const pause = /^\{pause,(\w+),(\d+),(\d+)\}$/.exec(line);
      if (pause) {
        const [, name, text, count] = pause;
        const longest = Number(text);
        if (PROMISED.includes(name!)) promised = Math.max(promised, longest);
        if (longest > PAUSE_MAX) over++;
        process.stdout.write(
          `  ${name!.padEnd(22)} ${text!.padStart(12)} ${longest > PAUSE_MAX ? 'TOO LONG' : 'ok      '} of ${count}\n`,
        );
        figure(`pause_instructions_max_${name}`, longest, 'instructions');
      } else if (/^\{failed,/.test(line)) process.stdout.write(`  ${line}\n`);
      else if (/^\{done,/.test(line)) done = true;
    });
    if (!done) throw new Error('the machine stopped before all scenarios were done');
    figure('pause_instructions_max', promised, 'instructions');
    figure('pause_scenarios_over', over, 'scenarios');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function reportLateness(who: string, values: readonly number[]): void {
  const [median, most, max] = values.map((ns) => ns / 1000);
  process.stdout.write(
    `  ${who.padEnd(8)} ${[median, most, max].map((us) => us!.toFixed(0).padStart(9)).join(' ')}\n`,
  );
  figure(`lateness_${who}_us_p50`, median!, 'us');
  figure(`lateness_${who}_us_p99`, most!, 'us');
  figure(`lateness_${who}_us_max`, max!, 'us');
}
function fromErlang(text: string): number[] {
  const match = /^\{lateness,(-?\d+),(-?\d+),(-?\d+)\}$/.exec(lastLine(text));
  if (!match) throw new Error(`no result: ${lastLine(text)}`);
  return match.slice(1).map(Number);
}

async function lateness(): Promise<void> {
  await withNativeVm(async (vm) => {
    const source = join(vm.folder, 'control.c');
    const control = join(vm.folder, 'control');
    copyFileSync(join(sources, 'control.c'), source);
    execFileSync(process.env.VBEAM_CLANG ?? 'clang', ['-O2', source, '-o', control]);
    const beams = await compileErlang([join(sources, 'lateness.erl')], join(buildDir, 'bench'));
    beams.push(await wrapper(vm.folder, 'late_main', `lateness:run(${WAITS})`));
    const { archive, erlArgs } = await prepare(vm, 'late_main', beams);
    process.stdout.write('\nlateness in microseconds: median, 99th percentile, maximum\n');
    const c = execFileSync(control, [String(WAITS)], { encoding: 'utf8' });
    reportLateness('c', c.trim().split(' ').map(Number));
    const mine = await cpuRun(vm.executable, [archive, '1000'], vm.folder);
    reportLateness('vbeam', fromErlang(mine.stderr));
    const reference = await cpuRun('erl', ['+S', '1', ...erlArgs], vm.folder);
    reportLateness('otp', fromErlang(reference.stdout));
  });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const at = args.indexOf('--scale');
  const scale = at < 0 ? 1000 : Number(args[at + 1]);
  const names = at < 0 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  await lateness().catch((error: Error) => unmeasured('lateness_vbeam_us_max', error));
  await pauses(scale, names).catch((error: Error) => unmeasured('pause_instructions_max', error));
  process.stdout.write(`\n${figureLines()}`);
}

await main();
