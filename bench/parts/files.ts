/** Files: 16 MB written and read on the RAM file system and on ext2 on a RAM disk. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { cpuRun } from '../cpu_time.ts';
import { figure } from '../figures.ts';
import { prepare, withNativeVm } from '../native_vm.ts';

const here = dirname(fileURLToPath(import.meta.url));
const MEMORY_MIB = 512;
const names = [
  'file_tmp_write_mb_s',
  'file_tmp_read_mb_s',
  'file_ext2_write_mb_s',
  'file_ext2_read_mb_s',
] as const;

async function measure(): Promise<void> {
  await withNativeVm(async (vm) => {
    const beams = await compileErlang([join(here, 'files.erl')], join(buildDir, 'bench'));
    const { archive } = await prepare(vm, 'files', beams, 'application');
    const run = await cpuRun(vm.executable, [archive, String(MEMORY_MIB)], vm.folder);
    const found = /^\{(\d+),(\d+),(\d+),(\d+)\}\r?$/m.exec(run.stdout + run.stderr);
    if (!found) throw new Error(`no figures from files.erl: ${run.stdout.slice(-500)}`);
    for (const [index, name] of names.entries()) figure(name, Number(found[index + 1]), 'MB/s');
  });
}

export const files = { figures: names, measure };
