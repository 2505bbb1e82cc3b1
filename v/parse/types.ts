// Parsing of types, signatures and generic parameter lists (doc/docs.md, "V Types").

import type { Block, Expr, Param, Signature, StructDecl, TypeNode, TypeWrapper } from '../ast.ts';
import type { Span } from '../source.ts';
import { Cursor } from './cursor.ts';

const typeStarts = new Set([
  'name',
  '[',
  '&',
  '?',
  '!',
  '(',
  'fn',
  'shared',
  'atomic',
  'struct',
  '&&',
]);

export function isCapitalized(name: string): boolean {
  const code = name.charCodeAt(0);
  return code >= 65 && code <= 90;
}

/** V's own limit. */
const genericParametersMax = 9;

const internalArray =
  '`array` is an internal type, it cannot be used directly. Use `[]int`, `[]Foo` etc';
const inlineSum =
  'inline sum types have been deprecated and will be removed on January 1, 2023 due to ' +
  'complicating the language and the compiler too much; define named sum types with ' +
  '`type Foo = Bar | Baz` instead';

const builtinTypes = new Set(
  (
    'bool string rune byte char voidptr byteptr charptr i8 i16 i32 int i64 isize ' +
    'u8 u16 u32 u64 usize f32 f64 any ' +
    'map chan thread'
  ).split(' '),
);

export function isBuiltinTypeName(name: string): boolean {
  return builtinTypes.has(name);
}

export abstract class TypeParser extends Cursor {
  protected abstract expression(): Expr;
  protected abstract block(): Block;
  /** `typeof(x)` with the selectors after it. */
  protected abstract typeQueryChain(): Expr;
  protected abstract structBody(name: string, nameSpan: Span, start: Span): StructDecl;

  protected startsType(): boolean {
    return typeStarts.has(this.peek().kind) && this.sameLine();
  }

  /**
   * type = "&" type | "?" [type] | "!" [type] | "[" … | "map[" … | "fn" … | "(" type {"," type} ")" | name
   */
  protected type(): TypeNode {
    return this.nested(() => this.typeInner());
  }

  private typeInner(): TypeNode {
    const start = this.peek();
    switch (start.kind) {
      case '&':
        this.next();
        return this.wrap('ref', start);
      case '&&': {
        this.next();
        const inner = this.wrap('ref', start);
        return { kind: 'wrap', wrapper: 'ref', inner, span: inner.span };
      }
      case 'shared':
      case 'atomic':
        this.next();
        return this.wrap(start.kind, start);
      case '?':
      case '!':
        return this.optionOrResult(start.kind === '?' ? 'option' : 'result');
      case '[':
        return this.arrayType();
      case '(':
        return this.tupleType();
      case 'fn':
        this.next();
        return { kind: 'fnType', signature: this.signature(), span: this.from(start) };
      case 'struct': {
        this.next();
        return {
          kind: 'anonStruct',
          decl: this.structBody('', start, start),
          span: this.from(start),
        };
      }
      case 'typeof': {
        const value = this.typeQueryChain();
        return { kind: 'typeOf', value, span: this.from(start) };
      }
      case 'name':
        return this.namedType();
      default:
        return this.fail(`expecting type declaration`);
    }
  }

  private wrap(wrapper: TypeWrapper, start: Span): TypeNode {
    return { kind: 'wrap', wrapper, inner: this.type(), span: this.from(start) };
  }

  private optionOrResult(kind: 'option' | 'result'): TypeNode {
    const start = this.next();
    if (this.isAny('?', '!') && !this.peek().spaceBefore && this.sameLine())
      this.fail('the type must be Option or Result');
    const inner = this.startsType() && !this.is('!') ? this.type() : undefined;
    return { kind, inner, span: this.from(start) };
  }

  private arrayType(): TypeNode {
    const start = this.expect('[');
    if (this.accept(']')) {
      return { kind: 'array', element: this.type(), span: this.from(start) };
    }
    const size = this.expression();
    this.expect(']');
    return { kind: 'fixed', size, element: this.type(), span: this.from(start) };
  }

  private tupleType(): TypeNode {
    const start = this.expect('(');
    const types = [this.type()];
    while (this.accept(',')) types.push(this.type());
    this.expect(')');
    if (types.length === 1) return types[0] as TypeNode;
    return { kind: 'tuple', types, span: this.from(start) };
  }

  protected namedType(): TypeNode {
    const start = this.expect('name');
    let name = start.text;
    if (name === 'map' && this.is('[')) {
      this.next();
      const key = this.type();
      this.expect(']');
      this.checkMapValue();
      return { kind: 'map', key, value: this.type(), span: this.from(start) };
    }
    if (name === 'chan' || name === 'thread') {
      if (this.startsType() && (name === 'chan' || !this.is('['))) return this.wrap(name, start);
      if (name === 'thread' && this.is('[') && this.is(']', 1)) return this.wrap(name, start);
      if (name === 'chan') this.untypedChannel(start);
      const none: TypeNode = { kind: 'named', name: 'void', args: [], span: this.from(start) };
      return { kind: 'wrap', wrapper: name, inner: none, span: none.span };
    }
    while (this.is('.') && this.is('name', 1)) {
      this.next();
      name += `.${this.next().text}`;
    }
    if (name === 'map')
      this.fail('cannot use the map type without key and value definition', start);
    if (name === 'array') this.report(internalArray, start);
    const args = this.is('[') && this.sameLine() && !this.is(']', 1) ? this.typeArguments() : [];
    return { kind: 'named', name, args, span: this.from(start) };
  }

