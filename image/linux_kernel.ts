/**
 * The Linux kernel whose modules the system can load: Debian's newest image package. Its modules
 * are files of the package; its interface, as far as os/linux has a use for it, is read from the
 * types that the kernel carries and from the list of its exports, and becomes one file of Erlang
 * terms.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { contentHash, writeWhole } from '../lib/cache.ts';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';
import { Btf, type Passed, type Prototype } from './btf.ts';
import { debianPackage } from './debian_package.ts';
import type { ArchiveFile } from './tar.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'os', 'linux', 'src');
/** Where image/debian_package.ts keeps what it fetches. */
const fetchedBefore = join(root, 'build', 'debian');
const DECOMPRESS_TIMEOUT_MS = 120_000;

export interface LinuxKernel {
  /** As `uname -r` has it. */
  readonly release: string;
  /** Every module's path below /lib/modules/RELEASE by its name, `-` written as `_`. */
  readonly modules: ReadonlyMap<string, string>;
  /** The folder that holds them. */
  readonly folder: string;
  /** The file of Erlang terms. */
  readonly interface: string;
}

/** The package that the distribution's newest kernel image is. */
async function packageOf(meta: string): Promise<string> {
  const prefix = meta.replace(/amd64$/, '');
  const result = await runProcess('apt-cache', ['depends', meta], { timeoutMs: 60_000 });
  const name = result.stdout.split('\n').map((line) => /Depends: (\S+)$/.exec(line)?.[1]);
  const found = name.find((each) => each?.startsWith(prefix) && /\d/.test(each));
  // What was fetched before is good enough when the lists of packages are not there.
  const there = existsSync(fetchedBefore) ? readdirSync(fetchedBefore) : [];
  const old = there.filter((each) => each.startsWith(prefix) && /-\d/.test(each)).sort();
  const newest = found ?? old.at(-1)?.split('_')[0];
  if (!newest)
    throw new UserError(`apt-cache depends ${meta} names no kernel; try: apt-get update`);
  return newest;
}

/**
 * The kernel as an ELF file, from the image that a boot loader starts (boot.rst of its sources).
 */
async function uncompressed(image: string): Promise<Uint8Array> {
  const bytes = readFileSync(image);
  const setup = (bytes[0x1f1] || 4) + 1;
  const start = setup * 512 + bytes.readUInt32LE(0x248);
  const payload = bytes.subarray(start, start + bytes.readUInt32LE(0x24c));
  if (payload[0] === 0x1f && payload[1] === 0x8b) return gunzipSync(payload);
  if (payload.readUInt32BE(0) !== 0xfd377a58)
    throw new UserError(`${image}: compressed in a way that is not known here`);
  // In a folder of its own and then renamed: others may be about the same.
  const scratch = mkdtempSync(join(dirname(image), '.unpack-'));
  try {
    const packed = join(scratch, 'vmlinux.xz');
    writeFileSync(packed, payload.subarray(0, -4));
    const options = { timeoutMs: DECOMPRESS_TIMEOUT_MS };
    const result = await runProcess('xz', ['-d', packed], options);
    if (result.status !== 0) throw new UserError(`xz -d ${packed}: ${result.stderr.trim()}`);
    const kernel = join(dirname(image), 'vmlinux');
    renameSync(join(scratch, 'vmlinux'), kernel);
    return readFileSync(kernel);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function elfSection(bytes: Uint8Array, wanted: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const table = u64(40);
  const header = (index: number) => table + 64 * index;
  const names = u64(header(view.getUint16(62, true)) + 24);
  for (let i = 0; i < view.getUint16(60, true); i++) {
    const name = names + view.getUint32(header(i), true);
    const text = Buffer.from(bytes.subarray(name, name + wanted.length + 1)).toString('latin1');
    const from = u64(header(i) + 24);
    if (text === `${wanted}\0`) return bytes.subarray(from, from + u64(header(i) + 32));
  }
  throw new UserError(`the kernel has no section ${wanted}`);
}

const binary = (text: string) => `<<"${text}">>`;
const map = (rows: readonly string[]) => `#{\n${rows.join(',\n')}\n}`;

function passed(type: Passed): string {
  if (typeof type === 'string') return type;
  return type.bytes > 8 ? 'memory' : `${type.signed ? 's' : 'u'}${8 * type.bytes}`;
}
function prototype({ parameters, result, variadic }: Prototype): string {
  const types = [...parameters.map(passed), ...(variadic ? ['variadic'] : [])];
  return `{[${types.join(', ')}], ${passed(result)}}`;
}

/** What the sources of os/linux may name: all their words. */
function wordsOfSources(): Set<string> {
  const words = new Set<string>();
  for (const name of readdirSync(sources))
    if (/^vbeam_(ko|linuxkpi).*\.erl$/.test(name))
      for (const [word] of readFileSync(join(sources, name), 'utf8').matchAll(/[A-Za-z_][\w]*/g))
        words.add(word);
  return words;
}

/** {CRC of the kernel's own exports by name}: Module.symvers, a line an export. */
function exportsOf(headers: string, release: string): Map<string, string> {
  const path = join(headers, 'usr', 'src', `linux-headers-${release}`, 'Module.symvers');
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'));
  return new Map(
    rows.flatMap(([crc, name, from]) => (crc && name && from === 'vmlinux' ? [[name, crc]] : [])),
  );
}

/** Structures that are named, and those that their named fields are. */
function structsFor(btf: Btf, words: ReadonlySet<string>) {
  const names = new Set(words);
  let found = btf.structs((name) => names.has(name));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { fields } of found.values())
      for (const { name, struct } of fields) if (struct && words.has(name)) names.add(struct);
    found = btf.structs((name) => names.has(name));
  }
  return found;
}

