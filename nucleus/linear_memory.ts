/**
 * The VM's linear memory: a range of addresses whose pages get frames when they are first touched
 * (architecture D4).
 *
 *     0                 archive_linear                    arena          linear_bytes
 *     | demand-zero pages | the boot archive's own frames | the DMA arena | unmapped up to 8 GiB
 *
 * Every page was promised a frame at start (`frames_reserved`), so a first touch cannot fail. Page
 * 0, which interrupt stubs write to, has its frame from the start. The frames of the DMA arena lie
 * in a row below 4 GiB, where every device reaches them, and are mapped from the start.
 */
import { interruptDestination, messageAddress } from '../tables/apic.ts';
import { frameKinds } from '../tables/frame_kinds.ts';
import { keptMemory, linear, virtual, wasmPageBytes } from '../tables/memory_map.ts';
import { page } from '../tables/x86_system.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, rdx, esi, rdi, edi, r12, r13 } = registers;

const pageBytes = 4096;
const pageShift = 12;
const wasmPages = wasmPageBytes / pageBytes;
/** 4 GiB minus one page of Wasm: sizes and ends still fit 32 bits. */
const pagesMax = 2 ** 20 - wasmPages;
const flags = page.present | page.write | page.noExecute;

/**
 * Frames kept for page tables, and for native tasks and the like; of what is beyond 320 MiB, the
 * larger share is theirs besides.
 */
const keptShare = { tables: 512, others: 32, othersBeyond: 8 } as const;
const beyondFrames = 320 << 8;
const keptFrames = 64 + 512;

/** rbx = rax frames without those that are kept for others; the carry flag when there are none. */
function keepFrames({ code }: NucleusCode): void {
  code.mov(rbx, rax);
  code.mov(rcx, rax);
  code.shr(rcx, Math.log2(keptShare.tables));
  code.sub(rbx, rcx);
  code.mov(rcx, rax);
  code.shr(rax, Math.log2(keptShare.others));
  code.sub(rbx, rax);
  code.sub(rcx, beyondFrames);
  code.jbe('.small');
  code.shr(rcx, Math.log2(keptShare.othersBeyond));
  code.sub(rbx, rcx);
  code.label('.small');
  code.sub(rbx, keptFrames);
}

/** The arena: a 64th of memory, at most 64 MiB. */
const arenaShare = 6;
const arenaPagesMax = 16384;

function emitStart(nucleus: NucleusCode, bytesMin: number): void {
  const { code } = nucleus;
  nucleus.variable('linear_bytes', 8);
  nucleus.variable('archive_linear', 8);
  nucleus.procedure('linear_start', { saves: [rbx, r12, r13] }, () => {
    code.call('arena_allocate');
    // rbx: pages with frames of their own; r12: pages of the archive, whole pages of Wasm.
    code.mov(rax, qword('frames_free'));
    keepFrames(nucleus);
    code.jb('.too_small');
    code.mov(r12, qword('archive_bytes'));
    code.add(r12, wasmPageBytes - 1);
    code.shr(r12, pageShift);
    code.and(r12, -wasmPages);
    code.cmp(r12, pagesMax);
    code.jae('.too_large');
    code.mov(ecx, pagesMax);
    code.sub(rcx, qword('arena_pages'));
    code.sub(rcx, r12);
    code.jb('.too_large');
    code.cmp(rbx, rcx);
    code.cmova(rbx, rcx);
    code.and(rbx, -wasmPages);
    code.cmp(rbx, Math.ceil(bytesMin / pageBytes));
    code.jb('.too_small');
    // What is left of the archive's last page of Wasm is touched on demand, too.
    code.lea(rax, memory(rbx, wasmPages));
    code.mov(qword('frames_reserved'), rax);
    code.mov(rax, rbx);
    code.shl(rax, pageShift);
    code.mov(qword('archive_linear'), rax);
    code.lea(rcx, memory(rbx, { index: r12 }));
    code.add(rcx, qword('arena_pages'));
    code.shl(rcx, pageShift);
    code.mov(qword('linear_bytes'), rcx);
    code.call('archive_map');
    code.movabs(rdi, virtual.linearMemory + BigInt(linear.doorbell));
    code.xor(esi, esi);
    code.call('linear_back_fault');
    code.lea(rdi, memory(rbx, { index: r12 }));
    code.shl(rdi, pageShift);
    code.call('arena_map');
    code.jmp('.return');
    code.label('.too_small');
    code.mov(rbx, qword('frames_free'));
    code.shl(rbx, 2);
    nucleus.fail(
      `this image needs at least ${Math.ceil(bytesMin / 1024)} KiB of memory for the VM and some for the kernel; `,
      { decimal: rbx },
      ' KiB are free beside the boot archive',
    );
    code.label('.too_large');
    nucleus.fail(
      'the boot archive has ',
      { decimal: qword('archive_bytes') },
      ' bytes, more than 4 GiB hold',
    );
  });
}

