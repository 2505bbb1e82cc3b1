/**
 * What hardware the VM may touch (architecture D7). The table lies in nucleus memory, where the VM
 * cannot write, and every access is checked against it. Rows: u32 kind, u64 first, u64 count; ports
 * have a bit each besides, because they are checked most often.
 */
import { redirection } from '../tables/apic.ts';
import {
  grantKinds as kinds,
  physicalLimit,
  portCount,
  reservedMemory,
  reservedMemoryBytes,
  reservedPorts,
  grantResults as results,
} from '../tables/grants.ts';
import { vectors } from '../tables/memory_map.ts';
import { EFI_MEMORY_DESCRIPTOR } from '../tables/uefi.ts';
import { page } from '../tables/x86_system.ts';
import { byte, dword, memory, qword, type Register, registers, word } from '../x86_64/operands.ts';
import { memoryTypeMask, testDescriptorType } from './frames.ts';
import { gsiCount } from './interrupts.ts';
import { flushKeptMemory, testKeptMemory } from './kept_memory.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, eax, al, ax, rbx, rcx, rdx, edx, dx, rsi, esi, rdi, edi } = registers;
const { r8, r9, r12, r13, r14 } = registers;

const rowsMax = 256;
const row = { kind: 0, first: 8, count: 16, size: 24 } as const;
const largeBytes = 1 << 21;

/**
 * host_grant(edi: kind, rsi: first, rdx: count) -> eax: 0 granted, 1 reserved, 2 table full, 3 bad
 * range or overlap
 */
function emitGrant(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('grants', rowsMax * row.size);
  nucleus.variable('grant_rows', 8);
  nucleus.variable('port_bits', portCount / 8);
  nucleus.procedure('host_grant', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(registers.r14d, edi);
    code.mov(r12, rsi);
    code.mov(r13, rdx);
    // The range must not be empty, wrap around or leave its space.
    code.mov(eax, results.bad);
    code.test(r13, r13);
    code.je('.return');
    code.mov(rcx, r12);
    code.add(rcx, r13);
    code.jb('.return');
    for (const [kind, limit] of [
      [kinds.ports, BigInt(portCount)],
      [kinds.deviceMemory, physicalLimit],
      [kinds.interruptLine, BigInt(gsiCount)],
      [kinds.messages, BigInt(vectors.lapicSpurious)],
    ] as const) {
      code.movabs(rdx, limit);
      code.cmp(registers.r14d, kind);
      code.je('.limit');
    }
    code.jmp('.return');
    code.label('.limit');
    code.cmp(rcx, rdx);
    code.ja('.return');
    findOverlap(nucleus);
    code.mov(eax, results.full);
    code.cmp(qword('grant_rows'), rowsMax);
    code.jae('.return');
    code.mov(rdi, r12);
    code.mov(rsi, r13);
    code.cmp(registers.r14d, kinds.deviceMemory);
    code.je('.memory');
    code.cmp(registers.r14d, kinds.interruptLine);
    code.je('.line');
    code.ja('.messages');
    code.call('grant_ports');
    code.jmp('.made');
    code.label('.memory');
    code.call('grant_memory');
    code.jmp('.made');
    code.label('.line');
    code.call('grant_lines');
    code.jmp('.made');
    code.label('.messages');
    code.mov(eax, results.reserved);
    code.cmp(rdi, vectors.message0);
    code.jb('.return');
    code.xor(eax, eax);
    code.label('.made');
    code.test(eax, eax);
    code.jne('.return');
    code.mov(rcx, qword('grant_rows'));
    code.inc(qword('grant_rows'));
    code.imul(rcx, rcx, row.size);
    code.lea(rdx, memory('grants'));
    code.add(rcx, rdx);
    code.mov(dword(rcx, row.kind), registers.r14d);
    code.mov(qword(rcx, row.first), r12);
    code.mov(qword(rcx, row.count), r13);
  });
}

/** Returns `bad` from host_grant when [r12, r12 + r13) meets a row of kind r14d. */
function findOverlap({ code }: NucleusCode): void {
  code.lea(rbx, memory('grants'));
  code.imul(rdx, qword('grant_rows'), row.size);
  code.add(rdx, rbx);
  code.label('.row');
  code.cmp(rbx, rdx);
  code.jae('.no_overlap');
  code.cmp(dword(rbx, row.kind), registers.r14d);
  code.jne('.next_row');
  code.mov(r8, qword(rbx, row.first));
  code.lea(rax, memory(r12, { index: r13 }));
  code.cmp(r8, rax);
  code.jae('.next_row');
  code.add(r8, qword(rbx, row.count));
  code.cmp(r12, r8);
  code.jae('.next_row');
  code.mov(eax, results.bad);
  code.jmp('.return');
  code.label('.next_row');
  code.add(rbx, row.size);
  code.jmp('.row');
  code.label('.no_overlap');
}

