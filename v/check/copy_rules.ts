// What must not be copied by an assignment: arrays and maps, which V wants cloned, and structs
// that are `@[nocopy]`. `unsafe` may do it, and so may the library.

import type { AssignStmt, Expr } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';

/** An expression that names something that exists already (V's is_lvalue). */
export function namesPlace(e: Expr): boolean {
  switch (e.kind) {
    case 'ident':
      return true;
    case 'index':
    case 'selector':
      return namesPlace(e.value);
    case 'paren':
      return namesPlace(e.inner);
    case 'prefix':
      return namesPlace(e.value);
    case 'comptimeSelector':
      return namesPlace(e.value);
    default:
      return false;
  }
}

/** The kind of a type without references, options and the like; an alias is none of them. */
function plainKind(type: Type): Type['kind'] {
  switch (type.kind) {
    case 'ref':
    case 'shared':
    case 'option':
    case 'result':
      return plainKind(type.inner);
    default:
      return type.kind;
  }
}

function isNoCopy(type: Type): boolean {
  const t = types.unalias(type);
  if (t.kind === 'option' || t.kind === 'result') return isNoCopy(t.inner);
  return t.kind === 'struct' && t.decl.attributes.some((a) => a.name === 'nocopy');
}

const noCopy = 'cannot copy @[nocopy] struct: use a reference instead';

function isExempt(f: FnContext, e: Expr): boolean {
  return f.insideUnsafe || f.program.unitAt(e.span).library;
}

/** `left = right` or `left := right`, both of which have been checked. */
export function checkCopy(
  f: FnContext,
  s: AssignStmt,
  target: AssignStmt['targets'][number],
  leftType: Type,
  right: Expr,
  value: TExpr,
): void {
  const left = target.value;
  if (isExempt(f, right) || (left.kind === 'ident' && left.name === '_')) return;
  const declares = s.operator === ':=';
  const kinds = [plainKind(leftType), plainKind(value.type)];
  const named = right.kind === 'ident' || right.kind === 'selector';
  const changes = declares ? target.mut : true;
  if (kinds.every((k) => k === 'array') && left.kind === 'ident' && named && changes) {
    const mut = declares ? 'mut ' : '';
    const op = s.operator;
    f.error(
      `use \`${mut}array2 ${op} array1.clone()\` instead of \`${mut}array2 ${op} array1\` ` +
        '(or use `unsafe`)',
      s.operatorSpan,
    );
  }
  const pointer = value.type.kind === 'ref' || leftType.kind === 'shared';
  if (kinds.every((k) => k === 'map') && namesPlace(right) && !pointer) {
    f.error('cannot copy map: call `move` or `clone` method (or use a reference)', right.span);
  }
  if (isNoCopy(leftType) && isNoCopy(value.type) && right.kind !== 'structLiteral')
    f.error(noCopy, right.span);
}

/** `Struct{ field: value }` */
export function checkFieldCopy(
  f: FnContext,
  field: { readonly type: Type; readonly mut: boolean },
  e: Expr,
  value: TExpr,
): void {
  if (f.program.unitAt(e.span).library) return;
  const constant = e.kind === 'ident' && value.kind === 'const';
  const kinds = [plainKind(field.type), plainKind(value.type)];
  const pointer = value.type.kind === 'ref';
  if (constant && field.mut && kinds.every((k) => k === 'map') && !pointer) {
    f.error(
      'cannot assign a const map to mut struct field, call `clone` method (or use a reference)',
      e.span,
    );
  }
  if (constant && field.mut && kinds.every((k) => k === 'array') && !f.insideUnsafe) {
    f.error(
      'cannot assign a const array to mut struct field, call `clone` method (or use `unsafe`)',
      e.span,
    );
  }
  if (isNoCopy(field.type) && isNoCopy(value.type) && e.kind !== 'structLiteral')
    f.error(noCopy, e.span);
}

/** A value parameter of a function that is called. */
export function checkArgumentCopy(f: FnContext, type: Type, mut: boolean, e: Expr): void {
  if (mut || isExempt(f, e) || !isNoCopy(type)) return;
  f.error('cannot pass @[nocopy] struct by value: use a reference instead', e.span);
}

/** `p := &x` and `p = &x`: where p may change what is immutable. */
export function checkReferenceTo(
  f: FnContext,
  target: AssignStmt['targets'][number],
  e: Expr,
): void {
  if (e.kind !== 'prefix' || e.operator !== '&' || f.program.unitAt(e.span).library) return;
  const of = e.value.kind === 'paren' ? e.value.inner : e.value;
  const left = target.value;
  if (of.kind !== 'ident' || left.kind !== 'ident') return;
  const span = { start: e.span.start, end: e.span.start + 1 };
  const binding = f.scope.find(of.name);
  const constant = !binding && f.program.find(f.program.consts, of.name, of.span);
  if (constant && left.name !== '_')
    f.error(`cannot have mutable reference to const \`${of.name}\``, span);
  const isMut = target.mut || f.scope.find(left.name)?.local.mut;
  if (isMut && !f.insideUnsafe && (constant || binding?.local.mut === false))
    f.error(`\`${of.name}\` is immutable, cannot have a mutable reference to it`, span);
}
