// `obj.method` without a call: a function value that holds its receiver. A method that changes its
// receiver, or keeps a reference to it, holds the cell that the receiver lives in.

import type { Span } from '../source.ts';
import type { Arg, FnInstance, Place, TBlock, TExpr } from '../typed.ts';
import type { Field, FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { deref, localRef, readPath } from './expressions.ts';
import { instanceOf } from './functions.ts';
import { dispatcherFor } from './interfaces.ts';
import { type FoundMethod, findMethod } from './members.ts';
import { throughReferences } from './places.ts';
import { referenceOf } from './references.ts';

/** The method of this name as a value; undefined when the receiver has none. */
export function methodValue(
  f: FnContext,
  name: string,
  receiver: TExpr,
  span: Span,
): TExpr | undefined {
  const base = types.strip(receiver.type);
  if (base.kind === 'interface') {
    const method = base.methods.find((m) => m.name === name);
    if (method) {
      const fn = dispatcherFor(f.program, base, method);
      return bound(f, { fn, params: method.type.params, path: [] }, receiver, span);
    }
  }
  const found = findMethod(f.program, receiver.type, name);
  if (!found || isGeneric(found)) return undefined;
  const fn = instanceOf(f.program, found.symbol, found.bindings, found.owner);
  return bound(f, { fn, params: found.params.slice(1), path: found.path }, receiver, span);
}

function isGeneric(found: FoundMethod): boolean {
  return found.params.length === 0;
}

interface Method {
  readonly fn: FnInstance;
  readonly params: readonly FnParam[];
  readonly path: readonly Field[];
}

function bound(f: FnContext, method: Method, receiver: TExpr, span: Span): TExpr {
  const { fn, params: rest } = method;
  const keepsReference = types.unalias(fn.params[0]?.type ?? receiver.type).kind === 'ref';
  const shared = keepsReference || fn.outs.includes(0);
  const kept = shared ? cellOf(receiver) : deref(receiver);
  const held = f.temporary('receiver', kept.type, span);
  const params = rest.map((p) => f.program.newLocal(p.name || '_', p.type, span, p.mut));
  const outs = params.flatMap((_, i) => (fn.outs.includes(i + 1) ? [i] : []));
  const args = params.map(
    (local, i): Arg =>
      outs.includes(i)
        ? { kind: 'mut', place: { kind: 'local', local, type: local.type } }
        : { kind: 'value', value: localRef(local, span) },
  );
  const self = selfArg(localRef(held, span), method, keepsReference, span);
  const call: TExpr = { kind: 'call', fn, args: [self, ...args], type: fn.result, span };
  const body: TBlock = { stmts: [{ kind: 'return', value: call, span }], value: undefined };
  const type: Type = types.fnOf(rest, fn.result);
  const closure: TExpr = {
    kind: 'closure',
    params,
    outs,
    body,
    result: fn.result,
    captures: [],
    type,
    span,
  };
  const keep = { kind: 'let', local: held, value: kept, span } as const;
  return { kind: 'block', body: { stmts: [keep], value: closure }, type, span };
}

/** A reference to the receiver: the one it is, one to the variable, or one to a copy. */
function cellOf(receiver: TExpr): TExpr {
  if (types.unalias(receiver.type).kind === 'ref') return receiver;
  return referenceOf(receiver, types.refOf(receiver.type));
}

function selfArg(held: TExpr, method: Method, keepsReference: boolean, span: Span): Arg {
  const { fn, path } = method;
  if (!fn.outs.includes(0)) {
    const value = path.length > 0 ? readPath(deref(held), path, span) : held;
    if (!keepsReference) return { kind: 'value', value: deref(value) };
    const wanted = fn.params[0]?.type ?? value.type;
    if (types.unalias(value.type).kind === 'ref')
      return { kind: 'value', value: { ...value, type: wanted } as TExpr };
    return { kind: 'value', value: { kind: 'newCell', value, type: wanted, span } };
  }
  const t = types.unalias(held.type);
  let place: Place = throughReferences(
    { kind: 'target', reference: held, type: t.kind === 'ref' ? t.inner : held.type, span },
    span,
  );
  for (const field of path) {
    const owner = types.strip(place.type);
    const index = owner.kind === 'struct' ? owner.fields.indexOf(field) : 0;
    place = throughReferences({ kind: 'field', base: place, index, type: field.type }, span);
  }
  return { kind: 'mut', place };
}
