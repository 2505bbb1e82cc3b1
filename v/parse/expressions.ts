// Parsing of expressions by binding strength (doc/docs.md, "Appendix II: Operators").

import type { Argument, Expr, GuardName, TypeNode } from '../ast.ts';
import { operandsMax } from '../limits.ts';
import { joinSpans } from '../source.ts';
import { infixPrecedence, lowestPrecedence, prefixPrecedence, type Token } from '../tokens.ts';
import { LiteralParser } from './literals.ts';
import { isBuiltinTypeName, isCapitalized } from './types.ts';

/** `T(x)` begins a statement with a value, not with an array that something is appended to. */
function isCast(e: Expr): boolean {
  if (e.kind === 'cast') return true;
  if (e.kind !== 'call' || e.callee.kind !== 'ident') return false;
  return isCapitalized(e.callee.name) || isBuiltinTypeName(e.callee.name);
}

const prefixOperators = new Set(['-', '+', '!', '~', '*', '**', '&', '<-', '&&']);

const indexOption =
  '`?` for propagating errors from index expressions is no longer supported, use `!` instead ' +
  'of `?`';

/** `- -5` behind a `-`: the same sign twice before a number. */
function repeats(right: Expr, operator: string): boolean {
  let value = right;
  while (value.kind === 'prefix' && value.operator === operator) value = value.value;
  return value !== right && value.kind === 'number';
}

export abstract class ExpressionParser extends LiteralParser {
  /** Where the current statement begins: `list << a + b` there appends the whole right side. */
  protected statementStart = -1;

  protected abstract controlExpression(): Expr | undefined;
  protected abstract functionExpression(): Expr;

  protected expression(precedence: number = lowestPrecedence): Expr {
    return this.nested(() => this.infix(this.unary(), precedence));
  }

  protected headerExpression(): Expr {
    return this.withStructLiterals(false, () => this.expression());
  }

  protected expressionList(): Expr[] {
    const list = [this.expression()];
    while (this.accept(',')) list.push(this.expression());
    return list;
  }

  // --- infix -----------------------------------------------------------------------------------

  private infix(first: Expr, precedence: number): Expr {
    let left = first;
    for (let steps = 0; ; steps++) {
      const token = this.peek();
      // The tree of `a + b + c` leans to the left, and who walks it goes as deep as it is long.
      if (steps > operandsMax) this.fail(`expr level > ${operandsMax}`, first.span);
      const strength = infixPrecedence.get(token.kind);
      if (strength === undefined || strength <= precedence) return left;
      if (!this.sameLine() && this.startsStatement()) return left;
      if (token.kind === '<-') return left;
      left = this.infixStep(left, strength);
    }
  }

  /**
   * On a new line `*p = 1`, `&x`, `-1` and `<-ch` begin another statement rather than go on with
   * this one.
   */
  private startsStatement(): boolean {
    const { kind } = this.peek();
    if (kind === '*') return true;
    return (kind === '&' || kind === '-') && !this.peek(1).spaceBefore;
  }

  private infixStep(left: Expr, strength: number): Expr {
    const token = this.next();
    const operatorSpan = { start: token.start, end: token.end };
    if (token.kind === 'as') {
      return { kind: 'as', value: left, type: this.type(), span: this.from(left.span) };
    }
    if (token.kind === 'is' || token.kind === '!is') {
      const type = this.isType();
      const negated = token.kind === '!is';
      return { kind: 'is', value: left, negated, type, span: this.from(left.span) };
    }
    const appends = token.kind === '<<' && left.span.start === this.statementStart && !isCast(left);
    // `2 ** 3 ** 2` is 2 ** (3 ** 2); all other operators group to the left.
    const tighter = token.kind === '**' ? strength - 1 : strength;
    const first = this.expression(appends ? lowestPrecedence : tighter);
    const isIn = token.kind === 'in' || token.kind === '!in';
    const right = isIn && this.is('..') ? this.rangeFrom(first, strength) : first;
    if ('+-*'.includes(token.kind) && repeats(right, token.kind)) {
      const { start } = right.span;
      this.report(`invalid expression: unexpected token \`${token.kind}\``, {
        start,
        end: start + 1,
      });
    }
    const span = joinSpans(left.span, right.span);
    return { kind: 'infix', operator: token.kind, operatorSpan, left, right, span };
  }

