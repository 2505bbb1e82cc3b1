/**
 * How many of the programs in V's own documentation (the code blocks of `doc/docs.md`) compile, or
 * are refused where the documentation says so.
 *
 *   V_SRC=DIR node --import tsx tests/v/docs.ts [LINE...] [--show]
 *     LINE      only the blocks that begin at these lines
 *     --show    why the others do not compile
 *
 * What stands after ```v says what V's own check of the documentation does with a block: `ignore`
 * skips it, `oksyntax` asks for its syntax only, `failcompile` and `badsyntax` want it refused.
 * Blocks without a `main` get one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileV, formatDiagnostics } from '../../v/compile.ts';
import { parseFile } from '../../v/load/parsed.ts';

interface Block {
  readonly line: number;
  readonly flags: readonly string[];
  readonly source: string;
}

function blocks(text: string): Block[] {
  return [...text.matchAll(/^```v( [^\n]*)?\n(.*?)^```$/gms)].map((found) => {
    const [, flags = '', source = ''] = found;
    const line = text.slice(0, found.index).split('\n').length;
    return { line, flags: flags.trim().split(/\s+/), source };
  });
}

/** Undefined when the block is as the documentation says, else the first thing that is not. */
function complaint({ line, flags, source }: Block, folder: string): string | undefined {
  const path = join(folder, `docs.md.${line}.v`);
  const globals = source.includes('__global');
  let result = compileV(path, source, { globals });
  const needsMain =
    'errors' in result &&
    result.errors.some((e) => e.message.startsWith('function `main` must be'));
  if (needsMain) result = compileV(path, `${source}\nfn main() {}\n`, { globals });
  const refused = 'errors' in result;
  if (flags.includes('failcompile') || flags.includes('badsyntax'))
    return refused ? undefined : 'it should be refused';
  if (!('errors' in result)) return undefined;
  if (flags.includes('oksyntax') && parseFile(path, source, 0).errors.length === 0)
    return undefined;
  const errors = result.errors.filter((e) => e.severity === 'error');
  return formatDiagnostics(path, source, errors).split('\n')[0];
}

function main(): number {
  const checkout = process.env.V_SRC;
  if (!checkout) {
    process.stderr.write('V_SRC names a folder with a checkout of V; see docs/testing.md\n');
    return 2;
  }
  const args = process.argv.slice(2);
  const lines = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const folder = join(checkout, 'doc');
  const all = blocks(readFileSync(join(folder, 'docs.md'), 'utf8'));
  const chosen = all.filter(
    (b) => !b.flags.includes('ignore') && (lines.length === 0 || lines.includes(b.line)),
  );
  let good = 0;
  for (const block of chosen) {
    const problem = complaint(block, folder);
    if (problem === undefined) good++;
    else if (args.includes('--show')) process.stdout.write(`line ${block.line}: ${problem}\n`);
  }
  process.stdout.write(
    `figure v_documentation_blocks ${chosen.length} programs\n` +
      `figure v_documentation_blocks_passed ${good} programs\n`,
  );
  return 0;
}

process.exitCode = main();
