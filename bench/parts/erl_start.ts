/** Starting and ending `vbeam erl` with full kernel and stdlib, as an executable and in Node. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { erlExecutable } from '../../image/erl_program.ts';
import { figure, type Part, progress } from '../figures.ts';

const command = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'cli', 'vbeam.mjs');
const args = ['-noshell', '-eval', 'halt().'];

/** Seconds of the fastest of some runs; the first one only warms the caches. */
function fastest(runs: number, program: string, before: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= runs; i++) {
    const started = performance.now();
    const result = spawnSync(program, [...before, ...args], { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`${program} ended with ${result.status}`);
    if (i > 0) best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

export const erlStart: Part = {
  figures: ['erl_start_native_s', 'erl_start_node_s', 'erl_start_otp_s'],
  measure: async (quick) => {
    const runs = quick ? 1 : 5;
    figure('erl_start_native_s', fastest(runs, await erlExecutable(progress), []), 's');
    figure('erl_start_node_s', fastest(runs, process.execPath, [command, 'erl']), 's');
    figure('erl_start_otp_s', fastest(runs, 'erl', []), 's');
  },
};
