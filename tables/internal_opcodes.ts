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
    'i_check_cons',
    's',
    'Raises badarg unless s is a list cell. The verifier puts these where it does not know.',
  ),
  op('i_check_map', 's', 'As i_check_cons, a map.'),
  op('i_check_float', 's', 'As i_check_cons, a float.'),
  op('i_check_tuple', 'su', 'As i_check_cons, a tuple of at least u elements.'),
  op('i_unreachable', '', 'Stands where only a call that never returns could lead; raises badarg.'),
  op('i_check_arity', 'su', 'As i_check_cons, a tuple of exactly u elements.'),
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
  op(
    'call_bif',
    'ue',
    'call_ext of a BIF: arguments in X registers, result in X0, goes on behind.',
  ),
  op('i_apply_only', '', 'Tail call of X0:X1 with the arguments in list X2.'),
  op('i_apply_fun_only', '', 'Tail call of fun X0 with the arguments in list X1.'),
  op(
    'i_call_fun_last',
    'u',
    'call_fun before deallocate and return, which stay behind it: a tail call.',
  ),
  op('i_call_fun2_last', 'tus', 'The same of call_fun2.'),
  op(
    'i_trace',
    '',
    'A breakpoint, or where a traced function returns to: tells a tracer (vm/ops/trace.ts).',
  ),
  op('i_raise', '', 'Raises the error that a call instruction recorded.'),
  op('i_unwind', '', 'Goes on with an exception that has a deep stack to look through.'),
  op('i_process_end', '', 'Where the first function of a process returns to: exit normal.'),
  op(
    'i_leave',
    '',
    'Where an operator goes that cannot finish now: the process leaves the processor.',
  ),
  op('i_add', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_subtract', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_multiply', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_band', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_bor', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_bsl', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_bsr', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_div', 'fuessd', 'gc_bif2 of that operator.'),
  op('i_rem', 'fuessd', 'gc_bif2 of that operator.'),
  op(
    'i_add_mmx',
    'fuemmx',
    'gc_bif2 of that operator: operands in memory words, result in an X register.',
  ),
  op(
    'i_subtract_mmx',
    'fuemmx',
    'gc_bif2 of that operator: operands in memory words, result in an X register.',
  ),
  op('is_lt_mm', 'fmm', 'is_lt of memory words.'),
  op('is_ge_mm', 'fmm', 'is_ge of memory words.'),
  op('is_eq_exact_mm', 'fmm', 'is_eq_exact of memory words.'),
  op('is_ne_exact_mm', 'fmm', 'is_ne_exact of memory words.'),
  op('move_mx', 'mx', 'move with operands of these kinds.'),
  op('move_my', 'my', 'move with operands of these kinds.'),
  op('move_yx', 'yx', 'move with operands of these kinds.'),
  op('get_list_xxx', 'xxx', 'get_list with operands of these kinds.'),
  op('get_list_xyx', 'xyx', 'get_list with operands of these kinds.'),
  op('get_tuple_element_xx', 'xux', 'get_tuple_element with operands of these kinds.'),
  op('put_list_mmx', 'mmx', 'put_list with operands of these kinds.'),
  op('is_nonempty_list_x', 'fx', 'is_nonempty_list with operands of these kinds.'),
  op('is_tagged_tuple_x', 'fxua', 'is_tagged_tuple with operands of these kinds.'),
  op('test_arity_x', 'fxu', 'test_arity with operands of these kinds.'),
  op('is_tuple_x', 'fx', 'is_tuple with operands of these kinds.'),
  op('is_nil_x', 'fx', 'is_nil with operands of these kinds.'),
  op('call_bif_only', 'ue', 'call_ext_only of a BIF.'),
  op('call_bif_last', 'ueu', 'call_ext_last of a BIF.'),
  op('i_bs_start_match3_xx', 'fsud', 'bs_start_match3, from and to X registers.'),
  op(
    'i_bs_get_integer_xcx',
    'fsusuud',
    'bs_get_integer2 with context and destination in X registers and a constant size.',
  ),
  op('apply_ext_only', 'ue', 'call_ext_only of erlang:apply/3.'),
  op('apply_ext_last', 'ueu', 'call_ext_last of erlang:apply/3.'),
  op('apply_fun_ext_only', 'ue', 'call_ext_only of erlang:apply/2.'),
  op('apply_fun_ext_last', 'ueu', 'call_ext_last of erlang:apply/2.'),
  op('i_bs_get_utf8_xx', 'fsuud', 'bs_get_utf8 with context and destination in X registers.'),
];
