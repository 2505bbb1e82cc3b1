/**
 * How fast the V compiler parses and checks (lines of CPU second, over the V programs of this
 * repository, each compiled alone with what it imports), and what a small module takes from source
 * to `.beam` in a running Erlang system.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkV, compileVFile, ErlangNode } from '../../v/compile.ts';
import { figure, type Part } from '../figures.ts';

const root = join(import.meta.dirname, '..', '..');
const folders = ['v/testdata', 'examples'];
const ROUNDS = 8;
const QUICK_ROUNDS = 4;
const SMALL_RUNS = 10;

interface Program {
  readonly path: string;
  readonly text: string;
}

function programs(): Program[] {
  return folders.flatMap((folder) => {
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.v'));
    return names.sort().map((name) => {
      const path = join(root, folder, name);
      return { path, text: readFileSync(path, 'utf8') };
    });
  });
}

const lineCount = ({ text }: Program) => text.split('\n').length - 1;

/** The best of several rounds: the first ones run before V8 has compiled the compiler. */
function checkedLinesPerSecond(rounds: number): number {
  const all = programs();
  const lines = all.reduce((sum, program) => sum + lineCount(program), 0);
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const program of all) checkV([program]);
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (lines * 1e6) / (user + system));
  }
  return best;
}

async function smallModuleMilliseconds(): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'v-bench-'));
  const node = new ErlangNode();
  const path = join(root, 'examples', 'hello.v');
  let best = Number.POSITIVE_INFINITY;
  try {
    for (let run = 0; run < SMALL_RUNS; run++) {
      const before = performance.now();
      await compileVFile(path, work, node);
      best = Math.min(best, performance.now() - before);
    }
  } finally {
    node.close();
    rmSync(work, { recursive: true, force: true });
  }
  return best;
}

export const vCompiler: Part = {
  figures: ['v_check_lines', 'v_compile_hello'],
  async measure(quick) {
    figure('v_check_lines', checkedLinesPerSecond(quick ? QUICK_ROUNDS : ROUNDS), 'lines/s');
    figure('v_compile_hello', await smallModuleMilliseconds(), 'ms');
  },
};
