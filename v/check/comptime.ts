// Compile-time conditions: `$if linux`, `$if T is $int`, `$if debug ?`.

import type { Expr } from '../ast.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { itemNamed, itemTruth } from './comptime_for.ts';
import type { FnContext } from './context.ts';
import { checkExpr } from './expressions.ts';
import { knownFlags } from './flags.ts';
import { implementsInterface } from './interfaces.ts';
import { typeNamed } from './names.ts';

export function comptimeTruth(f: FnContext, e: Expr): boolean {
  switch (e.kind) {
    case 'bool':
      return e.value;
    case 'paren':
      return comptimeTruth(f, e.inner);
    case 'selector': {
      const item = itemNamed(f, e.value);
      const truth = item && itemTruth(item, e.name);
      if (truth !== undefined) return truth;
      break;
    }
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
      if (e.operator === 'in' || e.operator === '!in') return oneOfTypes(f, e);
      if (e.operator === '==' || e.operator === '!=') return sameConstants(f, e);
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

/** `$if T in [$int, string]` */
function oneOfTypes(f: FnContext, e: Expr & { kind: 'infix' }): boolean {
  const type = comptimeType(f, e.left);
  const list = e.right.kind === 'arrayLiteral' ? e.right.elements : [];
  const found = list.some((x) => {
    if (x.kind === 'typeExpr' && x.type.kind === 'named' && x.type.name.startsWith('$')) {
      return kindHolds(type, x.type.name);
    }
    return typeHolds(f, type, x.kind === 'typeExpr' ? f.resolve(x.type) : comptimeType(f, x));
  });
  return found === (e.operator === 'in');
}

/** `$if field.name == 'id'`: both sides are known. */
function sameConstants(f: FnContext, e: Expr & { kind: 'infix' }): boolean {
  const [left, right] = [checkExpr(f, e.left), checkExpr(f, e.right)];
  const known = (x: typeof left): unknown =>
    x.kind === 'string' ? x.bytes : x.kind === 'int' || x.kind === 'bool' ? x.value : undefined;
  const [a, b] = [known(left), known(right)];
  if (a === undefined || b === undefined)
    f.program.unsupported('this compile-time condition', e.span);
  return (a === b) === (e.operator === '==');
}

/** The type that `T`, `T.typ`, `T.unaliased_typ` or a value names. */
function comptimeType(f: FnContext, e: Expr): Type {
  const item = itemNamed(f, e.kind === 'selector' ? e.value : e);
  if (item && (e.kind === 'ident' || (e.kind === 'selector' && e.name === 'typ'))) return item.type;
  if (item && e.kind === 'selector' && e.name === 'unaliased_typ') return types.unalias(item.type);
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
