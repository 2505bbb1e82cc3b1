/**
 * What OTP's module erts_debug offers besides the emulator's state (debug_state.ts). Lock counting
 * is an option with which an emulator is built; as in an emulator built without it, its functions
 * say so.
 */
import { badarg, badmap, outOfMemory } from '../errors';
import { am_error, am_false, am_true } from '../gen/atoms';
import { OPCODE_MAX, OPCODE_NAMES } from '../gen/opcodes';
import { COPY_LITERALS, adoptMessage } from '../copy';
import { hAlloc } from '../heap';
import { isFlatMap } from '../maps';
import { capturePrinted, capturedLength, capturedText, endCapture } from '../print';
import { printTerm } from '../print_term';
import { debugText } from '../panic';
import { measureShared, sharedInSlices, sharedWords } from '../shared_copy';
import { current } from '../state';
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
/** A copy in which what is shared stays so; the option says whether literals are copied, too. */
// bif: erts_debug:copy_shared/2
export function ertsDebugCopyShared2(term: u64, literals: u64): u64 {
  if (literals != am_true && literals != am_false) return badarg();
  allowLeaving();
  const fragment = sharedInSlices(term, literals == am_true ? COPY_LITERALS : 0);
  if (endWalk()) return leaveWalk();
  return fragment ? adoptMessage(current, fragment) : outOfMemory();
}
/** Words that such a copy takes, without literals. */
// bif: erts_debug:size_shared/1
export function ertsDebugSizeShared1(term: u64): u64 {
  allowLeaving();
  const measured = measureShared(term);
  if (endWalk()) return leaveWalk();
  return measured ? smallOf(sharedWords as i64) : outOfMemory();
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
