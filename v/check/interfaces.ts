// Interfaces: which types implement them, and the functions that call a method of whatever an
// interface holds.

import type { Span } from '../source.ts';
import type { Arg, FnInstance, Place, SwitchCase, TExpr, TStmt } from '../typed.ts';
import type { InterfaceMethod, InterfaceType, Type } from '../types.ts';
import * as types from '../types.ts';
import { deref } from './expressions.ts';
import { instanceOf } from './functions.ts';
import { findField, findMethod } from './members.ts';
import type { Program } from './program.ts';
import { textOf } from './str.ts';

/** Undefined when `type` implements `target`, else V's words for what is missing. */
export function implementsInterface(
  p: Program,
  type: Type,
  target: InterfaceType,
): string | undefined {
  if (type === target) return undefined;
  const base = types.strip(type);
  if (base.kind === 'interface') return interfaceCovers(base, target);
  for (const wanted of target.methods) {
    const found = findMethod(p, type, wanted.name);
    if (!found && isAutomaticStr(wanted)) continue;
    if (!found)
      return (
        `\`${base.name}\` doesn't implement method \`${wanted.name}\` of ` +
        `interface \`${target.name}\``
      );
    const problem = signatureProblem(found.params.slice(1), found.result, wanted);
    if (problem) {
      return (
        `\`${base.name}\` incorrectly implements method \`${wanted.name}\` of ` +
        `interface \`${target.name}\`: ${problem}`
      );
    }
  }
  for (const wanted of target.fields) {
    const found = findField(base, wanted.name);
    if (!found)
      return (
        `\`${base.name}\` doesn't implement field \`${wanted.name}\` of ` +
        `interface \`${target.name}\``
      );
    if (found.type !== wanted.type) {
      return (
        `\`${base.name}\` incorrectly implements field \`${wanted.name}\` of ` +
        `interface \`${target.name}\`, expected \`${wanted.type.name}\`, got \`${found.type.name}\``
      );
    }
  }
  return undefined;
}

/** Every type has `str() string`. */
function isAutomaticStr(wanted: InterfaceMethod): boolean {
  const { params, result } = wanted.type;
  return wanted.name === 'str' && params.length === 0 && result === types.string;
}

function interfaceCovers(from: InterfaceType, target: InterfaceType): string | undefined {
  for (const wanted of target.methods) {
    if (from.methods.some((m) => m.name === wanted.name)) continue;
    return (
      `\`${from.name}\` doesn't implement method \`${wanted.name}\` of interface ` +
      `\`${target.name}\``
    );
  }
  return undefined;
}

function signatureProblem(
  params: readonly types.FnParam[],
  result: Type,
  wanted: InterfaceMethod,
): string | undefined {
  const want = wanted.type;
  if (params.length !== want.params.length) {
    return `expected ${want.params.length} parameter(s), not ${params.length}`;
  }
  for (let i = 0; i < params.length; i++) {
    const got = params[i]?.type;
    const expected = want.params[i]?.type;
    if (got && expected && !sameParameter(got, expected))
      return `expected \`${expected.name}\`, not \`${got.name}\` for parameter ${i + 1}`;
  }
  if (!sameParameter(result, want.result)) return `expected return type \`${want.result.name}\``;
  return undefined;
}

/** Aliases do not matter; an interface may stand for one that it embeds. */
function sameParameter(got: Type, expected: Type): boolean {
  if (types.unaliasDeep(got) === types.unaliasDeep(expected)) return true;
  const [a, b] = [types.unalias(got), types.unalias(expected)];
  if (a.kind === 'fn' && b.kind === 'fn') return sameSignature(a, b);
  return a.kind === 'interface' && b.kind === 'interface' && embeds(a, b);
}

function sameSignature(a: types.FnType, b: types.FnType): boolean {
  return (
    a.params.length === b.params.length &&
    a.params.every((x, i) => sameParameter(x.type, b.params[i]?.type ?? types.errorType)) &&
    sameParameter(a.result, b.result)
  );
}

