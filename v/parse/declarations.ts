// Parsing of a whole file: module, imports, declarations, and top-level statements (an implicit
// `fn main()`).

import type {
  ConstDecl,
  Decl,
  EnumDecl,
  Expr,
  FnDecl,
  ImportDecl,
  Param,
  Signature,
  SourceTree,
  Stmt,
  TypeDecl,
  TypeNode,
} from '../ast.ts';
import type { Diagnostic, Span } from '../source.ts';
import type { Token } from '../tokens.ts';
import { SyntaxFailure } from './cursor.ts';
import { type Prefix, reservedName, StructParser } from './structs.ts';

type EnumField = EnumDecl['fields'][number];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const declarationStarts = new Set(
  'fn pub struct union enum const type interface import module __global'.split(' '),
);

class Parser extends StructParser {
  readonly decls: Decl[] = [];
  readonly stmts: Stmt[] = [];

  file(): SourceTree {
    while (!this.is('eof')) {
      const before = this.position;
      try {
        if (!this.accept(';')) this.topLevel();
      } catch (failure) {
        if (!(failure instanceof SyntaxFailure)) throw failure;
        this.resetDepth();
        this.structLiteralsAllowed = true;
        if (this.position === before) this.next();
        this.skipToDeclaration();
      }
    }
    return { decls: this.decls, stmts: this.stmts, spawns: this.spawns };
  }

  /**
   * After a syntax error, goes on at the next line that begins with a declaration keyword in column
   * 1.
   */
  private skipToDeclaration(): void {
    while (!this.is('eof')) {
      const token = this.peek();
      if (declarationStarts.has(token.kind) && !this.sameLine() && this.startsLine(token)) return;
      this.next();
    }
  }

  private startsLine(token: Token): boolean {
    const at = token.start - this.base;
    return at === 0 || this.text[at - 1] === '\n';
  }

  protected readonly text: string;
  protected readonly base: number;

  constructor(tokens: readonly Token[], text: string, base: number) {
    super(tokens);
    this.text = text;
    this.base = base;
  }

  private topLevel(): void {
    const token = this.peek();
    if (this.startsComptimeDecl() && this.comptimeDeclFollows()) {
      this.decls.push(this.comptimeDecl());
      return;
    }
    if (token.kind === '#') {
      const stmt = this.hashStatement();
      this.decls.push({ kind: 'unsupportedDecl', what: 'a C directive', span: stmt.span });
      return;
    }
    if (declarationStarts.has(token.kind) || token.kind === '@' || this.startsOldAttribute()) {
      if (!(token.kind === 'fn' && (this.is('(', 1) || this.is('[', 1)) && !this.isMethod())) {
        this.checkScript();
        this.decls.push(this.declaration());
        return;
      }
    }
    this.stmts.push(this.statement());
  }

  /** Types and functions come before the statements of a script; methods may follow them. */
  private checkScript(): void {
    if (this.stmts.length === 0) return;
    let i = 0;
    while (this.is('@', i) || this.is('[', i)) {
      i = this.afterBracket(this.is('@', i) ? i + 1 : i);
      if (i < 0) return;
    }
    if (this.is('pub', i)) i++;
    const { kind } = this.peek(i);
    const attributed = i > 0 && kind === 'struct' ? 1 : 0;
    if (
      ['struct', 'enum', 'interface', 'fn'].includes(kind) &&
      !(kind === 'fn' && this.is('(', i + 1))
    )
      this.report(
        'all definitions must occur before code in script mode',
        this.peek(i + attributed),
      );
  }

  /** `fn (r T) name(` against `fn (x int) { … }()`, an anonymous function called at once. */
  private isMethod(): boolean {
    const after = this.afterBracket(1);
    return after > 0 && !this.is('{', after) && this.is('(', 1);
  }

  private startsComptimeDecl(): boolean {
    return this.is('$') && (this.is('if', 1) || this.is('match', 1));
  }

  /** `$if … { declarations }` against `$if … { statements }` of an implicit main. */
  private comptimeDeclFollows(): boolean {
    let i = 2;
    while (i < 60 && !this.is('{', i) && !this.is('eof', i)) i++;
    if (this.is('match', 1)) {
      // The first branch of a `$match`.
      i++;
      while (i < 120 && !this.is('{', i) && !this.is('eof', i)) i++;
    }
    const { kind } = this.peek(i + 1);
    return (
      declarationStarts.has(kind) ||
      kind === '@' ||
      kind === '#' ||
      (kind === '$' && (this.is('if', i + 2) || this.is('match', i + 2)))
    );
  }

