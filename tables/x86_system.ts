/** System registers and structures of x86-64: Intel SDM volume 3. */

/** Sections 2.5 and 2.2.1: bit numbers. */
export const CR0 = { MP: 1, EM: 2, TS: 3, NE: 5, WP: 16, PG: 31 } as const;
export const CR4 = {
  PAE: 5,
  MCE: 6,
  PGE: 7,
  OSFXSR: 9,
  OSXMMEXCPT: 10,
  UMIP: 11,
  SMEP: 20,
  SMAP: 21,
} as const;
export const EFER = { SCE: 0, LME: 8, LMA: 10, NXE: 11 } as const;

export const msr = {
  IA32_APIC_BASE: 0x1b,
  IA32_EFER: 0xc000_0080,
  IA32_STAR: 0xc000_0081,
  IA32_LSTAR: 0xc000_0082,
  IA32_FMASK: 0xc000_0084,
  IA32_FS_BASE: 0xc000_0100,
  IA32_GS_BASE: 0xc000_0101,
} as const;

/** Section 3.4.3: bits of rflags. */
export const rflags = {
  fixed: 1 << 1,
  trap: 1 << 8,
  interrupt: 1 << 9,
  direction: 1 << 10,
  nested: 1 << 14,
  alignment: 1 << 18,
  /** Those that ring 3 may set as it likes: CF PF AF ZF SF TF DF OF AC ID. */
  user: 0x24_0dd5,
} as const;
export const apicBase = { BSP: 8, EXTD: 10, EN: 11 } as const;

/** CPUID leaves and the bits we ask for. */
export const cpuid = {
  features: { leaf: 1, ecx: { x2APIC: 21, RDRAND: 30 }, edx: { APIC: 9 } },
  structured: { leaf: 7, ebx: { SMEP: 7, SMAP: 20 }, ecx: { UMIP: 2 } },
  extended: { leaf: 0x8000_0001, edx: { NX: 20 } },
} as const;

/** Section 4.5: entries of paging structures. */
export const page = {
  present: 1n << 0n,
  write: 1n << 1n,
  user: 1n << 2n,
  writeThrough: 1n << 3n,
  cacheDisable: 1n << 4n,
  large: 1n << 7n,
  noExecute: 1n << 63n,
  addressMask: 0x000f_ffff_ffff_f000n,
} as const;

/**
 * Selectors of the global descriptor table. `sysret` wants the data segment of ring 3 right before
 * its code segment.
 */
export const selectors = {
  code64: 0x08,
  data64: 0x10,
  userData64: 0x18,
  userCode64: 0x20,
  tss: 0x28,
} as const;
/** The privilege level of ring 3, in a selector's low bits. */
export const ring3 = 3;

/** Section 3.4.5: 64-bit code and data descriptors (present, accessed; DPL 0, or 3 for users). */
export const descriptors = {
  code64: 0x00af_9b00_0000_ffffn,
  data64: 0x00cf_9300_0000_ffffn,
  userData64: 0x00cf_f300_0000_ffffn,
  userCode64: 0x00af_fb00_0000_ffffn,
} as const;
/** Section 8.2.3: type bits of an available 64-bit TSS, present. */
export const tssDescriptorType = 0x89;
/** Section 6.14.1: type bits of an interrupt gate, present, DPL 0. */
export const interruptGateType = 0x8e;

/** Section 8.7: offsets in the 64-bit TSS. */
export const tss = { rsp0: 4, ist1: 36, ioMapBase: 102, size: 104 } as const;

/** Numbers of the interrupt stacks, 1 to 7; 0 keeps the current stack. */
export const interruptStacks = {
  none: 0,
  doubleFault: 1,
  nonMaskable: 2,
  machineCheck: 3,
} as const;

export interface ExceptionRow {
  readonly vector: number;
  readonly mnemonic: string;
  readonly name: string;
  readonly errorCode: boolean;
  readonly stack: number;
}

const exception = (
  vector: number,
  mnemonic: string,
  name: string,
  errorCode = false,
  stack: number = interruptStacks.none,
): ExceptionRow => ({ vector, mnemonic, name, errorCode, stack });

/** Section 6.15. Vectors that are not listed are reserved. */
export const exceptions: readonly ExceptionRow[] = [
  exception(0, '#DE', 'divide error'),
  exception(1, '#DB', 'debug'),
  exception(2, 'NMI', 'non-maskable interrupt', false, interruptStacks.nonMaskable),
  exception(3, '#BP', 'breakpoint'),
  exception(4, '#OF', 'overflow'),
  exception(5, '#BR', 'bound range exceeded'),
  exception(6, '#UD', 'invalid opcode'),
  exception(7, '#NM', 'device not available'),
  exception(8, '#DF', 'double fault', true, interruptStacks.doubleFault),
  exception(10, '#TS', 'invalid TSS', true),
  exception(11, '#NP', 'segment not present', true),
  exception(12, '#SS', 'stack fault', true, interruptStacks.doubleFault),
  exception(13, '#GP', 'general protection', true),
  exception(14, '#PF', 'page fault', true),
  exception(16, '#MF', 'x87 floating-point error'),
  exception(17, '#AC', 'alignment check', true),
  exception(18, '#MC', 'machine check', false, interruptStacks.machineCheck),
  exception(19, '#XM', 'SIMD floating-point exception'),
  exception(20, '#VE', 'virtualization exception'),
  exception(21, '#CP', 'control protection', true),
  exception(29, '#VC', 'VMM communication', true),
  exception(30, '#SX', 'security exception', true),
];
export const exceptionCount = 32;
export const pageFaultVector = 14;
export const doubleFaultVector = 8;
export const generalProtectionVector = 13;
/** Exceptions that are never the fault of the code that was running. */
export const machineVectors = [2, 8, 18] as const;

/** Section 4.7: bits of a page fault's error code. */
export const pageFaultCode = { present: 0, write: 1, user: 2, reserved: 3, fetch: 4 } as const;

/** Section 6.13: exceptions whose error code names a selector or a gate, and its bits. */
export const selectorVectors = [10, 11, 12, 13] as const;
export const selectorCode = { external: 0, idt: 1, ldt: 2, index: 3 } as const;
