// Checking of expressions: literals, names, selectors, casts; the other families have files of
// their own.

import type { Expr } from '../ast.ts';
import { joinSpans, type Span } from '../source.ts';
import type { Place, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkArrayInit, checkArrayLiteral, checkIndex, checkMapLiteral } from './arrays.ts';
import { checkAt } from './at_values.ts';
import { noteDeprecatedField } from './attribute_rules.ts';
import { fieldGetter } from './boxes.ts';
import { builtinMethodValue } from './builtin_methods.ts';
import { cValue } from './c_calls.ts';
import { checkCall } from './calls.ts';
import { checkCast } from './casts.ts';
import { checkClosure, closureParamHint } from './closures.ts';
import { checkComptimeCall } from './comptime_calls.ts';
import { checkComptimeSelector, functionType } from './comptime_for.ts';
import { itemNamed, recordValue } from './comptime_items.ts';
import { typeofType } from './comptime_types.ts';
import { checkConst, constantType, globalPlace } from './consts.ts';
import type { FnContext } from './context.ts';
import { checkIf } from './control.ts';
import { settle } from './convert.ts';
import { checkResult } from './defer.ts';
import { valueInstance } from './functions.ts';
import { genericFunctionNamed, genericFunctionValue } from './generics.ts';
import { checkInterpolation } from './interpolation.ts';
import { checkMatch } from './match.ts';
import { findField, memberNames, staticOf } from './members.ts';
import { methodValue } from './method_values.ts';
import { moduleMember, typeNamed } from './names.ts';
import { checkInfix, checkPostfix, checkPrefix } from './operators.ts';
import { checkOr } from './or.ts';
import { readPlace } from './places.ts';
import { checkSelect } from './select.ts';
import { checkLock, unlockedValue } from './shared.ts';
import { checkAs, checkIs, filledValue } from './smartcasts.ts';
import { checkBlock } from './statements.ts';
import { strCall } from './str.ts';
import { checkStructLiteral } from './structs.ts';
import { suggest } from './suggest.ts';
import { commonField, readCommon } from './sums.ts';
import { allocatedAs, dataPointer, textPointer } from './text_pointers.ts';
import { checkSpawn } from './threads.ts';
import { typeMember } from './type_facts.ts';
import { checkLayoutQuery, checkOffsetof, checkTypeMember, checkTypeof } from './type_queries.ts';
import { requirePublicField, requirePublicTypes } from './visibility.ts';

type Checker<K extends Expr['kind']> = (
  f: FnContext,
  e: Extract<Expr, { kind: K }>,
  expected: Type | undefined,
) => TExpr;

export function bad(span: Span): TExpr {
  return { kind: 'bad', type: types.errorType, span };
}

export function intConst(value: number | bigint, span: Span, type: Type = types.intType): TExpr {
  return { kind: 'int', value: BigInt(value), type, span };
}

export function stringConst(bytes: string, span: Span): TExpr {
  return { kind: 'string', bytes, type: types.string, span };
}

export function runtime(
  module: string,
  name: string,
  args: readonly TExpr[],
  type: Type,
  span: Span,
): TExpr {
  return { kind: 'runtime', module, name, args, type, span };
}

export function localRef(local: import('../typed.ts').Local, span: Span): TExpr {
  return { kind: 'local', local, type: local.type, span };
}

const unsupported =
  (what: string) =>
  (f: FnContext, e: Expr): TExpr => {
    f.program.unsupported(what, e.span);
    return bad(e.span);
  };

