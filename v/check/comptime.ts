// Compile-time conditions: `$if linux`, `$if T is $int`, `$if debug ?`.

import type { Expr } from '../ast.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { checkExpr, typeNamed } from './expressions.ts';
import { implementsInterface } from './interfaces.ts';

/** Names that `$if` knows; we are our own platform, little-endian and 64 bits wide. */
const knownFlags: Readonly<Record<string, boolean>> = {
  beam: true,
  x64: true,
  little_endian: true,
  windows: false,
  linux: false,
  macos: false,
  mac: false,
  darwin: false,
  freebsd: false,
  openbsd: false,
  netbsd: false,
  android: false,
  ios: false,
  js: false,
  wasm32: false,
  native: false,
  gcc: false,
  clang: false,
  tinyc: false,
  msvc: false,
  mingw: false,
  x32: false,
  big_endian: false,
  amd64: true,
  arm64: false,
  debug: false,
  prod: false,
  test: false,
  prealloc: false,
  gcboehm: false,
  autofree: false,
  threads: true,
  posix: false,
  unix: false,
};

export function comptimeTruth(f: FnContext, e: Expr): boolean {
  switch (e.kind) {
    case 'bool':
      return e.value;
    case 'paren':
      return comptimeTruth(f, e.inner);
    case 'ident': {
      const flag = knownFlags[e.name];
      if (flag !== undefined) return flag;
      f.error(`unknown $if value: \`${e.name}\``, e.span);
      return false;
    }
    case 'or':
      // `$if name ?` asks for a flag given with `-d name`; none is.
      return false;
    case 'prefix':
      return e.operator === '!' ? !comptimeTruth(f, e.value) : false;
    case 'infix':
      if (e.operator === '&&') return comptimeTruth(f, e.left) && comptimeTruth(f, e.right);
      if (e.operator === '||') return comptimeTruth(f, e.left) || comptimeTruth(f, e.right);
      break;
    case 'is': {
      const type = comptimeType(f, e.value);
      const wanted = e.type;
      const kind = wanted.kind === 'named' && wanted.name.startsWith('$') ? wanted.name : undefined;
      const holds = kind ? kindHolds(type, kind) : typeHolds(f, type, f.resolve(wanted));
      return holds !== e.negated;
    }
    default:
      break;
  }
  f.program.unsupported('this compile-time condition', e.span);
  return false;
}

/** The type that `T`, `T.typ`, `T.unaliased_typ` or a value names. */
function comptimeType(f: FnContext, e: Expr): Type {
  if (e.kind === 'selector' && (e.name === 'typ' || e.name === 'unaliased_typ')) {
    const type = typeNamed(f, e.value);
    if (type) return e.name === 'typ' ? type : types.unalias(type);
  }
  return typeNamed(f, e) ?? checkExpr(f, e).type;
}

function typeHolds(f: FnContext, type: Type, wanted: Type): boolean {
  if (type === wanted) return true;
  return wanted.kind === 'interface' && implementsInterface(f.program, type, wanted) === undefined;
}

function kindHolds(type: Type, kind: string): boolean {
  const t = types.unalias(type);
  const kinds: Record<string, boolean> = {
    $int: types.isInteger(t),
    $float: types.isFloat(t),
    $string: t === types.string,
    $bool: t === types.bool,
    $struct: t.kind === 'struct',
    $enum: t.kind === 'enum',
    $array: t.kind === 'array' || t.kind === 'fixed',
    $array_dynamic: t.kind === 'array',
    $array_fixed: t.kind === 'fixed',
    $map: t.kind === 'map',
    $sumtype: t.kind === 'sum',
    $interface: t.kind === 'interface',
    $option: t.kind === 'option',
    $alias: type.kind === 'alias',
    $function: t.kind === 'fn',
    $pointer: t.kind === 'ref',
    $voidptr: t === types.voidptr,
    $shared: t.kind === 'shared',
  };
  return kinds[kind] ?? false;
}
