// Reading and writing places: operands are evaluated once, then the place can be read and written
// any number of times.

import { type Atom, apply, atom, type Core, call, integer, list, tuple } from '../core.ts';
import type { Place, TExpr, Wrapper } from '../typed.ts';
import * as types from '../types.ts';
import { readElement, writeElement } from './arrays.ts';
import { freshTarget } from './expressions.ts';
import type { Lowerer } from './lowerer.ts';
import { readUnion, unionOf, unionStep, writeUnion } from './unions.ts';

export interface PlaceAccess {
  readonly get: () => Atom;
  readonly set: (value: Atom) => void;
}

export function wrapTag(wrap: Wrapper): string {
  return wrap.kind === 'sum' || wrap.kind === 'box' ? wrap.tag : wrap.kind;
}

/** The place is reached through a reference: others may see it. */
export function isReferenced(l: Lowerer, place: Place): boolean {
  switch (place.kind) {
    case 'local':
      return l.isCell(place.local);
    case 'target':
      return !isUnboxed(place.reference);
    default:
      return isReferenced(l, place.base);
  }
}

function isUnboxed(e: TExpr): e is TExpr & { kind: 'local' } {
  return e.kind === 'local' && e.local.unboxed;
}

/** A reference to a place that is reached through one, and the steps from there. */
export function referenceTo(l: Lowerer, place: Place): Atom {
  const steps: Atom[] = [];
  const base = collectSteps(l, place, steps);
  return steps.length === 0 ? base : l.b.bind(call('v_ref', 'at', [base, list(steps)]));
}

function collectSteps(l: Lowerer, place: Place, steps: Atom[]): Atom {
  switch (place.kind) {
    case 'local':
      return l.isCell(place.local)
        ? l.b.read(place.local)
        : l.newCell('new', l.readLocal(place.local));
    case 'target':
      return isUnboxed(place.reference)
        ? l.newCell('new', l.b.read(place.reference.local))
        : l.expr(place.reference);
    default: {
      const base = collectSteps(l, place.base, steps);
      if (place.kind === 'payload' && place.check) {
        const packed = l.b.bind(call('v_ref', 'at', [base, list(steps)]));
        l.b.write(place.check.held, l.b.bind(call('v_ref', 'get', [packed])));
        l.expr(place.check.test);
      }
      steps.push(step(l, place));
      return base;
    }
  }
}

function step(l: Lowerer, place: Exclude<Place, { kind: 'local' | 'target' }>): Atom {
  switch (place.kind) {
    case 'field': {
      const union = unionOf(place.base.type);
      return union ? unionStep(union, place.index) : integer(place.index + 2);
    }
    case 'index':
      return tuple([atom(isFixed(place) ? 'fixed' : 'index'), l.expr(place.index)]);
    case 'mapIndex':
      return tuple([atom('key'), l.expr(place.key), l.expr(place.zero)]);
    case 'payload':
      return tuple([atom('tagged'), atom(wrapTag(place.wrap))]);
    case 'common':
      return tuple([atom('common'), rowsOf(place)]);
    case 'boxed':
      return tuple([atom('boxed'), atom(wrapTag(place.wrap))]);
    case 'view': {
      const names = [place.module, place.get, place.set].map(atom);
      return tuple([atom('view'), ...names, list(place.args.map((a) => l.expr(a)))]);
    }
    case 'accessors': {
      const get = l.b.bind(`${atom(place.get.name)}/1`);
      return tuple([atom('accessors'), get, l.b.bind(`${atom(place.set.name)}/2`)]);
    }
  }
}

/** More fields than these are not copied one by one. */
const copiedFieldsMax = 16;

/** Words of the tuple of a struct that is rebuilt when a field changes. */
function structSize(type: types.Type): number | undefined {
  const t = types.unalias(type);
  if (t.kind !== 'struct' || t.fields.length > copiedFieldsMax) return undefined;
  return t.fields.length + 1;
}

/** A field of a struct; what the block has just put there is not read again. */
export function readField(l: Lowerer, value: Atom, index: number, of: types.Type): Atom {
  const union = unionOf(of);
  if (union) return readUnion(l, value, union, index);
  const known = l.b.elementsOf(value)?.[index + 1];
  return known ?? l.b.bindPure(call('erlang', 'element', [integer(index + 2), value]));
}

function isFixed(place: Place & { kind: 'index' }): boolean {
  return types.unalias(place.base.type).kind === 'fixed';
}

/** Part of a value that other threads reach, too: it is written without touching the rest. */
function mayRace(l: Lowerer, place: Place): boolean {
  if (place.kind === 'local' || place.kind === 'target' || !isReferenced(l, place)) return false;
  let whole: Place = place;
  while (whole.kind !== 'local' && whole.kind !== 'target') whole = whole.base;
  return l.options.cells.mayRace(whole.type);
}

