// A small command line for the compiler alone: `node --import tsx v/cli.ts FILE.v -o DIR`. Status 1
// means that the program is wrong (V's own status), 2 that the command is.

import { parseArgs } from 'node:util';
import { CompileError, compileVFile } from './compile.ts';

const usage = 'usage: node --import tsx v/cli.ts FILE.v -o DIR\n';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { output: { type: 'string', short: 'o', default: '.' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    const { beamPath, warnings } = await compileVFile(path, values.output);
    process.stderr.write(warnings);
    process.stdout.write(`${beamPath}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(
      error instanceof CompileError ? error.message : `error: ${(error as Error).message}\n`,
    );
    return 1;
  }
}

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`error: ${error.message}\n${usage}`);
  return 2;
});
