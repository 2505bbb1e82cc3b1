/**
 * Process dictionaries. Pairs are numbered in the order of insertion (the last moves into the place
 * of one that is erased) and lie in pages, each a range of roots for a collector. They are found by
 * linear hashing (W. Litwin, 1980), as in vm/ets/hash_table.ts: the index grows and shrinks by one
 * bucket at a time, so that no operation pays for all, and nothing large is ever copied.
 *
 *   P_DICTIONARY -> +-------+------+-------+-------------+---------+--------+------+------+
 *                   | count | room | pages | page places | buckets | places | used | mask |   u32 each
 *                   +-------+------+-------+-------------+---------+--------+------+------+
 *   page:   | {key, value} ... | {hash, next in bucket} ... |     room for 8 pairs at first, then 512
 *   bucket: number of its first pair + 1, in pages of 256 buckets
 *
 * Up to 8 pairs are searched without the index. A dictionary that is given up is freed by and by.
 */
import { allocate, allocateZeroed, release } from './alloc';
import { identical } from './compare';
import { P_DICTIONARY } from './gen/layout';
import { internalHash } from './hash';

const COUNT: u32 = 0;
/** Pairs that the pages have room for. */
const ROOM: u32 = 4;
/** Addresses of pages, and how many there may be. */
const PAGES: u32 = 8;
const PAGE_PLACES: u32 = 12;
/** Addresses of pages of buckets. */
const BUCKETS: u32 = 16;
const BUCKET_PLACES: u32 = 20;
/** Buckets in use, 0 = there is no index. */
const USED: u32 = 24;
const MASK: u32 = 28;
const HEADER_BYTES: u32 = 32;

const PAIR: u32 = 16;
const LINK: u32 = 8;
const NEXT: u32 = 4;
const PAGE_SHIFT: u32 = 9;
const PAGE_PAIRS: u32 = 1 << PAGE_SHIFT;
const FIRST_PAIRS: u32 = 8;
/** Up to this many pairs all keys are compared. */
const SCANNED_MAX: u32 = 8;
const PLACES_MIN: u32 = 2;
const BUCKET_SHIFT: u32 = 8;
const BUCKET_PAGE: u32 = 1 << BUCKET_SHIFT;
const BUCKETS_MIN: u32 = 16;
const PAIRS_MAX: u32 = 0x0400_0000;

/** More pages than a dictionary with one page of pairs has, buckets and header included. */
const PAGES_OF_SMALL: u32 = 8;

/** First of the dictionaries that were given up, linked by their COUNT. */
let doomed: usize = 0;

// ---- pairs

function pageOf(dictionary: usize, index: u32): usize {
  return load<u32>((load<u32>(dictionary, PAGES) as usize) + ((index >> PAGE_SHIFT) << 2));
}
function pairAt(dictionary: usize, index: u32): usize {
  return pageOf(dictionary, index) + (index & (PAGE_PAIRS - 1)) * PAIR;
}
/** The {hash, next} of a pair; the first page is small as long as it is the only one. */
function linkAt(dictionary: usize, index: u32): usize {
  const pairs = min(load<u32>(dictionary, ROOM), PAGE_PAIRS);
  return pageOf(dictionary, index) + pairs * PAIR + (index & (PAGE_PAIRS - 1)) * LINK;
}
export function pairCount(process: usize): u32 {
  const dictionary = load<u32>(process, P_DICTIONARY) as usize;
  return dictionary ? load<u32>(dictionary, COUNT) : 0;
}
/** Address of the key of pair `index`, which is followed by the value. */
export function pairAddress(process: usize, index: u32): usize {
  return pairAt(load<u32>(process, P_DICTIONARY), index);
}
/** Pairs from `index` on that lie together: a range of roots of two words each. */
export function pairsTogether(process: usize, index: u32): u32 {
  return min(PAGE_PAIRS - (index & (PAGE_PAIRS - 1)), pairCount(process) - index);
}

// ---- the index

function bucketAt(dictionary: usize, bucket: u32): usize {
  const pages = load<u32>(dictionary, BUCKETS) as usize;
  return load<u32>(pages + ((bucket >> BUCKET_SHIFT) << 2)) + ((bucket & (BUCKET_PAGE - 1)) << 2);
}
function bucketOf(dictionary: usize, hash: u32): usize {
  const mask = load<u32>(dictionary, MASK);
  const bucket = hash & mask;
  return bucketAt(dictionary, bucket < load<u32>(dictionary, USED) ? bucket : bucket & (mask >> 1));
}
/**
 * Put the address of a page behind the others in the list at `field`; the number of places there is
 * in the next word. False when there is no memory.
 */
