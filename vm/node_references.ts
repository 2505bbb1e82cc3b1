/**
 * Who refers to other nodes: how many pids, ports and references of each node are on which heap, in
 * which table, in messages of timers and in compiled match specifications. No table of nodes counts
 * them, so all memory is walked over, in one go: it is for test suites, which have to say before
 * that they want such things (bif/debug_nodes.ts).
 *
 * record: +------+------+------+--------+----------+-------+
 *         | next | kind | node | holder | creation | count |   u32, u32, u64, u64, u32, u32
 *         +------+------+------+--------+----------+-------+
 */
import { allocate, release } from './alloc';
import { bucketCount, bucketLink } from './ets/hash_table';
import { T_TYPE, TYPE_ORDERED_SET } from './ets/layout';
import { M_SOURCE, destroyProgram } from './ets/match_program';
import { O_NEXT, isGone, objectTerm, objectWords } from './ets/object';
import { walkFirst, walkNext } from './ets/ordered_table';
import { tableAfter, tableTerm } from './ets/registry';
import {
  P_FLAGS,
  P_FRAGMENTS,
  P_HEAP_START,
  P_HEAP_TOP,
  P_ID,
  P_MAILBOX_FIRST,
  P_OLD_START,
  P_OLD_TOP,
  P_STATE,
} from './gen/layout';
import { FRAGMENT_HEADER } from './heap';
import { NODE_FRAGMENT } from './mailbox';
import { isMagicHeader, offHeapObject } from './off_heap';
import { FLAG_COLLECTING, STATE_EXITING } from './process';
import { processAtSlot, processSlots, usedSlotBelow } from './process_table';
import { livingProcess } from './signals';
import { current, heapTop } from './state';
import {
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_REF,
  boxedAddress,
  firstTermOf,
  headerSubtag,
  headerWords,
  isLocalPid,
} from './term';
import { T_FRAGMENT, T_TARGET, timerAt, timerCount } from './timers';

export const REFERRER_NEXT: u32 = 0;
export const REFERRER_KIND: u32 = 4;
export const REFERRER_NODE: u32 = 8;
/** A pid, or the term of a table. */
export const REFERRER_HOLDER: u32 = 16;
export const REFERRER_CREATION: u32 = 24;
export const REFERRER_COUNT: u32 = 28;
const RECORD_BYTES: u32 = 32;

export const IN_HEAP: u32 = 0;
export const IN_TABLE: u32 = 1;
export const IN_TIMER: u32 = 2;
export const IN_PROGRAM: u32 = 3;
/** No referrer: the program at `node`, to which `holder` refers. */
const SEEN: u32 = 4;

let records: usize = 0;
let failed: bool = false;
let kind: u32 = 0;
let holder: u64 = 0;
/** The table walked over; its term is made when something is found in it. */
let table: usize = 0;

function add(node: u64, creation: u32, count: u32, as: u32): void {
  const record = allocate(RECORD_BYTES);
  if (!record) {
    failed = true;
    return;
  }
  store<u32>(record, records as u32, REFERRER_NEXT);
  store<u32>(record, as, REFERRER_KIND);
  store<u64>(record, node, REFERRER_NODE);
  store<u64>(record, holder, REFERRER_HOLDER);
  store<u32>(record, creation, REFERRER_CREATION);
  store<u32>(record, count, REFERRER_COUNT);
  records = record;
}
function countNode(node: u64, creation: u32): void {
  if (table && !holder) holder = tableTerm(table);
  for (let at = records; at; at = load<u32>(at, REFERRER_NEXT)) {
    // What one holder has lies together.
    if (load<u64>(at, REFERRER_HOLDER) != holder && load<u32>(at, REFERRER_KIND) != SEEN) break;
    const same = load<u64>(at, REFERRER_NODE) == node && load<u32>(at, REFERRER_KIND) == kind;
    if (!same || load<u32>(at, REFERRER_CREATION) != creation) continue;
    store<u32>(at, load<u32>(at, REFERRER_COUNT) + 1, REFERRER_COUNT);
    return;
  }
  add(node, creation, 1, kind);
}

