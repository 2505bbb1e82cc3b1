/**
 * Turns one function body into C, checking it on the way with the algorithm of the specification's
 * appendix (https://webassembly.github.io/spec/core/appendix/algorithm.html).
 *
 * The C is flat: blocks become labels and branches become `goto`, because a C compiler limits
 * nesting and an interpreter's loop has hundreds of nested blocks. Locals are C variables; operands
 * are kept as expressions (native/value_stack) and go into temporaries `t0, t1, …` only when they
 * must be evaluated where they stand.
 *
 * A `br_table` becomes a `switch`, except at the head of a loop: there it is an interpreter's
 * dispatch and becomes a `goto *`, repeated at every branch back to that loop head, so that each
 * arm has its own indirect jump.
 */

import { wasmMemoryTypeBytes } from '../tables/wasm_opcodes.ts';
import {
  cTypes,
  f32Literal,
  f64Literal,
  i32Literal,
  i64Literal,
  identifier,
  signatureText,
} from './c_text.ts';
import { specialInstructions } from './special_instructions.ts';
import { atom, operand, type Value, ValueStack } from './value_stack.ts';
import {
  type FunctionType,
  readValueType,
  type ValueType,
  type WasmFunction,
  type WasmModule,
} from './wasm_module.ts';
import { readOpcode, type WasmOpcode } from './wasm_opcode.ts';
import type { WasmReader } from './wasm_reader.ts';

/**
 * How the dispatch of an interpreter loop is written; `threaded` is the fastest (bench/dispatch).
 */
export type DispatchForm = 'switch' | 'goto' | 'threaded';

export interface EmitOptions {
  readonly dispatch: DispatchForm;
  /**
   * Linear byte ranges that something else than the VM writes: loads at these constant addresses
   * are volatile.
   */
  readonly volatileRanges: readonly { readonly start: number; readonly bytes: number }[];
}

/** What a function's text needs from its surroundings; filled while the text is made. */
export interface Uses {
  readonly functions: Set<number>;
  readonly globals: Set<number>;
  readonly data: Set<number>;
  readonly elements: Set<number>;
  table: boolean;
}

/** C names of the module's things. */
export interface ModuleNames {
  readonly functions: readonly string[];
  readonly globals: readonly string[];
}

export interface Frame {
  readonly kind: 'function' | 'block' | 'loop' | 'if' | 'else';
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Height of the value stack below the params. */
  readonly height: number;
  readonly label: number;
  /** Whether the code around the block can be reached. */
  readonly entryLive: boolean;
  /** Variables that a branch to the label assigns. */
  readonly branchVariables: readonly string[];
  /** The operands that both arms of an `if` start with. */
  readonly paramValues: readonly Value[];
  /** Validation: operands below are of any type. */
  polymorphic: boolean;
  labelUsed: boolean;
  /** Text that a branch to this loop repeats instead of jumping to its head. */
  dispatch: readonly string[] | null;
}

/** A dispatch has few instructions before its br_table; longer heads are not worth repeating. */
const dispatchHeadLinesMax = 12;
/** A br_table with fewer targets is an ordinary switch. */
const dispatchTargetsMin = 16;
/** How large a dispatch table may become so that its index needs no comparison. */
const paddedTargetsMax = 4096;
/** Largest values of the C types that a load of an i32 may have. */
const unsignedMax: Readonly<Record<string, number>> = { u8: 0xff, u16: 0xffff };

/**
 * Longer expressions go into a temporary, so that the text stays linear in the size of the body.
 */
const expressionLengthMax = 160;

/** The bound of `x & constant`. */
function masked(opcode: WasmOpcode, operands: readonly Value[]): { max?: number } {
  const mask = operands.find((value) => value.constant !== null)?.constant ?? null;
  return opcode.name === 'i32.and' && mask !== null ? { max: mask } : {};
}

