/**
 * C functions that V programs can call, each a system call of Linux for x86-64 (numbers:
 * arch/x86/entry/syscalls/syscall_64.tbl). `os/linux/src/vbeam_linux_syscall.erl` answers them; a
 * test compares the two tables. What the parameters are:
 *
 *     int      a number
 *     path     bytes that a zero ends
 *     in       memory that the call reads
 *     out      memory that the call writes; its size is known from what V passes
 *     mode     a number that may be left out, as C's variadic functions allow
 */
export type CParameter = 'int' | 'path' | 'in' | 'out' | 'mode';

export interface CFunction {
  readonly number: number;
  readonly parameters: readonly CParameter[];
}

const row = (number: number, ...parameters: CParameter[]): CFunction => ({ number, parameters });

export const cFunctions: Readonly<Record<string, CFunction>> = {
  read: row(0, 'int', 'out', 'int'),
  write: row(1, 'int', 'in', 'int'),
  open: row(2, 'path', 'int', 'mode'),
  close: row(3, 'int'),
  stat: row(4, 'path', 'out'),
  fstat: row(5, 'int', 'out'),
  lstat: row(6, 'path', 'out'),
  lseek: row(8, 'int', 'int', 'int'),
  pread: row(17, 'int', 'out', 'int', 'int'),
  pwrite: row(18, 'int', 'in', 'int', 'int'),
  access: row(21, 'path', 'int'),
  pipe: row(22, 'out'),
  sched_yield: row(24),
  dup: row(32, 'int'),
  dup2: row(33, 'int', 'int'),
  nanosleep: row(35, 'in', 'out'),
  getpid: row(39),
  exit: row(231, 'int'),
  _exit: row(231, 'int'),
  fsync: row(74, 'int'),
  fdatasync: row(75, 'int'),
  truncate: row(76, 'path', 'int'),
  ftruncate: row(77, 'int', 'int'),
  getcwd: row(79, 'out', 'int'),
  chdir: row(80, 'path'),
  rename: row(82, 'path', 'path'),
  mkdir: row(83, 'path', 'int'),
  rmdir: row(84, 'path'),
  creat: row(85, 'path', 'int'),
  link: row(86, 'path', 'path'),
  unlink: row(87, 'path'),
  symlink: row(88, 'path', 'path'),
  readlink: row(89, 'path', 'out', 'int'),
  chmod: row(90, 'path', 'int'),
  gettimeofday: row(96, 'out', 'int'),
  getuid: row(102),
  getgid: row(104),
  geteuid: row(107),
  getegid: row(108),
  getppid: row(110),
  gettid: row(186),
  time: row(201, 'int'),
  clock_gettime: row(228, 'int', 'out'),
  openat: row(257, 'int', 'path', 'int', 'mode'),
  mkdirat: row(258, 'int', 'path', 'int'),
  unlinkat: row(263, 'int', 'path', 'int'),
  getrandom: row(318, 'out', 'int', 'int'),
};

/** Constants of Linux's headers, by C's names. */
export const cConstants: Readonly<Record<string, bigint>> = {
  O_RDONLY: 0n,
  O_WRONLY: 1n,
  O_RDWR: 2n,
  O_CREAT: 0o100n,
  O_EXCL: 0o200n,
  O_TRUNC: 0o1000n,
  O_APPEND: 0o2000n,
  O_DIRECTORY: 0o200000n,
  O_CLOEXEC: 0o2000000n,
  SEEK_SET: 0n,
  SEEK_CUR: 1n,
  SEEK_END: 2n,
  F_OK: 0n,
  X_OK: 1n,
  W_OK: 2n,
  R_OK: 4n,
  STDIN_FILENO: 0n,
  STDOUT_FILENO: 1n,
  STDERR_FILENO: 2n,
  AT_FDCWD: -100n,
  AT_REMOVEDIR: 0x200n,
  CLOCK_REALTIME: 0n,
  CLOCK_MONOTONIC: 1n,
  S_IFMT: 0o170000n,
  S_IFREG: 0o100000n,
  S_IFDIR: 0o040000n,
  S_IFLNK: 0o120000n,
  S_IRUSR: 0o400n,
  S_IWUSR: 0o200n,
  S_IXUSR: 0o100n,
  EPERM: 1n,
  ENOENT: 2n,
  EINTR: 4n,
  EIO: 5n,
  EBADF: 9n,
  EAGAIN: 11n,
  EACCES: 13n,
  EEXIST: 17n,
  ENOTDIR: 20n,
  EISDIR: 21n,
  EINVAL: 22n,
  ENOTTY: 25n,
  ENOSPC: 28n,
  ESPIPE: 29n,
  EPIPE: 32n,
  ENOSYS: 38n,
  ENOTEMPTY: 39n,
};

export interface CStruct {
  readonly bytes: number;
  /** Offset and bytes of each field. */
  readonly fields: Readonly<Record<string, readonly [number, number]>>;
}

/** Structs that calls fill in or read. */
export const cStructs: Readonly<Record<string, CStruct>> = {
  stat: {
    bytes: 144,
    fields: {
      st_dev: [0, 8],
      st_ino: [8, 8],
      st_nlink: [16, 8],
      st_mode: [24, 4],
      st_uid: [28, 4],
      st_gid: [32, 4],
      st_rdev: [40, 8],
      st_size: [48, 8],
      st_blksize: [56, 8],
      st_blocks: [64, 8],
      st_atime: [72, 8],
      st_mtime: [88, 8],
      st_ctime: [104, 8],
    },
  },
  timespec: { bytes: 16, fields: { tv_sec: [0, 8], tv_nsec: [8, 8] } },
  timeval: { bytes: 16, fields: { tv_sec: [0, 8], tv_usec: [8, 8] } },
};