function embeds(type: InterfaceType, other: InterfaceType): boolean {
  return type.embeds.some((e) => e === other || embeds(e, other));
}

/** Types that some interface value holds: the rows of every dispatching function. */
const boxed = new WeakMap<Program, Set<Type>>();
const dispatchers = new WeakMap<Program, Map<string, Dispatcher>>();

interface Dispatcher {
  readonly instance: FnInstance;
  readonly target: InterfaceType;
  readonly method: InterfaceMethod;
}

export function recordBoxing(p: Program, type: Type): void {
  let set = boxed.get(p);
  if (!set) {
    set = new Set();
    boxed.set(p, set);
  }
  set.add(type);
}

export function boxedTypes(p: Program): readonly Type[] {
  return [...(boxed.get(p) ?? [])];
}

/**
 * The function that calls `method` of a value of interface `target`; its body is made when all
 * types are known.
 */
export function dispatcherFor(
  p: Program,
  target: InterfaceType,
  method: InterfaceMethod,
): FnInstance {
  let table = dispatchers.get(p);
  if (!table) {
    table = new Map();
    dispatchers.set(p, table);
  }
  const name = `${target.name}.${method.name}`;
  const known = table.get(name);
  if (known) return known.instance;
  if (target === types.errorInterface) {
    // The runtime makes errors too, so these two can always turn up.
    for (const own of ['MessageError', 'None__']) {
      const type = p.namedTypes.get(own);
      if (type) recordBoxing(p, type);
    }
  }
  const { span } = method;
  const self = p.newLocal('self', target, span, method.mut);
  const params = [
    self,
    ...method.type.params.map((q) => p.newLocal(q.name || '_', q.type, span, q.mut)),
  ];
  const outs = [method.mut, ...method.type.params.map((q) => q.mut)].flatMap((mut, i) =>
    mut ? [i] : [],
  );
  const instance: FnInstance = {
    name: `dispatch ${name}`,
    displayName: name,
    params,
    outs,
    result: method.type.result,
    span,
    body: undefined,
  };
  p.instances.set(instance.name, instance);
  table.set(name, { instance, target, method });
  return instance;
}

/**
 * Fills in dispatching functions; true when that made new work (a method nobody had called before).
 */
export function finishDispatchers(p: Program): boolean {
  const before = p.instances.size;
  for (const d of dispatchers.get(p)?.values() ?? []) d.instance.body = dispatchBody(p, d);
  return p.instances.size !== before;
}

function dispatchBody(p: Program, d: Dispatcher): FnInstance['body'] {
  const { instance, target, method } = d;
  const { span } = instance;
  const [self, ...rest] = instance.params as [FnInstance['params'][0]];
  const selfValue: TExpr = { kind: 'local', local: self, type: target, span };
  const cases: SwitchCase[] = [];
  for (const type of boxedTypes(p)) {
    if (implementsInterface(p, type, target) !== undefined) continue;
    const found = findMethod(p, type, method.name);
    if (!found && isAutomaticStr(method)) {
      const payload: TExpr = { kind: 'unwrap', value: selfValue, type, span };
      const value = textOf(p, deref(payload), false, { ...one(span), value: 0n } as TExpr, span);
      const tag: TExpr = { kind: 'atom', name: type.name, type: types.noneType, span };
      cases.push({ values: [tag], body: { stmts: [], value } });
    }
    if (!found) continue;
    const fn = instanceOf(p, found.symbol, found.bindings, found.owner);
    const body = caseBody(instance, fn, found.path, { p, type, target, self, rest, span });
    cases.push({ values: [{ kind: 'atom', name: type.name, type: types.noneType, span }], body });
  }
  const subject: TExpr = {
    kind: 'runtime',
    module: 'erlang',
    name: 'element',
    args: [one(span), selfValue],
    type: types.noneType,
    span,
  };
  const message: TExpr = {
    kind: 'string',
    bytes: `nil interface value: ${instance.displayName}`,
    type: types.string,
    span,
  };
  const value: TExpr = { kind: 'panic', message, type: types.never, span };
  const otherwise = { stmts: [], value };
  const result: TExpr = {
    kind: 'switch',
    subject,
    cases,
    otherwise,
    type: method.type.result,
    span,
  };
  if (method.type.result === types.voidType)
    return { stmts: [{ kind: 'expr', value: result, span }], value: undefined };
  return { stmts: [{ kind: 'return', value: result, span }], value: undefined };
}

