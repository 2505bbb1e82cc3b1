/**
 * Constants of Microsoft's Portable Executable format, "PE Format"
 * (learn.microsoft.com/windows/win32/debug/pe-format), as far as a PE32+ UEFI application uses
 * them. UEFI 2.10 section 2.1.1.
 */
export const IMAGE_DOS_SIGNATURE = 0x5a4d;
export const IMAGE_NT_SIGNATURE = 0x0000_4550;
export const IMAGE_FILE_MACHINE_AMD64 = 0x8664;
export const IMAGE_NT_OPTIONAL_HDR64_MAGIC = 0x20b;
export const IMAGE_SUBSYSTEM_EFI_APPLICATION = 10;

export const IMAGE_FILE_EXECUTABLE_IMAGE = 0x0002;
export const IMAGE_FILE_LINE_NUMS_STRIPPED = 0x0004;
export const IMAGE_FILE_LOCAL_SYMS_STRIPPED = 0x0008;
export const IMAGE_FILE_LARGE_ADDRESS_AWARE = 0x0020;
export const IMAGE_FILE_DEBUG_STRIPPED = 0x0200;

export const IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA = 0x0020;
export const IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE = 0x0040;
export const IMAGE_DLLCHARACTERISTICS_NX_COMPAT = 0x0100;

export const IMAGE_SCN_CNT_CODE = 0x0000_0020;
export const IMAGE_SCN_CNT_INITIALIZED_DATA = 0x0000_0040;
export const IMAGE_SCN_CNT_UNINITIALIZED_DATA = 0x0000_0080;
export const IMAGE_SCN_MEM_DISCARDABLE = 0x0200_0000;
export const IMAGE_SCN_MEM_EXECUTE = 0x2000_0000;
export const IMAGE_SCN_MEM_READ = 0x4000_0000;
export const IMAGE_SCN_MEM_WRITE = 0x8000_0000;

/** Indices in the data directories, and how many directories there are. */
export const IMAGE_DIRECTORY_ENTRY_SECURITY = 4;
export const IMAGE_DIRECTORY_ENTRY_BASERELOC = 5;
export const IMAGE_DIRECTORY_ENTRY_DEBUG = 6;
export const IMAGE_NUMBEROF_DIRECTORY_ENTRIES = 16;

export const IMAGE_REL_BASED_ABSOLUTE = 0;
export const IMAGE_REL_BASED_DIR64 = 10;

export const IMAGE_DEBUG_TYPE_CODEVIEW = 2;

/** IMAGE_DEBUG_DIRECTORY: offsets of its fields. */
export const debugDirectory = {
  type: 12,
  sizeOfData: 16,
  addressOfRawData: 20,
  pointerToRawData: 24,
};

/**
 * A CodeView record of the newer kind: signature `RSDS`, a GUID, an age, the path of the file with
 * the symbols as zero-terminated UTF-8.
 */
export const codeView = { signature: 'RSDS', guid: 4, age: 20, path: 24 } as const;

/**
 * Sizes in bytes; fileAlignment and sectionAlignment are our choice, the latter so that pages can
 * be protected.
 */
export const peSizes = {
  dosHeader: 64,
  fileHeader: 20,
  optionalHeader: 112,
  dataDirectory: 8,
  sectionHeader: 40,
  debugDirectory: 28,
  fileAlignment: 512,
  sectionAlignment: 4096,
} as const;
