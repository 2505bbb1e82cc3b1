/**
 * Sizes and names: 700 lines a file, 70 lines a function, 100 columns, no file named after nothing.
 * Tables are data and exempt from the sizes.
 */
import { basename, extname } from 'node:path';
import type { SourceFile, Violation } from './source_files.ts';

const fileLinesMax = 700;
const functionLinesMax = 70;
const columnsMax = 100;
const namesOfNothing = new Set(['utils', 'util', 'common', 'misc', 'helpers', 'helper']);

/** Rows of data: the tables, and test programs that are lists of cases. */
const isData = (path: string) => /^tables\/|^tests\/conformance\/.*\.erl$/.test(path);
const isTest = (path: string) => /\.test\.ts$|\/testing\//.test(path);

export function sizeViolations(file: SourceFile): Violation[] {
  const name = basename(file.path, extname(file.path));
  const found: Violation[] = [];
  if (namesOfNothing.has(name))
    found.push({ path: file.path, line: 0, text: `a file named ${name} says nothing` });
  if (isData(file.path)) return found;
  const lineCount = file.lines.at(-1) === '' ? file.lines.length - 1 : file.lines.length;
  if (lineCount > fileLinesMax && !file.path.endsWith('.md'))
    found.push({
      path: file.path,
      line: 0,
      text: `${lineCount} lines; the limit is ${fileLinesMax}`,
    });
  return [...found, ...columnViolations(file), ...functionViolations(file)];
}

function columnViolations(file: SourceFile): Violation[] {
  // Programs in other languages that a test holds as text have forms of their own.
  let inText = false;
  return file.lines.flatMap((text, index) => {
    if (isTest(file.path) && (text.match(/`/g)?.length ?? 0) % 2) inText = !inText;
    if (inText) return [];
    const columns = [...text].length;
    if (columns <= columnsMax || mayBeLong(file.path, text)) return [];
    const line = index + 1;
    return [{ path: file.path, line, text: `${columns} columns; the limit is ${columnsMax}` }];
  });
}

/**
 * A row of a Markdown table is one line whatever it says; so are a URL and a line of a drawing. In
 * TypeScript a literal that crosses the limit stays whole, so that a message can be searched for.
 */
function mayBeLong(path: string, text: string): boolean {
  if (path.endsWith('.md')) return text.startsWith('|');
  if (path.endsWith('.ts') && literalCrossesLimit(text)) return true;
  return /^\s*(\*|\/\/|%%)?\s*(https?:\/\/\S+$|.*(\+--|--\+|\|\s.*\s\|))/.test(text);
}

function literalCrossesLimit(text: string): boolean {
  if (/^\s*(\*|\/\/|\/\*)/.test(text)) return false;
  return [...text.matchAll(/(['"`/])(?:\\.|(?!\1).)*\1/g)].some(
    ({ index, 0: literal }) => index < columnsMax && index + literal.length > columnsMax - 16,
  );
}

const functionHeads: readonly RegExp[] = [
  /^\s*(export )?(default )?(async )?function[ *(]/,
  /^\s+((public|private|protected|static|override|async|get|set) )*[\w#]+(<.*>)?\(.*\).*\{$/,
  /=> \{$/,
];
const notFunctions =
  /^\s*(if|for|while|switch|catch|else|do|return|with|\} )\b|^\s*(describe|suite)\(/;

/**
 * Functions whose body is longer than the limit. Biome has formatted the file, so a body ends at
 * the first line that begins with a brace at the column where the head begins.
 */
function functionViolations(file: SourceFile): Violation[] {
  if (!/\.m?[tj]s$/.test(file.path)) return [];
  return file.lines.flatMap((text, index) => {
    if (notFunctions.test(text) || !functionHeads.some((head) => head.test(text))) return [];
    const indent = text.length - text.trimStart().length;
    const whole = blockLength(file.lines, index, indent);
    const length = whole - (file.path.startsWith('tests/') ? namedInside(file, index, whole) : 0);
    if (length <= functionLinesMax) return [];
    const line = index + 1;
    return [{ path: file.path, line, text: `${length} lines; a function has ${functionLinesMax}` }];
  });
}

/** A test's probe is a function that makes functions; each of these counts for itself. */
function namedInside(file: SourceFile, start: number, length: number): number {
  const indent = file.lines[start]!.search(/\S/) + 2;
  const head = new RegExp(`^ {${indent}}(function |const \\w+ = .*=> \\{$)`);
  let lines = 0;
  for (let at = start + 1; at < start + length; at++)
    if (head.test(file.lines[at]!)) lines += blockLength(file.lines, at, indent);
  return lines;
}

function blockLength(lines: readonly string[], start: number, indent: number): number {
  if (lines[start]!.trimEnd().endsWith('}')) return 1;
  const close = `${' '.repeat(indent)}}`;
  for (let at = start + 1; at < lines.length; at++) {
    if (lines[at]!.startsWith(close)) return at - start + 1;
  }
  return lines.length - start;
}
