/**
 * Text on the emergency console, and terms without parts (all but strings, binaries, tuples, lists
 * and maps: vm/print_term.ts).
 */
import { QUOTED_ATOM_BYTES_MAX, writeAtom } from './atom_quoting';
import { binaryData, bitOffset } from './binary';
import { readByte } from './bits';
import { E_ARITY, E_FUNCTION, E_MODULE, FUN_INDEX, FUN_MODULE, FUN_UNIQ } from './code';
import { writeText } from './panic';
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
  headerSubtag,
  isAtom,
  isFloat,
  isInteger,
  isLocalPid,
  isLocalPort,
  isSmall,
  pidNumber,
  smallValue,
} from './term';
import { cut } from './work_stack';

/** Longest text of one term in a report. */
export const PRINT_BYTES_MAX: u32 = 65536;
const BUFFER: u32 = 256;
const buffer: usize = memory.data(BUFFER, 8);
let used: u32 = 0;
/** Bytes since startText, and how many it may be. */
export let total: u64 = 0;
let most: u64 = 0;

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

/** What follows is cut off after `bytes` bytes. */
export function startText(bytes: u64): void {
  total = 0;
  most = bytes;
}
export function textIsFull(): bool {
  return total >= most;
}
export function flush(): void {
  if (capture) {
    memory.copy(capture + captured, buffer, used);
    captured += used;
  } else if (used) writeText(buffer, used);
  used = 0;
}
export function putByte(byte: u32): void {
  if (total >= most) return;
  if (used == BUFFER) flush();
  store<u8>(buffer + used, byte as u8);
  used++;
  total++;
}
function putText(text: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) putByte(load<u8>(text + i));
}
export function put(text: string): void {
  for (let i = 0; i < text.length; i++) putByte(text.charCodeAt(i));
}
const digits: usize = memory.data(32, 8);
export function putNumber(value: u64): void {
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

export function byteOf(t: u64, index: u32): u32 {
  return readByte(binaryData(t), (bitOffset(t) as u64) + ((index as u64) << 3));
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
export function putLeaf(t: u64): void {
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
  } else putOther(t);
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
