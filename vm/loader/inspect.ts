/** Looking into a `.beam` file without loading it. */
import { md5OfModule } from './module_md5';
import { keepChunks, readContainer, resetChunks, restoreChunks } from './chunks';
import { wordAt } from './scratch';

/** After findChunk: where its data are. */
export let chunkAt: usize = 0;
export let chunkBytes: u32 = 0;
const digest: usize = memory.data(16, 8);

/**
 * Find the chunk whose four name bytes are `id` (as a little-endian word). False when the file is
 * malformed or has none.
 */
export function findChunk(file: usize, length: u32, id: u32): bool {
  keepChunks();
  resetChunks();
  const good = readContainer(file, length);
  restoreChunks();
  return good && findIn(file, id);
}
function findIn(file: usize, id: u32): bool {
  let at = file + 12;
  const end = file + 8 + wordAt(file + 4);
  while (at + 8 <= end) {
    const bytes = wordAt(at + 4);
    if (load<u32>(at) == id) {
      chunkAt = at + 8;
      chunkBytes = bytes;
      return true;
    }
    const padded = ((bytes as u64) + 3) & ~3;
    if (padded > ((end - at - 8) as u64)) return false;
    at += 8 + (padded as u32);
  }
  return false;
}

/** Address of the MD5 of the module in the file, 0 when the file is malformed. */
export function moduleMd5(file: usize, length: u32): usize {
  keepChunks();
  resetChunks();
  const good = readContainer(file, length);
  if (good) md5OfModule(digest);
  restoreChunks();
  return good ? digest : 0;
}