  private comptimeDecl(): Decl {
    const start = this.peek();
    const branches: { condition: Expr | undefined; decls: Decl[] }[] = [];
    this.expect('$');
    if (this.is('match')) return this.comptimeMatchDecl(start);
    this.expect('if');
    let condition: Expr | undefined = this.comptimeCondition();
    for (;;) {
      branches.push({ condition, decls: this.declBlock() });
      if (!(this.is('$') && this.is('else', 1))) break;
      this.next();
      this.next();
      condition = undefined;
      if (this.is('$') && this.is('if', 1)) {
        this.next();
        this.next();
        condition = this.comptimeCondition();
      }
    }
    return { kind: 'comptimeDecl', branches, span: this.from(start) };
  }

  /** Each branch of a `$match` is the condition that the value equals one of its patterns. */
  private comptimeMatchDecl(start: Span): Decl {
    this.expect('match');
    const value = this.headerExpression();
    const branches: { condition: Expr | undefined; decls: Decl[] }[] = [];
    this.expect('{');
    while (!this.is('}') && !this.is('eof')) {
      let condition: Expr | undefined;
      if (this.is('$') && this.is('else', 1)) this.next();
      if (!this.accept('else')) {
        do {
          const right = this.headerExpression();
          const { span } = right;
          const same: Expr = {
            kind: 'infix',
            operator: '==',
            operatorSpan: span,
            left: value,
            right,
            span,
          };
          condition = condition ? { ...same, operator: '||', left: condition, right: same } : same;
        } while (this.accept(','));
      }
      branches.push({ condition, decls: this.declBlock() });
    }
    this.expect('}');
    return { kind: 'comptimeDecl', branches, span: this.from(start) };
  }

  private declBlock(): Decl[] {
    return this.nested(() => {
      const decls: Decl[] = [];
      this.expect('{');
      while (!this.is('}') && !this.is('eof')) {
        if (this.is('$')) {
          decls.push(this.comptimeDecl());
        } else if (this.is('#')) {
          const stmt = this.hashStatement();
          decls.push({ kind: 'unsupportedDecl', what: 'a C directive', span: stmt.span });
        } else {
          decls.push(this.declaration());
        }
      }
      this.expect('}');
      return decls;
    });
  }

  private declaration(): Decl {
    const attributes = this.attributes();
    const start = this.peek();
    const isPublic = this.accept('pub');
    const prefix: Prefix = { start, attributes, public: isPublic };
    switch (this.peek().kind) {
      case 'module':
        return this.moduleDecl(prefix);
      case 'import':
        return this.importDecl(prefix);
      case 'fn':
        return this.fnDecl(prefix);
      case 'struct':
      case 'union':
        return this.structDecl(prefix);
      case 'enum':
        return this.enumDecl(prefix);
      case 'type':
        return this.typeDecl(prefix);
      case 'interface':
        return this.interfaceDecl(prefix);
      case 'const':
        return this.constDecl(prefix);
      case '__global':
        return this.globalDecl(prefix);
      default:
        return this.unexpected();
    }
  }

  // --- simple declarations ---------------------------------------------------------------------

  private moduleDecl(prefix: Prefix): Decl {
    const word = this.next();
    const token = this.expect('name');
    const name = token.text;
    if (token.line !== word.line)
      this.report(`\`module\` and \`${name}\` must be at same line`, token);
    if (this.is('.')) this.fail(`\`module ${name}\`, unexpected \`.\` after module name`);
    if (this.sameLine() && this.is('name')) {
      const other = this.peek().text;
      this.fail(`\`module ${name}\`, you can only declare one module, unexpected \`${other}\``);
    }
    return { kind: 'module', name, attributes: prefix.attributes, span: this.from(prefix.start) };
  }

  private importDecl(prefix: Prefix): Decl {
    const word = this.next();
    const first = this.expect('name');
    if (first.line !== word.line) this.report('`import` statements must be a single line', first);
    if (
      this.decls.some(
        (d) =>
          d.kind !== 'import' &&
          d.kind !== 'module' &&
          d.kind !== 'comptimeDecl' &&
          d.kind !== 'unsupportedDecl',
      )
    )
      this.report('`import x` can only be declared at the beginning of the file', word);
    let module = first.text;
    while (this.accept('.')) module += `.${this.expect('name').text}`;
    const moduleSpan = this.from(first);
    const named = this.accept('as') ? this.expect('name') : undefined;
    const alias = named?.text;
    if (named && alias === module.replace(/^.*\./, ''))
      this.report(`import alias \`${module} as ${alias}\` is redundant`, named);
    const symbols: Mutable<ImportDecl['symbols'][number]>[] = [];
    if (this.is('{') && this.sameLine()) {
      this.next();
      while (this.is('name')) {
        const name = this.next();
        symbols.push({ name: name.text, span: { start: name.start, end: name.end } });
        if (!this.accept(',')) break;
      }
      this.expect('}');
    }
    return { kind: 'import', module, moduleSpan, alias, symbols, span: this.from(prefix.start) };
  }

