// `sizeof`, `isreftype`, `__offsetof` and the members of `typeof(x)`.

import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { FnInstance, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { comptimeType, typeofType } from './comptime_types.ts';
import type { FnContext } from './context.ts';
import { bad, checkExpr, deref, intConst, localRef, stringConst } from './expressions.ts';
import { mangle } from './functions.ts';
import { boxedTypes } from './interfaces.ts';
import { isReferenceType, layoutOf, offsetOf } from './layout.ts';
import type { Program } from './program.ts';
import { byTag, typeMember, typeNumber } from './type_facts.ts';

/** `sizeof(x)` and `isreftype(x)` of a value or a type. */
export function checkLayoutQuery(f: FnContext, e: Expr): TExpr {
  if (e.kind !== 'sizeof' && e.kind !== 'isreftype') return bad(e.span);
  const type = comptimeType(f, e.value) ?? checkExpr(f, e.value).type;
  if (e.kind === 'sizeof') return intConst(layoutOf(type).size, e.span, types.u32);
  return { kind: 'bool', value: isReferenceType(type), type: types.bool, span: e.span };
}

export function checkOffsetof(f: FnContext, e: Expr & { kind: 'offsetof' }): TExpr {
  const { span } = e;
  const t = types.unalias(f.resolve(e.type));
  const offset = t.kind === 'struct' ? offsetOf(t, e.field) : undefined;
  if (offset !== undefined) return intConst(offset, span, types.u32);
  if (t.kind === 'struct') f.error(`struct \`${t.name}\` has no field called \`${e.field}\``, span);
  else if (t !== types.errorType) f.error('first argument of `__offsetof` must be struct', span);
  return bad(span);
}

/** `typeof(x)` alone is the type's name; of a sum type's value, the name of what it holds. */
export function checkTypeof(f: FnContext, e: Expr, span: Span): TExpr {
  const type = typeofType(f, e);
  const sum = types.strip(type);
  if (sum.kind === 'sum' && comptimeType(f, e) === undefined) return heldTypeName(f, e, sum, span);
  if (e.kind === 'ident') {
    const parameter = f.scope.find(e.name)?.local;
    if (parameter && f.variadic === parameter && type.kind === 'array')
      return text(`...${type.element.name}`, span);
  }
  return text(type.name, span);
}

function text(name: string, span: Span): TExpr {
  return stringConst(Buffer.from(name).toString('latin1'), span);
}

function heldTypeName(f: FnContext, e: Expr, sum: types.SumType, span: Span): TExpr {
  const value = deref(checkExpr(f, e));
  const local = f.temporary('subject', value.type, span);
  const unknown = text(sum.name, span);
  const subject = localRef(local, span);
  const shown = byTag(sum.variants, subject, unknown, (t) => text(t.name, span));
  const stmts: TStmt[] = [{ kind: 'let', local, value, span }];
  return { kind: 'block', body: { stmts, value: shown }, type: types.string, span };
}

/**
 * `x.type_name()` and `x.type_idx()` of a sum type's or interface's value: what it holds. The
 * types that an interface can hold are known when everything has been checked.
 */
export function heldTypeQuery(f: FnContext, value: TExpr, name: string): TExpr | undefined {
  const base = types.unalias(value.type);
  if (name !== 'type_name' && name !== 'type_idx') return undefined;
  if (base.kind !== 'sum' && base.kind !== 'interface') return undefined;
  const p = f.program;
  const { span } = value;
  const isName = name === 'type_name';
  const fn = madeFunction(p, `${name} ${base.name}`, base, isName ? types.string : types.intType);
  const [param] = fn.params as [FnInstance['params'][0]];
  const make = (): void => {
    const held = base.kind === 'sum' ? base.variants : boxedTypes(p);
    const answer = (t: Type): TExpr =>
      isName ? text(types.strip(t).name, span) : intConst(typeNumber(p, t), span);
    const unknown = isName ? text('unknown', span) : intConst(0, span);
    const shown = byTag(held, localRef(param, span), unknown, answer);
    fn.body = { stmts: [{ kind: 'return', value: shown, span }], value: undefined };
  };
  if (!fn.body) {
    make();
    if (base.kind === 'interface') p.lateBodies.push(make);
  }
  return { kind: 'call', fn, args: [{ kind: 'value', value }], type: fn.result, span };
}

function madeFunction(p: Program, key: string, of: Type, result: Type): FnInstance {
  const known = p.instances.get(key);
  if (known) return known;
  const span = { start: 0, end: 0 };
  const params = [p.newLocal('value', of, span)];
  const name = mangle(key);
  const made = { name, displayName: key, params, outs: [], result, span, body: undefined };
  p.instances.set(key, made);
  return made;
}

/** `typeof(x).idx` and the like. */
export function checkTypeMember(
  f: FnContext,
  e: Expr & { kind: 'selector' },
  subject: Type,
): TExpr {
  if (subject === types.errorType) return bad(e.span);
  const member = typeMember(f.program, subject, e.name, e.span);
  if (member) return member;
  f.error(`unknown field \`.${e.name}\` for type \`${subject.name}\``, e.span);
  return bad(e.span);
}
