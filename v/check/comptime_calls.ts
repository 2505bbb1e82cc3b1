// Calls that happen while compiling: `$env`, `$d`, `$embed_file`, `$zero`, `$new`,
// `$compile_error`, `$compile_warn` (doc/docs.md, "Compile time code").

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import * as types from '../types.ts';
import { comptimeType } from './comptime_types.ts';
import { type EvalContext, evaluate, type Known } from './const_eval.ts';
import type { FnContext } from './context.ts';
import { settle, zeroValue } from './convert.ts';
import { bad, checkExpr, intConst, stringConst } from './expressions.ts';
import { checkTemplate } from './templates.ts';

type ComptimeCall = Expr & { kind: 'comptimeCall' };

const embeddedBytesMax = 64 * 1024 * 1024;

const calls: Readonly<Record<string, (f: FnContext, e: ComptimeCall) => TExpr>> = {
  env: (f, e) => {
    const name = stringArgument(f, e, 0);
    if (name === undefined) return bad(e.span);
    return stringConst(latin1(process.env[name] ?? ''), e.span);
  },
  d: checkDefine,
  embed_file: embedFile,
  tmpl: checkTemplate,
  compile_error: (f, e) => {
    f.error(stringArgument(f, e, 0) ?? '', e.span);
    return { kind: 'bad', type: types.never, span: e.span };
  },
  compile_warn: (f, e) => {
    f.program.report('warning', stringArgument(f, e, 0) ?? '', e.span);
    return nothing(e.span);
  },
  zero: (f, e) => {
    const type = typeArgument(f, e);
    return type ? zeroValue(f, type, e.span) : bad(e.span);
  },
  new: (f, e) => {
    const type = typeArgument(f, e);
    if (!type) return bad(e.span);
    const value = zeroValue(f, type, e.span);
    return { kind: 'newCell', value, type: types.refOf(type), span: e.span };
  },
  pkgconfig: (_f, e) => ({ kind: 'bool', value: false, type: types.bool, span: e.span }),
};

export function checkComptimeCall(f: FnContext, e: ComptimeCall): TExpr {
  const call = Object.hasOwn(calls, e.name) ? calls[e.name] : undefined;
  if (call) return call(f, e);
  f.program.unsupported(`\`$${e.name}\``, e.span);
  return bad(e.span);
}

function nothing(span: Span): TExpr {
  return {
    kind: 'block',
    body: { stmts: [], value: undefined },
    type: types.voidType,
    span,
  };
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export function stringArgument(f: FnContext, e: ComptimeCall, at: number): string | undefined {
  const arg = e.args[at];
  const variable = arg?.kind === 'ident' ? f.scope.find(arg.name) : undefined;
  if (variable) variable.local.used = true;
  const value = arg && evaluate({ program: f.program, f }, arg);
  if (typeof value === 'string') return Buffer.from(value, 'latin1').toString('utf8');
  f.error(`\`$${e.name}\` needs a string that is known at compile time`, arg?.span ?? e.span);
  return undefined;
}

function typeArgument(f: FnContext, e: ComptimeCall): types.Type | undefined {
  const [arg] = e.args;
  const type = arg && comptimeType(f, arg);
  if (!type) f.error(`\`$${e.name}\` expects a type`, e.span);
  return type === types.errorType ? undefined : type;
}

// --- $d ------------------------------------------------------------------------------------

/** What follows `name=` in a `-d name=value`; a bare `-d name` is true. */
function definedValue(c: EvalContext, name: string): string | undefined {
  for (const given of c.program.loaded.defines) {
    if (given === name && name !== 'test') return 'true';
    if (given.startsWith(`${name}=`)) return given.slice(name.length + 1);
  }
  return undefined;
}

/** The value of `$d('name', default)`: what `-d name=value` says, read as the default's type. */
export function comptimeDefault(c: EvalContext, e: ComptimeCall, depth: number): Known | undefined {
  const [name, otherwise] = e.args;
  const key = name && evaluate(c, name, depth + 1);
  const value = otherwise && evaluate(c, otherwise, depth + 1);
  if (typeof key !== 'string' || value === undefined) return undefined;
  const given = definedValue(c, Buffer.from(key, 'latin1').toString('utf8'));
  if (given === undefined) return value;
  if (typeof value === 'boolean') return given === 'true' || given === '1';
  if (typeof value === 'string') return latin1(given);
  const isNumber = /^-?\d+(\.\d+)?$/.test(given);
  if (!isNumber) {
    c.program.error(`value \`${given}\` of \`$d\` is no number`, e.span);
    return value;
  }
  return typeof value === 'bigint' ? BigInt(given.replace(/\..*$/, '')) : Number(given);
}

function checkDefine(f: FnContext, e: ComptimeCall): TExpr {
  const [, otherwise] = e.args;
  const value = comptimeDefault({ program: f.program, f }, e, 0);
  if (value === undefined || !otherwise) {
    f.error(
      '`$d()` needs a name and a default value, a literal of type string, bool, int, float or rune',
      e.span,
    );
    return bad(e.span);
  }
  const { span } = e;
  if (typeof value === 'boolean') return { kind: 'bool', value, type: types.bool, span };
  if (typeof value === 'string') return stringConst(value, span);
  const { type } = settle(checkExpr(f, otherwise));
  if (typeof value === 'bigint') return intConst(value, span, type);
  return { kind: 'float', value, type, span };
}

// --- $embed_file -------------------------------------------------------------------------------

function embedFile(f: FnContext, e: ComptimeCall): TExpr {
  const given = stringArgument(f, e, 0);
  if (given === undefined) return bad(e.span);
  const { path } = f.program.sources.fileAt(e.span.start);
  const absolute = isAbsolute(given) ? given : resolve(dirname(path), given);
  if (!existsSync(absolute) || !statSync(absolute).isFile()) {
    f.error(`"${absolute}" does not exist so it cannot be embedded`, e.span);
    return bad(e.span);
  }
  if (statSync(absolute).size > embeddedBytesMax) {
    f.error(`"${absolute}" is too large to be embedded`, e.span);
    return bad(e.span);
  }
  const content = readFileSync(absolute).toString('latin1');
  const type = f.program.namedTypes.get('EmbeddedFile__') as types.StructType;
  const { span } = e;
  const shown = isAbsolute(given) ? given : relative(dirname(resolve(path)), absolute);
  const members: Record<string, TExpr> = {
    content: stringConst(content, span),
    apath: stringConst(latin1(absolute), span),
    len: intConst(content.length, span),
    path: stringConst(latin1(shown), span),
  };
  const values = type.fields.map((x) => members[x.name] as TExpr);
  return { kind: 'struct', tag: type.name, values, type, span };
}
