/**
 * Messages that the running process sends itself through an alias. As in OTP they are signals, that
 * it has not handled before it fetches them: when a receive gets to the first message that has come
 * since it fetched last, when it asks for its queue, or when it leaves the processor. An alias that
 * is gone by then takes its messages with it. What the process sends itself behind such a message
 * waits with it, so that the order stays.
 *
 * Only the running process can have such messages: others send while it does not run.
 *
 *   alias: | next | node | number |   u32 u32 u64, one for each message through an alias
 */
import { allocate, release } from './alloc';

const A_NODE: u32 = 4;
const A_NUMBER: u32 = 8;
const ALIAS_BYTES: u32 = 16;

/** The first message in the mailbox that the process has sent itself and not fetched, 0 = none. */
export let firstUnfetched: usize = 0;
/** The list of nodes that wait. */
let heldFirst: usize = 0;
let heldLast: usize = 0;
/** The aliases through which some of them come, in the same order. */
let aliasFirst: usize = 0;
let aliasLast: usize = 0;
/** The alias of the message that is sent next. */
let prepared: usize = 0;

/** The next message comes through alias `number`; false when there is no memory. */
export function holdNext(number: u64): bool {
  prepared = allocate(ALIAS_BYTES);
  if (!prepared) return false;
  store<u32>(prepared, 0);
  store<u64>(prepared, number, A_NUMBER);
  return true;
}
/** It was not sent. */
export function holdNone(): void {
  if (prepared) release(prepared);
  prepared = 0;
}
/** The process has sent itself the message of `node`. True: it waits here. */
export function holdOwn(node: usize): bool {
  if (!prepared && !heldFirst) {
    if (!firstUnfetched) firstUnfetched = node;
    return false;
  }
  if (prepared) {
    store<u32>(prepared, node as u32, A_NODE);
    if (aliasFirst) store<u32>(aliasLast, prepared as u32);
    else aliasFirst = prepared;
    aliasLast = prepared;
    prepared = 0;
  }
  if (heldFirst) store<u32>(heldLast, node as u32);
  else heldFirst = node;
  heldLast = node;
  return true;
}

/** There is something to fetch. */
export function mayFetch(): bool {
  return firstUnfetched != 0 || heldFirst != 0;
}
/** What the mailbox has is fetched; what is held comes next. */
export function startFetch(): void {
  firstUnfetched = 0;
}
/** Take the first node that waits; 0 when none does. */
export function takeHeld(): usize {
  const node = heldFirst;
  if (node) heldFirst = load<u32>(node);
  return node;
}
/** The number of the alias through which the message of `node` comes, 0 = through none. */
export function takeAliasOf(node: usize): u64 {
  const alias = aliasFirst;
  if (!alias || load<u32>(alias, A_NODE) != (node as u32)) return 0;
  const number = load<u64>(alias, A_NUMBER);
  aliasFirst = load<u32>(alias);
  release(alias);
  return number;
}
