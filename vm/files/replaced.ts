/**
 * A file of the host that is to be read as another one, once: the boot script that `init` reads is
 * the one that was asked for with the system's own steps in it (vbeam_erl_command), under its own
 * name, which the command line shows.
 *
 *   name       what the path must be, or end in behind a slash; empty when nothing is replaced
 *   other      the path that is read instead
 */
export const REPLACED_BYTES_MAX: u32 = 4096;
const SLASH: u8 = 47;

const name: usize = memory.data(4096, 8);
export const otherPath: usize = memory.data(4096, 8);
let nameBytes: u32 = 0;
export let otherBytes: u32 = 0;

/** Both texts have at most REPLACED_BYTES_MAX bytes. */
export function replaceOnce(from: usize, fromBytes: u32, to: usize, toBytes: u32): void {
  memory.copy(name, from, fromBytes);
  memory.copy(otherPath, to, toBytes);
  nameBytes = fromBytes;
  otherBytes = toBytes;
}
/** Whether otherPath is to be read in place of this path; it is not the next time. */
export function isReplaced(path: usize, bytes: u32): bool {
  if (!nameBytes || bytes < nameBytes) return false;
  const before = bytes - nameBytes;
  if (memory.compare(path + before, name, nameBytes) != 0) return false;
  if (before && load<u8>(path + before - 1) != SLASH && load<u8>(name) != SLASH) return false;
  if (before && load<u8>(name) == SLASH) return false;
  nameBytes = 0;
  return true;
}
