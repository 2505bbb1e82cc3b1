/**
 * Files of the host: what `host.fileCall(linear)` (tables/host.ts) is asked to do. The VM writes a
 * request block into linear memory, the host does what it says and returns a number that is not
 * negative, or a negative error number (tables/posix_errors.ts). Structures that come back are
 * those of Linux on x86-64: struct stat, struct linux_dirent64.
 *
 * Paths are bytes that end in a zero byte, relative to a mounted folder; the host refuses those
 * that begin with a slash. Links in a mounted folder lead where the host says.
 */

/** The request block: offset of each field. */
export const fileRequest = {
  /** u32: number of the operation, its index in fileOperations. */
  operation: 0,
  /** u32: the mounted folder in which `path` begins. */
  mount: 4,
  /** i32: an open file of the host. */
  descriptor: 8,
  /** u32: open flags, AT_ flags, or a mode. */
  flags: 12,
  /** u32: address of a path. */
  path: 16,
  /** u32: address of a second path, which begins in `otherMount`. */
  otherPath: 20,
  /** u32: address and size of memory to read from or write to. */
  buffer: 24,
  bytes: 28,
  /** i64 */
  first: 32,
  /** i64 */
  second: 40,
  /** u32 */
  otherMount: 48,
} as const;
export const fileRequestBytes = 56;

/** A field of the request block, or a number, as an argument of a system call. */
export type FileArgument = Exclude<keyof typeof fileRequest, 'operation'> | number;

export interface FileOperation {
  readonly name: string;
  /** The system call of Linux that does it, and its arguments; null: the host has code of its own. */
  readonly call: string | null;
  readonly arguments: readonly FileArgument[];
  /** A folder that is mounted read-only refuses it (erofs). */
  readonly changes?: true;
  readonly doc: string;
}

const row = (
  name: string,
  call: string | null,
  args: readonly FileArgument[],
  doc: string,
): FileOperation => ({ name, call, arguments: args, doc });
const change = (...parts: Parameters<typeof row>): FileOperation => ({
  ...row(...parts),
  changes: true,
});

const AT_SYMLINK_FOLLOW = 0;
export const fileOperations: readonly FileOperation[] = [
  row(
    'mount',
    null,
    [],
    'Where folder number `first` is mounted: its path in the guest and, behind a zero byte, that of the host go to the buffer; returns their bytes. enoent behind the last.',
  ),
  row('openRead', 'openat', ['mount', 'path', 'flags', 0], 'Open without changing anything.'),
  change('open', 'openat', ['mount', 'path', 'flags', 'first'], 'Open; `first` is the mode.'),
  row('close', 'close', ['descriptor'], ''),
  row('read', 'pread64', ['descriptor', 'buffer', 'bytes', 'first'], 'Read at offset `first`.'),
  row('write', 'pwrite64', ['descriptor', 'buffer', 'bytes', 'first'], 'Write at `first`.'),
  row('readStream', 'read', ['descriptor', 'buffer', 'bytes'], 'Read where the file stands.'),
  row(
    'writeStream',
    null,
    [],
    'Write where it stands; to standard output and error what they take without waiting, else eagain.',
  ),
  row(
    'writeText',
    'write',
    ['descriptor', 'buffer', 'bytes'],
    'The same, but it waits: for reports of the VM itself.',
  ),
  row('sync', 'fsync', ['descriptor'], ''),
  row('syncData', 'fdatasync', ['descriptor'], ''),
  row('truncate', 'ftruncate', ['descriptor', 'first'], 'To `first` bytes.'),
  row('allocate', 'fallocate', ['descriptor', 0, 'first', 'second'], 'Room for `second` bytes.'),
  row('descriptorInfo', 'fstat', ['descriptor', 'buffer'], 'A struct stat goes to the buffer.'),
  row('info', 'newfstatat', ['mount', 'path', 'buffer', 'flags'], 'The same of a path.'),
  row('access', 'faccessat', ['mount', 'path', 'flags'], 'May it be read (4), written (2)?'),
  change('makeFolder', 'mkdirat', ['mount', 'path', 'first'], 'With mode `first`.'),
  change('remove', 'unlinkat', ['mount', 'path', 'flags'], 'A folder with AT_REMOVEDIR.'),
  change('rename', 'renameat', ['mount', 'path', 'otherMount', 'otherPath'], ''),
  change('link', 'linkat', ['mount', 'path', 'otherMount', 'otherPath', AT_SYMLINK_FOLLOW], ''),
  change('symbolicLink', 'symlinkat', ['path', 'otherMount', 'otherPath'], '`path` is its text.'),
  row('readLink', 'readlinkat', ['mount', 'path', 'buffer', 'bytes'], ''),
  change('permissions', 'fchmodat', ['mount', 'path', 'flags'], ''),
  change('owner', 'fchownat', ['mount', 'path', 'first', 'second', 0], ''),
  change('times', 'utimensat', ['mount', 'path', 'buffer', 0], 'Two struct timespec.'),
  row('entries', 'getdents64', ['descriptor', 'buffer', 'bytes'], 'Some entries of a folder.'),
  row('descriptorFlags', 'fcntl', ['descriptor', 3, 0], 'F_GETFL: is there such a descriptor?'),
  row(
    'folderPath',
    null,
    [],
    'The path in the host of the folder that is open as `descriptor`, into the buffer; returns its bytes.',
  ),
  row(
    'argument',
    null,
    [],
    'Word number `first` of the command line that the guest shall obey, into the buffer; returns its bytes, e2big when they do not fit. enoent behind the last; a host that has no command line for its guest has none.',
  ),
  row('variable', null, [], 'The same of NAME=VALUE, environment variables of the host.'),
  row('processId', 'getpid', [], ''),
  row(
    'watch',
    null,
    [],
    'Say once, by `ready`, when `descriptor` can be read or written: `flags` are streamEvents, 0 watches it no longer. eperm for a file, which always can.',
  ),
  row(
    'ready',
    null,
    [],
    'What has happened to watched descriptors: number of streamEvent records.',
  ),
  row(
    'start',
    null,
    [],
    'Start the program of the startBlock in the buffer; `flags` are startFlags. Returns the number of its process.',
  ),
  row(
    'ended',
    'wait4',
    [0xffff_ffff, 'buffer', 1, 0],
    'Number of a process that has ended, its status as of waitpid(2) goes to the buffer (u32). 0: none; echild: none is left.',
  ),
  row(
    'signals',
    null,
    [],
    'Signals of the set `first` (bit N - 1 is signal N) come as records of signalRecord that the descriptor that is returned gives.',
  ),
  row('windowSize', 'ioctl', ['descriptor', 0x5413, 'buffer'], 'A struct winsize of a terminal.'),
  row(
    'terminalMode',
    null,
    [],
    'The terminal `descriptor` gives every key to its reader (flags 1), or is as it was found (0). enotty',
  ),
];

