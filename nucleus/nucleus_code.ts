/**
 * What the files of the nucleus are written with: procedures with frames, variables, texts and
 * lines on the console, on top of the assembler. One NucleusCode collects the whole nucleus (or the
 * whole Linux host layer).
 *
 * Procedures follow the System V ABI: arguments in rdi, rsi, rdx, rcx, r8, r9, result in rax; rbx,
 * rbp, r12 to r15 are kept. Each has a frame, so that a backtrace can follow rbp.
 */

import {
  type Assembler,
  createAssembler,
  dataFlags,
  readOnlyFlags,
  textFlags,
} from '../x86_64/assembler.ts';
import type { ObjectFile } from '../x86_64/object.ts';
import { type Memory, memory, type Operand, type Register, registers } from '../x86_64/operands.ts';

const { rbp, rsp, rdi, edi } = registers;

/**
 * A part of a line on the console: text, the text at an address, or a number that lies in memory or
 * in a register.
 */
export type LinePart =
  | string
  | { readonly text: Memory | Register }
  | { readonly decimal: Memory | Register }
  | { readonly hex: Memory | Register };

export interface ProcedureOptions {
  /** Registers that the body changes and the caller wants kept. */
  readonly saves?: readonly Register[];
  /** Bytes of local storage at [rsp]. */
  readonly locals?: number;
}

interface Variable {
  readonly name: string;
  readonly bytes: number;
  readonly align: number;
}

interface Constant {
  readonly name: string;
  readonly align: number;
  readonly emit: (code: Assembler) => void;
}

export class NucleusCode {
  readonly code: Assembler;
  readonly #texts = new Map<string, string>();
  readonly #variables: Variable[] = [];
  readonly #constants: { readonly readOnly: boolean; readonly constant: Constant }[] = [];

  constructor(name: string) {
    this.code = createAssembler(name);
    this.code.section('.text', textFlags);
  }

  /** A zero-initialised variable; `bytes` and `align` in bytes. */
  variable(name: string, bytes: number, align = 8): void {
    this.#variables.push({ name, bytes, align });
  }

  /** Initialised data, read-only unless said otherwise. */
  data(name: string, align: number, emit: (code: Assembler) => void, readOnly = true): void {
    this.#constants.push({ readOnly, constant: { name, align, emit } });
  }

  /** The label of a zero-terminated text. */
  text(value: string): string {
    const known = this.#texts.get(value);
    if (known) return known;
    const label = `text_${this.#texts.size}`;
    this.#texts.set(value, label);
    return label;
  }

  /** A procedure; `.return` in the body is the way out. */
  procedure(name: string, options: ProcedureOptions, body: () => void): void {
    const { code } = this;
    const saves = options.saves ?? [];
    const locals = options.locals ?? 0;
    // The return address and rbp are 16 bytes: the rest has to be a multiple of 16, too.
    const reserve = Math.ceil((8 * saves.length + locals) / 16) * 16 - 8 * saves.length;
    code.function(name);
    code.push(rbp);
    code.mov(rbp, rsp);
    for (const register of saves) code.push(register);
    if (reserve > 0) code.sub(rsp, reserve);
    body();
    code.label('.return');
    if (reserve > 0) code.add(rsp, reserve);
    for (const register of [...saves].reverse()) code.pop(register);
    code.pop(rbp);
    code.ret();
  }

  /** Writes the parts to the console. Changes every register that a call may change. */
  print(...parts: readonly LinePart[]): void {
    const { code } = this;
    for (const part of parts) {
      if (typeof part === 'string') {
        code.lea(rdi, memory(this.text(part)));
        code.call('console_text');
      } else if ('text' in part) {
        code.mov(rdi, part.text);
        code.call('console_text');
      } else {
        const value = 'decimal' in part ? part.decimal : part.hex;
        // A 32-bit value is extended with zeros.
        code.mov(value.bits === 32 ? edi : rdi, value);
        code.call('decimal' in part ? 'console_decimal' : 'console_hex');
      }
    }
  }

  /** As print, with the end of the line. */
  line(...parts: readonly LinePart[]): void {
    const last = parts.at(-1);
    if (typeof last === 'string') this.print(...parts.slice(0, -1), `${last}\n`);
    else this.print(...parts, '\n');
  }

  /** Says what failed and stops with a non-zero exit status. */
  fail(...parts: readonly LinePart[]): void {
    this.line('nucleus: ', ...parts);
    this.code.call('stop_failed');
  }

  /**
   * Calls a function of the firmware or the VM through a pointer or by name, with up to six
   * operands.
   */
  call(target: string, ...args: readonly Operand[]): void {
    const order = [registers.rdi, registers.rsi, registers.rdx, registers.rcx, registers.r8];
    for (const [index, argument] of args.entries()) {
      const register = order[index] as Register;
      if (argument !== register) this.code.mov(register, argument);
    }
    this.code.call(target);
  }

  /** Everything as an object for link/. */
  finish(): ObjectFile {
    const { code } = this;
    code.section('.rodata', readOnlyFlags);
    for (const [value, label] of this.#texts) {
      code.label(label);
      code.ascii(`${value}\0`);
    }
    for (const readOnly of [true, false]) {
      const chosen = this.#constants.filter((constant) => constant.readOnly === readOnly);
      if (chosen.length === 0) continue;
      if (!readOnly) code.section('.data', dataFlags);
      for (const { constant } of chosen) {
        code.object(constant.name, constant.align);
        constant.emit(code);
      }
    }
    code.section('.bss', dataFlags, true);
    // The widest alignment first, so that little is lost between.
    for (const { name, bytes, align } of [...this.#variables].sort((a, b) => b.align - a.align)) {
      code.object(name, align);
      code.zeros(bytes);
    }
    return code.finish();
  }
}
