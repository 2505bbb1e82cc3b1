/**
 * Which folder may import which: the table of ARCHITECTURE.md. Tests, and what lies in a folder
 * named `testing`, may import anything; everyone may import lib/.
 */
import { dirname, join, normalize } from 'node:path';
import type { SourceFile, Violation } from './source_files.ts';

/** The folders of a row besides itself; `all` for folders that put the others together. */
export const allowedImports: Readonly<Record<string, readonly string[] | 'all'>> = {
  tables: [],
  lib: [],
  v: ['tables', 'beam'],
  beam: ['tables'],
  x86_64: ['tables'],
  nucleus: ['x86_64', 'tables'],
  vm: [],
  native: ['tables', 'beam'],
  link: ['x86_64', 'tables'],
  // The image holds the kernel too, so it drives the whole build.
  image: ['link', 'beam', 'v', 'nucleus', 'native', 'tables', 'tools/build_vm.ts'],
  machine: ['tables'],
  cli: 'all',
  tests: 'all',
  bench: 'all',
  tools: 'all',
};

/** These import nothing, not even lib/. */
const selfContained = new Set(['tables', 'vm']);

const isTest = (path: string) => /\.test\.ts$|\/testing\//.test(path);

/** The folder that a path belongs to. */
const folderOf = (path: string) => path.split('/')[0]!;

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`. */
const importPattern = /(?:\bfrom\s+|^\s*import\s+|\bimport\()'([^']+)'/g;

function isAllowed(from: string, target: string): boolean {
  const folder = folderOf(from);
  const allowed = allowedImports[folder];
  if (allowed === 'all' || isTest(from)) return true;
  const targetFolder = folderOf(target);
  if (targetFolder === folder) return true;
  if (targetFolder === 'lib' && !selfContained.has(folder)) return true;
  return (allowed ?? []).some((each) => each === targetFolder || each === target);
}

export function importViolations(file: SourceFile): Violation[] {
  if (!/\.m?ts$/.test(file.path)) return [];
  const found: Violation[] = [];
  const folder = folderOf(file.path);
  if (file.path.includes('/') && allowedImports[folder] === undefined && !isTest(file.path))
    found.push({
      path: file.path,
      line: 0,
      text: `folder ${folder}/ has no row in the import rule`,
    });
  file.lines.forEach((text, index) => {
    if (/^\s*(\*|\/\/)/.test(text)) return;
    for (const [, specifier] of text.matchAll(importPattern)) {
      if (!specifier!.startsWith('.')) continue;
      const target = normalize(join(dirname(file.path), specifier!));
      if (!isAllowed(file.path, target))
        found.push({
          path: file.path,
          line: index + 1,
          text: `${folder}/ may not import ${target}`,
        });
    }
  });
  return found;
}
