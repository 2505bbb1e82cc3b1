// Automatic `==`: values whose Erlang terms are equal exactly when V says so are compared at once,
// the rest by a function made for the type.

import type { Span } from '../source.ts';
import type { FnInstance, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { plainBox } from './boxes.ts';
import type { FnContext } from './context.ts';
import { runtime } from './expressions.ts';
import { mangle, methodCall } from './functions.ts';
import { boxedTypes, implementsInterface } from './interfaces.ts';
import { findMethod } from './members.ts';
import type { Program } from './program.ts';

/** True when Erlang's `=:=` on the two terms is V's `==`. */
function comparesAsTerm(p: Program, type: Type, seen: Set<Type> = new Set()): boolean {
  const t = types.unalias(type);
  if (seen.has(t)) return true;
  seen.add(t);
  switch (t.kind) {
    case 'float':
    case 'map':
    case 'interface':
      return false;
    case 'ref':
      // Inside a value references are compared as addresses.
      return true;
    case 'array':
    case 'fixed':
      return comparesAsTerm(p, t.element, seen);
    case 'option':
    case 'result':
      // An option may carry an error, which does not make it differ from `none`.
      return false;
    case 'struct':
      return !findMethod(p, t, '==') && t.fields.every((x) => comparesAsTerm(p, x.type, seen));
    case 'sum':
      return t.variants.every((x) => comparesAsTerm(p, x, seen));
    default:
      return true;
  }
}

/** `p == q` on references to these compares what they lead to, on others the addresses. */
function comparesTarget(type: types.WrapType): boolean {
  const kinds: readonly Type['kind'][] = ['array', 'fixed', 'map', 'struct', 'sum', 'interface'];
  return kinds.includes(types.unalias(type.inner).kind) || type.inner.kind === 'alias';
}

export function equalityOf(f: FnContext, left: TExpr, right: TExpr, span: Span): TExpr {
  const type = types.unalias(left.type);
  if (type.kind === 'ref' && comparesTarget(type)) {
    const target = comparer(f.program, types.unalias(type.inner), span);
    return runtime('v_ref', 'equal', [left, right, target], types.bool, span);
  }
  const simple = type.kind === 'float' || comparesAsTerm(f.program, type);
  if (simple) return { kind: 'compare', op: '==', left, right, type: types.bool, span };
  const fn = equalityFunction(f.program, type, span);
  const args = [left, right].map((value) => ({ kind: 'value', value }) as const);
  return { kind: 'call', fn, args, type: types.bool, span };
}

function equalityFunction(p: Program, type: Type, span: Span): FnInstance {
  const key = `== ${type.name}`;
  const known = p.instances.get(key);
  if (known) return known;
  const params = [p.newLocal('a', type, span), p.newLocal('b', type, span)];
  const instance: FnInstance = {
    name: mangle(key),
    displayName: key,
    params,
    outs: [],
    result: types.bool,
    span,
    body: undefined,
  };
  p.instances.set(key, instance);
  const make = (): void => {
    instance.body = equalityBody(p, type, params as unknown as Two, span);
  };
  make();
  // What an interface holds is known when all bodies are checked.
  if (type.kind === 'interface') p.lateBodies.push(make);
  return instance;
}

type Two = readonly [FnInstance['params'][0], FnInstance['params'][0]];

function equalityBody(p: Program, type: Type, [a, b]: Two, span: Span): TBlock {
  const left: TExpr = { kind: 'local', local: a, type, span };
  const right: TExpr = { kind: 'local', local: b, type, span };
  const value = equalityValue(p, type, left, right, span);
  return { stmts: [{ kind: 'return', value, span }], value: undefined };
}

/** A function value that compares two elements, for the runtime's array and map comparison. */
function comparer(p: Program, type: Type, span: Span): TExpr {
  const fn = equalityFunction(p, type, span);
  return { kind: 'fnRef', fn, type: types.voidType, span };
}

function equalityValue(p: Program, type: Type, left: TExpr, right: TExpr, span: Span): TExpr {
  const rt = (module: string, name: string, args: readonly TExpr[]): TExpr =>
    runtime(module, name, args, types.bool, span);
  const part = (t: Type, x: TExpr, y: TExpr): TExpr => {
    const base = types.unalias(t);
    if (base.kind === 'float' || comparesAsTerm(p, base)) {
      return { kind: 'compare', op: '==', left: x, right: y, type: types.bool, span };
    }
    // An option of a reference is compared by address inside a value, as a reference is.
    if (base.kind === 'option' && types.unalias(base.inner).kind === 'ref')
      return rt('v_rt', 'same_option', [x, y]);
    const fn = equalityFunction(p, base, span);
    const args = [x, y].map((value) => ({ kind: 'value', value }) as const);
    return { kind: 'call', fn, args, type: types.bool, span };
  };
  switch (type.kind) {
    case 'array':
    case 'fixed':
      return rt('v_array', 'equal', [left, right, comparer(p, types.unalias(type.element), span)]);
    case 'map':
      return rt('v_map', 'equal', [left, right, comparer(p, types.unalias(type.value), span)]);
    case 'struct': {
      const own = findMethod(p, type, '==');
      if (own) {
        const operands = [left, right].map((x, i) => referred(x, own.params[i]?.type));
        return methodCall(p, own, operands, span);
      }
      const read = (value: TExpr, index: number, t: Type): TExpr => ({
        kind: 'field',
        value,
        index,
        type: t,
        span,
      });
      const same: TExpr = { kind: 'bool', value: true, type: types.bool, span };
      if (type.fields.length === 0) return same;
      return type.fields
        .map((x, i) => part(x.type, read(left, i, x.type), read(right, i, x.type)))
        .reduce(
          (x, y): TExpr => ({ kind: 'logic', op: '&&', left: x, right: y, type: types.bool, span }),
        );
    }
    case 'sum':
      return rt('v_rt', 'equal_tagged', [left, right, comparers(p, type.variants, span)]);
    case 'interface': {
      // What a box holds counts, not whether it holds it or a reference to it.
      const held = boxedTypes(p).filter((t) => implementsInterface(p, t, type) === undefined);
      const plain = [...new Set(held.map((t) => (t.kind === 'ref' ? t.inner : t)))];
      const sides = [left, right].map((x) => plainBox(p, type, x));
      return rt('v_rt', 'equal_tagged', [...sides, comparers(p, plain, span)]);
    }
    case 'ref':
      return rt('v_ref', 'equal', [left, right, comparer(p, types.unalias(type.inner), span)]);
    case 'option':
    case 'result':
      return rt('v_rt', 'equal_wrapped', [
        left,
        right,
        comparer(p, types.unalias(type.inner), span),
      ]);
    default:
      return { kind: 'compare', op: '==', left, right, type: types.bool, span };
  }
}

/** Rows `{Tag, Comparer}` of the types that a sum type or interface value can hold. */
function comparers(p: Program, list: readonly Type[], span: Span): TExpr {
  const values = list.map((t): TExpr => {
    const tag: TExpr = { kind: 'atom', name: t.name, type: types.noneType, span };
    const row = [tag, comparer(p, types.unalias(t), span)];
    return { kind: 'tuple', values: row, type: types.voidType, span };
  });
  return { kind: 'list', values, type: types.voidType, span };
}

/** A value as the parameter of an operator wants it, which may be a reference. */
function referred(value: TExpr, wanted: Type | undefined): TExpr {
  const isRef = wanted !== undefined && types.unalias(wanted).kind === 'ref';
  if (!isRef || types.unalias(value.type).kind === 'ref') return value;
  return { kind: 'newCell', value, type: wanted, span: value.span };
}

/** Erlang's own comparison of the two terms is V's `==`. */
export function isPlainTerm(p: Program, type: Type): boolean {
  return comparesAsTerm(p, type);
}

/** A function of two values of this type that says whether they are equal. */
export function equalityFun(p: Program, type: Type, span: Span): TExpr {
  return comparer(p, types.unalias(type), span);
}
