/**
 * erl_ddll: loading drivers written in C, which is impossible here. The functions answer as OTP's
 * do when there is no such driver.
 */
import { badarg, outOfMemory } from '../errors';
import {
  am_DOWN,
  am_already_loaded,
  am_driver,
  am_error,
  am_inconsistent,
  am_linked_in_driver,
  am_loaded,
  am_not_loaded,
  am_not_loaded_by_this_process,
  am_not_pending,
  am_ok,
  am_open_error,
  am_permanent,
  am_true,
  am_unloaded,
  am_unloaded_only,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { isLocalReference, makeReference, newReferenceNumber } from '../refs';
import { deliver, tuple2, tuple5 } from '../signals';
import { current } from '../state';
import {
  NIL,
  head,
  isAtom,
  isBinary,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

/** What OTP answers when the operating system cannot load code. */
const NO_LOADER: i64 = -10;

/** An atom, or a list of characters. */
function isName(t: u64): bool {
  let rest = t;
  while (isList(rest) && isSmall(head(rest))) rest = tail(rest);
  return rest == NIL || isAtom(t) || isBinary(t);
}
function isProper(t: u64): bool {
  let rest = t;
  while (isList(rest)) rest = tail(rest);
  return rest == NIL;
}
function text(ascii: string): u64 {
  let list = NIL;
  for (let i = ascii.length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(ascii.charCodeAt(i - 1)), list);
  return list;
}

// bif: erl_ddll:try_load/3
export function erlDdllTryLoad3(path: u64, name: u64, options: u64): u64 {
  if (!isName(path) || !isName(name) || !isProper(options)) return badarg();
  return tuple2(am_error, tuple2(am_open_error, smallOf(NO_LOADER)));
}
// bif: erl_ddll:try_unload/2
export function erlDdllTryUnload2(name: u64, options: u64): u64 {
  if (!isName(name) || !isProper(options)) return badarg();
  return tuple2(am_error, am_not_loaded);
}
// bif: erl_ddll:loaded_drivers/0
export function erlDdllLoadedDrivers0(): u64 {
  return tuple2(am_ok, NIL);
}
// bif: erl_ddll:info/2
export function erlDdllInfo2(_name: u64, _item: u64): u64 {
  return badarg();
}
/** The driver is not loaded, and the message says so at once. */
// bif: erl_ddll:monitor/2
export function erlDdllMonitor2(kind: u64, what: u64): u64 {
  if (kind != am_driver || !isTuple(what) || tupleArity(what) != 2) return badarg();
  const name = tupleElement(what, 1);
  const when = tupleElement(what, 2);
  const known = when == am_loaded || when == am_unloaded || when == am_unloaded_only;
  if (!known || !isName(name)) return badarg();
  const reference = makeReference(newReferenceNumber());
  const message = tuple5(am_DOWN, reference, am_driver, name, am_unloaded);
  return deliver(current, message) ? reference : outOfMemory();
}
// bif: erl_ddll:demonitor/1
export function erlDdllDemonitor1(reference: u64): u64 {
  return isLocalReference(reference) ? am_true : badarg();
}
// bif: erl_ddll:format_error_int/1
export function erlDdllFormatErrorInt1(reason: u64): u64 {
  if (reason == am_inconsistent)
    return text('Driver name and/or driver options are inconsistent with currently loaded driver');
  if (reason == am_linked_in_driver)
    return text('Driver is statically linked and cannot be loaded/unloaded');
  if (reason == am_permanent) return text('DDLL driver is permanent an cannot be unloaded/loaded');
  if (reason == am_not_loaded) return text('DDLL driver is not loaded');
  if (reason == am_not_loaded_by_this_process)
    return text('DDLL driver was not loaded by this process');
  if (reason == am_not_pending) return text('DDLL load not pending for this driver name');
  if (reason == am_already_loaded) return text('DDLL driver is already loaded successfully');
  return badarg();
}
