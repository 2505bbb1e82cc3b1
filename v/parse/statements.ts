// Parsing of statements and of the control constructs that are also expressions (doc/docs.md,
// "Statements & expressions").

import type {
  AssignTarget,
  Block,
  Capture,
  Expr,
  ForStmt,
  GuardName,
  IfBranch,
  MatchBranch,
  SelectBranch,
  Stmt,
  TypeNode,
} from '../ast.ts';
import type { Span } from '../source.ts';
import { assignOperators, type Token } from '../tokens.ts';
import { ExpressionParser } from './expressions.ts';
import { isBuiltinTypeName, isCapitalized } from './types.ts';

const doubledIf =
  'the condition of an `if` should be a boolean expression, not another `if` statement; ' +
  'did you write `if` twice by mistake?';

const exclusivePattern = 'match only supports inclusive (`...`) ranges, not exclusive (`..`) ';

const targetModifiers = new Set(['shared', 'static', 'volatile', 'atomic']);

export abstract class StatementParser extends ExpressionParser {
  /** A thread is started somewhere. */
  protected spawns = false;

  protected block(): Block {
    return this.nested(() => {
      const start = this.expect('{');
      const stmts = this.withStructLiterals(true, () => this.statements());
      this.expect('}');
      return { stmts, span: this.from(start) };
    });
  }

  private statements(): Stmt[] {
    const stmts: Stmt[] = [];
    while (!this.is('}') && !this.is('eof')) {
      if (this.accept(';')) continue;
      stmts.push(this.statement());
    }
    return stmts;
  }

  protected statement(): Stmt {
    return this.nested(() => this.statementInner());
  }

  private statementInner(): Stmt {
    const start = this.peek();
    switch (start.kind) {
      case '{':
        return { kind: 'block', body: this.block(), span: this.from(start) };
      case 'for':
        return this.forStatement(undefined, false);
      case 'return':
        return this.returnStatement();
      case 'break':
      case 'continue':
      case 'goto': {
        this.next();
        const named = this.is('name') && this.sameLine();
        const label = named ? this.next().text : undefined;
        return { kind: 'branch', how: start.kind, label, span: this.from(start) };
      }
      case 'struct':
        return this.is('name', 1) ? this.localStruct() : this.simpleStatement();
      case 'defer':
        return this.deferStatement();
      case 'assert':
        return this.assertStatement();
      case 'asm':
        return this.foreignBlock('inline assembly');
      case '#':
        return this.hashStatement();
      case '$':
        if (this.is('for', 1)) {
          this.next();
          return this.forStatement(undefined, true);
        }
        return this.simpleStatement();
      case 'name':
        return this.nameStatement();
      default:
        return this.simpleStatement();
    }
  }

  private localStruct(): Stmt {
    const start = this.next();
    const name = this.expect('name');
    const decl = this.structBody(name.text, { start: name.start, end: name.end }, start);
    return { kind: 'structDecl', decl, span: this.from(start) };
  }

  private nameStatement(): Stmt {
    const start = this.peek();
    if (this.is(':', 1) && !this.is('name', 2)) {
      if (this.is('for', 2)) {
        this.next();
        this.next();
        return this.forStatement(start.text, false);
      }
      this.next();
      this.next();
      return { kind: 'label', name: start.text, span: this.from(start) };
    }
    if (start.text === 'sql' && this.is('name', 1) && this.is('{', 2))
      return this.foreignBlock('sql');
    return this.simpleStatement();
  }

  /** Skips `asm … { … }` and `sql db { … }`, which are outside what we compile. */
  private foreignBlock(what: string): Stmt {
    const start = this.next();
    while (!this.is('{') && !this.is('eof') && this.sameLine()) this.next();
    if (!this.is('{')) this.unexpected(', expecting `{`');
    let depth = 0;
    do {
      const { kind } = this.next();
      if (kind === '{') depth++;
      else if (kind === '}') depth--;
      else if (kind === 'eof') this.unexpected(', expecting `}`');
    } while (depth > 0 && !this.is('eof'));
    return { kind: 'unsupported', what, span: this.from(start) };
  }

