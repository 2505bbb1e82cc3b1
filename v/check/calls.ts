// Calls: of functions, methods, function values, types (casts) and the built-in functions.

import type { Argument, CallExpr, Expr, FnDecl } from '../ast.ts';
import type { Module } from '../load/modules.ts';
import type { Span } from '../source.ts';
import type { Arg, FnInstance, TExpr } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { checkArg, fitArg, variadicArg } from './arguments.ts';
import {
  callSpan,
  checkMustUse,
  isLeftOut,
  leftOut,
  noteDeprecatedCall,
} from './attribute_rules.ts';
import { builtinFunctions } from './builtin_functions.ts';
import { builtinMethod } from './builtin_methods.ts';
import { callC } from './c_calls.ts';
import { castCall } from './casts.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { enumStatic } from './enums.ts';
import { bad, checkExpr, checkValue, deref, readPath, runtime } from './expressions.ts';
import { isExternal, runtimeTarget } from './externals.ts';
import { instanceOf } from './functions.ts';
import { inferBindings } from './generics.ts';
import { dispatcherFor } from './interfaces.ts';
import { withTypeArgument } from './json_calls.ts';
import { type FoundMethod, findField, findMethod, memberNames, staticOf } from './members.ts';
import { moduleType, staticNamed, typeNamed } from './names.ts';
import { throughReferences, usedPlace } from './places.ts';
import { type Bindings, type FnSymbol, noBindings } from './program.ts';
import { referenceOf } from './references.ts';
import { checkHandle, reading } from './shared.ts';
import { filledValue } from './smartcasts.ts';
import { expandSpread, withSpreadKept } from './spread.ts';
import { spreadArgument } from './spread_args.ts';
import { structOf } from './structs.ts';
import { suggest } from './suggest.ts';
import { pointerFunction, pointerMethod, pushPointed } from './text_pointers.ts';
import { requirePublic, requirePublicMethod, requirePublicTypes } from './visibility.ts';

export function checkCall(f: FnContext, e: CallExpr, expected: Type | undefined): TExpr {
  const spread = withSpreadKept(f, e, (kept) => checkCall(f, kept, expected));
  if (spread) return spread;
  const { callee } = e;
  if (callee.kind === 'ident') return checkNamedCall(f, e, callee, expected);
  if (callee.kind === 'selector')
    return checkMethodCall(f, withTypeArgument(f, e) ?? e, callee, expected);
  return callValue(f, e, checkValue(f, callee));
}

function checkNamedCall(
  f: FnContext,
  e: CallExpr,
  callee: Expr & { kind: 'ident' },
  expected: Type | undefined,
): TExpr {
  const { name } = callee;
  const binding = f.scope.find(name);
  if (binding) return callValue(f, e, checkValue(f, callee));
  const type = typeNamed(f, callee);
  const decl = f.program.find(f.program.namedDecls, name, callee.span);
  if (type || (decl && e.typeArgs.length > 0)) {
    const target = type ?? f.resolve({ kind: 'named', name, args: e.typeArgs, span: callee.span });
    return castCall(f, e, target);
  }
  const builtin = builtinFunctions[name];
  const own = f.program.find(f.program.functions, name, callee.span);
  if (builtin && !own) return builtin(f, e, expected);
  if (own) return callFunction(f, e, own, expected);
  if (f.program.find(f.program.consts, name, callee.span))
    return callValue(f, e, checkValue(f, callee));
  const pointing = pointerFunction(f, e, name);
  if (pointing) return pointing;
  for (const a of e.args) checkExpr(f, a.value);
  const known = [...f.program.functions.keys(), ...Object.keys(builtinFunctions)];
  f.error(suggest(`unknown function: ${name}`, name, known), e.span);
  return bad(e.span);
}

// --- plain functions ---------------------------------------------------------------------------

export function callFunction(
  f: FnContext,
  e: CallExpr,
  symbol: FnSymbol,
  expected: Type | undefined,
): TExpr {
  const { decl } = symbol;
  if (decl.name === 'main' && !decl.staticOf) {
    f.error('the `main` function cannot be called in the program', e.span);
    return bad(e.span);
  }
  requirePublic(f.program, 'function', symbol.name, decl, callSpan(e));
  if (decl.attributes.length > 0)
    noteDeprecatedCall(f, `function \`${symbol.name}\``, decl, callSpan(e));
  const target = symbol.params && runtimeTarget(decl);
  if (target) return callRuntime(f, e, symbol, target);
  if (!decl.body && !isExternal(decl)) {
    f.error('cannot call a function that does not have a body', e.span);
    return bad(e.span);
  }
  const bindings = callBindings(f, e, decl, noBindings, e.args, expected);
  if (!bindings) return bad(e.span);
  const fn = instanceOf(f.program, symbol, bindings);
  const params =
    symbol.params ?? decl.signature.params.map((p) => f.program.resolveParam(p, bindings));
  const { length } = f.hoisted;
  const args = checkArgs(f, e, params, decl.name, fn, 0);
  return finishCall(f, e, fn, args, decl, length);
}

