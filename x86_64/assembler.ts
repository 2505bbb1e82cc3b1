/**
 * The assembler: instruction methods, labels, data and sections, collected into an object that
 * link/ takes.
 *
 *   const code = createAssembler('start');
 *   code.section('.text', text);
 *   code.function('add');
 *   code.mov(rax, rdi);
 *   code.add(rax, rsi);
 *   code.ret();
 *   const object = code.finish();
 *
 * A label that begins with a dot belongs to the label without a dot before it, so that `.loop` can
 * be used in every function. Branches to earlier labels take the short form when it reaches;
 * branches forward are 4 bytes wide.
 */
import {
  R_X86_64_32,
  R_X86_64_32S,
  R_X86_64_64,
  R_X86_64_PC8,
  R_X86_64_PC32,
  R_X86_64_PLT32,
} from '../tables/elf.ts';
import type { Mnemonic } from '../tables/x86_instructions.ts';
import type { Fixup } from './encode.ts';
import { mnemonics } from './forms.ts';
import type { ObjectFile, ObjectSymbol, Relocation, SectionFlags } from './object.ts';
import type { Operand } from './operands.ts';
import { print, printSymbol } from './print.ts';
import { candidates, type Selected, select } from './select.ts';

/** A mistake in the use of labels or sections; the message names the label. */
export class AssemblerError extends Error {}

export const textFlags: SectionFlags = { write: false, execute: true };
export const readOnlyFlags: SectionFlags = { write: false, execute: false };
export const dataFlags: SectionFlags = { write: true, execute: false };

interface PendingFixup {
  readonly fixup: Fixup;
  /** Offset of the fixup in the section. */
  readonly offset: number;
  readonly symbol: string;
}

interface Section {
  readonly name: string;
  readonly flags: SectionFlags;
  align: number;
  bytes: Uint8Array;
  length: number;
  /** Zero-initialised: has a length but no bytes. */
  readonly zero: boolean;
  readonly fixups: PendingFixup[];
  readonly listing: string[];
}

interface Definition {
  readonly section: number;
  readonly offset: number;
  readonly kind: 'none' | 'object' | 'function';
  size: number;
  binding: 'local' | 'global' | 'weak';
}

export type InstructionMethods = { readonly [M in Mnemonic]: (...operands: Operand[]) => void };
export type Assembler = AssemblerCore & InstructionMethods;

const relocationOf = (fixup: Fixup): number => {
  if (fixup.kind === 'absolute') return fixup.bytes === 8 ? R_X86_64_64 : R_X86_64_32;
  if (fixup.kind === 'absoluteSigned') return R_X86_64_32S;
  if (fixup.bytes === 1) return R_X86_64_PC8;
  return fixup.kind === 'branch' ? R_X86_64_PLT32 : R_X86_64_PC32;
};