  protected hashStatement(): Stmt {
    const start = this.next();
    while (this.sameLine() && !this.is('eof')) this.next();
    return { kind: 'unsupported', what: 'a C directive', span: this.from(start) };
  }

  private returnStatement(): Stmt {
    if (this.insideDefer) this.fail('`return` not allowed inside `defer` block');
    const start = this.next();
    const ends = this.is('}') || this.is(';') || !this.sameLine();
    const values = ends ? [] : this.expressionList();
    return { kind: 'return', values, span: this.from(start) };
  }

  private deferStatement(): Stmt {
    if (this.insideDefer) this.fail('`defer` blocks cannot be nested');
    const start = this.next();
    let atFunctionEnd = false;
    if (this.accept('(')) {
      this.expect('fn');
      this.expect(')');
      atFunctionEnd = true;
    }
    this.insideDefer = true;
    const body = this.block();
    this.insideDefer = false;
    return { kind: 'defer', body, atFunctionEnd, span: this.from(start) };
  }

  private assertStatement(): Stmt {
    const start = this.next();
    const condition = this.expression();
    if (this.is('string') && this.sameLine()) this.unexpected(', expecting `,`');
    const message = this.accept(',') ? this.expression() : undefined;
    return { kind: 'assert', condition, message, span: this.from(start) };
  }

  /** simple = targets assignOperator values | expr ["<-" expr] | expr {"," expr} */
  protected simpleStatement(): Stmt {
    const start = this.peek();
    const outer = this.statementStart;
    this.statementStart = start.start;
    const first = this.target();
    this.statementStart = outer;
    return this.afterTarget(start, first);
  }

  private afterTarget(start: Span, head: AssignTarget): Stmt {
    const targets = [head];
    while (this.accept(',')) targets.push(this.target());
    const operator = this.peek();
    if (assignOperators.has(operator.kind)) {
      if (targets.length > 1 && operator.kind !== ':=' && operator.kind !== '=')
        this.fail(`unexpected ${operator.kind}, expecting := or = or comma`, operator);
      this.next();
      const values = this.expressionList();
      const operatorSpan = { start: operator.start, end: operator.end };
      return {
        kind: 'assign',
        operator: operator.kind,
        operatorSpan,
        targets,
        values,
        span: this.from(start),
      };
    }
    const [first] = targets as [AssignTarget];
    if (targets.length > 1) {
      return { kind: 'exprs', values: targets.map((t) => t.value), span: this.from(start) };
    }
    if (first.mut) this.unexpected(', expecting `:=`');
    const follows = this.sameLine() && this.isAny('name', 'number', 'string');
    if (follows && first.value.kind === 'ident') {
      this.fail(`unexpected name \`${first.value.name}\``, first.value.span);
    }
    if (this.is('<-') && this.sameLine()) {
      const arrow = this.next();
      const right = this.expression();
      const operatorSpan = { start: arrow.start, end: arrow.end };
      const span = this.from(start);
      const value: Expr = {
        kind: 'infix',
        operator: '<-',
        operatorSpan,
        left: first.value,
        right,
        span,
      };
      return { kind: 'expr', value, span };
    }
    return { kind: 'expr', value: first.value, span: this.from(start) };
  }

  private target(): AssignTarget {
    const start = this.peek();
    let mut = false;
    let modifier: AssignTarget['modifier'];
    while (this.is('mut') || (targetModifiers.has(this.peek().kind) && this.is('name', 1))) {
      const { kind } = this.next();
      if (this.is('name') && this.peek().text === '_')
        this.fail(`cannot use \`${kind}\` on \`_\``, start);
      if (kind === 'mut') mut = true;
      else modifier = kind as AssignTarget['modifier'];
    }
    return { value: this.expression(), mut, modifier, span: this.from(start) };
  }