function addPage(list: usize, index: u32, page: usize): bool {
  const places = load<u32>(list, 4);
  if (index == places) {
    const more = places ? places << 1 : PLACES_MIN;
    const fresh = allocate(more << 2);
    if (!fresh) return false;
    memory.copy(fresh, load<u32>(list), places << 2);
    release(load<u32>(list));
    store<u32>(list, fresh as u32);
    store<u32>(list, more, 4);
  }
  store<u32>((load<u32>(list) as usize) + (index << 2), page as u32);
  return true;
}
/** There is room for bucket `index`; false when there is no memory. */
function reserveBucket(dictionary: usize, index: u32): bool {
  if (index & (BUCKET_PAGE - 1)) return true;
  const page = allocateZeroed(BUCKET_PAGE << 2);
  if (!page) return false;
  if (addPage(dictionary + BUCKETS, index >> BUCKET_SHIFT, page)) return true;
  release(page);
  return false;
}
/** Begin an index over the pairs that there are, few. Without memory for it there is none yet. */
function beginIndex(dictionary: usize): bool {
  if (!reserveBucket(dictionary, 0)) return false;
  store<u32>(dictionary, BUCKETS_MIN, USED);
  store<u32>(dictionary, BUCKETS_MIN - 1, MASK);
  const count = load<u32>(dictionary, COUNT);
  for (let i: u32 = 0; i < count; i++) enter(dictionary, i);
  return true;
}
/** Pair `index`, whose key is there, joins its bucket. */
function enter(dictionary: usize, index: u32): void {
  const hash = internalHash(load<u64>(pairAt(dictionary, index)));
  const link = linkAt(dictionary, index);
  const bucket = bucketOf(dictionary, hash);
  store<u32>(link, hash);
  store<u32>(link, load<u32>(bucket), NEXT);
  store<u32>(bucket, index + 1);
}
/** The word that holds the number of pair `index`: its bucket, or the link of the one before it. */
function whoLeadsTo(dictionary: usize, index: u32): usize {
  let at = bucketOf(dictionary, load<u32>(linkAt(dictionary, index)));
  while (load<u32>(at) != index + 1) at = linkAt(dictionary, load<u32>(at) - 1) + NEXT;
  return at;
}
/** Split one bucket when there are more pairs than buckets. */
function growIndex(dictionary: usize): void {
  const used = load<u32>(dictionary, USED);
  if (load<u32>(dictionary, COUNT) <= used || !reserveBucket(dictionary, used)) return;
  let mask = load<u32>(dictionary, MASK);
  if (used > mask) {
    mask = (mask << 1) | 1;
    store<u32>(dictionary, mask, MASK);
  }
  let stay = bucketAt(dictionary, used & (mask >> 1));
  let leave = bucketAt(dictionary, used);
  let held = load<u32>(stay);
  store<u32>(dictionary, used + 1, USED);
  while (held) {
    const link = linkAt(dictionary, held - 1);
    if ((load<u32>(link) & mask) == used) {
      store<u32>(leave, held);
      leave = link + NEXT;
    } else {
      store<u32>(stay, held);
      stay = link + NEXT;
    }
    held = load<u32>(link, NEXT);
  }
  store<u32>(stay, 0);
  store<u32>(leave, 0);
}
/** Put the last bucket in front of the one it was split from when there are few pairs. */
function shrinkIndex(dictionary: usize): void {
  const used = load<u32>(dictionary, USED);
  if (used <= BUCKETS_MIN || load<u32>(dictionary, COUNT) << 1 >= used) return;
  const last = used - 1;
  const half = load<u32>(dictionary, MASK) >> 1;
  const from = bucketAt(dictionary, last);
  const onto = bucketAt(dictionary, last & half);
  let end = from;
  while (load<u32>(end)) end = linkAt(dictionary, load<u32>(end) - 1) + NEXT;
  if (end != from) {
    store<u32>(end, load<u32>(onto));
    store<u32>(onto, load<u32>(from));
    store<u32>(from, 0);
  }
  store<u32>(dictionary, last, USED);
  if (last == half + 1) store<u32>(dictionary, half, MASK);
  if (!(last & (BUCKET_PAGE - 1))) release(from);
}

// ---- finding and changing

/** Number of the pair of `key`, or -1. */
export function findPair(process: usize, key: u64): i32 {
  const dictionary = load<u32>(process, P_DICTIONARY) as usize;
  const count = dictionary ? load<u32>(dictionary, COUNT) : 0;
  if (count <= SCANNED_MAX) {
    for (let i: u32 = 0; i < count; i++) {
      const held = load<u64>(pairAt(dictionary, i));
      if (held == key || identical(held, key)) return i as i32;
    }
    return -1;
  }
  const hash = internalHash(key);
  let held = load<u32>(bucketOf(dictionary, hash));
  while (held) {
    const link = linkAt(dictionary, held - 1);
    if (load<u32>(link) == hash && identical(load<u64>(pairAt(dictionary, held - 1)), key))
      return (held - 1) as i32;
    held = load<u32>(link, NEXT);
  }
  return -1;
}

