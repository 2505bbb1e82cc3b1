/** Calling a fun whose code is gone, or is being purged. */
import { E_ADDRESS, FUN_MODULE, exportEntry } from '../code';
import { CLASS_ERROR, errorPair, fail } from '../errors';
import {
  am_badfun,
  am_erts_code_purger,
  am_pending_purge_lambda,
  am_undef,
  am_undefined_lambda,
} from '../gen/atoms';
import { P_ID } from '../gen/layout';
import { hAlloc } from '../heap';
import { errorHandlerOf } from '../process';
import { current, spendSlice } from '../state';
import { suspend } from '../suspend';
import { R_CURRENT, R_PURGING, findModule } from '../modules';
import { registeredProcess } from '../names';
import { getX, setX } from '../registers';
import { NIL, makeCons } from '../term';

/** The running process goes on when the purger resumes it. */
function waitForPurger(): void {
  const purger = registeredProcess(am_erts_code_purger);
  if (!purger || purger == current) return;
  if (suspend(purger, current, load<u64>(current, P_ID))) spendSlice();
}

/**
 * Where a call of `fun` (fun entry `entry`, which has no code) goes: as in OTP, to
 * error_handler:undefined_lambda/3 when the module is not loaded, to
 * erts_code_purger:pending_purge_lambda/3, which tries again, while it is being purged: the process
 * is suspended there until the purger is done with the module (purge.ts); X registers
 * then hold module, fun and argument list. 0 after an error was recorded: the module is loaded and
 * does not have the fun.
 */
export function missingFunTarget(fun: u64, entry: usize, arity: u32): usize {
  const module = load<u64>(entry, FUN_MODULE);
  const record = findModule(module);
  const purging = record != 0 && load<u32>(record, R_PURGING) != 0;
  if (!purging && record && load<u32>(record, R_CURRENT)) {
    errorPair(am_badfun, fun);
    return 0;
  }
  const handler = purging
    ? exportEntry(am_erts_code_purger, am_pending_purge_lambda, 3)
    : exportEntry(errorHandlerOf(current), am_undefined_lambda, 3);
  if (!handler) {
    fail(CLASS_ERROR, am_undef);
    return 0;
  }
  if (purging) waitForPurger();
  let args = NIL;
  for (let i = arity; i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  setX(0, module);
  setX(1, fun);
  setX(2, args);
  return load<u32>(handler, E_ADDRESS);
}
