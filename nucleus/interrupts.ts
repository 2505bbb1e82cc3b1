/**
 * Interrupts become entries of a ring in nucleus memory, which the VM drains (architecture section
 * 6).
 *
 *     interrupt_ring   1,024 entries of 16 bytes: u32 vector, u32 data, u64 time-stamp counter
 *     ring_head        u32, bytes written since boot, only by the stubs
 *     ring_tail        u32, bytes taken since boot, only by host_nextInterrupt
 *     ring_dropped     u32, interrupts that found the ring full
 *
 * One processor, interrupts disabled in the stubs: a stub is never interrupted by another one, so
 * head needs no lock. Level-triggered lines are masked on delivery, or they would fire again at
 * once.
 *
 * The timer has at most one entry in the ring, whose data says how many ticks it stands for: a VM
 * that does not drain for a second must not lose a serial interrupt to a thousand ticks.
 */

import { ioApic, lapic, x2apicMsr } from '../tables/apic.ts';
import { linear, vectors, virtual } from '../tables/memory_map.ts';
import { ring3 } from '../tables/x86_system.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, rsi, rdi, edi, rsp } = registers;

const entryBytes = 16;
const ringBytes = 1024 * entryBytes;
const doorbellRung = 0x7fff_ffff;
const overflowVector = 0xffff_ffff;
const noDeadline = -1;

/** Lines of the I/O APICs that we have vectors for. */
export const gsiCount = vectors.message0 - vectors.vectorOfGsi0;
/** Vectors behind the lines': of interrupts that come as messages, which are edges. */
const messageCount = vectors.lapicSpurious - vectors.message0;
/**
 * Row of `gsi_routes`: u64 virtual address of the I/O APIC (0: no such line), u32 number of the
 * register with the lower half of its redirection entry, u32 that lower half with the mask bit, 0
 * for a line that is not masked on delivery.
 */
export const gsiRoute = { ioApic: 0, register: 8, maskedEntry: 12, size: 16 } as const;

function emitVariables(nucleus: NucleusCode): void {
  nucleus.variable('interrupt_ring', ringBytes, 64);
  nucleus.variable('ring_head', 4, 64);
  nucleus.variable('ring_tail', 4, 64);
  nucleus.variable('ring_dropped', 4, 4);
  nucleus.variable('timer_queued', 4, 4);
  nucleus.variable('timer_ticks', 4, 4);
  nucleus.variable('spurious_count', 4, 4);
  // Those of messages stay zero: nothing is masked on delivery.
  nucleus.variable('gsi_routes', (gsiCount + messageCount) * gsiRoute.size, 16);
}

/** Rings the doorbell, ends the interrupt and returns. rax, rcx and rdx are popped. */
function leave(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.movabs(rax, virtual.linearMemory + BigInt(linear.doorbell));
  code.mov(dword(rax), doorbellRung);
  code.cmp(dword('x2apic'), 0);
  code.jne('interrupt_end_x2apic');
  code.mov(rax, qword('lapic_address'));
  code.mov(dword(rax, lapic.endOfInterrupt), 0);
  restore(nucleus);
}

function restore(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.pop(rdx);
  code.pop(rcx);
  code.pop(rax);
  returnFrom(nucleus);
}

/** The end of the interrupt where the local APIC has no registers in memory. */
function emitEndX2apic(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.function('interrupt_end_x2apic');
  code.mov(ecx, x2apicMsr.endOfInterrupt);
  code.xor(eax, eax);
  code.xor(edx, edx);
  code.wrmsr();
  restore(nucleus);
}

/** Back to the kernel, or, when a native task was interrupted, to who runs it. */
function returnFrom({ code }: NucleusCode): void {
  code.test(byte(rsp, 8), ring3);
  code.jne('task_interrupted');
  code.iretq();
}

/**
 * Appends {eax, 0, time stamp}: vector and data are one store. rcx and rdx are free; jumps to
 * `full` when there is no room, and falls through with the entry written otherwise. The head moves
 * last, when the entry is complete.
 */
function append({ code }: NucleusCode, full: string): void {
  const entry = (offset: number) => ({ symbol: 'interrupt_ring', index: rcx, disp: offset });
  code.mov(ecx, dword('ring_head'));
  code.mov(edx, ecx);
  code.sub(edx, dword('ring_tail'));
  code.cmp(edx, ringBytes);
  code.jae(full);
  code.and(ecx, ringBytes - 1);
  code.mov(qword(null, entry(0)), rax);
  code.rdtsc();
  code.mov(dword(null, entry(8)), eax);
  code.mov(dword(null, entry(12)), edx);
  code.add(dword('ring_head'), entryBytes);
}

/**
 * Lines of the I/O APICs: the stub pushed rax and rcx; eax is the vector, rcx the line's row. A
 * level-triggered line is masked by writing its row's entry through the select register and the
 * window of its I/O APIC.
 */