  /**
   * The type after `is`; compile-time conditions also know `$int`, `$struct` and other kinds of
   * types.
   */
  protected isType(): TypeNode {
    const start = this.peek();
    if (this.is('none')) return { kind: 'named', name: 'none', args: [], span: this.next() };
    if (!this.accept('$')) return this.type();
    return { kind: 'named', name: `$${this.next().text}`, args: [], span: this.from(start) };
  }

  private rangeFrom(low: Expr, strength: number): Expr {
    this.expect('..');
    const high = this.expression(strength);
    return { kind: 'range', low, high, inclusive: false, span: joinSpans(low.span, high.span) };
  }

  // --- prefix and postfix ----------------------------------------------------------------------

  private unary(): Expr {
    const token = this.peek();
    if (token.kind === '--' || token.kind === '++') this.prefixStep(token);
    if (!prefixOperators.has(token.kind)) return this.postfix(this.primary());
    if (
      (token.kind === '&' || token.kind === '!' || token.kind === '&&') &&
      this.castsToWrapped()
    ) {
      return this.postfix(this.wrappedCast());
    }
    this.next();
    if (token.kind === '&&' || token.kind === '**') {
      const operator = token.kind[0] as string;
      const inner = this.expression(prefixPrecedence);
      const once: Expr = { kind: 'prefix', operator, value: inner, span: this.from(token) };
      return { kind: 'prefix', operator, value: once, span: this.from(token) };
    }
    if (token.kind === '&') this.accept('mut');
    if (token.kind === '<-') return this.receive(token);
    // `-x ** 2` is -(x ** 2): the power operator binds tighter than a prefix.
    const value = this.expression(prefixPrecedence);
    return { kind: 'prefix', operator: token.kind, value, span: this.from(token) };
  }

  /** V has `x--`, not `--x`. */
  private prefixStep(operator: Token): never {
    this.next();
    if (!this.sameLine() || this.is('eof'))
      this.fail(
        `token \`${operator.kind}\` must be on the same line as the previous token`,
        operator,
      );
    const operand = this.peek();
    this.expression(prefixPrecedence);
    const text = this.quoted(operand);
    const { kind } = operator;
    return this.fail(
      `prefix \`${kind}${text}\` is unsupported, use suffix form \`${text}${kind}\``,
      this.from(operator),
    );
  }

  /** `<-ch or { … }`: what follows belongs to the receive, not to the channel. */
  private receive(token: Token): Expr {
    const before = this.orAllowed;
    this.orAllowed = false;
    const value = this.expression(prefixPrecedence);
    this.orAllowed = before;
    return this.postfix({ kind: 'prefix', operator: '<-', value, span: this.from(token) });
  }

  /**
   * `&T(x)`, `&[]T(x)`, `&&T(x)`: a cast to a reference type, not the address of a call's result.
   */
  private castsToWrapped(): boolean {
    let i = 1;
    while (this.is('&', i)) i++;
    if (this.is('[', i)) {
      const after = this.afterBracket(i);
      return this.is(']', i + 1) && after > 0 && this.is('name', after) && this.is('(', after + 1);
    }
    if (this.peek().kind === '!' || !this.is('name', i)) return false;
    while (this.is('.', i + 1) && this.is('name', i + 2)) i += 2;
    const name = this.peek(i).text;
    return (isCapitalized(name) || isBuiltinTypeName(name)) && this.is('(', i + 1);
  }

  private wrappedCast(): Expr {
    const start = this.peek();
    const type = this.type();
    return this.castArguments(type, start);
  }

  protected castArguments(type: TypeNode, start: { start: number; end: number }): Expr {
    this.expect('(');
    const value = this.withStructLiterals(true, () => this.expression());
    this.accept(',');
    this.expect(')');
    return { kind: 'cast', type, value, span: this.from(start) };
  }

  private postfix(first: Expr): Expr {
    let value = first;
    for (;;) {
      const step = this.postfixStep(value);
      if (!step) return value;
      value = step;
    }
  }

