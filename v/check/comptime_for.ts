// `$for item in T.fields { … }`: the body is checked once for each field, method, parameter,
// variant, enum value or attribute (doc/docs.md, "Compile time reflection"). Inside,
// `x.$(field.name)` is the field and `x.$method(…)` the call, as if they had been written out.

import type { Argument, Attribute, Expr, FnDecl, ForInStmt } from '../ast.ts';
import type { TExpr, TStmt } from '../typed.ts';
import type { FnType, Type } from '../types.ts';
import * as types from '../types.ts';
import {
  attributeItem,
  type ComptimeItem,
  fieldItem,
  itemNamed,
  methodItem,
  paramItem,
  valueItem,
  variantItem,
} from './comptime_items.ts';
import { comptimeType } from './comptime_types.ts';
import { evaluate } from './const_eval.ts';
import type { FnContext } from './context.ts';
import { zeroValue } from './convert.ts';
import { bad, checkExpr } from './expressions.ts';
import { findMethod } from './members.ts';
import { baseName, type FnSymbol, type Program } from './program.ts';
import { checkBlock } from './statements.ts';

export function checkComptimeFor(f: FnContext, s: ForInStmt): TStmt[] {
  const { name, span } = s.value;
  return itemsOf(f, s.over).map((item): TStmt => {
    const outer = f.bindings;
    const method = f.method;
    if (item.signature) f.method = item;
    f.bindings = boundTypes(f, name, item);
    const body = f.scoped(() => {
      const local = f.temporary(name, item.record.type, span);
      f.scope.define(name, { local, view: { value: item.record, place: undefined }, item });
      return f.scoped(() => checkBlock(f, s.body));
    });
    f.bindings = outer;
    f.method = method;
    return { kind: 'block', body, span: s.span };
  });
}

/** Types are written with the variable's name, too: `v.typ(x)`, `x is v`, `[]field.typ{}`. */
function boundTypes(f: FnContext, name: string, item: ComptimeItem): FnContext['bindings'] {
  if (!item.type) return f.bindings;
  const bound = new Map([...f.bindings, [name, item.type]]);
  if (item.signature) bound.set(`${name}.return_type`, item.signature.result);
  return bound;
}

// --- what is looped over -------------------------------------------------------------------

interface Subject {
  readonly type: Type;
  /** Of a function. */
  readonly decl?: FnDecl | undefined;
}

function subjectOf(f: FnContext, e: Expr, depth = 0): Subject | undefined {
  const type = comptimeType(f, e);
  if (type) return { type };
  if (e.kind === 'ident') {
    const binding = f.scope.find(e.name);
    const initial = binding && f.program.initialValues.get(binding.local);
    const known = initial && depth < 10 ? subjectOf(f, initial, depth + 1) : undefined;
    if (binding)
      return known?.decl ? known : { type: binding.view?.value.type ?? binding.local.type };
    const fn = f.program.find(f.program.functions, e.name, e.span);
    if (fn?.params) return { type: functionType(f.program, fn), decl: fn.decl };
  }
  if (e.kind === 'selector') {
    const owner = comptimeType(f, e.value);
    const fn = owner && f.program.statics.get(`${baseName(owner)}.${e.name}`);
    if (fn?.params) return { type: functionType(f.program, fn), decl: fn.decl };
  }
  const value = checkExpr(f, e);
  return value.type === types.errorType ? undefined : { type: value.type };
}

/** The type of a declared function; its parameters' names are kept for `$for` over them. */
export function functionType(p: Program, fn: FnSymbol): FnType {
  const params = fn.params ?? [];
  const type = types.fnOf(params, fn.result ?? types.voidType);
  const names = params.map((param) => param.name);
  if (!p.paramNames.has(type)) p.paramNames.set(type, names);
  return type;
}

function itemsOf(f: FnContext, over: Expr): ComptimeItem[] {
  const subject = over.kind === 'selector' ? subjectOf(f, over.value) : undefined;
  if (over.kind !== 'selector') {
    f.error(
      'unknown kind of $for, available are: `.methods`, `.fields`, `.values`, `.variants`, ' +
        '`.attributes` or `.params`',
      over.span,
    );
    return [];
  }
  if (!subject) return [];
  const t = types.strip(subject.type);
  const p = f.program;
  const { span } = over;
  const wrong = (message: string): ComptimeItem[] => {
    if (t !== types.errorType) f.error(message, over.value.span);
    return [];
  };
  switch (over.name) {
    case 'fields':
      if (t.kind === 'struct' || t.kind === 'interface')
        return t.fields.map((field) => fieldItem(p, field, span));
      // A type parameter may stand for a type without fields.
      if (f.bindings.size > 0) return [];
      return wrong(
        `iterating over .fields is supported only for structs and interfaces, and ${t.name} ` +
          `is neither`,
      );
    case 'variants':
      if (t.kind === 'sum') return t.variants.map((v) => variantItem(p, v, span));
      return wrong(`${t.name} is not Sum type to use with .variants`);
    case 'values':
      if (t.kind === 'enum')
        return [...t.values.keys()].map((name) => valueItem(p, t, subject.type, name, span));
      return wrong(
        `iterating over .values is supported only for enums, and ${t.name} is not an enum`,
      );
    case 'params': {
      const names = subject.decl?.signature.params.map((x) => x.name) ?? p.paramNames.get(t);
      if (t.kind === 'fn')
        return t.params.map((x, i) => paramItem(p, { ...x, name: names?.[i] ?? x.name }, span));
      return wrong(
        `iterating over \`.params\` is supported only for functions, and \`${t.name}\` is not ` +
          `a function`,
      );
    }
    case 'methods':
      return methodsOf(f, subject.type).map(([decl, type]) => methodItem(p, decl, type, span));
    case 'attributes':
      return attributesOf(p, subject).map((a) => attributeItem(p, a, span));
    default:
      f.error(
        `unknown kind of $for, available are: \`.methods\`, \`.fields\`, \`.values\`, ` +
          `\`.variants\`, \`.attributes\` or \`.params\``,
        span,
      );
      return [];
  }
}

