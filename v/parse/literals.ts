// Parsing of literals that hold other expressions: structs, arrays, maps, interpolated strings.

import type { Expr, InterpolationPart, StructFieldInit, TypeNode } from '../ast.ts';
import type { Span } from '../source.ts';
import { TypeParser } from './types.ts';

export abstract class LiteralParser extends TypeParser {
  /** False in the header of `if`, `for` and `match`, where `{` opens the body. */
  protected structLiteralsAllowed = true;

  /** False for the channel of a receive, which the `or` after it does not belong to. */
  protected orAllowed = true;

  protected abstract isType(): TypeNode;
  /** A dot after a space does not go on with the expression before it. */
  protected spacedDotsEnd = false;

  protected abstract castArguments(type: TypeNode, start: { start: number; end: number }): Expr;

  protected withStructLiterals<T>(allowed: boolean, parse: () => T): T {
    const before = [this.structLiteralsAllowed, this.orAllowed, this.spacedDotsEnd] as const;
    this.structLiteralsAllowed = allowed;
    this.orAllowed = true;
    this.spacedDotsEnd = false;
    try {
      return parse();
    } finally {
      [this.structLiteralsAllowed, this.orAllowed, this.spacedDotsEnd] = before;
    }
  }

  /** range = [expr] (".." | "...") [expr] */
  protected rangeOrExpression(): Expr {
    const start = this.peek();
    const low = this.isAny('..', '...') ? undefined : this.expression();
    if (!this.isAny('..', '...')) return low as Expr;
    const inclusive = this.next().kind === '...';
    const high = this.isAny(']', ')', '{', ',') ? undefined : this.expression();
    return { kind: 'range', low, high, inclusive, span: this.from(start) };
  }

  protected structLiteral(type: TypeNode, start: { start: number; end: number }): Expr {
    this.expect('{');
    const { fields, update } = this.withStructLiterals(true, () => this.fieldInits('}'));
    this.expect('}');
    return { kind: 'structLiteral', type, fields, update, span: this.from(start) };
  }

  private fieldInits(end: string): { fields: StructFieldInit[]; update: Expr | undefined } {
    const fields: StructFieldInit[] = [];
    let update: Expr | undefined;
    while (!this.is(end) && !this.is('eof')) {
      const token = this.peek();
      if (this.accept('...')) {
        update = this.expression();
      } else if (this.is(':', 1) && /^\w+$/.test(token.text)) {
        this.next();
        this.next();
        fields.push({ name: token.text, value: this.expression(), span: this.from(token) });
      } else {
        fields.push({ name: '', value: this.expression(), span: this.from(token) });
      }
      this.accept(',');
    }
    return { fields, update };
  }

  /** `[a, b]`, `[a, b]!`, `[]T{…}`, `[n]T{…}`, `[]T(x)` */
  protected arrayExpression(): Expr {
    const start = this.peek();
    if (this.startsTypedLiteral()) return this.typedLiteral();
    if (this.startsArrayType()) {
      const type = this.type();
      if (this.is('(')) return this.castArguments(type, start);
      if (!this.is('{') || !this.sameLine()) {
        return { kind: 'typeExpr', type, span: this.from(start) };
      }
      return this.arrayInit(type, start);
    }
    return this.plainArrayLiteral(start);
  }

  protected arrayInit(type: TypeNode, start: Span): Expr {
    this.expect('{');
    const { fields } = this.withStructLiterals(true, () => this.fieldInits('}'));
    this.expect('}');
    return { kind: 'arrayInit', type, fields, span: this.from(start) };
  }

  /** `[2]f32[1, 2]`, `[..]int[1, 2]`: brackets, a name and brackets again, without a space. */
  private startsTypedLiteral(): boolean {
    if (this.is(']', 1)) return false;
    let i = this.afterBracket(0);
    while (i > 0 && this.is('[', i) && !this.is(']', i + 1) && !this.peek(i).spaceBefore)
      i = this.afterBracket(i);
    if (i < 0 || !this.is('name', i) || this.peek(i).spaceBefore || this.peek(i).text === 'map')
      return false;
    while (this.is('.', i + 1) && this.is('name', i + 2)) i += 2;
    if (!this.is('[', i + 1) || this.peek(i + 1).spaceBefore) return false;
    // `[2]Box[int]{}` is an array of a generic struct.
    const after = this.afterBracket(i + 1);
    return after > 0 && !(this.is('{', after) && this.sameLine(after));
  }

