/**
 * Time: the time-stamp counter and the local APIC's timer, measured once against a clock of known
 * frequency (nucleus/reference_clocks.ts). Then now() is a multiplication.
 */
import { lapic } from '../tables/apic.ts';
import { timerPeriodNs } from '../tables/memory_map.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { referenceCount } from './reference_clocks.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, rdi, edi, esi, rsp, r12, r13, r14, r15 } =
  registers;

/** How long we measure: 10 ms, in femtoseconds. */
const measuredFemtoseconds = 1e13;
const femtosecondsPerNanosecond = 1e6;
/** A clock that has not come so far in 2^31 counts of the processor stands still. */
const countsMax = 2 ** 31 - 1;
/** A sample is repeated, and the one with the least time between its two readings counts. */
const sampleRounds = 8;
/** How often a clock is measured that may have come round meanwhile. */
const attempts = 8;

/**
 * clock_sample(rdi: 3 words) stores reference ticks, time-stamp counter and LAPIC count, read close
 * together.
 */
function emitSample(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const saves = [rbx, r12, r13, r14, r15];
  nucleus.procedure('clock_sample', { saves, locals: 8 }, () => {
    code.mov(rbx, rdi);
    code.mov(r13, -1);
    code.mov(registers.r12d, sampleRounds);
    code.label('.round');
    readCounter(nucleus);
    code.mov(r14, rax);
    code.call('reference_ticks');
    code.mov(registers.r15d, eax);
    code.mov(edi, lapic.currentCount);
    code.call('lapic_read');
    code.mov(dword(rsp), eax);
    readCounter(nucleus);
    code.mov(rcx, rax);
    code.sub(rcx, r14);
    code.cmp(rcx, r13);
    code.jae('.worse');
    code.mov(r13, rcx);
    code.mov(qword(rbx), r15);
    code.mov(qword(rbx, 8), rax);
    code.mov(eax, dword(rsp));
    code.mov(qword(rbx, 16), rax);
    code.label('.worse');
    code.dec(registers.r12d);
    code.jne('.round');
  });
}

/** rax = the time-stamp counter. Changes rdx. */
function readCounter({ code }: NucleusCode): void {
  code.rdtsc();
  code.shl(rdx, 32);
  code.or(rax, rdx);
}

/**
 * clock_start(): measures against the first reference clock that there is and that counts, and
 * fills the factors.
 */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('counter_at_boot', 8);
  // Nanoseconds of one tick of the time-stamp counter, times 2^32.
  nucleus.variable('ns_per_count', 8);
  nucleus.variable('counter_mhz', 8);
  nucleus.procedure('clock_start', { saves: [rbx] }, () => {
    code.xor(ebx, ebx);
    code.label('.reference');
    code.mov(edi, ebx);
    code.call('clock_measure');
    code.test(rax, rax);
    code.jne('.return');
    code.inc(ebx);
    code.cmp(ebx, referenceCount);
    code.jne('.reference');
    nucleus.fail('no clock to measure by: neither HPET nor PM timer nor PIT counts');
  });
  // clock_measure(edi: reference clock) -> rax: nanoseconds that were measured, 0 for a failure
  nucleus.procedure('clock_measure', { saves: [rbx, r12, r13, r14], locals: 48 }, () => {
    code.mov(r14, rdi);
    code.mov(ebx, attempts);
    code.label('.attempt');
    code.mov(rdi, r14);
    code.call('reference_start');
    code.test(eax, eax);
    code.je('.none');
    code.mov(edi, lapic.initialCount);
    code.mov(esi, -1);
    code.call('lapic_write');
    code.mov(rdi, rsp);
    code.call('clock_sample');
    waitForTicks(nucleus);
    code.lea(rdi, memory(rsp, 24));
    code.call('clock_sample');
    code.call('reference_passed');
    code.test(eax, eax);
    code.je('.measured');
    code.dec(ebx);
    code.jne('.attempt');
    code.label('.still');
    nucleus.line('clock: ', { text: qword('clock_reference_name') }, ' does not count');
    code.label('.none');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.measured');
    // r12 = nanoseconds between the samples
    code.mov(eax, dword(rsp, 24));
    code.sub(eax, dword(rsp));
    code.and(eax, dword('reference_mask'));
    code.mul(qword('reference_femtoseconds'));
    code.mov(ecx, femtosecondsPerNanosecond);
    code.div(rcx);
    code.mov(r12, rax);
    setFactors(nucleus);
    code.mov(rax, r12);
  });
}

/** Waits until enough ticks have passed since the sample at [rsp]; `.still` when they do not. */
function waitForTicks(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.movabs(rax, BigInt(measuredFemtoseconds));
  code.xor(edx, edx);
  code.div(qword('reference_femtoseconds'));
  code.mov(r13, rax);
  readCounter(nucleus);
  code.mov(r12, rax);
  code.label('.tick');
  code.call('reference_ticks');
  code.sub(eax, dword(rsp));
  code.and(eax, dword('reference_mask'));
  code.cmp(eax, registers.r13d);
  code.jae('.ticked');
  readCounter(nucleus);
  code.sub(rax, r12);
  code.cmp(rax, countsMax);
  code.jb('.tick');
  code.jmp('.still');
  code.label('.ticked');
}

/** r12 nanoseconds passed between the samples at [rsp] and [rsp + 24]. */
function setFactors({ code }: NucleusCode): void {
  // ns_per_count = ns * 2^32 / counts
  code.mov(r13, qword(rsp, 32));
  code.sub(r13, qword(rsp, 8));
  code.mov(rax, r12);
  code.shl(rax, 32);
  code.xor(edx, edx);
  code.div(r13);
  code.mov(qword('ns_per_count'), rax);
  code.imul(rax, r13, 1000);
  code.xor(edx, edx);
  code.div(r12);
  code.mov(qword('counter_mhz'), rax);
  // The LAPIC counts down: counts_per_ns = counts * 2^32 / ns
  code.mov(rax, qword(rsp, 16));
  code.sub(rax, qword(rsp, 40));
  code.shl(rax, 32);
  code.xor(edx, edx);
  code.div(r12);
  code.mov(qword('timer_counts_per_ns'), rax);
  code.mov(ecx, timerPeriodNs);
  code.mul(rcx);
  code.shrd(rax, rdx, 32);
  code.mov(dword('timer_period_count'), eax);
}

function emitNow(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_now', {}, () => {
    readCounter(nucleus);
    code.mov(rdi, rax);
    code.call('clock_from_counter');
  });
  // clock_from_counter(rdi: time-stamp counter) -> nanoseconds since boot
  nucleus.procedure('clock_from_counter', {}, () => {
    code.mov(rax, rdi);
    code.sub(rax, qword('counter_at_boot'));
    code.mul(qword('ns_per_count'));
    code.shrd(rax, rdx, 32);
  });
  nucleus.procedure('host_wallClock', {}, () => code.mov(rax, qword('wall_clock')));
}

export function emitClock(nucleus: NucleusCode): void {
  emitSample(nucleus);
  emitStart(nucleus);
  emitNow(nucleus);
}
