/**
 * The fourteen programs of bench/erlang/ and ten times fib(32): our interpreter as machine code and
 * on V8, next to erl. Whoever stands above a limit has its own figure.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { runProcess } from '../../lib/run_process.ts';
import { buildVm } from '../../tools/build_vm.ts';
import { figure, progress, table } from '../figures.ts';
import {
  compare,
  compileText,
  type NativeVm,
  type Pair,
  programArchive,
  withNativeVm,
  without,
  wrapper,
} from '../native_vm.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sources = join(root, 'bench', 'erlang');
const NODE_TIMEOUT_MS = 600_000;
/** Runs in one Node process: the first ones are before the optimising compiler is done. */
const NODE_RUNS = 3;

/** Programs with a limit of their own: figure by module. */
const ownFigures: Readonly<Record<string, string>> = {
  b_ring: 'ring_ratio_otp',
  b_spawn: 'spawn_exit_ratio_otp',
  b_genserver: 'genserver_ratio_otp',
  b_pingpong: 'pingpong_ratio_otp',
};

const fibText = `-module(b_fib32).
-export([main/0]).
main() -> erlang:display([fib(32) || _ <- [1,2,3,4,5,6,7,8,9,10]]).
fib(N) when N < 2 -> N;
fib(N) -> fib(N-1) + fib(N-2).
`;

/** CPU seconds on V8, without starting up. */
async function onNode(vm: NativeVm, name: string, beams: readonly string[]): Promise<number> {
  const archive = join(vm.folder, `${name}.node.tar`);
  writeFileSync(archive, await programArchive(name, beams));
  const { path } = await buildVm({ level: 3 });
  const script = join(root, 'bench', 'node_run.ts');
  const result = await runProcess(
    process.execPath,
    ['--import', 'tsx', script, path, archive, String(NODE_RUNS)],
    { cwd: root, timeoutMs: NODE_TIMEOUT_MS },
  );
  if (result.status !== 0) throw new Error(`${name} on Node: ${result.stderr.split('\n')[0]}`);
  return Number(result.stdout.split(' ')[0]);
}

function row(name: string, pair: Pair, node: number | undefined): string {
  const cell = (text: string, width: number) => text.padStart(width);
  const ratio = (seconds: number) => cell((seconds / pair.theirs).toFixed(2), 7);
  const onV8 = node === undefined ? '' : `${cell(node.toFixed(3), 10)} ${ratio(node)}`;
  const result = pair.sameResult ? 'same result' : 'RESULTS DIFFER';
  return `  ${name.padEnd(14)} ${cell(pair.theirs.toFixed(3), 9)} ${cell(pair.ours.toFixed(3), 9)} ${ratio(pair.ours)}${onV8}  ${result}`;
}
const geomean = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

async function otpVersion(): Promise<string> {
  const items = ['otp_release', 'emu_flavor', 'version'];
  const values = items.map((item) => `erlang:system_info(${item})`).join(',');
  const text = `io:format("OTP ~s, ~s, erts ~s", [${values}]), halt().`;
  return (await runProcess('erl', ['-noshell', '-eval', text], { timeoutMs: 60_000 })).stdout;
}

async function measure(quick: boolean): Promise<void> {
  await withNativeVm(async (vm) => {
    const empty = [await wrapper(vm.folder, 'b_empty', 'ok')];
    const start = await compare(vm, 'b_empty', empty, 5);
    const nodeStart = quick ? 0 : await onNode(vm, 'b_empty', empty);
    const fibBeam = await compileText(vm.folder, 'b_fib32', fibText);
    const fib = without(start, await compare(vm, 'b_fib32', [fibBeam], quick ? 3 : 7));
    figure('fib_ratio_otp_jit', fib.ours / fib.theirs, 'times');
    const lines = [
      `VBEAM's interpreter against ${await otpVersion()}; CPU seconds without starting up`,
      '  program              erl    native   ratio      Node   ratio',
      row('10 x fib(32)', fib, undefined),
    ];
    if (!quick) lines.push(...(await all(vm, start, nodeStart)));
    table(lines);
  });
}

async function all(vm: NativeVm, start: Pair, nodeStart: number): Promise<string[]> {
  const lines: string[] = [];
  const native: number[] = [];
  const node: number[] = [];
  const names = readdirSync(sources).map((file) => basename(file, '.erl'));
  for (const name of names.sort()) {
    progress(`  ${name}`);
    const beams = await compileErlang([join(sources, `${name}.erl`)], join(buildDir, 'bench'));
    const main = `m_${name}`;
    beams.push(await wrapper(vm.folder, main, `${name}:run()`));
    const pair = without(start, await compare(vm, main, beams, 3));
    const onV8 = Math.max((await onNode(vm, main, beams)) - nodeStart, 0.001);
    lines.push(row(name, pair, onV8));
    const own = ownFigures[name];
    if (own !== undefined) figure(own, pair.ours / pair.theirs, 'times');
    if (!pair.sameResult) continue;
    native.push(pair.ours / pair.theirs);
    node.push(onV8 / pair.theirs);
  }
  lines.push(
    `  geometric mean of ${native.length} of ${names.length}: native ${geomean(native).toFixed(2)}, Node ${geomean(node).toFixed(2)}`,
  );
  figure('bench_geomean_native', geomean(native), 'times');
  figure('bench_geomean_node', geomean(node), 'times');
  return lines;
}

export const programs = {
  figures: [
    'fib_ratio_otp_jit',
    'bench_geomean_native',
    'bench_geomean_node',
    ...Object.values(ownFigures),
  ],
  measure,
};
