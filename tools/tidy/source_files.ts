/** The files that tidy looks at: everything written by hand, with its lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SourceFile {
  /** Path below the root. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** A broken rule, as `path:line: text`. */
export interface Violation {
  readonly path: string;
  /** From 1; 0 when it is about the whole file. */
  readonly line: number;
  readonly text: string;
}

const foldersLeftOut = new Set(['node_modules', 'build', '.git', 'gen']);
/** Written by tools/gen.ts. */
const generated = new Set(['vm/host.ts']);
const extensions = new Set(['.ts', '.mts', '.mjs', '.erl', '.hrl', '.c', '.h', '.sh', '.md']);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foldersLeftOut.has(entry.name) ? [] : walk(path);
    return entry.isFile() && extensions.has(extname(entry.name)) ? [path] : [];
  });
}

export function sourceFiles(): SourceFile[] {
  return walk(root)
    .map((path) => ({ absolute: path, path: relative(root, path) }))
    .filter(({ path }) => !generated.has(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ absolute, path }) => ({ path, lines: readFileSync(absolute, 'utf8').split('\n') }));
}
