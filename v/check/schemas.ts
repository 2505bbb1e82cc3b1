// What a V type looks like as an Erlang term: the schemas by which `runtime/v_term.erl` converts at
// the border to Erlang. docs/v_on_beam.md has the rule for each type.

import type { Span } from '../source.ts';
import type { FnInstance, TExpr } from '../typed.ts';
import type { Field, StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import { tagOf } from './convert.ts';
import { intConst, stringConst } from './expressions.ts';
import { instanceOf } from './functions.ts';
import { dispatcherFor } from './interfaces.ts';
import type { Program } from './program.ts';

/** Parameters of a function that crosses the border as a fun. */
const funArityMax = 4;

/** Whether values of the type need no conversion on the way to Erlang. */
export function travelsAsItIs(type: Type): boolean {
  const t = types.unalias(type);
  if (t.kind === 'struct') return opaqueKind(t) !== undefined;
  return (
    t.kind === 'int' ||
    t.kind === 'float' ||
    t.kind === 'bool' ||
    t.kind === 'string' ||
    t.kind === 'void' ||
    (t.kind === 'enum' && t.flag)
  );
}

/** Structs of module erlang that stand for terms V cannot look into. */
export function opaqueKind(type: StructType): string | undefined {
  return type.decl.attributes.find((a) => a.name === 'erlang_term')?.value;
}

class SchemaMaker {
  private readonly span: Span;
  private readonly named = new Map<Type, TExpr | undefined>();
  private readonly names = new Map<Type, string>();
  /** What in the type cannot cross the border. */
  problem: string | undefined;

  constructor(span: Span) {
    this.span = span;
  }

  atom(name: string): TExpr {
    return { kind: 'atom', name, type: types.noneType, span: this.span };
  }

  tuple(values: readonly TExpr[]): TExpr {
    return { kind: 'tuple', values, type: types.noneType, span: this.span };
  }

  list(values: readonly TExpr[]): TExpr {
    return { kind: 'list', values, type: types.noneType, span: this.span };
  }

  private integer(value: bigint): TExpr {
    return intConst(value, this.span, types.i64);
  }

  private kindOf(name: string, ...rest: readonly TExpr[]): TExpr {
    return this.tuple([this.atom(name), ...rest]);
  }

  shape(type: Type): TExpr {
    const t = types.unalias(type);
    switch (t.kind) {
      case 'int': {
        const { low, high } = types.intRange(t);
        return this.kindOf('int', this.integer(low), this.integer(high));
      }
      case 'float':
      case 'bool':
      case 'string':
      case 'void':
        return this.atom(t.kind);
      case 'none':
        return this.atom('any');
      case 'array':
        return this.kindOf('list', this.shape(t.element));
      case 'fixed':
        return this.kindOf('fixed', this.integer(BigInt(t.size)), this.shape(t.element));
      case 'map':
        return this.kindOf('map', this.shape(t.key), this.shape(t.value));
      case 'tuple':
        return this.kindOf('tuple', this.list(t.types.map((x) => this.shape(x))));
      case 'option':
        return this.kindOf('option', this.shape(t.inner));
      case 'fn':
        return this.fun(t);
      case 'enum':
        if (t.flag) return this.shape(t.base);
        return this.kindOf('enum', this.list([...t.values].map(([name, v]) => this.row(name, v))));
      case 'struct':
      case 'sum':
        return this.reference(t);
      default:
        this.problem ??= t.name;
        return this.atom('any');
    }
  }

  private row(name: string, value: bigint): TExpr {
    return this.tuple([this.atom(name), this.integer(value)]);
  }

  private fun(t: types.FnType): TExpr {
    if (t.params.length > funArityMax || t.params.some((q) => q.mut || q.variadic))
      this.problem ??= t.name;
    const params = this.list(t.params.map((q) => this.shape(q.type)));
    return this.kindOf('function', params, this.shape(t.result));
  }

  /** Structs and sum types stand in the table of named shapes, because they may hold themselves. */
  private reference(t: StructType | types.SumType): TExpr {
    const opaque = t.kind === 'struct' ? opaqueKind(t) : undefined;
    if (opaque !== undefined) return this.atom(opaque);
    let name = this.names.get(t);
    if (name === undefined) {
      name = t.name;
      this.names.set(t, name);
      this.named.set(t, undefined);
      this.named.set(t, t.kind === 'struct' ? this.struct(t) : this.sum(t));
    }
    return this.kindOf('type', this.atom(name));
  }

  private struct(t: StructType): TExpr {
    const record = t.decl.attributes.find((a) => a.name === 'record');
    const isTuple = t.decl.attributes.some((a) => a.name === 'tuple');
    const form = record
      ? this.kindOf('record', this.atom(record.value ?? snakeCase(t.name)))
      : this.atom(isTuple ? 'tuple' : 'map');
    const fields = t.fields.map((x) =>
      this.tuple([this.atom(keyOf(x)), this.shape(x.type)] as const),
    );
    return this.kindOf('struct', this.atom(t.name), form, this.list(fields));
  }

  private sum(t: types.SumType): TExpr {
    const rows = t.variants.map((v) => this.tuple([this.atom(tagOf(v)), this.shape(v)]));
    return this.kindOf('sum', this.list(rows));
  }

  types(): TExpr {
    const rows = [...this.named].flatMap(([t, shape]) =>
      shape ? [this.tuple([this.atom(this.names.get(t) as string), shape])] : [],
    );
    return this.list(rows);
  }
}

/** The key of a field in a map: its name, or what `@[erlang: 'key']` says. */
function keyOf(field: Field): string {
  return field.decl?.attributes.find((a) => a.name === 'erlang')?.value ?? field.name;
}

/** `main.FileInfo` -> `file_info` */
function snakeCase(name: string): string {
  const bare = name.replace(/^.*\./, '').replace(/\[.*$/s, '');
  return bare.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}

/**
 * The schema of a type. With `errors` it can make V's error values, and tell their text. What
 * cannot be a term is reported at `span`.
 */
export function schemaOf(p: Program, type: Type, span: Span, errors: boolean): TExpr {
  const maker = new SchemaMaker(span);
  const shape = maker.shape(type);
  if (maker.problem !== undefined)
    p.error(`\`${maker.problem}\` cannot be converted to or from an Erlang term`, span);
  const makers = errors ? maker.tuple(errorFunctions(p, span)) : maker.atom('none');
  return maker.tuple([shape, maker.types(), makers]);
}

function errorFunctions(p: Program, span: Span): TExpr[] {
  const make = p.functions.get('error');
  const msg = types.errorInterface.methods.find((m) => m.name === 'msg');
  if (!make || !msg) return [];
  const ref = (fn: FnInstance): TExpr => ({ kind: 'fnRef', fn, type: types.noneType, span });
  return [ref(instanceOf(p, make)), ref(dispatcherFor(p, types.errorInterface, msg))];
}

/** Text for the runtime's messages. */
export function label(text: string, span: Span): TExpr {
  return stringConst(Buffer.from(text).toString('latin1'), span);
}
