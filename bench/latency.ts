/**
 * `make latency`: how long others have to wait. Pauses are counted in instructions, in QEMU with a
 * clock that counts them (-icount): the most between two places where the VM looks whether another
 * process should run. Lateness of a process that wants to run every millisecond is measured
 * natively, next to a C program's and OTP's (one scheduler), and says as much about the machine as
 * about the VM.
 *
 *   node --import tsx bench/latency.ts [--scale THOUSANDS] [--write] [SCENARIO ...]
 *
 * --write puts the table into docs/pauses.md. With scenarios named, only they are run; `terms`
 * stands for those of bench/latency/pauses_terms.erl.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFirmware, qemuArguments } from '../cli/commands/qemu.ts';
import { buildDir } from '../image/boot_archive.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildKernel } from '../image/kernel.ts';
import { findExecutable } from '../image/otp.ts';
import { cpuRun, lastLine } from './cpu_time.ts';
import { figure, figureLines, progress, unmeasured } from './figures.ts';
import { prepare, programArchive, withNativeVm, wrapper } from './native_vm.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), 'latency');
/** What the promise of 50,000 instructions names; it is meant for the other scenarios, too. */
const PROMISED = [
  'collection',
  'print',
  'print_to_list',
  'exit_with_links',
  'drop_table',
  'drop_ordered_table',
  'purge',
];
const PAUSE_MAX = 50_000;
const MEMORY_MB = 3072;
/** A machine that says nothing for so long is stopped; what follows runs on another one. */
const SILENCE_MS = 600_000;
const WAITS = 5000;
const pagePath = join(dirname(sources), '..', 'docs', 'pauses.md');

interface Pause {
  readonly name: string;
  readonly longest: number;
  readonly count: number;
  readonly where: string;
}

