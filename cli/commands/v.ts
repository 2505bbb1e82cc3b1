/** `vbeam v FILE.v`, `vbeam v FOLDER`: compile a V program to `.beam` files. */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { prepareProgram } from '../../image/program.ts';
import { UserError } from '../../lib/user_error.ts';
import {
  type Command,
  onlyArgument,
  parseArguments,
  vOptionSpecs,
  vOptions,
  vOptionsHelp,
} from '../command.ts';

export const vCommand: Command = {
  help: `
usage: vbeam v FILE.v|FOLDER [OPTIONS]

Compiles a V program, which is a file or all files of a folder, to the module v.main (file
v.main.beam), with the runtime modules that it needs.
  -o DIR           where to put the .beam files; default: the current folder
${vOptionsHelp}`,
  async run(args) {
    const parsed = parseArguments(args, [
      { names: ['-o', '--output'], takesValue: true },
      ...vOptionSpecs,
    ]);
    const path = onlyArgument(parsed, 'the V file or folder');
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (!path.endsWith('.v') && !isFolder) throw new UserError(`${path}: expected a .v file`, 2);
    const out = parsed.options.get('-o') ?? '.';
    const program = await prepareProgram(path, buildDir, vOptions(parsed.options));
    mkdirSync(out, { recursive: true });
    for (const beam of program.beams) copyFileSync(beam, join(out, basename(beam)));
    process.stdout.write(`${join(out, `${program.name}.beam`)}\n`);
    return 0;
  },
};
