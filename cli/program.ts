/** A program with the arguments of a command line, for the commands that boot one. */
import { buildDir } from '../image/boot_archive.ts';
import { type Program, prepareProgram } from '../image/program.ts';
import { vOptions } from './command.ts';

export async function programWith(
  path: string,
  programArguments: readonly string[],
  options: ReadonlyMap<string, string>,
): Promise<Program> {
  const program = await prepareProgram(path, buildDir, vOptions(options));
  return programArguments.length ? { ...program, arguments: programArguments } : program;
}
