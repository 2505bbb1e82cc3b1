/**
 * Folders of the host that the simulated PC's guest sees: the operations of tables/host_files.ts
 * over Node's file functions. Without mounted folders there are none, and a run stays a function of
 * its inputs.
 */
import * as fs from 'node:fs';
import { join, resolve } from 'node:path';
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  entryFields,
  fileOperations,
  fileRequest,
  openFlags,
  startBlock,
  statBytes,
  statFields,
  streamEvent,
  windowSizeFields,
} from '../tables/host_files.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import type { StandardStreams } from './standard_streams.ts';

export interface Mount {
  /** A folder of the host, absolute. */
  readonly host: string;
  /** Where the guest sees it, absolute. */
  readonly guest: string;
  readonly readOnly?: boolean;
}

/** What a guest gets that stands in for a program of the host. */
export interface GuestCommand {
  /** The command line, with the program's name first. */
  readonly words: readonly string[];
  /** NAME=VALUE */
  readonly variables: readonly string[];
  readonly streams: StandardStreams;
}

/** A negative error number as a result of an operation. */
class Refusal extends Error {
  readonly result: number;

  constructor(name: keyof typeof posixErrors) {
    super(name);
    this.result = -posixErrors[name];
  }
}

/** The fields of a request block. */
class Request {
  readonly memory: Uint8Array;
  private readonly view: DataView;
  private readonly at: number;

  constructor(memory: Uint8Array, at: number) {
    this.memory = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.at = at;
  }

  word(field: keyof typeof fileRequest): number {
    return this.view.getUint32(this.at + fileRequest[field], true);
  }

  get descriptor(): number {
    return this.view.getInt32(this.at + fileRequest.descriptor, true);
  }

  /** All bits of `first`. */
  set(): bigint {
    return this.view.getBigUint64(this.at + fileRequest.first, true);
  }

  number(field: 'first' | 'second'): number {
    return Number(this.view.getBigInt64(this.at + fileRequest[field], true));
  }

  text(field: 'path' | 'otherPath'): Buffer {
    return this.textAt(this.word(field));
  }

  /** The text at a linear address, up to a zero byte. */
  textAt(from: number): Buffer {
    const end = this.memory.indexOf(0, from);
    if (end < 0) throw new Refusal('efault');
    return Buffer.from(this.memory.subarray(from, end));
  }

  buffer(): Uint8Array {
    const from = this.word('buffer');
    const bytes = this.word('bytes');
    if (from + bytes > this.memory.length) throw new Refusal('efault');
    return this.memory.subarray(from, from + bytes);
  }
}

interface OpenFolder {
  readonly path: Buffer;
  entries: fs.Dir | null;
}

/** The descriptor for which folderPath gives the folder in which this process runs. */
const workingFolder = -100;
const slash = Buffer.from('/');

export class HostFiles {
  private readonly mounts: readonly Mount[];
  private readonly command: GuestCommand | null;
  /** Descriptors that the guest has opened; folders with how far they have been listed. */
  private readonly open = new Map<number, OpenFolder | null>();
  private readonly run: ReadonlyMap<number, (request: Request) => number>;

  constructor(mounts: readonly Mount[], command: GuestCommand | null = null) {
    this.mounts = mounts;
    this.command = command;
    this.run = new Map(
      fileOperations.map(({ name, changes }, index) => {
        const body = this.operations[name];
        if (body === undefined) throw new Error(`no operation ${name} on the host's files`);
        return [
          index,
          (request) => {
            if (changes) this.refuseReadOnly(request, name);
            return body(request);
          },
        ];
      }),
    );
  }

  /** One host.fileCall. */
  call(memory: Uint8Array, at: number): number {
    const request = new Request(memory, at);
    const body = this.run.get(request.word('operation'));
    if (body === undefined) return -posixErrors.enosys;
    try {
      return body(request);
    } catch (error) {
      return errorNumber(error);
    }
  }

  /** Give back what the guest left open. */
  closeAll(): void {
    for (const [descriptor, folder] of this.open) {
      folder?.entries?.closeSync();
      fs.closeSync(descriptor);
    }
    this.open.clear();
  }

