/**
 * `make bench`: measures what the project promises, prints tables and one line `figure NAME VALUE
 * UNIT` a figure.
 *
 *   node --import tsx bench/bench.ts [--quick]     --quick: fewer repetitions, no comparison of all
 *   benchmarks
 *
 * Times are CPU time (user + system) of whole processes, the minimum of interleaved runs
 * (architecture D13): other load on the
 * machine makes single runs slower, never faster. A figure that cannot be measured is printed as
 * unmeasured with the reason.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFirmware, qemuArguments } from '../cli/commands/qemu.ts';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildKernel, buildLinux } from '../image/kernel.ts';
import { findExecutable } from '../image/otp.ts';
import { prepareProgram } from '../image/program.ts';
import { runProcess } from '../lib/run_process.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const quick = process.argv.includes('--quick');
const progress = (line: string) => process.stderr.write(`${line}\n`);
const RUN_TIMEOUT_MS = 300_000;

const figures: string[] = [];
function figure(name: string, value: number | string, unit: string): void {
  figures.push(
    `figure ${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value} ${unit}`,
  );
}
function unmeasured(name: string, error: unknown): void {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  figures.push(`figure ${name} unmeasured ${reason}`);
}

// ---- CPU time of a process

interface Run {
  readonly cpuS: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a program to its end through `sh`, whose `times` reports the CPU time of its children. */
async function cpuRun(command: string, args: readonly string[], cwd: string): Promise<Run> {
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
  const children = lines.at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    (m) => Number(m[1]) * 60 + Number(m[2]),
  );
  if (seconds.length !== 2) throw new Error(`no CPU time from sh: ${children}`);
  return {
    cpuS: seconds[0]! + seconds[1]!,
    stdout: result.stdout,
    stderr: lines.slice(0, -2).join('\n'),
  };
}

// ---- one program on `erl` and on our VM as a Linux program

interface Native {
  readonly executable: string;
  readonly folder: string;
}

async function prepareNative(): Promise<Native> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-bench-'));
  const executable = join(folder, 'vbeam');
  writeFileSync(executable, await buildLinux(progress), { mode: 0o755 });
  return { executable, folder };
}

/**
 * A module whose main/0 runs module:run() and shows its result; `empty` measures the start alone.
 */
async function wrapper(folder: string, module: string, call: string): Promise<string> {
  const source = join(folder, `${module}.erl`);
  writeFileSync(
    source,
    `-module(${module}).\n-export([main/0]).\nmain() -> erlang:display(${call}).\n`,
  );
  const [beam] = await compileErlang([source], join(buildDir, 'bench'));
  return beam!;
}

interface Pair {
  readonly ours: number;
  readonly theirs: number;
  readonly sameResult: boolean;
}

async function archiveFor(native: Native, name: string, beams: readonly string[]): Promise<string> {
  const archive = await buildBootArchive('bare', {
    name,
    module: name,
    function: 'main',
    args: [],
    beams,
  });
  const path = join(native.folder, `${name}.tar`);
  writeFileSync(path, archive);
  return path;
}

/** Minimum CPU time of interleaved runs of NAME:main() on both, each less that of starting up. */
async function compare(
  native: Native,
  name: string,
  beams: readonly string[],
  runs: number,
): Promise<Pair> {
  const archive = await archiveFor(native, name, beams);
  const ebin = join(native.folder, `${name}.ebin`);
  mkdirSync(ebin, { recursive: true });
  for (const beam of beams) copyFileSync(beam, join(ebin, basename(beam)));
  const erlArgs = ['-noshell', '-pa', ebin, '-eval', `${name}:main(), halt().`];
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  let shown: [string, string] = ['', ''];
  for (let i = 0; i < runs; i++) {
    const mine = await cpuRun(native.executable, [archive], native.folder);
    const reference = await cpuRun('erl', erlArgs, native.folder);
    ours = Math.min(ours, mine.cpuS);
    theirs = Math.min(theirs, reference.cpuS);
    shown = [mine.stderr.trim().split('\n').at(-1) ?? '', reference.stdout.trim()];
  }
  return { ours, theirs, sameResult: shown[0] === shown[1] };
}

function row(name: string, pair: Pair): string {
  const ratio = (pair.ours / pair.theirs).toFixed(2);
  const result = pair.sameResult ? 'same result' : 'RESULTS DIFFER';
  return `  ${name.padEnd(14)} ${pair.ours.toFixed(3).padStart(9)} ${pair.theirs.toFixed(3).padStart(9)} ${ratio.padStart(7)}  ${result}`;
}

async function benchNative(): Promise<void> {
  const native = await prepareNative();
  try {
    const version = (
      await runProcess(
        'erl',
        [
          '-noshell',
          '-eval',
          'io:format("OTP ~s, ~s, erts ~s", [erlang:system_info(otp_release), erlang:system_info(emu_flavor), erlang:system_info(version)]), halt().',
        ],
        { timeoutMs: 60_000 },
      )
    ).stdout;
    progress(
      `VBEAM 0.1.0 interpreter (Linux build, clang -O2) against ${version}; CPU seconds, start-up taken off`,
    );
    const empty = await compare(
      native,
      'b_empty',
      [await wrapper(native.folder, 'b_empty', 'ok')],
      5,
    );
    const less = (pair: Pair): Pair => ({
      ...pair,
      ours: Math.max(pair.ours - empty.ours, 0.001),
      theirs: Math.max(pair.theirs - empty.theirs, 0.001),
    });
    const lines = ['', '  program            ours       erl   ratio'];
    const fibSource = join(native.folder, 'b_fib32.erl');
    writeFileSync(
      fibSource,
      '-module(b_fib32).\n-export([main/0]).\nmain() -> erlang:display([fib(32) || _ <- [1,2,3,4,5,6,7,8,9,10]]).\nfib(N) when N < 2 -> N;\nfib(N) -> fib(N-1) + fib(N-2).\n',
    );
    const fib = less(
      await compare(
        native,
        'b_fib32',
        await compileErlang([fibSource], join(buildDir, 'bench')),
        quick ? 3 : 7,
      ),
    );
    lines.push(row('10 x fib(32)', fib));
    figure('fib_ratio_otp_jit', fib.ours / fib.theirs, 'times');
    if (!quick) lines.push(...(await benchAll(native, less)));
    process.stdout.write(`${lines.join('\n')}\n\n`);
  } finally {
    rmSync(native.folder, { recursive: true, force: true });
  }
}

