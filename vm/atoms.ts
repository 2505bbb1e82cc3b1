/**
 * The atom table: entries {hash, byte length, character count, text address, OTP's hash, next in
 * bucket} in pages, found by linear hashing (W. Litwin, 1980): it grows by a page or a bucket at a
 * time, so that no new atom pays for all. Atoms are never freed (as in OTP). Atoms the VM itself
 * names come first, in the order of gen/atoms.ts.
 */
import { AREA_ATOMS, allocateFor, allocateZeroedFor } from './memory_areas';
import { ATOMS_COUNT, ATOMS_TEXT } from './gen/atoms';
import { panic } from './panic';
import { NONE, atomIndex, atomOf } from './term';

const ENTRY: u32 = 24;
const NEXT: u32 = 20;
export const ATOM_CHARACTERS_MAX: u32 = 255;
export const ATOM_BYTES_MAX: u32 = 255 * 4;
export const ATOMS_MAX: u32 = 1048576;

const PAGE_SHIFT: u32 = 9;
const PAGE_ENTRIES: u32 = 1 << PAGE_SHIFT;
/** Addresses of the pages of entries: ATOMS_MAX >> PAGE_SHIFT at most. */
const pages: usize = memory.data(2048 * 4, 8);
export let atomCount: u32 = 0;
const BUCKET_SHIFT: u32 = 10;
const BUCKET_PAGE: u32 = 1 << BUCKET_SHIFT;
const BUCKETS_MIN: u32 = 16384;
/** Addresses of the pages of buckets (number of the first atom + 1): ATOMS_MAX >> BUCKET_SHIFT. */
const bucketPages: usize = memory.data(1024 * 4, 8);
let bucketsUsed: u32 = 0;
let bucketMask: u32 = 0;

function entryOf(index: u32): usize {
  return load<u32>(pages + ((index >> PAGE_SHIFT) << 2)) + (index & (PAGE_ENTRIES - 1)) * ENTRY;
}
function bucketAt(bucket: u32): usize {
  const page = load<u32>(bucketPages + ((bucket >> BUCKET_SHIFT) << 2));
  return page + ((bucket & (BUCKET_PAGE - 1)) << 2);
}
function bucketOf(hash: u32): usize {
  const bucket = hash & bucketMask;
  return bucketAt(bucket < bucketsUsed ? bucket : bucket & (bucketMask >> 1));
}

/** FNV-1a; good enough for names and small. */
export function hashBytes(text: usize, length: u32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < length; i++) hash = (hash ^ load<u8>(text + i)) * 0x01000193;
  return hash;
}

/**
 * OTP's hash of an atom's text (P. J. Weinberger's): two-byte characters count as one byte, as when
 * atoms were Latin-1.
 */
function portableHash(text: usize, length: u32): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    let byte = load<u8>(text + i) as u32;
    if ((byte & 0xfe) == 0xc2 && i + 1 < length) {
      i++;
      byte = ((byte << 6) | ((load<u8>(text + i) as u32) & 0x3f)) & 255;
    }
    value = (value << 4) + byte;
    const high = value & 0xf000_0000;
    value = (value ^ (high >> 24)) & ~high;
  }
  return value;
}

export function initAtoms(): void {
  atomCount = 0;
  bucketMask = BUCKETS_MIN - 1;
  for (bucketsUsed = 0; bucketsUsed < BUCKETS_MIN; bucketsUsed += BUCKET_PAGE)
    reserveBucket(bucketsUsed);
  let at = ATOMS_TEXT;
  for (let i: u32 = 0; i < ATOMS_COUNT; i++) {
    const length = load<u8>(at) as u32;
    if (atomIndex(atomFromUtf8(at + 1, length)) != i) panic('atoms: predefined atom out of order');
    at += length + 1;
  }
}

/** Characters of valid UTF-8. */
function countCharacters(text: usize, length: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < length; i++) if ((load<u8>(text + i) & 0xc0) != 0x80) count++;
  return count;
}

