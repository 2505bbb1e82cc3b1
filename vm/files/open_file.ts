/**
 * Open files of the read-only tree: resources that the opening process owns. A file counts as
 * closed when it was closed or its owner is gone.
 *
 *   contents: +------+-------+----------+-------+   u32, u32 (1 = closed), u64, u64 (pid)
 *             | node | state | position | owner |
 *             +------+-------+----------+-------+
 */
import { P_ID } from '../gen/layout';
import { processOf } from '../process';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { current } from '../state';

const F_NODE: u32 = RESOURCE_HEADER;
const F_CLOSED: u32 = RESOURCE_HEADER + 4;
export const F_POSITION: u32 = RESOURCE_HEADER + 8;
const F_OWNER: u32 = RESOURCE_HEADER + 16;
const CONTENTS_BYTES: u32 = 24;

/**
 * The archive's bytes stay where they are, so an open file owns nothing; the type of its handles.
 */
export function destroyOpenFile(resource: usize): void {}

/** A handle for the node, owned by the running process; 0 without memory. */
export function openNode(node: u32): u64 {
  const file = newResource(destroyOpenFile.index as u32, CONTENTS_BYTES);
  if (!file) return 0;
  store<u32>(file, node, F_NODE);
  store<u64>(file, load<u64>(current, P_ID), F_OWNER);
  return resourceTerm(file);
}
/** The open file of a handle; 0 for any other term. */
export function fileOf(handle: u64): usize {
  return resourceOf(handle, destroyOpenFile.index as u32);
}
export function isClosed(file: usize): bool {
  return load<u32>(file, F_CLOSED) != 0 || !processOf(load<u64>(file, F_OWNER));
}
export function close(file: usize): void {
  store<u32>(file, 1, F_CLOSED);
}
export function nodeOf(file: usize): u32 {
  return load<u32>(file, F_NODE);
}
