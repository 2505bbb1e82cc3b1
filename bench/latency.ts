/**
 * `make latency`: how long others have to wait. Pauses are counted in instructions, in QEMU with a
 * clock that counts them (-icount): the most between two places where the VM looks whether another
 * process should run. Lateness of a process that wants to run every millisecond is measured
 * natively, next to a C program's and OTP's (one scheduler), and says as much about the machine as
 * about the VM.
 *
 *   node --import tsx bench/latency.ts [--scale THOUSANDS] [--write] [WHAT ...]
 *
 * WHAT is a scenario of bench/latency/pauses.erl or pauses_terms.erl, or `promised`: those that the
 * promise of 50,000 instructions names, each on a machine of its own, in full size; `others`, in a
 * size in which all of them can be run; `terms`: those of pauses_terms.erl; `interrupts`: how long
 * their stubs take, and one to its handler; `recovery`: from the end of a driver until the next one
 * has served; `lateness`. Without any, it is promised, others, interrupts, recovery, lateness.
 * --write puts the tables of what was run as a whole into docs/pauses.md. The exit status is 1 when
 * a promised pause, an interrupt or a recovery takes too long, or was not measured.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDir } from '../image/boot_archive.ts';
import { compileErlang } from '../image/erlang.ts';
import { findExecutable } from '../image/otp.ts';
import { cpuRun, lastLine } from './cpu_time.ts';
import { figure, figureLines, unmeasured } from './figures.ts';
import { INTERRUPTS, interruptsInTime, measureInterrupts } from './latency/interrupts.ts';
import { compileScenarios, type Limits, type Pause, runScenarios } from './latency/machine.ts';
import {
  type Lateness,
  placeText,
  writeInterrupts,
  writeLateness,
  writePauses,
  writeRecovery,
} from './latency/page.ts';
import { inTime, measureRecovery } from './latency/recovery.ts';
import { measureStubs } from './latency/stubs.ts';
import { prepare, withNativeVm, wrapper } from './native_vm.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), 'latency');
/** What the promise names; it is meant for the other scenarios, too. */
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
/** Thousands of elements. */
const FULL_SCALE = 1000;
const OTHERS_SCALE = 20;
/** Setting a scenario up is emulated, too: a heap of 512 MB takes its time. */
const LIMITS: Limits = { silenceMs: 2_400_000, totalMs: 3_600_000 };
const OTHERS_LIMITS: Limits = { silenceMs: 600_000, totalMs: 7_200_000 };
const WAITS = 5000;

function tableRow({ name, longest, count, where }: Pause): string {
  const verdict = longest > PAUSE_MAX ? 'TOO LONG' : 'ok      ';
  return `  ${name.padEnd(22)} ${String(longest).padStart(10)} ${verdict} of ${String(count).padEnd(8)} ${placeText(where)}\n`;
}

/** All scenarios of a module. */
async function scenariosOf(module: 'pauses' | 'pauses_terms'): Promise<readonly string[]> {
  const [beam] = await compileScenarios();
  const code = `io:format("~w", [${module}:names()]), halt().`;
  const text = execFileSync('erl', ['-noshell', '-pa', dirname(beam!), '-eval', code]);
  return text.toString('latin1').replace(/[[\]]/g, '').split(',');
}

/** Run scenarios, on another machine after one that stopped; `alone`: each on one of its own. */
async function measure(
  scale: number,
  names: readonly string[],
  alone: boolean,
): Promise<readonly Pause[]> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  process.stdout.write(`longest pauses with sizes of ${scale} thousand, in instructions\n`);
  const found: Pause[] = [];
  const onPause = (pause: Pause) => {
    found.push(pause);
    process.stdout.write(tableRow(pause));
    figure(`pause_instructions_max_${pause.name}`, pause.longest, 'instructions');
  };
  const onFailure = (name: string, why: string) => {
    process.stdout.write(`  ${name.padEnd(22)} FAILED: ${why}\n`);
    unmeasured(`pause_instructions_max_${name}`, new Error(why));
  };
  let left = names;
  while (left.length) {
    const now = alone ? left.slice(0, 1) : left;
    const rest = alone ? left.slice(1) : [];
    const limits = alone ? LIMITS : OTHERS_LIMITS;
    left = [...(await runScenarios(scale, now, limits, onPause, onFailure)), ...rest];
  }
  return found;
}

/** The promised scenarios among `names`; true when each was measured and is short enough. */
async function measurePromised(
  scale: number,
  names: readonly string[],
  write: boolean,
): Promise<boolean> {
  const found = await measure(scale, names, true);
  if (found.length) {
    const longest = Math.max(...found.map((pause) => pause.longest));
    figure('pause_instructions_max', longest, 'instructions');
  }
  if (write && found.length === PROMISED.length) writePauses('promised', found);
  return found.length === names.length && found.every(({ longest }) => longest <= PAUSE_MAX);
}
async function measureOthers(
  scale: number,
  names: readonly string[],
  write: boolean,
): Promise<void> {
  const found = await measure(scale, names, false);
  const over = found.filter(({ longest }) => longest > PAUSE_MAX).length;
  figure('pause_scenarios_over', over, 'scenarios');
  figure('pause_scenarios_missing', names.length - found.length, 'scenarios');
  if (write) writePauses('others', found);
}