/** A function of V's runtime is called directly. */
function callRuntime(
  f: FnContext,
  e: CallExpr,
  symbol: FnSymbol,
  target: { module: string; name: string },
): TExpr {
  const args = checkArgs(f, e, symbol.params ?? [], symbol.name, undefined, 0);
  const values = args.flatMap((a) => (a.kind === 'value' ? [a.value] : []));
  if (values.length !== args.length) {
    f.program.unsupported('a `mut` parameter of an Erlang function', e.span);
    return bad(e.span);
  }
  return runtime(target.module, target.name, values, symbol.result ?? types.voidType, e.span);
}

/** `hoisted` is the number of statements that were there before the arguments. */
function finishCall(
  f: FnContext,
  e: CallExpr,
  fn: FnInstance,
  args: readonly Arg[],
  decl: FnDecl,
  hoisted: number,
): TExpr {
  const { span } = e;
  const call: TExpr = { kind: 'call', fn, args, type: fn.result, span };
  if (decl.attributes.length === 0) return call;
  if (f.statementCall === e) checkMustUse(f, e, call, decl);
  if (isLeftOut(f.program, decl)) {
    f.hoisted.length = hoisted;
    return leftOut(span);
  }
  const noReturn = decl.attributes.some((a) => a.name === 'noreturn');
  return noReturn ? { ...call, type: types.never } : call;
}

/** What the type parameters of a generic function stand for in this call. */
function callBindings(
  f: FnContext,
  e: CallExpr,
  decl: FnDecl,
  outer: Bindings,
  args: readonly Argument[],
  expected: Type | undefined,
): Bindings | undefined {
  const { typeArgs } = e;
  if (decl.generics.length === 0 && typeArgs.length === 0) return outer;
  const wanted = decl.generics.filter((g) => !outer.has(g));
  const bindings = new Map(outer);
  if (typeArgs.length > wanted.length) {
    // A method may repeat the type arguments of its receiver before its own.
    const repeated = outer.size > 0 && typeArgs.length === outer.size + wanted.length;
    if (!repeated) {
      const s = wanted.length === 1 ? '' : 's';
      const last = typeArgs[typeArgs.length - 1]?.span ?? e.span;
      const list = { start: e.callee.span.end, end: last.end + 1 };
      f.error(`expected ${wanted.length} generic parameter${s}, got ${typeArgs.length}`, list);
      return undefined;
    }
  }
  const own = typeArgs.slice(Math.max(0, typeArgs.length - wanted.length));
  for (const node of own) requirePublicTypes(f.program, node);
  for (const [i, node] of own.entries()) bindings.set(wanted[i] as string, f.resolve(node));
  if (own.length === wanted.length) return bindings;
  return inferBindings(f, decl, bindings, args, expected, e.span);
}

// --- arguments -----------------------------------------------------------------------------------

/** Checks the arguments against parameters; `skip` receiver parameters of `fn` come before them. */
function checkArgs(
  f: FnContext,
  e: CallExpr,
  params: readonly FnParam[],
  name: string,
  fn: FnInstance | undefined,
  skip: number,
): Arg[] {
  const args = expandSpread(f, e, params);
  const required = params.length - trailingOptions(params);
  if (args.length >= required && args.length < params.length && !args.some((a) => a.name)) {
    const given = checkArgs(f, e, params.slice(0, args.length), name, fn, skip);
    const none = { kind: 'none', span: e.span } as const;
    const rest = params.slice(args.length).map(
      (p): Arg => ({
        kind: 'value',
        value: fitArg(f, checkExpr(f, none), p.type, 0, name, e.span),
      }),
    );
    return [...given, ...rest];
  }
  const variadic = params[params.length - 1]?.variadic ?? false;
  const fixed = variadic ? params.slice(0, -1) : params;
  if (args.some((a) => a.name !== undefined))
    return withTrailingStruct(f, e, params, name, fn, skip);
  if (args.length === params.length - 1 && isParamsStruct(params[params.length - 1]?.type)) {
    return withTrailingStruct(f, e, params, name, fn, skip);
  }
  const last = args[args.length - 1];
  const before = args.length - 1;
  const spread = !variadic && last && spreadArgument(f, last, params.length - before);
  if (spread && !params.slice(before).some((p) => p.mut)) {
    const given = checkArgs(
      f,
      { ...e, args: args.slice(0, -1) },
      params.slice(0, before),
      name,
      fn,
      skip,
    );
    const rest = spread.map((value, i): Arg => {
      const type = (params[before + i] as FnParam).type;
      return { kind: 'value', value: fitArg(f, value, type, before + i, name, last.span) };
    });
    return [...given, ...rest];
  }
  if (args.length < fixed.length || (!variadic && args.length > params.length)) {
    for (const a of args) checkExpr(f, a.value);
    argumentCount(f, e, fixed.length);
    return [];
  }
  const out = fixed.map((p, i) =>
    checkArg(f, args[i] as Argument, p, i, name, fn?.outs.includes(i + skip) ?? p.mut),
  );
  if (variadic)
    out.push(
      variadicArg(
        f,
        e,
        args.slice(fixed.length),
        params[params.length - 1] as FnParam,
        fixed.length,
        name,
      ),
    );
  return out;
}

