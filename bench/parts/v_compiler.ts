/**
 * How fast the V compiler is: its parser and checker in a warm process (`v_check_speed.ts`), a
 * small module from source to `.beam` in a running Erlang system, and the whole command for it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileVFile, ErlangNode } from '../../v/compile.ts';
import { figure, type Part, progress } from '../figures.ts';
import type { Speeds } from './v_check_speed.ts';

const root = join(import.meta.dirname, '..', '..');
const hello = join(root, 'examples', 'hello.v');
const ROUNDS = 30;
const QUICK_ROUNDS = 16;
const SMALL_RUNS = 10;
const COMMAND_RUNS = 3;

/**
 * The bundle is what `vbeam` runs. tsx, which runs these benchmarks, names every closure as it is
 * made, and that takes a fifth of the compiler's time.
 */
async function speeds(work: string, rounds: number): Promise<Speeds> {
  const { bundle } = await import(pathToFileURL(join(root, 'cli', 'start.mjs')).href);
  await bundle(['bench/parts/v_check_speed.ts'], work);
  const { measure } = await import(pathToFileURL(join(work, 'v_check_speed.mjs')).href);
  return measure(rounds) as Speeds;
}

async function smallModuleMilliseconds(work: string): Promise<number> {
  const node = new ErlangNode();
  let best = Number.POSITIVE_INFINITY;
  try {
    for (let run = 0; run < SMALL_RUNS; run++) {
      const before = performance.now();
      await compileVFile(hello, work, node);
      best = Math.min(best, performance.now() - before);
    }
  } finally {
    node.close();
  }
  return best;
}

/** `vbeam v` in a process of its own, with the Erlang system that it starts. */
function commandMilliseconds(work: string): number {
  const command = [join(root, 'cli', 'vbeam.mjs'), 'v', hello, '-o', work];
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < COMMAND_RUNS; run++) {
    const before = performance.now();
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`vbeam v: ${stderr}`);
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

export const vCompiler: Part = {
  figures: [
    'v_check_lines',
    'v_check_large_lines',
    'v_parse_lines',
    'v_compile_hello',
    'v_command_hello',
  ],
  async measure(quick) {
    const work = mkdtempSync(join(tmpdir(), 'v-bench-'));
    try {
      const found = await speeds(work, quick ? QUICK_ROUNDS : ROUNDS);
      progress(`the large V program has ${found.largeLines} lines`);
      figure('v_check_lines', found.small, 'lines/s');
      figure('v_check_large_lines', found.large, 'lines/s');
      figure('v_parse_lines', found.parsing, 'lines/s');
      figure('v_compile_hello', await smallModuleMilliseconds(work), 'ms');
      figure('v_command_hello', commandMilliseconds(work), 'ms');
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};
