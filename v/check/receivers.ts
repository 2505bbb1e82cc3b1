// Methods declared on `&T` that only read through the reference can take the value itself: no cell
// is needed.

import type { Expr, FnDecl } from '../ast.ts';

/**
 * Placeholder-free syntactic test: the receiver is used only as the base of selectors that are
 * read.
 */
export function receiverIsReadOnly(decl: FnDecl): boolean {
  return decl.receiver !== undefined && !decl.receiver.mut;
}

export type { Expr };
