/**
 * erts_debug:get_internal_state(node_and_dist_references): for each node, with its creation, how
 * many references there are and who has them. There are no entries of connections.
 *
 *     {{node_references, [{{Node, Creation}, Count, [{Referrer, [{Kind, Count}]}]}]},
 *      {dist_references, []}}
 */
import { outOfMemory } from '../errors';
import {
  am_binary,
  am_dist_references,
  am_ets,
  am_heap,
  am_node_references,
  am_process,
  am_timer,
} from '../gen/atoms';
import { hAlloc, memoryExhausted } from '../heap';
import { nodeName } from '../names';
import {
  IN_HEAP,
  IN_PROGRAM,
  IN_TABLE,
  REFERRER_COUNT,
  REFERRER_CREATION,
  REFERRER_HOLDER,
  REFERRER_KIND,
  REFERRER_NEXT,
  REFERRER_NODE,
  findReferrers,
  freeReferrers,
  isReferrer,
  referrersFailed,
} from '../node_references';
import { tuple2, tuple3 } from '../signals';
import { NIL, makeCons, smallOf } from '../term';

function kindName(kind: u32): u64 {
  if (kind == IN_HEAP) return am_heap;
  if (kind == IN_TABLE) return am_ets;
  return kind == IN_PROGRAM ? am_binary : am_timer;
}
function isOf(record: usize, node: u64, creation: u32): bool {
  return (
    isReferrer(record) &&
    load<u64>(record, REFERRER_NODE) == node &&
    load<u32>(record, REFERRER_CREATION) == creation
  );
}
/** {Referrer, [{Kind, Count}]} */
function referrer(record: usize): u64 {
  const kind = load<u32>(record, REFERRER_KIND);
  const count = smallOf(load<u32>(record, REFERRER_COUNT) as i64);
  const counts = makeCons(hAlloc(2), tuple2(kindName(kind), count), NIL);
  const what = kind == IN_TABLE ? am_ets : am_process;
  return tuple2(tuple2(what, load<u64>(record, REFERRER_HOLDER)), counts);
}
/** The row of the node of `record`, which is the first of it. */
function nodeRow(record: usize): u64 {
  const node = load<u64>(record, REFERRER_NODE);
  const creation = load<u32>(record, REFERRER_CREATION);
  let list = NIL;
  let count: i64 = 0;
  for (let at = record; at; at = load<u32>(at, REFERRER_NEXT)) {
    if (!isOf(at, node, creation)) continue;
    list = makeCons(hAlloc(2), referrer(at), list);
    count += load<u32>(at, REFERRER_COUNT);
  }
  return tuple3(tuple2(node, smallOf(creation)), smallOf(count), list);
}
function isFirst(first: usize, record: usize): bool {
  const node = load<u64>(record, REFERRER_NODE);
  const creation = load<u32>(record, REFERRER_CREATION);
  let at = first;
  while (!isOf(at, node, creation)) at = load<u32>(at, REFERRER_NEXT);
  return at == record;
}

export function nodeReferences(): u64 {
  const first = findReferrers();
  const here = tuple2(nodeName(), smallOf(0));
  let list = makeCons(hAlloc(2), tuple3(here, smallOf(0), NIL), NIL);
  for (let at = first; at && !memoryExhausted; at = load<u32>(at, REFERRER_NEXT)) {
    if (isReferrer(at) && isFirst(first, at)) list = makeCons(hAlloc(2), nodeRow(at), list);
  }
  freeReferrers();
  if (memoryExhausted || referrersFailed()) return outOfMemory();
  return tuple2(tuple2(am_node_references, list), tuple2(am_dist_references, NIL));
}
