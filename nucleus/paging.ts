/**
 * The kernel's address space (architecture D12). Intel SDM volume 3, section 4.5. What is mapped,
 * all supervisor-only:
 *
 *     0x0000000000001000  identity map of the first 4 GiB, no execute; page 0 is left out
 *     0xffff800000000000  direct map: all memory, and device memory as it is claimed, no execute
 *     0xffffa00080000000  linear memory of the VM, page by page as it is touched
 *     0xffffffff80000000  this image: code read and execute, constants read, data read and write
 *
 * Tables are reached at `direct_base` + physical address; direct_base is 0 while the firmware's
 * identity map is on.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { virtual } from '../tables/memory_map.ts';
import { EFI_MEMORY_DESCRIPTOR } from '../tables/uefi.ts';
import { CR0, CR4, cpuid, EFER, msr, page } from '../tables/x86_system.ts';
import { address, dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import { stackPlaces } from './descriptors.ts';
import { memoryTypeMask, testDescriptorType } from './frames.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, rsi, esi, rdi, r12, r13, r14, r14d } = registers;

const pageShift = 12;
const largeShift = 21;
const largeBytes = 1 << largeShift;
const topShift = 39;
const fourGiB = 1n << 32n;

const tableFlags = page.present | page.write;
const dataFlags = page.present | page.write | page.noExecute;
const directFlags = dataFlags | page.large;
const deviceFlags = directFlags | page.writeThrough | page.cacheDisable;

/** Permissions of the image's segments. */
const imageSegments = [
  { name: 'text', flags: page.present },
  { name: 'rodata', flags: page.present | page.noExecute },
  { name: 'data', flags: dataFlags },
  { name: 'bss', flags: dataFlags },
] as const;

const constant = ({ code }: NucleusCode, register: Register, value: bigint): void =>
  code.movabs(register, BigInt.asIntN(64, value));

/**
 * page_entry(rdi: virtual address, esi: 12 or 21) -> address of the entry that maps the 4 KiB or 2
 * MiB page; tables on the way are made. 0 when there is no memory for them or a larger page is in
 * the way.
 */
function emitEntry(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('kernel_tables', 8);
  nucleus.variable('direct_base', 8);
  nucleus.procedure('page_entry', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, rsi);
    code.mov(r13, qword('kernel_tables'));
    code.mov(r14d, topShift);
    code.label('.level');
    code.mov(ecx, r14d);
    code.mov(rax, rbx);
    code.shr(rax, registers.cl);
    code.and(eax, 511);
    code.lea(r13, memory(r13, { index: rax, scale: 8 }));
    code.add(r13, qword('direct_base'));
    code.cmp(r14d, registers.r12d);
    code.je('.found');
    code.mov(rax, qword(r13));
    code.test(eax, Number(page.present));
    code.jne('.present');
    code.call('table_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.or(rax, Number(tableFlags));
    code.mov(qword(r13), rax);
    code.label('.present');
    code.test(eax, Number(page.large));
    code.jne('.blocked');
    constant(nucleus, r13, page.addressMask);
    code.and(r13, rax);
    code.sub(r14d, 9);
    code.jmp('.level');
    code.label('.blocked');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.found');
    code.mov(rax, r13);
  });
  // table_allocate() -> a zeroed frame, or 0
  nucleus.procedure('table_allocate', { saves: [rbx] }, () => {
    code.cmp(qword('frame_bitmap'), 0);
    code.jne('.frames');
    code.mov(registers.edi, 1);
    code.call('early_frames');
    code.jmp('.return');
    code.label('.frames');
    code.mov(registers.edi, frameKinds.pageTable);
    code.call('frame_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rbx, rax);
    code.mov(rdi, rax);
    code.call('frame_clear');
    code.mov(rax, rbx);
  });
  // frame_clear(rdi: physical address)
  nucleus.procedure('frame_clear', {}, () => {
    code.add(rdi, qword('direct_base'));
    code.mov(ecx, 512);
    code.xor(eax, eax);
    code.rep();
    code.stosq();
  });
}

/**
 * page_find(rdi: virtual address) -> address of the entry of its 4 KiB page, or 0 when there is no
 * table for it.
 */
function emitFind(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('page_find', {}, () => {
    code.mov(rsi, qword('kernel_tables'));
    for (let shift = topShift; ; shift -= 9) {
      code.mov(rax, rdi);
      code.shr(rax, shift);
      code.and(eax, 511);
      code.lea(rsi, memory(rsi, { index: rax, scale: 8 }));
      code.add(rsi, qword('direct_base'));
      if (shift === pageShift) break;
      code.mov(rax, qword(rsi));
      code.test(eax, Number(page.present));
      code.je('.none');
      code.test(eax, Number(page.large));
      code.jne('.none');
      constant(nucleus, rsi, page.addressMask);
      code.and(rsi, rax);
    }
    code.mov(rax, rsi);
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
}

/**
 * page_map(rdi: virtual, esi: 12 or 21, rdx: physical and flags) stops the boot when there is no
 * memory.
 */
function emitMap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('page_map', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, rdx);
    code.call('page_entry');
    code.test(rax, rax);
    code.je('.failed');
    code.mov(qword(rax), r12);
    code.jmp('.return');
    code.label('.failed');
    nucleus.fail('no memory for page tables, or a conflict, at ', { hex: rbx });
  });
}

