// Types that expressions name while compiling: `T`, `field.typ`, `T.key_type`, `typeof(x)`,
// `method.return_type`, `method.args[0].typ`.

import type { Expr } from '../ast.ts';
import type { Type } from '../types.ts';
import { itemNamed } from './comptime_items.ts';
import type { FnContext } from './context.ts';
import { checkExpr } from './expressions.ts';
import { typeNamed } from './names.ts';
import { memberType } from './type_facts.ts';

/** The type that `e` names; undefined when it is a value. */
export function comptimeType(f: FnContext, e: Expr): Type | undefined {
  switch (e.kind) {
    case 'paren':
      return comptimeType(f, e.inner);
    case 'ident': {
      const item = itemNamed(f, e);
      return item ? item.type : typeNamed(f, e);
    }
    case 'typeExpr':
      return f.resolve(e.type);
    case 'typeof':
      return typeofType(f, e.value);
    case 'selector':
      return selectedType(f, e);
    case 'index':
      return argumentType(f, e);
    case 'comptimeSelector':
      return fieldSelected(f, e);
    default:
      return undefined;
  }
}

function selectedType(f: FnContext, e: Expr & { kind: 'selector' }): Type | undefined {
  const item = itemNamed(f, e.value);
  if (item?.signature && e.name === 'return_type') return item.signature.result;
  const base = comptimeType(f, e.value);
  return base && memberType(base, e.name);
}

/** `x.$(field.name)` where `x` is the loop's own variable: the field's type. */
function fieldSelected(f: FnContext, e: Expr & { kind: 'comptimeSelector' }): Type | undefined {
  if (e.member.kind !== 'selector' || !itemNamed(f, e.value)) return undefined;
  return itemNamed(f, e.member.value)?.field?.type;
}

/** `method.args[0]` with the number of a parameter. */
function argumentType(f: FnContext, e: Expr & { kind: 'index' }): Type | undefined {
  const { value, index } = e;
  if (value.kind !== 'selector' || value.name !== 'args' || index.kind !== 'number')
    return undefined;
  return itemNamed(f, value.value)?.signature?.params[Number(index.text)]?.type;
}

/** The type that `typeof` of an expression, or of a type, talks about. */
export function typeofType(f: FnContext, e: Expr): Type {
  const item = itemNamed(f, e);
  // The variable of a loop over fields or variants stands for what it describes.
  if (item)
    return !item.signature && item.value === undefined && item.type ? item.type : item.record.type;
  const isNumber = e.kind === 'selector' && e.name === 'idx';
  const type = isNumber ? undefined : comptimeType(f, e);
  return type ?? checkExpr(f, e).type;
}
