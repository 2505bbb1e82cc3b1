/** `vbeam v FILE.v`: compile a V program to `.beam` files. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { prepareProgram } from '../../image/program.ts';
import { UserError } from '../../lib/user_error.ts';
import { type Command, onlyArgument, parseArguments } from '../command.ts';

export const vCommand: Command = {
  help: `
usage: vbeam v FILE.v [-o DIR]

Compiles a V program to the module v.main (file v.main.beam), with the runtime modules that it
needs.
  -o DIR    where to put the .beam files; default: the current folder
`,
  async run(args) {
    const parsed = parseArguments(args, [{ names: ['-o', '--output'], takesValue: true }]);
    const path = onlyArgument(parsed, 'the V file');
    if (!path.endsWith('.v')) throw new UserError(`${path}: expected a .v file`, 2);
    const out = parsed.options.get('-o') ?? '.';
    const program = await prepareProgram(path, buildDir);
    mkdirSync(out, { recursive: true });
    for (const beam of program.beams) copyFileSync(beam, join(out, basename(beam)));
    process.stdout.write(`${join(out, `${program.name}.beam`)}\n`);
    return 0;
  },
};