const checkers: { [K in Expr['kind']]: Checker<K> } = {
  number: (f, e) => checkNumber(f, e),
  string: (_f, e) => stringConst(e.bytes, e.span),
  interpolation: checkInterpolation,
  char: (f, e) => checkChar(f, e),
  bool: (_f, e) => ({ kind: 'bool', value: e.value, type: types.bool, span: e.span }),
  none: (_f, e: Expr) => ({ kind: 'atom', name: 'none', type: types.noneType, span: e.span }),
  nil: (_f, e: Expr) => ({ kind: 'atom', name: 'nil', type: types.nilType, span: e.span }),
  ident: (f, e, expected) => checkIdent(f, e, expected),
  enumValue: (f, e, expected) => checkEnumValue(f, e, expected),
  at: (f, e) => checkAt(f, e),
  selector: checkSelector,
  index: checkIndex,
  call: checkCall,
  prefix: checkPrefix,
  infix: checkInfix,
  postfix: checkPostfix,
  paren: (f, e, expected) => checkExpr(f, e.inner, expected),
  or: checkOr,
  arrayLiteral: checkArrayLiteral,
  arrayInit: checkArrayInit,
  mapLiteral: checkMapLiteral,
  structLiteral: checkStructLiteral,
  cast: (f, e) => {
    requirePublicTypes(f.program, e.type);
    const to = f.resolve(e.type);
    return allocatedAs(f, to, e.value) ?? checkCast(f, to, checkExpr(f, e.value, to), e.span);
  },
  as: checkAs,
  is: checkIs,
  typeExpr: (f, e) => {
    f.error('invalid expression: a type is used as a value', e.span);
    return bad(e.span);
  },
  range: (f, e) => {
    f.error('range expressions can only be used in `for`, `in`, `match` and slices', e.span);
    return bad(e.span);
  },
  spread: unsupported('a spread here'),
  if: checkIf,
  ifGuard: (f, e) => {
    f.error('unexpected `:=`, an if-guard needs an `if`', e.span);
    return bad(e.span);
  },
  match: checkMatch,
  unsafe: (f, e, expected) => checkUnsafe(f, e, expected),
  lock: (f, e, expected) => checkLock(f, e, expected, true),
  select: (f, e) => checkSelect(f, e),
  spawn: (f, e) => checkSpawn(f, e),
  fnExpr: checkClosure,
  lambda: (f, e, expected) => {
    if (expected) return closureParamHint(f, e, expected);
    f.error('lambda expressions can only be used where a function type is expected', e.span);
    return bad(e.span);
  },
  typeof: (f, e: Expr) => (e.kind === 'typeof' ? checkTypeof(f, e.value, e.span) : bad(e.span)),
  sizeof: checkLayoutQuery,
  isreftype: checkLayoutQuery,
  offsetof: (f, e) => checkOffsetof(f, e),
  dump: (f, e) => checkDump(f, e),
  comptimeCall: (f, e) => (e.name === 'res' ? checkResult(f, e) : checkComptimeCall(f, e)),
  comptimeSelector: checkComptimeSelector,
};

/** Expressions whose value is that of an expression inside them. */
const transparent: ReadonlySet<Expr['kind']> = new Set(['paren', 'unsafe', 'or']);

/** Expressions that read what their operands read. */
const readers: ReadonlySet<Expr['kind']> = new Set([
  'ident',
  'selector',
  'index',
  'infix',
  'paren',
]);

/** Checks an expression; `expected` is a hint that literals and shorthands take their type from. */
export function checkExpr(f: FnContext, e: Expr, expected?: Type): TExpr {
  const checker = checkers[e.kind] as Checker<Expr['kind']>;
  const allowed = f.sharedAllowed;
  const before = f.unlockedReads.length;
  f.sharedAllowed = allowed && transparent.has(e.kind);
  const value = checker(f, e as never, expected);
  f.sharedAllowed = allowed;
  // What is read without a lock deeper inside is read as it is.
  if (f.unlockedReads.length > before && !readers.has(e.kind)) f.unlockedReads.length = before;
  return value.type.kind === 'shared' ? unlockedValue(f, e, value, expected) : value;
}

/** Checks an expression that must have a value. */
export function checkValue(f: FnContext, e: Expr, expected?: Type): TExpr {
  const value = checkExpr(f, e, expected);
  const before = e.kind === 'postfix' && valueBeforeStep(value);
  if (before) return before;
  if (value.type === types.voidType) {
    f.error(`\`${f.program.textOf(e.span)}\` (no value) used as value`, e.span);
    return bad(e.span);
  }
  return value;
}

/** `x++` as a value is what x was. */
function valueBeforeStep(step: TExpr): TExpr | undefined {
  const only = step.kind === 'block' ? step.body.stmts[0] : undefined;
  if (step.kind !== 'block' || only?.kind !== 'modify') return undefined;
  const value = localRef(only.old, step.span);
  return { ...step, body: { ...step.body, value }, type: value.type };
}

/** Checks an expression whose untyped literals take their default types. */
export function checkSettled(f: FnContext, e: Expr, expected?: Type): TExpr {
  return settle(checkValue(f, e, expected));
}

// --- literals ----------------------------------------------------------------------------------

function checkNumber(f: FnContext, e: Expr & { kind: 'number' }): TExpr {
  const { text, span } = e;
  const based = text.length > 2 && 'xob'.includes(text[1] as string);
  if (!based && /[.e]/.test(text)) {
    return { kind: 'float', value: Number(text), type: types.floatLiteral, span };
  }
  const value = BigInt(text);
  if (value >= integersEnd) f.error(`integer literal ${text} is too large`, span);
  return { kind: 'int', value, type: types.intLiteral, span };
}

