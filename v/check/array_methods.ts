// Methods of arrays and fixed arrays. `map`, `filter`, `any`, `all`, `count` take an expression
// with `it`, a function or a lambda; `sort` takes a comparison of `a` and `b`.

import type { CallExpr, Expr } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { ArrayType, FixedType, Type } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import { withNames } from './closures.ts';
import type { FnContext } from './context.ts';
import { coerce, coerceOr, settle, zeroValue } from './convert.ts';
import { equalityFun } from './equality.ts';
import { bad, checkValue, deref, localRef, runtime } from './expressions.ts';
import { infixOf } from './operators.ts';
import { throughReferences, usedPlace } from './places.ts';
import { referenceOf } from './references.ts';
import { strCall } from './str.ts';
import { structOf } from './structs.ts';
import { waitForAll } from './threads.ts';

type Any = ArrayType | FixedType;
type Method = (f: FnContext, e: CallExpr, callee: Selector, value: TExpr, t: Any) => TExpr;

/** A method that reads: `[parameters, result, runtime name]`. */
const reader =
  (
    name: string,
    result: (t: Any) => Type,
    params: (t: Any) => readonly Type[] = () => [],
  ): Method =>
  (f, e, callee, value, t) => {
    const args = checkRowArgs(f, e, callee, params(t));
    return args ? runtime('v_array', name, [value, ...args], result(t), e.span) : bad(e.span);
  };

/** A method that changes its receiver. */
const changer =
  (
    name: string,
    params: (t: Any) => readonly Type[] = () => [],
    result: (t: Any) => Type = () => types.voidType,
  ): Method =>
  (f, e, callee, _value, t) => {
    const args = checkRowArgs(f, e, callee, params(t));
    const place = usedPlace(f, callee.value);
    if (!place && args)
      f.error(`cannot call \`${callee.name}\` on an expression that cannot be changed`, e.span);
    if (!args || !place) return bad(e.span);
    const target = throughReferences(place, e.span);
    return {
      kind: 'mutate',
      place: target,
      module: 'v_array',
      name,
      args,
      type: result(t),
      span: e.span,
    };
  };

const same = (t: Any): Type => types.arrayOf(t.element);
const element = (t: Any): Type => t.element;
const index = (): readonly Type[] => [types.intType];

const withIt =
  (name: string, finish: (t: Any, inner: Type) => Type, want?: Type): Method =>
  (f, e, callee, value, t) => {
    const [arg] = e.args;
    if (!arg || e.args.length !== 1) {
      f.error(`expected 1 argument, but got ${e.args.length}`, e.span);
      return bad(e.span);
    }
    const fun = elementFunction(f, arg.value, t.element, want, callee.name);
    if (fun.type === types.errorType) return bad(e.span);
    const inner = types.unalias(fun.type);
    const result = inner.kind === 'fn' ? inner.result : types.errorType;
    return runtime('v_array', name, [value, fun], finish(t, result), e.span);
  };

/** The function of one element: given as such, as a lambda, or as an expression with `it`. */
function elementFunction(
  f: FnContext,
  e: Expr,
  type: Type,
  want: Type | undefined,
  method: string,
): TExpr {
  const fit = (inner: FnContext, value: TExpr): TExpr => {
    if (!want) return settle(value);
    return coerceOr(
      inner,
      value,
      want,
      () =>
        `invalid expression, expected \`${want.name}\` in \`${method}\`, not ` +
        `\`${value.type.name}\``,
    );
  };
  if (e.kind === 'lambda') {
    if (e.params.length !== 1) {
      f.error(`lambda expressions used in \`${method}\` require exactly 1 parameter`, e.span);
      return bad(e.span);
    }
    return withNames(f, [[e.params[0] as string, type]], e.span, (inner) =>
      fit(inner, checkValue(inner, e.body, want)),
    );
  }
  if (e.kind === 'fnExpr' || namesFunction(f, e)) {
    const fun = checkValue(f, e);
    const t = types.unalias(fun.type);
    if (t.kind === 'fn' && t.params.length === 1) return fun;
    if (t !== types.errorType)
      f.error(`function needs exactly 1 argument in \`${method}\``, e.span);
    return bad(e.span);
  }
  return withNames(f, [['it', type]], e.span, (inner) => fit(inner, checkValue(inner, e, want)));
}

