/**
 * process_info(Pid, binary): {Address, Bytes, References} for each RefcBinary on the process's
 * heap, in all lists in which the collector keeps them (gc_sweep.ts). ets:info(Table, binary) has
 * the same of objects of tables.
 */
import { OBJECT_REFERENCES, OBJECT_USED, REFC_SIZE } from '../binary';
import { integerOfU64 } from '../bignum';
import { P_FRAGMENTS, P_GC_STATE, P_OFF_HEAP, P_OLD_OFF_HEAP } from '../gen/layout';
import { S_OLD_OFF_HEAP, S_YOUNG_OFF_HEAP } from '../gc_state';
import { holderNow, nextHolder } from '../gc_sweep';
import { FRAGMENT_OFF_HEAP, hAlloc } from '../heap';
import { offHeapNextOf, offHeapObject } from '../off_heap';
import { tuple3 } from '../signals';
import { NIL, SUB_REFC_BINARY, headerSubtag, makeCons, smallOf } from '../term';

let list: u64 = NIL;

function addList(first: u32): void {
  for (let holder = first as usize; holder; holder = nextHolder(holder)) {
    const at = holderNow(holder);
    if (headerSubtag(load<u64>(at)) == SUB_REFC_BINARY) list = makeCons(hAlloc(2), row(at), list);
  }
}
/** {Address, Bytes, References} of the RefcBinary at `at`. */
function row(at: usize): u64 {
  const object = offHeapObject(at);
  const used = load<u32>(object, OBJECT_USED);
  const bytes = used ? used : load<u32>(at, REFC_SIZE);
  const references = smallOf(load<u32>(object, OBJECT_REFERENCES) as i64);
  return tuple3(integerOfU64(object as u64), smallOf(bytes as i64), references);
}
/** The rows of a list of holders that no collector touches, before `rest`. */
export function binaryRows(first: usize, rest: u64): u64 {
  let rows = rest;
  for (let at = first; at; at = load<u32>(at + (offHeapNextOf(load<u64>(at)) << 3))) {
    if (headerSubtag(load<u64>(at)) == SUB_REFC_BINARY) rows = makeCons(hAlloc(2), row(at), rows);
  }
  return rows;
}
export function binaryList(process: usize): u64 {
  list = NIL;
  addList(load<u32>(process, P_OLD_OFF_HEAP));
  addList(load<u32>(process, P_OFF_HEAP));
  const state = load<u32>(process, P_GC_STATE) as usize;
  if (state) {
    addList(load<u32>(state, S_OLD_OFF_HEAP));
    addList(load<u32>(state, S_YOUNG_OFF_HEAP));
  }
  let fragment = load<u32>(process, P_FRAGMENTS) as usize;
  for (; fragment; fragment = load<u32>(fragment)) addList(load<u32>(fragment, FRAGMENT_OFF_HEAP));
  return list;
}
