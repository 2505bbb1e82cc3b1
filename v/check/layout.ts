// Sizes, alignments and offsets of types as V's C backend lays them out on x64. Nothing is stored
// so on the BEAM: `sizeof`, `__offsetof` and compile-time conditions tell what V programs expect.

import type { StructType, Type } from '../types.ts';
import * as types from '../types.ts';

export interface Layout {
  readonly size: number;
  readonly align: number;
}

const pointer: Layout = { size: 8, align: 8 };

/** Sizes of the structs behind V's built-in types (`array`, `map`, `string`). */
const builtinSizes = { string: 16, array: 32, map: 120, error: 32 } as const;

const depthMax = 50;

function roundUp(value: number, align: number): number {
  return align === 0 ? value : Math.ceil(value / align) * align;
}

export function layoutOf(type: Type, depth = 0): Layout {
  const t = types.unalias(type);
  if (depth > depthMax) return { size: 0, align: 1 };
  switch (t.kind) {
    case 'int':
    case 'float':
      return { size: t.bits / 8, align: t.bits / 8 };
    case 'intLiteral':
      return { size: 4, align: 4 };
    case 'floatLiteral':
      return pointer;
    case 'bool':
      return { size: 1, align: 1 };
    case 'string':
      return { size: builtinSizes.string, align: 8 };
    case 'enum':
      return layoutOf(t.base, depth + 1);
    case 'array':
      return { size: builtinSizes.array, align: 8 };
    case 'map':
      return { size: builtinSizes.map, align: 8 };
    case 'fixed': {
      const element = layoutOf(t.element, depth + 1);
      return { size: element.size * t.size, align: element.align };
    }
    case 'struct':
      return structLayout(t, depth);
    case 'tuple':
      return fieldsLayout(t.types, false, depth);
    case 'option':
    case 'result':
      return wrappedLayout(t.inner, depth);
    case 'sum':
      return { size: 16, align: 8 };
    case 'interface':
      return { size: 16 + 8 * (t.fields.length + t.methods.length), align: 8 };
    case 'void':
    case 'none':
    case 'never':
    case 'error':
      return { size: 0, align: 1 };
    default:
      return pointer;
  }
}

/** `{ u8 state; IError err; u8 data[…]; }` */
function wrappedLayout(inner: Type, depth: number): Layout {
  const held = Math.max(1, layoutOf(inner, depth + 1).size);
  return { size: roundUp(8 + builtinSizes.error + held, 8), align: 8 };
}

function structLayout(t: StructType, depth: number): Layout {
  const packed = t.decl.attributes.some((a) => a.name === 'packed');
  const fields = t.fields.map((f) => f.type);
  if (!t.decl.union) return fieldsLayout(fields, packed, depth);
  const parts = fields.map((f) => layoutOf(f, depth + 1));
  const align = packed ? 1 : Math.max(1, ...parts.map((p) => p.align));
  return { size: roundUp(Math.max(0, ...parts.map((p) => p.size)), align), align };
}

function fieldsLayout(fields: readonly Type[], packed: boolean, depth: number): Layout {
  let size = 0;
  let align = 1;
  for (const field of fields) {
    const part = layoutOf(field, depth + 1);
    const own = packed ? 1 : part.align;
    align = Math.max(align, own);
    size = roundUp(size, own) + part.size;
  }
  return { size: roundUp(size, align), align };
}

/** Where a field of a struct begins; undefined when there is no such field. */
export function offsetOf(t: StructType, name: string): number | undefined {
  const packed = t.decl.attributes.some((a) => a.name === 'packed');
  let at = 0;
  for (const field of t.fields) {
    const part = layoutOf(field.type);
    if (!t.decl.union) at = roundUp(at, packed ? 1 : part.align);
    if (field.name === name) return at;
    if (!t.decl.union) at += part.size;
  }
  return undefined;
}

/** Whether values of the type hold references, which is what `isreftype` asks. */
export function isReferenceType(type: Type, depth = 0): boolean {
  const t = types.unalias(type);
  if (depth > depthMax) return true;
  switch (t.kind) {
    case 'int':
      return t === types.voidptr;
    case 'float':
    case 'bool':
    case 'enum':
    case 'intLiteral':
    case 'floatLiteral':
      return false;
    case 'fixed':
      return isReferenceType(t.element, depth + 1);
    case 'struct':
      return t.fields.some((f) => isReferenceType(f.type, depth + 1));
    case 'option':
    case 'result':
      return true;
    default:
      return true;
  }
}
