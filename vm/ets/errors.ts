/**
 * How BIFs of module ets fail: badarg with the error_info map from which erl_stdlib_errors makes a
 * message. `cause` says what is wrong with the table, when that is what is wrong.
 */
import { CLASS_ERROR, failWithInfo } from '../errors';
import {
  am_access,
  am_badarg,
  am_cause,
  am_erl_stdlib_errors,
  am_id,
  am_module,
  am_type,
} from '../gen/atoms';
import { emptyMap, mapPut } from '../maps';
import { runAgain } from '../walk';
import { findTable, isTableTerm, tableBusy } from './registry';

function failWithCause(cause: u64): u64 {
  let info = mapPut(emptyMap(), am_module, am_erl_stdlib_errors);
  if (cause) info = mapPut(info, am_cause, cause);
  return failWithInfo(CLASS_ERROR, am_badarg, info);
}

/** An argument other than the table is wrong. */
export function badEtsArgument(): u64 {
  return failWithCause(0);
}
/** Another argument is wrong, and `cause` is what erl_stdlib_errors calls it. */
export function badEtsArgumentBecause(cause: u64): u64 {
  return failWithCause(cause);
}
/**
 * The table is no table, or does not exist, or may not be accessed; or it must be waited for: then
 * the BIF is run again.
 */
export function badTable(tab: u64): u64 {
  if (tableBusy) return runAgain();
  if (findTable(tab)) return failWithCause(am_access);
  return failWithCause(isTableTerm(tab) ? am_id : am_type);
}
