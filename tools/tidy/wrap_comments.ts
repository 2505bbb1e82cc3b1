/**
 * `tidy --fix`: wraps comments that are wider than the limit. A word that does not fit goes to the
 * next line of the same paragraph; where the paragraph ends a new line begins. Code stays as it is:
 * only a comment behind code moves to a line of its own above it.
 */
import { extname } from 'node:path';

const columnsMax = 100;
const width = (text: string) => [...text].length;

interface CommentStyle {
  /** Indent, marker and space of a line that is only a comment. */
  readonly line: RegExp;
  /** A comment behind code: the code, then the comment. */
  readonly trailing: RegExp | null;
}

const slashes: CommentStyle = {
  line: /^(\s*(?:\/\/|\*)\s+)(\S.*)$/,
  trailing: /^(\s*)(\S.*?\S)\s+(\/\/ [^'"`]*)$/,
};
const percents: CommentStyle = {
  line: /^(\s*%+\s+)(\S.*)$/,
  trailing: /^(\s*)([^%]*[^%\s$])\s+(%+ [^'"]*)$/,
};
/** Markdown: paragraphs and list items; not tables, headings or code. */
const paragraphs: CommentStyle = { line: /^((?:[-*] | {2})?)([^\s|#].*)$/, trailing: null };

const styles: Readonly<Record<string, CommentStyle>> = {
  '.ts': slashes,
  '.mts': slashes,
  '.mjs': slashes,
  '.c': slashes,
  '.h': slashes,
  '.erl': percents,
  '.hrl': percents,
  '.md': paragraphs,
};

/** Lines that the generator reads, URLs, drawings and examples of code stay whole. */
const isFixed = (text: string) =>
  /^(bif:|https?:\/\/\S+$|\|)|\+--|--\+|\|\s.*\s\||=.*;$/.test(text);

/** The text of a line that continues a paragraph written with `prefix`, else null. */
function continuation(
  line: string | undefined,
  prefix: string,
  style: CommentStyle,
): string | null {
  const match = line === undefined ? null : style.line.exec(line);
  if (!match || match[1] !== prefix) return null;
  const text = match[2]!;
  return isFixed(text) || /^([-*|@] ?|\d+\. )| {2}/.test(text) ? null : text;
}

/** The longest beginning of the text that fits, and the rest. */
function split(text: string, room: number): [string, string] {
  let at = text.lastIndexOf(' ', room);
  // Never leave half a code span behind.
  while (at > 0 && (text.slice(0, at).match(/`/g)?.length ?? 0) % 2)
    at = text.lastIndexOf(' ', at - 1);
  if (at <= 0) at = text.indexOf(' ', room);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function wrapLine(lines: string[], at: number, style: CommentStyle): void {
  const ruler = /^(.*[^-] -+)$/.exec(lines[at]!);
  if (ruler) {
    lines[at] = ruler[1]!.slice(0, columnsMax);
    return;
  }
  const match = style.line.exec(lines[at]!);
  if (!match || isFixed(match[2]!)) return;
  const [, prefix, text] = match as unknown as [string, string, string];
  // A list item, or a column of names with their meanings behind it.
  const item = /^(?:- |\d+\. |.{1,30}? {2,})/.exec(text)?.[0] ?? '';
  const [head, rest] = split(text, columnsMax - width(prefix));
  if (!rest) return;
  lines[at] = prefix + head;
  const bullet = /^[-*] $/.test(prefix);
  const nextPrefix = bullet ? '  ' : prefix + ' '.repeat(item.length);
  const next = continuation(lines[at + 1], nextPrefix, style);
  if (next === null) lines.splice(at + 1, 0, nextPrefix + rest);
  else lines[at + 1] = `${nextPrefix}${rest} ${next}`;
}

/** A one-line block comment that is too wide becomes a block of several lines. */
function openBlock(lines: string[], at: number): boolean {
  const [, indent, text] = /^(\s*)\/\*\*\s+(.*?)\s*\*\/$/.exec(lines[at]!) ?? [];
  if (text === undefined) return false;
  lines.splice(at, 1, `${indent}/**`, `${indent} * ${text}`, `${indent} */`);
  return true;
}

/** The file's text with its wide comments wrapped; unchanged where no rule fits. */
export function wrapComments(path: string, text: string): string {
  const style = styles[extname(path)];
  if (!style) return text;
  const lines = text.split('\n');
  let fenced = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced || width(line) <= columnsMax || (style === paragraphs && /^ {4}/.test(line)))
      continue;
    if (style === slashes && openBlock(lines, at)) continue;
    const trailing = style.line.test(line) ? null : style.trailing?.exec(line);
    if (trailing) {
      const [, indent, code, comment] = trailing;
      lines.splice(at, 1, `${indent}${comment}`, `${indent}${code}`);
      at--;
      continue;
    }
    wrapLine(lines, at, style);
  }
  return lines.join('\n');
}
