// Function instances: one for each declaration and list of type arguments, checked when first
// needed.

import type { FnDecl } from '../ast.ts';
import { atomLengthMax, genericDepthMax } from '../limits.ts';
import type { Span } from '../source.ts';
import type { FnInstance, TBlock, TExpr } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { FnContext } from './context.ts';
import { externalBody, isExternal } from './externals.ts';
import { diverges } from './flow.ts';
import { checkNoReturn } from './flow_rules.ts';
import { type FoundMethod, hasReceiverPattern } from './members.ts';
import {
  type Bindings,
  baseName,
  type FnSymbol,
  noBindings,
  type PendingBody,
  type Program,
} from './program.ts';
import { checkBlock } from './statements.ts';

/**
 * Whether a `mut` parameter of this type is copied back to the caller: everything but references.
 */
function copiesOut(type: Type): boolean {
  const t = types.unalias(type);
  return t.kind !== 'ref' && t.kind !== 'shared';
}

function hash(text: string): string {
  let h = 0xcbf29ce484222325n;
  for (const c of Buffer.from(text)) h = BigInt.asUintN(64, (h ^ BigInt(c)) * 0x100000001b3n);
  return h.toString(36);
}

/** An Erlang function name: readable, and hashed when it would be too long for an atom. */
export function mangle(name: string): string {
  return name.length <= atomLengthMax ? name : `${name.slice(0, atomLengthMax - 20)}~${hash(name)}`;
}

function instanceName(symbol: FnSymbol, bindings: Bindings, owner: Type | undefined): string {
  const { decl } = symbol;
  const ownerName = owner && (hasReceiverPattern(decl) ? types.strip(owner).name : baseName(owner));
  const name = owner ? `${ownerName}.${decl.name}` : symbol.name;
  const args = [...bindings.values()].map((t) => t.name).join(', ');
  return (decl.staticOf ? 'static ' : '') + name + (args === '' ? '' : `[${args}]`);
}

/** The instance of a function for given type arguments; its body is queued the first time. */
export function instanceOf(
  p: Program,
  symbol: FnSymbol,
  bindings: Bindings = noBindings,
  owner?: Type,
): FnInstance {
  const { plain } = symbol;
  if (bindings.size > 0) return makeInstance(p, symbol, bindings, owner);
  if (plain && plain.owner === owner) return plain.instance;
  const instance = makeInstance(p, symbol, bindings, owner);
  symbol.plain = { instance, owner };
  return instance;
}

/** The instance of a function that is used as a value: there must be something to run. */
export function valueInstance(
  p: Program,
  symbol: FnSymbol,
  span: Span,
  bindings: Bindings = noBindings,
): FnInstance {
  const { decl } = symbol;
  if (!decl.body && !isExternal(decl))
    p.error('cannot call a function that does not have a body', span);
  return instanceOf(p, symbol, bindings);
}

function makeInstance(
  p: Program,
  symbol: FnSymbol,
  bindings: Bindings,
  owner: Type | undefined,
): FnInstance {
  const { decl } = symbol;
  const key = instanceName(symbol, bindings, decl.receiver ? owner : undefined);
  const known = p.instances.get(key);
  if (known) return known;
  // Nothing calls a method only by name: operators, interfaces and str() find it, too.
  if (decl.receiver && !decl.body && !isExternal(decl))
    p.error('cannot call a method that does not have a body', decl.nameSpan);
  const all = decl.receiver ? [decl.receiver, ...decl.signature.params] : decl.signature.params;
  const resolved = all.map((q) => p.resolveParam(q, bindings));
  const params = resolved.map((q, i) =>
    p.newLocal(q.name || '_', q.type, all[i]?.span ?? decl.span, q.mut),
  );
  const instance: FnInstance = {
    // The plain name of an exported function is that of the Erlang function around it.
    name: mangle(decl.attributes.some((a) => a.name === 'export') ? `main.${key}` : key),
    displayName: key,
    params,
    outs: resolved.flatMap((q, i) => (q.mut && copiesOut(q.type) ? [i] : [])),
    result: decl.signature.result ? p.resolve(decl.signature.result, bindings) : types.voidType,
    span: decl.nameSpan,
    body: undefined,
  };
  p.instances.set(key, instance);
  if (p.genericDepth > genericDepthMax) {
    p.error(`\`${decl.name}\` needs endless instances of itself`, decl.nameSpan);
  } else if (decl.body) {
    const { span, body } = decl;
    p.pending.push({ instance, body, bindings, depth: p.genericDepth, decl, span });
  } else if (isExternal(decl)) {
    instance.body = externalBody(p, decl, instance);
  }
  return instance;
}