/** No integer type holds this, or more. */
const integersEnd = 1n << 64n;

function checkChar(f: FnContext, e: Expr & { kind: 'char' }): TExpr {
  const bytes = Buffer.from(e.bytes, 'latin1');
  const text = bytes.toString('utf8');
  const [first, ...more] = [...text];
  let code = first?.codePointAt(0) ?? 0;
  if (bytes.length === 1) code = bytes[0] ?? 0;
  else if (more.length > 0) f.error(`invalid character literal, use quotes for strings`, e.span);
  return { kind: 'int', value: BigInt(code), type: types.rune, span: e.span };
}

// --- names -------------------------------------------------------------------------------------

function checkIdent(f: FnContext, e: Expr & { kind: 'ident' }, expected: Type | undefined): TExpr {
  const { name, span } = e;
  if (name === '_') {
    f.error('undefined ident: `_` (may only be used in assignments)', span);
    return bad(span);
  }
  const binding = f.lookup(name);
  if (binding) {
    binding.local.used = true;
    if (binding.view) return { ...binding.view.value, span };
    return { kind: 'local', local: binding.local, type: binding.local.type, span };
  }
  const constant = f.program.find(f.program.consts, name, span);
  if (constant) {
    const info = checkConst(f.program, constant.info.name);
    return { kind: 'const', info, type: constantType(info), span };
  }
  const global = f.program.find(f.program.globals, name, span);
  if (global) return readPlace(globalPlace(f.program, global, span), span);
  const fn = f.program.find(f.program.functions, name, span);
  if (fn?.params) {
    const instance = valueInstance(f.program, fn, span);
    const type = functionType(f.program, fn);
    return { kind: 'fnRef', fn: instance, type, span };
  }
  const generic = fn && genericFunctionValue(f, fn, expected, span);
  if (generic) return generic;
  if (f.hiddenByClosure(name)) {
    f.error(
      `\`${name}\` must be explicitly listed as inherited variable to be used inside a closure`,
      span,
      `use \`fn [${name}] () {\` instead of \`fn () {\``,
    );
    return bad(span);
  }
  if (f.declaring.includes(name)) {
    f.error(`undefined variable: \`${name}\``, span);
    return bad(span);
  }
  const known = [
    ...f.scope.visibleNames(),
    ...f.program.consts.keys(),
    ...f.program.functions.keys(),
  ];
  f.error(suggest(`undefined ident: \`${name}\``, name, known), span);
  return bad(span);
}

function checkEnumValue(
  f: FnContext,
  e: Expr & { kind: 'enumValue' },
  expected: Type | undefined,
): TExpr {
  let type = expected && types.strip(expected);
  if (type?.kind === 'option' || type?.kind === 'result') type = types.strip(type.inner);
  if (type === types.errorType) return bad(e.span);
  if (type?.kind !== 'enum') {
    const message = expected
      ? `expected type is not an enum (\`${expected.name}\`)`
      : 'not an enum';
    f.error(message, e.span);
    return bad(e.span);
  }
  return enumConst(f, type, e.name, e.span);
}

function enumConst(f: FnContext, type: types.EnumType, name: string, span: Span): TExpr {
  const value = type.values.get(name);
  if (value === undefined) {
    const message = `enum \`${type.name}\` does not have a value \`${name}\``;
    f.error(suggest(message, name, [...type.values.keys()]), span);
    return bad(span);
  }
  return { kind: 'int', value, type, span };
}

// --- selectors ---------------------------------------------------------------------------------

function checkSelector(
  f: FnContext,
  e: Expr & { kind: 'selector' },
  expected: Type | undefined,
): TExpr {
  if (e.value.kind === 'ident' && e.value.name === 'C' && !f.scope.find('C')) return cValue(f, e);
  const item = itemNamed(f, e.value);
  if (item?.value !== undefined && item.type && e.name === 'value')
    return enumConst(f, types.unalias(item.type) as types.EnumType, item.value, e.span);
  const known = item && recordValue(item, e.name);
  if (known) return { ...known, span: e.span };
  const constant = moduleMember(f, e);
  if (constant) return constant;
  const symbol = genericFunctionNamed(f, e);
  const generic = symbol && genericFunctionValue(f, symbol, expected, e.span);
  if (generic) return generic;
  const type = typeNamed(f, e.value);
  if (type) return checkTypeSelector(f, e, type);
  if (e.value.kind === 'typeof') {
    return checkTypeMember(f, e, typeofType(f, e.value.value));
  }
  const cast = f.castOf(pathOf(e));
  if (cast) {
    const before = f.unlockedReads.length;
    checkExpr(f, e.value);
    f.unlockedReads.splice(before);
    return { ...cast.value, span: e.span };
  }
  return selectMember(f, e, filledValue(f, e.value, checkValue(f, e.value)));
}

