// Reading and writing places: operands are evaluated once, then the place can be read and written
// any number of times.

import { type Atom, atom, call, integer, tuple } from '../core.ts';
import type { Place, Wrapper } from '../typed.ts';
import * as types from '../types.ts';
import type { Lowerer } from './lowerer.ts';

export interface PlaceAccess {
  readonly get: () => Atom;
  readonly set: (value: Atom) => void;
}

export function wrapTag(wrap: Wrapper): string {
  return wrap.kind === 'sum' || wrap.kind === 'box' ? wrap.tag : wrap.kind;
}

export function accessPlace(l: Lowerer, place: Place): PlaceAccess {
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
    case 'field': {
      const base = accessPlace(l, place.base);
      const index = integer(place.index + 2);
      return {
        get: () => bind('erlang', 'element', [index, base.get()], false),
        set: (v) => base.set(bind('erlang', 'setelement', [index, base.get(), v], false)),
      };
    }
    case 'index': {
      const base = accessPlace(l, place.base);
      const index = l.expr(place.index);
      const suffix = types.unalias(place.base.type).kind === 'fixed' ? '_fixed' : '';
      return {
        get: () => bind('v_array', `get${suffix}`, [base.get(), index], true),
        set: (v) => base.set(bind('v_array', `set${suffix}`, [base.get(), index, v], true)),
      };
    }
    case 'mapIndex': {
      const base = accessPlace(l, place.base);
      const key = l.expr(place.key);
      return {
        get: () => bind('v_map', 'get', [base.get(), key, l.expr(place.zero)], false),
        set: (v) => base.set(bind('v_map', 'put', [base.get(), key, v], false)),
      };
    }
    case 'payload': {
      const base = accessPlace(l, place.base);
      if (place.check) {
        l.b.write(place.check.held, base.get());
        l.expr(place.check.test);
      }
      return {
        get: () => bind('erlang', 'element', ['2', base.get()], false),
        set: (v) => base.set(l.b.bind(tuple([atom(wrapTag(place.wrap)), v]))),
      };
    }
    case 'common':
      return accessCommon(l, place);
    case 'boxed': {
      const base = accessPlace(l, place.base);
      return {
        get: () => l.b.bind(tuple([atom(wrapTag(place.wrap)), base.get()])),
        set: (v) => base.set(bind('erlang', 'element', ['2', v], false)),
      };
    }
    case 'target': {
      const reference = l.expr(place.reference);
      return {
        get: () => bind('v_ref', 'get', [reference], true),
        set: (v) => l.b.run(l.locate(call('v_ref', 'put', [reference, v]), place.span)),
      };
    }
  }
}

/** The struct is inside a tagged value, and where the field is in it depends on the tag. */
function accessCommon(l: Lowerer, place: Place & { readonly kind: 'common' }): PlaceAccess {
  const base = accessPlace(l, place.base);
  const bif = (name: string, args: readonly Atom[]): Atom => l.b.bind(call('erlang', name, args));
  const rows = place.rows.map((r) => `${atom(r.tag)}=>${r.index + 2}`);
  const first = place.rows[0]?.index ?? 0;
  const same = place.rows.every((r) => r.index === first);
  const at = (whole: Atom): Atom =>
    same
      ? integer(first + 2)
      : bif('map_get', [bif('element', ['1', whole]), `~{${rows.join()}}~`]);
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