function namesFunction(f: FnContext, e: Expr): boolean {
  if (e.kind === 'selector') {
    const value = f.program.attempt(e.span, () => checkValue(f, e));
    return value !== undefined && types.unalias(value.type).kind === 'fn';
  }
  if (e.kind !== 'ident') return false;
  const binding = f.scope.find(e.name);
  if (binding) return types.unalias(binding.local.type).kind === 'fn';
  return f.program.functions.has(e.name);
}

/** `sort()`, `sort(a < b)`, `sort(|x, y| x.n < y.n)`, `sort_with_compare(f)`. */
function orderFunction(f: FnContext, e: CallExpr, t: Any): TExpr | undefined {
  const { span } = e;
  const [arg] = e.args;
  const lambda = arg?.value.kind === 'lambda' ? arg.value : undefined;
  const [x = 'a', y = 'b'] = lambda?.params ?? [];
  const names = [
    [x, t.element],
    [y, t.element],
  ] as const;
  return withNames(f, names, span, (inner) => {
    if (arg) {
      const value = checkValue(inner, lambda ? lambda.body : arg.value, types.bool);
      return coerceOr(
        inner,
        value,
        types.bool,
        () => '`.sort()` can only use `<` or `>` comparison',
      );
    }
    const [a, b] = [inner.scope.find('a'), inner.scope.find('b')];
    if (!a || !b) return bad(span);
    return infixOf(inner, '<', localRef(a.local, span), localRef(b.local, span), span, span);
  });
}

/** `a.prepend(x)`, `a.insert(i, x)`: x is an element, an array of them, or a struct's fields. */
const inserter =
  (name: 'insert' | 'prepend'): Method =>
  (f, e, callee, _value, t) => {
    const { span } = e;
    const at = name === 'insert' ? 1 : 0;
    const named = e.args.slice(at).some((a) => a.name !== undefined);
    if (!named && e.args.length !== at + 1) {
      for (const a of e.args) checkValue(f, a.value);
      const wanted =
        at === 1 ? '2 arguments, e.g. `insert(1, val)`' : '1 argument, e.g. `prepend(val)`';
      f.error(`\`array.${name}()\` should have ${wanted}`, span);
      return bad(span);
    }
    const position = at === 1 ? insertPosition(f, e) : undefined;
    const item = named ? shortStruct(f, e, at, t) : insertedItem(f, e, at, t, name);
    const place = usedPlace(f, callee.value);
    if (!item || !place || (at === 1 && !position)) return bad(span);
    const many = types.unalias(item.type).kind === 'array' && item.type !== t.element;
    return {
      kind: 'mutate',
      place: throughReferences(place, span),
      module: 'v_array',
      name: many ? `${name}_many` : name,
      args: position ? [position, item] : [item],
      type: types.voidType,
      span,
    };
  };

function insertPosition(f: FnContext, e: CallExpr): TExpr | undefined {
  const arg = e.args[0];
  const value = arg && settle(checkValue(f, arg.value, types.intType));
  if (value && (types.unalias(value.type) === types.intType || value.type === types.errorType))
    return value;
  f.error('the first argument of `array.insert()` should be integer', arg?.value.span ?? e.span);
  return undefined;
}

function insertedItem(
  f: FnContext,
  e: CallExpr,
  at: number,
  t: Any,
  name: string,
): TExpr | undefined {
  const arg = e.args[at];
  if (!arg) return undefined;
  const whole = types.arrayOf(t.element);
  const isNested = types.unalias(t.element).kind === 'array';
  const isList = arg.value.kind === 'arrayLiteral' && !isNested;
  const value = checkValue(f, arg.value, isList ? whole : t.element);
  if (value.type === types.errorType) return undefined;
  const item = coerce(f, value, t.element) ?? coerce(f, deref(value), t.element);
  const fitted = item ?? coerce(f, deref(value), whole);
  if (!fitted)
    f.error(`cannot ${name} \`${value.type.name}\` to \`${whole.name}\``, arg.value.span);
  return fitted;
}

/** `a.prepend(name: 'x')` */
function shortStruct(f: FnContext, e: CallExpr, at: number, t: Any): TExpr | undefined {
  const target = types.unalias(t.element);
  if (target.kind !== 'struct') {
    f.error(`cannot use named arguments for an element of type \`${t.element.name}\``, e.span);
    return undefined;
  }
  const fields = e.args
    .slice(at)
    .map((a) => ({ name: a.name ?? '', value: a.value, span: a.span }));
  return structOf(f, t.element, target, fields, undefined, e.span);
}

