/**
 * Native tasks and Linux programs in QEMU with a clock that counts instructions, so that a
 * nanosecond is one: bench/parts/tasks.erl.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { figure, type Part } from '../figures.ts';
import { boot, fillFolder, type Limits } from '../latency/machine.ts';

const limits: Limits = { silenceMs: 600_000, totalMs: 1_800_000 };

/** Names of lines, and what the figure is called. */
const figures = new Map([
  ['step', 'task_step_ns'],
  ['faults', 'task_copied_page_ns'],
  ['fork', 'task_fork_run_end_ns'],
  ['call', 'linux_system_call_ns'],
  ['wait', 'linux_fork_exit_wait_ns'],
]);

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-tasks-'));
  let last = '';
  let ended = false;
  try {
    const source = join(import.meta.dirname, 'tasks.erl');
    const modules = await compileErlang([source], join(buildDir, 'bench'));
    await fillFolder(folder, 'tasks:main()', modules, 'application');
    const take = (line: string): void => {
      if (line) last = line;
      ended ||= /ended with status 0/.test(line);
      const row = /^\{task,(\w+),(\d+)\}\.$/.exec(line);
      const name = figures.get(row?.[1] ?? '');
      if (name) figure(name, Number(row?.[2]), 'ns');
    };
    const stopped = await boot(folder, limits, take);
    if (!ended) throw new Error(`the machine ${stopped ?? 'ended'}: ${last}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const tasks: Part = { figures: [...figures.values()], measure };
