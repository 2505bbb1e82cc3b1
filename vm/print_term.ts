/**
 * Terms as text on the emergency console: erlang:display/1, which may be left at any step
 * (vm/walk.ts), and the VM's own reports, which are cut off.
 *
 * The work stack holds terms and marks: words with primary tag 0 say what to print next. A frame is
 * a mark with its operands below it.
 */
import { binaryData, bitOffset, bitSize, byteSize } from './binary';
import { readBits } from './bits';
import { exhaustMemory, memoryExhausted } from './heap';
import {
  nextPair,
  pairIterator,
  pairKey,
  pairValue,
  positionAfter,
  seekPairs,
} from './map_iterator';
import { PRINT_BYTES_MAX, byteOf, flush, put, putByte, putLeaf, putNumber } from './print';
import { startText, textIsFull, total } from './print';
import {
  NIL,
  head,
  isBinary,
  isBitstring,
  isList,
  isMap,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from './term';
import { putAside, shouldLeave, takeUp } from './walk';
import { WALK_PRINT } from './walk_layout';
import { cut, mark, pop, push } from './work_stack';

const CLOSE_LIST: u64 = 4;
const ARROW: u64 = 8;
const BAR: u64 = 12;
/** The rest of a list, behind a comma. */
const REST: u64 = 16;
/** A list, and what of it may still be no text. */
const SCAN: u64 = 20;
/** The rest of a list of characters. */
const CHARACTERS: u64 = 24;
/** A tuple, and the number of its elements that have been printed. */
const ELEMENTS: u64 = 28;
/** A map, and the position of the pair that comes next. */
const PAIRS: u64 = 32;
/** A binary, and the number of bytes that are printable. */
const SCAN_BYTES: u64 = 36;
/** A binary that is text, or another, and the number of bytes that have been printed. */
const TEXT_BYTES: u64 = 40;
const BYTES: u64 = 44;

/** Characters or bytes that are looked at or printed in one step. */
const STEP: u32 = 64;
/** Text, and steps, between two looks at the doorbell. */
const SLICE_BYTES: u64 = 384;
const SLICE_STEPS: u32 = 16;

/** Push a frame; without memory the rest of the term is not printed. */
function push2(first: u64, second: u64): void {
  if (!push(first) || !push(second)) exhaustMemory();
}
function push3(first: u64, second: u64, third: u64): void {
  push2(first, second);
  if (!push(third)) exhaustMemory();
}

// ---- lists

/** Printable characters of Latin-1. */
function isPrintable(t: u64): bool {
  if (!isSmall(t)) return false;
  const code = smallValue(t);
  return (code >= 32 && code < 127) || (code >= 8 && code <= 13) || (code >= 160 && code <= 255);
}
/** A proper list of printable characters is shown as text. */
function scan(list: u64, from: u64): void {
  let rest = from;
  let left = STEP;
  while (left && isList(rest) && isPrintable(head(rest))) {
    rest = tail(rest);
    left--;
  }
  if (!left) push3(list, rest, SCAN);
  else if (rest == NIL) {
    putByte(34);
    push2(list, CHARACTERS);
  } else {
    putByte(91);
    push(CLOSE_LIST);
    pushElement(list);
  }
}
function pushElement(list: u64): void {
  const rest = tail(list);
  if (rest != NIL) push2(rest, isList(rest) ? REST : BAR);
  if (!push(head(list))) exhaustMemory();
}
function putCharacters(from: u64): void {
  let rest = from;
  for (let left = STEP; left && isList(rest); left--) {
    const code = smallValue(head(rest)) as u32;
    if (code == 10) put('\\n');
    else {
      if (code == 34) putByte(92);
      if (code < 128) putByte(code);
      else {
        putByte(0xc0 | (code >> 6));
        putByte(0x80 | (code & 0x3f));
      }
    }
    rest = tail(rest);
  }
  if (isList(rest)) push2(rest, CHARACTERS);
  else putByte(34);
}

// ---- binaries

/** Whole bytes that are all printable ASCII are shown as text. */
function scanBytes(t: u64, from: u32): void {
  const bytes = byteSize(t);
  let text = isBinary(t) && bytes != 0;
  let at = from;
  for (const end = min(bytes, from + STEP); text && at < end; at++) {
    const byte = byteOf(t, at);
    text = byte >= 32 && byte <= 126;
  }
  if (text && at < bytes) {
    push3(t, smallOf(at), SCAN_BYTES);
    return;
  }
  put(text ? '<<"' : '<<');
  push3(t, smallOf(0), text ? TEXT_BYTES : BYTES);
}
function putBytes(t: u64, from: u32, text: bool): void {
  const bytes = (bitSize(t) >> 3) as u32;
  const end = min(bytes, from + STEP);
  for (let i = from; i < end; i++) {
    const byte = byteOf(t, i);
    if (text) {
      if (byte == 34) putByte(92);
      putByte(byte);
    } else {
      if (i) putByte(44);
      putNumber(byte);
    }
  }
  if (end < bytes) {
    push3(t, smallOf(end), text ? TEXT_BYTES : BYTES);
    return;
  }
  const rest = (bitSize(t) & 7) as u32;
  if (rest) {
    if (bytes) putByte(44);
    const at = (bitOffset(t) as u64) + ((bytes as u64) << 3);
    putNumber(readBits(binaryData(t), at, rest));
    putByte(58);
    putNumber(rest);
  }
  put(text ? '">>' : '>>');
}

// ---- tuples and maps

function putElements(t: u64, printed: u32): void {
  if (printed == tupleArity(t)) {
    putByte(125);
    return;
  }
  if (printed) putByte(44);
  push3(t, smallOf(printed + 1), ELEMENTS);
  if (!push(tupleElement(t, printed + 1))) exhaustMemory();
}
function putPairs(t: u64, position: i64): void {
  seekPairs(pairIterator, t, position);
  if (!nextPair(pairIterator)) {
    putByte(125);
    return;
  }
  if (position) putByte(44);
  push3(t, smallOf(positionAfter(pairIterator)), PAIRS);
  push3(pairValue(pairIterator), ARROW, pairKey(pairIterator));
}

// ---- the walk

/** Print a term, or its beginning and frames for what follows. */
function putTerm(t: u64): void {
  if (isList(t)) scan(t, t);
  else if (isTuple(t)) {
    putByte(123);
    push3(t, smallOf(0), ELEMENTS);
  } else if (isMap(t)) {
    put('#{');
    push3(t, smallOf(0), PAIRS);
  } else if (isBitstring(t)) scanBytes(t, 0);
  else putLeaf(t);
}
function putFrame(kind: u64): void {
  if (kind == CLOSE_LIST) putByte(93);
  else if (kind == ARROW) put('=>');
  else if (kind == BAR) putByte(124);
  else if (kind == REST) {
    putByte(44);
    pushElement(pop());
  } else if (kind == CHARACTERS) putCharacters(pop());
  else {
    const second = pop();
    const first = pop();
    if (kind == SCAN) scan(first, second);
    else if (kind == ELEMENTS) putElements(first, smallValue(second) as u32);
    else if (kind == PAIRS) putPairs(first, smallValue(second));
    else if (kind == SCAN_BYTES) scanBytes(first, smallValue(second) as u32);
    else putBytes(first, smallValue(second) as u32, kind == TEXT_BYTES);
  }
}
/** Print a slice of what is on the work stack above `base`; true when nothing is left. */
function putSlice(base: u32): bool {
  const end = total + SLICE_BYTES;
  for (let left = SLICE_STEPS; left && total < end; left--) {
    if (mark() == base || textIsFull() || memoryExhausted) return true;
    const word = pop();
    if (word & 3) putTerm(word);
    else putFrame(word);
  }
  return false;
}

/** Print a term in a report. */
export function printTerm(t: u64): void {
  startText(PRINT_BYTES_MAX as u64);
  const base = mark();
  push(t);
  while (!putSlice(base)) {}
  cut(base);
  if (textIsFull()) {
    startText(3);
    put('...');
  }
  flush();
}
/** Print all of a term; false when it was left. */
export function displayTerm(t: u64): bool {
  startText(u64.MAX_VALUE);
  const base = mark();
  if (!takeUp(WALK_PRINT)) push(t);
  while (!putSlice(base)) {
    if (!shouldLeave()) continue;
    flush();
    if (putAside(WALK_PRINT, base, 0, 0, 0)) return false;
  }
  cut(base);
  flush();
  return true;
}
