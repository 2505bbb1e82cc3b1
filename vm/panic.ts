/**
 * The end of the VM: a broken invariant. Prints subsystem and fact on the emergency console and
 * stops the machine with status 134.
 */
import { FILE_WRITE_TEXT } from './gen/files';
import { hostTransfer } from './files/host_files';
import { debugWrite, power } from './host';

/** Where text goes: 0 to the emergency console, else to this standard stream of the host. */
let stream: i32 = 0;
export const STANDARD_OUTPUT: i32 = 1;
export const STANDARD_ERROR: i32 = 2;
const NEWLINE: u8 = 10;
const RETURN: u8 = 13;
/** Text comes a few characters at a time: it is collected for the host's streams. */
const COLLECTED_MAX: u32 = 4096;
const collected: usize = memory.data(4096, 8);
let collectedBytes: u32 = 0;

export function setTextStream(descriptor: i32): void {
  writeCollected();
  stream = descriptor;
}
/** Waits for a slow reader, as OTP's runtime does with such texts. */
function writeCollected(): void {
  for (let done: u32 = 0; done < collectedBytes; ) {
    const rest = collectedBytes - done;
    const count = hostTransfer(FILE_WRITE_TEXT, stream, 0, collected + done, rest);
    if (count <= 0) break;
    done += count as u32;
  }
  collectedBytes = 0;
}
function collect(byte: u8): void {
  if (collectedBytes == COLLECTED_MAX) writeCollected();
  store<u8>(collected + collectedBytes++, byte);
}
/** Lines end in CR LF on the host's streams, as those of OTP's runtime do. */
export function writeText(text: usize, length: u32): void {
  if (!stream) {
    debugWrite(text as u32, length);
    return;
  }
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(text + i) == NEWLINE) collect(RETURN);
    collect(load<u8>(text + i));
  }
}

const line: usize = memory.data(512, 8);

/** Print ASCII text on the emergency console. */
export function debugText(text: string): void {
  const length = min(text.length, 510);
  for (let i = 0; i < length; i++) store<u8>(line + i, text.charCodeAt(i));
  writeText(line, length);
}

/** Print one character as UTF-8. */
export function debugCharacter(code: u32): void {
  let length: u32 = 1;
  if (code < 0x80) store<u8>(line, code as u8);
  else {
    length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    store<u8>(line, ((0xf00 >> length) | (code >> (6 * (length - 1)))) as u8);
    for (let i: u32 = 1; i < length; i++)
      store<u8>(line + i, (0x80 | ((code >> (6 * (length - 1 - i))) & 0x3f)) as u8);
  }
  writeText(line, length);
}

export function debugNumber(value: u64): void {
  let at = line + 32;
  do {
    at--;
    store<u8>(at, ((value % 10) as u8) + 48);
    value /= 10;
  } while (value);
  writeText(at, (line + 32 - at) as u32);
}

export function debugHex(value: u64): void {
  for (let i = 0; i < 16; i++) {
    const digit = ((value >> (((15 - i) as u64) * 4)) & 15) as u8;
    store<u8>(line + i, digit < 10 ? digit + 48 : digit + 87);
  }
  writeText(line, 16);
}

export function panic(text: string): void {
  setTextStream(0);
  debugText('\nVBEAM panic: ');
  debugText(text);
  debugText('\n');
  power(134);
  unreachable();
}
