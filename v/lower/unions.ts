// Unions. One whose fields are numbers, and arrays and structs of numbers, is `{Tag, Bytes}`:
// writing one field changes what the others read, as in memory. A union of anything else keeps each
// field by itself and which one was written last; reading another is a panic.

import { layoutOf, offsetOf } from '../check/layout.ts';
import { type Atom, atom, call, integer, list, tuple } from '../core.ts';
import type { StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import type { Lowerer } from './lowerer.ts';

export function unionOf(type: Type): StructType | undefined {
  const t = types.unalias(type);
  return t.kind === 'struct' && t.decl.union ? t : undefined;
}

/** How a value of the type lies in memory, for `v_union`; undefined for what is no plain data. */
function schema(type: Type): Atom | undefined {
  const t = types.unalias(type);
  switch (t.kind) {
    case 'int': {
      if (t === types.voidptr) return undefined;
      return tuple([atom(t.signed ? 'signed' : 'unsigned'), integer(t.bits)]);
    }
    case 'enum':
      return schema(t.base);
    case 'float':
      return tuple([atom('float'), integer(t.bits)]);
    case 'bool':
      return atom('bool');
    case 'fixed': {
      const element = schema(t.element);
      const size = layoutOf(t.element).size;
      return element && tuple([atom('array'), integer(t.size), element, integer(size)]);
    }
    case 'struct':
      return structSchema(t);
    default:
      return undefined;
  }
}

function structSchema(t: StructType): Atom | undefined {
  if (t.decl.union)
    return isPlain(t) ? tuple([atom('union'), atom(t.name), integer(layoutOf(t).size)]) : undefined;
  const fields = t.fields.map((x) => {
    const inner = schema(x.type);
    return inner && tuple([integer(offsetOf(t, x.name) ?? 0), inner]);
  });
  if (fields.includes(undefined)) return undefined;
  return tuple([atom('struct'), atom(t.name), list(fields as Atom[])]);
}

function isPlain(union: StructType): boolean {
  return union.fields.every((x) => schema(x.type) !== undefined);
}

/** How the runtime finds a field: by how it lies in memory, or by its position. */
function fieldOf(union: StructType, index: number): Atom {
  const field = union.fields[index];
  const plain = isPlain(union) && field ? schema(field.type) : undefined;
  return plain ?? tuple([atom('kept'), integer(index + 2)]);
}

export function emptyUnion(
  l: Lowerer,
  union: StructType,
  tag: string,
  zeros: readonly Atom[],
): Atom {
  if (!isPlain(union)) return l.b.bind(tuple([atom(tag), ...zeros, '0']));
  return l.b.bind(call('v_union', 'empty', [atom(tag), integer(layoutOf(union).size)]));
}

export function readUnion(l: Lowerer, value: Atom, union: StructType, index: number): Atom {
  return l.b.bind(call('v_union', 'field', [value, fieldOf(union, index)]));
}

export function writeUnion(
  l: Lowerer,
  value: Atom,
  union: StructType,
  index: number,
  field: Atom,
): Atom {
  return l.b.bind(call('v_union', 'set_field', [value, fieldOf(union, index), field]));
}

/** The step of a reference into the union, see `v_ref`. */
export function unionStep(union: StructType, index: number): Atom {
  const names = ['view', 'v_union', 'field', 'set_field'].map(atom);
  return tuple([...names, list([fieldOf(union, index)])]);
}