/**
 * arena_allocate() takes frames for the arena, a 64th of memory, or half of that and so on; whole
 * pages of Wasm. arena_map(rdi: linear) maps them there, and says where in linear memory.
 */
function emitArena(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('arena_pages', 8);
  nucleus.variable('arena_physical', 8);
  nucleus.procedure('arena_allocate', { saves: [rbx, r12] }, () => {
    code.mov(rbx, qword('frames_free'));
    code.shr(rbx, arenaShare);
    code.mov(eax, arenaPagesMax);
    code.cmp(rbx, rax);
    code.cmova(rbx, rax);
    code.label('.attempt');
    code.and(rbx, -wasmPages);
    code.je('.return');
    code.mov(rdi, rbx);
    code.mov(esi, frameKinds.dma);
    code.movabs(rdx, 1n << 32n);
    code.mov(ecx, wasmPageBytes);
    code.call('frames_allocate');
    code.test(rax, rax);
    code.jne('.found');
    code.shr(rbx, 1);
    code.jmp('.attempt');
    code.label('.found');
    code.mov(qword('arena_physical'), rax);
    code.mov(qword('arena_pages'), rbx);
    code.mov(rdi, rax);
    code.add(rdi, qword('direct_base'));
    code.mov(rcx, rbx);
    code.shl(rcx, pageShift - 3);
    code.xor(eax, eax);
    code.rep();
    code.stosq();
  });
  nucleus.procedure('arena_map', { saves: [rbx, r12, r13] }, () => {
    code.movabs(rax, virtual.linearMemory);
    code.mov(rcx, qword('arena_pages'));
    code.test(rcx, rcx);
    code.je('.return');
    code.mov(dword(rax, linear.dmaArena), edi);
    code.lea(rbx, memory(rax, { index: rdi }));
    code.mov(r12, rcx);
    code.shl(rcx, pageShift);
    code.mov(dword(rax, linear.dmaArena + 4), ecx);
    code.mov(r13, qword('arena_physical'));
    code.mov(qword(rax, linear.dmaArena + 8), r13);
    code.label('.page');
    code.mov(rdi, rbx);
    code.mov(esi, pageShift);
    code.movabs(rdx, BigInt.asIntN(64, flags));
    code.or(rdx, r13);
    code.call('page_map');
    code.add(rbx, pageBytes);
    code.add(r13, pageBytes);
    code.dec(r12);
    code.jne('.page');
  });
}

/** machine_describe(): what the VM may know about the machine. */
function emitDescribe(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('machine_describe', {}, () => {
    code.movabs(rdi, virtual.linearMemory);
    code.mov(rax, qword('pci_express_base'));
    code.mov(qword(rdi, linear.pciExpress), rax);
    code.mov(eax, dword('pci_express_buses'));
    code.mov(dword(rdi, linear.pciExpress + 8), eax);
    code.mov(eax, dword('processor_count'));
    code.mov(dword(rdi, linear.processors), eax);
    code.mov(eax, dword('interrupt_destination'));
    code.shr(eax, interruptDestination.shift - messageAddress.destinationShift);
    code.or(eax, messageAddress.base | 0);
    code.mov(dword(rdi, linear.messageAddress), eax);
    code.mov(rax, qword('kept_physical'));
    code.test(rax, rax);
    code.je('.return');
    code.mov(qword(rdi, linear.keptMemory), rax);
    code.mov(dword(rdi, linear.keptMemory + 8), keptMemory.bytes);
  });
}

