/**
 * Appending in amortised constant time, as OTP does it: `<<Acc/binary, X>>` makes Acc a SubBinary
 * marked writable of a RefcBinary that alone refers to an object with room to spare. The next
 * append writes behind Acc's end, takes the mark from the old SubBinary and gives it to a new one;
 * so only the latest can grow in place, and whoever kept an older one still sees what it saw.
 */
import { AREA_BINARIES, releaseFor } from './memory_areas';
import {
  BINARY_BITS_MAX,
  BINARY_BYTES_MAX,
  OBJECT_CAPACITY,
  OBJECT_HEADER,
  REFC_DATA,
  REFC_FLAGS,
  REFC_OBJECT,
  REFC_SIZE,
  REFC_WRITABLE,
  SUB_BINARY_WORDS,
  SUB_BITS,
  SUB_OWNER,
  SUB_SIZE,
  SUB_WRITABLE,
  binaryData,
  bitOffset,
  bitSize,
  chargeOffHeap,
  newBinaryObject,
  refcBinaryOf,
} from './binary';
import { copyBits } from './bits';
import { badarg, outOfMemory, systemLimit } from './errors';
import { hAlloc } from './heap';
import { chargeReductions } from './state';
import {
  NONE,
  SUB_REFC_BINARY,
  SUB_SUB_BINARY,
  boxedAddress,
  boxedOf,
  headerOf,
  isBitstring,
  isKind,
} from './term';

const CAPACITY_MIN: u32 = 256;

/** Twice what is needed now, within bounds. */
function roomyCapacity(bytes: u32): u32 {
  if (bytes >= BINARY_BYTES_MAX >> 1) return BINARY_BYTES_MAX;
  return bytes < CAPACITY_MIN >> 1 ? CAPACITY_MIN : bytes << 1;
}
/**
 * An object for `bytes` bytes with room to grow, or just for them when memory is short; 0 when
 * there is none.
 */
function roomyObject(bytes: u32): usize {
  const object = newBinaryObject(roomyCapacity(bytes), bytes);
  return object ? object : newBinaryObject(bytes, bytes);
}

/** A writable SubBinary of `bits` bits, all of the RefcBinary at `owner`. */
function writableSub(owner: usize, bits: u64): u64 {
  const at = hAlloc(SUB_BINARY_WORDS);
  store<u64>(at, headerOf(SUB_SUB_BINARY, SUB_BINARY_WORDS - 1));
  store<u64>(at, bits >> 3, SUB_SIZE);
  store<u64>(at, 0, 16);
  store<u64>(at, (bits & 7) | SUB_WRITABLE, SUB_BITS);
  store<u64>(at, boxedOf(owner), SUB_OWNER);
  return boxedOf(at);
}

/** `t` may grow in place. */
function isWritable(t: u64): bool {
  if (!isKind(t, SUB_SUB_BINARY)) return false;
  const at = boxedAddress(t);
  if (!(load<u64>(at, SUB_BITS) & SUB_WRITABLE)) return false;
  const owner = load<u64>(at, SUB_OWNER);
  if (!isKind(owner, SUB_REFC_BINARY)) return false;
  return (load<u32>(boxedAddress(owner), REFC_FLAGS) & REFC_WRITABLE) != 0;
}

/**
 * Make the object of the writable RefcBinary at `owner` hold `bytes` bytes; false when memory is
 * exhausted.
 */
function growOwner(owner: usize, bytes: u32): bool {
  const object = load<u32>(owner, REFC_OBJECT) as usize;
  if (bytes > load<u32>(object, OBJECT_CAPACITY)) {
    const fresh = roomyObject(bytes);
    if (!fresh) return false;
    memory.copy(fresh + OBJECT_HEADER, object + OBJECT_HEADER, load<u32>(owner, REFC_SIZE));
    chargeOffHeap(load<u32>(fresh, OBJECT_CAPACITY) - load<u32>(object, OBJECT_CAPACITY));
    releaseFor(AREA_BINARIES, object);
    store<u64>(owner, fresh as u64, REFC_OBJECT);
    store<u64>(owner, (fresh + OBJECT_HEADER) as u64, REFC_DATA);
  }
  store<u64>(owner, bytes as u64, REFC_SIZE);
  return true;
}

function appendInPlace(t: u64, bits: u64, reuse: bool): u64 {
  const at = boxedAddress(t);
  const owner = boxedAddress(load<u64>(at, SUB_OWNER));
  if (!growOwner(owner, ((bits + 7) >> 3) as u32)) return outOfMemory();
  if (reuse) {
    store<u64>(at, bits >> 3, SUB_SIZE);
    store<u64>(at, (bits & 7) | SUB_WRITABLE, SUB_BITS);
    return t;
  }
  store<u64>(at, load<u64>(at, SUB_BITS) & ~SUB_WRITABLE, SUB_BITS);
  return writableSub(owner, bits);
}

/**
 * A bitstring that begins with `t` and has `bits` more bits, still undefined, from bit `bitSize(t)`
 * of its binaryData on. NONE after badarg() (the size of `t` is no multiple of `unit`),
 * systemLimit() or outOfMemory(). With `reuse`, `t` is known to be dead and may itself become the
 * result. When `bits` is 0 the result is `t`.
 */
export function appendRoom(t: u64, bits: u64, unit: u32, reuse: bool): u64 {
  if (!isBitstring(t)) return badarg();
  const used = bitSize(t);
  if (unit > 1 && used % (unit as u64)) return badarg();
  if (!bits) return t;
  if (bits > BINARY_BITS_MAX - used) return systemLimit();
  const total = used + bits;
  if (isWritable(t)) return appendInPlace(t, total, reuse);
  const bytes = ((total + 7) >> 3) as u32;
  const object = roomyObject(bytes);
  if (!object) return outOfMemory();
  copyBits(object + OBJECT_HEADER, 0, binaryData(t), bitOffset(t) as u64, used);
  chargeReductions((used / BITS_PER_REDUCTION) as i32);
  return writableSub(writableOwner(object, bytes), total);
}
function writableOwner(object: usize, bytes: u32): usize {
  const owner = boxedAddress(refcBinaryOf(object, bytes));
  store<u64>(owner, REFC_WRITABLE as u64, REFC_FLAGS);
  return owner;
}

/** Bits that are copied for one reduction. */
const BITS_PER_REDUCTION: u64 = 1 << 15;

/** An empty writable bitstring with room for about `bytes` bytes; NONE after outOfMemory(). */
export function newWritable(bytes: u32): u64 {
  let object = newBinaryObject(bytes < CAPACITY_MIN ? CAPACITY_MIN : bytes, 0);
  if (!object) object = newBinaryObject(CAPACITY_MIN, 0);
  if (!object) return outOfMemory();
  return writableSub(writableOwner(object, 0), 0);
}
