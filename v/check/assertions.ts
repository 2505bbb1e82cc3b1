// `assert`.

import type { Expr, Stmt } from '../ast.ts';
import type { TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { checkExpr, checkValue, localRef, stringConst } from './expressions.ts';
import { smartcastAsserted, withAsserted } from './smartcasts.ts';
import { describe } from './statements.ts';
import { strCall } from './str.ts';

/**
 * A failed assertion prints where it stands, its source and both sides of a comparison, as V does:
 *
 *     file.v:3: FAIL: fn main.main: assert x == 2
 *       left value: x = 1
 *      right value: 2
 */
export function checkAssert(f: FnContext, s: Stmt & { kind: 'assert' }): TStmt[] {
  const { span } = s;
  const stmts: TStmt[] = [];
  const { sides, condition } = withAsserted(f, () => {
    const found = assertSides(f, s.condition, stmts);
    return { sides: found, condition: found?.condition ?? checkValue(f, s.condition, types.bool) };
  });
  if (condition.type !== types.errorType && types.unalias(condition.type) !== types.bool) {
    f.error(
      `assert can be used only with \`bool\` expressions, but found ` +
        `\`${condition.type.name}\` instead`,
      s.condition.span,
    );
    return [];
  }
  const message = s.message && checkValue(f, s.message, types.string);
  if (message && types.unalias(message.type) !== types.string && message.type !== types.errorType) {
    f.error('assert allows only a single string as its second argument', s.message?.span ?? span);
    return [];
  }
  const source = f.program.sources.fileAt(span.start);
  const where =
    `${source.path}:${source.lineOf(span.start)}: FAIL: fn ` +
    `main.${f.displayName}: assert ${describe(f, s.condition)}`;
  const list = (values: readonly TExpr[]): TExpr => ({
    kind: 'list',
    values,
    type: types.voidType,
    span,
  });
  const args = [
    stringConst(Buffer.from(where).toString('latin1'), span),
    list(sides?.shown ?? []),
    list(message ? [message] : []),
  ];
  const failure: TExpr = {
    kind: 'runtime',
    module: 'v_rt',
    name: 'assert_failed',
    args,
    type: types.never,
    span,
  };
  const negated: TExpr = { kind: 'not', value: condition, type: types.bool, span };
  const check: TExpr = {
    kind: 'if',
    condition: negated,
    whenTrue: { stmts: [{ kind: 'expr', value: failure, span }], value: undefined },
    otherwise: { stmts: [], value: undefined },
    type: types.voidType,
    span,
  };
  smartcastAsserted(f, s.condition);
  return [...stmts, { kind: 'expr', value: check, span }];
}

/** Both sides of an asserted comparison, kept in variables so that the message can show them. */
function assertSides(
  f: FnContext,
  e: Expr,
  stmts: TStmt[],
): { condition: TExpr; shown: readonly TExpr[] } | undefined {
  if (e.kind !== 'infix' || !['==', '!=', '<', '<=', '>', '>='].includes(e.operator))
    return undefined;
  const condition = checkExpr(f, e);
  const compared = condition.kind === 'not' ? condition.value : condition;
  if (compared.kind !== 'compare') return { condition, shown: [] };
  const keep = (value: TExpr): TExpr => {
    if (
      value.kind === 'int' ||
      value.kind === 'string' ||
      value.kind === 'bool' ||
      value.kind === 'atom'
    )
      return value;
    const local = f.temporary('side', value.type, value.span);
    stmts.push({ kind: 'let', local, value, span: e.span });
    return localRef(local, value.span);
  };
  const left = keep(compared.left);
  const right = keep(compared.right);
  const comparison: TExpr = { ...compared, left, right };
  const kept: TExpr = condition.kind === 'not' ? { ...condition, value: comparison } : comparison;
  const shown = [
    stringConst(Buffer.from(describe(f, e.left)).toString('latin1'), e.span),
    strCall(f, left, true),
    stringConst(Buffer.from(describe(f, e.right)).toString('latin1'), e.span),
    strCall(f, right, true),
  ];
  return { condition: kept, shown };
}