  private constDecl(prefix: Prefix): ConstDecl {
    this.next();
    const items: Mutable<ConstDecl['items'][number]>[] = [];
    const item = (): void => {
      const name = this.expect('name');
      if (this.is(',')) this.fail('const declaration do not support multiple assign yet');
      this.expect('=');
      const value = this.expression();
      items.push({
        name: name.text,
        nameSpan: { start: name.start, end: name.end },
        value,
        span: this.from(name),
      });
    };
    if (this.accept('(')) {
      while (!this.is(')') && !this.is('eof')) item();
      this.expect(')');
    } else {
      item();
    }
    const { public: isPublic, attributes } = prefix;
    return { kind: 'const', items, public: isPublic, attributes, span: this.from(prefix.start) };
  }

  private globalDecl(prefix: Prefix): Decl {
    this.next();
    const items: {
      name: string;
      type: TypeNode | undefined;
      value: Expr | undefined;
      span: Span;
    }[] = [];
    const item = (): void => {
      const start = this.peek();
      if (this.is('volatile')) this.next();
      const name = this.expect('name').text;
      const type = this.startsType() ? this.type() : undefined;
      const value = this.accept('=') ? this.expression() : undefined;
      items.push({ name, type, value, span: this.from(start) });
    };
    if (this.accept('(')) {
      while (!this.is(')') && !this.is('eof')) item();
      this.expect(')');
    } else {
      item();
    }
    return { kind: 'global', items, span: this.from(prefix.start) };
  }

  private typeDecl(prefix: Prefix): TypeDecl {
    this.next();
    const name = this.expect('name');
    let text = name.text;
    while (this.accept('.')) text += `.${this.expect('name').text}`;
    const generics = this.genericNames();
    if (/^[A-Z]$/.test(text)) this.fail(reservedName, name);
    this.expect('=');
    this.accept('|');
    const variants = [this.variant()];
    while (this.accept('|')) variants.push(this.variant());
    this.checkAlias(text, generics, variants, this.from(prefix.start));
    return {
      kind: 'type',
      name: text,
      nameSpan: { start: name.start, end: name.end },
      generics,
      variants,
      public: prefix.public,
      attributes: prefix.attributes,
      span: this.from(prefix.start),
    };
  }

  private variant(): TypeNode {
    if (this.is('none')) this.fail('named sum type cannot have none as its variant');
    return this.type();
  }

  /** What a type declaration with one type behind the `=` must not be. */
  private checkAlias(
    name: string,
    generics: readonly string[],
    variants: readonly TypeNode[],
    span: Span,
  ): void {
    const [only, ...others] = variants;
    if (!only || others.length > 0) return;
    const itself = (type: TypeNode | undefined): boolean =>
      type?.kind === 'named' && type.name === name;
    if (itself(only)) this.fail(`a type alias can not refer to itself: ${name}`, span);
    if (only.kind !== 'fnType') {
      if (generics.length > 0)
        this.fail('generic type aliases are not yet implemented', {
          start: span.start,
          end: only.span.end,
        });
      return;
    }
    const { params, result } = only.signature;
    const references = 'as it references the fntype';
    for (const param of params) {
      if (itself(param.type))
        this.fail(`\`${name}\` cannot be a parameter ${references}`, param.type.span);
    }
    if (result && itself(result))
      this.fail(`\`${name}\` cannot be a return type ${references}`, result.span);
  }

  private enumDecl(prefix: Prefix): EnumDecl {
    this.next();
    const name = this.expect('name');
    if (/^[A-Z]$/.test(name.text)) this.fail(`${reservedName}.`, name);
    let qualified = name.text;
    while (this.accept('.')) qualified += `.${this.expect('name').text}`;
    const base = this.accept('as') ? this.type() : undefined;
    this.expect('{');
    const fields = this.enumFields([]);
    this.expect('}');
    return {
      kind: 'enum',
      name: qualified,
      nameSpan: { start: name.start, end: name.end },
      base,
      fields,
      public: prefix.public,
      attributes: prefix.attributes,
      span: this.from(prefix.start),
    };
  }

  private enumFields(conditions: EnumField['conditions']): EnumField[] {
    const fields: EnumField[] = [];
    while (!this.is('}') && !this.is('eof')) {
      if (this.is('$') && this.is('if', 1)) {
        fields.push(...this.nested(() => this.conditionalFields(conditions)));
        continue;
      }
      const field = this.next();
      if (!/^\w+$/.test(field.text)) this.fail(`unexpected token, expecting name`, field);
      const value = this.accept('=') ? this.expression() : undefined;
      const attributes = this.attributes();
      fields.push({ name: field.text, value, attributes, conditions, span: this.from(field) });
      this.accept(',');
    }
    return fields;
  }

