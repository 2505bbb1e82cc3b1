/**
 * How many of V's own rejected programs (`vlib/v/{checker,parser,scanner}/tests/*.vv` with the
 * `.out` that V prints) are rejected here, with the same errors in the same lines, and with the
 * same text to the last character.
 *
 *   V_SRC=DIR node --import tsx tests/v/messages.ts [PART OF A NAME...] [--show]
 *     --show    what differs, one line a program
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileV, formatDiagnostics } from '../../v/compile.ts';

const COMPLAINTS_SHOWN = 2;

interface Case {
  readonly path: string;
  readonly source: string;
  readonly expected: string;
}

function cases(checkout: string): Case[] {
  return ['checker', 'parser', 'scanner'].flatMap((part) => {
    const folder = `vlib/v/${part}/tests`;
    const names = readdirSync(join(checkout, folder)).filter((name) => name.endsWith('.vv'));
    return names.sort().flatMap((name) => {
      const path = `${folder}/${name}`;
      const output = join(checkout, path.replace(/\.vv$/, '.out'));
      const expected = existsSync(output) ? readFileSync(output, 'utf8').trim() : '';
      if (!expected.includes(' error: ')) return [];
      return [{ path, source: readFileSync(join(checkout, path), 'utf8'), expected }];
    });
  });
}

/** Line and message of each error. */
function errorsIn(text: string): string[] {
  const found = [...text.matchAll(/:(\d+):\d+: error: ([^\n]*)/g)];
  return found.map(([, line, message]) => `${line} ${message}`).sort();
}

function main(): number {
  const checkout = process.env.V_SRC;
  if (!checkout) {
    process.stderr.write('V_SRC names a folder with a checkout of V; see docs/testing.md\n');
    return 2;
  }
  const args = process.argv.slice(2);
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const counts = { programs: 0, rejected: 0, same: 0, identical: 0 };
  for (const { path, source, expected } of cases(checkout)) {
    if (parts.length && !parts.some((part) => path.includes(part))) continue;
    const result = compileV(path, source);
    const diagnostics = 'errors' in result ? result.errors : result.warnings;
    const actual = formatDiagnostics(path, source, diagnostics).trim();
    counts.programs++;
    if ('errors' in result) counts.rejected++;
    if (actual === expected) counts.identical++;
    const [wanted, got] = [errorsIn(expected), errorsIn(actual)];
    if (wanted.join('\n') === got.join('\n')) counts.same++;
    else if (args.includes('--show')) {
      const missing = wanted.filter((each) => !got.includes(each)).slice(0, COMPLAINTS_SHOWN);
      const others = got.filter((each) => !wanted.includes(each)).slice(0, COMPLAINTS_SHOWN);
      process.stdout.write(`${path}\twanted ${missing.join(' | ')}\tgot ${others.join(' | ')}\n`);
    }
  }
  process.stdout.write(
    `figure v_rejected_programs ${counts.programs} programs\n` +
      `figure v_rejected_here ${counts.rejected} programs\n` +
      `figure v_same_errors ${counts.same} programs\n` +
      `figure v_same_text ${counts.identical} programs\n`,
  );
  return 0;
}

process.exitCode = main();
