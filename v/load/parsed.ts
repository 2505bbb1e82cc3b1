// Parsed files. Those of the library are parsed once in the life of the compiler: their offsets
// begin far behind those of any program.

import { readFileSync } from 'node:fs';
import type { SourceTree } from '../ast.ts';
import { lex } from '../lexer.ts';
import { parseTokens } from '../parse/declarations.ts';
import { type Diagnostic, SourceFile } from '../source.ts';
import type { Token } from '../tokens.ts';
import { shownPath } from './search.ts';

/** Programs have the offsets below, the library those from here on. */
export const libraryBase = 2 ** 30;

export interface ParsedFile {
  readonly file: SourceFile;
  readonly tree: SourceTree;
  readonly errors: readonly Diagnostic[];
  /** The names that stand before a dot, and all others: which imports are used. */
  readonly qualifiers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

export function parseFile(path: string, text: string, base: number): ParsedFile {
  const file = new SourceFile(path, text, base);
  const { tokens, errors: lexical } = lex(text, base);
  const { tree, errors: syntactic } = parseTokens(tokens, text, base);
  const errors = [...lexical, ...syntactic].map((e) => ({ ...e, file }));
  // Only of files that import something does anybody ask what they use.
  const importing = tokens.some((token) => token.kind === 'import');
  return { file, tree, errors, ...usedNames(importing ? tokens : []) };
}

function usedNames(tokens: readonly Token[]): { qualifiers: Set<string>; names: Set<string> } {
  const qualifiers = new Set<string>();
  const names = new Set<string>();
  let importLine = -1;
  tokens.forEach((token, i) => {
    if (token.kind === 'import') importLine = token.line;
    if (token.kind !== 'name' || token.line === importLine) return;
    if (tokens[i + 1]?.kind === '.') qualifiers.add(token.text);
    names.add(token.text);
  });
  return { qualifiers, names };
}

const library = new Map<string, ParsedFile>();
let nextLibraryBase = libraryBase;

/** A file of the library; `text` is for the one that is no file. */
export function parseLibraryFile(path: string, text?: string): ParsedFile {
  let parsed = library.get(path);
  if (!parsed) {
    parsed = parseFile(shownPath(path), text ?? readFileSync(path, 'utf8'), nextLibraryBase);
    nextLibraryBase = parsed.file.limit;
    library.set(path, parsed);
  }
  return parsed;
}
