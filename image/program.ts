/**
 * A program as a user names it (V, Erlang or `.beam`), made into modules and the function that
 * starts it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { BeamError } from '../beam/beam_error.ts';
import { type BeamModule, readModule } from '../beam/module.ts';
import { UserError } from '../lib/user_error.ts';
import { compileErlang } from './erlang.ts';
import { compileVProgram } from './v_program.ts';

export interface Program {
  /** What boot lines call it. */
  readonly name: string;
  readonly module: string;
  readonly function: string;
  /** Atoms that the function gets. */
  readonly args: readonly string[];
  /** Paths of its `.beam` files. */
  readonly beams: readonly string[];
  /** Paths of what lies beside its sources, when it is a folder: it finds them in `/program`. */
  readonly data?: readonly string[];
  /** Its command line: what `init:get_plain_arguments/0` gives, and `os.args` behind the name. */
  readonly arguments?: readonly string[];
}

/** How V programs are compiled. */
export interface VOptions {
  /** A checkout of V, or the `vlib` folder of one. */
  readonly vlib?: string | undefined;
  /** The flags given with `-d`. */
  readonly defines?: readonly string[];
}

/** Largest source or `.beam` file taken. */
const FILE_BYTES_MAX = 64 << 20;

/** Compile what must be compiled; every mistake of the user's is a UserError. */
export async function prepareProgram(
  path: string,
  buildDir: string,
  vOptions: VOptions = {},
): Promise<Program> {
  if (!existsSync(path)) throw new UserError(`${path}: no such file`);
  const stat = statSync(path);
  if (stat.isDirectory()) return compileVProgram(path, buildDir, vOptions);
  if (!stat.isFile()) throw new UserError(`${path}: not a file`);
  if (stat.size > FILE_BYTES_MAX) throw new UserError(`${path}: too large (${stat.size} bytes)`);
  switch (extname(path)) {
    case '.v':
      return compileVProgram(path, buildDir, vOptions);
    case '.erl': {
      const beams = await compileErlang([path], join(buildDir, 'programs'));
      const module = basename(path, '.erl');
      return { name: module, module, function: 'main', args: [], beams };
    }
    case '.beam': {
      const module = moduleName(path);
      return { name: module, module, function: 'main', args: [], beams: [path] };
    }
    default:
      throw new UserError(`${path}: expected a .v, .erl or .beam file`);
  }
}

/** Name of the module in a `.beam` file, which is read as a whole: damage shows before booting. */
function moduleName(path: string): string {
  let module: BeamModule;
  try {
    module = readModule(readFileSync(path));
  } catch (error) {
    if (error instanceof BeamError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
  const { name } = module;
  if (name !== basename(path, '.beam'))
    throw new UserError(`${path}: holds module ${name}, so the file must be named ${name}.beam`);
  if (!module.exports.some((each) => each.name === 'main' && each.arity === 0))
    throw new UserError(`${path}: module ${name} exports no function main/0`);
  return name;
}
