/**
 * Cases whose results are not those of erl, by `MODULE NUMBER`, with the reason. This list may only
 * shrink: a row whose difference is gone fails the test.
 */
export const knownDifferences: readonly { readonly case: string; readonly why: string }[] = [
  { case: 'raising 17', why: "OTP's JIT leaves the entry of + out when one side is a constant" },
  {
    case: 'raising 29',
    why: "OTP's JIT leaves the entry of + out here; in other places it has it",
  },
  {
    case: 'raising 39',
    why: 'OTP loses the line of a function_clause that is raised again; we keep it',
  },
  { case: 'spawning 20', why: 'error_info without a cause' },
  { case: 'spawning 21', why: 'error_info without a cause' },
  { case: 'matching 64', why: 'one frame more: the call is not made as a tail call' },
  { case: 'ets_functions 380', why: 'error_info without a cause' },
];
