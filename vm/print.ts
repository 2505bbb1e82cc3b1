/**
 * Terms as text on the emergency console: erlang:display/1 and the VM's own reports. Iterative,
 * with a limit on what it prints.
 */
import { QUOTED_ATOM_BYTES_MAX, writeAtom } from './atom_quoting';
import { binaryData, bitOffset, bitSize, byteSize } from './binary';
import { readBits, readByte } from './bits';
import { E_ARITY, E_FUNCTION, E_MODULE, FUN_INDEX, FUN_MODULE, FUN_UNIQ } from './code';
import { writeText } from './panic';
import { nextPair, pairKey, pairValue, startPairs } from './map_iterator';
import { writeFloatText } from './float_text';
import { allocate, release } from './alloc';
import { integerTextMax, writeInteger } from './number_text';
import {
  NIL,
  SUB_EXPORT,
  SUB_FUN,
  SUB_REF,
  boxedHeader,
  boxedWord,
  floatValue,
  head,
  headerSubtag,
  isAtom,
  isBinary,
  isBitstring,
  isFloat,
  isInteger,
  isList,
  isLocalPid,
  isLocalPort,
  isMap,
  isSmall,
  isTuple,
  pidNumber,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from './term';
import { cut, mark, peek, poke, pop, push } from './work_stack';

/** Longest text of one term. */
const PRINT_BYTES_MAX: u32 = 65536;
const BUFFER: u32 = 256;
const buffer: usize = memory.data(BUFFER, 8);
let used: u32 = 0;
let total: u32 = 0;

/** Where text goes instead of the console, 0 = to the console. */
let capture: usize = 0;
let captured: u32 = 0;

/** What printTerm prints is kept until endCapture. Without memory for it, it is printed. */
export function capturePrinted(): void {
  capture = allocate(PRINT_BYTES_MAX + BUFFER);
  captured = 0;
}
export function capturedText(): usize {
  return capture;
}
export function capturedLength(): u32 {
  return captured;
}
/** Print what was kept, and everything else from now on. */
export function endCapture(): void {
  if (captured) writeText(capture, captured);
  release(capture);
  capture = 0;
}

function flush(): void {
  if (capture) {
    memory.copy(capture + captured, buffer, used);
    captured += used;
  } else if (used) writeText(buffer, used);
  used = 0;
}
function putByte(byte: u32): void {
  if (total >= PRINT_BYTES_MAX) return;
  if (used == BUFFER) flush();
  store<u8>(buffer + used, byte as u8);
  used++;
  total++;
}
function putText(text: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) putByte(load<u8>(text + i));
}
function put(text: string): void {
  for (let i = 0; i < text.length; i++) putByte(text.charCodeAt(i));
}
const digits: usize = memory.data(32, 8);
function putNumber(value: u64): void {
  let at = digits + 32;
  let rest = value;
  do {
    at--;
    store<u8>(at, ((rest % 10) as u8) + 48);
    rest /= 10;
  } while (rest);
  putText(at, (digits + 32 - at) as u32);
}
function putSigned(value: i64): void {
  if (value < 0) putByte(45);
  putNumber(value < 0 ? 0 - (value as u64) : (value as u64));
}

const atomBuffer: usize = memory.data(QUOTED_ATOM_BYTES_MAX, 8);
function putAtom(atom: u64): void {
  putText(atomBuffer, (writeAtom(atom, atomBuffer) - atomBuffer) as u32);
}

/** A non-empty list of printable Latin-1 characters is shown as text. */
function isText(list: u64): bool {
  let rest = list;
  let count: u32 = 0;
  while (isList(rest)) {
    const c = head(rest);
    if (!isSmall(c) || ++count > PRINT_BYTES_MAX) return false;
    const code = smallValue(c);
    const printable =
      (code >= 32 && code < 127) || (code >= 8 && code <= 13) || (code >= 160 && code <= 255);
    if (!printable) return false;
    rest = tail(rest);
  }
  return rest == NIL;
}
function putString(list: u64): void {
  putByte(34);
  for (let rest = list; isList(rest); rest = tail(rest)) {
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
  }
  putByte(34);
}

/** Whole bytes that are all printable ASCII are shown as text. */
function isTextBinary(t: u64): bool {
  const bytes = byteSize(t);
  if (!isBinary(t) || !bytes) return false;
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = byteOf(t, i);
    if (byte < 32 || byte > 126) return false;
  }
  return true;
}
function byteOf(t: u64, index: u32): u32 {
  return readByte(binaryData(t), (bitOffset(t) as u64) + ((index as u64) << 3));
}
function putBinary(t: u64): void {
  const text = isTextBinary(t);
  put(text ? '<<"' : '<<');
  const bytes = (bitSize(t) >> 3) as u32;
  for (let i: u32 = 0; i < bytes && total < PRINT_BYTES_MAX; i++) {
    const byte = byteOf(t, i);
    if (text) {
      if (byte == 34) putByte(92);
      putByte(byte);
    } else {
      if (i) putByte(44);
      putNumber(byte);
    }
  }
  const rest = (bitSize(t) & 7) as u32;
  if (rest) {
    if (bytes) putByte(44);
    const end = (bitOffset(t) as u64) + ((bytes as u64) << 3);
    putNumber(readBits(binaryData(t), end, rest));
    putByte(58);
    putNumber(rest);
  }
  put(text ? '">>' : '>>');
}

