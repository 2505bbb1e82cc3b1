/** The window of a deflate stream, its hash chains, and the search for the longest match. */
import { crc32 } from '../checksum';
import { adler32 } from '../inflate';
import * as S from './deflate_state';

/** By level: matches so good that the search is cut short, lazy, good enough, chain length. */
const LEVELS: usize = memory.data<u16>([
  0, 0, 0, 0, 4, 4, 8, 4, 4, 5, 16, 8, 4, 6, 32, 32, 4, 4, 16, 16, 8, 16, 32, 32, 8, 16, 128, 128,
  8, 32, 128, 256, 32, 128, 258, 1024, 32, 258, 258, 4096,
]);
export function goodLength(): u32 {
  return load<u16>(LEVELS + (S.get(S.LEVEL) << 3));
}
export function lazyLength(): u32 {
  return load<u16>(LEVELS + (S.get(S.LEVEL) << 3), 2);
}
export function niceLength(): u32 {
  return load<u16>(LEVELS + (S.get(S.LEVEL) << 3), 4);
}
function chainLength(): u32 {
  return load<u16>(LEVELS + (S.get(S.LEVEL) << 3), 6);
}

// ---- input

let source: usize = 0;
export let available: u32 = 0;
export function setInput(from: usize, bytes: u32): void {
  source = from;
  available = bytes;
}
/** What is done to each byte that is read: the checksum goes on. */
let check: u32 = 0;
export function setCheck(kind: u32): void {
  check = kind;
}
export const CHECK_NONE: u32 = 0;
export const CHECK_ADLER: u32 = 1;
export const CHECK_CRC: u32 = 2;

function readInput(to: usize, room: u32): u32 {
  const bytes = min(available, room);
  if (!bytes) return 0;
  memory.copy(to, source, bytes);
  if (check == CHECK_ADLER) S.set(S.CHECKSUM, adler32(S.get(S.CHECKSUM), to, bytes));
  else if (check == CHECK_CRC) S.set(S.CHECKSUM, crc32(S.get(S.CHECKSUM), to, bytes));
  source += bytes;
  available -= bytes;
  S.set(S.TOTAL_IN, S.get(S.TOTAL_IN) + bytes);
  return bytes;
}

// ---- hashes

export function clearHash(): void {
  memory.fill(S.get(S.HEADS), 0, 2 << S.get(S.HASH_BITS));
}
function nextHash(hash: u32, byte: u32): u32 {
  return ((hash << S.get(S.HASH_SHIFT)) ^ byte) & ((1 << S.get(S.HASH_BITS)) - 1);
}
function windowByte(at: u32): u32 {
  return load<u8>((S.get(S.WINDOW) as usize) + at);
}
/** The hash of the two bytes at `at`, to be completed by the third one. */
export function startHash(at: u32): void {
  S.set(S.HASH, nextHash(windowByte(at), windowByte(at + 1)));
}
/** Put the string at `at` into the table; the place of the last one with its hash, or 0. */
export function insertString(at: u32): u32 {
  const hash = nextHash(S.get(S.HASH), windowByte(at + S.MATCH_MIN - 1));
  S.set(S.HASH, hash);
  const slot = S.get(S.HEADS) + (hash << 1);
  const before = load<u16>(slot) as u32;
  store<u16>(S.get(S.CHAIN) + ((at & (S.windowSize() - 1)) << 1), before as u16);
  store<u16>(slot, at as u16);
  return before;
}
/** The window moves on by half: places become smaller. */
function slideTable(table: usize, count: u32, by: u32): void {
  for (let at = table; at < table + (count << 1); at += 2) {
    const place = load<u16>(at) as u32;
    store<u16>(at, (place >= by ? place - by : 0) as u16);
  }
}
function slide(): void {
  const size = S.windowSize();
  const window = S.get(S.WINDOW) as usize;
  memory.copy(window, window + size, size);
  S.set(S.MATCH_START, S.get(S.MATCH_START) - size);
  S.set(S.AT, S.get(S.AT) - size);
  S.set(S.BLOCK_START, S.get(S.BLOCK_START) - size);
  if (S.get(S.INSERT) > S.get(S.AT)) S.set(S.INSERT, S.get(S.AT));
  slideTable(S.get(S.HEADS), 1 << S.get(S.HASH_BITS), size);
  slideTable(S.get(S.CHAIN), size, size);
}

/** Read input until there is enough to look ahead, or no more. */
export function fillWindow(): void {
  const size = S.windowSize();
  do {
    let room = size * 2 - S.get(S.LOOKAHEAD) - S.get(S.AT);
    if (S.get(S.AT) >= size + (size - S.LOOKAHEAD_MIN)) {
      slide();
      room += size;
    }
    if (!available) break;
    const to = S.get(S.WINDOW) + S.get(S.AT) + S.get(S.LOOKAHEAD);
    S.set(S.LOOKAHEAD, S.get(S.LOOKAHEAD) + readInput(to, room));
    if (S.get(S.LOOKAHEAD) + S.get(S.INSERT) >= S.MATCH_MIN) insertPending();
  } while (S.get(S.LOOKAHEAD) < S.LOOKAHEAD_MIN && available);
}
/** Strings at the end of what was there before could not be put into the table. */
function insertPending(): void {
  let at = S.get(S.AT) - S.get(S.INSERT);
  startHash(at);
  while (S.get(S.INSERT)) {
    insertString(at);
    at++;
    S.set(S.INSERT, S.get(S.INSERT) - 1);
    if (S.get(S.LOOKAHEAD) + S.get(S.INSERT) < S.MATCH_MIN) break;
  }
}

// ---- the longest match

export function maxDistance(): u32 {
  return S.windowSize() - S.LOOKAHEAD_MIN;
}
function matchLength(one: usize, other: usize): u32 {
  let length: u32 = 2;
  while (length < S.MATCH_MAX && load<u8>(one + length) == load<u8>(other + length)) length++;
  return length;
}
/** Steps that the search has taken: what it costs. */
export let searched: u32 = 0;
export function resetSearched(): void {
  searched = 0;
}

/** The length of the longest match of the string at AT in the chain from `head` on: MATCH_START. */
export function longestMatch(head: u32): u32 {
  const window = S.get(S.WINDOW) as usize;
  const chains = S.get(S.CHAIN) as usize;
  const mask = S.windowSize() - 1;
  const at = S.get(S.AT);
  const scan = window + at;
  const lookahead = S.get(S.LOOKAHEAD);
  const limit = at > maxDistance() ? at - maxDistance() : 0;
  const nice = min(niceLength(), lookahead);
  let best = S.get(S.PREVIOUS_LENGTH);
  let chain = chainLength();
  if (best >= goodLength()) chain >>= 2;
  let place = head;
  while (true) {
    const match = window + place;
    searched++;
    if (
      load<u16>(match + best - 1) == load<u16>(scan + best - 1) &&
      load<u16>(match) == load<u16>(scan)
    ) {
      const length = matchLength(scan, match);
      if (length > best) {
        S.set(S.MATCH_START, place);
        best = length;
        if (length >= nice) break;
      }
    }
    place = load<u16>(chains + ((place & mask) << 1));
    if (place <= limit || --chain == 0) break;
  }
  return min(best, lookahead);
}
