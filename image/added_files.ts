/** Files and folders of the build machine that are put into the boot archive (option --add). */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { UserError } from '../lib/user_error.ts';
import type { ArchiveFile } from './tar.ts';

/** Files and bytes that one option may bring; the archive lies in the machine's memory. */
const limits = { files: 20_000, bytes: 512 * 1024 * 1024 } as const;

interface Count {
  files: number;
  bytes: number;
}

function* below(host: string, guest: string, count: Count): Generator<ArchiveFile> {
  const info = lstatSync(host);
  count.files++;
  count.bytes += info.isFile() ? info.size : 0;
  if (count.files > limits.files || count.bytes > limits.bytes) {
    throw new UserError(`${host}: more than ${limits.files} files or ${limits.bytes} bytes`);
  }
  if (info.isSymbolicLink()) {
    yield { path: guest, bytes: Buffer.alloc(0), link: readlinkSync(host) };
  } else if (info.isDirectory()) {
    for (const name of readdirSync(host).sort()) {
      yield* below(join(host, name), posix.join(guest, name), count);
    }
  } else if (info.isFile()) {
    yield { path: guest, bytes: readFileSync(host), mode: info.mode & 0o777 };
  }
}

/** What the lines HOST:GUEST name; GUEST is a path from the root of the system's files. */
export function addedFiles(lines: readonly string[]): ArchiveFile[] {
  return lines.flatMap((line) => {
    const at = line.lastIndexOf(':');
    const host = line.slice(0, at);
    const guest = posix.normalize(line.slice(at + 1)).replace(/^\/+|\/+$/g, '');
    if (at <= 0 || !guest || guest.startsWith('..')) {
      throw new UserError(`--add ${line}: not HOST:GUEST`, 2);
    }
    if (!statSync(host, { throwIfNoEntry: false })) {
      throw new UserError(`--add ${line}: no such file or folder`);
    }
    return [...below(host, guest, { files: 0, bytes: 0 })];
  });
}
