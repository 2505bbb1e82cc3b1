/**
 * MD5 of a module as `erlang:module_info(md5)` and beam_lib:md5/1 give it: over the data of the
 * chunks that matter to its meaning, in a fixed order, with the unique number in every entry of
 * FunT taken as zero.
 */
import { md5Final, md5Init, md5Update } from '../md5';
import * as K from './chunks';
import { ENTRIES_OVER, ENTRY_MORE, work } from './slices';

/** Of the module being loaded, and of one that is only looked into. */
const context: usize = memory.data(96, 8);
const otherContext: usize = memory.data(96, 8);
const ZERO: usize = memory.data<u32>([0]);
const ROW: u32 = 24;
const ROWS_AT_ONCE: u32 = 32;
/** Bytes digested as one entry: some 35 instructions each. */
const DIGEST_BYTES: u32 = 1024;

/** The chunks in their order; CHUNK_ATU8 stands for either of the atom chunks. */
const ORDER: usize = memory.data<u8>([1, 2, 3, 4, 5, 6, 7, 12]);
const PARTS: u32 = 8;

/** Chunk and byte where the digest under way goes on. */
let part: u32 = 0;
let offset: u32 = 0;

function chunkOfPart(): u32 {
  const chunk = load<u8>(ORDER + part) as u32;
  return chunk == K.CHUNK_ATU8 && !K.chunkAddress(chunk) ? K.CHUNK_ATOM : chunk;
}
/** The next rows of FunT, with zero for the unique number. */
function updateFuns(into: usize, from: usize, bytes: u32): void {
  if (!offset) {
    if (bytes >= 4) md5Update(into, from, 4);
    offset = 4;
  }
  for (let i: u32 = 0; i < ROWS_AT_ONCE && offset + ROW <= bytes; i++) {
    md5Update(into, from + offset, ROW - 4);
    md5Update(into, ZERO, 4);
    offset += ROW;
  }
  if (offset + ROW > bytes) offset = bytes;
}
/** The next bytes; false behind the last chunk. */
function update(into: usize): bool {
  if (part == PARTS) return false;
  const chunk = chunkOfPart();
  const from = K.chunkAddress(chunk);
  const bytes = K.chunkLength(chunk);
  if (chunk == K.CHUNK_FUNT && bytes) updateFuns(into, from, bytes);
  else {
    const taken = min(DIGEST_BYTES, bytes - offset);
    md5Update(into, from + offset, taken);
    offset += taken;
  }
  if (offset >= bytes) {
    part++;
    offset = 0;
  }
  return true;
}

/** Begin with the digest of the module being loaded. */
export function beginDigest(): void {
  md5Init(context);
  part = 0;
  offset = 0;
}
export function digestBlock(): u32 {
  work(400);
  return update(context) ? ENTRY_MORE : ENTRIES_OVER;
}
/** Write its 16 bytes. */
export function takeDigest(to: usize): void {
  md5Final(context, to);
}

/** The digest of a module that is looked into: its 16 bytes to `digest`. */
export function md5OfModule(digest: usize): void {
  const keptPart = part;
  const keptOffset = offset;
  md5Init(otherContext);
  part = 0;
  offset = 0;
  while (update(otherContext)) {}
  md5Final(otherContext, digest);
  part = keptPart;
  offset = keptOffset;
}
