// One argument that stands for several parameters: a call that returns several values, and `...a`
// where the parameters are not variadic.

import type { Argument } from '../ast.ts';
import type { TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { checkValue, deref, intConst, localRef, runtime } from './expressions.ts';

/** The values of the last argument for `count` parameters; undefined when it is just one value. */
export function spreadArgument(f: FnContext, a: Argument, count: number): TExpr[] | undefined {
  if (count < 1 || a.mut || (!a.spread && (a.value.kind !== 'call' || count < 2))) return undefined;
  const { span } = a.value;
  const whole = deref(checkValue(f, a.value));
  const t = types.unalias(whole.type);
  const held = f.temporary('spread', whole.type, span);
  const value = localRef(held, span);
  const part = (i: number): TExpr | undefined => {
    if (t.kind === 'tuple') {
      const type = t.types[i];
      const at = intConst(i + 1, span);
      return type && runtime('erlang', 'element', [at, value], type, span);
    }
    if (!a.spread || (t.kind !== 'array' && t.kind !== 'fixed')) return undefined;
    return { kind: 'index', value, index: intConst(i, span), type: t.element, span };
  };
  if (t.kind === 'tuple' && t.types.length !== count) return undefined;
  const parts: TExpr[] = [];
  for (let i = 0; i < count; i++) {
    const read = part(i);
    if (!read) return undefined;
    parts.push(read);
  }
  // The argument is evaluated once, where its first part stands.
  const first = parts[0] as TExpr;
  const stmts: TStmt[] = [{ kind: 'let', local: held, value: whole, span }];
  parts[0] = { kind: 'block', body: { stmts, value: first }, type: first.type, span };
  return parts;
}