  private readonly operations: Record<string, (request: Request) => number> = {
    mount: (request) => this.mount(request),
    openRead: (request) => this.openFile(request, 0),
    open: (request) => this.openFile(request, request.number('first')),
    close: (request) => this.close(request.descriptor),
    read: (request) =>
      fs.readSync(this.opened(request), request.buffer(), { position: request.number('first') }),
    write: (request) => this.write(request, request.number('first')),
    readStream: (request) => this.readStream(request),
    writeStream: (request) => this.writeStream(request),
    writeText: (request) => this.streams.writeAnyway(request.descriptor, request.buffer()),
    sync: (request) => done(fs.fsyncSync(this.opened(request))),
    syncData: (request) => done(fs.fdatasyncSync(this.opened(request))),
    truncate: (request) => done(fs.ftruncateSync(this.opened(request), request.number('first'))),
    allocate: (request) => this.allocate(request),
    descriptorInfo: (request) =>
      putStat(request.buffer(), fs.fstatSync(this.opened(request), { bigint: true })),
    info: (request) => this.info(request),
    access: (request) => {
      const writes = (request.word('flags') & fs.constants.W_OK) !== 0;
      if (writes) this.refuseReadOnly(request, 'access');
      return done(fs.accessSync(this.path(request), request.word('flags')));
    },
    makeFolder: (request) =>
      done(fs.mkdirSync(this.path(request), { mode: request.number('first') })),
    remove: (request) =>
      done(
        request.word('flags') & AT_REMOVEDIR
          ? fs.rmdirSync(this.path(request))
          : fs.unlinkSync(this.path(request)),
      ),
    rename: (request) => done(fs.renameSync(this.path(request), this.otherPath(request))),
    link: (request) => done(fs.linkSync(this.path(request), this.otherPath(request))),
    symbolicLink: (request) => done(fs.symlinkSync(request.text('path'), this.otherPath(request))),
    readLink: (request) =>
      put(request.buffer(), fs.readlinkSync(this.path(request), { encoding: 'buffer' })),
    permissions: (request) => done(fs.chmodSync(this.path(request), request.word('flags'))),
    owner: (request) =>
      done(fs.chownSync(this.path(request), request.number('first'), request.number('second'))),
    times: (request) => this.times(request),
    entries: (request) => this.entries(request),
    descriptorFlags: (request) => done(fs.fstatSync(this.opened(request))),
    folderPath: (request) => this.folderPath(request),
    argument: (request) => this.text(request, this.command?.words),
    variable: (request) => this.text(request, this.command?.variables),
    watch: (request) => this.streams.watch(request.descriptor, request.word('flags')),
    ready: (request) => putReady(request.buffer(), this.streams),
    start: (request) => startProgram(request, this.streams),
    ended: (request) => {
      const ended = this.streams.takeEnded();
      if (ended === null) return 0;
      view(request.buffer()).setUint32(0, ended.status, true);
      return ended.pid;
    },
    signals: (request) => this.streams.takeSignals(request.set()),
    windowSize: (request) => {
      const size = this.streams.windowSize(request.descriptor);
      if (size === null) throw new Refusal('enotty');
      view(request.buffer()).setUint16(windowSizeFields.rows, size.rows, true);
      view(request.buffer()).setUint16(windowSizeFields.columns, size.columns, true);
      return 0;
    },
    terminalMode: (request) =>
      this.streams.terminalMode(request.descriptor, request.word('flags') !== 0),
    processId: () => {
      if (this.command === null) throw new Refusal('enosys');
      return process.pid;
    },
  };

  // ---- Paths ----

  private mountOf(request: Request, field: 'mount' | 'otherMount'): Mount {
    const mount = this.mounts[request.word(field)];
    if (mount === undefined) throw new Refusal('enoent');
    return mount;
  }

  private hostPath(mount: Mount, path: Buffer): Buffer {
    if (path[0] === slash[0]) throw new Refusal('einval');
    return Buffer.concat([Buffer.from(mount.host), slash, path]);
  }

  private path(request: Request): Buffer {
    return this.hostPath(this.mountOf(request, 'mount'), request.text('path'));
  }

  private otherPath(request: Request): Buffer {
    return this.hostPath(this.mountOf(request, 'otherMount'), request.text('otherPath'));
  }

  private refuseReadOnly(request: Request, name: string): void {
    const row = fileOperations.find((each) => each.name === name);
    for (const field of ['mount', 'otherMount'] as const) {
      if (!row?.arguments.includes(field)) continue;
      if (this.mounts[request.word(field)]?.readOnly) throw new Refusal('erofs');
    }
  }

