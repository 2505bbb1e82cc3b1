/**
 * The atom table: open addressing over an array of entries {hash, byte length, character count,
 * text address, OTP's hash}; atoms are never freed (as in OTP). Atoms the VM itself names come
 * first, in the
 * order of gen/atoms.ts.
 */
import { AREA_ATOMS, allocateFor, reallocateFor } from './memory_areas';
import { ATOMS_COUNT, ATOMS_TEXT } from './gen/atoms';
import { panic } from './panic';
import { NONE, atomIndex, atomOf } from './term';

const ENTRY: u32 = 20;
export const ATOM_CHARACTERS_MAX: u32 = 255;
export const ATOM_BYTES_MAX: u32 = 255 * 4;
export const ATOMS_MAX: u32 = 1048576;

let entries: usize = 0;
let capacity: u32 = 0;
export let atomCount: u32 = 0;
let slots: usize = 0;
let slotMask: u32 = 0;

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
  capacity = 8192;
  entries = allocateFor(AREA_ATOMS, capacity * ENTRY);
  slotMask = 16383;
  slots = allocateFor(AREA_ATOMS, (slotMask + 1) << 2);
  memory.fill(slots, 0, (slotMask + 1) << 2);
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

function findSlot(text: usize, length: u32, hash: u32): u32 {
  let slot = hash & slotMask;
  while (true) {
    const held = load<u32>(slots + (slot << 2));
    if (!held) return slot;
    const entry = entries + (held - 1) * ENTRY;
    if (
      load<u32>(entry) == hash &&
      load<u32>(entry, 4) == length &&
      memory.compare(load<u32>(entry, 12), text, length) == 0
    )
      return slot;
    slot = (slot + 1) & slotMask;
  }
}

/** The atom with this text if it exists, else NONE. */
export function existingAtom(text: usize, length: u32): u64 {
  const held = load<u32>(slots + (findSlot(text, length, hashBytes(text, length)) << 2));
  return held ? atomOf(held - 1) : NONE;
}

/**
 * The atom with this UTF-8 text (must be valid), made if need be; NONE when it is too long, or the
 * table or memory is full.
 */
export function atomFromUtf8(text: usize, length: u32): u64 {
  const hash = hashBytes(text, length);
  let slot = findSlot(text, length, hash);
  const held = load<u32>(slots + (slot << 2));
  if (held) return atomOf(held - 1);
  const characters = countCharacters(text, length);
  if (characters > ATOM_CHARACTERS_MAX || atomCount >= ATOMS_MAX) return NONE;
  if (atomCount == capacity && !growEntries()) return NONE;
  if (atomCount << 1 > slotMask) {
    if (!growSlots()) return NONE;
    slot = findSlot(text, length, hash);
  }
  const copy = allocateFor(AREA_ATOMS, length);
  if (!copy) return NONE;
  memory.copy(copy, text, length);
  const entry = entries + atomCount * ENTRY;
  store<u32>(entry, hash);
  store<u32>(entry, length, 4);
  store<u32>(entry, characters, 8);
  store<u32>(entry, copy as u32, 12);
  store<u32>(entry, portableHash(copy, length), 16);
  atomCount++;
  store<u32>(slots + (slot << 2), atomCount);
  return atomOf(atomCount - 1);
}

function growEntries(): bool {
  const fresh = reallocateFor(AREA_ATOMS, entries, capacity * 2 * ENTRY);
  if (!fresh) return false;
  entries = fresh;
  capacity *= 2;
  return true;
}
function growSlots(): bool {
  const size = (slotMask + 1) << 1;
  const fresh = reallocateFor(AREA_ATOMS, slots, size << 2);
  if (!fresh) return false;
  slots = fresh;
  slotMask = size - 1;
  memory.fill(slots, 0, size << 2);
  for (let i: u32 = 0; i < atomCount; i++) {
    let slot = load<u32>(entries + i * ENTRY) & slotMask;
    while (load<u32>(slots + (slot << 2))) slot = (slot + 1) & slotMask;
    store<u32>(slots + (slot << 2), i + 1);
  }
  return true;
}

/** Address of the UTF-8 text of an atom. */
export function atomText(atom: u64): usize {
  return load<u32>(entries + atomIndex(atom) * ENTRY, 12);
}
/** Its length in bytes. */
export function atomLength(atom: u64): u32 {
  return load<u32>(entries + atomIndex(atom) * ENTRY, 4);
}
/** Its length in characters. */
export function atomCharacters(atom: u64): u32 {
  return load<u32>(entries + atomIndex(atom) * ENTRY, 8);
}
/** Hash of its text: the same in every run. */
export function atomHash(atom: u64): u32 {
  return load<u32>(entries + atomIndex(atom) * ENTRY);
}
/** OTP's hash of it: in phash2, and where ETS keeps it. */
export function atomPortableHash(atom: u64): u32 {
  return load<u32>(entries + atomIndex(atom) * ENTRY, 16);
}
/** `atom` names an atom of the table (for terms from unchecked words). */
export function atomExists(index: u32): bool {
  return index < atomCount;
}
