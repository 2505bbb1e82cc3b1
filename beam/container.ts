/**
 * The IFF form of a `.beam` file: `FOR1 size BEAM`, then chunks `id size data` padded to four
 * bytes.
 */
import { Reader } from './reader.ts';

export interface Chunk {
  readonly id: string;
  /** Offset of the data in the file. */
  readonly offset: number;
  readonly data: Uint8Array;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** All chunks in file order. */
export function readContainer(file: Uint8Array): readonly Chunk[] {
  const head = new Reader(file, 'beam file');
  if (file.length < 12) head.fail('is shorter than the header of a .beam file');
  if (latin1(head.take(4)) !== 'FOR1') head.fail('does not start with FOR1');
  const size = head.u32();
  if (size < 4 || size > head.left) head.fail('is cut off: the header promises more bytes');
  if (latin1(head.take(4)) !== 'BEAM') head.fail('is an IFF file, but not of type BEAM');
  const reader = new Reader(file.subarray(12, 8 + size), 'beam file');
  const chunks: Chunk[] = [];
  while (reader.left > 0) {
    if (reader.left < 8) reader.fail('ends within the header of a chunk');
    const id = latin1(reader.take(4)).replace(/[^ -~]/g, '?');
    const bytes = reader.u32();
    if (bytes > reader.left)
      reader.fail(`is cut off: chunk ${id} promises more bytes than there are`);
    const offset = 12 + reader.position;
    const data = reader.take(bytes);
    if (chunks.some((chunk) => chunk.id === id)) reader.fail(`chunk ${id} stands twice`);
    chunks.push({ id, offset, data });
    reader.take(Math.min(-bytes & 3, reader.left));
  }
  return chunks;
}