/** Boot the kernel with an archive and hand over each line of the serial line. */
function runInQemu(folder: string, onLine: (line: string) => void): Promise<void> {
  const args = [
    ...qemuArguments(folder, MEMORY_MB, findFirmware()),
    '-icount',
    'shift=0,sleep=off',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const stop = () => child.kill('SIGKILL');
    let timer = setTimeout(stop, SILENCE_MS);
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE_MS);
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

/** The term that says where a pause was, for people. */
function placeText(where: string): string {
  const place = "(?:undefined|\\{(\\w+|'[^']*'),(\\w+|'[^']*'),(\\d+)\\})";
  const running = new RegExp(`^\\{running,${place},\\{${place},${place}\\}\\}$`).exec(where);
  if (!running) return where.replace(/^\{(\w+),(\d+)\}$/, '$1, phase $2').replaceAll('_', ' ');
  const [began, bif, ended] = [1, 4, 7].map((at) =>
    running[at] ? `${running[at]}:${running[at + 1]}/${running[at + 2]}` : '',
  );
  const called = bif && bif !== began ? `, ${bif}` : '';
  return `${began}${called}${ended && ended !== began ? ` to ${ended}` : ''}`;
}

function tableRow({ name, longest, count, where }: Pause): string {
  const verdict = longest > PAUSE_MAX ? 'TOO LONG' : 'ok      ';
  return `  ${name.padEnd(22)} ${String(longest).padStart(10)} ${verdict} of ${String(count).padEnd(8)} ${placeText(where)}\n`;
}

/** Run scenarios on one machine; returns those that are left when it stopped early. */
async function runScenarios(
  scale: number,
  names: readonly string[],
  onPause: (pause: Pause) => void,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-latency-'));
  let left = names;
  let running = '';
  let last = '';
  try {
    const beams = await compileScenarios();
    const call = `pauses:run(${scale}, [${names.join()}])`;
    beams.push(await wrapper(folder, 'latency_main', call));
    mkdirSync(join(folder, 'EFI', 'BOOT'), { recursive: true });
    mkdirSync(join(folder, 'VBEAM'));
    const { efi } = await buildKernel(progress);
    writeFileSync(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), efi);
    writeFileSync(join(folder, 'VBEAM', 'BOOT.TAR'), await programArchive('latency_main', beams));
    await runInQemu(folder, (line) => {
      const pause = /^\{pause,(\w+),(\d+),(\d+),(.*)\}$/.exec(line);
      const begins = /^\{begins,(\w+)\}$/.exec(line);
      if (begins) running = begins[1]!;
      if (line) last = line;
      if (pause) {
        const [, name, longest, count, where] = pause;
        onPause({ name: name!, longest: Number(longest), count: Number(count), where: where! });
      } else if (/^\{failed,/.test(line)) process.stdout.write(`  ${line}\n`);
      else if (/^\{done,/.test(line)) running = '';
      if (pause || /^\{failed,/.test(line)) left = left.filter((name) => name !== running);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!running && left.length) throw new Error(`the machine stopped; its last line: ${last}`);
  if (running) process.stdout.write(`  ${running.padEnd(22)} stopped; the last line: ${last}\n`);
  return left.filter((name) => name !== running);
}

function compileScenarios(): Promise<string[]> {
  const files = ['pauses.erl', 'pauses_terms.erl'].map((name) => join(sources, name));
  return compileErlang(files, join(buildDir, 'bench'));
}

/** All scenarios of a module. */
async function scenariosOf(module: 'pauses' | 'pauses_terms'): Promise<readonly string[]> {
  const [beam] = await compileScenarios();
  const code = `io:format("~w", [${module}:names()]), halt().`;
  const text = execFileSync('erl', ['-noshell', '-pa', dirname(beam!), '-eval', code]);
  return text.toString('latin1').replace(/[[\]]/g, '').split(',');
}

async function pauses(scale: number, wanted: readonly string[], write: boolean): Promise<void> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  const terms = wanted.includes('terms') ? await scenariosOf('pauses_terms') : [];
  const named = [...wanted.filter((name) => name !== 'terms'), ...terms];
  const names = named.length ? named : await scenariosOf('pauses');
  process.stdout.write(`longest pauses with sizes of ${scale} thousand, in instructions\n`);
  const found: Pause[] = [];
  let left = names;
  while (left.length) {
    left = await runScenarios(scale, left, (pause) => {
      found.push(pause);
      process.stdout.write(tableRow(pause));
      figure(`pause_instructions_max_${pause.name}`, pause.longest, 'instructions');
    });
  }
  const over = found.filter(({ longest }) => longest > PAUSE_MAX).length;
  const promised = found.filter(({ name }) => PROMISED.includes(name));
  const longest = Math.max(...promised.map((pause) => pause.longest));
  if (promised.length) figure('pause_instructions_max', longest, 'instructions');
  figure('pause_scenarios_over', over, 'scenarios');
  const missing = names.length - found.length;
  if (missing) unmeasured('pause_scenarios_missing', new Error(`${missing} scenarios did not end`));
  if (write) writePage(scale, found);
}

/** Put the table into its page, in place of the one that is there. */
function writePage(scale: number, found: readonly Pause[]): void {
  const page = readFileSync(pagePath, 'utf8');
  const rows = found.map(
    ({ name, longest, where }) =>
      `| \`${name}\` | ${longest.toLocaleString('en')} | ${placeText(where).replaceAll('|', '\\|')} |`,
  );
  const table = [
    `| with sizes of ${scale} thousand | instructions | where |`,
    '| --- | ---: | --- |',
    ...rows,
  ];
  writeFileSync(pagePath, page.replace(/\n\|[\s\S]*\|\n/, `\n${table.join('\n')}\n`));
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
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { scale: { type: 'string', default: '1000' }, write: { type: 'boolean' } },
  });
  const write = values.write === true;
  // Scenarios alone: somebody looks for a pause.
  if (!positionals.length)
    await lateness().catch((error: Error) => unmeasured('lateness_vbeam_us_max', error));
  await pauses(Number(values.scale), positionals, write).catch((error: Error) =>
    unmeasured('pause_instructions_max', error),
  );
  process.stdout.write(`\n${figureLines()}`);
}

await main();
