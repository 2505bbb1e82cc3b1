// The token cursor every parser layer stands on: peeking, expecting, and giving up on a construct.
//
// A syntax error throws `SyntaxFailure`, which only the declaration loop catches: it records the
// error and goes on at the next declaration. The nesting counter turns hostile depth into an
// ordinary error.

import { errorsMax, nestingDepthMax } from '../limits.ts';
import type { Diagnostic, Span } from '../source.ts';
import type { Token } from '../tokens.ts';

/** Thrown to leave a construct that cannot be parsed; the diagnostic is already recorded. */
export class SyntaxFailure extends Error {}

export function describeToken(token: Token): string {
  if (token.kind === 'eof') return 'eof';
  if (token.kind === 'name') return `name \`${token.text}\``;
  if (token.kind === 'number') return `number \`${token.text}\``;
  if (token.kind === 'string') return `string \`${Buffer.from(token.text, 'latin1')}\``;
  if (token.kind.startsWith('str')) return 'string';
  if (token.kind === 'char') return 'char literal';
  if (/^[a-z_]+$/.test(token.kind)) return `keyword \`${token.kind}\``;
  return `token \`${token.kind}\``;
}

export class Cursor {
  private readonly tokens: readonly Token[];
  private readonly end: Token;
  protected position = 0;
  readonly errors: Diagnostic[] = [];
  private depth = 0;
  protected insideDefer = false;
  protected insideUnsafe = false;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    this.end = tokens[tokens.length - 1] as Token;
  }

  protected peek(ahead = 0): Token {
    // The last token is the end of the file, and nothing comes after it.
    return this.tokens[this.position + ahead] ?? this.end;
  }

  protected get previous(): Token {
    return this.tokens[Math.max(0, this.position - 1)] as Token;
  }

  protected next(): Token {
    const token = this.peek();
    if (token !== this.end) this.position++;
    return token;
  }

  protected is(kind: string, ahead = 0): boolean {
    return this.peek(ahead).kind === kind;
  }

  protected isAny(...kinds: string[]): boolean {
    return kinds.includes(this.peek().kind);
  }

  /** A name, or a keyword that stands where only a name can be. */
  protected isWord({ kind, text }: Token): boolean {
    if (kind === 'name') return true;
    return kind !== 'eof' && /^[a-zA-Z_]/.test(kind) && /^\w+$/.test(text);
  }

  protected accept(kind: string): boolean {
    if (!this.is(kind)) return false;
    this.next();
    return true;
  }

  protected expect(kind: string): Token {
    if (this.is(kind)) return this.next();
    const wanted = kind === 'name' ? 'name' : `\`${kind}\``;
    return this.unexpected(`, expecting ${wanted}`);
  }

  /** True when the token stands on the same line as the one before it. */
  protected sameLine(ahead = 0): boolean {
    const before = this.tokens[Math.max(0, this.position + ahead - 1)] as Token;
    return this.peek(ahead).line === before.line;
  }

  protected unexpected(more = ''): never {
    return this.fail(`unexpected ${describeToken(this.peek())}${more}`);
  }

  protected fail(message: string, span: Span = this.peek()): never {
    this.report(message, span);
    throw new SyntaxFailure(message);
  }

  protected report(message: string, span: Span): void {
    if (this.errors.length < errorsMax) {
      const { start, end } = span;
      this.errors.push({ severity: 'error', message, span: { start, end } });
    }
  }

  /** Runs one nested construct; too deep is a syntax error instead of a stack overflow. */
  protected nested<T>(parse: () => T): T {
    if (this.depth >= nestingDepthMax) {
      this.fail(`the nesting is deeper than ${nestingDepthMax} levels`);
    }
    this.depth++;
    try {
      return parse();
    } finally {
      this.depth--;
    }
  }

  protected resetDepth(): void {
    this.depth = 0;
    this.insideDefer = false;
    this.insideUnsafe = false;
  }

  /** The source from a token to the last one consumed, without spaces, as V quotes it. */
  protected quoted(start: Token): string {
    const first = this.tokens.indexOf(start);
    const taken = this.tokens.slice(first, this.position);
    return taken.map((t) => (t.kind === 'string' ? `'${t.text}'` : t.text)).join('');
  }

  /** The span from a start token (or node) to the last token consumed. */
  protected from(start: Span): Span {
    const { previous } = this;
    const first = Math.min(start.start, previous.start);
    return { start: first, end: Math.max(first, start.end, previous.end) };
  }

  /**
   * Index (relative to the current token) of the token after the bracket that closes the one at
   * `ahead`, or -1. Looks at no more than 400 tokens, so a hostile file costs linear time.
   */
  protected afterBracket(ahead: number): number {
    let depth = 0;
    for (let i = ahead; i < ahead + 400; i++) {
      const { kind } = this.peek(i);
      if (kind === '[' || kind === '(' || kind === '{' || kind === '#[') depth++;
      else if (kind === ']' || kind === ')' || kind === '}') depth--;
      else if (kind === 'eof') return -1;
      if (depth === 0) return i + 1;
    }
    return -1;
  }
}