/** direct_map(rdi: physical, rsi: end, rdx: flags) maps the 2 MiB pages that the range touches. */
function emitDirectMap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('direct_map', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, rdi);
    code.and(rbx, -largeBytes);
    code.mov(r12, rsi);
    code.mov(r13, rdx);
    code.label('.page');
    code.cmp(rbx, r12);
    code.jae('.return');
    constant(nucleus, rdi, virtual.directMap);
    code.add(rdi, rbx);
    code.mov(esi, largeShift);
    code.mov(rdx, rbx);
    code.or(rdx, r13);
    code.call('page_map');
    code.add(rbx, largeBytes);
    code.jmp('.page');
  });
  // Everything below 4 GiB as device memory first, then memory as memory, wherever it is.
  nucleus.procedure('paging_map_memory', { saves: [rbx, r12] }, () => {
    code.xor(registers.edi, registers.edi);
    constant(nucleus, rsi, fourGiB);
    constant(nucleus, rdx, deviceFlags);
    code.call('direct_map');
    eachDescriptor(nucleus, () => {
      testDescriptorType(nucleus, memoryTypeMask);
      code.jae('.next_descriptor');
      code.mov(rdi, qword(rbx, EFI_MEMORY_DESCRIPTOR.PhysicalStart));
      code.mov(rsi, qword(rbx, EFI_MEMORY_DESCRIPTOR.NumberOfPages));
      code.shl(rsi, pageShift);
      code.add(rsi, rdi);
      constant(nucleus, rdx, directFlags);
      code.call('direct_map');
    });
  });
}

/**
 * paging_map_image(): the image at its link address, each segment with its permissions, guard pages
 * left out; and where it is now.
 */
function emitImage(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('image_map_range', { saves: [rbx, r12, r13, r14] }, () => {
    // rdi, rsi: begin and end where the image is now; rdx: flags; rcx: distance to the link address
    code.mov(rbx, rdi);
    code.mov(r12, rsi);
    code.mov(r13, rdx);
    code.mov(r14, rcx);
    code.label('.page');
    code.cmp(rbx, r12);
    code.jae('.return');
    code.lea(rdi, memory(rbx, { index: r14 }));
    code.mov(esi, pageShift);
    code.mov(rdx, rbx);
    code.or(rdx, r13);
    code.call('page_map');
    code.add(rbx, 1 << pageShift);
    code.jmp('.page');
  });
  nucleus.procedure('paging_map_image', { saves: [rbx] }, () => {
    code.mov(rbx, address('__image_start'));
    code.lea(rax, memory('__image_start'));
    code.sub(rbx, rax);
    for (const { name, flags } of imageSegments) {
      code.lea(rdi, memory(`__${name}_start`));
      code.lea(rsi, memory(`__${name}_end`));
      constant(nucleus, rdx, flags);
      code.mov(rcx, rbx);
      code.call('image_map_range');
      // And where the firmware put it: the code that switches tables runs there, and so does the
      // report of a non-maskable interrupt until the descriptor tables are loaded again.
      code.lea(rdi, memory(`__${name}_start`));
      code.lea(rsi, memory(`__${name}_end`));
      constant(nucleus, rdx, flags);
      code.xor(ecx, ecx);
      code.call('image_map_range');
    }
    for (const { guard } of stackPlaces) {
      code.lea(rdi, memory('stacks', guard));
      code.add(rdi, rbx);
      code.mov(esi, pageShift);
      code.xor(edx, edx);
      code.call('page_map');
    }
  });
}