export class FunctionEmitter {
  readonly module: WasmModule;
  readonly names: ModuleNames;
  readonly options: EmitOptions;
  readonly uses: Uses;
  readonly type: FunctionType;
  readonly reader: WasmReader;
  readonly frames: Frame[] = [];
  readonly stack: ValueStack;
  readonly localTypes: ValueType[];
  readonly localNames: string[];
  /** Whether the instruction at hand can be reached; nothing is emitted for one that cannot. */
  live = true;
  /**
   * The loop whose head is being emitted, while it has nothing but straight code and plain blocks.
   */
  loopHead: { readonly loop: Frame; readonly start: number } | null = null;
  private readonly lines: string[] = [];
  private temporaryCount = 0;
  private labelCount = 0;

  constructor(
    module: WasmModule,
    f: WasmFunction,
    names: ModuleNames,
    options: EmitOptions,
    uses: Uses,
  ) {
    if (f.body === null) throw new Error('an import has no body');
    this.module = module;
    this.names = names;
    this.options = options;
    this.uses = uses;
    this.type = f.type;
    this.reader = f.body;
    this.localTypes = [...f.type.params, ...this.readLocals(f.type.params.length)];
    this.localNames = this.localTypes.map((_, index) => {
      const name = identifier(f.localNames.get(index) ?? '');
      return name === '' || /^\d+$/.test(name) ? `l${index}` : `${name}_${index}`;
    });
    this.stack = new ValueStack(this.localTypes.length);
  }

  private readLocals(paramCount: number): ValueType[] {
    const types: ValueType[] = [];
    this.reader.vector(() => {
      const count = this.reader.u32();
      if (paramCount + types.length + count > 50_000) this.reader.fail('too many locals');
      const type = readValueType(this.reader);
      for (let i = 0; i < count; i++) types.push(type);
    });
    return types;
  }

