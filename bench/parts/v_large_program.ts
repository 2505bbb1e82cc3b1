/**
 * One large V program: many small ones in one file, where what each declares has a name of its own,
 * so that the checker has as much to do as for all of them.
 */
import { checkV } from '../../v/compile.ts';
import { lex } from '../../v/lexer.ts';
import type { Token } from '../../v/tokens.ts';

const declaring = new Set(['fn', 'struct', 'enum', 'type', 'interface', 'const', 'union']);

/** What a program declares at the top level: names behind a keyword outside all braces. */
function declaredNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  let depth = 0;
  tokens.forEach((token, i) => {
    if (token.kind === '{') depth++;
    if (token.kind === '}') depth--;
    const name = tokens[i + 1];
    if (depth === 0 && declaring.has(token.kind) && name?.kind === 'name') names.add(name.text);
  });
  return names;
}

interface Piece {
  readonly imports: readonly string[];
  readonly text: string;
}

/** A program as a part of another one: its names with a number, its imports apart. */
function piece(source: string, number: number): Piece {
  const { tokens } = lex(source);
  const names = declaredNames(tokens);
  const imports: string[] = [];
  let text = '';
  let end = 0;
  for (const token of tokens) {
    text += source.slice(end, token.start);
    const word = source.slice(token.start, token.end);
    text += token.kind === 'name' && names.has(token.text) ? `${word}_n${number}` : word;
    end = token.end;
  }
  const lines = text.split('\n').filter((line) => {
    const isImport = line.startsWith('import ');
    if (isImport) imports.push(line);
    return !isImport && !line.startsWith('module ');
  });
  return { imports, text: lines.join('\n') };
}

function joined(pieces: readonly Piece[]): string {
  const imports = [...new Set(pieces.flatMap((p) => p.imports))].sort();
  return `${[...imports, ...pieces.map((p) => p.text)].join('\n')}\n\nfn main() {\n}\n`;
}

const isCorrect = (text: string): boolean =>
  !checkV([{ path: 'large.v', text }]).some((d) => d.severity === 'error');

/** The sources that can be parts of another program, even twice, `copies` times each. */
export function largeProgram(sources: readonly string[], copies: number): string {
  const fitting = sources.filter((s) => isCorrect(joined([piece(s, 0), piece(s, 1)])));
  const all = Array.from({ length: copies }, () => fitting).flat();
  const text = joined(all.map((source, i) => piece(source, i)));
  const [error] = checkV([{ path: 'large.v', text }]).filter((d) => d.severity === 'error');
  if (error) throw new Error(`the large program is wrong: ${error.message}`);
  return text;
}