  private mount(request: Request): number {
    const mount = this.mounts[request.number('first')];
    if (mount === undefined) throw new Refusal('enoent');
    return put(request.buffer(), Buffer.from(`${mount.guest}\0${mount.host}`));
  }

  private text(request: Request, texts: readonly string[] | undefined): number {
    const text = texts?.[request.number('first')];
    if (text === undefined) throw new Refusal('enoent');
    const bytes = Buffer.from(text);
    if (bytes.length > request.buffer().length) throw new Refusal('e2big');
    return put(request.buffer(), bytes);
  }

  private folderPath(request: Request): number {
    const { descriptor } = request;
    if (descriptor === workingFolder)
      return put(request.buffer(), Buffer.from(fs.realpathSync('.')));
    const folder = this.open.get(descriptor);
    if (!folder) throw new Refusal('enotdir');
    return put(request.buffer(), folderPath(descriptor, folder.path));
  }

  // ---- Open files ----

  /** What was opened, or given to this process when it was started. */
  private opened(request: Request): number {
    const { descriptor } = request;
    const isStandard = descriptor >= 0 && descriptor <= 2;
    if (this.open.has(descriptor) || (isStandard && this.command !== null)) return descriptor;
    throw new Refusal('ebadf');
  }

  private openFile(request: Request, mode: number): number {
    const path = this.path(request);
    const flags = request.word('flags') & ~openFlags.path;
    const descriptor = fs.openSync(path, flags, mode);
    const isFolder = fs.fstatSync(descriptor).isDirectory();
    this.open.set(descriptor, isFolder ? { path, entries: null } : null);
    return descriptor;
  }

  /** Streams, programs and signals of a host's program. */
  private get streams(): StandardStreams {
    if (this.command === null) throw new Refusal('enosys');
    return this.command.streams;
  }

  private close(descriptor: number): number {
    if (this.command?.streams.has(descriptor)) return this.command.streams.close(descriptor);
    if (!this.open.has(descriptor)) throw new Refusal('ebadf');
    this.open.get(descriptor)?.entries?.closeSync();
    this.open.delete(descriptor);
    fs.closeSync(descriptor);
    return 0;
  }

  private write(request: Request, position: number): number {
    const buffer = request.buffer();
    return fs.writeSync(this.opened(request), buffer, 0, buffer.length, position);
  }

  private readStream(request: Request): number {
    const { streams } = this.command ?? {};
    if (streams?.has(request.descriptor)) return streams.read(request.descriptor, request.buffer());
    const descriptor = this.opened(request);
    return fs.readSync(descriptor, request.buffer(), { position: null });
  }

  private writeStream(request: Request): number {
    const { streams } = this.command ?? {};
    if (streams?.has(request.descriptor))
      return streams.write(request.descriptor, request.buffer());
    const descriptor = this.opened(request);
    return fs.writeSync(descriptor, request.buffer());
  }

  /** Node has no fallocate: the file grows, without blocks behind the new part. */
  private allocate(request: Request): number {
    const descriptor = this.opened(request);
    const end = request.number('first') + request.number('second');
    if (request.number('second') <= 0) throw new Refusal('einval');
    if (end > fs.fstatSync(descriptor).size) fs.ftruncateSync(descriptor, end);
    else fs.writeSync(descriptor, new Uint8Array(0));
    return 0;
  }

  private times(request: Request): number {
    const buffer = request.buffer();
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    // Dates: of a number below 0 Node makes the present time.
    const date = (at: number) => new Date(Number(view.getBigInt64(at, true)) * 1000);
    fs.utimesSync(this.path(request), date(0), date(16));
    return 0;
  }

  private info(request: Request): number {
    const path = this.path(request);
    const stat =
      request.word('flags') & AT_SYMLINK_NOFOLLOW
        ? fs.lstatSync(path, { bigint: true })
        : fs.statSync(path, { bigint: true });
    return putStat(request.buffer(), stat);
  }

  /** Some entries in the form of getdents64. */
  private entries(request: Request): number {
    const folder = this.open.get(request.descriptor);
    if (!folder) throw new Refusal('enotdir');
    const options = { encoding: 'buffer', bufferSize: 64 } as unknown as fs.OpenDirOptions;
    folder.entries ??= fs.opendirSync(folder.path, options);
    const buffer = request.buffer();
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const recordMax = entryFields.name + 256;
    let at = 0;
    while (at + recordMax <= buffer.length) {
      const entry = folder.entries.readSync();
      if (entry === null) break;
      const name = Buffer.from(entry.name as unknown as Uint8Array);
      const bytes = (entryFields.name + name.length + 8) & ~7;
      buffer.fill(0, at, at + bytes);
      view.setUint16(at + entryFields.recordBytes, bytes, true);
      buffer.set(name, at + entryFields.name);
      at += bytes;
    }
    return at;
  }
}

