// Lowering of statements.

import { type Atom, call } from '../core.ts';
import type { Local, TStmt } from '../typed.ts';
import { freshTarget, lowerExpr } from './expressions.ts';
import { lowerBranchOut, lowerEach, lowerLoop, lowerRange } from './loops.ts';
import type { Lowerer } from './lowerer.ts';
import { accessPlace } from './places.ts';

export function lowerStmt(l: Lowerer, s: TStmt): void {
  switch (s.kind) {
    case 'let': {
      const fresh = s.local.unboxed ? freshTarget(l, s.value) : undefined;
      if (fresh !== undefined) {
        if (l.b.ended === undefined) l.b.write(s.local, fresh);
        return;
      }
      const value = l.expr(s.value);
      if (l.b.ended === undefined) l.declareLocal(s.local, value);
      return;
    }
    case 'assign': {
      const access = accessPlace(l, s.place);
      const value = l.expr(s.value);
      if (l.b.ended === undefined) access.set(value);
      return;
    }
    case 'modify': {
      const access = accessPlace(l, s.place);
      l.b.write(s.old, access.get());
      const value = l.expr(s.value);
      if (l.b.ended === undefined) access.set(value);
      return;
    }
    case 'unpack':
      lowerUnpack(l, s.locals, l.expr(s.value));
      return;
    case 'expr':
      lowerExpr(l, s.value);
      return;
    case 'return': {
      const fresh = l.options.freshResult && s.value ? freshTarget(l, s.value) : undefined;
      const value = fresh ?? (s.value && l.expr(s.value));
      if (l.b.ended === undefined) l.returnWith(value);
      return;
    }
    case 'loop':
      lowerLoop(l, s);
      return;
    case 'range':
      lowerRange(l, s);
      return;
    case 'each':
      lowerEach(l, s);
      return;
    case 'break':
    case 'continue':
      lowerBranchOut(l, s);
      return;
    case 'block':
      l.block(s.body);
      return;
    case 'defer': {
      const level = s.atFunctionEnd ? l.defers[0] : l.defers[l.defers.length - 1];
      level?.push(s.body);
      return;
    }
  }
}

function lowerUnpack(l: Lowerer, locals: readonly Local[], value: Atom): void {
  if (l.b.ended !== undefined) return;
  locals.forEach((local, i) => {
    if (local.name === '_') return;
    l.declareLocal(local, l.b.bind(call('erlang', 'element', [String(i + 1), value]), local.name));
  });
}
