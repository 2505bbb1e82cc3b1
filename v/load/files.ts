// Which files of a folder belong to a program for the BEAM, by the suffixes of their names: what
// V's documentation says under "Conditional compilation", with `.beam.v` for our own platform.

import { join } from 'node:path';

/** `_linux.v` and its like: the systems and machines we are not. */
const foreign =
  /_(windows|macos|darwin|freebsd|openbsd|netbsd|dragonfly|solaris|serenity|android|android_outside_termux|termux|ios|qnx|plan9|vinix|haiku|bsd|wasm32_emscripten)(\.c)?\.v$/;
const otherBackends = /\.(js|wasm|arm64|amd64|native|go|cpp)\.v$/;
const flagged = /_(d|notd)_(\w+?)(\.c|\.beam)?\.v$/;

/** V's files that have nothing of C in them, in spite of their names. */
const plain: ReadonlySet<string> = new Set([
  'strings/builder.c.v',
  'strconv/vprintf.c.v',
  'os/inode.c.v',
  'os/os_stat_default.c.v',
  'os/os_structs_stat_linux.c.v',
  'time/parse.c.v',
  'time/json_custom.c.v',
  'sync/pool/pool.c.v',
]);

function isPlain(folder: string, name: string): boolean {
  if (!name.endsWith('.c.v')) return false;
  const parts = [...folder.split('/'), name];
  return plain.has(parts.slice(-2).join('/')) || plain.has(parts.slice(-3).join('/'));
}

export function belongs(name: string, defines: ReadonlySet<string>, library: boolean): boolean {
  if (!name.endsWith('.v') || name.startsWith('.')) return false;
  if (/_test(\.\w+)?\.v$/.test(name)) return false;
  if (foreign.test(name) || otherBackends.test(name)) return false;
  // V's own library has a file for C next to each of ours.
  if (library && name.endsWith('.c.v')) return false;
  const [, how, flag] = flagged.exec(name) ?? [];
  return flag === undefined || defines.has(flag) === (how === 'd');
}

/** Paths of the files among the `names` in a folder that are compiled together, in that order. */
export function filesOf(
  folder: string,
  names: readonly string[],
  defines: ReadonlySet<string>,
  library: boolean,
): readonly string[] {
  const own = names.filter(
    (name) => belongs(name, defines, library) || (library && isPlain(folder, name)),
  );
  const stem = (name: string): string => name.replace(/(_default)?\.(c|beam)\.v$|\.v$/, '');
  const specific = own.filter((name) => !name.endsWith('_default.c.v')).map(stem);
  return own
    .filter((name) => !name.endsWith('_default.c.v') || !specific.includes(stem(name)))
    .map((name) => join(folder, name));
}
