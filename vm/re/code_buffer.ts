/** The code of the program that is being made: 32-bit words in one growing block. */
import { allocate, reallocate, release } from '../alloc';
import { noteExhausted } from './pattern';

let buffer: usize = 0;
let room: u32 = 0;
/** Words written. */
export let codeWords: u32 = 0;
const ROOM_KEPT: u32 = 16384;

export function startCode(): void {
  codeWords = 0;
}
export function codeStart(): usize {
  return buffer;
}
export function dropCode(): void {
  if (room <= ROOM_KEPT) return;
  release(buffer);
  buffer = 0;
  room = 0;
}
/** Append a word. When memory is exhausted the words are lost, and so is the compilation. */
export function put(word: u32): void {
  if (codeWords >= room) {
    const wanted = room ? room << 1 : 256;
    const fresh = buffer ? reallocate(buffer, wanted << 2) : allocate(wanted << 2);
    if (!fresh) {
      noteExhausted();
      codeWords = 0;
      if (!room) return;
    } else {
      buffer = fresh;
      room = wanted;
    }
  }
  store<u32>(buffer + (codeWords << 2), word);
  codeWords++;
}
export function putOperation(operation: u32, small: u32): void {
  put(operation | (small << 8));
}
export function wordAt(index: u32): u32 {
  return index < codeWords ? load<u32>(buffer + (index << 2)) : 0;
}
export function patch(index: u32, word: u32): void {
  if (index < codeWords) store<u32>(buffer + (index << 2), word);
}
/** Append bytes, padded to words. */
export function putBytes(from: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 4) {
    let word: u32 = 0;
    for (let j: u32 = 0; j < 4 && i + j < bytes; j++)
      word |= (load<u8>(from + i + j) as u32) << (j << 3);
    put(word);
  }
}