const sortInPlace: Method = (f, e, callee, _value, t) => {
  const order = orderFunction(f, e, t);
  const place = usedPlace(f, callee.value);
  if (!order || !place) {
    if (!place) f.error('cannot sort an expression, store it in a variable first', e.span);
    return bad(e.span);
  }
  const target = throughReferences(place, e.span);
  return {
    kind: 'mutate',
    place: target,
    module: 'v_array',
    name: 'sort',
    args: [order],
    type: types.voidType,
    span: e.span,
  };
};

const sorted: Method = (f, e, _callee, value, t) => {
  const order = orderFunction(f, e, t);
  return order ? runtime('v_array', 'sort', [value, order], same(t), e.span) : bad(e.span);
};

/** V's comparison functions take references; ours get the values through them. */
const sortWith =
  (mutating: boolean): Method =>
  (f, e, callee, value, t) => {
    const reference = types.refOf(t.element);
    const param = { name: '', type: reference, mut: false, variadic: false };
    const want = types.fnOf([param, param], types.intType);
    const fun = e.args[0] && checkValue(f, e.args[0].value, want);
    const place = mutating ? usedPlace(f, callee.value) : undefined;
    const ft = fun && types.unalias(fun.type);
    if (!fun || ft?.kind !== 'fn' || ft.params.length !== 2) {
      f.error('`sort_with_compare` needs a function of two elements', e.span);
      return bad(e.span);
    }
    const byReference = ft.params.every((p) => types.unalias(p.type).kind === 'ref');
    const name = byReference ? 'sort_compare_ref' : 'sort_compare';
    if (!mutating) return runtime('v_array', name, [value, fun], same(t), e.span);
    if (!place) return bad(e.span);
    const target = throughReferences(place, e.span);
    return {
      kind: 'mutate',
      place: target,
      module: 'v_array',
      name,
      args: [fun],
      type: types.voidType,
      span: e.span,
    };
  };

const contains: Method = (f, e, callee, value, t) => {
  const args = checkRowArgs(f, e, callee, [t.element]);
  if (!args) return bad(e.span);
  return runtime(
    'v_array',
    'contains',
    [value, ...args, equalityFun(f.program, t.element, e.span)],
    types.bool,
    e.span,
  );
};

const search =
  (name: string): Method =>
  (f, e, callee, value, t) => {
    const args = checkRowArgs(f, e, callee, [t.element]);
    if (!args) return bad(e.span);
    return runtime(
      'v_array',
      name,
      [value, ...args, equalityFun(f.program, t.element, e.span)],
      types.intType,
      e.span,
    );
  };

const join: Method = (f, e, callee, value, t) => {
  const args = checkRowArgs(f, e, callee, [types.string]);
  if (!args) return bad(e.span);
  const texts = types.unalias(t.element) === types.string;
  if (!texts) {
    const shown = withNames(f, [['it', t.element]], e.span, (inner) => {
      const it = inner.scope.find('it');
      return it ? strCall(inner, localRef(it.local, e.span)) : bad(e.span);
    });
    const mapped = runtime('v_array', 'map', [value, shown], types.arrayOf(types.string), e.span);
    return runtime('v_array', 'join', [mapped, ...args], types.string, e.span);
  }
  return runtime('v_array', 'join', [value, ...args], types.string, e.span);
};

/** `a.get(i)`: an option of the element; of an array of options, the element itself or none. */
const get: Method = (f, e, callee, value, t) => {
  const args = checkRowArgs(f, e, callee, [types.intType]);
  if (!args) return bad(e.span);
  const isOption = types.unalias(t.element).kind === 'option';
  const result = isOption ? t.element : types.optionOf(t.element);
  return runtime('v_array', isOption ? 'find_option' : 'find', [value, ...args], result, e.span);
};

/** A method that puts zero values into its receiver. */
function zeroed(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  t: Any,
  name: string,
  params: readonly Type[],
): TExpr {
  const args = checkRowArgs(f, e, callee, params);
  const place = usedPlace(f, callee.value);
  if (!args || !place) return bad(e.span);
  return {
    kind: 'mutate',
    place: throughReferences(place, e.span),
    module: 'v_array',
    name,
    args: [...args, zeroValue(f, t.element, e.span)],
    type: types.voidType,
    span: e.span,
  };
}

