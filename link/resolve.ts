/**
 * Symbol resolution: which definition each name means, and which sections are reachable from the
 * entry. System V gABI, "Symbol Table": a strong definition wins over weak and common ones, an
 * undefined weak symbol is 0.
 */
import type { ObjectFile, ObjectSymbol } from '../x86_64/object.ts';
import { LinkError } from './link_error.ts';

/** A definition in one of the objects, or an address that the linker itself defines. */
export type Definition =
  | {
      readonly kind: 'section';
      readonly object: number;
      readonly section: number;
      readonly symbol: ObjectSymbol;
    }
  | {
      readonly kind: 'common';
      readonly name: string;
      readonly size: number;
      readonly align: number;
    }
  | { readonly kind: 'absolute'; readonly value: bigint }
  | { readonly kind: 'linker'; readonly name: string };

export interface Resolution {
  /**
   * The definition that symbol `index` of object `object` stands for, or null for an undefined weak
   * one.
   */
  readonly definitionOf: (object: number, index: number) => Definition | null;
  readonly definitionNamed: (name: string) => Definition | null;
  /** Reachable sections of each object. */
  readonly live: readonly ReadonlySet<number>[];
  /** Common symbols that are used, by name. */
  readonly commons: ReadonlyMap<string, Definition & { kind: 'common' }>;
}

interface Candidate {
  readonly definition: Definition;
  readonly rank: number;
  readonly where: string;
}

const rankOf = { global: 3, common: 2, weak: 1 } as const;

function define(object: ObjectFile, at: number, symbol: ObjectSymbol): Candidate | null {
  const where = object.name;
  const { name, section, value, size, binding } = symbol;
  if (section === 'undefined' || binding === 'local' || name === '') return null;
  if (section === 'common') {
    const align = Math.max(1, Number(value));
    return { definition: { kind: 'common', name, size, align }, rank: rankOf.common, where };
  }
  const rank = rankOf[binding];
  if (section === 'absolute') return { definition: { kind: 'absolute', value }, rank, where };
  return { definition: { kind: 'section', object: at, section, symbol }, rank, where };
}

/** One common symbol of the larger size and alignment, as C's tentative definitions ask for. */
function merge(one: Candidate, other: Candidate): Candidate {
  if (one.definition.kind !== 'common' || other.definition.kind !== 'common') return one;
  const size = Math.max(one.definition.size, other.definition.size);
  const align = Math.max(one.definition.align, other.definition.align);
  return { ...one, definition: { ...one.definition, size, align } };
}

function globals(objects: readonly ObjectFile[], errors: string[]): Map<string, Candidate> {
  const found = new Map<string, Candidate>();
  for (const [at, object] of objects.entries()) {
    for (const symbol of object.symbols) {
      const next = define(object, at, symbol);
      if (!next) continue;
      const known = found.get(symbol.name);
      if (!known || next.rank > known.rank) found.set(symbol.name, next);
      else if (next.rank === known.rank && next.rank === rankOf.common) {
        found.set(symbol.name, merge(known, next));
      } else if (next.rank === known.rank && next.rank === rankOf.global) {
        errors.push(
          `duplicate symbol ${symbol.name}: defined in ${known.where} and in ${next.where}`,
        );
      }
    }
  }
  return found;
}

export interface ResolveOptions {
  /** Names from which everything that is kept must be reachable. */
  readonly roots: readonly string[];
  /** Names whose address the linker says, such as the ends of segments. */
  readonly linkerNames: ReadonlySet<string>;
}

/** Resolves all symbols. Throws one LinkError that lists everything undefined or defined twice. */
export function resolve(objects: readonly ObjectFile[], options: ResolveOptions): Resolution {
  const errors: string[] = [];
  const table = globals(objects, errors);
  const undefinedUses = new Map<string, Set<string>>();

  const definitionNamed = (name: string): Definition | null => {
    const known = table.get(name)?.definition;
    if (known) return known;
    return options.linkerNames.has(name) ? { kind: 'linker', name } : null;
  };
  const definitionOf = (at: number, index: number): Definition | null => {
    const symbol = objects[at]?.symbols[index];
    if (!symbol) throw new LinkError(`object ${at} has no symbol ${index}`);
    if (symbol.binding !== 'local' || symbol.section === 'undefined') {
      return definitionNamed(symbol.name);
    }
    if (symbol.section === 'absolute') return { kind: 'absolute', value: symbol.value };
    if (symbol.section === 'common') return definitionNamed(symbol.name);
    return { kind: 'section', object: at, section: symbol.section, symbol };
  };

  const live = objects.map(() => new Set<number>());
  const commons = new Map<string, Definition & { kind: 'common' }>();
  const pending: { object: number; section: number }[] = [];
  const reach = (definition: Definition): void => {
    if (definition.kind === 'common') commons.set(definition.name, definition);
    if (definition.kind !== 'section') return;
    const { object, section } = definition;
    if (live[object]?.has(section)) return;
    live[object]?.add(section);
    pending.push({ object, section });
  };
  const missing = (name: string, user: string): void => {
    const users = undefinedUses.get(name) ?? new Set();
    undefinedUses.set(name, users.add(user));
  };

  for (const name of options.roots) {
    const definition = definitionNamed(name);
    if (definition) reach(definition);
    else missing(name, 'the linker itself');
  }
  for (let next = pending.pop(); next; next = pending.pop()) {
    const object = objects[next.object] as ObjectFile;
    for (const { symbol: index } of object.sections[next.section]?.relocations ?? []) {
      const definition = definitionOf(next.object, index);
      const symbol = object.symbols[index];
      if (definition) reach(definition);
      else if (symbol?.binding !== 'weak' && index !== 0) missing(symbol?.name ?? '', object.name);
    }
  }
  for (const [name, users] of undefinedUses) {
    errors.push(`undefined symbol ${name}: needed by ${[...users].join(', ')}`);
  }
  if (errors.length > 0) throw new LinkError(errors.sort().join('\n'));
  return { definitionOf, definitionNamed, live, commons };
}