/** Sets bits of cr4 for features that the processor has. */
function emitFeatures(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // cpu_prepare(): no-execute, write protection, SSE, and protections of the kernel from what it
  // maps.
  nucleus.variable('cpu_features', 4, 4);
  nucleus.procedure('cpu_prepare', { saves: [rbx, r12] }, () => {
    // What leaf 1 says in ecx, for those who ask later.
    code.mov(eax, cpuid.features.leaf);
    code.cpuid();
    code.mov(dword('cpu_features'), ecx);
    code.mov(eax, cpuid.extended.leaf);
    code.cpuid();
    code.bt(edx, cpuid.extended.edx.NX);
    code.jb('.has_nx');
    nucleus.fail('this processor cannot forbid execution of data (NX)');
    code.label('.has_nx');
    code.mov(ecx, msr.IA32_EFER);
    code.rdmsr();
    code.bts(eax, EFER.NXE);
    code.bts(eax, EFER.SCE);
    code.wrmsr();
    code.mov(
      registers.r12d,
      (1 << CR4.PAE) | (1 << CR4.MCE) | (1 << CR4.OSFXSR) | (1 << CR4.OSXMMEXCPT),
    );
    code.xor(eax, eax);
    code.cpuid();
    code.cmp(eax, cpuid.structured.leaf);
    code.jb('.no_leaf_7');
    code.mov(eax, cpuid.structured.leaf);
    code.xor(ecx, ecx);
    code.cpuid();
    const optional = [
      { register: ebx, bit: cpuid.structured.ebx.SMEP, cr4: CR4.SMEP },
      { register: ebx, bit: cpuid.structured.ebx.SMAP, cr4: CR4.SMAP },
      { register: ecx, bit: cpuid.structured.ecx.UMIP, cr4: CR4.UMIP },
    ];
    for (const { register, bit, cr4 } of optional) {
      code.bt(register, bit);
      code.jae(`.without_${cr4}`);
      code.bts(registers.r12d, cr4);
      code.label(`.without_${cr4}`);
    }
    code.label('.no_leaf_7');
    code.mov(registers.cr4, r12);
    code.mov(rax, registers.cr0);
    code.and(rax, ~((1 << CR0.EM) | (1 << CR0.TS)));
    code.or(eax, (1 << CR0.MP) | (1 << CR0.NE) | (1 << CR0.WP));
    code.mov(registers.cr0, rax);
    code.fninit();
    code.ldmxcsr(memory('mxcsr_default'));
  });
  nucleus.data('mxcsr_default', 4, (into) => into.u32(0x1f80));
}

/**
 * paging_build() makes the tables; paging_switch(rdi: where to go on) loads them and never returns.
 */
function emitBuild(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('paging_build', {}, () => {
    code.mov(registers.edi, 1);
    code.call('early_frames');
    code.mov(qword('kernel_tables'), rax);
    code.call('paging_map_memory');
    code.call('paging_map_image');
  });
  code.function('paging_switch');
  code.mov(rax, qword('kernel_tables'));
  constant(nucleus, rcx, virtual.directMap);
  code.mov(qword('direct_base'), rcx);
  code.mov(registers.cr3, rax);
  code.jmp(rdi);
}

/**
 * paging_identity(), at the kernel's own addresses: the lower half, which held the image
 * at its first place, becomes the identity map. It shares the direct map's page directories; the
 * no-execute bit is already in their entries.
 */
function emitIdentity(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('paging_identity', { saves: [rbx, r12] }, () => {
    code.mov(rbx, qword('kernel_tables'));
    code.add(rbx, qword('direct_base'));
    code.mov(rdi, rbx);
    code.mov(ecx, 256);
    code.xor(eax, eax);
    code.rep();
    code.stosq();
    code.call('table_allocate');
    code.mov(r12, rax);
    code.or(rax, Number(tableFlags));
    code.mov(qword(rbx), rax);
    code.add(r12, qword('direct_base'));
    // The first four entries of the direct map's first table of page directories.
    const directIndex = Number((virtual.directMap >> BigInt(topShift)) & 511n);
    constant(nucleus, rax, page.addressMask);
    code.and(rax, qword(rbx, 8 * directIndex));
    code.add(rax, qword('direct_base'));
    for (let index = 0; index < 4; index++) {
      code.mov(rcx, qword(rax, 8 * index));
      code.mov(qword(r12, 8 * index), rcx);
    }
    splitFirstPage(nucleus);
    code.mov(rax, registers.cr3);
    code.mov(registers.cr3, rax);
  });
}

/**
 * The first 2 MiB in pages of 4 KiB without the first one, in the identity map and so in the direct
 * map.
 */
function splitFirstPage(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.call('table_allocate');
  code.mov(rdx, rax);
  code.add(rdx, qword('direct_base'));
  constant(nucleus, rcx, page.addressMask);
  code.and(rcx, qword(r12));
  code.add(rcx, qword('direct_base'));
  // The large page's own flags, without the bit that makes it large.
  code.mov(rsi, qword(rcx));
  code.and(rsi, ~Number(page.large));
  code.or(rax, Number(tableFlags));
  code.mov(qword(rcx), rax);
  code.mov(ecx, 1);
  code.label('.small');
  code.mov(rax, rcx);
  code.shl(rax, pageShift);
  code.or(rax, rsi);
  code.mov(qword(rdx, { index: rcx, scale: 8 }), rax);
  code.inc(ecx);
  code.cmp(ecx, 512);
  code.jne('.small');
}

export function emitPaging(nucleus: NucleusCode): void {
  emitEntry(nucleus);
  emitFind(nucleus);
  emitMap(nucleus);
  emitDirectMap(nucleus);
  emitImage(nucleus);
  emitFeatures(nucleus);
  emitBuild(nucleus);
  emitIdentity(nucleus);
}