export function accessPlace(l: Lowerer, place: Place): PlaceAccess {
  if (mayRace(l, place)) {
    const reference = referenceTo(l, place);
    return {
      get: () => l.b.bind(call('v_ref', 'get', [reference])),
      set: (v) => l.b.run(call('v_ref', 'put', [reference, v])),
    };
  }
  const bind = (module: string, name: string, args: readonly Atom[], line: boolean): Atom => {
    const core = call(module, name, args);
    return l.b.bind(line && 'span' in place ? l.locate(core, place.span) : core);
  };
  switch (place.kind) {
    case 'local':
      return {
        get: () => l.readLocal(place.local),
        set: (v) => l.writeLocal(place.local, v),
      };
    case 'field':
      return fieldAccess(l, place);
    case 'index':
      return elementAccess(l, place);
    case 'mapIndex': {
      const base = accessPlace(l, place.base);
      const key = l.expr(place.key);
      return {
        get: () => bind('v_map', 'get', [base.get(), key, l.expr(place.zero)], false),
        set: (v) => base.set(bind('v_map', 'put', [base.get(), key, v], false)),
      };
    }
    case 'payload':
      return accessPayload(l, place);
    case 'common':
      return accessCommon(l, place);
    case 'boxed': {
      const base = accessPlace(l, place.base);
      return {
        get: () => l.b.bind(tuple([atom(wrapTag(place.wrap)), base.get()])),
        set: (v) => base.set(bind('erlang', 'element', ['2', v], false)),
      };
    }
    case 'accessors': {
      const base = accessPlace(l, place.base);
      return {
        get: () => l.b.bind(apply(place.get.name, [base.get()])),
        set: (v) => base.set(l.b.bind(apply(place.set.name, [base.get(), v]))),
      };
    }
    case 'view':
      return accessView(l, place);
    case 'target':
      return accessTarget(l, place);
  }
}

function accessView(l: Lowerer, place: Place & { readonly kind: 'view' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  const args = place.args.map((a) => l.expr(a));
  const run = (name: string, all: readonly Atom[]): Atom =>
    l.b.bind(l.locate(call(place.module, name, all), place.span));
  return {
    get: () => run(place.get, [base.get(), ...args]),
    set: (v) => base.set(run(place.set, [base.get(), ...args, v])),
  };
}

function accessPayload(l: Lowerer, place: Place & { readonly kind: 'payload' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  if (place.check) {
    l.b.write(place.check.held, base.get());
    l.expr(place.check.test);
  }
  return {
    get: () => l.b.bind(call('erlang', 'element', ['2', base.get()])),
    set: (v) => base.set(l.b.bind(tuple([atom(wrapTag(place.wrap)), v]))),
  };
}

/** Where the field is, by tag: an Erlang map. */
function rowsOf(place: Place & { readonly kind: 'common' }): Atom {
  return `~{${place.rows.map((r) => `${atom(r.tag)}=>${r.index + 2}`).join()}}~`;
}

/** The struct is inside a tagged value, and where the field is in it depends on the tag. */
function accessCommon(l: Lowerer, place: Place & { readonly kind: 'common' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  const bif = (name: string, args: readonly Atom[]): Atom => l.b.bind(call('erlang', name, args));
  const first = place.rows[0]?.index ?? 0;
  const same = place.rows.every((r) => r.index === first);
  const at = (whole: Atom): Atom =>
    same ? integer(first + 2) : bif('map_get', [bif('element', ['1', whole]), rowsOf(place)]);
  return {
    get: () => {
      const whole = base.get();
      return bif('element', [at(whole), bif('element', ['2', whole])]);
    },
    set: (v) => {
      const whole = base.get();
      const changed = bif('setelement', [at(whole), bif('element', ['2', whole]), v]);
      base.set(bif('setelement', ['2', whole, changed]));
    },
  };
}

function accessTarget(l: Lowerer, place: Place & { kind: 'target' }): PlaceAccess {
  const held = place.reference;
  if (isUnboxed(held)) {
    return {
      get: () => l.b.read(held.local),
      set: (v) => l.b.write(held.local, v),
    };
  }
  const fresh = freshTarget(l, held);
  if (fresh !== undefined) {
    let value = fresh;
    return {
      get: () => value,
      set: (v) => {
        value = v;
      },
    };
  }
  const reference = l.expr(held);
  return {
    get: () => l.b.bind(l.locate(call('v_ref', 'get', [reference]), place.span)),
    set: (v) => l.b.run(l.locate(call('v_ref', 'put', [reference, v]), place.span)),
  };
}

function fieldAccess(l: Lowerer, place: Place & { kind: 'field' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  const size = structSize(place.base.type);
  const union = unionOf(place.base.type);
  return {
    get: () => readField(l, base.get(), place.index, place.base.type),
    set: (v) => {
      if (union) {
        base.set(writeUnion(l, base.get(), union, place.index, v));
        return;
      }
      if (size === undefined) {
        const index = integer(place.index + 2);
        base.set(l.b.bind(call('erlang', 'setelement', [index, base.get(), v])));
        return;
      }
      const elements = [...l.b.takeApart(base.get(), size)];
      elements[place.index + 1] = v;
      base.set(l.b.bindTuple(elements));
    },
  };
}

function elementAccess(l: Lowerer, place: Place & { kind: 'index' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  const index = l.expr(place.index);
  const suffix = isFixed(place) ? '_fixed' : '';
  const runtime = (name: string, args: readonly Atom[]): Core =>
    l.locate(call('v_array', name + suffix, args), place.span);
  return {
    get: () => {
      const array = base.get();
      return readElement(l.b, array, index, runtime('get', [array, index]));
    },
    set: (v) => {
      const array = base.get();
      const slow = runtime('set', [array, index, v]);
      base.set(writeElement(l.b, array, index, v, slow));
    },
  };
}
