// Which blocks never reach their end: needed for "missing return" and for the type of `if` and
// `match` values.

import type { TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';

export function diverges(block: TBlock): boolean {
  return block.stmts.some(stmtDiverges) || (block.value !== undefined && exprDiverges(block.value));
}

function stmtDiverges(s: TStmt): boolean {
  switch (s.kind) {
    case 'return':
    case 'break':
    case 'continue':
      return true;
    case 'expr':
      return exprDiverges(s.value);
    case 'let':
    case 'assign':
      return exprDiverges(s.value);
    case 'block':
      return diverges(s.body);
    case 'loop':
      return s.condition === undefined && !breaksOut(s.body, s.target.id);
    default:
      return false;
  }
}

export function exprDiverges(e: TExpr): boolean {
  switch (e.kind) {
    case 'panic':
      return true;
    case 'if':
      return diverges(e.whenTrue) && diverges(e.otherwise);
    case 'switch':
      return e.cases.every((c) => diverges(c.body)) && diverges(e.otherwise);
    case 'block':
      return diverges(e.body);
    default:
      return e.type === types.never;
  }
}

/** Does the block hold a `break` of the loop with this id? */
function breaksOut(block: TBlock, id: number): boolean {
  const inExpr = (e: TExpr | undefined): boolean => {
    if (!e) return false;
    if (e.kind === 'if') return breaksOut(e.whenTrue, id) || breaksOut(e.otherwise, id);
    if (e.kind === 'switch')
      return breaksOut(e.otherwise, id) || e.cases.some((c) => breaksOut(c.body, id));
    if (e.kind === 'block') return breaksOut(e.body, id);
    return false;
  };
  const inStmt = (s: TStmt): boolean => {
    switch (s.kind) {
      case 'break':
        return s.target.id === id;
      case 'expr':
      case 'let':
      case 'assign':
      case 'modify':
      case 'unpack':
        return inExpr(s.value);
      case 'return':
        return false;
      case 'block':
      case 'loop':
      case 'range':
      case 'each':
      case 'defer':
        return breaksOut(s.body, id);
      default:
        return false;
    }
  };
  return block.stmts.some(inStmt) || inExpr(block.value);
}
