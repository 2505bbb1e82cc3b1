/**
 * MD5 of a module as `erlang:module_info(md5)` and beam_lib:md5/1 give it: over the data of the
 * chunks that matter to its meaning, in a fixed order, with the unique number in every entry of
 * FunT taken as zero.
 */
import { md5Final, md5Init, md5Update } from '../md5';
import * as K from './chunks';

const context: usize = memory.data(96, 8);
const ZERO: usize = memory.data<u32>([0]);

function updateWith(chunk: u32): void {
  md5Update(context, K.chunkAddress(chunk), K.chunkLength(chunk));
}

function updateWithFuns(): void {
  const from = K.chunkAddress(K.CHUNK_FUNT);
  const bytes = K.chunkLength(K.CHUNK_FUNT);
  if (bytes < 4) return;
  md5Update(context, from, 4);
  for (let at: u32 = 4; at + 24 <= bytes; at += 24) {
    md5Update(context, from + at, 20);
    md5Update(context, ZERO, 4);
  }
}

/** Write the 16 bytes to `digest`. */
export function md5OfModule(digest: usize): void {
  md5Init(context);
  updateWith(K.chunkAddress(K.CHUNK_ATU8) ? K.CHUNK_ATU8 : K.CHUNK_ATOM);
  updateWith(K.CHUNK_CODE);
  updateWith(K.CHUNK_STRT);
  updateWith(K.CHUNK_IMPT);
  updateWith(K.CHUNK_EXPT);
  updateWithFuns();
  updateWith(K.CHUNK_LITT);
  updateWith(K.CHUNK_META);
  md5Final(context, digest);
}