  /** "$if" condition "{" fields "}" { "$else" ["$if" condition] "{" fields "}" } */
  private conditionalFields(outer: EnumField['conditions']): EnumField[] {
    const fields: EnumField[] = [];
    let before = outer;
    for (;;) {
      let conditions = before;
      if (this.accept('$') && this.accept('if')) {
        const condition = this.comptimeCondition();
        conditions = [...before, { condition, holds: true }];
        before = [...before, { condition, holds: false }];
      }
      this.expect('{');
      fields.push(...this.enumFields(conditions));
      this.expect('}');
      if (!(this.is('$') && this.is('else', 1))) return fields;
      this.next();
      this.next();
    }
  }

  // --- functions -------------------------------------------------------------------------------

  private fnDecl(prefix: Prefix): FnDecl {
    this.expect('fn');
    let receiver: Param | undefined;
    if (this.is('(')) {
      const open = this.peek();
      const [param, ...more] = this.signatureParams();
      if (!param || more.length > 0) this.fail('a method has one receiver', open);
      receiver = param;
    }
    const { name, staticOf, nameSpan } = this.fnName();
    const isOperator = !/^\w+$/.test(name);
    if (isOperator && !receiver)
      this.fail('cannot use operator overloading with normal functions', nameSpan);
    if (receiver && staticOf !== undefined)
      this.fail('cannot declare a static function as a receiver method', nameSpan);
    const generics = this.genericNames();
    const signature = this.signature();
    const head = this.from(prefix.start);
    this.checkBody(staticOf, signature);
    const body = this.is('{') ? this.block() : undefined;
    return {
      kind: 'fn',
      name,
      nameSpan,
      receiver,
      staticOf,
      generics,
      signature,
      body,
      public: prefix.public,
      attributes: prefix.attributes,
      span: head,
    };
  }

  /** What follows the head of a function, and whether it may. */
  private checkBody(staticOf: string | undefined, signature: Signature): void {
    const { result, params } = signature;
    if (result) this.refuseInlineSum(result);
    if (result && this.is(',') && this.sameLine()) {
      this.next();
      this.type();
      this.fail(
        'multiple return types in function declaration must use parentheses, e.g. (int, string)',
        this.from(result.span),
      );
    }
    if (!result && this.is('[') && this.sameLine() && !this.peek().spaceBefore)
      this.fail('unexpected token `[` after function signature, expecting `{`');
    if (!this.is('{')) return;
    if (staticOf === 'C' || staticOf === 'JS') this.fail('interop functions cannot have a body');
    if (params.some((p) => p.name === ''))
      this.fail('functions with type only params can not have bodies');
  }

  /** The receiver's parentheses; a bare signature without a result. */
  private signatureParams(): readonly Param[] {
    this.expect('(');
    const start = this.peek();
    const mut = this.accept('mut');
    const shared = !mut && this.accept('shared');
    const name = this.expect('name');
    const type = this.type();
    this.expect(')');
    return [{ name: name.text, span: this.from(start), type, mut, shared, variadic: false }];
  }

  /** name | "C." name | Type "." name | operator */
  private fnName(): { name: string; staticOf: string | undefined; nameSpan: Span } {
    const token = this.next();
    const isWord = /^\w+$/.test(token.text);
    if (/^(\*\*|[-+*/%])=$/.test(token.kind)) {
      const operator = token.kind.slice(0, -1);
      this.fail(
        `cannot overload \`${token.kind}\`, overload \`${operator}\` and \`${token.kind}\` will be ` +
          'automatically generated',
        token,
      );
    }
    if (!isWord && !'+ - * / % ** < > == != <= >= ['.split(' ').includes(token.kind)) {
      this.fail(
        `unexpected ${token.kind === 'eof' ? 'eof' : `token \`${token.kind}\``}, expecting name`,
        token,
      );
    }
    if (token.kind === '[') {
      // Overloaded indexing: `fn (a A) [] (i int) T` and `fn (mut a A) []= (i int, v T)`.
      this.expect(']');
      const name = this.accept('=') ? '[]=' : '[]';
      return { name, staticOf: undefined, nameSpan: this.from(token) };
    }
    if (isWord && this.is('.')) {
      this.next();
      const name = this.expect('name');
      return { name: name.text, staticOf: token.text, nameSpan: this.from(token) };
    }
    return {
      name: token.text,
      staticOf: undefined,
      nameSpan: { start: token.start, end: token.end },
    };
  }
}

export interface ParseResult {
  readonly tree: SourceTree;
  readonly errors: readonly Diagnostic[];
}

export function parseTokens(tokens: readonly Token[], text: string, base = 0): ParseResult {
  const parser = new Parser(tokens, text, base);
  const tree = parser.file();
  return { tree, errors: parser.errors };
}
