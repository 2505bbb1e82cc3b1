// `$for field in T.fields { … }`: the body is checked once for each field, variant or enum value,
// with what is known about it in the loop's variable: `field.name`, `field.typ`, `x.$(field.name)`.

import type { Expr, ForInStmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr, TStmt } from '../typed.ts';
import type { Field, Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { bad, checkExpr, intConst, stringConst } from './expressions.ts';
import { typeNamed } from './names.ts';
import { checkBlock } from './statements.ts';

/** What a loop variable of `$for` stands for in one turn. */
export interface ComptimeItem {
  readonly name: string;
  readonly type: Type;
  readonly field: Field | undefined;
  readonly value: bigint | undefined;
}

export function checkComptimeFor(f: FnContext, s: ForInStmt): TStmt[] {
  const items = itemsOf(f, s.over);
  if (!items) return [];
  const { name } = s.value;
  const before = f.comptimeItems.get(name);
  const stmts = items.map((item): TStmt => {
    f.comptimeItems.set(name, item);
    const body = f.scoped(() => checkBlock(f, s.body));
    return { kind: 'block', body, span: s.span };
  });
  if (before) f.comptimeItems.set(name, before);
  else f.comptimeItems.delete(name);
  return stmts;
}

function itemsOf(f: FnContext, over: Expr): ComptimeItem[] | undefined {
  const type = over.kind === 'selector' ? comptimeTypeOf(f, over.value) : undefined;
  if (over.kind !== 'selector' || !type) {
    f.error('`$for` expects `T.fields`, `T.variants` or `T.values`', over.span);
    return undefined;
  }
  const t = types.strip(type);
  const none = { field: undefined, value: undefined };
  switch (over.name) {
    case 'fields':
      if (t.kind !== 'struct') return [];
      return t.fields.map((field) => ({ ...none, name: field.name, type: field.type, field }));
    case 'variants':
      if (t.kind !== 'sum') return [];
      return t.variants.map((v) => ({ ...none, name: v.name, type: v }));
    case 'values':
      if (t.kind !== 'enum') return [];
      return [...t.values].map(([name, value]) => ({ ...none, name, type, value }));
    default:
      f.program.unsupported(`\`$for\` over \`.${over.name}\``, over.span);
      return undefined;
  }
}

function comptimeTypeOf(f: FnContext, e: Expr): Type | undefined {
  const item = itemNamed(f, e);
  if (item) return item.type;
  if (e.kind === 'selector' && e.name === 'typ') return itemNamed(f, e.value)?.type;
  return typeNamed(f, e) ?? (e.kind === 'ident' ? f.scope.find(e.name)?.local.type : undefined);
}

/** The item that a name stands for, inside a `$for`. */
export function itemNamed(f: FnContext, e: Expr): ComptimeItem | undefined {
  if (e.kind !== 'ident') return undefined;
  for (let c: FnContext | undefined = f; c; c = c.outer) {
    const item = c.comptimeItems.get(e.name);
    if (item) return item;
  }
  return undefined;
}

/** `field.name`, `field.is_option` and so on; undefined when `e` is no such selector. */
export function itemProperty(f: FnContext, e: Expr & { kind: 'selector' }): TExpr | undefined {
  const item = itemNamed(f, e.value);
  if (!item) return undefined;
  const { span } = e;
  const t = types.unalias(item.type);
  const truth = itemTruth(item, e.name);
  if (truth !== undefined) return { kind: 'bool', value: truth, type: types.bool, span };
  switch (e.name) {
    case 'name':
      return stringConst(Buffer.from(item.name).toString('latin1'), span);
    case 'value':
      return item.value === undefined ? bad(span) : intConst(item.value, span, item.type);
    case 'attrs': {
      const names =
        item.field?.decl?.attributes.map((a) => (a.value ? `${a.name}: ${a.value}` : a.name)) ?? [];
      const elements = names.map((n) => stringConst(Buffer.from(n).toString('latin1'), span));
      return { kind: 'array', elements, type: types.arrayOf(types.string), span };
    }
    case 'indirections':
      return intConst(t.kind === 'ref' ? 1 : 0, span);
    default:
      f.program.unsupported(`\`.${e.name}\` of a \`$for\` variable`, span);
      return bad(span);
  }
}

/** The yes-or-no facts about an item. */
export function itemTruth(item: ComptimeItem, name: string): boolean | undefined {
  const t = types.unalias(item.type);
  const facts: Record<string, boolean> = {
    is_option: t.kind === 'option',
    is_array: t.kind === 'array' || t.kind === 'fixed',
    is_map: t.kind === 'map',
    is_chan: t.kind === 'chan',
    is_struct: t.kind === 'struct',
    is_enum: t.kind === 'enum',
    is_alias: item.type.kind === 'alias',
    is_shared: t.kind === 'shared',
    is_mut: item.field?.mut ?? false,
    is_pub: item.field?.decl?.public ?? false,
    is_embed: item.field?.embedded ?? false,
  };
  return Object.hasOwn(facts, name) ? facts[name] : undefined;
}

/** `value.$(field.name)`: the field as if it had been written out. */
export function comptimeField(f: FnContext, e: Expr & { kind: 'comptimeSelector' }): TExpr {
  const { span, member } = e;
  const item =
    member.kind === 'selector' && member.name === 'name' ? itemNamed(f, member.value) : undefined;
  if (!item?.field || e.call) {
    f.program.unsupported('this compile-time selector', span);
    return bad(span);
  }
  const name = item.field.name;
  return checkExpr(f, { kind: 'selector', value: e.value, name, nameSpan: span, span });
}

/** The written-out form of `value.$(field.name)`, for assignments. */
export function asSelector(f: FnContext, e: Expr & { kind: 'comptimeSelector' }): Expr | undefined {
  const { member, span } = e;
  const item =
    member.kind === 'selector' && member.name === 'name' ? itemNamed(f, member.value) : undefined;
  if (!item?.field) return undefined;
  return { kind: 'selector', value: e.value, name: item.field.name, nameSpan: span as Span, span };
}