function creationAt(at: usize, subtag: u32): u32 {
  return (load<u64>(at + (subtag == SUB_EXTERNAL_REF ? 16 : 24)) >> 4) as u32;
}
/** Words of an object of any kind up to its terms, which are looked at one by one. */
function scan(start: usize, end: usize): void {
  let at = start;
  while (at < end) {
    const word = load<u64>(at);
    if (word & 3) {
      at += 8;
      continue;
    }
    const subtag = headerSubtag(word);
    if (subtag >= SUB_EXTERNAL_PID && subtag <= SUB_EXTERNAL_REF)
      countNode(load<u64>(at, 8), creationAt(at, subtag));
    else if (isMagicHeader(word) && kind == IN_HEAP) noteProgram(offHeapObject(at));
    const first = firstTermOf(subtag);
    at += (first ? first : headerWords(word) + 1) << 3;
  }
}
function scanFragment(fragment: usize): void {
  const start = fragment + FRAGMENT_HEADER;
  scan(start, start + (load<u32>(fragment, 8) << 3));
}
/** A compiled match specification, once for whoever refers to it first, is walked over later. */
function noteProgram(resource: usize): void {
  if (load<u32>(resource, 4) != destroyProgram.index) return;
  for (let at = records; at; at = load<u32>(at, REFERRER_NEXT)) {
    const noted = load<u32>(at, REFERRER_KIND) == SEEN;
    if (noted && load<u64>(at, REFERRER_NODE) == (resource as u64)) return;
  }
  add(resource as u64, 0, 0, SEEN);
}
function scanPrograms(): void {
  for (let at = records; at; at = load<u32>(at, REFERRER_NEXT)) {
    if (load<u32>(at, REFERRER_KIND) != SEEN) continue;
    holder = load<u64>(at, REFERRER_HOLDER);
    const source = load<u32>(load<u32>(at, REFERRER_NODE) + M_SOURCE) as usize;
    if (source) scanFragment(source);
  }
}

function scanProcess(process: usize): void {
  const collecting = load<u32>(process, P_FLAGS) & FLAG_COLLECTING;
  if (collecting || load<u32>(process, P_STATE) == STATE_EXITING) return;
  const top: usize = process == current ? heapTop : load<u32>(process, P_HEAP_TOP);
  scan(load<u32>(process, P_HEAP_START), top);
  scan(load<u32>(process, P_OLD_START), load<u32>(process, P_OLD_TOP));
  let fragment = load<u32>(process, P_FRAGMENTS) as usize;
  for (; fragment; fragment = load<u32>(fragment)) scanFragment(fragment);
  for (let node = load<u32>(process, P_MAILBOX_FIRST) as usize; node; node = load<u32>(node)) {
    if (load<u32>(node, NODE_FRAGMENT)) scanFragment(load<u32>(node, NODE_FRAGMENT));
  }
}
function scanObject(object: usize): void {
  const start = boxedAddress(objectTerm(object));
  scan(start, start + (objectWords(object) << 3));
}
function scanTable(): void {
  if (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET) {
    walkFirst(table, true);
    for (let object = walkNext(); object; object = walkNext()) scanObject(object);
    return;
  }
  for (let i: u32 = 0; i < bucketCount(table); i++) {
    let object = load<u32>(bucketLink(table, i)) as usize;
    for (; object; object = load<u32>(object, O_NEXT)) if (!isGone(object)) scanObject(object);
  }
}

/** The first record of all that refers to other nodes; 0 when there is none, or no memory. */
export function findReferrers(): usize {
  records = 0;
  failed = false;
  table = 0;
  for (let i = usedSlotBelow(processSlots()); i; i = usedSlotBelow(i - 1)) {
    const process = processAtSlot(i - 1);
    if (!process) continue;
    kind = IN_HEAP;
    holder = load<u64>(process, P_ID);
    scanProcess(process);
  }
  kind = IN_PROGRAM;
  scanPrograms();
  kind = IN_TIMER;
  for (let i: u32 = 0; i < timerCount; i++) {
    const timer = timerAt(i);
    holder = load<u64>(timer, T_TARGET);
    // It goes with its process.
    if (isLocalPid(holder) && !livingProcess(holder)) continue;
    if (load<u32>(timer, T_FRAGMENT)) scanFragment(load<u32>(timer, T_FRAGMENT));
  }
  kind = IN_TABLE;
  for (table = tableAfter(0); table; table = tableAfter(table)) {
    holder = 0;
    scanTable();
  }
  return records;
}
export function referrersFailed(): bool {
  return failed;
}
/** A record that names a referrer. */
export function isReferrer(record: usize): bool {
  return load<u32>(record, REFERRER_KIND) != SEEN;
}
export function freeReferrers(): void {
  while (records) {
    const next = load<u32>(records, REFERRER_NEXT) as usize;
    release(records);
    records = next;
  }
}
