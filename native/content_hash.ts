/** Hashes of texts: a short one to spread things evenly, and a long one as the key of a cache. */
import { createHash } from 'node:crypto';

/** 32-bit FNV-1a of the UTF-16 code units. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * SHA-256 of the parts; each is preceded by its length, so that no two lists give the same bytes.
 */
export function contentHash(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${part.length}:`);
    hash.update(part);
  }
  return hash.digest('hex');
}
