/**
 * Lines a CPU second of the V compiler's parser and checker in a process that is warm: programs of
 * this repository one by one, many of them as one program, and parsing alone. Only lines of the
 * programs count: the work includes what they use of the library, whose files are parsed once in
 * the life of a process. `v_compiler.ts` runs this from a bundle, as `vbeam` itself runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkV } from '../../v/compile.ts';
import { parseFile } from '../../v/load/parsed.ts';
import { largeProgram } from './v_large_program.ts';

const root = join(import.meta.dirname, '..', '..');
/** The large program has each part that often. */
const COPIES = 2;

interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Speeds {
  readonly small: number;
  readonly large: number;
  readonly parsing: number;
  /** Lines of the large program. */
  readonly largeLines: number;
}

function sourcesBelow(folders: readonly string[], recursive: boolean): Source[] {
  return folders.flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.v'))
      .sort()
      .map((name) => {
        const path = join(root, folder, name);
        return { path, text: readFileSync(path, 'utf8') };
      });
  });
}

const lineCount = (sources: readonly Source[]): number =>
  sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);

/** The best of several rounds: the first ones run before V8 has compiled the compiler. */
function linesPerSecond(
  rounds: number,
  sources: readonly Source[],
  run: (source: Source) => unknown,
): number {
  const lines = lineCount(sources);
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const source of sources) run(source);
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (lines * 1e6) / (user + system));
  }
  return best;
}

export function measure(rounds: number): Speeds {
  const programs = sourcesBelow(['v/testdata', 'examples'], false);
  const text = largeProgram(
    programs.map((program) => program.text),
    COPIES,
  );
  const large = [{ path: join(root, 'large.v'), text }];
  const all = [...programs, ...sourcesBelow(['v/vlib'], true)];
  return {
    small: linesPerSecond(rounds, programs, (program) => checkV([program])),
    large: linesPerSecond(rounds, large, (program) => checkV([program])),
    parsing: linesPerSecond(rounds, all, (source) => parseFile(source.path, source.text, 0)),
    largeLines: lineCount(large),
  };
}