/** How many parameters at the end may be left out because they are options. */
function trailingOptions(params: readonly FnParam[]): number {
  let count = 0;
  for (const p of [...params].reverse()) {
    if (types.unalias(p.type).kind !== 'option' || p.mut || p.variadic) break;
    count++;
  }
  return count;
}

function argumentCount(f: FnContext, e: CallExpr, wanted: number): void {
  const s = wanted === 1 ? '' : 's';
  const extra = e.args.slice(wanted);
  const [first] = extra;
  const last = extra[extra.length - 1];
  const at = first && last ? { start: first.span.start, end: last.span.end } : e.span;
  f.error(`expected ${wanted} argument${s}, but got ${e.args.length}`, at);
}

function isParamsStruct(type: Type | undefined): type is types.StructType {
  const t = type && types.unalias(type);
  return t?.kind === 'struct' && t.decl.attributes.some((a) => a.name === 'params');
}

/** `f(a, name: value)`: named values (or none) make the last, struct parameter. */
function withTrailingStruct(
  f: FnContext,
  e: CallExpr,
  params: readonly FnParam[],
  name: string,
  fn: FnInstance | undefined,
  skip: number,
): Arg[] {
  const last = params[params.length - 1];
  const target = last && types.strip(last.type);
  const plain = e.args.filter((a) => a.name === undefined);
  const named = e.args.filter((a) => a.name !== undefined);
  if (!last || target?.kind !== 'struct' || plain.length !== params.length - 1) {
    for (const a of e.args) checkExpr(f, a.value);
    if (named.length === 0 || target?.kind === 'struct') argumentCount(f, e, params.length);
    else
      f.error(
        `cannot use named arguments in call to \`${name}\`: its last parameter is no struct`,
        e.span,
      );
    return [];
  }
  const out = plain.map((a, i) =>
    checkArg(f, a, params[i] as FnParam, i, name, fn?.outs.includes(i + skip) ?? false),
  );
  const inits = named.map((a) => ({ name: a.name ?? '', value: a.value, span: a.span }));
  const literal = structOf(f, last.type, target, inits, undefined, e.span);
  const isReference = types.unalias(last.type).kind === 'ref';
  const value: TExpr = isReference
    ? { kind: 'newCell', value: { ...literal, type: target }, type: last.type, span: e.span }
    : literal;
  return [...out, { kind: 'value', value }];
}

// --- methods -------------------------------------------------------------------------------------

type Selector = Expr & { kind: 'selector' };

function checkMethodCall(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  expected: Type | undefined,
): TExpr {
  const type = typeNamed(f, callee.value);
  if (type) return checkStaticCall(f, e, callee, type, expected);
  const generic = callee.value.kind === 'ident' && staticNamed(f, callee.value, callee.name);
  if (generic) return callFunction(f, e, generic, expected);
  const module = callee.value.kind === 'ident' ? callee.value.name : '';
  if (module && !f.scope.find(module)) {
    const imported = f.program.moduleNamed(module, callee.span);
    if (imported !== undefined) return callModule(f, e, callee, imported, expected);
    if (module === 'C') return callC(f, e, callee.name);
    if (module === 'JS') {
      f.error(`unknown ${module} function: \`${module}.${callee.name}\``, e.span);
      return bad(e.span);
    }
  }
  const whole = settle(reading(f, 'receiver', () => checkHandle(f, callee.value)));
  const receiver = callee.name === 'str' ? whole : filledValue(f, callee.value, whole);
  if (receiver.type === types.errorType) {
    for (const a of e.args) checkExpr(f, a.value);
    return bad(e.span);
  }
  if (receiver.type.kind === 'shared') return sharedCall(f, e, callee, receiver, expected);
  const own = ownMethodCall(f, e, callee, receiver, expected);
  if (own) return own;
  const pointing = pointerMethod(f, e, callee, receiver) ?? pushPointed(f, e, callee);
  if (pointing) return pointing;
  return builtinMethod(f, e, callee, receiver, expected) ?? unknownMethod(f, e, callee, receiver);
}

