// Who may use what another module declares: what is `pub`, and nothing else. Tests may use
// everything, and so may the library, whose modules are written together.

import type { Span } from '../source.ts';
import type { Program } from './program.ts';

/** A declaration as far as its visibility goes. */
interface Declared {
  readonly public: boolean;
  readonly nameSpan: Span;
}

/** The declaration is another module's own, and the code at `span` must not use it. */
function isHidden(p: Program, decl: Declared, span: Span): boolean {
  if (decl.public || decl.nameSpan.end === 0) return false;
  const user = p.unitAt(span);
  const owner = p.unitAt(decl.nameSpan);
  return user.module !== owner.module && !owner.module.builtin && !user.library;
}

/** Reports the use of a function or constant (`what`) of another module that is not `pub`. */
export function requirePublic(
  p: Program,
  what: 'function' | 'constant',
  name: string,
  decl: Declared,
  span: Span,
): void {
  if (!p.isTestFile && isHidden(p, decl, span)) p.error(`${what} \`${name}\` is private`, span);
}

/** Methods are private to their module in tests, too. */
export function requirePublicMethod(
  p: Program,
  type: string,
  name: string,
  decl: Declared,
  span: Span,
): void {
  if (isHidden(p, decl, span)) p.error(`method \`${type}.${name}\` is private`, span);
}
