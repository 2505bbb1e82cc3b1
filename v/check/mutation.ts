// Which variables a piece of the typed tree may change: decides what a loop carries and what it may
// read once.

import type { Arg, Local, Place, TBlock, TExpr, TStmt } from '../typed.ts';

export function rootOf(place: Place): Local | undefined {
  switch (place.kind) {
    case 'local':
      return place.local;
    case 'target': {
      const { reference } = place;
      return reference.kind === 'local' && reference.local.unboxed ? reference.local : undefined;
    }
    default:
      return rootOf(place.base);
  }
}

export interface Visitor {
  /** A variable is written. */
  readonly write: (local: Local) => void;
  /** A statement is entered; false skips what is inside. */
  readonly stmt?: (s: TStmt) => void;
  readonly expr?: (e: TExpr) => void;
  /** A place is read or written, or its address is taken; also those it is part of. */
  readonly place?: (place: Place, use: PlaceUse) => void;
}

export type PlaceUse = 'read' | 'write' | 'address';

export function visitBlock(b: TBlock, v: Visitor): void {
  for (const s of b.stmts) visitStmt(s, v);
  if (b.value) visitExpr(b.value, v);
}

function visitPlace(p: Place, v: Visitor, use: PlaceUse): void {
  v.place?.(p, use);
  switch (p.kind) {
    case 'local':
      return;
    case 'target':
      visitExpr(p.reference, v);
      return;
    case 'index':
      visitPlace(p.base, v, use);
      visitExpr(p.index, v);
      return;
    case 'mapIndex':
      visitPlace(p.base, v, use);
      visitExpr(p.key, v);
      return;
    case 'view':
      visitPlace(p.base, v, use);
      for (const a of p.args) visitExpr(a, v);
      return;
    case 'payload':
      visitPlace(p.base, v, use);
      if (p.check) {
        v.write(p.check.held);
        visitExpr(p.check.test, v);
      }
      return;
    default:
      visitPlace(p.base, v, use);
      return;
  }
}

function writePlace(p: Place, v: Visitor): void {
  const root = rootOf(p);
  if (root) v.write(root);
  visitPlace(p, v, 'write');
}

function visitArgs(args: readonly Arg[], v: Visitor): void {
  for (const a of args) {
    if (a.kind === 'value') visitExpr(a.value, v);
    else writePlace(a.place, v);
  }
}

export function visitStmt(s: TStmt, v: Visitor): void {
  v.stmt?.(s);
  switch (s.kind) {
    case 'let':
      v.write(s.local);
      visitExpr(s.value, v);
      return;
    case 'unpack':
      for (const l of s.locals) v.write(l);
      visitExpr(s.value, v);
      return;
    case 'assign':
    case 'modify':
      writePlace(s.place, v);
      visitExpr(s.value, v);
      return;
    case 'expr':
      visitExpr(s.value, v);
      return;
    case 'return':
      if (s.value) visitExpr(s.value, v);
      return;
    case 'loop':
      if (s.condition) visitExpr(s.condition, v);
      for (const step of s.step) visitStmt(step, v);
      visitBlock(s.body, v);
      return;
    case 'range':
      visitExpr(s.low, v);
      visitExpr(s.high, v);
      visitBlock(s.body, v);
      return;
    case 'each':
      visitExpr(s.list, v);
      visitBlock(s.body, v);
      return;
    case 'block':
    case 'defer':
      visitBlock(s.body, v);
      return;
    default:
      return;
  }
}

export function visitExpr(e: TExpr, v: Visitor): void {
  v.expr?.(e);
  switch (e.kind) {
    case 'place':
      visitPlace(e.place, v, 'read');
      return;
    case 'addressOf':
      visitPlace(e.place, v, 'address');
      return;
    case 'arith':
    case 'compare':
    case 'logic':
      visitExpr(e.left, v);
      visitExpr(e.right, v);
      return;
    case 'negate':
    case 'invert':
    case 'not':
    case 'convert':
    case 'wrap':
    case 'unwrap':
    case 'test':
    case 'field':
    case 'newCell':
      visitExpr(e.value, v);
      return;
    case 'struct':
    case 'tuple':
    case 'list':
      for (const x of e.values) visitExpr(x, v);
      return;
    case 'array':
      for (const x of e.elements) visitExpr(x, v);
      return;
    case 'concat':
      for (const x of e.parts) visitExpr(x, v);
      return;
    case 'update':
      visitExpr(e.base, v);
      for (const c of e.changes) visitExpr(c.value, v);
      return;
    case 'index':
      visitExpr(e.value, v);
      visitExpr(e.index, v);
      return;
    case 'runtime':
      for (const x of e.args) visitExpr(x, v);
      return;
    case 'mutate':
      writePlace(e.place, v);
      for (const x of e.args) visitExpr(x, v);
      return;
    case 'call':
      visitArgs(e.args, v);
      return;
    case 'callValue':
      visitExpr(e.callee, v);
      visitArgs(e.args, v);
      return;
    default:
      visitChoice(e, v);
  }
}

/** Expressions that hold blocks. */
function visitChoice(e: TExpr, v: Visitor): void {
  switch (e.kind) {
    case 'if':
      visitExpr(e.condition, v);
      visitBlock(e.whenTrue, v);
      visitBlock(e.otherwise, v);
      return;
    case 'switch':
      visitExpr(e.subject, v);
      for (const c of e.cases) visitBlock(c.body, v);
      visitBlock(e.otherwise, v);
      return;
    case 'block':
      visitBlock(e.body, v);
      return;
    case 'panic':
      visitExpr(e.message, v);
      return;
    default:
      // Closures work on their own variables; everything else holds no expression.
      return;
  }
}

export function changesRoot(block: TBlock, root: Local): boolean {
  let found = false;
  visitBlock(block, {
    write: (local) => {
      if (local === root) found = true;
    },
  });
  return found;
}