/** The methods of a type in the order of the source; an alias has those of its target, too. */
function methodsOf(f: FnContext, type: Type): [FnDecl, FnType][] {
  const found = new Map<string, [FnDecl, FnType]>();
  let t = type;
  for (let i = 0; i < 100; i++) {
    for (const name of f.program.methodsOf(t)?.keys() ?? []) {
      const method = findMethod(f.program, t, name);
      if (!method || found.has(name)) continue;
      const { decl } = method.symbol;
      const [, ...params] = method.params;
      found.set(name, [decl, types.fnOf(params, method.result)]);
    }
    if (t.kind === 'alias') t = t.target;
    else if (t.kind === 'ref' || t.kind === 'shared') t = t.inner;
    else break;
  }
  return [...found.values()];
}

function attributesOf(p: Program, subject: Subject): readonly Attribute[] {
  if (subject.decl) return subject.decl.attributes;
  const t = types.strip(subject.type);
  return p.namedDecls.get(baseName(t))?.attributes ?? [];
}

// --- selectors and calls -------------------------------------------------------------------

type ComptimeSelector = Expr & { kind: 'comptimeSelector' };

/** The name in `x.$(field.name)`, `x.$(name)` or `x.$method`. */
function memberName(f: FnContext, e: ComptimeSelector): string | undefined {
  const { member } = e;
  const item = itemNamed(f, member);
  if (item) return item.name;
  const method = member.kind === 'ident' && e.call ? methodAround(f) : undefined;
  if (method) return method.name;
  if (member.kind === 'selector' && member.name === 'name') {
    const named = itemNamed(f, member.value);
    if (named) return named.name;
  }
  const value = evaluate({ program: f.program, f }, member);
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : undefined;
}

function methodAround(f: FnContext): ComptimeItem | undefined {
  for (let c: FnContext | undefined = f; c; c = c.outer) if (c.method) return c.method;
  return undefined;
}

/** The written-out form of `value.$(field.name)`. */
export function asSelector(f: FnContext, e: ComptimeSelector): Expr | undefined {
  const name = memberName(f, e);
  if (name === undefined) {
    f.error('expected selector value in the form of `$(field.name)`', e.member.span);
    return undefined;
  }
  return { kind: 'selector', value: e.value, name, nameSpan: e.span, span: e.span };
}

export function checkComptimeSelector(
  f: FnContext,
  e: ComptimeSelector,
  expected: Type | undefined,
): TExpr {
  const callee = asSelector(f, e);
  if (callee?.kind !== 'selector') return bad(e.span);
  f.open = callee;
  if (!e.call) return checkExpr(f, callee, expected);
  const owner = checkExpr(f, e.value);
  const method = findMethod(f.program, owner.type, callee.name);
  const params = method?.symbol.decl.signature.params ?? [];
  const variadic = params[params.length - 1]?.variadic ?? false;
  const args = method && !variadic ? expandSpread(f, e.call, method.params.slice(1)) : e.call;
  // V leaves out calls whose number of arguments does not fit the method of this turn.
  if (method && !variadic && args.length !== params.length)
    return method.result === types.voidType
      ? { kind: 'block', body: { stmts: [], value: undefined }, type: types.voidType, span: e.span }
      : zeroValue(f, method.result, e.span);
  const before = f.writable;
  f.writable = e.value;
  const call = checkExpr(f, { kind: 'call', callee, typeArgs: [], args, span: e.span }, expected);
  f.writable = before;
  return call;
}

/** `x.$method(...list)`: one argument for each parameter; strings become numbers and booleans. */
function expandSpread(
  f: FnContext,
  args: readonly Argument[],
  params: readonly types.FnParam[],
): readonly Argument[] {
  const last = args[args.length - 1];
  if (!last?.spread) return args;
  const list = types.unalias(checkExpr(f, last.value).type);
  const element = list.kind === 'array' ? list.element : undefined;
  const plain = args.slice(0, -1);
  const rest = params.slice(plain.length).map((p, i): Argument => {
    const { span } = last;
    const index = { kind: 'number', text: String(i), span } as const;
    const item: Expr = { kind: 'index', value: last.value, index, gated: false, span };
    const t = types.unalias(p.type);
    const converts =
      element === types.string && (t.kind === 'int' || t.kind === 'float' || t === types.bool);
    const callee = { kind: 'selector', value: item, name: t.name, nameSpan: span, span } as const;
    const value: Expr = converts ? { kind: 'call', callee, typeArgs: [], args: [], span } : item;
    return { mut: false, shared: false, spread: false, name: undefined, value, span };
  });
  return [...plain, ...rest];
}