function interfaceText(
  release: string,
  btf: Btf,
  exports: ReadonlyMap<string, string>,
  words: ReadonlySet<string>,
): string {
  const wanted = (name: string) => words.has(name);
  const structs = [...structsFor(btf, words)].map(([name, { size, fields }]) => {
    const rows = fields.map(
      (field) => `'${field.name}' => {${field.bitOffset}, ${field.bits}, '${field.struct}'}`,
    );
    return `'${name}' => {${size}, ${map(rows)}}`;
  });
  const functions = [...btf.functions(wanted)].map(
    ([name, type]) => `${binary(name)} => ${prototype(type)}`,
  );
  const crcs = [...exports].filter(
    ([name]) => words.has(name) || words.has(name.replace(/^__SCT__/, '')),
  );
  return `${map([
    `release => ${binary(release)}`,
    `structs => ${map(structs)}`,
    `functions => ${map(functions)}`,
    `constants => ${map([...btf.constants(wanted)].map(([name, value]) => `'${name}' => ${value}`))}`,
    `versions => ${map(crcs.map(([name, crc]) => `${binary(name)} => 16#${crc.slice(2)}`))}`,
  ])}.\n`;
}

function modulesBelow(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const modules = paths.filter((path) => path.endsWith('.ko')).sort();
  const name = (path: string) => (path.split('/').at(-1) ?? '').slice(0, -3).replaceAll('-', '_');
  return new Map(modules.map((path) => [name(path), relative(folder, join(folder, path))]));
}

/** Fetches what is not there yet; a UserError says why the kernel cannot be had. */
export async function linuxKernel(): Promise<LinuxKernel> {
  const imagePackage = await packageOf('linux-image-amd64');
  const release = imagePackage.replace('linux-image-', '');
  const image = await debianPackage(imagePackage);
  const headers = await debianPackage(`linux-headers-${release}`);
  const words = wordsOfSources();
  const key = contentHash(
    readFileSync(fileURLToPath(import.meta.url)),
    [...words].sort().join(' '),
  );
  const folder = join(image, 'lib', 'modules', release);
  const file = join(root, 'build', 'linux_kernel', `${release}-${key}.term`);
  if (!existsSync(file)) {
    const kernel = join(image, 'boot', 'vmlinux');
    const elf = existsSync(kernel)
      ? readFileSync(kernel)
      : await uncompressed(join(image, 'boot', `vmlinuz-${release}`));
    const btf = new Btf(elfSection(elf, '.BTF'));
    writeWhole(file, interfaceText(release, btf, exportsOf(headers, release), words));
  }
  return { release, folder, modules: modulesBelow(folder), interface: file };
}

/** The names of a file and of a module differ in this. */
const normal = (name: string): string => name.replaceAll('-', '_');

/** Names of the modules that a module needs, from what it says of itself. */
function dependencies(bytes: Buffer): string[] {
  const text = /(?:^|\0)depends=([^\0]*)\0/.exec(bytes.toString('latin1'))?.[1] ?? '';
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'));
}

/**
 * Modules, by name or as files of their own, with all that they depend on, and the kernel's
 * interface, as the system expects them: files of one folder, lib/modules/RELEASE.
 */
export async function moduleFiles(names: readonly string[]): Promise<ArchiveFile[]> {
  const kernel = await linuxKernel();
  const folder = `lib/modules/${kernel.release}`;
  const files = [{ path: `${folder}/interface`, bytes: readFileSync(kernel.interface) }];
  const seen = new Set<string>();
  const wanted = names.map((name) =>
    name.includes('/') ? resolve(name.replace(/\.ko$/, '')) : normal(name.replace(/\.ko$/, '')),
  );
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const path = name.includes('/') ? `${name}.ko` : kernel.modules.get(name);
    if (!path) throw new UserError(`${name}: Linux ${kernel.release} has no such module`);
    const bytes = readFileSync(resolve(kernel.folder, path));
    files.push({ path: `${folder}/${basename(name)}.ko`, bytes });
    wanted.push(...dependencies(bytes));
  }
  return files;
}