/** Jumps to `met` when [rdi, rdi + rsi) meets [first, first + count). Changes rax and rcx. */
function meets(
  { code }: NucleusCode,
  first: bigint,
  count: bigint,
  met: string,
  next: string,
): void {
  code.movabs(rax, first + count);
  code.cmp(rdi, rax);
  code.jae(next);
  code.lea(rcx, memory(rdi, { index: rsi }));
  code.movabs(rax, first);
  code.cmp(rcx, rax);
  code.ja(met);
  code.label(next);
}

/**
 * grant_ports, grant_memory, grant_lines(rdi: first, rsi: count) -> eax: result, and what the grant
 * needs.
 */
function emitKinds(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('grant_ports', {}, () => {
    for (const [index, [first, count]] of reservedPorts.entries()) {
      meets(nucleus, BigInt(first), BigInt(count), '.reserved', `.after_${index}`);
    }
    // PM1 control is where the machine is switched off.
    for (const name of ['pm1a_control_port', 'pm1b_control_port']) {
      code.mov(eax, dword(name));
      code.test(eax, eax);
      code.je(`.after_${name}`);
      code.sub(rax, rdi);
      code.cmp(rax, rsi);
      code.jb('.reserved');
      code.label(`.after_${name}`);
    }
    code.mov(edx, 1);
    code.call('ports_mark');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.reserved');
    code.mov(eax, results.reserved);
  });
  // ports_mark(rdi: first, rsi: count, edx: 1 granted, 0 not)
  nucleus.procedure('ports_mark', {}, () => {
    code.lea(rcx, memory('port_bits'));
    code.label('.port');
    code.sub(rsi, 1);
    code.jb('.return');
    code.bts(qword(rcx), rdi);
    code.test(edx, edx);
    code.jne('.next');
    code.btr(qword(rcx), rdi);
    code.label('.next');
    code.inc(rdi);
    code.jmp('.port');
  });
  emitGrantMemory(nucleus);
  nucleus.procedure('grant_lines', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.lea(r12, memory(rdi, { index: rsi }));
    code.label('.line');
    code.xor(eax, eax);
    code.cmp(rbx, r12);
    code.jae('.return');
    code.mov(edi, registers.ebx);
    code.xor(esi, esi);
    code.call('line_set');
    code.test(eax, eax);
    code.jne('.return');
    code.inc(rbx);
    code.jmp('.line');
  });
}

/**
 * Memory of the machine is never device memory, but for what a reset leaves as it is. What is not
 * in the direct map yet is mapped, uncached.
 */
function emitGrantMemory(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const deviceFlags =
    page.present | page.write | page.noExecute | page.large | page.writeThrough | page.cacheDisable;
  nucleus.procedure('grant_memory', { saves: [rbx, r12, r13, r14] }, () => {
    for (const [index, first] of reservedMemory.entries()) {
      meets(nucleus, first, reservedMemoryBytes, '.reserved', `.after_${index}`);
    }
    testKeptMemory(nucleus, '.kept', '.not_kept');
    code.mov(r13, rdi);
    code.lea(r14, memory(rdi, { index: rsi }));
    eachDescriptor(nucleus, () => {
      testDescriptorType(nucleus, memoryTypeMask);
      code.jae('.next_descriptor');
      code.mov(rax, qword(rbx, EFI_MEMORY_DESCRIPTOR.PhysicalStart));
      code.cmp(rax, r14);
      code.jae('.next_descriptor');
      code.mov(rcx, qword(rbx, EFI_MEMORY_DESCRIPTOR.NumberOfPages));
      code.shl(rcx, 12);
      code.add(rax, rcx);
      code.cmp(r13, rax);
      code.jb('.reserved');
    });
    code.and(r13, -largeBytes);
    code.label('.page');
    code.xor(eax, eax);
    code.cmp(r13, r14);
    code.jae('.return');
    code.mov(rdi, qword('direct_base'));
    code.add(rdi, r13);
    code.mov(esi, 21);
    code.call('page_entry');
    code.test(rax, rax);
    code.je('.full');
    code.test(byte(rax), 1);
    code.jne('.mapped');
    code.movabs(rcx, BigInt.asIntN(64, deviceFlags));
    code.or(rcx, r13);
    code.mov(qword(rax), rcx);
    code.label('.mapped');
    code.add(r13, largeBytes);
    code.jmp('.page');
    code.label('.full');
    code.mov(eax, results.full);
    code.jmp('.return');
    code.label('.kept');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.reserved');
    code.mov(eax, results.reserved);
  });
}

/**
 * host_revoke(edi: kind, rsi: first, rdx: count): the last row takes the place of the removed one.
 */
