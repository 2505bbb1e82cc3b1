/** `vbeam dis FILE.beam`: the instructions of a module as text. */
import { readFileSync, statSync } from 'node:fs';
import { BeamError } from '../../beam/beam_error.ts';
import { disassemble } from '../../beam/disassemble.ts';
import { UserError } from '../../lib/user_error.ts';
import { type Command, onlyArgument, parseArguments } from '../command.ts';

export const disCommand: Command = {
  help: `
usage: vbeam dis FILE.beam

Prints module, exports, imports and every function's instructions, from the same tables as the VM's loader.
`,
  async run(args) {
    const path = onlyArgument(parseArguments(args, []), 'the .beam file');
    if (!statSync(path, { throwIfNoEntry: false })?.isFile())
      throw new UserError(`${path}: no such file`);
    try {
      process.stdout.write(disassemble(readFileSync(path)));
    } catch (error) {
      if (!(error instanceof BeamError)) throw error;
      throw new UserError(`${path}: ${error.message}`);
    }
    return 0;
  },
};