function one(span: Span): TExpr {
  return { kind: 'int', value: 1n, type: types.intType, span };
}

function caseBody(
  instance: FnInstance,
  fn: FnInstance,
  path: readonly types.Field[],
  at: DispatchCase,
): SwitchCase['body'] {
  const { span } = at;
  const stmts: TStmt[] = [];
  const self = methodOwner(at, path);
  const args: Arg[] = at.rest.map((local, i) =>
    fn.outs.includes(i + 1)
      ? { kind: 'mut', place: { kind: 'local', local, type: local.type } }
      : { kind: 'value', value: { kind: 'local', local, type: local.type, span } },
  );
  const selfArg = dispatchSelf(instance, fn, self, at, stmts);
  const value: TExpr = { kind: 'call', fn, args: [selfArg, ...args], type: fn.result, span };
  return { stmts, value };
}

interface DispatchCase {
  readonly p: Program;
  readonly type: Type;
  readonly target: InterfaceType;
  readonly self: FnInstance['params'][0];
  readonly rest: readonly FnInstance['params'][0][];
  readonly span: Span;
}

/** Where, inside the box, the value is that the method belongs to. */
function methodOwner(at: DispatchCase, path: readonly types.Field[]): Place {
  const { span } = at;
  const wrap = { kind: 'box', tag: at.type.name } as const;
  const base = { kind: 'local', local: at.self, type: at.target } as const;
  let place: Place = { kind: 'payload', base, wrap, type: at.type };
  for (const field of path) {
    const owner = types.strip(place.type);
    const index = owner.kind === 'struct' ? owner.fields.indexOf(field) : 0;
    place = { kind: 'field', base: targetOf(place, span), index, type: field.type };
  }
  return place;
}

function targetOf(place: Place, span: Span): Place {
  const t = types.unalias(place.type);
  if (t.kind !== 'ref') return place;
  const reference: TExpr = { kind: 'place', place, type: place.type, span };
  return { kind: 'target', reference, type: t.inner, span };
}

/** The receiver as the method wants it: a value, a reference, or a place to write back to. */
function dispatchSelf(
  instance: FnInstance,
  fn: FnInstance,
  place: Place,
  at: DispatchCase,
  stmts: TStmt[],
): Arg {
  const { span } = at;
  const read = (from: Place): TExpr => ({ kind: 'place', place: from, type: from.type, span });
  const wanted = fn.params[0]?.type ?? place.type;
  const isRef = types.unalias(place.type).kind === 'ref';
  if (types.unalias(wanted).kind === 'ref') {
    if (isRef) return { kind: 'value', value: read(place) };
    return { kind: 'value', value: { kind: 'newCell', value: read(place), type: wanted, span } };
  }
  const owner = targetOf(place, span);
  if (!fn.outs.includes(0)) return { kind: 'value', value: read(owner) };
  if (isRef || instance.outs.includes(0)) return { kind: 'mut', place: owner };
  // The interface does not say that the method changes its receiver: the change stays in a copy.
  const local = at.p.newLocal('receiver', owner.type, span, true);
  stmts.push({ kind: 'let', local, value: read(owner), span });
  return { kind: 'mut', place: { kind: 'local', local, type: owner.type } };
}
