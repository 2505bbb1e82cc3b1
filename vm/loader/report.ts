/**
 * The one line that says why a module, an archive or an external term was refused, e.g.
 * `module lists: Code chunk: label 17 is not defined`. Kept in a static buffer until the next
 * report starts.
 */
import { atomLength, atomText } from '../atoms';
import { NONE } from '../term';

const CAPACITY: u32 = 1024;
const text: usize = memory.data(1024, 8);
let length: u32 = 0;

/** Address of the text (UTF-8, no line feed, no zero at the end). */
export function reportText(): usize {
  return text;
}
export function reportLength(): u32 {
  return length;
}
export function clearReport(): void {
  length = 0;
}

/** A report that was kept is the last one again. */
export function restoreReport(from: usize, bytes: u32): void {
  length = min(bytes, CAPACITY);
  memory.copy(text, from, length);
}

function sayByte(byte: u8): void {
  if (length < CAPACITY) store<u8>(text + length, byte);
  if (length < CAPACITY) length++;
}

/** ASCII text. */
export function say(ascii: string): void {
  for (let i = 0; i < ascii.length; i++) sayByte(ascii.charCodeAt(i) as u8);
}

export function sayNumber(value: u64): void {
  let scale: u64 = 1;
  while (value / scale >= 10) scale *= 10;
  while (scale) {
    sayByte((((value / scale) % 10) as u8) + 48);
    scale /= 10;
  }
}

/** Bytes from outside: control characters would break the line and become question marks. */
export function sayBytes(address: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = load<u8>(address + i);
    sayByte(byte < 32 || byte == 127 ? 63 : byte);
  }
}

export function sayAtom(atom: u64): void {
  sayBytes(atomText(atom), atomLength(atom));
}

/** module:function/arity */
export function sayFunction(module: u64, name: u64, arity: u32): void {
  sayAtom(module);
  say(':');
  sayAtom(name);
  say('/');
  sayNumber(arity);
}

/** Start a line about a module; its name is not known before the atoms are read (NONE). */
export function startReport(module: u64, chunk: string): void {
  length = 0;
  if (module == NONE) say('beam file');
  else {
    say('module ');
    sayAtom(module);
  }
  say(': ');
  if (chunk.length) {
    say(chunk);
    say(' chunk: ');
  }
}
