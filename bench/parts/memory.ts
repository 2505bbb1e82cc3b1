/** Memory: idle processes, and the size of the VM's Wasm module. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { buildVm } from '../../tools/build_vm.ts';
import { cpuRun, lastLine } from '../cpu_time.ts';
import { figure } from '../figures.ts';
import { prepare, withNativeVm, wrapper } from '../native_vm.ts';

const here = dirname(fileURLToPath(import.meta.url));
const COUNT = 1_000_000;
const MEMORY_MIB = 3000;

async function measure(): Promise<void> {
  figure('vm_wasm_bytes', statSync((await buildVm({ level: 3 })).path).size, 'bytes');
  await withNativeVm(async (vm) => {
    const beams = await compileErlang([join(here, 'memory.erl')], join(buildDir, 'bench'));
    beams.push(await wrapper(vm.folder, 'idle', `memory:run(${COUNT})`));
    const { archive } = await prepare(vm, 'idle', beams);
    const run = await cpuRun(vm.executable, [archive, String(MEMORY_MIB)], vm.folder);
    const found = /^\{(\d+),(\d+)\}$/.exec(lastLine(run.stderr));
    if (!found) throw new Error(`no figures from memory.erl: ${lastLine(run.stderr)}`);
    figure('process_idle_bytes', Number(found[1]), 'bytes');
    figure('processes_million_bytes', Number(found[2]), 'bytes');
  });
}

export const memory = {
  figures: ['vm_wasm_bytes', 'process_idle_bytes', 'processes_million_bytes'],
  measure,
};
