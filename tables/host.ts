/**
 * The whole boundary between the VM and the outside: every function that vm/host.ts imports, in Wasm's value types.
 *
 * Two implementations exist: the nucleus (machine code, and for `--target linux` a layer of system calls) and
 * machine/ (device models in Node). In Wasm the import module is `host`, the import name is `name`; in the C that
 * native/ emits, the symbol is `host_` + name with C types uint32_t (i32) and uint64_t (i64), System V ABI.
 * "linear" is an offset into the VM's linear memory, "physical" a physical address.
 */
export type WasmType = 'i32' | 'i64';

export interface HostFunction {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly type: WasmType }[];
  readonly result: WasmType | null;
  /** What it does, units and errors. */
  readonly doc: string;
}

const i32 = (name: string) => ({ name, type: 'i32' as const });
const i64 = (name: string) => ({ name, type: 'i64' as const });

export const hostFunctions: readonly HostFunction[] = [
  {
    name: 'debugWrite',
    params: [i32('linear'), i32('length')],
    result: null,
    doc: 'Write bytes to the emergency console (COM1 polled; standard error on Linux). For boot lines and panics only.',
  },
  {
    name: 'portIn8',
    params: [i32('port')],
    result: 'i32',
    doc: 'Read a byte from an I/O port the VM has been granted; all ones when it is not granted.',
  },
  { name: 'portIn16', params: [i32('port')], result: 'i32', doc: 'As portIn8, 16 bits.' },
  { name: 'portIn32', params: [i32('port')], result: 'i32', doc: 'As portIn8, 32 bits.' },
  {
    name: 'portOut8',
    params: [i32('port'), i32('value')],
    result: null,
    doc: 'Write a byte to a granted I/O port; ignored when it is not granted.',
  },
  {
    name: 'portOut16',
    params: [i32('port'), i32('value')],
    result: null,
    doc: 'As portOut8, 16 bits.',
  },
  {
    name: 'portOut32',
    params: [i32('port'), i32('value')],
    result: null,
    doc: 'As portOut8, 32 bits.',
  },
  {
    name: 'mmioRead',
    params: [i64('physical'), i32('size')],
    result: 'i64',
    doc: 'Read 1, 2, 4 or 8 bytes of granted device memory in one access; all ones when not granted.',
  },
  {
    name: 'mmioWrite',
    params: [i64('physical'), i32('size'), i64('value')],
    result: null,
    doc: 'Write 1, 2, 4 or 8 bytes of granted device memory in one access.',
  },
  {
    name: 'grant',
    params: [i32('kind'), i64('first'), i64('count')],
    result: 'i32',
    doc: 'Record in the host grant table that the VM claims ports (kind 0), physical bytes of device memory (kind 1), an interrupt line (kind 2, first = GSI) or vectors of message-signalled interrupts (kind 3, first = vector). Returns 0 when granted, 1 when the range is reserved for the host, 2 when the table is full, 3 for a bad range or an overlap.',
  },
  {
    name: 'revoke',
    params: [i32('kind'), i64('first'), i64('count')],
    result: null,
    doc: 'Undo a grant made with the same arguments. An interrupt line is masked.',
  },
  {
    name: 'interruptUnmask',
    params: [i32('vector')],
    result: null,
    doc: 'Allow the next delivery of a level-triggered line; lines are masked on delivery. Vector of GSI n is tables/memory_map vectorOfGsi0 + n.',
  },
  {
    name: 'nextInterrupt',
    params: [i32('linear'), i64('reductions')],
    result: 'i32',
    doc: 'Take the oldest entry of the interrupt ring: writes {u32 vector, u32 data, u64 timestampNs} at linear and returns 1, or returns 0. vector 0xffffffff reports a full ring; data is the number dropped. reductions is the VM total so far: the simulated PC advances its virtual clock by it, metal ignores it.',
  },
  {
    name: 'wait',
    params: [i64('deadlineNs')],
    result: null,
    doc: 'Halt until an interrupt is in the ring or now() >= deadlineNs (-1: no deadline). Checks the ring and halts atomically.',
  },
  { name: 'now', params: [], result: 'i64', doc: 'Monotonic nanoseconds since boot.' },
  {
    name: 'wallClock',
    params: [],
    result: 'i64',
    doc: 'Nanoseconds since 1970-01-01 UTC at boot: system time is wallClock() + now(). Constant during a run.',
  },
  {
    name: 'entropy',
    params: [],
    result: 'i64',
    doc: '64 bits to seed hashes and rand with: RDRAND or the time-stamp counter on metal, the seed on the simulated PC.',
  },
  {
    name: 'discard',
    params: [i32('linear'), i32('length')],
    result: null,
    doc: 'Give the frames behind whole 4 KiB pages back; they read as zero afterwards.',
  },
  {
    name: 'choose',
    params: [i32('site'), i32('count')],
    result: 'i32',
    doc: 'A number below count with which the simulator picks among legal orders; 0 on metal.',
  },
  {
    name: 'fileCall',
    params: [i32('linear')],
    result: 'i64',
    doc: 'An operation on files of the host: the request block at linear says which (tables/host_files.ts). Returns a number that is not negative, or a negative error number; -38 (enosys) where the host has no files.',
  },
  {
    name: 'taskCall',
    params: [i32('linear')],
    result: 'i64',
    doc: 'An operation on native tasks: the request block at linear says which (tables/tasks.ts). Returns a number that is not negative, or a negative error number; -38 (enosys) where the host has no ring 3 to offer.',
  },
  {
    name: 'power',
    params: [i32('status')],
    result: null,
    doc: 'Power off; does not return. Status 0 is a clean power-off (ACPI S5), another one makes the exit status of QEMU, of the simulator or of the Linux process depend on it. powerReset resets the machine instead; a Linux process ends with status 0.',
  },
];

/** The status that asks for a reset: no status of a program is so large. */
export const powerReset = 0x7fff_ffff;

/** The one function the host calls: `main(memoryBytes, archiveLinear, archiveBytes)`. Returns only through power(). */
export const vmExports = { main: 'main' } as const;