/** Number of the atom with this text + 1, or 0. */
function find(text: usize, length: u32, hash: u32): u32 {
  let held = load<u32>(bucketOf(hash));
  while (held) {
    const entry = entryOf(held - 1);
    if (
      load<u32>(entry) == hash &&
      load<u32>(entry, 4) == length &&
      memory.compare(load<u32>(entry, 12), text, length) == 0
    )
      break;
    held = load<u32>(entry, NEXT);
  }
  return held;
}

/** The atom with this text if it exists, else NONE. */
export function existingAtom(text: usize, length: u32): u64 {
  const held = find(text, length, hashBytes(text, length));
  return held ? atomOf(held - 1) : NONE;
}

/**
 * The atom with this UTF-8 text (must be valid), made if need be; NONE when it is too long, or the
 * table or memory is full.
 */
export function atomFromUtf8(text: usize, length: u32): u64 {
  const hash = hashBytes(text, length);
  const held = find(text, length, hash);
  if (held) return atomOf(held - 1);
  const characters = countCharacters(text, length);
  if (characters > ATOM_CHARACTERS_MAX || atomCount >= ATOMS_MAX) return NONE;
  if (!reserveEntry(atomCount)) return NONE;
  const copy = allocateFor(AREA_ATOMS, length);
  if (!copy) return NONE;
  memory.copy(copy, text, length);
  const entry = entryOf(atomCount);
  const bucket = bucketOf(hash);
  store<u32>(entry, hash);
  store<u32>(entry, length, 4);
  store<u32>(entry, characters, 8);
  store<u32>(entry, copy as u32, 12);
  store<u32>(entry, portableHash(copy, length), 16);
  store<u32>(entry, load<u32>(bucket), NEXT);
  atomCount++;
  store<u32>(bucket, atomCount);
  splitBucket();
  return atomOf(atomCount - 1);
}

function reserveEntry(index: u32): bool {
  const slot = pages + ((index >> PAGE_SHIFT) << 2);
  if (!load<u32>(slot)) store<u32>(slot, allocateFor(AREA_ATOMS, PAGE_ENTRIES * ENTRY) as u32);
  return load<u32>(slot) != 0;
}
function reserveBucket(bucket: u32): bool {
  const slot = bucketPages + ((bucket >> BUCKET_SHIFT) << 2);
  if (!load<u32>(slot)) store<u32>(slot, allocateZeroedFor(AREA_ATOMS, BUCKET_PAGE << 2) as u32);
  return load<u32>(slot) != 0;
}
/** One bucket more when there are more atoms; without memory for it chains become longer. */
function splitBucket(): void {
  const fresh = bucketsUsed;
  if (atomCount <= fresh || fresh >= ATOMS_MAX || !reserveBucket(fresh)) return;
  if (fresh > bucketMask) bucketMask = (bucketMask << 1) | 1;
  bucketsUsed = fresh + 1;
  let stay = bucketAt(fresh & (bucketMask >> 1));
  let leave = bucketAt(fresh);
  let held = load<u32>(stay);
  while (held) {
    const entry = entryOf(held - 1);
    if ((load<u32>(entry) & bucketMask) == fresh) {
      store<u32>(leave, held);
      leave = entry + NEXT;
    } else {
      store<u32>(stay, held);
      stay = entry + NEXT;
    }
    held = load<u32>(entry, NEXT);
  }
  store<u32>(stay, 0);
  store<u32>(leave, 0);
}

/** Address of the UTF-8 text of an atom. */
export function atomText(atom: u64): usize {
  return load<u32>(entryOf(atomIndex(atom)), 12);
}
/** Its length in bytes. */
export function atomLength(atom: u64): u32 {
  return load<u32>(entryOf(atomIndex(atom)), 4);
}
/** Its length in characters. */
export function atomCharacters(atom: u64): u32 {
  return load<u32>(entryOf(atomIndex(atom)), 8);
}
/** Hash of its text: the same in every run. */
export function atomHash(atom: u64): u32 {
  return load<u32>(entryOf(atomIndex(atom)));
}
/** OTP's hash of it: in phash2, and where ETS keeps it. */
export function atomPortableHash(atom: u64): u32 {
  return load<u32>(entryOf(atomIndex(atom)), 16);
}
/** `atom` names an atom of the table (for terms from unchecked words). */
export function atomExists(index: u32): bool {
  return index < atomCount;
}
