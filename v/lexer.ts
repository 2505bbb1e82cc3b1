// V source text -> tokens. Never fails: what is not V becomes a diagnostic and scanning goes on
// after it. Strings are decoded here into bytes (one Latin-1 char a byte), because a V string is
// bytes.

import { tokensMax } from './limits.ts';
import type { Diagnostic, Span } from './source.ts';
import { keywords, operators, type Token } from './tokens.ts';

export interface LexResult {
  readonly tokens: readonly Token[];
  readonly errors: readonly Diagnostic[];
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
  $: '$',
  '{': '{',
};

const unfinished = 'unfinished character literal';

/** What an ASCII character can be part of, one bit a class. */
const classes = {
  nameStart: 1,
  name: 2,
  digit: 4,
  // Of the digits of numbers, with the `_` between them.
  decimal: 8,
  hexadecimal: 16,
  octal: 32,
  binary: 64,
  /** Everything that a string literal holds as it is. */
  plain: 128,
} as const;
type CharacterClass = (typeof classes)[keyof typeof classes];

const members: readonly (readonly [CharacterClass, RegExp])[] = [
  [classes.nameStart, /[A-Za-z_]/],
  [classes.name, /[A-Za-z0-9_]/],
  [classes.digit, /[0-9]/],
  [classes.decimal, /[0-9_]/],
  [classes.hexadecimal, /[0-9a-fA-F_]/],
  [classes.octal, /[0-7_]/],
  [classes.binary, /[01_]/],
  [classes.plain, /[^'"$\\\n\r]/],
];
const asciiClasses = Uint8Array.from({ length: 128 }, (_, code) =>
  members.reduce((sum, [bit, set]) => sum | (set.test(String.fromCharCode(code)) ? bit : 0), 0),
);

/** The operators that begin with a character, longest first. */
const operatorsByStart: readonly (readonly string[])[] = Array.from({ length: 128 }, (_, code) =>
  operators.filter((operator) => operator.charCodeAt(0) === code),
);

const basedNumbers: Readonly<Record<string, readonly [CharacterClass, string] | undefined>> = {
  x: [classes.hexadecimal, 'hexadecimal'],
  b: [classes.binary, 'binary'],
  o: [classes.octal, 'octal'],
};
const [NEWLINE, RETURN, TAB, SPACE, SLASH, DOT] = [10, 13, 9, 32, 47, 46];

/** The UTF-8 bytes of a text, one Latin-1 char a byte. */
export function utf8Bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What the lexer is inside of: one entry for each open `${`, with the brackets opened since. */
interface Interpolation {
  readonly quote: string;
  readonly openings: string[];
}

class Lexer {
  private readonly text: string;
  /** The offset that spans count from. */
  private readonly base: number;
  private at = 0;
  private line = 1;
  private space = true;
  readonly tokens: Token[] = [];
  readonly errors: Diagnostic[] = [];
  private readonly interpolations: Interpolation[] = [];

  constructor(text: string, base: number) {
    this.text = text;
    this.base = base;
  }

  run(): void {
    if (this.text.startsWith('\uFEFF')) this.at = 1;
    if (this.text.startsWith('#!', this.at)) this.skipLine();
    while (this.at < this.text.length && this.tokens.length < tokensMax) this.step();
    if (this.tokens.length >= tokensMax) {
      this.fail('the file has too many tokens', { start: this.at, end: this.at + 1 });
    }
    this.push('eof', '', this.text.length, this.text.length);
  }

  private fail(message: string, span: Span): void {
    const start = span.start + this.base;
    this.errors.push({
      severity: 'error',
      message,
      span: { start, end: span.end + this.base },
    });
  }

  private push(kind: string, text: string, start: number, end: number): void {
    const { base, line, space } = this;
    const spaceBefore = space;
    this.tokens.push({ kind, text, start: start + base, end: end + base, line, spaceBefore });
    this.space = false;
  }

  private skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  /** The character at an offset is an ASCII character of the class. */
  private isA(of: CharacterClass, offset: number): boolean {
    // Beyond the end and beyond ASCII there is no entry.
    return ((asciiClasses[this.text.charCodeAt(offset)] ?? 0) & of) !== 0;
  }

  private skip(of: CharacterClass): void {
    let { at } = this;
    while (this.isA(of, at)) at++;
    this.at = at;
  }

  private step(): void {
    const code = this.text.charCodeAt(this.at);
    if (code === NEWLINE) {
      this.line++;
      this.at++;
      this.space = true;
      return;
    }
    if (code === SPACE || code === TAB || code === RETURN) {
      this.at++;
      this.space = true;
      return;
    }
    if (this.isA(classes.nameStart, this.at)) {
      this.name();
      return;
    }
    const c = this.text[this.at] ?? '';
    const next = code === SLASH ? this.text[this.at + 1] : '';
    if (next === '/') {
      this.skipLine();
    } else if (next === '*') {
      this.blockComment();
    } else if (
      this.isA(classes.digit, this.at) ||
      (code === DOT && this.isA(classes.digit, this.at + 1))
    ) {
      this.number();
    } else if (c === "'" || c === '"') {
      this.string(c, this.at, false);
    } else if (c === '`') {
      this.char();
    } else {
      this.operator();
    }
  }

  private blockComment(): void {
    const start = this.at;
    let depth = 0;
    while (this.at < this.text.length) {
      const opens = this.text.startsWith('/*', this.at);
      // `//*/` ends a comment: a `/*` before a `/` opens none.
      if (opens && (depth === 0 || this.text[this.at + 2] !== '/')) {
        depth++;
        this.at += 2;
      } else if (this.text.startsWith('*/', this.at)) {
        depth--;
        this.at += 2;
        if (depth === 0) {
          this.space = true;
          return;
        }
      } else {
        if (this.text[this.at] === '\n') this.line++;
        this.at++;
      }
    }
    this.fail('unterminated multiline comment', { start, end: start + 2 });
  }

  private name(): void {
    const start = this.at;
    const quote = this.text[start + 1];
    if ((quote === "'" || quote === '"') && 'rcj'.includes(this.text[start] ?? '')) {
      this.at++;
      this.string(quote, start, this.text[start] === 'r');
      return;
    }
    this.skip(classes.name);
    const text = this.text.slice(start, this.at);
    const next = this.text[this.at];
    if (text.length === 1 && (next === "'" || next === '"') && this.interpolations.length === 0) {
      this.fail(
        `only \`c\`, \`r\`, \`js\` are recognized string prefixes, but you tried to use \`${text}\``,
        { start, end: this.at },
      );
    }
    const isKeyword = keywords.has(text) && (text !== 'type' || this.declaresType());
    this.push(isKeyword ? text : 'name', text, start, this.at);
  }

  /** `type` is a keyword only where it declares one; elsewhere V lets it name a variable. */
  private declaresType(): boolean {
    const before = this.tokens[this.tokens.length - 1];
    const first = before === undefined || before.line !== this.line || before.kind === 'pub';
    return first && /^\s+\w/.test(this.text.slice(this.at, this.at + 20));
  }

  private digits(of: CharacterClass): string {
    const start = this.at;
    this.skip(of);
    const text = this.text.slice(start, this.at);
    if (!text.includes('_')) return text;
    const lone = /^_|__|_$/.exec(text);
    if (lone) {
      const at = start + lone.index;
      this.fail('separator `_` is only valid between digits in a numeric literal', {
        start: at,
        end: at + 1,
      });
    }
    return text.replaceAll('_', '');
  }

  private number(): void {
    const start = this.at;
    const letter = this.text[start] === '0' ? (this.text[start + 1] ?? '').toLowerCase() : '';
    const row = basedNumbers[letter];
    if (row) {
      this.at += 2;
      const digits = this.digits(row[0]);
      if (digits === '' || this.isA(classes.name, this.at)) {
        this.skip(classes.name);
        const text = this.text.slice(start, this.at);
        const why = digits === '' ? 'number part is not provided' : 'unsuitable digit';
        this.fail(`${why} in the ${row[1]} number \`${text}\``, { start, end: this.at });
      }
      this.push('number', `0${letter}${digits || '0'}`, start, this.at);
      return;
    }
    this.decimal(start);
  }

  private decimal(start: number): void {
    let text = this.digits(classes.decimal);
    const dot = this.text[this.at] === '.' && this.text[this.at + 1] !== '.';
    const isName = this.isA(classes.nameStart, this.at + 1);
    if (dot && (!isName || /^[eE][+-]?\d/.test(this.text.slice(this.at + 1, this.at + 4)))) {
      this.at++;
      text += `.${this.digits(classes.decimal) || '0'}`;
    }
    const letter = this.text[this.at];
    if (letter === 'e' || letter === 'E') {
      const sign = /[+-]/.test(this.text[this.at + 1] ?? '') ? 1 : 0;
      if (this.isA(classes.digit, this.at + 1 + sign)) {
        text += `e${sign ? this.text[this.at + 1] : ''}`;
        this.at += 1 + sign;
        text += this.digits(classes.digit);
      }
    }
    if (this.isA(classes.nameStart, this.at)) {
      this.skip(classes.name);
      const bad = this.text.slice(start, this.at);
      this.fail(`this number has unsuitable digit \`${bad.replace(/^[\d._]*/, '')[0]}\``, {
        start,
        end: this.at,
      });
    }
    this.push('number', text, start, this.at);
  }

  /** Reads one escape after its backslash and returns its bytes. */
  private escape(): string {
    const c = this.text[this.at] ?? '';
    const start = this.at - 1;
    const take = (length: number): string => {
      const digits = this.text.slice(this.at + 1, this.at + 1 + length);
      this.at += 1 + length;
      return digits;
    };
    if (c === 'x' && /^[0-9a-fA-F]{2}$/.test(this.text.slice(this.at + 1, this.at + 3))) {
      return String.fromCharCode(Number.parseInt(take(2), 16));
    }
    for (const [letter, length] of [
      ['u', 4],
      ['U', 8],
    ] as const) {
      const digits = this.text.slice(this.at + 1, this.at + 1 + length);
      if (c !== letter || digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) continue;
      const code = Number.parseInt(take(length), 16);
      const surrogate = code >= 0xd800 && code <= 0xdfff;
      if (code <= 0x10ffff && !surrogate) return utf8Bytes(String.fromCodePoint(code));
      this.fail(`invalid unicode point \`\\${c}${digits}\``, { start, end: this.at });
      return '';
    }
    const octal = /^[0-3][0-7]{2}/.exec(this.text.slice(this.at, this.at + 3));
    if (octal) {
      this.at += 3;
      return String.fromCharCode(Number.parseInt(octal[0], 8));
    }
    this.at++;
    if (c === '\n') {
      // A backslash at the line's end joins the lines and drops the next line's indentation.
      this.line++;
      while (/[ \t]/.test(this.text[this.at] ?? '')) this.at++;
      return '';
    }
    if (c === '0') return '\0';
    const simple = simpleEscapes[c];
    if (simple !== undefined) return simple;
    this.fail(`\`${c}\` unknown escape sequence`, { start, end: this.at });
    return c;
  }

  /**
   * Scans from an opening quote, or (for the rest of an interpolated string) from just after a `}`.
   */
  private string(quote: string, start: number, raw: boolean): void {
    this.at++;
    this.stringPiece(quote, start, raw, false);
  }

  private stringPiece(quote: string, start: number, raw: boolean, continued: boolean): void {
    let value = '';
    const line = this.line;
    const push = (kind: string): void => {
      const { line: endLine } = this;
      this.line = line;
      this.push(kind, value, start, this.at);
      this.line = endLine;
    };
    while (this.at < this.text.length) {
      const c = this.text[this.at] ?? '';
      if (c === quote) {
        this.at++;
        push(continued ? 'strClose' : 'string');
        return;
      }
      if (!raw && c === '$' && this.text[this.at + 1] === '{') {
        this.at += 2;
        push(continued ? 'strMiddle' : 'strOpen');
        this.interpolations.push({ quote, openings: [] });
        return;
      }
      if (!raw && c === '\\') {
        this.at++;
        value += this.escape();
        continue;
      }
      if (c === '\n') this.line++;
      if (c === '\r' && this.text[this.at + 1] === '\n') {
        this.at++;
        continue;
      }
      // A run of what stands for itself, or one character that is none.
      const from = this.at;
      this.skip(classes.plain);
      if (this.at === from) {
        const char = String.fromCodePoint(this.text.codePointAt(from) ?? 0);
        this.at += char.length;
        value += char < '\x80' ? char : utf8Bytes(char);
      } else {
        value += this.text.slice(from, this.at);
      }
    }
    this.fail('unfinished string literal', { start, end: start + 1 });
    push(continued ? 'strClose' : 'string');
  }

  /** A rune literal; the token's text is its bytes. */
  private char(): void {
    const start = this.at++;
    let value = '';
    const pieces: string[] = [];
    while (
      this.at < this.text.length &&
      this.text[this.at] !== '`' &&
      this.text[this.at] !== '\n'
    ) {
      const before = this.at;
      if (this.text[this.at] === '\\' && this.text[this.at + 1] !== '\n') {
        this.at++;
        value += this.escape();
      } else {
        const char = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
        value += utf8Bytes(char);
        this.at += char.length;
      }
      pieces.push(this.text.slice(before, this.at));
    }
    if (this.text[this.at] !== '`') {
      const newline = this.text[this.at] === '\n';
      this.failChar(newline ? 'invalid character literal, use `\\n` instead' : unfinished, start);
    } else {
      this.at++;
      if (value === '') this.failChar('invalid empty character literal ``', start);
      else this.checkRune(value, pieces, start);
    }
    this.push('char', value === '' ? '\0' : value, start, this.at);
  }

  /** One character, which may be written with several escapes of its bytes. */
  private checkRune(value: string, pieces: readonly string[], start: number): void {
    const bytes = Buffer.from(value, 'latin1');
    if (pieces.length === 1 || [...bytes.toString('utf8')].length === 1) return;
    const text = pieces.join('');
    const shown = pieces.map((piece) => `\`${piece}\``).join(', ');
    this.failChar(
      `invalid character literal \`${text}\` => \`${text}\` ([${shown}]) (more than one character)`,
      start,
    );
  }

  private failChar(message: string, start: number): void {
    const details = 'use quotes for strings, backticks for characters';
    this.errors.push({ severity: 'error', message, span: { start, end: start + 1 }, details });
  }

  private operator(): void {
    const start = this.at;
    const candidates = operatorsByStart[this.text.charCodeAt(start)] ?? [];
    const text = candidates.find((o) => o.length === 1 || this.text.startsWith(o, start));
    const wordLike = text === '!in' || text === '!is';
    const inner = this.interpolations[this.interpolations.length - 1];
    if (inner && inner.openings.length === 0 && this.endsInterpolation(inner, text, start)) return;
    if (text === undefined) {
      const char = String.fromCodePoint(this.text.codePointAt(start) ?? 0);
      this.at += char.length;
      this.fail(`invalid character \`${char}\``, { start, end: this.at });
      return;
    }
    if (text === '@' && this.isA(classes.nameStart, start + 1)) {
      this.at++;
      this.skip(classes.name);
      const name = this.text.slice(start + 1, this.at);
      // `@FN` is a compile-time value, `@type` is a keyword used as a name.
      this.push(/^[A-Z_]+$/.test(name) ? 'at' : 'name', name, start, this.at);
      return;
    }
    const taken = wordLike && this.isA(classes.name, start + 3) ? '!' : text;
    this.at += taken.length;
    if (inner) {
      if ('([{'.includes(taken) || taken === '#[') inner.openings.push(taken);
      else if (')]}'.includes(taken)) inner.openings.pop();
    }
    this.push(taken, taken, start, this.at);
  }

  /** Handles `}` and `:format}` directly inside `${ }`. */
  private endsInterpolation(
    inner: Interpolation,
    text: string | undefined,
    start: number,
  ): boolean {
    if (text === '}') {
      this.interpolations.pop();
      this.at++;
      this.stringPiece(inner.quote, start, false, true);
      return true;
    }
    if (text !== ':') return false;
    const end = this.text.indexOf('}', start);
    const lineEnd = this.text.indexOf('\n', start);
    if (end < 0 || (lineEnd >= 0 && lineEnd < end)) return false;
    this.at = end;
    this.push('strFormat', this.text.slice(start + 1, end), start, end);
    return true;
  }
}

/** `base` is the offset of the text's first character in its program. */
export function lex(text: string, base = 0): LexResult {
  const lexer = new Lexer(text, base);
  lexer.run();
  return { tokens: lexer.tokens, errors: lexer.errors };
}
