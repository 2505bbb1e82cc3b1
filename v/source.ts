// Source text, positions in it, and diagnostics in V's own format:
//
//     hello.v:5:10: error: undefined ident: `x`
//         3 | fn main() {
//         4 |     a := 1
//         5 |     println(x)
//           |             ^
//         6 | }
//
// Two lines of context are shown before and after, tabs become four spaces, columns count bytes
// from 1.

/**
 * Half-open range of UTF-16 offsets in the texts of a program: each file begins at an offset of its
 * own, so a span also says which file it is in.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'notice';

export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** The file of the span; undefined when there is only one. */
  readonly file?: SourceFile;
  /** A second paragraph that says what to do, printed as `Details: …`. */
  readonly details?: string;
}

const contextLinesBefore = 2;
const contextLinesAfter = 2;

export function joinSpans(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

export interface LineColumn {
  /** Counted from 1. */
  readonly line: number;
  /** UTF-16 offset in the line, counted from 0. */
  readonly column: number;
}

/** A file's text with a table of line starts. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  /** The offset of its first character: what the spans in it count from. */
  readonly base: number;
  private readonly lineStarts: number[];

  constructor(path: string, text: string, base = 0) {
    this.path = path;
    this.text = text;
    this.base = base;
    this.lineStarts = [0];
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
      this.lineStarts.push(i + 1);
    }
  }

  /** Where the next file may begin. */
  get limit(): number {
    return this.base + this.text.length + 1;
  }

  locate(offset: number): LineColumn {
    const at = offset - this.base;
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.lineStarts[low] ?? 0) };
  }

  lineOf(offset: number): number {
    return this.locate(offset).line;
  }

  textOf(span: Span): string {
    return this.text.slice(span.start - this.base, span.end - this.base);
  }

  /** The text of a line counted from 1, without its line end. */
  lineText(line: number): string {
    const start = this.lineStarts[line - 1] ?? this.text.length;
    const end = this.lineStarts[line] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  /** Lines that hold text: a final line end does not begin another line. */
  get lineCount(): number {
    const last = this.lineStarts[this.lineStarts.length - 1] ?? 0;
    return last === this.text.length ? this.lineStarts.length - 1 : this.lineStarts.length;
  }
}

/** The files of a program, in any order of their bases. */
export class SourceSet {
  /** Sorted by base. */
  private readonly files: SourceFile[] = [];
  private last: SourceFile | undefined;

  add(file: SourceFile): void {
    const after = this.files.findIndex((other) => other.base > file.base);
    this.files.splice(after < 0 ? this.files.length : after, 0, file);
    this.last = undefined;
  }

  /** Where another file may begin, behind those that begin below `limit`. */
  freeBase(limit: number): number {
    const last = this.files.findLast((file) => file.base < limit);
    return last?.limit ?? 0;
  }

  /** The file of an offset. */
  fileAt(offset: number): SourceFile {
    const { last } = this;
    if (last && offset >= last.base && offset < last.limit) return last;
    let low = 0;
    let high = this.files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.files[middle] as SourceFile).base <= offset) low = middle;
      else high = middle - 1;
    }
    const file = this.files[low] as SourceFile;
    this.last = file;
    return file;
  }

  textOf(span: Span): string {
    return this.fileAt(span.start).textOf(span);
  }

  lineOf(offset: number): number {
    return this.fileAt(offset).lineOf(offset);
  }
}

/** Ranges of characters that take two columns of a terminal. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

function columnsOf(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  return wideRanges.some(([low, high]) => code >= low && code <= high) ? 2 : 1;
}

function visibleLength(text: string): number {
  return [...text].reduce((sum, char) => sum + columnsOf(char), 0);
}

function contextLines(source: SourceFile, span: Span): string[] {
  const at = source.locate(span.start);
  const lines: string[] = [];
  const first = Math.max(1, at.line - contextLinesBefore);
  const last = Math.min(source.lineCount, at.line + contextLinesAfter);
  for (let line = first; line <= last; line++) {
    const text = source.lineText(line);
    lines.push(`${String(line).padStart(5)} | ${text.replaceAll('\t', '    ')}`);
    if (line !== at.line) continue;
    const startColumn = Math.min(at.column, text.length);
    const endColumn = Math.min(at.column + Math.max(0, span.end - span.start), text.length);
    const indent = [...text.slice(0, startColumn)]
      .map((c) => (c === '\t' ? '    ' : ' '.repeat(columnsOf(c))))
      .join('');
    const length = visibleLength(text.slice(startColumn, endColumn));
    lines.push(`      | ${indent}${length > 1 ? '~'.repeat(length) : '^'}`);
  }
  return lines;
}

/** One diagnostic as V prints it, without a final line end. */
export function formatDiagnostic(given: SourceFile, diagnostic: Diagnostic): string {
  const source = diagnostic.file ?? given;
  const at = source.locate(diagnostic.span.start);
  const before = source.lineText(at.line).slice(0, at.column);
  const column = Buffer.byteLength(before, 'utf8') + 1;
  const message = diagnostic.message.replaceAll('main.', '');
  const head = `${source.path}:${at.line}:${column}: ${diagnostic.severity}: ${message}`;
  const lines = [head, ...contextLines(source, diagnostic.span)];
  if (diagnostic.details !== undefined) lines.push(`Details: ${diagnostic.details}`);
  return lines.join('\n').trim();
}