function emitCommon(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.function('interrupt_common');
  code.push(rdx);
  code.mov(edx, dword(rcx, gsiRoute.maskedEntry));
  code.test(edx, edx);
  code.je('.append');
  code.push(rbx);
  code.mov(ebx, dword(rcx, gsiRoute.register));
  code.mov(rcx, qword(rcx, gsiRoute.ioApic));
  code.mov(dword(rcx, ioApic.select), ebx);
  code.mov(dword(rcx, ioApic.window), edx);
  code.pop(rbx);
  code.label('.append');
  append(nucleus, '.full');
  code.label('.leave');
  leave(nucleus);
  code.label('.full');
  code.inc(dword('ring_dropped'));
  code.jmp('.leave');
}

/** The entry of a vector that belongs to line `gsi`, or to a message when there is no such line. */
export function emitLineStub({ code }: NucleusCode, vector: number, gsi: number): void {
  code.push(rax);
  code.push(rcx);
  code.mov(eax, vector);
  code.lea(rcx, memory('gsi_routes', gsi * gsiRoute.size));
  code.jmp('interrupt_common');
}

function emitTimer(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.function('interrupt_timer');
  code.push(rax);
  code.push(rcx);
  code.push(rdx);
  code.inc(dword('timer_ticks'));
  code.cmp(dword('timer_queued'), 0);
  code.jne('.leave');
  code.mov(eax, vectors.lapicTimer);
  append(nucleus, '.leave');
  code.mov(dword('timer_queued'), 1);
  code.label('.leave');
  leave(nucleus);

  // A spurious interrupt is not ended: the APIC keeps no record of it.
  code.function('interrupt_spurious');
  code.inc(dword('spurious_count'));
  code.iretq();
}

/** host_nextInterrupt(edi: linear, rsi: reductions) -> 1 and the entry at linear, or 0. */
function emitNext(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_nextInterrupt', { saves: [rbx] }, () => {
    code.movabs(rbx, virtual.linearMemory);
    code.mov(eax, edi);
    code.add(rbx, rax);
    code.mov(ecx, dword('ring_tail'));
    code.cmp(ecx, dword('ring_head'));
    code.je('.empty');
    code.and(ecx, ringBytes - 1);
    code.lea(rsi, memory('interrupt_ring'));
    code.add(rsi, rcx);
    code.mov(eax, dword(rsi));
    code.mov(ecx, dword(rsi, 4));
    code.mov(rdi, qword(rsi, 8));
    code.add(dword('ring_tail'), entryBytes);
    code.cmp(eax, vectors.lapicTimer);
    code.jne('.give');
    // The stub only sets the flag and counts up; what ticks from here on makes a new entry.
    code.mov(dword('timer_queued'), 0);
    code.xor(ecx, ecx);
    code.xchg(dword('timer_ticks'), ecx);
    code.label('.give');
    code.mov(dword(rbx), eax);
    code.mov(dword(rbx, 4), ecx);
    code.call('clock_from_counter');
    code.mov(qword(rbx, 8), rax);
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.empty');
    code.xor(ecx, ecx);
    code.xchg(dword('ring_dropped'), ecx);
    code.mov(eax, overflowVector);
    code.test(ecx, ecx);
    code.je('.nothing');
    code.mov(dword(rbx), eax);
    code.mov(dword(rbx, 4), ecx);
    code.call('host_now');
    code.mov(qword(rbx, 8), rax);
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.nothing');
    code.xor(eax, eax);
  });
}

/**
 * host_wait(rdi: deadline). The ring is checked with interrupts disabled, and `sti` lets none in
 * before the `hlt` behind it, so no interrupt can slip between. While waiting the timer fires once,
 * at the deadline, and makes no entry.
 */
function emitWait(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_wait', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    code.label('.again');
    code.cli();
    code.mov(eax, dword('ring_head'));
    code.cmp(eax, dword('ring_tail'));
    code.jne('.ready');
    code.cmp(dword('ring_dropped'), 0);
    code.jne('.ready');
    code.mov(edi, noDeadline);
    code.cmp(rbx, noDeadline);
    code.je('.sleep');
    code.call('host_now');
    code.mov(rdi, rbx);
    code.sub(rdi, rax);
    code.jbe('.ready');
    code.label('.sleep');
    code.mov(dword('timer_queued'), 1);
    // rdi: nanoseconds until the deadline, or more than the timer can count.
    code.call('timer_once');
    code.sti();
    code.hlt();
    code.cli();
    code.mov(dword('timer_queued'), 0);
    code.mov(dword('timer_ticks'), 0);
    code.call('timer_periodic');
    code.jmp('.again');
    code.label('.ready');
    code.sti();
  });
}

export function emitInterrupts(nucleus: NucleusCode): void {
  emitVariables(nucleus);
  emitCommon(nucleus);
  emitEndX2apic(nucleus);
  emitTimer(nucleus);
  emitNext(nucleus);
  emitWait(nucleus);
}