function checkTypeSelector(f: FnContext, e: Expr & { kind: 'selector' }, type: Type): TExpr {
  const base = types.unalias(type);
  if (base.kind === 'enum' && base.values.has(e.name)) return enumConst(f, base, e.name, e.span);
  const member = typeMember(f.program, type, e.name, e.span);
  if (member) return member;
  const found = staticOf(f.program, type, e.name);
  if (found?.params) {
    const instance = valueInstance(f.program, found, e.span);
    return {
      kind: 'fnRef',
      fn: instance,
      type: types.fnOf(found.params, found.result ?? types.voidType),
      span: e.span,
    };
  }
  if (base.kind === 'enum') return enumConst(f, base, e.name, e.span);
  if (type !== types.errorType) f.error(`unknown type member \`${type.name}.${e.name}\``, e.span);
  return bad(e.span);
}

function selectMember(f: FnContext, e: Expr & { kind: 'selector' }, value: TExpr): TExpr {
  const { type } = value;
  const { span } = e;
  const base = types.strip(type);
  if (base === types.errorType) return bad(span);
  if (base.kind === 'option' || base.kind === 'result') {
    const [what, mark] = base.kind === 'option' ? ['an Option', '?'] : ['a Result', '!'];
    f.error(
      `cannot access fields of ${what}, handle the error with \`or {...}\` or ` +
        `propagate it with \`${mark}\``,
      span,
    );
    return bad(span);
  }
  if (base === types.string && e.name === 'str') return textPointer(deref(value), span);
  if (base.kind === 'array' && e.name === 'data') return dataPointer(f, deref(value), span);
  const property = builtinProperty(base, deref(value), e.name, span);
  if (property) return property;
  const found = findField(type, e.name);
  if (found) {
    if (f.open !== e) requirePublicField(f.program, type, found.path, e.nameSpan);
    noteDeprecatedField(f.program, found.path, e.nameSpan);
    return readPath(deref(value), found.path, span);
  }
  if (base.kind === 'interface' || base.kind === 'sum') {
    const shared = sharedField(f, base, value, e.name, span);
    if (shared) return shared;
  }
  const method = methodValue(f, e.name, value, span);
  if (method) return method;
  if (e.name === 'str') return strValue(f, settle(value), span);
  const ofBuiltin = builtinMethodValue(f, deref(value), e.name, span);
  if (ofBuiltin) return ofBuiltin;
  reportNoMember(f, base, e.name, e.nameSpan, span);
  return bad(span);
}

/** `x.str` without a call, where x has no method of its own for it. */
function strValue(f: FnContext, value: TExpr, span: Span): TExpr {
  const held = f.temporary('receiver', value.type, span);
  const text = strCall(f, localRef(held, span));
  const body: TBlock = { stmts: [{ kind: 'return', value: text, span }], value: undefined };
  const type = types.fnOf([], types.string);
  const made = { params: [], outs: [], body, result: types.string, captures: [], type, span };
  const keep: TStmt = { kind: 'let', local: held, value, span };
  const closure: TExpr = { kind: 'closure', ...made };
  return { kind: 'block', body: { stmts: [keep], value: closure }, type, span };
}

function reportNoMember(f: FnContext, base: Type, name: string, _nameSpan: Span, span: Span): void {
  const known = memberNames(f.program, base);
  const message =
    base.kind === 'struct'
      ? `type \`${base.name}\` has no field named \`${name}\``
      : `\`${base.name}\` has no property \`${name}\``;
  f.error(suggest(message, name, known), span);
}

function builtinProperty(base: Type, value: TExpr, name: string, span: Span): TExpr | undefined {
  const rows: Partial<Record<Type['kind'], Record<string, readonly [string, string]>>> = {
    string: { len: ['erlang', 'byte_size'] },
    array: { len: ['v_array', 'len'], cap: ['v_array', 'cap'] },
    fixed: { len: ['v_array', 'len'] },
    map: { len: ['v_map', 'len'] },
    chan: { len: ['v_chan', 'len'], cap: ['v_chan', 'cap'], closed: ['v_chan', 'closed'] },
  };
  const row = rows[base.kind]?.[name];
  if (!row) return undefined;
  if (base.kind === 'fixed') return intConst(base.size, span);
  const type = name === 'closed' ? types.bool : types.intType;
  return runtime(row[0], row[1], [value], type, span);
}

