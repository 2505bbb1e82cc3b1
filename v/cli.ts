// A small command line for the compiler alone: `node --import tsx v/cli.ts FILE -o DIR`, where FILE
// is a file or a folder of files of one module. Status 1
// means that the program is wrong (V's own status), 2 that the command is.

import { parseArgs } from 'node:util';
import { CompileError, compileVFile } from './compile.ts';

const usage = `usage: node --import tsx v/cli.ts FILE|DIR -o DIR
  -d NAME           what \`$if NAME ?\` asks for
  --vlib DIR        V's own library: a checkout of V, or its folder vlib (else $VLIB or $V_SRC)
  --enable-globals  allow __global in every module
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      output: { type: 'string', short: 'o', default: '.' },
      define: { type: 'string', short: 'd', multiple: true, default: [] },
      vlib: { type: 'string' },
      'enable-globals': { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
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
    const { beamPath, warnings } = await compileVFile(path, values.output, undefined, {
      defines: values.define,
      vlib: values.vlib,
      ...(values['enable-globals'] ? { globals: true } : {}),
    });
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
