/**
 * Programs by pattern. What re:compile returns is the pattern with its options, in a binary of a
 * form of its own: whoever has such a binary, however it was made, can have nothing but that
 * pattern matched. The program that belongs to it is made when it is missing here, so a pattern
 * that stands in a program's text is compiled once, too.
 *
 * The cache holds one reference of each program in it, each run another one. When it is full, a
 * sweep drops what has not been used since the last one.
 */
import { release } from '../alloc';
import { crc32 } from '../checksum';
import { compilePattern } from './compile';
import * as O from './program';

const BUCKETS: u32 = 64;
const buckets: usize = memory.data(64 * 4, 8);
const BYTES_MAX: u32 = 1 << 20;
/** Larger programs are not kept. */
const PROGRAM_BYTES_MAX: u32 = 1 << 17;
let held: u32 = 0;

export function retainProgram(program: usize): void {
  store<u32>(program, load<u32>(program, O.P_REFERENCES) + 1, O.P_REFERENCES);
}
export function releaseProgram(program: usize): void {
  const left = load<u32>(program, O.P_REFERENCES) - 1;
  store<u32>(program, left, O.P_REFERENCES);
  if (!left) release(program);
}

/** A key is {u32 options, pattern}: whether this is the one of `program`. */
function isKeyOf(program: usize, options: u32, text: usize, bytes: u32): bool {
  if (load<u32>(program, O.P_KEY_BYTES) != bytes + 4) return false;
  const key = program + load<u32>(program, O.P_KEY);
  return load<u32>(key) == options && memory.compare(key + 4, text, bytes) == 0;
}

/**
 * The program for a pattern, with a reference for the caller; 0 when the pattern is wrong or memory
 * exhausted (pattern.ts says which).
 */
export function programFor(text: usize, bytes: u32, options: u32): usize {
  const hash = crc32(options, text, bytes);
  const bucket = buckets + ((hash & (BUCKETS - 1)) << 2);
  for (let program = load<u32>(bucket) as usize; program; ) {
    if (load<u32>(program, O.P_HASH) == hash && isKeyOf(program, options, text, bytes)) {
      store<u32>(program, 1, O.P_USED);
      retainProgram(program);
      return program;
    }
    program = load<u32>(program, O.P_NEXT);
  }
  const made = compilePattern(text, bytes, options);
  if (made && load<u32>(made, O.P_BYTES) <= PROGRAM_BYTES_MAX) {
    store<u32>(made, hash, O.P_HASH);
    keepProgram(made, bucket);
  }
  return made;
}
function keepProgram(program: usize, bucket: usize): void {
  held += load<u32>(program, O.P_BYTES);
  if (held > BYTES_MAX) sweep();
  if (held > BYTES_MAX) sweep();
  retainProgram(program);
  store<u32>(program, 1, O.P_USED);
  store<u32>(program, load<u32>(bucket), O.P_NEXT);
  store<u32>(bucket, program as u32);
}
/** Drop programs that have not been used since the last sweep. */
function sweep(): void {
  for (let i: u32 = 0; i < BUCKETS; i++) {
    let slot = buckets + (i << 2);
    for (let program = load<u32>(slot) as usize; program; ) {
      const next = load<u32>(program, O.P_NEXT) as usize;
      if (load<u32>(program, O.P_USED)) {
        store<u32>(program, 0, O.P_USED);
        slot = program + O.P_NEXT;
      } else {
        store<u32>(slot, next as u32);
        held -= load<u32>(program, O.P_BYTES);
        releaseProgram(program);
      }
      program = next;
    }
  }
}

// ---- the binary of a compiled pattern: {magic, crc32 of the rest, options, pattern}

export const COMPILED_HEADER: u32 = 12;
const MAGIC: u32 = 0x4552_4256;

/** Write the header in front of a pattern of `bytes` bytes that stands behind it already. */
export function sealCompiled(to: usize, options: u32, bytes: u32): void {
  store<u32>(to, MAGIC);
  store<u32>(to, options, 8);
  store<u32>(to, crc32(0, to + 8, bytes + 4), 4);
}
/** The `bytes` bytes at `from` are such a binary. */
export function isCompiled(from: usize, bytes: u32): bool {
  if (bytes < COMPILED_HEADER || load<u32>(from) != MAGIC) return false;
  return load<u32>(from, 4) == crc32(0, from + 8, bytes - 8);
}
