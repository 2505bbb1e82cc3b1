// `@FN`, `@LINE` and the other values that are known while compiling, as text (doc/docs.md,
// "Compile time pseudo variables").

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Expr, FnDecl } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { FnContext } from './context.ts';
import { bad, stringConst } from './expressions.ts';
import type { Program } from './program.ts';

type AtExpr = Expr & { kind: 'at' };

const names = (
  'VROOT VMODROOT VEXEROOT FN METHOD MOD STRUCT VEXE FILE DIR LINE COLUMN VHASH VCURRENTHASH ' +
  'VMOD_FILE VMODHASH FILE_LINE LOCATION BUILD_DATE BUILD_TIME BUILD_TIMESTAMP OS CCOMPILER ' +
  'BACKEND PLATFORM'
).split(' ');

const compilerRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** `SOURCE_DATE_EPOCH` makes builds repeatable. */
const buildTime = new Date(
  process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1000 : Date.now(),
);

/** The `v.mod` file of the project that a file belongs to. */
function modFile(path: string): string | undefined {
  for (let dir = dirname(resolve(path)), i = 0; i < 64; i++, dir = dirname(dir)) {
    const file = join(dir, 'v.mod');
    if (existsSync(file)) return file;
    if (dirname(dir) === dir) return undefined;
  }
  return undefined;
}

/** The function around, closures left aside. */
function functionAround(f: FnContext | undefined): FnDecl | undefined {
  for (let c = f; c; c = c.outer) if (c.decl) return c.decl;
  return undefined;
}

/** The receiver's type, or the type of a static method. */
function ownerName(decl: FnDecl | undefined): string {
  if (decl?.staticOf) return decl.staticOf;
  let type = decl?.receiver?.type;
  while (type?.kind === 'wrap') type = type.inner;
  if (type?.kind !== 'named') return '';
  const args = type.args.map((a) => (a.kind === 'named' ? a.name : '')).join(', ');
  return args === '' ? type.name : `${type.name}[${args}]`;
}

/** The value's text; undefined (and an error) when there is none of that name. */
export function atText(p: Program, f: FnContext | undefined, e: AtExpr): string | undefined {
  const source = p.sources.fileAt(e.span.start);
  const module = p.unitAt(e.span).module.path;
  const { line, column } = source.locate(e.span.start);
  const decl = functionAround(f);
  const name = decl?.name ?? (f && !f.inConst ? 'main' : '');
  const owner = ownerName(decl);
  const method = owner === '' ? name : `${owner}.${name}`;
  const file = modFile(source.path);
  const needsMod = (value: (path: string) => string): string => {
    if (file) return value(file);
    p.error(`@${e.name} can only be used in projects that have a v.mod file`, e.span);
    return '';
  };
  const place = decl?.staticOf
    ? `${module}.${method} (static)`
    : owner === ''
      ? `${module}.${name}`
      : `${owner}{}.${name}`;
  const iso = buildTime.toISOString();
  const values: Record<string, () => string> = {
    FN: () => name,
    METHOD: () => method,
    MOD: () => module,
    STRUCT: () => owner,
    LINE: () => String(line),
    COLUMN: () => String(column + 1),
    FILE: () => resolve(source.path),
    DIR: () => dirname(resolve(source.path)),
    FILE_LINE: () => `${basename(source.path)}:${line}`,
    LOCATION: () => `${source.path}:${line}, ${place}`,
    VROOT: () => process.env.V_SRC ?? compilerRoot,
    VEXEROOT: () => process.env.V_SRC ?? compilerRoot,
    VEXE: () => join(compilerRoot, 'v', 'cli.ts'),
    VHASH: () => '',
    VCURRENTHASH: () => '',
    VMODHASH: () => needsMod(() => ''),
    VMODROOT: () => dirname(file ?? resolve(source.path)),
    VMOD_FILE: () => needsMod((path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n')),
    BUILD_DATE: () => iso.slice(0, 10),
    BUILD_TIME: () => iso.slice(11, 19),
    BUILD_TIMESTAMP: () => String(Math.floor(buildTime.getTime() / 1000)),
    OS: () => 'beam',
    BACKEND: () => 'beam',
    PLATFORM: () => 'beam',
    CCOMPILER: () => '',
  };
  const value = values[e.name]?.();
  if (value === undefined) {
    const known = names.map((n) => `'@${n}'`).join(', ');
    p.error(`unknown @ identifier: @${e.name}. Available identifiers: [${known}]`, e.span);
  }
  return value;
}

/** The value as bytes, one char each. */
export function atValue(p: Program, f: FnContext | undefined, e: AtExpr): string | undefined {
  const value = atText(p, f, e);
  return value === undefined ? undefined : Buffer.from(value).toString('latin1');
}

export function checkAt(f: FnContext, e: AtExpr): TExpr {
  const value = atValue(f.program, f, e);
  return value === undefined ? bad(e.span) : stringConst(value, e.span);
}
