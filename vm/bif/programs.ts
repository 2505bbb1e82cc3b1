/**
 * Module vbeam_hw, continued: programs of the host (tables/host_files.ts, `start` and `ended`). Who
 * has claimed the streams' interrupt line may start some.
 */
import { allocateZeroed, release } from '../alloc';
import { binaryData, byteSize, isAlignedBinary } from '../binary';
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { hostStream, textBuffer } from '../files/host_files';
import { am_error, am_false, am_not_owner } from '../gen/atoms';
import {
  E2BIG,
  FILE_ENDED,
  FILE_START,
  START_FOLDER,
  START_INPUT,
  START_OUTPUT,
  START_PATH,
  START_TABLE,
  START_WORDS,
  errorAtom,
} from '../gen/files';
import { tuple2, tuple3 } from '../signals';
import { NIL, head, isList, isSmall, smallOf, smallValue, tail } from '../term';
import { isDevice } from './streams';

/** Words and variables, and bytes of them, that a program gets at most (Linux has 2 MB). */
const WORDS_MAX: u32 = 65536;
const TEXT_BYTES_MAX: u32 = 2 << 20;

let words: u32 = 0;
let textBytes: u32 = 0;

/** A text that the host shall see, with a 0 byte behind it. */
function countText(text: u64): bool {
  if (!isAlignedBinary(text)) return false;
  textBytes += min(byteSize(text), TEXT_BYTES_MAX) + 1;
  return true;
}
/** Count the texts of a list and the 0 behind them; false for what is no list of binaries. */
function countTexts(list: u64): bool {
  let rest = list;
  while (isList(rest) && words < WORDS_MAX && textBytes < TEXT_BYTES_MAX) {
    if (!countText(head(rest))) return false;
    words++;
    rest = tail(rest);
  }
  words++;
  return rest == NIL || words >= WORDS_MAX || textBytes >= TEXT_BYTES_MAX;
}
/** Put a text at an address: where it ends. */
function putText(text: u64, at: usize): usize {
  const bytes = byteSize(text);
  memory.copy(at, binaryData(text), bytes);
  return at + bytes + 1;
}
/** start_program(Handle, Path, Folder, Words, Variables, Flags) -> {Pid, Input, Output} */
// bif: vbeam_hw:start_program/6
export function startProgram6(
  handle: u64,
  path: u64,
  folder: u64,
  wordList: u64,
  variables: u64,
  flags: u64,
): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  if (!isSmall(flags)) return badarg();
  words = 0;
  textBytes = 0;
  if (!countText(path) || !countText(folder)) return badarg();
  if (!countTexts(wordList) || !countTexts(variables)) return badarg();
  if (words >= WORDS_MAX || textBytes >= TEXT_BYTES_MAX) return tuple2(am_error, errorAtom(E2BIG));
  const bytes = START_TABLE + (words << 3) + textBytes;
  const start = allocateZeroed(bytes);
  if (!start) return outOfMemory();
  let slot = start + START_TABLE;
  let text = slot + (words << 3);
  store<u32>(start, words, START_WORDS);
  store<u32>(start, text as u32, START_PATH);
  text = putText(path, text);
  if (byteSize(folder)) store<u32>(start, text as u32, START_FOLDER);
  text = putText(folder, text);
  for (let rest = wordList; rest != NIL; rest = tail(rest), slot += 8) {
    store<u64>(slot, text as u64);
    text = putText(head(rest), text);
  }
  slot += 8;
  for (let rest = variables; rest != NIL; rest = tail(rest), slot += 8) {
    store<u64>(slot, text as u64);
    text = putText(head(rest), text);
  }
  const pid = hostStream(FILE_START, 0, smallValue(flags) as u32, start, bytes);
  const input = smallOf(load<i32>(start, START_INPUT) as i64);
  const output = smallOf(load<i32>(start, START_OUTPUT) as i64);
  release(start);
  return pid < 0 ? tuple2(am_error, errorAtom(pid)) : tuple3(smallOf(pid), input, output);
}
/** program_ended(Handle) -> {Pid, Status} | false: status as of waitpid(2). */
// bif: vbeam_hw:program_ended/1
export function programEnded1(handle: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const pid = hostStream(FILE_ENDED, 0, 0, textBuffer, 4);
  return pid > 0 ? tuple2(smallOf(pid), smallOf(load<u32>(textBuffer) as i64)) : am_false;
}