  /** The function's C text, `name` being its declarator. */
  emit(name: string): string {
    if (this.type.results.length > 1)
      this.reader.fail('functions of several results are not supported');
    const declarations: string[] = [];
    for (let i = this.type.params.length; i < this.localTypes.length; i++) {
      declarations.push(`  ${cTypes[this.localType(i)]} ${this.localNames[i]} = 0;`);
    }
    this.pushFrame('function', [], this.type.results, []);
    while (this.frames.length > 0) {
      if (this.reader.atEnd) this.reader.fail('function body must end with END opcode');
      this.instruction(readOpcode(this.reader));
    }
    if (!this.reader.atEnd) this.reader.fail('END opcode expected at the end of the body only');
    const head = signatureText(this.type, name, this.localNames);
    return `${[`${head} {`, ...declarations, ...this.lines, '}'].join('\n')}\n`;
  }

  private instruction(opcode: WasmOpcode): void {
    if (opcode.kind === 'pure') this.pure(opcode);
    else if (opcode.kind === 'load') this.load(opcode);
    else if (opcode.kind === 'store') this.store(opcode);
    else if (opcode.kind === 'ordered') this.ordered(opcode);
    else {
      const special = specialInstructions[opcode.name];
      if (special === undefined) throw new Error(`no rule for ${opcode.name}`);
      special(this, opcode);
    }
  }

  // ---- Text ----

  /** Append a statement. */
  line(text: string): void {
    if (this.live) this.lines.push(`  ${text}`);
  }

  label(text: string): void {
    this.lines.push(`${text}:;`);
  }

  /** Evaluate now, and go on with the temporary. */
  temporary(type: ValueType, c: string): Value {
    const name = `t${this.temporaryCount++}`;
    this.line(`const ${cTypes[type]} ${name} = ${c};`);
    return atom(type, name);
  }

  /** The value as something that no later assignment changes. */
  settle(value: Value): Value {
    if (value.type === '?' || (value.atomic && value.locals.length === 0)) return value;
    const settled = this.temporary(value.type, value.c);
    return value.max === undefined ? settled : { ...settled, max: value.max };
  }

  // ---- Operands ----

  push(value: Value): void {
    const long = value.c.length > expressionLengthMax && value.type !== '?';
    this.stack.push(long ? this.settle(value) : value);
  }

  pop(expected: ValueType | '?'): Value {
    const frame = this.frame();
    if (this.stack.height === frame.height) {
      if (!frame.polymorphic) this.reader.fail('type mismatch: operand missing');
      return atom(expected, '0');
    }
    const value = this.stack.pop();
    if (value.type === expected || expected === '?') return value;
    if (value.type === '?') return atom(expected, '0');
    return this.reader.fail(`type mismatch: expected ${expected}, found ${value.type}`);
  }

  /** Operands of these types, the deepest first. */
  popAll(types: readonly ValueType[]): Value[] {
    const values: Value[] = [];
    for (let i = types.length - 1; i >= 0; i--) values.push(this.pop(types[i] as ValueType));
    return values.reverse();
  }

  /** Whether operands of these types could be popped; the stack stays as it is. */
  checkOperands(types: readonly ValueType[]): void {
    const { height, polymorphic } = this.frame();
    types.forEach((expected, i) => {
      const place = this.stack.height - types.length + i;
      const found = place < height ? undefined : this.stack.entries[place]?.type;
      if (found === expected || found === '?' || (found === undefined && polymorphic)) return;
      this.reader.fail(`type mismatch: expected ${expected}, found ${found ?? 'nothing'}`);
    });
  }

  /** Before an assignment to a local: entries that read it take their value first. */
  settleMentions(local: number): void {
    if (!this.stack.mentions(local)) return;
    this.stack.replace(
      (value) => value.locals.includes(local),
      (value) => this.settle(value),
    );
  }

  /**
   * At the start of a block: an entry that reads a local would have to be settled inside it by an
   * assignment that not every path passes, so it is settled here.
   */
  settleAllMentions(): void {
    if (!this.stack.mentionsAny()) return;
    this.stack.replace(
      (value) => value.locals.length > 0,
      (value) => this.settle(value),
    );
  }

  localType(index: number): ValueType {
    return this.localTypes[index] ?? this.reader.fail(`unknown local ${index}`);
  }

  // ---- Instructions that are rows of the table ----

  private expression(opcode: WasmOpcode, operands: readonly Value[]): string {
    return opcode.c.replace(/\$([012])/g, (_, digit: string) => {
      const value = operands[Number(digit)];
      if (value === undefined) throw new Error(`${opcode.name}: operand ${digit}`);
      return operand(value);
    });
  }

  private pure(opcode: WasmOpcode): void {
    const operands = this.popAll(opcode.params);
    const c = this.expression(opcode, operands);
    this.push({
      type: opcode.results[0] as ValueType,
      c,
      atomic: /^\w+\(.*\)$/.test(opcode.c) && !opcode.c.startsWith('('),
      locals: operands.flatMap((value) => value.locals),
      constant: null,
      ...masked(opcode, operands),
    });
  }

  private ordered(opcode: WasmOpcode): void {
    let offset = 0;
    let type = '';
    if (opcode.immediate === 'access') {
      type = /\((u\d+),/.exec(opcode.c)?.[1] ?? '';
      offset = this.readAccess(wasmMemoryTypeBytes[type] ?? 0, true);
    } else if (opcode.immediate !== 'none') this.readZeros(opcode);
    const c = this.expression(opcode, this.popAll(opcode.params)).replace('$offset', `${offset}u`);
    const result = opcode.results[0];
    if (result === undefined) this.line(`${c};`);
    else this.push(this.temporary(result, c));
  }

  /** Immediates that may only be 0 here: the index of the one memory, the byte of atomic.fence. */
  private readZeros(opcode: WasmOpcode): void {
    const count = opcode.immediate === 'memoryMemory' ? 2 : 1;
    if (opcode.immediate !== 'zeroByte' && this.module.memory === null)
      this.reader.fail('unknown memory 0');
    for (let i = 0; i < count; i++)
      if (this.reader.u8() !== 0) this.reader.fail('zero byte expected');
  }

  /** memarg: the alignment, which is a hint except for atomics, and the offset. */
  private readAccess(bytes: number, exact: boolean): number {
    if (this.module.memory === null) this.reader.fail('unknown memory 0');
    const exponent = this.reader.u32();
    if (exponent >= 32) this.reader.fail('malformed memop flags');
    const alignment = 2 ** exponent;
    if (exact ? alignment !== bytes : alignment > bytes) {
      this.reader.fail('alignment must not be larger than natural');
    }
    return this.reader.u32();
  }

  /** `VM_AT(u32, index, offset)`. */
  private cell(type: string, offset: number, index: Value): string {
    const address = index.constant === null ? null : index.constant + offset;
    const shared =
      address !== null &&
      this.options.volatileRanges.some((r) => address >= r.start && address < r.start + r.bytes);
    const macro = shared ? 'VM_VOLATILE_AT' : 'VM_AT';
    if (address !== null && address <= 0xffff_ffff) return `${macro}(${type}, ${address}u, 0)`;
    return `${macro}(${type}, ${index.c}, ${offset}u)`;
  }

  private load(opcode: WasmOpcode): void {
    const offset = this.readAccess(wasmMemoryTypeBytes[opcode.c] ?? 0, false);
    const index = this.pop('i');
    const type = opcode.results[0] as ValueType;
    const value = this.temporary(type, this.cell(opcode.c, offset, index));
    const max = unsignedMax[opcode.c];
    this.push(type === 'i' && max !== undefined ? { ...value, max } : value);
  }

  private store(opcode: WasmOpcode): void {
    const offset = this.readAccess(wasmMemoryTypeBytes[opcode.c] ?? 0, false);
    const [index, value] = this.popAll(opcode.params) as [Value, Value];
    this.line(`${this.cell(opcode.c, offset, index)} = (${opcode.c})${operand(value)};`);
  }

  constant(type: ValueType): void {
    if (type === 'i') {
      const value = this.reader.s32() >>> 0;
      this.push(atom('i', i32Literal(value), value));
    } else if (type === 'l') this.push(atom('l', i64Literal(this.reader.s64())));
    else if (type === 'f') this.push(atom('f', f32Literal(this.reader.f32Bits())));
    else this.push(atom('d', f64Literal(this.reader.f64Bits())));
  }

  // ---- Frames ----

  frame(): Frame {
    return this.frames[this.frames.length - 1] ?? this.reader.fail('END opcode expected');
  }

  /** `paramValues` are already popped; they are pushed again as the first operands of the frame. */
  pushFrame(
    kind: Frame['kind'],
    params: readonly ValueType[],
    results: readonly ValueType[],
    paramValues: readonly Value[],
  ): Frame {
    const label = this.labelCount++;
    const branchTypes = kind === 'loop' ? params : results;
    const branchVariables = branchTypes.map((type, i) => {
      const name = `b${label}_${i}`;
      this.line(`${cTypes[type]} ${name};`);
      return name;
    });
    const frame: Frame = {
      kind,
      params,
      results,
      height: this.stack.height,
      label,
      entryLive: this.live,
      branchVariables,
      paramValues,
      polymorphic: false,
      labelUsed: false,
      dispatch: null,
    };
    this.frames.push(frame);
    if (kind === 'loop') this.startLoop(frame, paramValues);
    else for (const value of paramValues) this.push(value);
    return frame;
  }

  private startLoop(frame: Frame, paramValues: readonly Value[]): void {
    frame.branchVariables.forEach((name, i) => {
      this.line(`${name} = ${paramValues[i]?.c ?? '0'};`);
      this.push(atom(frame.params[i] as ValueType, name));
    });
    if (this.live) this.label(`L${frame.label}`);
    this.loopHead = frame.params.length === 0 ? { loop: frame, start: this.lines.length } : null;
  }

  /** After an unconditional branch or a trap. */
  stop(): void {
    const frame = this.frame();
    this.stack.truncate(frame.height);
    frame.polymorphic = true;
    this.live = false;
  }

  branchTarget(depth: number): Frame {
    return (
      this.frames[this.frames.length - 1 - depth] ?? this.reader.fail(`unknown label ${depth}`)
    );
  }

  branchTypes(frame: Frame): readonly ValueType[] {
    return frame.kind === 'loop' ? frame.params : frame.results;
  }

  /** The statements of a branch to `frame` with these operands. */
  branch(frame: Frame, values: readonly Value[]): string[] {
    if (frame.kind === 'function') return [`return${values[0] ? ` ${values[0].c}` : ''};`];
    if (frame.dispatch !== null) return [...frame.dispatch];
    if (this.live) frame.labelUsed = true;
    return [...this.assignBranchVariables(frame, values), `goto L${frame.label};`];
  }

  private assignBranchVariables(frame: Frame, values: readonly Value[]): string[] {
    // A loop's own variables may stand on the right: then all are read before the first is written.
    const swap = frame.kind === 'loop' && values.length > 1;
    const sources = values.map((value, i) =>
      swap && value.type !== '?'
        ? this.temporary(frame.params[i] as ValueType, value.c).c
        : value.c,
    );
    return sources.map((c, i) => `${frame.branchVariables[i]} = ${c};`);
  }

  /** Turn the br_table of a loop's head into the loop's dispatch; null when it is not one. */
  dispatch(index: Value, targets: readonly Frame[]): string | null {
    const head = this.loopHead;
    if (this.options.dispatch === 'switch' || targets.length <= dispatchTargetsMin) return null;
    if (!this.live || head === null || this.stack.height !== head.loop.height) return null;
    if (targets.some((t) => t.kind === 'function' || this.branchTypes(t).length > 0)) return null;
    if (this.lines.length - head.start > dispatchHeadLinesMax) return null;
    const text = this.lines.slice(head.start).map((line) => line.trimStart());
    const table = `d${head.loop.label}`;
    const last = targets.length - 1;
    const labels = targets.map((target) => {
      target.labelUsed = true;
      return `&&L${target.label}`;
    });
    // An index that is a byte, or masked, needs no comparison when the table has an entry for all
    // its values.
    const small = index.max !== undefined && index.max < paddedTargetsMax;
    while (small && labels.length <= (index.max ?? 0)) labels.push(labels[last] as string);
    this.line(`static const void *const ${table}[] = {${labels.join(', ')}};`);
    const place = small ? index.c : `${index.c} < ${last}u ? ${index.c} : ${last}u`;
    const jump = `goto *${table}[${place}];`;
    if (this.options.dispatch === 'threaded') head.loop.dispatch = ['{', ...text, jump, '}'];
    return jump;
  }

  // ---- The ends of blocks ----

  /** The results on top of the stack at `end` or `else`; nothing else may be left. */
  private popResults(frame: Frame): Value[] {
    const values = this.popAll(frame.results);
    if (this.stack.height !== frame.height)
      this.reader.fail('type mismatch: operands left in block');
    return values;
  }

  elseArm(): void {
    const frame = this.frame();
    if (frame.kind !== 'if') this.reader.fail('else without if');
    const values = this.popResults(frame);
    for (const text of this.branch(frame, values)) this.line(text);
    this.frames.pop();
    this.live = frame.entryLive;
    if (this.live) this.label(`E${frame.label}`);
    this.frames.push({ ...frame, kind: 'else', polymorphic: false });
    for (const value of frame.paramValues) this.push(value);
  }

  endBlock(): void {
    let frame = this.frame();
    if (frame.kind === 'if') {
      if (frame.params.join() !== frame.results.join()) {
        this.reader.fail('type mismatch: if without else');
      }
      // The missing arm passes the params on.
      this.elseArm();
      frame = this.frame();
    }
    const values = this.popResults(frame);
    this.frames.pop();
    if (frame.kind === 'function') {
      if (values[0] !== undefined) this.line(`return ${values[0].c};`);
      return;
    }
    if (!frame.labelUsed || frame.kind === 'loop') {
      // Only straight code reaches the end of the block: its results stay what they are.
      for (const value of values) this.push(value);
      return;
    }
    for (const text of this.assignBranchVariables(frame, values)) this.line(text);
    this.label(`L${frame.label}`);
    this.live = frame.entryLive;
    this.loopHead = null;
    frame.results.forEach((type, i) => {
      this.push(atom(type, frame.branchVariables[i] as string));
    });
  }
}