/** Reads through references until the value itself is reached. */
export function deref(value: TExpr): TExpr {
  const t = types.unalias(value.type);
  if (t.kind !== 'ref') return value;
  // What a fresh cell leads to is what it was made of.
  if (value.kind === 'newCell') return deref(value.value);
  const place: Place = { kind: 'target', reference: value, type: t.inner, span: value.span };
  return deref({ kind: 'place', place, type: t.inner, span: value.span });
}

export function readPath(value: TExpr, path: readonly types.Field[], span: Span): TExpr {
  let current = value;
  for (const field of path) {
    const owner = types.unalias(deref(current).type);
    const index = owner.kind === 'struct' ? owner.fields.indexOf(field) : 0;
    current = { kind: 'field', value: deref(current), index, type: field.type, span };
  }
  return current;
}

/** A field that every variant of a sum type (or every implementer of an interface) has. */
function sharedField(
  f: FnContext,
  base: types.SumType | types.InterfaceType,
  value: TExpr,
  name: string,
  span: Span,
): TExpr | undefined {
  if (base.kind === 'interface') {
    const field = base.fields.find((x) => x.name === name);
    if (!field) return undefined;
    const fn = fieldGetter(f.program, base, field, span);
    const args = [{ kind: 'value', value: deref(value) } as const];
    return { kind: 'call', fn, args, type: field.type, span };
  }
  const type = commonField(base, name);
  return type && readCommon(base, name, type, value, span);
}

/**
 * The source text of a chain of selectors and indices that a smart cast can name, as `a.b[0].c`.
 */
export function pathOf(e: Expr): string | undefined {
  switch (e.kind) {
    case 'ident':
      return e.name;
    case 'paren':
      return pathOf(e.inner);
    case 'selector': {
      const base = pathOf(e.value);
      return base === undefined ? undefined : `${base}.${e.name}`;
    }
    case 'index': {
      const base = pathOf(e.value);
      const index = e.index.kind === 'number' ? e.index.text : pathOf(e.index);
      return base === undefined || index === undefined ? undefined : `${base}[${index}]`;
    }
    default:
      return undefined;
  }
}

// --- casts, typeof, unsafe, dump -----------------------------------------------------------------

function checkUnsafe(
  f: FnContext,
  e: Expr & { kind: 'unsafe' },
  expected: Type | undefined,
): TExpr {
  const [only, ...more] = e.body.stmts;
  const isZero = only?.kind === 'expr' && only.value.kind === 'number' && only.value.text === '0';
  // `unsafe { 0 }` where a reference is wanted is an old way to write nil.
  if (isZero && more.length === 0 && expected && types.unalias(expected).kind === 'ref')
    return { kind: 'atom', name: 'nil', type: expected, span: e.span };
  const before = f.insideUnsafe;
  f.insideUnsafe = true;
  const body = f.scoped(() => checkBlock(f, e.body, { expected, wantsValue: true }));
  f.insideUnsafe = before;
  if (body.value === undefined) return { kind: 'block', body, type: types.voidType, span: e.span };
  if (body.stmts.length === 0) return body.value;
  return { kind: 'block', body, type: body.value.type, span: e.span };
}

/** `dump(x)` prints `[file:line] x: value` on standard error and gives x. */
function checkDump(f: FnContext, e: Expr & { kind: 'dump' }): TExpr {
  const given = checkValue(f, e.value);
  const value = settle(given);
  const { span } = e;
  if (types.unalias(value.type) === types.charType) {
    f.error(
      '`char` values cannot be dumped directly, use dump(u8(x)) or dump(int(x)) instead',
      e.value.span,
    );
  }
  const local = f.temporary('dumped', value.type, span);
  const file = f.program.sources.fileAt(span.start);
  const { path } = file;
  const line = file.lineOf(span.start);
  const head = `[${path}:${line}] ${f.program.textOf(e.value.span)}: `;
  const text: TExpr = {
    kind: 'concat',
    parts: [
      stringConst(Buffer.from(head).toString('latin1'), span),
      strCall(f, localRef(local, span)),
    ],
    type: types.string,
    span,
  };
  return {
    kind: 'block',
    body: {
      stmts: [
        { kind: 'let', local, value, span },
        { kind: 'expr', value: runtime('v_rt', 'eprintln', [text], types.voidType, span), span },
      ],
      value: localRef(local, span),
    },
    // What is dumped may still be an untyped number.
    type: given.type,
    span: joinSpans(span, span),
  };
}
