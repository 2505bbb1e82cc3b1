/**
 * Reports of the VM itself: a process that died of an error. As in OTP the report is a message
 * {log, Level, Format, Args, Metadata} to the system logger (the process registered `logger`);
 * without one it goes to the emergency console.
 */
import {
  am_emulator,
  am_error,
  am_error_logger,
  am_gl,
  am_log,
  am_logger,
  am_pid,
  am_tag,
  am_time,
  am_true,
} from './gen/atoms';
import { P_FLAGS, P_GROUP_LEADER, P_ID } from './gen/layout';
import { hAlloc } from './heap';
import { binaryOf } from './binary';
import { debugWrite, now, wallClock } from './host';
import { registeredProcess } from './names';
import { integerOfI64 } from './bignum';
import { debugText } from './panic';
import { printTerm } from './print';
import { FLAG_SENSITIVE } from './process';
import { isAlive, deliver, tuple5 } from './signals';
import { current } from './state';
import { NIL, NONE, makeCons, smallOf } from './term';
import { mapPut, emptyMap } from './maps';

function textList(text: string): u64 {
  let list = NIL;
  for (let i = text.length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(text.charCodeAt(i - 1)), list);
  return list;
}

function metadata(process: usize): u64 {
  const tag = mapPut(mapPut(emptyMap(), am_tag, am_error), am_emulator, am_true);
  let map = mapPut(emptyMap(), am_error_logger, tag);
  map = mapPut(map, am_pid, load<u64>(process, P_ID));
  map = mapPut(map, am_gl, load<u64>(process, P_GROUP_LEADER));
  return mapPut(map, am_time, integerOfI64((wallClock() + now()) / 1000));
}

/** A module was refused: log the loader's line. */
export function reportLoadFailure(text: usize, length: u32): void {
  const logger = registeredProcess(am_logger);
  if (!logger || !isAlive(logger)) {
    debugText('VBEAM: ');
    debugWrite(text as u32, length);
    debugText('\n');
    return;
  }
  const line = binaryOf(text, length);
  if (line == NONE) return;
  const args = makeCons(hAlloc(2), line, NIL);
  deliver(logger, tuple5(am_log, am_error, textList('~ts~n'), args, metadata(current)));
}

/** The running process `process` dies of `reason`, which nothing caught. */
export function reportCrash(process: usize, reason: u64): void {
  if (load<u32>(process, P_FLAGS) & FLAG_SENSITIVE) return;
  const pid = load<u64>(process, P_ID);
  const logger = registeredProcess(am_logger);
  if (!logger || !isAlive(logger)) {
    debugText('Error in process ');
    printTerm(pid);
    debugText(' with exit value: ');
    printTerm(reason);
    debugText('\n');
    return;
  }
  const args = makeCons(hAlloc(2), pid, makeCons(hAlloc(2), reason, NIL));
  deliver(
    logger,
    tuple5(
      am_log,
      am_error,
      textList('Error in process ~p with exit value:~n~p~n'),
      args,
      metadata(process),
    ),
  );
}
