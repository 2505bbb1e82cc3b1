/** PCI Local Bus Specification 3.0: configuration mechanism 1 (3.2.2.3.2) and the header (6.1). */
export const pciConfig = { address: 0xcf8, data: 0xcfc, ports: 8 } as const;
/** Bits of the address register. */
export const pciAddress = {
  enable: 0x8000_0000,
  bus: 16,
  device: 11,
  function: 8,
  registerMask: 0xfc,
} as const;

/** Offset and size in bytes of the fields of a type 0 header. */
export const pciHeader = {
  vendorId: { offset: 0x00, bytes: 2 },
  deviceId: { offset: 0x02, bytes: 2 },
  command: { offset: 0x04, bytes: 2 },
  status: { offset: 0x06, bytes: 2 },
  revisionId: { offset: 0x08, bytes: 1 },
  classCode: { offset: 0x09, bytes: 3 },
  cacheLineSize: { offset: 0x0c, bytes: 1 },
  latencyTimer: { offset: 0x0d, bytes: 1 },
  headerType: { offset: 0x0e, bytes: 1 },
  bar0: { offset: 0x10, bytes: 4 },
  secondaryBus: { offset: 0x19, bytes: 1 },
  subordinateBus: { offset: 0x1a, bytes: 1 },
  memoryBase: { offset: 0x20, bytes: 2 },
  memoryLimit: { offset: 0x22, bytes: 2 },
  subsystemVendorId: { offset: 0x2c, bytes: 2 },
  subsystemId: { offset: 0x2e, bytes: 2 },
  capabilities: { offset: 0x34, bytes: 1 },
  interruptLine: { offset: 0x3c, bytes: 1 },
  interruptPin: { offset: 0x3d, bytes: 1 },
} as const;

export type PciField = keyof typeof pciHeader;

/** Bits of the command register. */
export const pciCommand = { io: 0x0001, memory: 0x0002, master: 0x0004 } as const;
export const pciStatusCapabilities = 0x0010;
/** Capabilities: section 6.8 (MSI, MSI-X); the first byte says which, the second where the next one is. */
export const pciCapability = { msi: 0x05, msix: 0x11 } as const;
export const msiControl = { offset: 2, enable: 0x0001, wide: 0x0080, writable: 0x0071 } as const;
/** With an address of 64 bits. */
export const msiRegister = { address: 4, addressHigh: 8, data: 12 } as const;
export const msixControl = {
  offset: 2,
  enable: 0x8000,
  maskAll: 0x4000,
  writable: 0xc000,
} as const;
export const msixRegister = { table: 4, pending: 8 } as const;
/** One of the table's entries; bit 0 of the last word masks it. */
export const msixEntry = { address: 0, addressHigh: 4, data: 8, control: 12, masked: 1 } as const;

/** The PCI Express root port of the PC: Red Hat's, as QEMU's `pcie-root-port`, without its capabilities. */
export const rootPort = {
  vendorId: 0x1b36,
  deviceId: 0x000c,
  classCode: 0x060400,
  headerType: 1,
  /** What firmware gives it: a megabyte of memory space for each bus. */
  windowBase: 0xfe00_0000,
  windowBytes: 1 << 20,
} as const;

/** Command bits that software may set: those two, bus master, parity, SERR, interrupt disable. */
export const pciCommandWritable = 0x0507;
export const pciConfigBytes = 256;

/** The host bridge of a PC: Intel 82Q35 (data sheet 316966), class 06 (bridge), subclass 00 (host). */
export const hostBridge = {
  vendorId: 0x8086,
  deviceId: 0x29c0,
  revisionId: 0,
  classCode: 0x060000,
} as const;

/**
 * The window through which configuration space is memory: PCI Express Base Specification, section
 * 7.2.2. The host bridge's register PCIEXBAR says where it is.
 */
export const pciExpress = {
  PCIEXBAR: 0x60,
  enable: 1,
  baseMask: 0xf000_0000,
  bytes: 1 << 28,
  bus: 20,
  device: 15,
  function: 12,
  registerMask: 0xfff,
  /** Where the PC's firmware puts it. */
  base: 0xb000_0000,
} as const;