  /** typedLiteral = "[" (size | "..") "]" {"[" (size | "..") "]"} name "[" elements "]" */
  private typedLiteral(): Expr {
    const start = this.peek();
    const sizes: (Expr | undefined)[] = [];
    do {
      this.expect('[');
      sizes.push(this.accept('..') ? undefined : this.expression());
      this.expect(']');
    } while (this.is('['));
    const token = this.expect('name');
    let name = token.text;
    while (this.accept('.')) name += `.${this.expect('name').text}`;
    const value = this.plainArrayLiteral(this.peek());
    let element: TypeNode = { kind: 'named', name, args: [], span: this.from(token) };
    let inner: Expr | undefined = value;
    const counts = sizes.map((size): Expr => {
      const elements: readonly Expr[] = inner?.kind === 'arrayLiteral' ? inner.elements : [];
      inner = elements[0];
      return size ?? { kind: 'number', text: String(elements.length), span: value.span };
    });
    for (const size of counts.reverse())
      element = { kind: 'fixed', size, element, span: this.from(start) };
    return { kind: 'cast', type: element, value, span: this.from(start) };
  }

  private plainArrayLiteral(start: Span): Expr {
    this.expect('[');
    const elements = this.withStructLiterals(true, () => this.arrayElements());
    this.expect(']');
    let fixed = false;
    if (this.is('!') && this.sameLine()) {
      this.next();
      fixed = true;
    }
    return { kind: 'arrayLiteral', elements, fixed, span: this.from(start) };
  }

  /** After `[]` or `[size]`, a type on the same line makes it an array type. */
  private startsArrayType(): boolean {
    const after = this.afterBracket(0);
    if (after < 0 || this.is('..', 1)) return false;
    if (this.is(']', 1) && ['fn', '(', 'struct', 'shared'].some((start) => this.is(start, after))) {
      return this.sameLine(after) && !this.peek(after).spaceBefore;
    }
    const token = this.peek(after);
    if (token.line !== this.peek(after - 1).line || token.spaceBefore) return false;
    if (token.kind === 'name') return true;
    return '[&?!'.includes(token.kind) && this.arrayTypeFollows(after);
  }

  /** `[3][4]int{}` is a type, `[1, 2][i]` is an index into a literal. */
  private arrayTypeFollows(ahead: number): boolean {
    let i = ahead;
    for (let steps = 0; steps < 20; steps++) {
      if (!this.sameLine(i)) return false;
      if (this.is('name', i)) return !this.peek(i).spaceBefore;
      if (this.is('&', i) || this.is('?', i) || this.is('!', i)) i++;
      else if (this.is('[', i)) i = this.afterBracket(i);
      else return false;
      if (i < 0) return false;
    }
    return false;
  }

  /** In `[Color.red .green]` the space before the dot begins another element. */
  private spacedElement(): Expr {
    const before = this.spacedDotsEnd;
    this.spacedDotsEnd = true;
    try {
      return this.rangeOrExpression();
    } finally {
      this.spacedDotsEnd = before;
    }
  }

  private typedElement(type: TypeNode, start: { start: number; end: number }): Expr {
    if (this.is('(') && this.sameLine()) return this.castArguments(type, start);
    if (this.is('{') && this.sameLine()) return this.structLiteral(type, start);
    return { kind: 'typeExpr', type, span: this.from(start) };
  }

  private arrayElements(): Expr[] {
    const elements: Expr[] = [];
    while (!this.is(']') && !this.is('eof')) {
      const token = this.peek();
      if (this.is('?') || (this.is('$') && !this.is('(', 2))) {
        // The right side of `$if T in [?int, $struct]` holds types.
        const type = this.isType();
        elements.push(this.typedElement(type, token));
      } else if (this.accept('...')) {
        elements.push({ kind: 'spread', value: this.expression(), span: this.from(token) });
      } else {
        elements.push(this.spacedElement());
      }
      this.accept(',');
    }
    return elements;
  }

  protected mapLiteral(type: TypeNode | undefined): Expr {
    const start = this.expect('{');
    const entries: { key: Expr; value: Expr }[] = [];
    let update: Expr | undefined;
    this.withStructLiterals(true, () => {
      while (!this.is('}') && !this.is('eof')) {
        if (this.accept('...')) {
          update = this.expression();
        } else {
          const key = this.expression();
          this.expect(':');
          entries.push({ key, value: this.expression() });
        }
        this.accept(',');
      }
    });
    this.expect('}');
    return { kind: 'mapLiteral', type, entries, update, span: this.from(type?.span ?? start) };
  }

  protected interpolation(): Expr {
    const start = this.next();
    const texts = [start.text];
    const parts: InterpolationPart[] = [];
    for (;;) {
      const value = this.withStructLiterals(true, () => this.expression());
      const token = this.peek();
      const format = this.accept('strFormat') ? token.text : '';
      parts.push({ value, format, formatSpan: { start: token.start, end: token.end } });
      if (!this.isAny('strMiddle', 'strClose')) this.unexpected(', expecting `}`');
      const piece = this.next();
      texts.push(piece.text);
      if (piece.kind === 'strClose') break;
    }
    return { kind: 'interpolation', texts, parts, span: this.from(start) };
  }
}