function emitRevoke(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_revoke', { saves: [rbx, r12] }, () => {
    code.lea(rbx, memory('grants'));
    code.imul(rcx, qword('grant_rows'), row.size);
    code.add(rcx, rbx);
    code.label('.row');
    code.cmp(rbx, rcx);
    code.jae('.return');
    code.cmp(dword(rbx, row.kind), edi);
    code.jne('.next');
    code.cmp(qword(rbx, row.first), rsi);
    code.jne('.next');
    code.cmp(qword(rbx, row.count), rdx);
    code.je('.found');
    code.label('.next');
    code.add(rbx, row.size);
    code.jmp('.row');
    code.label('.found');
    for (let offset = 0; offset < row.size; offset += 8) {
      code.mov(rax, qword(rcx, offset - row.size));
      code.mov(qword(rbx, offset), rax);
    }
    code.dec(qword('grant_rows'));
    code.cmp(edi, kinds.deviceMemory);
    code.je('.return');
    code.jb('.ports');
    code.cmp(edi, kinds.messages);
    code.je('.return');
    code.mov(rbx, rsi);
    code.lea(r12, memory(rsi, { index: rdx }));
    code.label('.line');
    code.mov(edi, registers.ebx);
    code.mov(esi, redirection.masked);
    code.call('line_set');
    code.inc(rbx);
    code.cmp(rbx, r12);
    code.jb('.line');
    code.jmp('.return');
    code.label('.ports');
    code.mov(rdi, rsi);
    code.mov(rsi, rdx);
    code.xor(edx, edx);
    code.call('ports_mark');
  });
}

/**
 * grant_holds(edi: kind, rsi: first, rdx: count) -> 1 when one grant of that kind holds the whole
 * range.
 */
function emitHolds(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('grant_holds', {}, () => {
    code.lea(rcx, memory('grants'));
    code.imul(r8, qword('grant_rows'), row.size);
    code.add(r8, rcx);
    code.label('.row');
    code.cmp(rcx, r8);
    code.jae('.none');
    code.cmp(dword(rcx, row.kind), edi);
    code.jne('.next');
    code.mov(rax, rsi);
    code.sub(rax, qword(rcx, row.first));
    code.jb('.next');
    code.mov(r9, qword(rcx, row.count));
    code.sub(r9, rax);
    code.jbe('.next');
    code.cmp(r9, rdx);
    code.jb('.next');
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.next');
    code.add(rcx, row.size);
    code.jmp('.row');
    code.label('.none');
    code.xor(eax, eax);
  });
}

/** host_portIn8 … host_portOut32: all bytes of the access must be granted. */
function emitPorts(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const widths = [
    { bits: 8, register: al },
    { bits: 16, register: ax },
    { bits: 32, register: eax },
  ] as const;
  const check = (bits: number): void => {
    code.mov(edx, edi);
    code.lea(rcx, memory('port_bits'));
    for (let offset = 0; offset < bits / 8; offset++) {
      code.lea(eax, memory(rdi, offset));
      code.cmp(eax, portCount);
      code.jae('.refused');
      code.bt(qword(rcx), rax);
      code.jae('.refused');
    }
  };
  for (const { bits, register } of widths) {
    nucleus.procedure(`host_portIn${bits}`, {}, () => {
      code.mov(edi, edi);
      check(bits);
      code.xor(eax, eax);
      code.in(register, dx);
      code.jmp('.return');
      code.label('.refused');
      code.mov(eax, 2 ** bits - 1);
    });
    nucleus.procedure(`host_portOut${bits}`, {}, () => {
      code.mov(edi, edi);
      check(bits);
      code.mov(eax, esi);
      code.out(dx, register);
      code.label('.refused');
    });
  }
}

/**
 * host_mmioRead(rdi: physical, esi: size) and host_mmioWrite(rdi, esi, rdx: value), one access
 * each.
 */
function emitMmio(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const access = (size: number, register: Register, write: boolean): void => {
    const cells = new Map([
      [1, byte],
      [2, word],
      [4, dword],
      [8, qword],
    ]);
    const cell = (cells.get(size) ?? qword)(rbx);
    if (write) code.mov(cell, register);
    else if (size < 4) code.movzx(eax, cell);
    else code.mov(register, cell);
  };
  for (const write of [false, true]) {
    const sized: readonly (readonly [number, Register])[] = write
      ? [
          [1, registers.r12b],
          [2, registers.r12w],
          [4, registers.r12d],
          [8, r12],
        ]
      : [
          [1, al],
          [2, ax],
          [4, eax],
          [8, rax],
        ];
    nucleus.procedure(
      write ? 'host_mmioWrite' : 'host_mmioRead',
      { saves: [rbx, r12, r13] },
      () => {
        code.mov(rbx, rdi);
        code.mov(r12, rdx);
        code.mov(registers.r13d, esi);
        code.mov(edx, esi);
        code.mov(rsi, rdi);
        code.mov(edi, kinds.deviceMemory);
        code.call('grant_holds');
        code.test(eax, eax);
        code.je('.refused');
        code.add(rbx, qword('direct_base'));
        for (const [size, register] of sized) {
          code.cmp(r13, size);
          code.jne(`.not_${size}`);
          access(size, register, write);
          if (write) flushKeptMemory(nucleus, `.flushed_${size}`);
          code.jmp('.return');
          code.label(`.not_${size}`);
        }
        code.label('.refused');
        code.mov(rax, -1);
      },
    );
  }
}

export function emitGrants(nucleus: NucleusCode): void {
  emitGrant(nucleus);
  emitKinds(nucleus);
  emitRevoke(nucleus);
  emitHolds(nucleus);
  emitPorts(nucleus);
  emitMmio(nucleus);
}