/** Checks the bodies of all instances that were asked for, including those that this asks for. */
export function checkPending(p: Program): void {
  for (let next = p.pending.shift(); next; next = p.pending.shift()) {
    p.genericDepth = next.bindings.size > 0 ? next.depth + 1 : next.depth;
    next.instance.body = checkBody(p, next);
  }
  p.genericDepth = 0;
}

function checkBody(p: Program, pending: PendingBody): TBlock {
  const { instance, body, bindings } = pending;
  const f = new FnContext(p, instance.displayName, instance.result, bindings);
  f.decl = pending.decl;
  const declared = pending.decl?.signature.params;
  if (declared?.[declared.length - 1]?.variadic)
    f.variadic = instance.params[instance.params.length - 1];
  for (const local of instance.params) {
    if (local.name === '_') continue;
    if (f.scope.find(local.name))
      f.error(`redefinition of parameter \`${local.name}\``, local.span);
    f.scope.define(local.name, { local, view: undefined });
    local.used = true;
  }
  const block = f.scoped(() => checkBlock(f, body));
  if (needsReturn(instance.result) && !diverges(block)) {
    f.error(`missing return at end of function \`${instance.displayName}\``, pending.span);
  }
  const end = block.value ?? lastValue(block);
  if (pending.decl) checkNoReturn(f, pending.decl, () => end?.type === types.never);
  instance.returned = f.returned;
  warnUnused(f);
  return { stmts: [...f.atStart, ...block.stmts], value: block.value };
}

/** The value of the last statement, when that is an expression. */
function lastValue(block: TBlock): TExpr | undefined {
  const last = block.stmts[block.stmts.length - 1];
  return last?.kind === 'expr' ? last.value : undefined;
}

export function needsReturn(result: Type): boolean {
  if (result === types.voidType || result === types.errorType) return false;
  const t = types.unalias(result);
  return !((t.kind === 'option' || t.kind === 'result') && t.inner === types.voidType);
}

/** Tests may have variables that nobody uses. */
export function warnUnused(f: FnContext): void {
  if (f.program.isTestFile) return;
  for (const local of f.locals) {
    if (local.used || local.name.startsWith('_') || local.type === types.errorType) continue;
    f.program.report('warning', `unused variable: \`${local.name}\``, local.span);
  }
}

/** What is known of a function before it is called; its types are looked up when first needed. */
export function declareFunction(p: Program, decl: FnDecl, name: string): FnSymbol {
  const generic = decl.generics.length > 0;
  const { params, result } = decl.signature;
  let known: { params: readonly FnParam[]; result: Type } | undefined;
  const resolved = (): { params: readonly FnParam[]; result: Type } => {
    known ??= {
      params: params.map((q) => p.resolveParam(q, noBindings)),
      result: result ? p.resolve(result, noBindings) : types.voidType,
    };
    return known;
  };
  return {
    decl,
    name,
    get params() {
      return generic ? undefined : resolved().params;
    },
    get result() {
      return generic ? undefined : resolved().result;
    },
    overloads: [],
  };
}

/** A call of a found method on values that are already checked. */
export function methodCall(
  p: Program,
  found: FoundMethod,
  values: readonly TExpr[],
  span: Span,
): TExpr {
  const fn = instanceOf(p, found.symbol, found.bindings, found.owner);
  const args = values.map((value) => ({ kind: 'value', value }) as const);
  return { kind: 'call', fn, args, type: fn.result, span };
}
