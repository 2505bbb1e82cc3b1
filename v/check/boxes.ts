// Functions over whatever an interface value holds. Which types that can be is known only when the
// whole program has been checked, so their bodies are made last.

import type { Span } from '../source.ts';
import type { FnInstance, Local, Place, SwitchCase, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Field, InterfaceType, Type } from '../types.ts';
import * as types from '../types.ts';
import { deref, intConst, localRef, readPath, runtime, stringConst } from './expressions.ts';
import { mangle } from './functions.ts';
import { boxedTypes, implementsInterface } from './interfaces.ts';
import { findField } from './members.ts';
import { throughReferences } from './places.ts';
import type { Program } from './program.ts';

interface Late {
  readonly key: string;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly body: (params: readonly Local[]) => TBlock;
}

function lateFunction(p: Program, late: Late, span: Span): FnInstance {
  const known = p.instances.get(late.key);
  if (known) return known;
  const params = late.params.map((t, i) => p.newLocal(`arg${i}`, t, span, true));
  const made: FnInstance = {
    name: mangle(late.key),
    displayName: late.key,
    params,
    outs: [],
    result: late.result,
    span,
    body: undefined,
  };
  p.instances.set(late.key, made);
  p.lateBodies.push(() => {
    made.body = late.body(params);
  });
  return made;
}

/** A choice by the type that an interface value holds; `row` leaves out types without a case. */
function byHeldType(
  p: Program,
  of: InterfaceType,
  value: TExpr,
  type: Type,
  row: (held: Type) => TBlock | undefined,
  otherwise: TBlock = nilValue(of, value.span),
): TExpr {
  const { span } = value;
  const cases: SwitchCase[] = [];
  for (const held of boxedTypes(p)) {
    const body = implementsInterface(p, held, of) === undefined ? row(held) : undefined;
    if (!body) continue;
    const tag: TExpr = { kind: 'atom', name: held.name, type: types.noneType, span };
    cases.push({ values: [tag], body });
  }
  const subject = runtime('erlang', 'element', [intConst(1, span), value], types.noneType, span);
  return { kind: 'switch', subject, cases, otherwise, type, span };
}

function nilValue(of: InterfaceType, span: Span): TBlock {
  const message = stringConst(`nil interface value: ${of.name}`, span);
  return { stmts: [], value: { kind: 'panic', message, type: types.never, span } };
}

function returning(value: TExpr): TBlock {
  return { stmts: [{ kind: 'return', value, span: value.span }], value: undefined };
}

function callOf(fn: FnInstance, values: readonly TExpr[], span: Span): TExpr {
  const args = values.map((value) => ({ kind: 'value', value }) as const);
  return { kind: 'call', fn, args, type: fn.result, span };
}

/** Does this type in a box count as `type`? A box can hold a value or a reference to one. */
function isHeldAs(held: Type, type: Type): boolean {
  return strippedOnce(held) === strippedOnce(type);
}

function strippedOnce(type: Type): Type {
  const t = types.unalias(type);
  return t.kind === 'ref' ? types.unalias(t.inner) : t;
}

function isReference(type: Type): boolean {
  return types.unalias(type).kind === 'ref';
}

// --- the value as its own type -------------------------------------------------------------------

function getter(p: Program, of: InterfaceType, type: Type, span: Span): FnInstance {
  const body = ([self]: readonly Local[]): TBlock => {
    const box = localRef(self as Local, span);
    return returning(
      byHeldType(p, of, box, type, (held) => {
        if (!isHeldAs(held, type)) return undefined;
        const payload: TExpr = { kind: 'unwrap', value: box, type: held, span };
        if (isReference(held) === isReference(type))
          return { stmts: [], value: { ...payload, type } as TExpr };
        const value: TExpr = isReference(held)
          ? ({ ...deref(payload), type } as TExpr)
          : { kind: 'newCell', value: payload, type, span };
        return { stmts: [], value };
      }),
    );
  };
  const key = `${of.name} as ${type.name}`;
  return lateFunction(p, { key, params: [of], result: type, body }, span);
}

function setter(p: Program, of: InterfaceType, type: Type, span: Span): FnInstance {
  const body = ([self, next]: readonly Local[]): TBlock => {
    const box = localRef(self as Local, span);
    const value = localRef(next as Local, span);
    return returning(
      byHeldType(p, of, box, of, (held) => {
        if (!isHeldAs(held, type)) return undefined;
        if (isReference(held) === isReference(type)) {
          const wrap = { kind: 'box', tag: held.name } as const;
          return { stmts: [], value: { kind: 'wrap', wrap, value, type: of, span } };
        }
        const reference: TExpr = { kind: 'unwrap', value: box, type: held, span };
        const place: Place = { kind: 'target', reference, type, span };
        return { stmts: [{ kind: 'assign', place, value, span }], value: box };
      }),
    );
  };
  const key = `${of.name} of ${type.name}`;
  return lateFunction(p, { key, params: [of, type], result: of, body }, span);
}