  private postfixStep(value: Expr): Expr | undefined {
    const { kind } = this.peek();
    if (kind === '.') {
      // `.name:` on a new line is the next key of a map literal.
      const isKey = !this.sameLine() && this.is('name', 1) && this.is(':', 2);
      const isNext = this.spacedDotsEnd && this.peek().spaceBefore && this.sameLine();
      return isKey || isNext ? undefined : this.selector(value);
    }
    // A name may be called on the line below it, when white space follows the parenthesis.
    const below = kind === '(' && !this.sameLine() && this.peek(1).spaceBefore;
    if (below && value.kind === 'ident' && this.previous.text === value.name)
      return this.call(value, []);
    if (!this.sameLine()) return undefined;
    if (!this.orAllowed && (kind === 'or' || kind === '?' || kind === '!')) return undefined;
    switch (kind) {
      case '(':
        return this.call(value, []);
      case '[':
        if (this.callsGeneric(value)) {
          return this.call(value, this.typeArguments());
        }
        return this.index(value, false);
      case '#[':
        return this.index(value, true);
      case '++':
      case '--':
        this.next();
        return { kind: 'postfix', operator: kind, value, span: this.from(value.span) };
      case 'or':
        if (!this.is('{', 1)) return undefined;
        this.next();
        return this.orExpression(value);
      case '?':
        this.checkPropagation();
        if (value.kind === 'index') this.fail(indexOption);
        this.next();
        return { kind: 'or', value, how: '?', body: undefined, span: this.from(value.span) };
      case '!':
        this.checkPropagation();
        // `a !in b` is its own token, so a lone `!` after a value propagates an error.
        this.next();
        return { kind: 'or', value, how: '!', body: undefined, span: this.from(value.span) };
      default:
        return undefined;
    }
  }

  /** `match f() { … } or { … }`: the block gives what is matched when there is none. */
  private orExpression(value: Expr): Expr {
    const body = this.orBlock();
    const span = this.from(value.span);
    if (value.kind !== 'match') return { kind: 'or', value, how: 'block', body, span };
    const subject: Expr = { kind: 'or', value: value.value, how: 'block', body, span };
    return { ...value, value: subject, span };
  }

  private checkPropagation(): void {
    if (this.insideDefer) this.fail('error propagation not allowed inside `defer` blocks');
  }

  private orBlock() {
    return this.withStructLiterals(true, () => this.block());
  }

