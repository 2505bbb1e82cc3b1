/**
 * `make bench`: measures what the project promises, prints tables and one line `figure NAME VALUE
 * UNIT` a figure. A figure that cannot be measured is printed as unmeasured with the reason.
 *
 *   node --import tsx bench/bench.ts [--quick] [--write] [PART ...]
 *
 * --quick: fewer repetitions, and only one program against erl. --write: docs/benchmarks.md, too.
 * PART: only the parts so named.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figureLines, type Part, report, unmeasured } from './figures.ts';
import { boot } from './parts/boot.ts';
import { erlStart } from './parts/erl_start.ts';
import { estone } from './parts/estone.ts';
import { files } from './parts/files.ts';
import { memory } from './parts/memory.ts';
import { nucleus } from './parts/nucleus.ts';
import { programs } from './parts/programs.ts';
import { prompt } from './parts/prompt.ts';
import { rebuild, simulatedRun } from './parts/simulated_run.ts';
import { tasks } from './parts/tasks.ts';
import { vCompiler } from './parts/v_compiler.ts';
import { vPrograms } from './parts/v_programs.ts';

const parts: Readonly<Record<string, Part>> = {
  boot,
  prompt,
  nucleus,
  run: simulatedRun,
  rebuild,
  erl: erlStart,
  memory,
  files,
  tasks,
  programs,
  estone,
  v_programs: vPrograms,
  v: vCompiler,
};

const page = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'benchmarks.md');

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length && !wanted.includes(name)) continue;
    try {
      await part.measure(args.includes('--quick'));
    } catch (error) {
      for (const figure of part.figures) unmeasured(figure, error);
    }
  }
  process.stdout.write(figureLines());
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}`;
  if (args.includes('--write')) writeFileSync(page, report(machine));
}

await main();