  // --- for -------------------------------------------------------------------------------------

  private forStatement(label: string | undefined, comptime: boolean): Stmt {
    const start = this.expect('for');
    if (this.is('{')) {
      return {
        kind: 'forWhile',
        label,
        condition: undefined,
        body: this.block(),
        span: this.from(start),
      };
    }
    const header = this.withStructLiterals(false, () => this.forHeader(label, comptime, start));
    const body = this.block();
    return { ...header, body, span: this.from(start) } as ForStmt;
  }

  private forHeader(
    label: string | undefined,
    comptime: boolean,
    start: Token,
  ): Record<string, unknown> {
    if (this.is('mut') && this.is('name', 1) && this.is('is', 2)) this.next();
    const names = this.forInNames();
    if (names) {
      const over = this.rangeOrExpression();
      this.checkForNames(names, over, start);
      const [key, value] = names.length > 1 ? names : [undefined, names[0]];
      return { kind: 'forIn', label, comptime, key, value, over };
    }
    const init = this.is(';') ? undefined : this.simpleStatement();
    if (!this.is(';')) {
      if (init?.kind !== 'expr') this.unexpected(', expecting `;`');
      return { kind: 'forWhile', label, condition: init?.kind === 'expr' ? init.value : undefined };
    }
    this.expect(';');
    const condition = this.is(';') ? undefined : this.expression();
    this.expect(';');
    const step = this.is('{') ? undefined : this.simpleStatement();
    if (step?.kind === 'assign' && step.operator === ':=')
      this.report('for loop post statement cannot be a variable declaration', step.operatorSpan);
    return { kind: 'forC', label, init, condition, step };
  }

  /** Counters and keys cannot be changed, and a range has no key. */
  private checkForNames(names: readonly GuardName[], over: Expr, start: Token): void {
    const [first, second] = names;
    if (!first) return;
    // The `mut` stands right before its name.
    const word = { start: first.span.start - 'mut '.length, end: first.span.start - 1 };
    if (second && first.mut) this.report('index of array or key of map cannot be mutated', word);
    if (over.kind !== 'range') return;
    if (second) this.report('cannot declare index variable with range `for`', start);
    else if (first.mut) this.report('variable in range `for` cannot be mut', word);
  }

  /** The names before `in`, or undefined when this is another form of `for`. */
  private forInNames(): GuardName[] | undefined {
    let i = this.is('mut') ? 1 : 0;
    if (!this.is('name', i)) return undefined;
    if (this.is(',', i + 1)) {
      i += 2;
      if (this.is('mut', i)) i++;
      if (!this.is('name', i)) return undefined;
    }
    if (!this.is('in', i + 1)) return undefined;
    const names: GuardName[] = [];
    do {
      const mut = this.accept('mut');
      const token = this.expect('name');
      names.push({ name: token.text, mut, span: { start: token.start, end: token.end } });
    } while (this.accept(','));
    this.expect('in');
    return names;
  }

  // --- control constructs that are expressions ---------------------------------------------------

  protected controlExpression(): Expr | undefined {
    const start = this.peek();
    switch (start.kind) {
      case 'if':
        return this.ifExpression(false);
      case 'match':
        return this.matchExpression(false);
      case '$':
        this.next();
        if (this.is('if')) return this.ifExpression(true);
        if (this.is('match')) return this.matchExpression(true);
        return undefined;
      case 'unsafe':
        this.next();
        if (!this.is('{')) this.unexpected(', expecting `{`');
        return this.unsafeBlock(start);
      case 'lock':
      case 'rlock':
        return this.lockExpression();
      case 'select':
        return this.selectExpression();
      case 'go':
      case 'spawn': {
        this.next();
        this.spawns = true;
        return { kind: 'spawn', call: this.expression(7), span: this.from(start) };
      }
      default:
        return undefined;
    }
  }