/**
 * Standard streams, programs that were started, and signals of the host's program as a device: its
 * interrupt line says that `ready` has something to tell, and is masked until it is acknowledged.
 * readStream and writeStream move bytes, as many as are possible without waiting, else eagain.
 */
export const standardStreams = { gsi: 20 } as const;

/** What a descriptor is watched for, and what has happened to it (poll.h). */
export const streamEvents = { in: 1, out: 4, error: 8, hangUp: 16 } as const;
/** struct epoll_event: u32 events, u64 descriptor. */
export const streamEvent = { events: 0, descriptor: 4, bytes: 12 } as const;
/** struct signalfd_siginfo: u32 number of the signal. */
export const signalRecord = { number: 0, bytes: 128 } as const;
/** struct winsize: u16 rows, u16 columns. */
export const windowSizeFields = { rows: 0, columns: 2, bytes: 8 } as const;

/**
 * A program to start. The table has the linear addresses of the words of its command line, 0, those
 * of its environment, 0. The host writes both descriptors, -1 without one.
 */
export const startBlock = {
  /** i32: what the program reads is written here. */
  input: 0,
  /** i32: what the program writes is read here. */
  output: 4,
  /** u32: addresses of the program's path, and of its working folder, or 0. */
  path: 8,
  folder: 12,
  /** u32: number of words in the table, with both zeros. */
  words: 16,
  table: 24,
} as const;
/** Streams of a started program: what is not asked for is that of this program. */
export const startFlags = {
  /** It reads and writes what this program writes and reads. */
  input: 1,
  output: 2,
  /** What it writes to descriptor 2 goes where that of 1 goes. */
  errorsToOutput: 4,
  /** Its descriptors for that are 3 and 4, not 0 and 1. */
  otherDescriptors: 8,
} as const;

/** Flags of openat (include/uapi/asm-generic/fcntl.h). */
export const openFlags = {
  read: 0,
  write: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  sync: 0o4010000,
  directory: 0o200000,
  path: 0o10000000,
} as const;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;

/** struct stat: offsets. */
export const statFields = {
  device: 0,
  inode: 8,
  links: 16,
  mode: 24,
  user: 28,
  group: 32,
  rawDevice: 40,
  size: 48,
  accessed: 72,
  modified: 88,
  changed: 104,
} as const;
export const statBytes = 144;
/** struct linux_dirent64: u64 inode, i64 offset, u16 record bytes, u8 type, name with a zero byte. */
export const entryFields = { inode: 0, offset: 8, recordBytes: 16, type: 18, name: 19 } as const;

/** File types in st_mode. */
export const fileTypes = {
  mask: 0o170000,
  fifo: 0o010000,
  characterDevice: 0o020000,
  folder: 0o040000,
  blockDevice: 0o060000,
  regular: 0o100000,
  link: 0o120000,
  socket: 0o140000,
} as const;

/** Longest path with its zero byte, longest name. */
export const pathBytesMax = 4096;
export const nameBytesMax = 255;
