/**
 * Where everything lives: linear memory of the VM, virtual addresses of the kernel, vectors, ports.
 * One row a fact; nucleus/, native/, vm/ (through tools/gen) and machine/ read them from here.
 */

/** Fixed words at the bottom of linear memory (offsets in bytes). 0..63 stay zero so that a null access is seen. */
export const linear = {
  /** u32. An interrupt stub writes 0x7fffffff here; the interpreter compares its reduction counter with it (D6). */
  doorbell: 64,
  /** u64. pid term of the running process, for exception reports. */
  currentProcess: 72,
  /** u32. Address of the BEAM instruction last saved by a yield or call to a BIF, for exception reports. */
  currentInstruction: 80,
  /** 16 bytes. The VM's buffer for host.nextInterrupt. */
  interruptEntry: 96,
  /**
   * The DMA arena, which devices reach: u32 offset in linear memory, a multiple of 64 KiB, u32 bytes, u64 physical
   * address. The host writes them before main; all 0 where there is none.
   */
  dmaArena: 128,
  /**
   * Where PCI configuration space is in memory (ACPI's MCFG): u64 physical address of bus 0's, u16 segment, u8 first
   * and u8 last bus; all 0 where it is not known. The host writes them before main, and the next word, too.
   */
  pciExpress: 144,
  /** u32. Processors that the machine has, 0 where that is not known; one of them is used. */
  processors: 160,
  /**
   * u32. Physical address that devices write to for an interrupt by message, the data being the vector; 0 where there
   * are none. The host writes it before main.
   */
  messageAddress: 164,
  /** Memory that a reset leaves as it is: u64 physical address, u32 bytes; all 0 where there is none. */
  keptMemory: 168,
  /** 1024 X registers of 8 bytes. */
  xRegisters: 1024,
  /** Floating-point registers of 8 bytes, as many as there is room for: compilers use few. */
  floatRegisters: 9216,
  /** First byte that the AssemblyScript compiler may use for static data (`asc --memoryBase`). */
  staticData: 16384,
} as const;

/** Virtual addresses (D4, D12). */
export const virtual = {
  /** The kernel image: linked at -2 GiB. */
  kernelImage: 0xffff_ffff_8000_0000n,
  /**
   * The VM's linear memory on metal; 8 GiB from here are reserved, what is not backed is unmapped. Bit 31 is set so that
   * clang does not turn base + index into base | index, which no addressing mode has (25 % of the interpreter's time).
   */
  linearMemory: 0xffff_a000_8000_0000n,
  /** All physical memory and the device memory that was claimed, for the nucleus; not executable. */
  directMap: 0xffff_8000_0000_0000n,
  /** The same for `--target linux`. */
  linearMemoryLinux: 0x1000_8000_0000n,
} as const;

/**
 * Memory that nobody clears or uses when the machine is reset: below 1 MiB, where the kernel has nothing, and where
 * firmware, which has its own there, calls it free.
 */
export const keptMemory = { physical: 0x2_0000n, bytes: 0x1_0000 } as const;

export const linearReservedBytes = 8n << 30n;
/** A page of Wasm memory. */
export const wasmPageBytes = 65536;

export const vectors = {
  lapicTimer: 32,
  /** Vector of global system interrupt 0; GSI n is delivered on vectorOfGsi0 + n. */
  vectorOfGsi0: 48,
  /** The first vector behind those of lines; from here on they are for message-signalled interrupts. */
  message0: 176,
  lapicSpurious: 255,
} as const;

/** LAPIC timer period: how often the doorbell rings while a process runs. */
export const timerPeriodNs = 1_000_000;

export const com1 = { port: 0x3f8, ports: 8, gsi: 4, baud: 115200 } as const;
/** QEMU's isa-debug-exit: `-device isa-debug-exit,iobase=0x501,iosize=2`; QEMU exits with (status << 1) | 1. */
export const debugExitPort = 0x501;
/** QEMU's isa-debugcon: takes characters for whoever watches the machine, and reads as its own address. */
export const debugConsolePort = 0xe9;
export const lapicPhysical = 0xfee0_0000n;
export const ioApicPhysical = 0xfec0_0000n;
export const hpetPhysical = 0xfed0_0000n;
