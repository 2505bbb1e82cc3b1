/**
 * What the `--target linux` host layer uses of Linux's x86-64 interface:
 * arch/x86/entry/syscalls/syscall_64.tbl and include/uapi. (The system calls that the Linux
 * personality offers are another table.)
 */
export const syscalls = {
  read: 0,
  write: 1,
  open: 2,
  close: 3,
  fstat: 5,
  mmap: 9,
  rt_sigaction: 13,
  rt_sigprocmask: 14,
  ioctl: 16,
  pread64: 17,
  pwrite64: 18,
  madvise: 28,
  dup2: 33,
  getpid: 39,
  vfork: 58,
  execve: 59,
  wait4: 61,
  fcntl: 72,
  fsync: 74,
  fdatasync: 75,
  ftruncate: 77,
  chdir: 80,
  readlink: 89,
  setsid: 112,
  sigaltstack: 131,
  getdents64: 217,
  clock_gettime: 228,
  exit_group: 231,
  epoll_wait: 232,
  epoll_ctl: 233,
  openat: 257,
  mkdirat: 258,
  fchownat: 260,
  newfstatat: 262,
  unlinkat: 263,
  renameat: 264,
  linkat: 265,
  symlinkat: 266,
  readlinkat: 267,
  fchmodat: 268,
  faccessat: 269,
  ppoll: 271,
  utimensat: 280,
  fallocate: 285,
  signalfd4: 289,
  epoll_create1: 291,
  pipe2: 293,
  getrandom: 318,
  close_range: 436,
} as const;

export const protection = { read: 1, write: 2 } as const;
export const mapping = { private: 0x02, fixed: 0x10, anonymous: 0x20, noReserve: 0x4000 } as const;
export const MADV_DONTNEED = 4;
export const O_RDONLY = 0;
export const clocks = { realtime: 0, monotonic: 1 } as const;
export const POLLIN = 1;
export const POLLOUT = 4;
export const O_NONBLOCK = 0o4000;
export const O_RDWR = 2;
export const O_CLOEXEC = 0o2000000;
/** fcntl(2) */
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFL = 4;
/** epoll_ctl(2), epoll(7) */
export const epollControl = { add: 1, remove: 2, change: 3 } as const;
export const EPOLLONESHOT = 1 << 30;
/** sigprocmask(2), signal(7) */
export const signalMask = { block: 0, set: 2 } as const;
export const SIGPIPE = 13;
/** SIG_IGN */
export const signalIgnored = 1;
/** ioctl(2) on a terminal, and the kernel's struct termios: flags of termios(3) that count here. */
export const terminalRequests = { get: 0x5401, setNow: 0x5402 } as const;
export const termios = {
  input: 0,
  output: 4,
  local: 12,
  controlCharacters: 17,
  bytes: 60,
  /** ICANON, ECHO, ISIG, IEXTEN */
  localLine: 0o2 | 0o10 | 0o1 | 0o100000,
  /** ISTRIP, ICRNL, IXON, INLCR, IGNCR, BRKINT */
  inputLine: 0o40 | 0o400 | 0o2000 | 0o100 | 0o200 | 0o2,
  /** Indexes of VTIME and VMIN. */
  timeAt: 5,
  minimumAt: 6,
} as const;
export const descriptorsOf = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** Offset of st_size in struct stat, and the size of the structure. */
export const stat = { size: 48, bytes: 144 } as const;
export const timespec = { seconds: 0, nanoseconds: 8, bytes: 16 } as const;
/** struct pollfd: int fd, short events, short revents. */
export const pollfd = { descriptor: 0, events: 4, revents: 6, bytes: 8 } as const;

/** The kernel's struct sigaction and stack_t, and what a handler gets. */
export const sigaction = { handler: 0, flags: 8, restorer: 16, mask: 24, bytes: 32 } as const;
export const signalFlags = { siginfo: 4, onStack: 0x0800_0000, restorer: 0x0400_0000 } as const;
export const sigaltstack = { address: 0, flags: 8, size: 16, bytes: 24 } as const;
export const siginfo = { address: 16 } as const;
/**
 * Offsets of registers in ucontext_t: uc_mcontext begins at 40, its registers in the order of
 * sys/ucontext.h.
 */
export const ucontext = { rbp: 40 + 8 * 10, rsp: 40 + 8 * 15, rip: 40 + 8 * 16 } as const;

/** Signals that stand for what is a CPU exception on metal. */
export const faultSignals: readonly { readonly number: number; readonly name: string }[] = [
  { number: 4, name: 'SIGILL, invalid opcode' },
  { number: 5, name: 'SIGTRAP, breakpoint' },
  { number: 7, name: 'SIGBUS, bus error' },
  { number: 8, name: 'SIGFPE, divide error' },
  { number: 11, name: 'SIGSEGV, access to memory that is not there' },
];

/**
 * A boot archive inside the executable: it begins on a page of the file, and the file ends in these
 * four words. The only flag says that command line, environment and files of the host, mounted at
 * the root, are the guest's.
 */
export const embedded = {
  magic: 0,
  offset: 8,
  archiveBytes: 16,
  flags: 24,
  bytes: 32,
  magicText: 'VBEAMTAR',
  guestCommand: 1,
} as const;
