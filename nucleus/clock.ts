/**
 * Time: the time-stamp counter and the local APIC's timer, measured once against a clock of known
 * frequency, the ACPI power-management timer, or the PIT where there is none. Then now() is a
 * multiplication.
 */
import { PM_TMR } from '../tables/acpi.ts';
import { lapic } from '../tables/apic.ts';
import { timerPeriodNs } from '../tables/memory_map.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, al, rbx, rcx, ecx, rdx, edx, dx, rdi, rsp, r8, r9, r12, r13 } = registers;

/** How long we measure, in ticks of the reference: about 10 ms. */
const measuredTicks = Math.round(PM_TMR.hertz / 100);
const tickMask = (1 << PM_TMR.bits) - 1;
/** A sample is repeated, and the one with the least time between its two readings counts. */
const sampleRounds = 8;

/** Channel 2 of the PIT (Intel 8254), which counts down and raises bit 5 of port 0x61. */
const pit = { hertz: 1_193_182, count: 11_932, control: 0x43, channel2: 0x42, gate: 0x61 } as const;
const pitOneShot = 0xb0;

/**
 * clock_sample(rdi: 3 words) stores reference ticks, time-stamp counter and LAPIC count, read close
 * together.
 */
function emitSample(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('clock_sample', { saves: [rbx, r12, r13] }, () => {
    code.mov(r13, -1);
    code.mov(registers.r12d, sampleRounds);
    code.label('.round');
    readCounter(nucleus);
    code.mov(r8, rax);
    code.mov(edx, dword('pm_timer_port'));
    code.xor(eax, eax);
    code.test(edx, edx);
    code.je('.no_port');
    code.in(eax, dx);
    code.label('.no_port');
    code.and(eax, tickMask);
    code.mov(r9, rax);
    code.mov(rax, qword('lapic_address'));
    code.mov(ecx, dword(rax, lapic.currentCount));
    readCounter(nucleus);
    code.mov(rbx, rax);
    code.sub(rbx, r8);
    code.cmp(rbx, r13);
    code.jae('.worse');
    code.mov(r13, rbx);
    code.mov(qword(rdi), r9);
    code.mov(qword(rdi, 8), rax);
    code.mov(qword(rdi, 16), rcx);
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

/** clock_start(): measures, and fills the factors. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('counter_at_boot', 8);
  // Nanoseconds of one tick of the time-stamp counter, times 2^32.
  nucleus.variable('ns_per_count', 8);
  nucleus.variable('counter_mhz', 8);
  nucleus.procedure('clock_start', { saves: [rbx, r12, r13], locals: 48 }, () => {
    code.mov(rbx, qword('lapic_address'));
    code.mov(dword(rbx, lapic.initialCount), -1);
    code.cmp(dword('pm_timer_port'), 0);
    code.jne('.start');
    startPit(nucleus);
    code.label('.start');
    code.mov(rdi, rsp);
    code.call('clock_sample');
    code.mov(edx, dword('pm_timer_port'));
    code.test(edx, edx);
    code.je('.pit');
    code.label('.pm');
    code.in(eax, dx);
    code.sub(eax, dword(rsp));
    code.and(eax, tickMask);
    code.cmp(eax, measuredTicks);
    code.jb('.pm');
    code.jmp('.measured');
    code.label('.pit');
    code.in(al, pit.gate);
    code.test(al, 0x20);
    code.je('.pit');
    code.label('.measured');
    code.lea(rdi, memory(rsp, 24));
    code.call('clock_sample');
    // r12 = nanoseconds between the samples
    code.mov(eax, Math.round((pit.count * 1e9) / pit.hertz));
    code.cmp(dword('pm_timer_port'), 0);
    code.je('.known');
    code.mov(rax, qword(rsp, 24));
    code.sub(rax, qword(rsp));
    code.and(eax, tickMask);
    code.imul(rax, rax, 1_000_000_000);
    code.xor(edx, edx);
    code.mov(ecx, PM_TMR.hertz);
    code.div(rcx);
    code.label('.known');
    code.mov(r12, rax);
    setFactors(nucleus);
  });
}

function startPit({ code }: NucleusCode): void {
  code.in(al, pit.gate);
  // Gate of channel 2 on, speaker off.
  code.and(al, ~2 & 0xff);
  code.or(al, 1);
  code.out(pit.gate, al);
  for (const [port, value] of [
    [pit.control, pitOneShot],
    [pit.channel2, pit.count & 0xff],
    [pit.channel2, pit.count >> 8],
  ] as const) {
    code.mov(al, value);
    code.out(port, al);
  }
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
