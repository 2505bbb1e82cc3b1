/** A Linux executable with its boot archive inside: tables/linux_host.ts, `embedded`. */
import { embedded } from '../tables/linux_host.ts';

const pageBytes = 4096;
const pad = (bytes: number): Uint8Array =>
  new Uint8Array((pageBytes - (bytes % pageBytes)) % pageBytes);

/** `guestCommand`: command line, environment and files of the host are the guest's. */
export function embedArchive(
  program: Uint8Array,
  archive: Uint8Array,
  guestCommand: boolean,
): Uint8Array {
  const start = [program, pad(program.length)];
  const offset = start.reduce((sum, part) => sum + part.length, 0);
  const trailer = Buffer.alloc(embedded.bytes);
  trailer.write(embedded.magicText, embedded.magic, 'latin1');
  trailer.writeBigUInt64LE(BigInt(offset), embedded.offset);
  trailer.writeBigUInt64LE(BigInt(archive.length), embedded.archiveBytes);
  trailer.writeBigUInt64LE(BigInt(guestCommand ? embedded.guestCommand : 0), embedded.flags);
  return Buffer.concat([...start, archive, pad(archive.length), trailer]);
}
