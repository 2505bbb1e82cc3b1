// Typed trees that ask how a value is packed, and that use a value twice.

import type { Span } from '../source.ts';
import type { Local, TExpr } from '../typed.ts';
import * as types from '../types.ts';

/** Whether an option holds a value, or a result is none of its errors. */
export function isPresent(subject: TExpr, of: 'option' | 'result', span: Span): TExpr {
  const tags = [of === 'option' ? 'some' : 'ok'];
  return { kind: 'test', value: subject, tags, of, type: types.bool, span };
}

/** `test`, which reads `held` any number of times, after `item` was computed once. */
export function testOf(held: Local, item: TExpr, test: TExpr, span: Span): TExpr {
  return {
    kind: 'block',
    body: { stmts: [{ kind: 'let', local: held, value: item, span }], value: test },
    type: types.bool,
    span,
  };
}
