/**
 * OTP's estone benchmark (erts/emulator/test/estone_SUITE.erl of OTP's sources, which are not part
 * of this project): ESTONE=FILE names the file. Microseconds of its parts by its own clock.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { cpuRun } from '../cpu_time.ts';
import { figure, table } from '../figures.ts';
import { prepare, withNativeVm, wrapper } from '../native_vm.ts';

const here = dirname(fileURLToPath(import.meta.url));
const MEMORY_MIB = 2000;

interface Result {
  readonly total: number;
  readonly parts: ReadonlyMap<string, number>;
}
function read(text: string): Result {
  const line = /\{estone,(\d+),(.*)\}/.exec(text.replaceAll('\r', ''));
  if (!line) throw new Error('estone showed no result');
  const parts = [...line[2]!.matchAll(/\{"([^"]*)",(-?\d+)\}/g)];
  return { total: Number(line[1]), parts: new Map(parts.map((m) => [m[1]!, Number(m[2])])) };
}

async function measure(): Promise<void> {
  const file = process.env.ESTONE;
  if (!file) throw new Error("ESTONE=FILE does not name OTP's estone_SUITE.erl");
  await withNativeVm(async (vm) => {
    const beams = await compileErlang([file, join(here, 'estone.erl')], join(buildDir, 'bench'));
    beams.push(await wrapper(vm.folder, 'estone_main', 'estone:run()'));
    const { archive, erlArgs } = await prepare(vm, 'estone_main', beams, 'application');
    const mine = await cpuRun(vm.executable, [archive, String(MEMORY_MIB)], vm.folder);
    const reference = await cpuRun('erl', erlArgs, vm.folder);
    const ours = read(mine.stdout + mine.stderr);
    const theirs = read(reference.stdout);
    const lines = ['  estone, milliseconds                  erl      ours   ratio'];
    for (const [title, time] of theirs.parts) {
      const own = ours.parts.get(title) ?? Number.NaN;
      lines.push(
        `  ${title.padEnd(32)} ${(time / 1000).toFixed(1).padStart(8)} ${(own / 1000).toFixed(1).padStart(9)} ${(own / time).toFixed(2).padStart(7)}`,
      );
    }
    table(lines);
    figure('estone_ratio_otp', ours.total / theirs.total, 'times');
  });
}

export const estone = { figures: ['estone_ratio_otp'], measure };
