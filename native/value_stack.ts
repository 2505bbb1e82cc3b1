/**
 * WebAssembly's operand stack at compile time. An entry is a C expression that has not been
 * evaluated yet: it has no effect, cannot trap, reads neither memory nor globals, and is used
 * exactly once, so it may be written where it is used. The one thing that can change its value is
 * an assignment to a local that it mentions; `mentions` lets the emitter find such entries (and
 * store them in temporaries first) without a search when there are none.
 */
import type { ValueType } from './wasm_module.ts';

export interface Value {
  /** `?` is the unknown type that validation gives to operands after an unconditional branch. */
  readonly type: ValueType | '?';
  readonly c: string;
  /** Needs no parentheses as an operand. */
  readonly atomic: boolean;
  /** Locals that the expression reads; repeated when read twice. */
  readonly locals: readonly number[];
  /** The value of an i32 constant. */
  readonly constant: number | null;
  /** An i32 that is never larger than this, unsigned. */
  readonly max?: number;
}

const noLocals: readonly number[] = [];

export function atom(type: ValueType | '?', c: string, constant: number | null = null): Value {
  return { type, c, atomic: true, locals: noLocals, constant };
}

/** The text of an operand inside a larger expression. */
export function operand(value: Value): string {
  return value.atomic ? value.c : `(${value.c})`;
}

export class ValueStack {
  readonly entries: Value[] = [];
  private readonly mentionCounts: Uint32Array;
  private mentionTotal = 0;

  constructor(localCount: number) {
    this.mentionCounts = new Uint32Array(localCount);
  }

  get height(): number {
    return this.entries.length;
  }

  push(value: Value): void {
    for (const local of value.locals) this.count(local, 1);
    this.entries.push(value);
  }

  pop(): Value {
    const value = this.entries.pop();
    if (value === undefined) throw new Error('value stack underflow');
    for (const local of value.locals) this.count(local, -1);
    return value;
  }

  truncate(height: number): void {
    while (this.entries.length > height) this.pop();
  }

  /** Whether an entry reads the local. */
  mentions(local: number): boolean {
    return (this.mentionCounts[local] ?? 0) > 0;
  }

  mentionsAny(): boolean {
    return this.mentionTotal > 0;
  }

  /** Put `store(entry)` in the place of every entry that `select` picks. */
  replace(select: (value: Value) => boolean, store: (value: Value) => Value): void {
    this.entries.forEach((value, index) => {
      if (!select(value)) return;
      for (const local of value.locals) this.count(local, -1);
      const stored = store(value);
      for (const local of stored.locals) this.count(local, 1);
      this.entries[index] = stored;
    });
  }

  private count(local: number, change: number): void {
    this.mentionTotal += change;
    this.mentionCounts[local] = (this.mentionCounts[local] ?? 0) + change;
  }
}