/** The dictionary of `process`, with room for one more pair; 0 when there is no memory. */
function roomForOne(process: usize): usize {
  let dictionary = load<u32>(process, P_DICTIONARY) as usize;
  if (!dictionary) {
    dictionary = allocateZeroed(HEADER_BYTES);
    if (!dictionary) return 0;
    store<u32>(process, dictionary as u32, P_DICTIONARY);
  }
  const count = load<u32>(dictionary, COUNT);
  if (count == SCANNED_MAX && !load<u32>(dictionary, USED) && !beginIndex(dictionary)) return 0;
  const room = load<u32>(dictionary, ROOM);
  if (count < room) return dictionary;
  if (room >= PAIRS_MAX) return 0;
  const grown = room && room < PAGE_PAIRS ? growFirstPage(dictionary) : morePages(dictionary);
  return grown ? dictionary : 0;
}
/** The first page, at first small, doubles. */
function growFirstPage(dictionary: usize): bool {
  const room = load<u32>(dictionary, ROOM);
  const fresh = allocate((room << 1) * (PAIR + LINK));
  if (!fresh) return false;
  const old = pageOf(dictionary, 0);
  memory.copy(fresh, old, room * PAIR);
  memory.copy(fresh + (room << 1) * PAIR, old + room * PAIR, room * LINK);
  release(old);
  store<u32>(load<u32>(dictionary, PAGES), fresh as u32);
  store<u32>(dictionary, room << 1, ROOM);
  return true;
}
function morePages(dictionary: usize): bool {
  const room = load<u32>(dictionary, ROOM);
  const pairs = room ? PAGE_PAIRS : FIRST_PAIRS;
  const page = allocate(pairs * (PAIR + LINK));
  if (!page) return false;
  if (!addPage(dictionary + PAGES, room >> PAGE_SHIFT, page)) {
    release(page);
    return false;
  }
  store<u32>(dictionary, room + pairs, ROOM);
  return true;
}

/** Add a pair whose key is not there; false when there is no memory. */
export function addPair(process: usize, key: u64, value: u64): bool {
  const dictionary = roomForOne(process);
  if (!dictionary) return false;
  const count = load<u32>(dictionary, COUNT);
  const pair = pairAt(dictionary, count);
  store<u64>(pair, key);
  store<u64>(pair, value, 8);
  store<u32>(dictionary, count + 1, COUNT);
  if (!load<u32>(dictionary, USED)) return true;
  enter(dictionary, count);
  growIndex(dictionary);
  return true;
}
/** Take pair `index` out: the last pair moves into its place. */
export function removePair(process: usize, index: u32): void {
  const dictionary = load<u32>(process, P_DICTIONARY) as usize;
  const last = load<u32>(dictionary, COUNT) - 1;
  const indexed = load<u32>(dictionary, USED) != 0;
  if (indexed)
    store<u32>(whoLeadsTo(dictionary, index), load<u32>(linkAt(dictionary, index), NEXT));
  if (index != last) {
    if (indexed) {
      store<u32>(whoLeadsTo(dictionary, last), index + 1);
      store<u64>(linkAt(dictionary, index), load<u64>(linkAt(dictionary, last)));
    }
    memory.copy(pairAt(dictionary, index), pairAt(dictionary, last), PAIR);
  }
  store<u32>(dictionary, last, COUNT);
  if (!last) {
    giveUpDictionary(process);
    return;
  }
  if (indexed) {
    shrinkIndex(dictionary);
    shrinkIndex(dictionary);
  }
  releaseLastPage(dictionary);
}
/** With two pages of free room the last of them goes. */
function releaseLastPage(dictionary: usize): void {
  const room = load<u32>(dictionary, ROOM);
  if (room <= PAGE_PAIRS || load<u32>(dictionary, COUNT) + 2 * PAGE_PAIRS > room) return;
  release(pageOf(dictionary, room - 1));
  store<u32>(dictionary, room - PAGE_PAIRS, ROOM);
}

// ---- giving up

/** `process` has no dictionary any more; a large one is freed by and by. */
export function giveUpDictionary(process: usize): void {
  const dictionary = load<u32>(process, P_DICTIONARY) as usize;
  if (!dictionary) return;
  store<u32>(process, 0, P_DICTIONARY);
  store<u32>(dictionary, doomed as u32, COUNT);
  doomed = dictionary;
  if (load<u32>(dictionary, ROOM) <= PAGE_PAIRS) freeDictionaries(PAGES_OF_SMALL);
}
/** Free about `limit` pages of dictionaries that were given up; true when none is left. */
export function freeDictionaries(limit: u32): bool {
  for (let left = limit; left && doomed; left--) {
    const dictionary = doomed;
    const room = load<u32>(dictionary, ROOM);
    const used = load<u32>(dictionary, USED);
    if (room) {
      release(pageOf(dictionary, room - 1));
      store<u32>(dictionary, room > PAGE_PAIRS ? room - PAGE_PAIRS : 0, ROOM);
    } else if (used) {
      const first = (used - 1) & ~(BUCKET_PAGE - 1);
      release(bucketAt(dictionary, first));
      store<u32>(dictionary, first, USED);
    } else {
      doomed = load<u32>(dictionary, COUNT);
      release(load<u32>(dictionary, PAGES));
      release(load<u32>(dictionary, BUCKETS));
      release(dictionary);
    }
  }
  return doomed == 0;
}
