// `json.decode(T, text)` of V's module json: its first argument is a type, which the compiler hands
// on as a type argument, `json.decode[T](text)`.

import type { CallExpr, Expr, TypeNode } from '../ast.ts';
import type { FnContext } from './context.ts';

/** The call with its type argument where others have it; undefined for any other call. */
export function withTypeArgument(f: FnContext, e: CallExpr): CallExpr | undefined {
  const { callee, args } = e;
  const [first, ...rest] = args;
  if (callee.kind !== 'selector' || callee.name !== 'decode' || e.typeArgs.length > 0) return;
  if (callee.value.kind !== 'ident' || !first || rest.length !== 1) return;
  if (f.scope.find(callee.value.name)) return;
  if (f.program.moduleNamed(callee.value.name, e.span)?.path !== 'json') return;
  const type = typeNode(first.value);
  return type && { ...e, typeArgs: [type], args: rest };
}

function typeNode(e: Expr): TypeNode | undefined {
  const { span } = e;
  switch (e.kind) {
    case 'typeExpr':
      return e.type;
    case 'ident':
      return { kind: 'named', name: e.name, args: [], span };
    case 'selector': {
      const base = e.value.kind === 'ident' ? e.value.name : undefined;
      return base === undefined
        ? undefined
        : { kind: 'named', name: `${base}.${e.name}`, args: [], span };
    }
    case 'index': {
      const base = typeNode(e.value);
      const arg = typeNode(e.index);
      return base?.kind === 'named' && arg ? { ...base, args: [arg], span } : undefined;
    }
    default:
      return undefined;
  }
}