/** The fourteen programs of bench/erlang/. */
async function benchAll(native: Native, less: (pair: Pair) => Pair): Promise<string[]> {
  const lines: string[] = [];
  const ratios: number[] = [];
  const names = readdirSync(join(root, 'bench', 'erlang'))
    .filter((file) => file.endsWith('.erl'))
    .map((file) => basename(file, '.erl'))
    .sort();
  for (const name of names) {
    const [beam] = await compileErlang(
      [join(root, 'bench', 'erlang', `${name}.erl`)],
      join(buildDir, 'bench'),
    );
    const main = `m_${name}`;
    const pair = less(
      await compare(native, main, [beam!, await wrapper(native.folder, main, `${name}:run()`)], 3),
    );
    lines.push(row(name, pair));
    if (pair.sameResult) ratios.push(pair.ours / pair.theirs);
  }
  const geomean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  lines.push(`  geometric mean of ${ratios.length} of ${names.length}: ${geomean.toFixed(2)}`);
  figure('bench_geomean_native', geomean, 'times');
  return lines;
}

// ---- booting

/**
 * Seconds from the firmware's hand-over (our first line) to the program's line, under QEMU
 * without KVM.
 */
async function benchBoot(): Promise<void> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  const firmware = findFirmware();
  const program = await prepareProgram(join(root, 'examples', 'hello.v'), buildDir);
  const archive = await buildBootArchive('application', program);
  const kernel = await buildKernel(progress);
  figure('image_kernel_bytes', kernel.efi.length, 'bytes');
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-boot-'));
  try {
    mkdirSync(join(folder, 'EFI', 'BOOT'), { recursive: true });
    mkdirSync(join(folder, 'VBEAM'));
    writeFileSync(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), kernel.efi);
    writeFileSync(join(folder, 'VBEAM', 'BOOT.TAR'), archive);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < (quick ? 1 : 3); i++)
      best = Math.min(best, await bootOnce(qemuArguments(folder, 128, firmware)));
    figure('boot_s', best, 's');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bootOnce(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    let started = 0;
    let ended = 0;
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!started && text.includes('BEAM Kernel v0.1.0 booting...')) started = performance.now();
      if (!ended && text.includes('Hello from V!')) ended = performance.now();
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      if (started && ended) resolve((ended - started) / 1000);
      else reject(new Error('the boot did not reach "Hello from V!"'));
    });
  });
}

// ---- the simulated PC

async function vbeamRun(): Promise<number> {
  const started = performance.now();
  const result = await runProcess(
    process.execPath,
    [join(root, 'cli', 'vbeam.mjs'), 'run', join(root, 'examples', 'hello.v')],
    { cwd: root, timeoutMs: RUN_TIMEOUT_MS },
  );
  if (result.status !== 0 || !result.stdout.includes('Hello from V!'))
    throw new Error(`vbeam run failed: ${result.stderr.split('\n')[0]}`);
  return (performance.now() - started) / 1000;
}

async function benchRun(): Promise<void> {
  await vbeamRun();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) best = Math.min(best, await vbeamRun());
  figure('run_hello_s', best, 's');
}

/**
 * Wall time of `vbeam run` right after a VM file has changed (a comment at its end, taken away
 * again).
 */
async function benchRebuild(): Promise<void> {
  const path = join(root, 'vm', 'send.ts');
  const text = readFileSync(path);
  const before = new Set(existsSync(join(buildDir, 'vm')) ? readdirSync(join(buildDir, 'vm')) : []);
  try {
    writeFileSync(path, `${text.toString()}// changed by bench.ts at ${Date.now()}\n`);
    figure('rebuild_s', await vbeamRun(), 's');
  } finally {
    writeFileSync(path, text);
    for (const name of readdirSync(join(buildDir, 'vm'))) {
      if (!before.has(name) && statSync(join(buildDir, 'vm', name)).isFile())
        rmSync(join(buildDir, 'vm', name));
    }
  }
}

async function main(): Promise<void> {
  const parts: [string[], () => Promise<void>][] = [
    [['boot_s', 'image_kernel_bytes'], benchBoot],
    [['run_hello_s'], benchRun],
    [['rebuild_s'], benchRebuild],
    [['fib_ratio_otp_jit', 'bench_geomean_native'], benchNative],
  ];
  for (const [names, part] of parts) {
    try {
      await part();
    } catch (error) {
      for (const name of names)
        if (!figures.some((line) => line.startsWith(`figure ${name} `))) unmeasured(name, error);
    }
  }
  process.stdout.write(`${figures.join('\n')}\n`);
}

await main();
