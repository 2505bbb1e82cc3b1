/**
 * Rewrites of generic instructions to internal ones, chosen by the loader from the operands it has decoded; the first row of an
 * instruction whose conditions hold wins. The internal instruction has the same operand words. Rows whose internal instruction or
 * BIF does not exist in the VM are left out by the generator.
 *
 * `when` has one letter an operand; fewer letters than operands leave the rest open:
 *   m  X register or constant (even word)   y  Y register   x  X register   c  constant   .  anything
 */
export interface Specialisation {
  readonly from: string;
  readonly when: string;
  readonly to: string;
  /** The BIF that the import operand must name; `*` = any. */
  readonly bif?: string;
  /** The function of the VM's own code that the import operand must name. */
  readonly code?: keyof typeof fixedCode;
}

/** Functions that are code of the VM's own, with what stands for them where the index of a BIF would. */
export const fixedCode = { 'erlang:apply/3': 0xfffd, 'erlang:apply/2': 0xfffc } as const;

export const specialisations: readonly Specialisation[] = [
  { from: 'call_ext', when: '', to: 'call_bif', bif: '*' },
  { from: 'call_ext_only', when: '', to: 'call_bif_only', bif: '*' },
  { from: 'call_ext_last', when: '', to: 'call_bif_last', bif: '*' },
  { from: 'call_ext_only', when: '', to: 'apply_ext_only', code: 'erlang:apply/3' },
  { from: 'call_ext_last', when: '', to: 'apply_ext_last', code: 'erlang:apply/3' },
  { from: 'call_ext_only', when: '', to: 'apply_fun_ext_only', code: 'erlang:apply/2' },
  { from: 'call_ext_last', when: '', to: 'apply_fun_ext_last', code: 'erlang:apply/2' },
  { from: 'gc_bif2', when: '...mmx', to: 'i_add_mmx', bif: 'erlang:+/2' },
  { from: 'gc_bif2', when: '', to: 'i_add', bif: 'erlang:+/2' },
  { from: 'gc_bif2', when: '...mmx', to: 'i_subtract_mmx', bif: 'erlang:-/2' },
  { from: 'gc_bif2', when: '', to: 'i_subtract', bif: 'erlang:-/2' },
  { from: 'gc_bif2', when: '', to: 'i_multiply', bif: 'erlang:*/2' },
  { from: 'gc_bif2', when: '', to: 'i_band', bif: 'erlang:band/2' },
  { from: 'gc_bif2', when: '', to: 'i_bor', bif: 'erlang:bor/2' },
  { from: 'gc_bif2', when: '', to: 'i_bsl', bif: 'erlang:bsl/2' },
  { from: 'gc_bif2', when: '', to: 'i_bsr', bif: 'erlang:bsr/2' },
  { from: 'gc_bif2', when: '', to: 'i_div', bif: 'erlang:div/2' },
  { from: 'gc_bif2', when: '', to: 'i_rem', bif: 'erlang:rem/2' },
  { from: 'is_lt', when: '.mm', to: 'is_lt_mm' },
  { from: 'is_ge', when: '.mm', to: 'is_ge_mm' },
  { from: 'is_eq_exact', when: '.mm', to: 'is_eq_exact_mm' },
  { from: 'is_ne_exact', when: '.mm', to: 'is_ne_exact_mm' },
  { from: 'move', when: 'mx', to: 'move_mx' },
  { from: 'move', when: 'my', to: 'move_my' },
  { from: 'move', when: 'yx', to: 'move_yx' },
  { from: 'get_list', when: 'xxx', to: 'get_list_xxx' },
  { from: 'get_list', when: 'xyx', to: 'get_list_xyx' },
  { from: 'get_tuple_element', when: 'x.x', to: 'get_tuple_element_xx' },
  { from: 'put_list', when: 'mmx', to: 'put_list_mmx' },
  { from: 'is_nonempty_list', when: '.x', to: 'is_nonempty_list_x' },
  { from: 'is_tagged_tuple', when: '.x..', to: 'is_tagged_tuple_x' },
  { from: 'test_arity', when: '.x.', to: 'test_arity_x' },
  { from: 'is_tuple', when: '.x', to: 'is_tuple_x' },
  { from: 'is_nil', when: '.x', to: 'is_nil_x' },
  { from: 'bs_start_match3', when: '.x.x', to: 'i_bs_start_match3_xx' },
  { from: 'bs_get_integer2', when: '.x.c..x', to: 'i_bs_get_integer_xcx' },
  { from: 'bs_get_utf8', when: '.x..x', to: 'i_bs_get_utf8_xx' },
];
