/**
 * Compressing an encoded term: {131, 80, size of the plain form, zlib stream}. It is done in
 * slices; when the result would not be smaller than the plain form, that is the result.
 */
import { allocate, release } from './alloc';
import { binaryOf } from './binary';
import { badarg, outOfMemory, trapTo } from './errors';
import * as B from './etf_buffer';
import { VERSION } from './etf_tags';
import { BIF_compressMore1 } from './gen/bifs';
import { setX } from './registers';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from './resource';
import { budget, chargeReductions } from './state';
import {
  STREAM_END,
  FLUSH_FINISH,
  FLUSH_NONE,
  deflate,
  deflateInit,
  room,
  setOutput,
} from './zlib/deflate';
import { useDeflate } from './zlib/deflate_state';
import { available, resetSearched, searched, setInput } from './zlib/match';

const COMPRESSED: u32 = 80;
const HEADER_BYTES: u32 = 6;
const METHOD: i32 = 8;
const WINDOW_BITS: i32 = 15;
const MEMORY_LEVEL: i32 = 8;
/** Bytes that one reduction pays for, and the fewest that a slice takes. */
const BYTES_PER_REDUCTION: i32 = 2;
const SLICE_MIN: i32 = 256;

/** The buffer of plain bytes comes first; then the state of the compression. */
const J_CODER: u32 = RESOURCE_HEADER + B.BUFFER_STATE_BYTES;
const J_OUTPUT: u32 = J_CODER + 4;
const J_TAKEN: u32 = J_CODER + 8;
const J_MADE: u32 = J_CODER + 12;
const JOB_BYTES: u32 = B.BUFFER_STATE_BYTES + 16;

function dropJob(job: usize): void {
  B.dropSaved(job + RESOURCE_HEADER);
  release(load<u32>(job, J_CODER));
  release(load<u32>(job, J_OUTPUT));
}

/** The plain bytes are in the buffer: make a binary of them, compressed or not. */
export function compressEncoded(level: u32): u64 {
  const plain = B.written as u32;
  if (plain <= HEADER_BYTES + 1) return B.takeBinary();
  const job = newResource(dropJob.index, JOB_BYTES);
  if (!job) {
    B.dropBuffer();
    return outOfMemory();
  }
  const reference = resourceTerm(job);
  const coder = deflateInit(level as i32, METHOD, WINDOW_BITS, MEMORY_LEVEL, 0);
  const output = allocate(plain);
  store<u32>(job, coder as u32, J_CODER);
  store<u32>(job, output as u32, J_OUTPUT);
  store<u32>(job, HEADER_BYTES, J_MADE);
  // The version byte is not part of what is compressed.
  store<u32>(job, 1, J_TAKEN);
  if (!coder || !output) {
    B.dropBuffer();
    return outOfMemory();
  }
  B.saveBuffer(job + RESOURCE_HEADER);
  return compressSlice(reference, job);
}
/** Go on; any arguments will do. */
export function compressMore(reference: u64): u64 {
  const job = resourceOf(reference, dropJob.index);
  if (!job || !load<u32>(job, J_CODER)) return badarg();
  return compressSlice(reference, job);
}

function compressSlice(reference: u64, job: usize): u64 {
  B.restoreBuffer(job + RESOURCE_HEADER);
  useDeflate(load<u32>(job, J_CODER));
  resetSearched();
  const plain = B.written as u32;
  const taken = load<u32>(job, J_TAKEN);
  const made = load<u32>(job, J_MADE);
  const allowed = max(budget() * BYTES_PER_REDUCTION, SLICE_MIN) as u32;
  const bytes = min(plain - taken, allowed);
  const isLast = taken + bytes == plain;
  setInput(B.bufferData() + taken, bytes);
  // As soon as there is no room, the plain form is not longer.
  setOutput((load<u32>(job, J_OUTPUT) as usize) + made, plain - 1 - made);
  const result = deflate(isLast ? FLUSH_FINISH : FLUSH_NONE);
  const now = plain - 1 - room;
  chargeReductions((bytes / (BYTES_PER_REDUCTION as u32) + (searched >> 3)) as i32);
  store<u32>(job, now, J_MADE);
  if (result == STREAM_END) return compressed(job, plain, now);
  if (!room) {
    endJob(job);
    return B.takeBinary();
  }
  store<u32>(job, taken + bytes - available, J_TAKEN);
  B.saveBuffer(job + RESOURCE_HEADER);
  setX(0, reference);
  return trapTo(BIF_compressMore1, 1);
}
function endJob(job: usize): void {
  release(load<u32>(job, J_CODER));
  release(load<u32>(job, J_OUTPUT));
  store<u32>(job, 0, J_CODER);
  store<u32>(job, 0, J_OUTPUT);
}
function compressed(job: usize, plain: u32, bytes: u32): u64 {
  const output = load<u32>(job, J_OUTPUT) as usize;
  store<u8>(output, VERSION as u8);
  store<u8>(output, COMPRESSED as u8, 1);
  store<u32>(output, bswap<u32>(plain - 1), 2);
  const binary = binaryOf(output, bytes);
  endJob(job);
  B.dropBuffer();
  return binary;
}
