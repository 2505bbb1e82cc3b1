/**
 * What OTP's module erts_debug offers besides the emulator's state (debug_state.ts). Lock counting
 * and sharing-preserving copies are options with which an emulator is built; as in an emulator
 * built without them, their functions say so.
 */
import { badarg, badmap } from '../errors';
import { am_error, am_false } from '../gen/atoms';
import { OPCODE_MAX, OPCODE_NAMES } from '../gen/opcodes';
import { flatSize } from '../copy';
import { hAlloc } from '../heap';
import { isFlatMap } from '../maps';
import { capturePrinted, capturedLength, capturedText, endCapture } from '../print';
import { printTerm } from '../print_term';
import { debugText } from '../panic';
import { NIL, isMap, makeCons, smallOf } from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';

/** Characters of Latin-1 or UTF-8 bytes as a list, before `rest`. */
function characters(text: usize, length: u32, rest: u64): u64 {
  let list = rest;
  for (let i = length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(load<u8>(text + i - 1) as i64), list);
  return list;
}

// bif: erts_debug:disassemble/1
export function ertsDebugDisassemble1(_function: u64): u64 {
  return am_false;
}
// bif: erts_debug:copy_shared/2
export function ertsDebugCopyShared2(_term: u64, _options: u64): u64 {
  return badarg();
}
/** Words that a copy of the term takes, without literals; sharing is not looked for. */
// bif: erts_debug:size_shared/1
export function ertsDebugSizeShared1(term: u64): u64 {
  allowLeaving();
  const words = flatSize(term);
  return endWalk() ? leaveWalk() : smallOf(words as i64);
}
/** Statistics of the inner nodes of large maps: a small one has none. */
// bif: erts_debug:map_info/1
export function ertsDebugMapInfo1(map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  return isFlatMap(map) ? badarg() : NIL;
}
/** Terms that another node has sent: there is none. */
// bif: erts_debug:dist_ext_to_term/2
export function ertsDebugDistExtToTerm2(_term: u64, _size: u64): u64 {
  return badarg();
}
/** Print a term; the text, with its line end, is the result. */
// bif: erts_debug:display/1
export function ertsDebugDisplay1(term: u64): u64 {
  capturePrinted();
  printTerm(term);
  const list = characters(capturedText(), capturedLength(), makeCons(hAlloc(2), smallOf(10), NIL));
  endCapture();
  debugText('\n');
  return list;
}
/** The names of all generic instructions. */
// bif: erts_debug:instructions/0
export function ertsDebugInstructions0(): u64 {
  let list = NIL;
  for (let number = OPCODE_MAX; number > 0; number--) {
    let at = OPCODE_NAMES;
    for (let i: u32 = 0; i < number; i++) at += 1 + load<u8>(at);
    list = makeCons(hAlloc(2), characters(at + 1, load<u8>(at), NIL), list);
  }
  return list;
}
// bif: erts_debug:interpreter_size/0
export function ertsDebugInterpreterSize0(): u64 {
  return smallOf(0);
}
// bif: erts_debug:lcnt_clear/0
export function ertsDebugLcntClear0(): u64 {
  return am_error;
}
// bif: erts_debug:lcnt_collect/0
export function ertsDebugLcntCollect0(): u64 {
  return am_error;
}
// bif: erts_debug:lcnt_control/1
export function ertsDebugLcntControl1(_option: u64): u64 {
  return badarg();
}
// bif: erts_debug:lcnt_control/2
export function ertsDebugLcntControl2(_option: u64, _value: u64): u64 {
  return badarg();
}
