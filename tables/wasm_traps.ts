/**
 * Why compiled Wasm stops: the argument of `vm_trap(code)`, which the nucleus and the Linux host layer define.
 * An out-of-range memory access is not here: it is a page fault (architecture D4), except for the bulk instructions,
 * which the specification requires to check the whole range first.
 *
 * `text` is the wording of WebAssembly's specification tests.
 */
export interface WasmTrap {
  readonly code: number;
  /** In C: `VM_TRAP_` + name. */
  readonly name: string;
  readonly text: string;
}

export const wasmTraps: readonly WasmTrap[] = [
  { code: 1, name: 'UNREACHABLE', text: 'unreachable' },
  { code: 2, name: 'INTEGER_DIVIDE_BY_ZERO', text: 'integer divide by zero' },
  { code: 3, name: 'INTEGER_OVERFLOW', text: 'integer overflow' },
  { code: 4, name: 'INVALID_CONVERSION', text: 'invalid conversion to integer' },
  { code: 5, name: 'MEMORY_OUT_OF_BOUNDS', text: 'out of bounds memory access' },
  { code: 6, name: 'TABLE_OUT_OF_BOUNDS', text: 'out of bounds table access' },
  { code: 7, name: 'UNDEFINED_ELEMENT', text: 'undefined element' },
  { code: 8, name: 'UNINITIALIZED_ELEMENT', text: 'uninitialized element' },
  { code: 9, name: 'INDIRECT_CALL_TYPE_MISMATCH', text: 'indirect call type mismatch' },
  { code: 10, name: 'UNALIGNED_ATOMIC', text: 'unaligned atomic' },
];
