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
import { P_FLAGS, P_GROUP_LEADER, P_ID, P_MAX_HEAP } from './gen/layout';
import { isProgram } from './files/host_texts';
import { hAlloc } from './heap';
import { binaryOf } from './binary';
import { debugWrite, now, wallClock } from './host';
import { registeredProcess } from './names';
import { integerOfI64 } from './bignum';
import { STANDARD_ERROR, debugText, setTextStream } from './panic';
import { printTerm } from './print_term';
import { FLAG_SENSITIVE, FLAG_SYSTEM } from './process';
import { isAlive, deliver, tuple5 } from './signals';
import { current } from './state';
import { NIL, NONE, head, isList, makeCons, pidOf, smallOf, tail } from './term';
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

/** Send a report to the logger, or print its arguments when there is none. */
function report(process: usize, format: string, args: u64): void {
  const logger = registeredProcess(am_logger);
  if (logger && isAlive(logger)) {
    deliver(logger, tuple5(am_log, am_error, textList(format), args, metadata(process)));
    return;
  }
  for (let rest = args; isList(rest); rest = tail(rest)) {
    printTerm(head(rest));
    debugText(' ');
  }
  debugText('\n');
}
function list2(a: u64, b: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), a, makeCons(hAlloc(2), b, rest));
}

function printEnd(who: string, process: usize, how: string, reason: u64): void {
  debugText(who);
  printTerm(load<u64>(process, P_ID));
  debugText(how);
  printTerm(reason);
  debugText('\n');
}
/**
 * Without a logger, on the host's standard error, in OTP's words. The system's own processes lose
 * their code when `init` unloads all modules at the end: nothing to report.
 */
function printProgramEnd(process: usize, reason: u64): void {
  const isInit = load<u64>(process, P_ID) == pidOf(0);
  if (load<u32>(process, P_FLAGS) & FLAG_SYSTEM && !isInit) return;
  setTextStream(STANDARD_ERROR);
  if (isInit) printEnd('System process ', process, ' terminated: ', reason);
  else printEnd('Error in process ', process, ' with exit value: ', reason);
  setTextStream(0);
}

/** The running process `process` dies of `reason`, which nothing caught. */
export function reportCrash(process: usize, reason: u64): void {
  if (load<u32>(process, P_FLAGS) & FLAG_SENSITIVE) return;
  const logger = registeredProcess(am_logger);
  if (!logger || !isAlive(logger)) {
    if (!isProgram) printEnd('Error in process ', process, ' with exit value: ', reason);
    else printProgramEnd(process, reason);
    return;
  }
  report(
    process,
    'Error in process ~p with exit value:~n~p~n',
    list2(load<u64>(process, P_ID), reason, NIL),
  );
}

/** The heap of the running process has outgrown its max_heap_size. */
export function reportMaxHeap(process: usize, words: u64): void {
  const sizes = list2(smallOf(load<u64>(process, P_MAX_HEAP) as i64), smallOf(words as i64), NIL);
  const args = makeCons(hAlloc(2), load<u64>(process, P_ID), sizes);
  report(
    process,
    '     Process:          ~p~n     Context:          maximum heap size reached~n     Max Heap Size:    ~p~n     Total Heap Size:  ~p~n',
    args,
  );
}