/** What an interface value known to hold a `type` holds. */
export function heldValue(
  p: Program,
  of: InterfaceType,
  type: Type,
  value: TExpr,
  span: Span,
): TExpr {
  return callOf(getter(p, of, type, span), [value], span);
}

export function heldPlace(
  p: Program,
  of: InterfaceType,
  type: Type,
  base: Place,
  span: Span,
): Place {
  const get = getter(p, of, type, span);
  const set = setter(p, of, type, span);
  return { kind: 'accessors', base, get, set, type };
}

/** The interface value with what its reference leads to instead of the reference. */
export function plainBox(p: Program, of: InterfaceType, value: TExpr): TExpr {
  const { span } = value;
  const row = (held: Type): TBlock | undefined => {
    if (held.kind !== 'ref') return undefined;
    const target = deref({ kind: 'unwrap', value, type: held, span });
    const wrap = { kind: 'box', tag: held.inner.name } as const;
    return { stmts: [], value: { kind: 'wrap', wrap, value: target, type: of, span } };
  };
  const nil: TExpr = { kind: 'atom', name: 'nil', type: of, span };
  const same: TBlock = { stmts: [], value };
  return {
    kind: 'if',
    condition: { kind: 'compare', op: '==', left: value, right: nil, type: types.bool, span },
    whenTrue: same,
    otherwise: { stmts: [], value: byHeldType(p, of, value, of, row, same) },
    type: of,
    span,
  };
}

// --- fields --------------------------------------------------------------------------------------

/** Reads a field that an interface requires of whatever value it holds. */
export function fieldGetter(p: Program, of: InterfaceType, field: Field, span: Span): FnInstance {
  const body = ([self]: readonly Local[]): TBlock => {
    const box = localRef(self as Local, span);
    return returning(
      byHeldType(p, of, box, field.type, (held) => {
        const found = findField(held, field.name);
        if (!found) return undefined;
        const payload: TExpr = { kind: 'unwrap', value: box, type: held, span };
        return { stmts: [], value: readPath(payload, found.path, span) };
      }),
    );
  };
  const key = `field ${of.name}.${field.name}`;
  return lateFunction(p, { key, params: [of], result: field.type, body }, span);
}

function fieldSetter(p: Program, of: InterfaceType, field: Field, span: Span): FnInstance {
  const body = ([self, next]: readonly Local[]): TBlock => {
    const local = self as Local;
    const value = localRef(next as Local, span);
    const box = localRef(local, span);
    const choice = byHeldType(p, of, box, types.voidType, (held) => {
      const found = findField(held, field.name);
      if (!found) return undefined;
      const wrap = { kind: 'box', tag: held.name } as const;
      const whole: Place = { kind: 'local', local, type: of };
      let place: Place = { kind: 'payload', base: whole, wrap, type: held };
      for (const step of found.path) {
        const base = throughReferences(place, span);
        const owner = types.unalias(base.type);
        const index = owner.kind === 'struct' ? owner.fields.indexOf(step) : 0;
        place = { kind: 'field', base, index, type: step.type };
      }
      return { stmts: [{ kind: 'assign', place, value, span }], value: undefined };
    });
    const stmts: TStmt[] = [
      { kind: 'expr', value: choice, span },
      { kind: 'return', value: box, span },
    ];
    return { stmts, value: undefined };
  };
  const key = `set field ${of.name}.${field.name}`;
  return lateFunction(p, { key, params: [of, field.type], result: of, body }, span);
}

/** The field of whatever an interface value holds, as something that can be assigned to. */
export function fieldPlace(
  p: Program,
  of: InterfaceType,
  field: Field,
  base: Place,
  span: Span,
): Place {
  const get = fieldGetter(p, of, field, span);
  const set = fieldSetter(p, of, field, span);
  return { kind: 'accessors', base, get, set, type: field.type };
}

// --- tests ---------------------------------------------------------------------------------------

/** `x is OtherInterface`: the type that x holds implements it. */
export function implementsTest(
  p: Program,
  of: InterfaceType,
  wanted: InterfaceType,
  value: TExpr,
  span: Span,
): TExpr {
  const truth = (v: boolean): TBlock => ({
    stmts: [],
    value: { kind: 'bool', value: v, type: types.bool, span },
  });
  const body = ([self]: readonly Local[]): TBlock =>
    returning(
      byHeldType(
        p,
        of,
        localRef(self as Local, span),
        types.bool,
        (held) => (implementsInterface(p, held, wanted) === undefined ? truth(true) : undefined),
        truth(false),
      ),
    );
  const key = `${of.name} is ${wanted.name}`;
  const fn = lateFunction(p, { key, params: [of], result: types.bool, body }, span);
  return callOf(fn, [value], span);
}