  private unsafeBlock(start: Token): Expr {
    if (this.insideUnsafe) this.fail('already inside `unsafe` block', start);
    this.insideUnsafe = true;
    const body = this.block();
    this.insideUnsafe = false;
    return { kind: 'unsafe', body, span: this.from(start) };
  }

  private ifExpression(comptime: boolean): Expr {
    const start = this.expect('if');
    const branches: IfBranch[] = [];
    branches.push(this.ifBranch(start, comptime));
    for (;;) {
      const elseAt = comptime && this.is('$') && this.is('else', 1) ? 1 : 0;
      if (!this.is('else', elseAt)) break;
      if (elseAt) this.next();
      const elseToken = this.next();
      const dollarIf = this.is('$') && this.is('if', 1);
      if (comptime && dollarIf) this.next();
      if (this.accept('if')) {
        branches.push(this.ifBranch(elseToken, comptime));
        continue;
      }
      branches.push({ condition: undefined, body: this.block(), span: this.from(elseToken) });
      break;
    }
    return { kind: 'if', comptime, branches, span: this.from(start) };
  }

  private ifBranch(start: Span, comptime: boolean): IfBranch {
    const condition = comptime ? this.comptimeCondition() : this.condition();
    const body = this.block();
    return { condition, body, span: this.from(start) };
  }

  private condition(): Expr {
    const start = this.peek();
    if (start.kind === 'if') this.fail(doubledIf);
    return this.withStructLiterals(false, () => {
      const names = this.guardNames();
      if (!names) {
        const { kind } = this.peek();
        if ((kind === 'mut' || targetModifiers.has(kind)) && !this.is('name', 1))
          this.fail(`the \`${kind}\` keyword is invalid here`);
        this.accept('mut');
        return this.expression();
      }
      const value = this.expression();
      return { kind: 'ifGuard', names, value, span: this.from(start) };
    });
  }

  /** A compile-time condition; `name ?` tests a user flag and parses as a propagation. */
  protected comptimeCondition(): Expr {
    const before = this.insideDefer;
    this.insideDefer = false;
    const condition = this.withStructLiterals(false, () => this.expression());
    this.insideDefer = before;
    return condition;
  }

  private matchExpression(comptime: boolean): Expr {
    const start = this.expect('match');
    const mut = this.accept('mut');
    const value = this.is('$') && comptime ? this.kindExpression() : this.headerExpression();
    this.expect('{');
    const branches: MatchBranch[] = [];
    while (!this.is('}') && !this.is('eof')) {
      branches.push(this.withStructLiterals(false, () => this.matchBranch(comptime)));
      this.accept(',');
    }
    this.expect('}');
    return { kind: 'match', comptime, value, mut, branches, span: this.from(start) };
  }

  private matchBranch(comptime: boolean): MatchBranch {
    const start = this.peek();
    const patterns: Expr[] = [];
    if (comptime && this.is('$') && this.is('else', 1)) this.next();
    if (!this.accept('else')) {
      do {
        if (this.is('{')) break;
        patterns.push(this.pattern());
      } while (this.accept(','));
    }
    return { patterns, body: this.block(), span: this.from(start) };
  }

  /** `$int`, `$struct` and so on. */
  private kindExpression(): Expr {
    const type = this.isType();
    return { kind: 'typeExpr', type, span: type.span };
  }

  /** pattern = type | range | expression */
  private pattern(): Expr {
    const start = this.peek();
    if (this.is('$') && this.is('name', 1)) return this.kindExpression();
    if (this.patternIsType()) {
      const type = this.type();
      return { kind: 'typeExpr', type, span: this.from(start) };
    }
    const value = this.rangeOrExpression();
    if (value.kind === 'range' && !value.inclusive) {
      const at = value.low ? value.low.span.end : value.span.start;
      this.report(exclusivePattern, { start: at, end: at + 2 });
    }
    return value;
  }

