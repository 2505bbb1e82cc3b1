/**
 * What the nucleus asks of the firmware, while it is still there: the boot archive, the wall clock,
 * the ACPI tables, the memory map, and the end of boot services. UEFI 2.10; offsets in tables/uefi.
 *
 * The firmware's functions use the Microsoft x64 convention: rcx, rdx, r8, r9, then the stack above
 * 32 reserved bytes.
 */
import {
  AllocateAnyPages,
  EFI_BOOT_SERVICES,
  EFI_CONFIGURATION_TABLE,
  EFI_FILE_MODE_READ,
  EFI_FILE_PROTOCOL,
  EFI_LOADED_IMAGE_PROTOCOL,
  EFI_MEMORY_DESCRIPTOR,
  EFI_RUNTIME_SERVICES,
  EFI_SIMPLE_FILE_SYSTEM_PROTOCOL,
  EFI_SYSTEM_TABLE,
  EFI_TIME,
  EfiConventionalMemory,
  EfiLoaderData,
  guids,
} from '../tables/uefi.ts';
import {
  dword,
  type Memory,
  memory,
  type Operand,
  qword,
  type Register,
  registers,
} from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, rbx, rcx, ecx, rdx, rsi, rdi, rsp, r8, r9, r12, r13, r14 } = registers;

export const archivePath = '\\VBEAM\\BOOT.TAR';
/** Descriptors of 48 bytes: room for 1,365. */
const memoryMapBytesMax = 65536;
const readChunkBytes = 1 << 20;
const exitAttempts = 8;
/** Reserved bytes, three stack arguments, and locals from here on. */
const localsStart = 56;

/** An argument of a firmware function: a value, or the address of something. */
type EfiArgument = Operand | { readonly addressOf: Memory };

/** Calls [table + offset]; `table` is a register that survives loading the arguments. */
function efiCall(
  { code }: NucleusCode,
  table: Register,
  offset: number,
  ...args: readonly EfiArgument[]
): void {
  for (const [index, argument] of args.entries()) {
    const register = [rcx, rdx, r8, r9][index] ?? rax;
    if (typeof argument === 'object' && 'addressOf' in argument)
      code.lea(register, argument.addressOf);
    else code.mov(register, argument as Operand);
    if (index >= 4) code.mov(qword(rsp, 32 + 8 * (index - 4)), rax);
  }
  code.call(qword(table, offset));
}

/** The bytes of a GUID as they lie in memory: the first three groups little-endian. */
function guidBytes(text: string): number[] {
  const [a = '', b = '', c = '', ...rest] = text.split('-');
  const bytes = (hex: string) => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return [...[a, b, c].flatMap((group) => bytes(group).reverse()), ...bytes(rest.join(''))];
}

const utf16 = (text: string): number[] =>
  [...text, '\0'].map((character) => character.charCodeAt(0));

const local = (index: number): Memory => qword(rsp, localsStart + 8 * index);

function emitArchive(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('archive_physical', 8);
  nucleus.variable('archive_bytes', 8);
  nucleus.data('archive_path', 2, (into) => into.u16(...utf16(archivePath)));
  const saves = [rbx, r12, r13, r14];
  nucleus.procedure('uefi_load_archive', { saves, locals: localsStart + 32 }, () => {
    // rbx boot services, r12 the volume's root and then unused, r13 the file.
    code.mov(rbx, qword('system_table'));
    code.mov(rbx, qword(rbx, EFI_SYSTEM_TABLE.BootServices));
    openVolume(nucleus);
    const file = { addressOf: memory('archive_path') };
    efiCall(
      nucleus,
      r12,
      EFI_FILE_PROTOCOL.Open,
      r12,
      { addressOf: local(0) },
      file,
      EFI_FILE_MODE_READ,
      0,
    );
    code.test(rax, rax);
    code.jne('.no_file');
    code.mov(r13, local(0));
    // Seeking to the end tells the size.
    efiCall(nucleus, r13, EFI_FILE_PROTOCOL.SetPosition, r13, -1);
    efiCall(nucleus, r13, EFI_FILE_PROTOCOL.GetPosition, r13, {
      addressOf: memory('archive_bytes'),
    });
    code.test(rax, rax);
    code.jne('.no_file');
    efiCall(nucleus, r13, EFI_FILE_PROTOCOL.SetPosition, r13, 0);
    code.mov(r14, qword('archive_bytes'));
    code.add(r14, 4095);
    code.shr(r14, 12);
    const target = { addressOf: memory('archive_physical') };
    efiCall(
      nucleus,
      rbx,
      EFI_BOOT_SERVICES.AllocatePages,
      AllocateAnyPages,
      EfiLoaderData,
      r14,
      target,
    );
    code.test(rax, rax);
    code.jne('.no_memory');
    readArchive(nucleus);
    code.jmp('.return');
    archiveFailures(nucleus);
  });
}