  private selector(value: Expr): Expr {
    this.expect('.');
    if (this.is('$')) return this.comptimeSelector(value);
    if (this.is('(')) {
      this.next();
      const type = this.type();
      this.expect(')');
      return { kind: 'as', value, type, span: this.from(value.span) };
    }
    const name = this.next();
    if (!this.isWord(name)) {
      this.fail(
        `unexpected ${name.kind === 'eof' ? 'eof' : `token \`${name.text}\``}, expecting name`,
        name,
      );
    }
    const nameSpan = { start: name.start, end: name.end };
    return { kind: 'selector', value, name: name.text, nameSpan, span: this.from(value.span) };
  }

  private comptimeSelector(value: Expr): Expr {
    this.expect('$');
    let member: Expr;
    if (this.accept('(')) {
      member = this.expression();
      this.expect(')');
    } else {
      const name = this.expect('name');
      member = { kind: 'ident', name: name.text, span: name };
    }
    const call = this.is('(') && this.sameLine() ? this.argumentList() : undefined;
    return { kind: 'comptimeSelector', value, member, call, span: this.from(value.span) };
  }

  private index(value: Expr, gated: boolean): Expr {
    if (!gated && this.looksLikeType(1) && this.listsTypes()) return this.instance(value);
    this.next();
    const parts = this.withStructLiterals(true, () => {
      const list = [this.rangeOrExpression()];
      while (this.accept(',')) list.push(this.rangeOrExpression());
      return list;
    });
    this.expect(']');
    const index = { kind: 'index', value, index: parts[0] as Expr, gated } as const;
    const span = this.from(value.span);
    return parts.length > 1 ? { ...index, parts, span } : { ...index, span };
  }

  /** `f[A, B]`: a comma inside the brackets lists type arguments. */
  private listsTypes(): boolean {
    const after = this.afterBracket(0);
    let depth = 0;
    for (let i = 0; i < after; i++) {
      const { kind } = this.peek(i);
      if (kind === '[' || kind === '(') depth++;
      else if (kind === ']' || kind === ')') depth--;
      else if (kind === ',' && depth === 1) return true;
    }
    return false;
  }

  /** A generic function with its type arguments, as a value. */
  private instance(value: Expr): Expr {
    const start = this.peek();
    const types = this.typeArguments();
    const type: TypeNode = { kind: 'tuple', types, span: this.from(start) };
    const index: Expr = { kind: 'typeExpr', type, span: type.span };
    return { kind: 'index', value, index, gated: false, span: this.from(value.span) };
  }

  /**
   * `f[int](x)` against `a[i](x)`: the brackets hold types when they begin like one and a call
   * follows.
   */
  private callsGeneric(value: Expr): boolean {
    if (value.kind !== 'ident' && value.kind !== 'selector') return false;
    if (!this.looksLikeType(1)) return false;
    const after = this.afterBracket(0);
    return after > 0 && this.is('(', after);
  }

  protected looksLikeType(ahead: number): boolean {
    const token = this.peek(ahead);
    if (token.kind === '&' || token.kind === '?') return this.looksLikeType(ahead + 1);
    if (token.kind === '[') return this.is(']', ahead + 1) || this.is('number', ahead + 1);
    if (token.kind === 'fn') return true;
    if (token.kind !== 'name') return false;
    if (this.is('.', ahead + 1)) return isCapitalized(this.peek(ahead + 2).text);
    return isCapitalized(token.text) || isBuiltinTypeName(token.text);
  }

  // --- calls -----------------------------------------------------------------------------------

  private call(callee: Expr, typeArgs: readonly TypeNode[]): Expr {
    const args = this.argumentList();
    return { kind: 'call', callee, typeArgs, args, span: this.from(callee.span) };
  }

  /** arguments = "(" [argument {[","] argument}] ")" */
  protected argumentList(): Argument[] {
    this.expect('(');
    const args = this.withStructLiterals(true, () => {
      const list: Argument[] = [];
      while (!this.is(')') && !this.is('eof')) {
        list.push(this.argument());
        // The fields of a trailing struct literal may stand on lines of their own without commas.
        if (!this.accept(',') && !this.is(':', 1)) break;
      }
      return list;
    });
    this.expect(')');
    return args;
  }

  private argument(): Argument {
    const start = this.peek();
    const named = /^\w+$/.test(start.kind) && this.is(':', 1) && !this.is('number');
    const name = named ? this.next().text : undefined;
    if (named) this.expect(':');
    const shared = this.is('shared') && this.accept('shared');
    const mut = this.accept('mut');
    const spread = this.accept('...');
    const value = this.expression();
    return { name, mut, shared, spread, value, span: this.from(start) };
  }

  private lambda(): Expr {
    const start = this.next();
    const params: string[] = [];
    if (start.kind === '|') {
      while (this.is('name') || this.is('mut')) {
        this.accept('mut');
        params.push(this.expect('name').text);
        if (!this.accept(',')) break;
      }
      this.expect('|');
    }
    return { kind: 'lambda', params, body: this.expression(), span: this.from(start) };
  }

  // --- primary ---------------------------------------------------------------------------------

  private primary(): Expr {
    const token = this.peek();
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        this.next();
        return { kind: 'number', text: token.text, span };
      case 'string':
        this.next();
        return { kind: 'string', bytes: token.text, span };
      case 'strOpen':
        return this.interpolation();
      case 'char':
        this.next();
        return { kind: 'char', bytes: token.text, span };
      case 'true':
      case 'false':
        this.next();
        return { kind: 'bool', value: token.kind === 'true', span };
      case 'none':
      case 'nil':
        this.next();
        return { kind: token.kind, span };
      case 'at':
        this.next();
        return { kind: 'at', name: token.text, span };
      case 'name':
        return this.nameExpression();
      default:
        return this.primaryByKeyword();
    }
  }

  /** `select()`, `lock[int](x)`: functions may be named so; `match (x) {` is no call. */
  private callsKeyword(): boolean {
    if (!this.isAny('select', 'match', 'lock', 'rlock')) return false;
    let i = 1;
    if (this.is('[', i)) i = this.afterBracket(i);
    const after = i > 0 && this.is('(', i) ? this.afterBracket(i) : -1;
    return after > 0 && !this.is('{', after);
  }

  private primaryByKeyword(): Expr {
    const token = this.peek();
    if (this.callsKeyword()) {
      this.next();
      return { kind: 'ident', name: token.text, span: { start: token.start, end: token.end } };
    }
    switch (token.kind) {
      case '.':
        return this.enumValue();
      case '(': {
        this.next();
        const inner = this.withStructLiterals(true, () => this.expression());
        this.expect(')');
        return { kind: 'paren', inner, span: this.from(token) };
      }
      case '[':
        return this.arrayExpression();
      case '{':
        return this.mapLiteral(undefined);
      case '?':
        return this.optionCast();
      case '$':
        return this.comptimeCall();
      case 'fn':
        return this.functionExpression();
      case '|':
      case '||':
        return this.lambda();
      case 'struct':
        return this.anonymousStruct();
      case 'typeof':
      case 'sizeof':
      case 'isreftype':
        return this.typeQuery(token.kind);
      case '__offsetof':
        return this.offsetOf();
      case 'dump': {
        this.next();
        this.expect('(');
        const value = this.withStructLiterals(true, () => this.expression());
        this.accept(',');
        this.expect(')');
        return { kind: 'dump', value, span: this.from(token) };
      }
      default:
        return this.controlExpression() ?? this.fail(this.unexpectedPrimary());
    }
  }

  /**
   * `struct { a: 1 }`: a literal of an anonymous type named by its fields, or
   * `struct { a int }{…}`.
   */
  private anonymousStruct(): Expr {
    const start = this.peek();
    const isValue = this.is(':', 3) || this.is(',', 3) || this.is('}', 3);
    const hasFields = this.is('mut', 2) || this.is('pub', 2) || (this.is('name', 2) && !isValue);
    if (hasFields) return this.structLiteral(this.type(), start);
    this.next();
    const type: TypeNode = { kind: 'named', name: 'struct', args: [], span: this.from(start) };
    return this.structLiteral(type, start);
  }

  private unexpectedPrimary(): string {
    const token = this.peek();
    if (token.kind === 'eof') return 'unexpected eof';
    return /^\w+$/.test(token.kind)
      ? `invalid expression: unexpected keyword \`${token.kind}\``
      : `invalid expression: unexpected token \`${token.kind}\``;
  }

  private enumValue(): Expr {
    const start = this.expect('.');
    const name = this.next();
    if (!/^\w+$/.test(name.text)) this.fail('unexpected token, expecting name', name);
    return { kind: 'enumValue', name: name.text, span: this.from(start) };
  }

  private optionCast(): Expr {
    const start = this.peek();
    const type = this.type();
    if (!this.is('{')) return this.castArguments(type, start);
    // `?[3]int{}` is none; with fields it is the array.
    const inner = type.kind === 'option' && !this.is('}', 1) ? type.inner : undefined;
    if (inner?.kind !== 'array' && inner?.kind !== 'fixed' && inner?.kind !== 'map')
      return this.structLiteral(type, start);
    const value = inner.kind === 'map' ? this.mapLiteral(inner) : this.arrayInit(inner, start);
    return { kind: 'cast', type, value, span: this.from(start) };
  }

  private typeQuery(kind: 'typeof' | 'sizeof' | 'isreftype'): Expr {
    const start = this.next();
    if (this.is('[')) {
      const [type] = this.typeArguments();
      if (this.accept('(')) this.expect(')');
      const value: Expr = { kind: 'typeExpr', type: type as TypeNode, span: this.from(start) };
      return { kind, value, span: this.from(start) };
    }
    this.expect('(');
    const inner = this.peek();
    let value: Expr;
    if (kind !== 'typeof' && (this.isAny('&', '?', '[') || this.looksLikeType(0))) {
      value = { kind: 'typeExpr', type: this.type(), span: this.from(inner) };
    } else {
      value = this.withStructLiterals(true, () => this.expression());
    }
    this.expect(')');
    return { kind, value, span: this.from(start) };
  }

  protected typeQueryChain(): Expr {
    let value = this.typeQuery('typeof');
    while (this.is('.')) value = this.selector(value);
    return value;
  }

  private offsetOf(): Expr {
    const start = this.next();
    this.expect('(');
    const type = this.type();
    this.expect(',');
    const field = this.expect('name').text;
    this.expect(')');
    return { kind: 'offsetof', type, field, span: this.from(start) };
  }

  private comptimeCall(): Expr {
    const start = this.expect('$');
    if (this.isAny('if', 'match', 'for')) {
      this.position--;
      return this.controlExpression() ?? this.unexpected();
    }
    // `$sizeof(x)` and the like are the same without the sign.
    if (this.isAny('typeof', 'sizeof', 'isreftype', '__offsetof', 'dump')) return this.primary();
    const name = this.expect('name').text;
    if (name === 'zero' || name === 'new') return this.typeCall(name, start);
    const args = this.argumentList().map((a) => a.value);
    return { kind: 'comptimeCall', name, args, span: this.from(start) };
  }

  /** `$zero(T)`, `$new([]T{})`: the braces mean nothing. */
  private typeCall(name: string, start: Token): Expr {
    this.expect('(');
    const type = this.type();
    if (this.accept('{')) this.expect('}');
    this.expect(')');
    const args: Expr[] = [{ kind: 'typeExpr', type, span: type.span }];
    return { kind: 'comptimeCall', name, args, span: this.from(start) };
  }

  /**
   * A name, or what can begin with one: `Foo{…}`, `Foo[T]{…}`, `map[K]V{…}`, `chan T{}`,
   * `mod.Foo{…}`.
   */
  private nameExpression(): Expr {
    const token = this.peek();
    const isMapType = token.text === 'map' && this.is('[', 1);
    if (isMapType || (token.text === 'chan' && !this.isAfterName())) {
      const type = this.type();
      if (this.is('(')) return this.castArguments(type, token);
      if (!this.is('{')) return { kind: 'typeExpr', type, span: this.from(token) };
      return type.kind === 'map' ? this.mapLiteral(type) : this.structLiteral(type, token);
    }
    const typeLength = this.structTypeLength();
    if (typeLength > 0) {
      const type = this.type();
      return this.structLiteral(type, token);
    }
    this.next();
    return { kind: 'ident', name: token.text, span: { start: token.start, end: token.end } };
  }

  private isAfterName(): boolean {
    return !(this.is('name', 1) || this.is('[', 1) || this.is('&', 1) || this.is('?', 1));
  }

  /** Number of tokens of a type name before the `{` of a struct literal, or 0. */
  private structTypeLength(): number {
    let i = 0;
    while (this.is('name', i) && this.is('.', i + 1) && this.is('name', i + 2)) i += 2;
    const name = this.peek(i).text;
    const isC = i > 0 && this.peek().text === 'C';
    const isType = isCapitalized(name) || isBuiltinTypeName(name) || isC;
    if (!isType) return 0;
    let after = i + 1;
    if (this.is('[', after) && this.looksLikeType(after + 1)) {
      const closed = this.afterBracket(after);
      if (closed < 0) return 0;
      after = closed;
    }
    if (!this.is('{', after)) return 0;
    if (this.structLiteralsAllowed || this.literalEndsBefore(after)) return after;
    return this.bracesTouch(after) ? after : 0;
  }

  /** `for x in Iterator{ limit: 3 } {`: braces right after the name that begin like a literal. */
  private bracesTouch(brace: number): boolean {
    if (this.peek(brace).spaceBefore) return false;
    return this.is('}', brace + 1) || (this.is('name', brace + 1) && this.is(':', brace + 2));
  }

  /**
   * `if a == Foo{} {`: braces that another opening brace (or an operator) follows cannot be the
   * body.
   */
  private literalEndsBefore(brace: number): boolean {
    const after = this.afterBracket(brace);
    if (after < 0 || !this.sameLine(after) || this.peek(brace).line !== this.peek(after).line)
      return false;
    return ['{', '&&', '||', ')', '==', '!=', '.'].includes(this.peek(after).kind);
  }

  /**
   * The names of an if-guard `a, mut b := …`, or undefined when the header is an ordinary
   * condition.
   */
  protected guardNames(): GuardName[] | undefined {
    let i = 0;
    for (;;) {
      if (this.is('mut', i)) i++;
      if (!this.is('name', i)) return undefined;
      if (this.is(':=', i + 1)) break;
      if (!this.is(',', i + 1)) return undefined;
      i += 2;
    }
    const names: GuardName[] = [];
    do {
      const mut = this.accept('mut');
      const token = this.expect('name');
      names.push({ name: token.text, mut, span: { start: token.start, end: token.end } });
    } while (this.accept(','));
    this.expect(':=');
    return names;
  }
}