function putPidLike(t: u64): void {
  const number = pidNumber(t);
  putByte(60);
  put('0.');
  putNumber(number & 0x7fff);
  putByte(46);
  putNumber(number >> 15);
  putByte(62);
}

const floatBuffer: usize = memory.data(64, 8);
/** Integers whose text would be longer than this are shown by their size only. */
const BIG_TEXT_MAX: u32 = 16384;
function putBig(t: u64): void {
  const bytes = integerTextMax(t, 10);
  const text = bytes > BIG_TEXT_MAX ? 0 : allocate(bytes);
  if (!text) {
    put('#BigInteger<');
    putNumber(bytes);
    putByte(62);
    return;
  }
  const start = writeInteger(t, 10, text + bytes);
  putText(start, (text + bytes - start) as u32);
  release(text);
}

/** Terms without parts. */
function putLeaf(t: u64): void {
  if (isSmall(t)) putSigned(smallValue(t));
  else if (isAtom(t)) putAtom(t);
  else if (t == NIL) put('[]');
  else if (isLocalPid(t)) putPidLike(t);
  else if (isLocalPort(t)) {
    put('#Port<0.');
    putNumber(pidNumber(t));
    putByte(62);
  } else if (isInteger(t)) putBig(t);
  else if (isFloat(t)) {
    putText(floatBuffer, writeFloatText(floatValue(t), floatBuffer));
  } else if (isBitstring(t)) putBinary(t);
  else putOther(t);
}
function putOther(t: u64): void {
  const subtag = headerSubtag(boxedHeader(t));
  if (subtag == SUB_REF) {
    const number = boxedWord(t, 2);
    put('#Ref<0.');
    putNumber(boxedWord(t, 1));
    putByte(46);
    putNumber(number >> 32);
    putByte(46);
    putNumber(number & 0xffff_ffff);
    putByte(62);
  } else if (subtag == SUB_FUN) {
    const entry = boxedWord(t, 1) as usize;
    put('#Fun<');
    putAtom(load<u64>(entry, FUN_MODULE));
    putByte(46);
    putNumber(load<u32>(entry, FUN_INDEX));
    putByte(46);
    putNumber(load<u32>(entry, FUN_UNIQ));
    putByte(62);
  } else if (subtag == SUB_EXPORT) {
    const entry = boxedWord(t, 1) as usize;
    put('fun ');
    putAtom(load<u64>(entry, E_MODULE));
    putByte(58);
    putAtom(load<u64>(entry, E_FUNCTION));
    putByte(47);
    putNumber(load<u32>(entry, E_ARITY));
  } else put('#Term');
}

// The work stack holds terms and marks: words with primary tag 0 stand for text to print between
// them.
const CLOSE_TUPLE: u64 = 4;
const CLOSE_LIST: u64 = 8;
const CLOSE_MAP: u64 = 12;
const COMMA: u64 = 16;
const ARROW: u64 = 20;
const BAR: u64 = 24;
/** The next word is the rest of a list. */
const REST: u64 = 28;

function putMark(word: u64): void {
  if (word == CLOSE_TUPLE || word == CLOSE_MAP) putByte(125);
  else if (word == CLOSE_LIST) putByte(93);
  else if (word == COMMA) putByte(44);
  else if (word == ARROW) put('=>');
  else if (word == BAR) putByte(124);
}
function pushList(list: u64): void {
  const rest = tail(list);
  push(CLOSE_LIST);
  if (rest != NIL) {
    push(rest);
    push(isList(rest) ? REST : BAR);
  }
  push(head(list));
}
function pushRest(list: u64): void {
  const rest = tail(list);
  if (rest != NIL) {
    push(rest);
    push(isList(rest) ? REST : BAR);
  }
  push(head(list));
  push(COMMA);
}
function pushTuple(t: u64): void {
  push(CLOSE_TUPLE);
  for (let i = tupleArity(t); i > 0; i--) {
    push(tupleElement(t, i));
    if (i > 1) push(COMMA);
  }
}
const iterator: usize = memory.data(296, 8);
/** The pairs of a map, the first on top: pushed in their order, then turned round. */
function pushMap(t: u64): void {
  push(CLOSE_MAP);
  const base = mark();
  startPairs(iterator, t);
  while (nextPair(iterator)) {
    if (mark() != base) push(COMMA);
    push(pairKey(iterator));
    push(ARROW);
    push(pairValue(iterator));
  }
  const words = (mark() - base) >> 3;
  for (let i: u32 = 0; i < words >> 1; i++) {
    const word = peek(i);
    poke(i, peek(words - 1 - i));
    poke(words - 1 - i, word);
  }
}

/** Print a term on the emergency console. */
export function printTerm(t: u64): void {
  total = 0;
  const base = mark();
  push(t);
  while (mark() > base && total < PRINT_BYTES_MAX) {
    const word = pop();
    if (word == REST) pushRest(pop());
    else if ((word & 3) == 0) putMark(word);
    else if (isList(word)) {
      if (isText(word)) putString(word);
      else {
        putByte(91);
        pushList(word);
      }
    } else if (isTuple(word)) {
      putByte(123);
      pushTuple(word);
    } else if (isMap(word)) {
      put('#{');
      pushMap(word);
    } else putLeaf(word);
  }
  cut(base);
  if (total >= PRINT_BYTES_MAX) {
    total = 0;
    put('...');
  }
  flush();
}
