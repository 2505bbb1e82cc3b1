/**
 * What instructions do to registers and frame, beyond reading their `s` and writing their `d` operands: the facts that the loader's
 * verifier (vm/loader/verify.ts) and nobody else needs. Instructions not listed have no other effect; those marked `verified in code`
 * there (allocate, catches, selects, type tests ...) are listed only for what the row can say.
 */
export type RegisterType = 'cons' | 'map' | 'float' | 'tuple';

export interface InstructionEffect {
  readonly op: string;
  /** Operand that says how many X registers live across a possible collection; the others are gone afterwards. */
  readonly live?: number;
  /** Operand n: x0 to x(n - 1 + extra) are read. */
  readonly arguments?: number;
  /** With `arguments`: registers read beyond; without: x0 to x(extra - 1) are read. */
  readonly extra?: number;
  /** All X registers are gone afterwards but x0, the result. */
  readonly call?: true;
  /** `needed`: there must be a frame. `none`: there must be none, nor a catch. A number: the operand with the size of the frame, which goes. */
  readonly frame?: 'needed' | 'none' | number;
  /** Control does not reach the next instruction. */
  readonly ends?: true;
  /** Operand that must hold a value of this type; for tuples `size` is the operand with the index of the last element touched. */
  readonly need?: { readonly operand: number; readonly type: RegisterType; readonly size?: number };
  /** Type of what is written to `d` operands. */
  readonly gives?: RegisterType;
  /** `d` operands are read (too). */
  readonly readsDestinations?: true;
}

export const instructionEffects: readonly InstructionEffect[] = [
  { op: 'call', arguments: 0, call: true, frame: 'needed' },
  { op: 'call_last', arguments: 0, frame: 2, ends: true },
  { op: 'call_only', arguments: 0, frame: 'none', ends: true },
  { op: 'call_ext', arguments: 0, call: true, frame: 'needed' },
  { op: 'call_ext_last', arguments: 0, frame: 2, ends: true },
  { op: 'call_ext_only', arguments: 0, frame: 'none', ends: true },
  { op: 'call_fun', arguments: 0, extra: 1, call: true, frame: 'needed' },
  { op: 'call_fun2', arguments: 1, call: true, frame: 'needed' },
  { op: 'apply', arguments: 0, extra: 2, call: true, frame: 'needed' },
  { op: 'apply_last', arguments: 0, extra: 2, frame: 1, ends: true },
  { op: 'deallocate', frame: 0 },
  { op: 'return', extra: 1, frame: 'none', ends: true },
  { op: 'send', extra: 2, call: true },
  { op: 'bs_init_writable', extra: 1, call: true },
  { op: 'build_stacktrace', extra: 1, call: true },
  { op: 'raw_raise', extra: 3, call: true },
  { op: 'jump', ends: true },
  { op: 'badmatch', ends: true },
  { op: 'if_end', ends: true },
  { op: 'case_end', ends: true },
  { op: 'try_case_end', ends: true },
  { op: 'badrecord', ends: true },
  { op: 'raise', ends: true },
  { op: 'loop_rec_end', ends: true },
  { op: 'wait', ends: true },
  { op: 'select_val', ends: true },
  { op: 'select_tuple_arity', ends: true },
  { op: 'allocate', live: 1 },
  { op: 'allocate_heap', live: 2 },
  { op: 'allocate_zero', live: 1 },
  { op: 'allocate_heap_zero', live: 2 },
  { op: 'test_heap', live: 1 },
  { op: 'gc_bif1', live: 1 },
  { op: 'gc_bif2', live: 1 },
  { op: 'gc_bif3', live: 1 },
  { op: 'bs_init2', live: 3 },
  { op: 'bs_init_bits', live: 3 },
  { op: 'bs_append', live: 3 },
  { op: 'bs_start_match2', live: 2 },
  { op: 'bs_start_match3', live: 2 },
  { op: 'bs_start_match4', live: 1 },
  { op: 'bs_get_integer2', live: 2 },
  { op: 'bs_get_float2', live: 2 },
  { op: 'bs_get_binary2', live: 2 },
  { op: 'bs_get_utf8', live: 2 },
  { op: 'bs_get_utf16', live: 2 },
  { op: 'bs_get_utf32', live: 2 },
  { op: 'bs_skip_utf8', live: 2 },
  { op: 'bs_skip_utf16', live: 2 },
  { op: 'bs_skip_utf32', live: 2 },
  { op: 'bs_get_tail', live: 2 },
  { op: 'bs_get_position', live: 2 },
  { op: 'bs_create_bin', live: 2 },
  { op: 'put_map_assoc', live: 3, gives: 'map' },
  { op: 'put_map_exact', live: 3, gives: 'map' },
  { op: 'put_list', gives: 'cons' },
  { op: 'get_list', need: { operand: 0, type: 'cons' } },
  { op: 'get_hd', need: { operand: 0, type: 'cons' } },
  { op: 'get_tl', need: { operand: 0, type: 'cons' } },
  { op: 'get_tuple_element', need: { operand: 0, type: 'tuple', size: 1 } },
  { op: 'set_tuple_element', need: { operand: 1, type: 'tuple', size: 2 } },
  { op: 'test_arity', need: { operand: 1, type: 'tuple' } },
  { op: 'has_map_fields', need: { operand: 1, type: 'map' } },
  { op: 'get_map_elements', need: { operand: 1, type: 'map' } },
  { op: 'swap', readsDestinations: true },
  { op: 'recv_marker_bind', readsDestinations: true },
  { op: 'recv_marker_clear', readsDestinations: true },
  { op: 'recv_marker_use', readsDestinations: true },
];