  private patternIsType(): boolean {
    const token = this.peek();
    if (token.kind === '[') {
      const after = this.afterBracket(0);
      return after > 0 && (this.is(']', 1) || this.is('name', after) || this.is('[', after));
    }
    if (token.kind === '&' || token.kind === '?' || token.kind === 'fn') return true;
    if (token.kind !== 'name') return false;
    if (token.text === 'map' && this.is('[', 1)) return true;
    let i = 0;
    while (this.is('.', i + 1) && this.is('name', i + 2)) i += 2;
    const name = this.peek(i).text;
    const after = this.peek(i + 1).kind;
    if (i === 2 && isCapitalized(token.text) && !isCapitalized(name)) return false;
    const ends = after === '{' || after === ',' || after === '[';
    return ends && (isCapitalized(name) || isBuiltinTypeName(name));
  }

  private lockExpression(): Expr {
    const start = this.peek();
    if (this.is(':=', 1)) {
      this.next();
      this.unexpected(', expecting one or more shared variable names');
    }
    const locked: { value: Expr; readOnly: boolean }[] = [];
    while (this.isAny('lock', 'rlock')) {
      const readOnly = this.next().kind === 'rlock';
      while (!this.is('{') && !this.isAny('lock', 'rlock', 'eof')) {
        locked.push({ value: this.headerExpression(), readOnly });
        this.accept(',');
        this.accept(';');
      }
    }
    return { kind: 'lock', locked, body: this.block(), span: this.from(start) };
  }

  private selectExpression(): Expr {
    const start = this.expect('select');
    this.expect('{');
    const branches: SelectBranch[] = [];
    while (!this.is('}') && !this.is('eof')) {
      const at = this.peek();
      const condition = this.accept('else')
        ? undefined
        : this.withStructLiterals(false, () => this.simpleStatement());
      branches.push({ condition, body: this.block(), span: this.from(at) });
    }
    this.expect('}');
    return { kind: 'select', branches, span: this.from(start) };
  }

  /** "fn" [captures] [generics] signature block */
  protected functionExpression(): Expr {
    const start = this.peek();
    this.expect('fn');
    let captures: Capture[] = [];
    let generics: string[] = [];
    if (this.is('[')) {
      captures = this.captureList();
      if (this.is('[')) generics = this.genericNames();
      // `fn [T] (x T)` names type parameters, not captures.
      const types = captures.length > 0 && captures.every((c) => /^[A-Z]/.test(c.name));
      if (types && generics.length === 0) {
        generics = captures.map((c) => c.name);
        captures = [];
      }
    }
    const signature = this.signature();
    if (!this.is('{')) {
      const type: TypeNode = { kind: 'fnType', signature, span: this.from(start) };
      return { kind: 'typeExpr', type, span: type.span };
    }
    for (const param of signature.params) {
      if (param.name === '') this.fail('use `_` to name an unused parameter', param.type.span);
      if (!captures.some((c) => c.name === param.name)) continue;
      this.report(
        `the parameter name \`${param.name}\` conflicts with the captured value name`,
        param.span,
      );
    }
    const before = [this.insideDefer, this.insideUnsafe] as const;
    this.insideDefer = false;
    const body = this.block();
    [this.insideDefer, this.insideUnsafe] = before;
    return { kind: 'fnExpr', captures, signature, generics, body, span: this.from(start) };
  }

  private captureList(): Capture[] {
    this.expect('[');
    const captures: Capture[] = [];
    while (!this.is(']')) {
      const start = this.peek();
      const mut = this.accept('mut') || this.accept('atomic');
      this.accept('shared');
      this.accept('&');
      const name = this.expect('name').text;
      captures.push({ name, mut, span: this.from(start) });
      if (!this.accept(',')) break;
    }
    this.expect(']');
    return captures;
  }
}
