/**
 * Makes small .beam files from instructions written as text, right ones and wrong ones, for tests
 * of the loader.
 */
import { opcodes } from '../../tables/opcodes.ts';

export interface AssembledFunction {
  readonly name: string;
  readonly arity: number;
  /** Instructions behind the entry label, e.g. `move x0 y1`; see operand(). */
  readonly code: readonly string[];
}

/** What else a module may hold. */
export interface AssembledTables {
  /** External terms: the literals lit0, lit1 and so on. */
  readonly literals?: readonly Uint8Array[];
  /** Funs of the first function, each with so many free variables. */
  readonly lambdas?: readonly number[];
}

const byName = new Map(opcodes.map((opcode) => [opcode.name, opcode]));
const tags = { u: 0, i: 1, a: 2, x: 3, y: 4, f: 5, z: 7 } as const;

function compact(tag: keyof typeof tags, value: number): number[] {
  const low = tags[tag];
  if (value >= 0 && value < 16) return [(value << 4) | low];
  if (value >= 0 && value < 2048) return [((value >> 8) << 5) | 0x08 | low, value & 255];
  return [0x58 | low, (value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

class Assembler {
  private readonly atoms: string[] = [];
  private readonly imports: string[] = [];

  atom(name: string): number {
    const held = this.atoms.indexOf(name);
    return held < 0 ? this.atoms.push(name) : held + 1;
  }
  private import(name: string): number {
    const held = this.imports.indexOf(name);
    return held < 0 ? this.imports.push(name) - 1 : held;
  }

  /**
   * x0 y0 f1 u1 i5 registers, labels, numbers; `atom` an atom; nil; fr0; lit0 a literal;
   * [x0,y1,i2] a list; module:name/arity an import. Labels are f1 func_info, f2 entry, f3 and up as
   * `label u3`.
   */
  operand(text: string): number[] {
    const simple = /^([xyfui])(-?\d+)$/.exec(text);
    if (simple) return compact(simple[1] as 'x', Number(simple[2]));
    if (text === 'nil') return compact('a', 0);
    const register = /^fr(\d+)$/.exec(text);
    if (register) return [...compact('z', 2), ...compact('u', Number(register[1]))];
    const literal = /^lit(\d+)$/.exec(text);
    if (literal) return [...compact('z', 4), ...compact('u', Number(literal[1]))];
    if (text.startsWith('[')) {
      const elements = text.slice(1, -1).split(',').filter(Boolean);
      const bytes = elements.flatMap((element) => this.operand(element));
      return [...compact('z', 1), ...compact('u', elements.length), ...bytes];
    }
    if (/^\w+:.+\/\d+$/.test(text)) return compact('u', this.import(text));
    return compact('a', this.atom(text));
  }

  instruction(text: string): number[] {
    const [name = '', ...operands] = text.split(' ');
    const opcode = byName.get(name);
    if (!opcode) throw new Error(`no instruction ${name}`);
    if (opcode.arity !== operands.length) throw new Error(`${text}: ${opcode.arity} operands`);
    return [opcode.number, ...operands.flatMap((operand) => this.operand(operand))];
  }

  chunks(code: readonly number[], labels: number, functions: readonly AssembledFunction[]) {
    const header = [...u32(16), ...u32(0), ...u32(184), ...u32(labels), ...u32(functions.length)];
    const exports = functions.flatMap((each, i) => [
      ...u32(this.atom(each.name)),
      ...u32(each.arity),
      ...u32(labelsOf(i).entry),
    ]);
    const imports = this.imports.flatMap((text) => {
      const [, module = '', name = '', arity = ''] = /^(\w+):(.+)\/(\d+)$/.exec(text) ?? [];
      return [...u32(this.atom(module)), ...u32(this.atom(name)), ...u32(Number(arity))];
    });
    const atoms = this.atoms.flatMap((name) => [name.length, ...Buffer.from(name)]);
    return {
      AtU8: [...u32(this.atoms.length), ...atoms],
      Code: [...header, ...code],
      StrT: [],
      ImpT: [...u32(this.imports.length), ...imports],
      ExpT: [...u32(functions.length), ...exports],
    };
  }
}

/** Labels of function `index`: the first function has 1 and 2, labels of its own from 3 on. */
const labelsEach = 9;
function labelsOf(index: number): { info: number; entry: number } {
  return { info: 1 + index * labelsEach, entry: 2 + index * labelsEach };
}

/** The chunks of literals, uncompressed, and of funs. */
function tableChunks(
  { literals = [], lambdas = [] }: AssembledTables,
  assembler: Assembler,
  first: AssembledFunction | undefined,
): Record<string, readonly number[]> {
  const terms = literals.flatMap((term) => [...u32(term.length), ...term]);
  const funs = lambdas.flatMap((free, i) => {
    const name = assembler.atom(first?.name ?? '');
    return [name, first?.arity ?? 0, labelsOf(0).entry, i, free, 0].flatMap(u32);
  });
  return {
    ...(literals.length ? { LitT: [...u32(0), ...u32(literals.length), ...terms] } : {}),
    ...(lambdas.length ? { FunT: [...u32(lambdas.length), ...funs] } : {}),
  };
}

/** The bytes of a module with these functions. */
export function assemble(
  functions: readonly AssembledFunction[],
  module = 'test',
  tables: AssembledTables = {},
): Uint8Array {
  const assembler = new Assembler();
  assembler.atom(module);
  const code = functions.flatMap((each, i) => {
    const { info, entry } = labelsOf(i);
    return [
      `label u${info}`,
      `func_info ${module} ${each.name} u${each.arity}`,
      `label u${entry}`,
      ...each.code,
    ].flatMap((text) => assembler.instruction(text));
  });
  const all = [...code, byName.get('int_code_end')!.number];
  const chunks = {
    ...tableChunks(tables, assembler, functions[0]),
    ...assembler.chunks(all, 1 + functions.length * labelsEach, functions),
  };
  const body = Object.entries(chunks).flatMap(([id, data]) => [
    ...Buffer.from(id),
    ...u32(data.length),
    ...data,
    ...new Array(-data.length & 3).fill(0),
  ]);
  return Uint8Array.from([
    ...Buffer.from('FOR1'),
    ...u32(body.length + 4),
    ...Buffer.from('BEAM'),
    ...body,
  ]);
}
