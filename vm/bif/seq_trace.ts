/** Sequential tracing: what OTP's module seq_trace is made of. */
import { badarg } from '../errors';
import { am_false, am_sequential_trace_token, am_true } from '../gen/atoms';
import { P_SEQ_TRACE } from '../gen/layout';
import { tuple2 } from '../signals';
import { current } from '../state';
import { NIL, NONE, tupleElement } from '../term';
import { identical } from '../compare';
import { printToken, sequentialToken, setTokenItem, tokenItem } from '../trace/sequential';

// bif: erlang:seq_trace/2
export function seqTrace2(item: u64, value: u64): u64 {
  if (item == am_sequential_trace_token) {
    if (value != NIL) return badarg();
    const old = sequentialToken(current);
    store<u64>(current, 0, P_SEQ_TRACE);
    return old ? old : NIL;
  }
  const old = setTokenItem(current, item, value);
  return old == NONE ? badarg() : old;
}

// bif: erlang:seq_trace_info/1
export function seqTraceInfo1(item: u64): u64 {
  const value = tokenItem(current, item);
  if (value == NONE) return badarg();
  return value == NIL ? NIL : tuple2(item, value);
}

// bif: erlang:seq_trace_print/1
export function seqTracePrint1(message: u64): u64 {
  if (!sequentialToken(current)) return am_false;
  printToken(message);
  return am_true;
}
// bif: erlang:seq_trace_print/2
export function seqTracePrint2(label: u64, message: u64): u64 {
  const token = sequentialToken(current);
  if (!token || !identical(tupleElement(token, 2), label)) return am_false;
  printToken(message);
  return am_true;
}