function reportLateness(who: string, nanoseconds: readonly number[]): Lateness {
  const values = nanoseconds.map((ns) => ns / 1000);
  const [median, most, max] = values;
  const columns = values.map((us) => us.toFixed(0).padStart(9)).join(' ');
  process.stdout.write(`  ${who.padEnd(8)} ${columns}\n`);
  figure(`lateness_${who}_us_p50`, median!, 'us');
  figure(`lateness_${who}_us_p99`, most!, 'us');
  figure(`lateness_${who}_us_max`, max!, 'us');
  return { who, values };
}
function fromErlang(text: string): number[] {
  const match = /^\{lateness,(-?\d+),(-?\d+),(-?\d+)\}$/.exec(lastLine(text));
  if (!match) throw new Error(`no result: ${lastLine(text)}`);
  return match.slice(1).map(Number);
}

async function lateness(write: boolean): Promise<void> {
  await withNativeVm(async (vm) => {
    const source = join(vm.folder, 'control.c');
    const control = join(vm.folder, 'control');
    copyFileSync(join(sources, 'control.c'), source);
    execFileSync(process.env.VBEAM_CLANG ?? 'clang', ['-O2', source, '-o', control]);
    const beams = await compileErlang([join(sources, 'lateness.erl')], join(buildDir, 'bench'));
    beams.push(await wrapper(vm.folder, 'late_main', `lateness:run(${WAITS})`));
    const { archive, erlArgs } = await prepare(vm, 'late_main', beams);
    const load = loadavg()[0]!.toFixed(1);
    process.stdout.write(
      `\nlateness in microseconds: median, 99th percentile, maximum (load average ${load})\n`,
    );
    const c = execFileSync(control, [String(WAITS)], { encoding: 'utf8' });
    const rows = [reportLateness('c', c.trim().split(' ').map(Number))];
    const mine = await cpuRun(vm.executable, [archive, '1000'], vm.folder);
    rows.push(reportLateness('vbeam', fromErlang(mine.stderr)));
    const reference = await cpuRun('erl', ['+S', '1', ...erlArgs], vm.folder);
    rows.push(reportLateness('otp', fromErlang(reference.stdout)));
    if (write) writeLateness(rows, load);
  });
}

/** Interrupts to their handler; true when all were handled in the time that is promised. */
async function interrupts(write: boolean): Promise<boolean> {
  const short = await measureStubs(write);
  const rows = await measureInterrupts(INTERRUPTS);
  if (write) writeInterrupts(rows);
  return short && interruptsInTime(rows);
}

/** What is ended until it serves again; true when each does in the time that is promised. */
async function recovery(write: boolean): Promise<boolean> {
  const rows = await measureRecovery();
  if (write) writeRecovery(rows);
  return rows.every(inTime);
}

/** What the command line names: scenarios that are promised, others, lateness. */
interface Wanted {
  readonly promised: readonly string[];
  readonly others: readonly string[];
  readonly allOthers: boolean;
  readonly interrupts: boolean;
  readonly recovery: boolean;
  readonly lateness: boolean;
}
const machineWords = ['interrupts', 'recovery', 'lateness'];
async function wantedOf(words: readonly string[]): Promise<Wanted> {
  const named = words.length ? words : ['promised', 'others', ...machineWords];
  const terms = await scenariosOf('pauses_terms');
  const all = [...(await scenariosOf('pauses')), ...terms];
  const groups: Readonly<Record<string, readonly string[]>> = {
    promised: PROMISED,
    others: all.filter((name) => !PROMISED.includes(name)),
    terms,
    ...Object.fromEntries(machineWords.map((word) => [word, []])),
  };
  const names = named.flatMap((word) => groups[word] ?? [word]);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown) throw new Error(`there is no scenario '${unknown}'`);
  return {
    promised: names.filter((name) => PROMISED.includes(name)),
    others: names.filter((name) => !PROMISED.includes(name)),
    allOthers: named.includes('others'),
    interrupts: named.includes('interrupts'),
    recovery: named.includes('recovery'),
    lateness: named.includes('lateness'),
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { scale: { type: 'string' }, write: { type: 'boolean' } },
  });
  const write = values.write === true;
  const wanted = await wantedOf(positionals);
  const scale = values.scale === undefined ? undefined : Number(values.scale);
  const failed = (name: string) => (error: Error) => {
    unmeasured(name, error);
    return false;
  };
  let kept = true;
  if (wanted.promised.length)
    kept = await measurePromised(scale ?? FULL_SCALE, wanted.promised, write).catch(
      failed('pause_instructions_max'),
    );
  if (wanted.others.length)
    await measureOthers(scale ?? OTHERS_SCALE, wanted.others, write && wanted.allOthers).catch(
      failed('pause_scenarios_over'),
    );
  if (wanted.interrupts)
    kept = (await interrupts(write).catch(failed('irq_to_message_ns_max_loaded'))) && kept;
  if (wanted.recovery)
    kept = (await recovery(write).catch(failed('driver_recovery_us_max_idle'))) && kept;
  if (wanted.lateness) await lateness(write).catch(failed('lateness_vbeam_us_max'));
  process.stdout.write(`\n${figureLines()}`);
  if (!kept) process.exitCode = 1;
}

await main();