class AssemblerCore {
  readonly name: string;
  readonly #sections: Section[] = [];
  readonly #definitions = new Map<string, Definition>();
  #current = -1;
  #scope = '';
  #openFunction: string | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get #section(): Section {
    const section = this.#sections[this.#current];
    if (!section) throw new AssemblerError(`${this.name}: no section has been chosen yet`);
    return section;
  }

  /** Continues the section of this name, which is made when it is new. */
  section(name: string, flags: SectionFlags, zero = false): void {
    this.#closeFunction();
    const index = this.#sections.findIndex((section) => section.name === name);
    if (index >= 0) {
      this.#current = index;
      return;
    }
    const bytes = new Uint8Array(zero ? 0 : 4096);
    this.#sections.push({ name, flags, align: 1, bytes, length: 0, zero, fixups: [], listing: [] });
    this.#current = this.#sections.length - 1;
  }

  /** Offset in the current section. */
  get here(): number {
    return this.#section.length;
  }

  /** The full name of a label: local ones get the name of the function they are in. */
  qualified(name: string): string {
    return name.startsWith('.') ? `${this.#scope}${name}` : name;
  }

  #define(name: string, kind: Definition['kind'], binding: Definition['binding']): void {
    const full = this.qualified(name);
    if (this.#definitions.has(full)) {
      throw new AssemblerError(`${this.name}: label ${full} is defined twice`);
    }
    const section = this.#section;
    const definition = { section: this.#current, offset: section.length, kind, size: 0, binding };
    this.#definitions.set(full, definition);
    section.listing.push(`${printSymbol(full)}:`);
  }

  #closeFunction(): void {
    const open = this.#openFunction && this.#definitions.get(this.#openFunction);
    if (open) open.size = (this.#sections[open.section]?.length ?? 0) - open.offset;
    this.#openFunction = null;
  }

  label(name: string): void {
    if (!name.startsWith('.')) this.#scope = name;
    this.#define(name, 'none', 'local');
  }

  /**
   * Begins a function that other objects can call; it ends where the next one begins or the section
   * is left.
   */
  function(name: string, binding: 'local' | 'global' | 'weak' = 'global'): void {
    this.#closeFunction();
    this.align(16, 0xcc);
    this.#scope = name;
    this.#define(name, 'function', binding);
    this.#openFunction = name;
  }

  /** A named datum that other objects can use. */
  object(name: string, align: number, binding: 'local' | 'global' | 'weak' = 'global'): void {
    this.align(align);
    this.#define(name, 'object', binding);
  }

  align(bytes: number, fill = 0): void {
    const section = this.#section;
    section.align = Math.max(section.align, bytes);
    const missing = (bytes - (section.length % bytes)) % bytes;
    if (section.zero) section.length += missing;
    else this.bytes(new Uint8Array(missing).fill(fill));
  }

  bytes(data: ArrayLike<number>): void {
    if (data.length === 0) return;
    this.#section.listing.push(`.byte ${Array.from(data).join(',')}`);
    this.#append(data);
  }

  #append(data: ArrayLike<number>): void {
    const section = this.#section;
    if (section.zero) throw new AssemblerError(`${section.name} holds no bytes, only zeros`);
    if (section.length + data.length > section.bytes.length) {
      const grown = new Uint8Array(2 * (section.length + data.length));
      grown.set(section.bytes.subarray(0, section.length));
      section.bytes = grown;
    }
    section.bytes.set(data, section.length);
    section.length += data.length;
  }

  zeros(count: number): void {
    if (this.#section.zero) this.#section.length += count;
    else this.bytes(new Uint8Array(count));
  }

  #integers(bytes: 2 | 4 | 8, values: readonly (number | bigint)[]): void {
    const data = new Uint8Array(bytes * values.length);
    for (const [index, value] of values.entries()) {
      for (let byte = 0; byte < bytes; byte++) {
        data[index * bytes + byte] = Number((BigInt(value) >> BigInt(8 * byte)) & 0xffn);
      }
    }
    this.bytes(data);
  }

  u8(...values: number[]): void {
    this.bytes(values.map((value) => value & 0xff));
  }

  u16(...values: (number | bigint)[]): void {
    this.#integers(2, values);
  }

  u32(...values: (number | bigint)[]): void {
    this.#integers(4, values);
  }

  u64(...values: (number | bigint)[]): void {
    this.#integers(8, values);
  }

  ascii(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  /** An 8-byte word that holds the address of a symbol. */
  pointer(symbol: string, addend = 0n): void {
    const full = this.qualified(symbol);
    const fixup: Fixup = { offset: 0, bytes: 8, kind: 'absolute', symbol: full, addend };
    this.#section.fixups.push({ fixup, offset: this.here, symbol: full });
    this.#section.listing.push(`.quad ${printSymbol(full)}+${addend}`);
    this.#append(new Uint8Array(8));
  }

  /** A 4-byte word that holds the distance from itself to a symbol. */
  distance(symbol: string, addend = 0n): void {
    const full = this.qualified(symbol);
    const fixup: Fixup = { offset: 0, bytes: 4, kind: 'relative', symbol: full, addend };
    this.#section.fixups.push({ fixup, offset: this.here, symbol: full });
    this.#section.listing.push(`.long ${printSymbol(full)}+${addend}-.`);
    this.#append(new Uint8Array(4));
  }

  /** Assembles one instruction: the shortest form that takes the operands. */
  emit(mnemonic: Mnemonic, given: readonly Operand[]): void {
    const operands = given.map((operand) => this.#resolve(operand));
    const target = operands.find((operand) => typeof operand === 'string');
    const chosen =
      target === undefined ? select(mnemonic, operands) : this.#branch(mnemonic, operands, target);
    const section = this.#section;
    for (const fixup of chosen.fixups) {
      const offset = section.length + fixup.offset;
      section.fixups.push({ fixup, offset, symbol: fixup.symbol });
    }
    const wide = target !== undefined && chosen.bytes.length > 2 ? '{disp32} ' : '';
    section.listing.push(
      `${wide}${print(chosen.form, chosen.shown ?? operands, chosen.bytes.length)}`,
    );
    this.#append(chosen.bytes);
  }

  #resolve(operand: Operand): Operand {
    if (typeof operand === 'string') return this.qualified(operand);
    if (typeof operand !== 'object' || operand.kind === 'register') return operand;
    if (operand.symbol === null) return operand;
    return { ...operand, symbol: this.qualified(operand.symbol) };
  }

  /** A branch: short when the label is known and near or when there is no other form. */
  #branch(mnemonic: Mnemonic, operands: readonly Operand[], target: string): Selected {
    const found = candidates(mnemonic, operands);
    const short = found.find((candidate) => candidate.fixups[0]?.bytes === 1);
    const long = found.find((candidate) => candidate.fixups[0]?.bytes === 4);
    const known = this.#definitions.get(target);
    if (short && known?.section === this.#current) {
      const distance = known.offset - (this.#section.length + short.bytes.length);
      if (distance >= -128) {
        return { ...select(mnemonic, [distance]), shown: operands };
      }
    }
    const chosen = long ?? short;
    if (!chosen) throw new AssemblerError(`${mnemonic} ${target}: not a branch to a label`);
    return { ...chosen, shown: operands };
  }

  /** Makes a name visible to other objects under the given binding. */
  bind(name: string, binding: 'global' | 'weak'): void {
    const definition = this.#definitions.get(name);
    if (!definition) throw new AssemblerError(`${this.name}: ${name} is not defined`);
    definition.binding = binding;
  }

  /** The text of one section in the syntax of GNU `as`. */
  listing(sectionName: string): string {
    const section = this.#sections.find(({ name }) => name === sectionName);
    return `${section?.listing.join('\n') ?? ''}\n`;
  }

  finish(): ObjectFile {
    this.#closeFunction();
    const symbols: ObjectSymbol[] = [];
    const indexOf = new Map<string, number>();
    for (const [name, definition] of this.#definitions) {
      const { binding, kind, section, offset, size } = definition;
      // Labels inside functions are resolved here; naming them would only blow up the symbol table.
      if (name.includes('.') && kind === 'none' && binding === 'local') continue;
      indexOf.set(name, symbols.length);
      symbols.push({ name, binding, kind, section, value: BigInt(offset), size });
    }
    const symbolIndex = (name: string): number => {
      const known = indexOf.get(name);
      if (known !== undefined) return known;
      const local = this.#definitions.get(name);
      indexOf.set(name, symbols.length);
      symbols.push(
        local
          ? {
              name,
              binding: 'local',
              kind: 'none',
              section: local.section,
              value: BigInt(local.offset),
              size: 0,
            }
          : { name, binding: 'global', kind: 'none', section: 'undefined', value: 0n, size: 0 },
      );
      return symbols.length - 1;
    };
    const sections = this.#sections.map((section, index) => ({
      name: section.name,
      flags: section.flags,
      align: section.align,
      size: section.length,
      relocations: this.#relocate(section, index, symbolIndex),
      bytes: section.bytes.slice(0, section.zero ? 0 : section.length),
    }));
    return { name: this.name, sections, symbols };
  }

  /** Fills in what is known inside the section and returns relocations for the rest. */
  #relocate(section: Section, index: number, symbolIndex: (name: string) => number): Relocation[] {
    const relocations: Relocation[] = [];
    for (const { fixup, offset, symbol } of section.fixups) {
      const known = this.#definitions.get(symbol);
      const isRelative = fixup.kind === 'relative' || fixup.kind === 'branch';
      if (known?.section === index && isRelative && known.binding !== 'weak') {
        const value = BigInt(known.offset - offset) + fixup.addend;
        if (fixup.bytes === 1 && (value < -128n || value > 127n)) {
          throw new AssemblerError(`${this.name}: ${symbol} is ${value} bytes away, out of reach`);
        }
        for (let at = 0; at < fixup.bytes; at++) {
          section.bytes[offset + at] = Number((value >> BigInt(8 * at)) & 0xffn);
        }
        continue;
      }
      if (!known && symbol.includes('.')) {
        throw new AssemblerError(`${this.name}: label ${symbol} is not defined`);
      }
      const type = relocationOf(fixup);
      relocations.push({ offset, type, symbol: symbolIndex(symbol), addend: fixup.addend });
    }
    return relocations;
  }
}

/** An assembler with one method an instruction. */
export function createAssembler(name: string): Assembler {
  const core = new AssemblerCore(name);
  const methods = Object.fromEntries(
    mnemonics.map((mnemonic) => [
      mnemonic,
      (...operands: Operand[]) => core.emit(mnemonic, operands),
    ]),
  );
  return Object.assign(core, methods as unknown as InstructionMethods);
}