/** Only methods with a `shared` receiver can be called on what is not locked. */
function sharedCall(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  receiver: TExpr,
  expected: Type | undefined,
): TExpr {
  const found = findMethod(f.program, receiver.type, callee.name);
  const wanted = found?.symbol.decl.receiver;
  if (found && wanted?.shared) return callMethod(f, e, callee, receiver, found, expected);
  const name = f.program.sources.textOf(callee.value.span);
  f.error(
    wanted?.mut
      ? `${name} is \`shared\` and must be \`lock\`ed to be passed as \`mut\``
      : `\`${name}\` is \`shared\` and must be \`rlock\`ed or \`lock\`ed to be used ` +
          `as non-mut receiver`,
    callee.value.span,
  );
  return bad(e.span);
}

/** `module.Type` as a cast names it. */
function aliased(callee: Selector): string {
  return callee.value.kind === 'ident' ? `${callee.value.name}.${callee.name}` : callee.name;
}

function callModule(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  module: Module,
  expected: Type | undefined,
): TExpr {
  const name = module.prefix + callee.name;
  const found = f.program.functions.get(name);
  if (found) return callFunction(f, e, found, expected);
  if (f.program.consts.has(name) || f.program.globals.has(name))
    return callValue(f, e, checkValue(f, callee));
  const type = moduleType(f, callee, e.typeArgs);
  if (type) {
    const span = { start: callee.nameSpan.start, end: e.span.end };
    requirePublicTypes(f.program, { kind: 'named', name: aliased(callee), args: e.typeArgs, span });
  }
  if (type) return castCall(f, e, type);
  for (const a of e.args) checkExpr(f, a.value);
  const known = [...f.program.functions.keys()].filter((k) => k.startsWith(module.prefix));
  f.error(suggest(`unknown function: ${name}`, name, known), e.span);
  return bad(e.span);
}

function checkStaticCall(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  type: Type,
  expected: Type | undefined,
): TExpr {
  const found = staticOf(f.program, type, callee.name);
  if (found) return callFunction(f, e, found, expected);
  const ofEnum = enumStatic(f, e, callee.name, type);
  if (ofEnum) return ofEnum;
  for (const a of e.args) checkExpr(f, a.value);
  if (type !== types.errorType)
    f.error(`unknown static method \`${type.name}.${callee.name}\``, e.span);
  return bad(e.span);
}

function ownMethodCall(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  receiver: TExpr,
  expected: Type | undefined,
): TExpr | undefined {
  const base = types.strip(receiver.type);
  if (base.kind === 'interface') {
    const method = base.methods.find((m) => m.name === callee.name);
    if (method) {
      const fn = dispatcherFor(f.program, base, method);
      const self = receiverArg(f, callee, receiver, fn.outs.includes(0), [], method.name);
      const args = checkArgs(f, e, method.type.params, method.name, fn, 1);
      return { kind: 'call', fn, args: [self, ...args], type: fn.result, span: e.span };
    }
  }
  const found = findMethod(f.program, receiver.type, callee.name);
  if (found) return callMethod(f, e, callee, receiver, found, expected);
  const field = findField(receiver.type, callee.name);
  const fieldType = field && types.unalias(field.type);
  if (field && fieldType?.kind === 'fn')
    return callValue(f, e, readPath(deref(receiver), field.path, callee.span));
  if (base.kind === 'interface') {
    const required = base.fields.find((x) => x.name === callee.name);
    if (required && types.unalias(required.type).kind === 'fn')
      return callValue(f, e, checkValue(f, callee));
  }
  return undefined;
}

function callMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  receiver: TExpr,
  found: FoundMethod,
  expected: Type | undefined,
): TExpr {
  const { decl } = found.symbol;
  const bindings = callBindings(f, e, decl, found.bindings, e.args, expected);
  if (!bindings) return bad(e.span);
  const fn = instanceOf(f.program, found.symbol, bindings, found.owner);
  const owner = types.strip(found.owner).name;
  requirePublicMethod(f.program, owner, decl.name, decl, callSpan(e));
  if (decl.attributes.length > 0)
    noteDeprecatedCall(f, `method \`${owner}.${decl.name}\``, decl, callSpan(e));
  const { length } = f.hoisted;
  const params =
    bindings.size === found.bindings.size
      ? found.params.slice(1)
      : decl.signature.params.map((p) => f.program.resolveParam(p, bindings));
  const self = methodReceiver(f, callee, receiver, found, fn);
  const args = checkArgs(f, e, params, `${owner}.${decl.name}`, fn, 1);
  return finishCall(f, e, fn, [self, ...args], decl, length);
}

