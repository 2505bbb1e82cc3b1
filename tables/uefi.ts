/**
 * Offsets and values of the UEFI 2.10 specification that the boot part uses. Names as the
 * specification spells them.
 */

/** Offsets of function pointers and fields in bytes. Sections 4.3, 4.4, 4.5. */
export const EFI_SYSTEM_TABLE = {
  RuntimeServices: 88,
  BootServices: 96,
  NumberOfTableEntries: 104,
  ConfigurationTable: 112,
} as const;

export const EFI_BOOT_SERVICES = {
  AllocatePages: 40,
  GetMemoryMap: 56,
  HandleProtocol: 152,
  ExitBootServices: 232,
} as const;

export const EFI_RUNTIME_SERVICES = { GetTime: 24 } as const;

/** Section 9.1. */
export const EFI_LOADED_IMAGE_PROTOCOL = {
  DeviceHandle: 24,
  ImageBase: 64,
  ImageSize: 72,
} as const;

/** Sections 13.4 and 13.5. */
export const EFI_SIMPLE_FILE_SYSTEM_PROTOCOL = { OpenVolume: 8 } as const;
export const EFI_FILE_PROTOCOL = {
  Open: 8,
  Close: 16,
  Read: 32,
  GetPosition: 48,
  SetPosition: 56,
} as const;
export const EFI_FILE_MODE_READ = 1;

/** Section 4.6: entries of the configuration table. */
export const EFI_CONFIGURATION_TABLE = { VendorGuid: 0, VendorTable: 16, size: 24 } as const;

/** Section 7.2: memory descriptors and types. */
export const EFI_MEMORY_DESCRIPTOR = {
  Type: 0,
  PhysicalStart: 8,
  NumberOfPages: 24,
  /** Size of the fields that are known; firmware says how large a descriptor is. */
  knownBytes: 40,
} as const;
export const AllocateAnyPages = 0;

export interface MemoryTypeRow {
  readonly type: number;
  readonly name: string;
  /**
   * Backed by memory, so it belongs in the direct map and cannot be claimed as device memory.
   * Reserved ranges hold memory of the firmware as well as registers (the PCI configuration space,
   * for one).
   */
  readonly isMemory: boolean;
  /** Ours to use once boot services are gone. */
  readonly isFree: boolean;
}

export const memoryTypes: readonly MemoryTypeRow[] = [
  { type: 0, name: 'EfiReservedMemoryType', isMemory: false, isFree: false },
  { type: 1, name: 'EfiLoaderCode', isMemory: true, isFree: false },
  { type: 2, name: 'EfiLoaderData', isMemory: true, isFree: false },
  { type: 3, name: 'EfiBootServicesCode', isMemory: true, isFree: true },
  { type: 4, name: 'EfiBootServicesData', isMemory: true, isFree: true },
  { type: 5, name: 'EfiRuntimeServicesCode', isMemory: true, isFree: false },
  { type: 6, name: 'EfiRuntimeServicesData', isMemory: true, isFree: false },
  { type: 7, name: 'EfiConventionalMemory', isMemory: true, isFree: true },
  { type: 8, name: 'EfiUnusableMemory', isMemory: false, isFree: false },
  { type: 9, name: 'EfiACPIReclaimMemory', isMemory: true, isFree: false },
  { type: 10, name: 'EfiACPIMemoryNVS', isMemory: true, isFree: false },
  { type: 11, name: 'EfiMemoryMappedIO', isMemory: false, isFree: false },
  { type: 12, name: 'EfiMemoryMappedIOPortSpace', isMemory: false, isFree: false },
  { type: 13, name: 'EfiPalCode', isMemory: true, isFree: false },
  { type: 14, name: 'EfiPersistentMemory', isMemory: true, isFree: false },
];
export const EfiLoaderData = 2;
export const EfiConventionalMemory = 7;

/** Section 8.3.1: EFI_TIME. */
export const EFI_TIME = {
  Year: 0,
  Month: 2,
  Day: 3,
  Hour: 4,
  Minute: 5,
  Second: 6,
  Nanosecond: 8,
  TimeZone: 12,
  size: 16,
} as const;
export const EFI_UNSPECIFIED_TIMEZONE = 0x7ff;

/** GUIDs in the order in which they lie in memory. */
export const guids = {
  EFI_LOADED_IMAGE_PROTOCOL_GUID: '5b1b31a1-9562-11d2-8e3f-00a0c969723b',
  EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID: '964e5b22-6459-11d2-8e39-00a0c969723b',
  EFI_ACPI_20_TABLE_GUID: '8868e871-e4f1-11d3-bc22-0080c73c8881',
  EFI_ACPI_10_TABLE_GUID: 'eb9d2d30-2d88-11d3-9a16-0090273fc14d',
} as const;
