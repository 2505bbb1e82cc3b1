/**
 * What a system for Linux programs has besides: busybox with a link for each of its commands, and
 * the few files that programs look for. Busybox comes from Debian's package, at build time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';
import { debianPackage } from './debian_package.ts';
import type { ArchiveFile } from './tar.ts';

const LIST_TIMEOUT_MS = 10_000;

const texts: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/shells': '/bin/sh\n',
  'etc/hostname': 'vbeam\n',
  'etc/profile': "export PATH=/bin:/sbin:/usr/bin:/usr/sbin\nexport PS1='\\w \\$ '\n",
};

/** The package's busybox: a static executable. */
export async function busyboxPath(): Promise<string> {
  return join(await debianPackage('busybox-static'), 'bin', 'busybox');
}

/** Paths of its commands, `bin/ls`, as it lists them itself. */
async function commandPaths(busybox: string): Promise<string[]> {
  const list = await runProcess(busybox, ['--list-full'], { timeoutMs: LIST_TIMEOUT_MS });
  if (list.status !== 0) throw new UserError(`${busybox} --list-full: ${list.stderr.trim()}`);
  return list.stdout.split('\n').filter((path) => path !== '' && path !== 'bin/busybox');
}

/** From the root of the file system down. */
export async function linuxFiles(): Promise<ArchiveFile[]> {
  const busybox = await busyboxPath();
  const empty = Buffer.alloc(0);
  const links = (await commandPaths(busybox)).map((path) => ({
    path,
    bytes: empty,
    link: '/bin/busybox',
  }));
  return [
    { path: 'bin/busybox', bytes: readFileSync(busybox), mode: 0o755 },
    ...links,
    ...Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  ];
}