  /** What stands between a map's key and its value is not there, or is another key. */
  private checkMapValue(): void {
    if (this.is('{') && this.sameLine())
      this.fail('map value type is missing: use `map[KeyType]ValueType`');
    if (!this.is('[') || this.is(']', 1) || !this.is('name', 1) || !this.is(']', 2)) return;
    const key = this.peek(1);
    const value = this.peek(3);
    if (value.kind === 'name' || value.kind === '[') return;
    const second = key.text;
    this.fail(
      'maps can only have a single key. To declare a map use ' +
        `\`map[${second}]${second}{}\` instead`,
      key,
    );
  }

  private untypedChannel(start: Span): never {
    const braces = this.is('{') && this.is('}', 1);
    const tail = braces ? '{}' : '';
    if (braces) {
      this.next();
      this.next();
    }
    return this.fail(
      `\`chan\` has no type specified. Use \`chan Type${tail}\` instead of \`chan${tail}\``,
      this.from(start),
    );
  }

  /** A sum type has to have a name. */
  protected refuseInlineSum(type: TypeNode): void {
    if (!this.is('|') || !this.sameLine()) return;
    while (this.accept('|')) this.type();
    this.fail(inlineSum, this.from(type.span));
  }

  protected typeArguments(): TypeNode[] {
    this.expect('[');
    const args = [this.type()];
    while (this.accept(',')) args.push(this.type());
    this.expect(']');
    return args;
  }

  /** generics = [ "[" name {"," name} "]" ] */
  protected genericNames(): string[] {
    if (!this.is('[') || !this.sameLine()) return [];
    this.next();
    const names: string[] = [];
    do {
      const name = this.expect('name');
      if (name.text.length > 1)
        this.fail('generic parameter name needs to be exactly one char', name);
      if (!isCapitalized(name.text)) this.fail('generic parameter needs to be uppercase', name);
      if (names.includes(name.text))
        this.fail(`duplicated generic parameter \`${name.text}\``, name);
      if (names.length >= genericParametersMax)
        this.fail(`cannot have more than ${genericParametersMax} generic parameters`, name);
      names.push(name.text);
    } while (this.accept(','));
    this.expect(']');
    return names;
  }

  /** signature = "(" [param {"," param}] ")" [type] */
  protected signature(): Signature {
    this.expect('(');
    const params: Param[] = [];
    while (!this.is(')')) {
      params.push(...this.paramGroup());
      // A new line serves as well as a comma.
      if (!this.accept(',') && this.sameLine()) break;
    }
    this.expect(')');
    if (this.is('mut') && this.sameLine()) this.fail('cannot use `mut` on fn return type');
    const result = this.startsType() ? this.type() : undefined;
    return { params, result };
  }

  /**
   * param = ["mut" | "shared"] (name {"," name} ["..."] type | type); a bare type only in function types.
   */
  private paramGroup(): Param[] {
    const start = this.peek();
    const mut = this.accept('mut');
    const shared = !mut && this.is('shared') && this.accept('shared');
    const names: { name: string; span: Span }[] = [];
    if (this.is('name') && this.namesParameter()) {
      const first = this.next();
      names.push({ name: first.text, span: first });
      while (this.is(',') && this.is('name', 1) && this.groupContinues()) {
        this.next();
        const more = this.next();
        names.push({ name: more.text, span: more });
      }
    } else {
      names.push({ name: '', span: start });
    }
    for (const { name, span } of names) {
      if (name.length > 0 && isCapitalized(name))
        this.fail(`parameter name must not begin with upper case letter (\`${name}\`)`, span);
    }
    const variadic = this.accept('...');
    const type = this.type();
    if (variadic && (mut || shared))
      this.fail('variadic arguments cannot be `mut`, `shared` or `atomic`', type.span);
    this.refuseInlineSum(type);
    return names.map((n) => ({ ...n, type, mut, shared, variadic }));
  }

  /** Decides whether the name at the cursor is a parameter's name (true) or already its type. */
  private namesParameter(): boolean {
    const after = this.peek(1).kind;
    if (after === ')' || after === '.') return false;
    if (after === ',') return this.groupContinues(0);
    if (after === '[') {
      const name = this.peek().text;
      return !(name === 'map' || isCapitalized(name));
    }
    const name = this.peek().text;
    return !(
      (name === 'chan' || name === 'thread') &&
      !this.is('name', 2) &&
      after === 'name' &&
      isBuiltinTypeName(this.peek(1).text) &&
      this.isAfterBare(2)
    );
  }

  private isAfterBare(ahead: number): boolean {
    const { kind } = this.peek(ahead);
    return kind === ',' || kind === ')';
  }

  /**
   * In `a, b int`: is the list of names followed by a type? Looks for a name that a type follows
   * directly.
   */
  private groupContinues(offset = 1): boolean {
    let i = offset;
    while (this.is('name', i) && this.is(',', i + 1)) i += 2;
    if (!this.is('name', i)) return false;
    const after = this.peek(i + 1).kind;
    if (after === ')' || after === '.') return false;
    return (
      after === 'name' ||
      after === '[' ||
      after === '&' ||
      after === '?' ||
      after === '...' ||
      after === 'fn'
    );
  }
}
