/**
 * The error_info map of a failing BIF: #{module => M}, where M is OTP's module that explains errors
 * of the BIF's module (EEP 54). A BIF that knows a cause makes a map of its own (errors.ts).
 */
import { CLASS_ERROR, failWithInfo } from './errors';
import {
  am_atomics,
  am_badarg,
  am_binary,
  am_cause,
  am_counters,
  am_erl_erts_errors,
  am_erl_kernel_errors,
  am_erl_stdlib_errors,
  am_erlang,
  am_erts_internal,
  am_ets,
  am_lists,
  am_maps,
  am_math,
  am_module,
  am_os,
  am_persistent_term,
  am_re,
  am_unicode,
} from './gen/atoms';
import { emptyMap, mapPut } from './maps';

/** The module that explains errors of BIFs of `module`, 0 when there is none. */
function explainerOf(module: u64): u64 {
  if (
    module == am_erlang ||
    module == am_erts_internal ||
    module == am_atomics ||
    module == am_counters ||
    module == am_persistent_term
  )
    return am_erl_erts_errors;
  if (
    module == am_lists ||
    module == am_maps ||
    module == am_binary ||
    module == am_ets ||
    module == am_math ||
    module == am_re ||
    module == am_unicode
  )
    return am_erl_stdlib_errors;
  return module == am_os ? am_erl_kernel_errors : 0;
}

/** The map for a BIF of `module`, 0 when nobody explains it. */
export function errorInfoOf(module: u64): u64 {
  const explainer = explainerOf(module);
  return explainer ? mapPut(emptyMap(), am_module, explainer) : 0;
}
/** badarg of a BIF of OTP's erts, with the cause in its error_info map. */
export function badargBecause(cause: u64): u64 {
  const map = mapPut(emptyMap(), am_module, am_erl_erts_errors);
  return failWithInfo(CLASS_ERROR, am_badarg, mapPut(map, am_cause, cause));
}