/** r12 = the root directory of the volume that this image was loaded from. */
function openVolume(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const handle = qword('image_handle');
  const protocol = (name: string) => ({ addressOf: memory(name) });
  const image = protocol('EFI_LOADED_IMAGE_PROTOCOL_GUID');
  efiCall(nucleus, rbx, EFI_BOOT_SERVICES.HandleProtocol, handle, image, { addressOf: local(0) });
  code.test(rax, rax);
  code.jne('.no_volume');
  code.mov(r12, local(0));
  code.mov(r12, qword(r12, EFI_LOADED_IMAGE_PROTOCOL.DeviceHandle));
  const fileSystem = protocol('EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID');
  efiCall(nucleus, rbx, EFI_BOOT_SERVICES.HandleProtocol, r12, fileSystem, { addressOf: local(0) });
  code.test(rax, rax);
  code.jne('.no_volume');
  code.mov(r12, local(0));
  efiCall(nucleus, r12, EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.OpenVolume, r12, { addressOf: local(0) });
  code.test(rax, rax);
  code.jne('.no_volume');
  code.mov(r12, local(0));
}

/**
 * Reads the file r13 in chunks; local 1 is where to, local 2 what is left, local 3 the size of the
 * chunk.
 */
function readArchive(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.mov(rax, qword('archive_physical'));
  code.mov(local(1), rax);
  code.mov(rax, qword('archive_bytes'));
  code.mov(local(2), rax);
  code.label('.chunk');
  code.mov(rax, local(2));
  code.test(rax, rax);
  code.je('.read');
  code.mov(ecx, readChunkBytes);
  code.cmp(rax, rcx);
  code.cmova(rax, rcx);
  code.mov(local(3), rax);
  efiCall(nucleus, r13, EFI_FILE_PROTOCOL.Read, r13, { addressOf: local(3) }, local(1));
  code.test(rax, rax);
  code.jne('.no_file');
  code.mov(rax, local(3));
  code.test(rax, rax);
  code.je('.short');
  code.add(local(1), rax);
  code.sub(local(2), rax);
  code.jmp('.chunk');
  code.label('.read');
  efiCall(nucleus, r13, EFI_FILE_PROTOCOL.Close, r13);
}

function archiveFailures(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.label('.no_volume');
  code.mov(r14, rax);
  nucleus.fail('the volume of this image cannot be opened: EFI status ', { hex: r14 });
  code.label('.no_file');
  code.mov(r14, rax);
  nucleus.fail(`boot archive ${archivePath} cannot be read: EFI status `, { hex: r14 });
  code.label('.short');
  nucleus.fail(`boot archive ${archivePath} ends before its size`);
  code.label('.no_memory');
  code.call('uefi_free_kib');
  code.mov(r14, rax);
  code.mov(r13, qword('archive_bytes'));
  code.shr(r13, 10);
  nucleus.fail(
    `boot archive ${archivePath} needs `,
    { decimal: r13 },
    ' KiB of memory, this machine has ',
    { decimal: r14 },
    ' KiB free',
  );
}

function emitMemoryMap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('memory_map', memoryMapBytesMax, 16);
  nucleus.variable('memory_map_bytes', 8);
  nucleus.variable('memory_map_key', 8);
  nucleus.variable('memory_descriptor_bytes', 8);
  nucleus.variable('memory_descriptor_version', 8);
  // uefi_read_map() -> EFI status
  nucleus.procedure('uefi_read_map', { saves: [rbx], locals: localsStart }, () => {
    code.mov(rbx, qword('system_table'));
    code.mov(rbx, qword(rbx, EFI_SYSTEM_TABLE.BootServices));
    code.mov(qword('memory_map_bytes'), memoryMapBytesMax);
    efiCall(
      nucleus,
      rbx,
      EFI_BOOT_SERVICES.GetMemoryMap,
      { addressOf: memory('memory_map_bytes') },
      { addressOf: memory('memory_map') },
      { addressOf: memory('memory_map_key') },
      { addressOf: memory('memory_descriptor_bytes') },
      { addressOf: memory('memory_descriptor_version') },
    );
  });
  // uefi_free_kib() -> KiB of conventional memory
  nucleus.procedure('uefi_free_kib', { saves: [rbx, r12, r13] }, () => {
    code.call('uefi_read_map');
    code.xor(r13, r13);
    eachDescriptor(nucleus, () => {
      code.cmp(dword(rbx, EFI_MEMORY_DESCRIPTOR.Type), EfiConventionalMemory);
      code.jne('.next_descriptor');
      code.add(r13, qword(rbx, EFI_MEMORY_DESCRIPTOR.NumberOfPages));
    });
    code.lea(rax, memory(null, { index: r13, scale: 4 }));
  });
}

/**
 * Runs the body for each memory descriptor: rbx is the descriptor, r12 the end of the map. The body
 * may leave a round by a jump to `.next_descriptor`, and may change every other register.
 */
