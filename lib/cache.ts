/**
 * Files made from other files, kept under the hash of what they were made from (architecture D14).
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Hash of texts and bytes; the boundaries between them count. */
export function contentHash(...parts: readonly (string | Uint8Array)[]): string {
  const hash: Hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 24);
}

/** Write a file so that no reader ever sees half of it. */
export function writeWhole(path: string, bytes: Uint8Array | string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}.${process.pid}.tmp`;
  writeFileSync(scratch, bytes, { mode });
  renameSync(scratch, path);
}

/** The bytes at `path`, made by `make` and kept when the file does not exist. */
export async function cached(
  path: string,
  make: () => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (existsSync(path)) return readFileSync(path);
  const bytes = await make();
  writeWhole(path, bytes);
  return bytes;
}
