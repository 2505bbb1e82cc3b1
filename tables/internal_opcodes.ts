/**
 * Instructions that exist only inside the VM: stubs, and specialised forms of generic instructions that the loader chooses.
 * Numbers follow the generic ones in this order (tools/gen.ts). Operand letters: tables/opcodes.ts, and x y c of vm/operands.ts.
 */
export interface InternalOpcode {
  readonly name: string;
  readonly operands: string;
  readonly doc: string;
}

const op = (name: string, operands: string, doc: string): InternalOpcode => ({
  name,
  operands,
  doc,
});

export const internalOpcodes: readonly InternalOpcode[] = [
  op('bif_stub', 'u', 'Inside an export entry: run BIF u, then return to the continuation.'),
  op(
    'undefined_stub',
    'u',
    'Inside an export entry: load the module or call error_handler:undefined_function/3.',
  ),
  op(
    'select_val_dense',
    'sfcu',
    'Operand c holds the least value, a small; u labels follow, one for each value from there on.',
  ),
  op(
    'select_val_sorted',
    'sfcu',
    'Operand c is the first of u consecutive constants, immediates in ascending order as unsigned words; u labels follow.',
  ),
  op('call_bif', 'e', 'call_ext of a BIF: arguments in X registers, result in X0, goes on behind.'),
  op('i_apply_only', '', 'Tail call of X0:X1 with the arguments in list X2.'),
  op('i_apply_fun_only', '', 'Tail call of fun X0 with the arguments in list X1.'),
  op('i_raise', '', 'Raises the error that a call instruction recorded.'),
  op('i_process_end', '', 'Where the first function of a process returns to: exit normal.'),
];