/** Methods of arrays of one kind of element. */
const methodsOf: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  string: {
    join_lines: reader('join_lines', () => types.string),
    sort_ignore_case: changer('sort_ignore_case'),
    sort_by_len: changer('sort_by_len'),
  },
  u8: {
    bytestr: reader('bytestr', () => types.string),
    hex: reader('hex', () => types.string),
    byterune: reader('byterune', () => types.resultOf(types.rune)),
    utf8_to_utf32: reader('byterune', () => types.resultOf(types.rune)),
  },
  rune: { string: reader('runes_to_string', () => types.string) },
};

const methods: Readonly<Record<string, Method>> = {
  map: withIt('map', (_t, inner) => types.arrayOf(inner)),
  filter: withIt('filter', same, types.bool),
  any: withIt('any', () => types.bool, types.bool),
  all: withIt('all', () => types.bool, types.bool),
  count: withIt('count', () => types.intType, types.bool),
  sort: sortInPlace,
  sorted,
  sort_with_compare: sortWith(true),
  sorted_with_compare: sortWith(false),
  contains,
  index: search('index'),
  last_index: search('last_index'),
  get,
  join,
  first: reader('first', element),
  last: reader('last', element),
  clone: (f, e, callee, value) => (checkRowArgs(f, e, callee, []) ? value : bad(e.span)),
  reverse: reader('reverse', same),
  repeat: reader('repeat', same, index),
  equals: (f, e, callee, value, t) => {
    const args = checkRowArgs(f, e, callee, [value.type]);
    return args
      ? runtime(
          'v_array',
          'equal',
          [value, ...args, equalityFun(f.program, t.element, e.span)],
          types.bool,
          e.span,
        )
      : bad(e.span);
  },
  pop: changer('pop', () => [], element),
  pop_left: changer('pop_left', () => [], element),
  delete: changer('delete', index),
  delete_last: changer('delete_last'),
  delete_many: changer('delete_many', () => [types.intType, types.intType]),
  drop: changer('drop', index),
  clear: changer('clear'),
  trim: changer('trim', index),
  reset: (f, e, callee, _value, t) => zeroed(f, e, callee, t, 'reset', []),
  grow_len: (f, e, callee, _value, t) => zeroed(f, e, callee, t, 'grow', [types.intType]),
  free: (f, e, callee) =>
    checkRowArgs(f, e, callee, [])
      ? { kind: 'atom', name: 'ok', type: types.voidType, span: e.span }
      : bad(e.span),
  insert: inserter('insert'),
  prepend: inserter('prepend'),
  push_many: changer('push_many', (t) => [types.arrayOf(t.element), types.intType]),
  reverse_in_place: changer('reverse'),
  swap: changer('swap', () => [types.intType, types.intType]),
  grow_cap: changer('reserve', index),
  ensure_cap: changer('reserve', index),
  clone_to_depth: reader('first_of', same, index),
  repeat_to_depth: reader('repeat', same, () => [types.intType, types.intType]),
  pointers: (f, e, callee, value, t) => {
    if (!checkRowArgs(f, e, callee, [])) return bad(e.span);
    f.program.recast.push(t.element);
    const whole = referenceOf(value, types.refOf(value.type));
    return runtime('v_ref', 'elements', [whole], types.arrayOf(types.voidptr), e.span);
  },
  to_fixed_size: (f, e, callee, value, t) => {
    if (!checkRowArgs(f, e, callee, [])) return bad(e.span);
    if (value.kind === 'array')
      return { ...value, type: types.fixedOf(value.elements.length, t.element) };
    f.error('`to_fixed_size()` can only be called on an array literal', e.span);
    return bad(e.span);
  },
};

export function arrayMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  t: Any,
  _expected: Type | undefined,
): TExpr | undefined {
  const thread = types.unalias(t.element);
  if (thread.kind === 'thread' && callee.name === 'wait')
    return waitForAll(f, e, callee, value, thread);
  const special = methodsOf[types.unalias(t.element).name];
  const method =
    special && Object.hasOwn(special, callee.name)
      ? special[callee.name]
      : Object.hasOwn(methods, callee.name)
        ? methods[callee.name]
        : undefined;
  return method?.(f, e, callee, value, t);
}

export { coerce };