/**
 * The receiver argument: a place when the method changes it, a cell when it keeps a reference, else
 * the value.
 */
function methodReceiver(
  f: FnContext,
  callee: Selector,
  receiver: TExpr,
  found: FoundMethod,
  fn: FnInstance,
): Arg {
  const wanted = fn.params[0]?.type ?? types.errorType;
  const out = fn.outs.includes(0);
  const wantsRef = types.unalias(wanted).kind === 'ref';
  if (types.unalias(wanted).kind === 'shared')
    return { kind: 'value', value: coerce(f, receiver, wanted) ?? bad(callee.span) };
  if (!wantsRef) return receiverArg(f, callee, receiver, out, found.path, found.symbol.name);
  const whole =
    found.path.length > 0 ? readPath(deref(receiver), found.path, callee.span) : receiver;
  if (types.unalias(whole.type).kind === 'ref')
    return { kind: 'value', value: { ...whole, type: wanted } as TExpr };
  return { kind: 'value', value: referenceOf({ ...whole, span: callee.span }, wanted) };
}

function receiverArg(
  f: FnContext,
  callee: Selector,
  receiver: TExpr,
  out: boolean,
  path: readonly types.Field[],
  name: string,
): Arg {
  if (!out) return { kind: 'value', value: readPath(deref(receiver), path, callee.span) };
  const found = usedPlace(f, callee.value);
  if (!found) {
    const t = types.unalias(receiver.type);
    if (t.kind === 'ref') {
      const place = throughReferences(
        { kind: 'target', reference: receiver, type: t.inner, span: callee.span },
        callee.span,
      );
      return { kind: 'mut', place: alongPath(place, path, callee.span) };
    }
    // A method that changes a value nobody keeps: the change is lost, as in V.
    const local = f.temporary('receiver', receiver.type, callee.span);
    f.error(
      `cannot call the \`mut\` method \`${name}\` on an expression, store it in a variable first`,
      callee.span,
    );
    return { kind: 'mut', place: { kind: 'local', local, type: local.type } };
  }
  return {
    kind: 'mut',
    place: alongPath(throughReferences(found, callee.span), path, callee.span),
  };
}

function alongPath(
  start: import('../typed.ts').Place,
  path: readonly types.Field[],
  span: Span,
): import('../typed.ts').Place {
  let place = start;
  for (const field of path) {
    const owner = types.strip(place.type);
    const index = owner.kind === 'struct' ? owner.fields.indexOf(field) : 0;
    place = { kind: 'field', base: throughReferences(place, span), index, type: field.type };
  }
  return throughReferences(place, span);
}

function unknownMethod(f: FnContext, e: CallExpr, callee: Selector, receiver: TExpr): TExpr {
  for (const a of e.args) checkExpr(f, a.value);
  const t = types.unalias(receiver.type);
  if (t.kind === 'option' || t.kind === 'result') {
    const what = t.kind === 'option' ? 'Option' : 'Result';
    f.error(`${what} type cannot be called directly, you should unwrap it first`, callee.span);
    return bad(e.span);
  }
  const known = memberNames(f.program, receiver.type);
  const shown = types.strip(receiver.type).name;
  f.error(
    suggest(`unknown method or field: \`${shown}.${callee.name}\``, callee.name, known),
    e.span,
  );
  return bad(e.span);
}

// --- function values -----------------------------------------------------------------------------

export function callValue(f: FnContext, e: CallExpr, callee: TExpr): TExpr {
  const t = types.unalias(callee.type);
  if (t === types.errorType) {
    for (const a of e.args) checkExpr(f, a.value);
    return bad(e.span);
  }
  if (t.kind !== 'fn') {
    f.error(`cannot call the value of type \`${callee.type.name}\`, it is not a function`, e.span);
    return bad(e.span);
  }
  const text = f.program.textOf(e.callee.span);
  if (callee.kind === 'fnRef') {
    const args = checkArgs(f, e, t.params, text, callee.fn, 0);
    return { kind: 'call', fn: callee.fn, args, type: t.result, span: e.span };
  }
  const args = checkArgs(f, e, t.params, text, undefined, 0);
  return { kind: 'callValue', callee, args, type: t.result, span: e.span };
}