export function eachDescriptor({ code }: NucleusCode, body: () => void, label = ''): void {
  code.lea(rbx, memory('memory_map'));
  code.mov(r12, rbx);
  code.add(r12, qword('memory_map_bytes'));
  code.label(`.descriptor${label}`);
  code.cmp(rbx, r12);
  code.jae(`.descriptors_done${label}`);
  body();
  code.label(`.next_descriptor${label}`);
  code.add(rbx, qword('memory_descriptor_bytes'));
  code.jmp(`.descriptor${label}`);
  code.label(`.descriptors_done${label}`);
}

/**
 * The key of the memory map is stale as soon as anything allocates, so reading it and leaving are
 * tried together.
 */
function emitExit(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure(
    'uefi_exit_boot_services',
    { saves: [rbx, r12, r13], locals: localsStart },
    () => {
      code.mov(rbx, qword('system_table'));
      code.mov(rbx, qword(rbx, EFI_SYSTEM_TABLE.BootServices));
      code.mov(registers.r13d, exitAttempts);
      code.label('.attempt');
      code.call('uefi_read_map');
      code.test(rax, rax);
      code.jne('.failed');
      const handle = qword('image_handle');
      efiCall(nucleus, rbx, EFI_BOOT_SERVICES.ExitBootServices, handle, qword('memory_map_key'));
      code.test(rax, rax);
      code.je('.return');
      code.dec(registers.r13d);
      code.jne('.attempt');
      code.label('.failed');
      code.mov(r12, rax);
      nucleus.fail('boot services cannot be ended: EFI status ', { hex: r12 });
    },
  );
}

/**
 * acpi_rsdp = the address in the configuration table, ACPI 2.0's entry before 1.0's; 0 when there
 * is none.
 */
function emitAcpiPointer(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('acpi_rsdp', 8);
  nucleus.procedure('uefi_find_acpi', {}, () => {
    code.mov(rdi, qword('system_table'));
    for (const name of ['EFI_ACPI_20_TABLE_GUID', 'EFI_ACPI_10_TABLE_GUID']) {
      code.mov(rcx, qword(rdi, EFI_SYSTEM_TABLE.NumberOfTableEntries));
      code.mov(rsi, qword(rdi, EFI_SYSTEM_TABLE.ConfigurationTable));
      code.label(`.entry_${name}`);
      code.sub(rcx, 1);
      code.jb(`.none_${name}`);
      code.mov(rax, qword(rsi, EFI_CONFIGURATION_TABLE.VendorGuid));
      code.mov(rdx, qword(rsi, EFI_CONFIGURATION_TABLE.VendorGuid + 8));
      code.mov(r8, qword(rsi, EFI_CONFIGURATION_TABLE.VendorTable));
      code.add(rsi, EFI_CONFIGURATION_TABLE.size);
      code.cmp(rax, qword(name));
      code.jne(`.entry_${name}`);
      code.cmp(rdx, qword(name, 8));
      code.jne(`.entry_${name}`);
      code.mov(qword('acpi_rsdp'), r8);
      code.jmp('.return');
      code.label(`.none_${name}`);
    }
  });
}

/** wall_clock = nanoseconds since 1970, from the firmware's clock; 0 when it has none. */
function emitClock(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const time = (offset = 0) => localsStart + offset;
  nucleus.procedure(
    'uefi_read_clock',
    { saves: [rbx], locals: localsStart + EFI_TIME.size },
    () => {
      code.mov(rbx, qword('system_table'));
      code.mov(rbx, qword(rbx, EFI_SYSTEM_TABLE.RuntimeServices));
      const target = { addressOf: memory(rsp, time()) };
      efiCall(nucleus, rbx, EFI_RUNTIME_SERVICES.GetTime, target, 0);
      code.test(rax, rax);
      code.jne('.return');
      code.lea(rdi, memory(rsp, time()));
      code.call('wall_seconds');
      code.test(rax, rax);
      code.je('.return');
      code.imul(rax, rax, 1_000_000_000);
      code.mov(ecx, dword(rsp, time(EFI_TIME.Nanosecond)));
      code.cmp(ecx, 1_000_000_000);
      code.jae('.whole');
      code.add(rax, rcx);
      code.label('.whole');
      code.mov(qword('wall_clock'), rax);
    },
  );
}

export function emitUefi(nucleus: NucleusCode): void {
  nucleus.variable('image_handle', 8);
  nucleus.variable('system_table', 8);
  for (const [name, text] of Object.entries(guids)) {
    nucleus.data(name, 8, (into) => into.bytes(guidBytes(text)));
  }
  emitArchive(nucleus);
  emitMemoryMap(nucleus);
  emitExit(nucleus);
  emitAcpiPointer(nucleus);
  emitClock(nucleus);
}