function view(buffer: Uint8Array): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function putReady(buffer: Uint8Array, streams: StandardStreams): number {
  const ready = streams.takeReady(Math.floor(buffer.length / streamEvent.bytes));
  ready.forEach(([descriptor, events], index) => {
    const at = index * streamEvent.bytes;
    view(buffer).setUint32(at + streamEvent.events, events, true);
    view(buffer).setBigUint64(at + streamEvent.descriptor, BigInt(descriptor), true);
  });
  return ready.length;
}

/** The program of a startBlock. Node takes texts, not bytes: they are UTF-8. */
function startProgram(request: Request, streams: StandardStreams): number {
  const block = view(request.buffer());
  const at = (address: number): string => request.textAt(address).toString();
  const count = block.getUint32(startBlock.words, true);
  const table = Array.from({ length: count }, (_, index) =>
    Number(block.getBigUint64(startBlock.table + 8 * index, true)),
  );
  const end = table.indexOf(0);
  const folder = block.getUint32(startBlock.folder, true);
  const started = streams.start(
    {
      path: at(block.getUint32(startBlock.path, true)),
      folder: folder ? at(folder) : null,
      words: table.slice(0, end).map(at),
      variables: table.slice(end + 1, -1).map(at),
    },
    request.word('flags'),
  );
  block.setInt32(startBlock.input, started.input, true);
  block.setInt32(startBlock.output, started.output, true);
  return started.pid;
}

/** Where an open folder is now; only Linux can tell. */
function folderPath(descriptor: number, opened: Buffer): Buffer {
  if (process.platform !== 'linux') return fs.realpathSync.native(opened, { encoding: 'buffer' });
  return fs.readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
}

function done(_nothing: unknown): number {
  return 0;
}

function put(buffer: Uint8Array, bytes: Uint8Array): number {
  if (bytes.length > buffer.length) throw new Refusal('enametoolong');
  buffer.set(bytes);
  return bytes.length;
}

function putStat(buffer: Uint8Array, stat: fs.BigIntStats): number {
  if (buffer.length < statBytes) throw new Refusal('efault');
  buffer.fill(0, 0, statBytes);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const put64 = (field: keyof typeof statFields, value: bigint): void =>
    view.setBigInt64(statFields[field], value, true);
  const put32 = (field: keyof typeof statFields, value: bigint): void =>
    view.setUint32(statFields[field], Number(BigInt.asUintN(32, value)), true);
  put64('device', stat.dev);
  put64('inode', stat.ino);
  put64('links', stat.nlink);
  put32('mode', stat.mode);
  put32('user', stat.uid);
  put32('group', stat.gid);
  put64('rawDevice', stat.rdev);
  put64('size', stat.size);
  put64('accessed', floorSeconds(stat.atimeNs));
  put64('modified', floorSeconds(stat.mtimeNs));
  put64('changed', floorSeconds(stat.ctimeNs));
  return 0;
}

function floorSeconds(ns: bigint): bigint {
  const seconds = ns / 1_000_000_000n;
  return ns < 0n && seconds * 1_000_000_000n !== ns ? seconds - 1n : seconds;
}

function errorNumber(error: unknown): number {
  if (error instanceof Refusal) return error.result;
  const { errno, code } = error as { errno?: number; code?: string };
  if (code === 'EOF') return 0;
  if (typeof errno === 'number' && errno < 0) return errno;
  // Node refuses some arguments itself.
  if (typeof code === 'string' && code.startsWith('ERR_')) return -posixErrors.einval;
  throw error;
}

/** A `--mount` of the command line: HOST:GUEST or HOST:GUEST:ro. */
export function parseMount(text: string): Mount | null {
  const parts = text.split(':');
  const readOnly = parts.length === 3 && parts[2] === 'ro';
  if (parts.length !== 2 && !readOnly) return null;
  const [host, guest] = parts as [string, string];
  if (!host || !guest.startsWith('/')) return null;
  return { host: resolve(host), guest: join(guest, '.'), readOnly };
}
