/**
 * Writes POSIX ustar archives (IEEE Std 1003.1, pax): the format of the boot archive (architecture
 * D10).
 */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

export interface ArchiveFile {
  /** Path inside the archive; at most 100 bytes, or 155 + 100 bytes split at a slash. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permissions; 0o644 when it is not said. */
  readonly mode?: number;
  /** What a symbolic link leads to, at most 100 bytes; it has no bytes of its own. */
  readonly link?: string;
}

/** Files by their base names below a folder of the archive. */
export function readFiles(paths: readonly string[], folder: string): ArchiveFile[] {
  return paths.map((path) => ({ path: `${folder}/${basename(path)}`, bytes: readFileSync(path) }));
}

const BLOCK = 512;

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`tar: path is too long: ${path}`);
}

function linkText(text: string): string {
  if (Buffer.byteLength(text) <= 100) return text;
  throw new Error(`tar: text of a link is too long: ${text}`);
}

function header(file: ArchiveFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitPath(file.path);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0, 'utf8');
  block.write(octal(file.link === undefined ? (file.mode ?? 0o644) : 0o777, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(file.bytes.length, 11), 124);
  // Time zero: the archive is a pure function of its files.
  block.write(octal(0, 11), 136);
  block.fill(0x20, 148, 156);
  block.write(file.link === undefined ? '0' : '2', 156);
  if (file.link !== undefined) block.write(linkText(file.link), 157);
  block.write('ustar\u000000', 257);
  block.write(prefix, 345, 'utf8');
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** An archive of the files, in the order given, with the two zero blocks that end it. */
export function writeTar(files: readonly ArchiveFile[]): Uint8Array {
  const parts: Buffer[] = [];
  for (const file of files) {
    parts.push(header(file), Buffer.from(file.bytes));
    const rest = file.bytes.length % BLOCK;
    if (rest) parts.push(Buffer.alloc(BLOCK - rest));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}