/**
 * archive_map() maps the archive's frames; what is behind its end in the last one reads as zero.
 */
function emitArchive(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('archive_map', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, qword('archive_physical'));
    code.mov(r12, qword('archive_bytes'));
    code.add(r12, rbx);
    code.movabs(r13, virtual.linearMemory);
    code.add(r13, qword('archive_linear'));
    code.label('.page');
    code.cmp(rbx, r12);
    code.jae('.tail');
    code.mov(rdi, r13);
    code.mov(esi, pageShift);
    code.movabs(rdx, BigInt.asIntN(64, flags));
    code.or(rdx, rbx);
    code.call('page_map');
    code.add(rbx, pageBytes);
    code.add(r13, pageBytes);
    code.jmp('.page');
    code.label('.tail');
    code.mov(rdi, r12);
    code.sub(rbx, r12);
    code.mov(rcx, rbx);
    code.add(rdi, qword('direct_base'));
    code.xor(eax, eax);
    code.rep();
    code.stosb();
  });
}

/**
 * linear_back_fault(rdi: address, rsi: error code) -> 1 when the page has a frame now, 0 when it is
 * not ours.
 */
function emitBack(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('linear_back_fault', { saves: [rbx, r12] }, () => {
    code.test(esi, 1);
    code.jne('.not_ours');
    code.mov(rbx, rdi);
    code.movabs(rax, virtual.linearMemory);
    code.sub(rdi, rax);
    code.cmp(rdi, qword('linear_bytes'));
    code.jae('.not_ours');
    code.call('frame_take');
    code.test(rax, rax);
    code.je('.not_ours');
    code.mov(r12, rax);
    code.mov(rdi, rax);
    code.call('frame_clear');
    code.mov(rdi, rbx);
    code.and(rdi, -pageBytes);
    code.mov(esi, pageShift);
    code.movabs(rdx, BigInt.asIntN(64, flags));
    code.or(rdx, r12);
    code.call('page_map');
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.not_ours');
    code.xor(eax, eax);
  });
}

/**
 * host_discard(edi: linear, esi: length): frames of whole pages go back; page 0 and the archive
 * keep theirs.
 */
function emitDiscard(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_discard', { saves: [rbx, r12, r13] }, () => {
    code.mov(ecx, edi);
    code.mov(eax, esi);
    code.lea(r12, memory(rcx, { index: rax }));
    code.and(r12, -pageBytes);
    code.mov(rax, qword('archive_linear'));
    code.cmp(r12, rax);
    code.cmova(r12, rax);
    code.lea(rbx, memory(rcx, pageBytes - 1));
    code.and(rbx, -pageBytes);
    code.mov(eax, pageBytes);
    code.cmp(rbx, rax);
    code.cmovb(rbx, rax);
    code.movabs(r13, virtual.linearMemory);
    code.label('.page');
    code.cmp(rbx, r12);
    code.jae('.return');
    code.lea(rdi, memory(rbx, { index: r13 }));
    code.call('page_find');
    code.test(rax, rax);
    code.je('.no_table');
    code.mov(rdi, qword(rax));
    code.test(edi, 1);
    code.je('.next');
    code.mov(qword(rax), 0);
    code.lea(rcx, memory(rbx, { index: r13 }));
    code.invlpg(byte(rcx));
    code.movabs(rax, page.addressMask);
    code.and(rdi, rax);
    code.mov(esi, frameKinds.linearMemory);
    code.call('frame_free');
    code.inc(qword('frames_reserved'));
    code.label('.next');
    code.add(rbx, pageBytes);
    code.jmp('.page');
    code.label('.no_table');
    // Nothing in these 2 MiB was ever touched.
    code.add(rbx, 1 << 21);
    code.and(rbx, -(1 << 21));
    code.jmp('.page');
  });
}

/** `bytesMin`: with less memory for the VM than this the boot stops with an error. */
export function emitLinearMemory(nucleus: NucleusCode, bytesMin: number): void {
  emitStart(nucleus, bytesMin);
  emitArena(nucleus);
  emitDescribe(nucleus);
  emitArchive(nucleus);
  emitBack(nucleus);
  emitDiscard(nucleus);
}
