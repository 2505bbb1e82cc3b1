/**
 * Clocks of known frequency, against which time-stamp counter and local APIC are measured: the
 * HPET that the firmware's table names (IA-PC HPET specification 1.0a), the ACPI power-management
 * timer, and channel 2 of the PIT (Intel 8254).
 *
 *     reference_mask           u32, the bits that its counter has
 *     reference_femtoseconds   u64, the length of its tick
 *     clock_reference_name     u64, address of a text
 */
import {
  addressSpace,
  DESCRIPTION_HEADER,
  GAS,
  HPET,
  PM_TMR,
  tableBytesMax,
} from '../tables/acpi.ts';
import { GCAP_ID, GEN_CONF, hpet, hpetPeriodMax } from '../tables/hpet.ts';
import { pit } from '../tables/pit.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import { signatureNumber } from './acpi.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, al, ah, rbx, ecx, edx, dx, edi } = registers;

const femtosecondsPerSecond = 1e15;
const pmTimerMask = (1 << PM_TMR.bits) - 1;

interface ReferenceClock {
  readonly name: string;
  /** Sets it going, or jumps to `.none`. May change rbx. */
  readonly start: (nucleus: NucleusCode) => void;
  /** eax = its ticks, which count up. Changes rax, rcx, rdx. */
  readonly ticks: (nucleus: NucleusCode) => void;
  readonly mask: number;
  /** Null: `start` has set it. */
  readonly femtoseconds: number | null;
}

/** In the order of preference. */
const references: readonly ReferenceClock[] = [
  { name: 'HPET', start: startHpet, ticks: hpetTicks, mask: 0xffff_ffff, femtoseconds: null },
  {
    name: 'PM timer',
    start: startPmTimer,
    ticks: pmTimerTicks,
    mask: pmTimerMask,
    femtoseconds: Math.round(femtosecondsPerSecond / PM_TMR.hertz),
  },
  {
    name: 'PIT',
    start: startPit,
    ticks: pitTicks,
    mask: 0xffff,
    femtoseconds: Math.round(femtosecondsPerSecond / pit.hertz),
  },
];
export const referenceCount = references.length;

/** The table's address must be one that can be a block of registers, and what is there a block. */
function startHpet(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.mov(edi, signatureNumber(HPET.signature));
  code.call('acpi_find');
  code.test(rax, rax);
  code.je('.none');
  code.cmp(dword(rax, DESCRIPTION_HEADER.Length), HPET.size);
  code.jb('.unusable');
  code.cmp(byte(rax, HPET.BASE_ADDRESS + GAS.AddressSpaceId), addressSpace.memory);
  code.jne('.unusable');
  code.mov(rbx, qword(rax, HPET.BASE_ADDRESS + GAS.Address));
  code.test(rbx, rbx);
  code.je('.unusable');
  code.test(rbx, hpet.blockBytes - 1);
  code.jne('.unusable');
  code.mov(ecx, -tableBytesMax);
  code.cmp(rbx, registers.rcx);
  code.jae('.unusable');
  code.add(rbx, qword('direct_base'));
  code.mov(eax, dword(rbx, hpet.GCAP_ID));
  code.test(al, al);
  code.je('.unusable');
  code.mov(eax, dword(rbx, hpet.GCAP_ID + Number(GCAP_ID.COUNTER_CLK_PERIOD) / 8));
  code.lea(ecx, memory(rax, -1));
  code.cmp(ecx, hpetPeriodMax);
  code.jae('.unusable');
  code.mov(qword('reference_femtoseconds'), rax);
  code.mov(qword('hpet_address'), rbx);
  // Timers 0 and 1 leave the lines of PIT and real-time clock alone.
  code.mov(eax, dword(rbx, hpet.GEN_CONF));
  code.and(eax, ~Number(GEN_CONF.LEG_RT_CNF));
  code.or(eax, Number(GEN_CONF.ENABLE_CNF));
  code.mov(dword(rbx, hpet.GEN_CONF), eax);
  code.jmp('.started');
  code.label('.unusable');
  nucleus.line('HPET: neither table nor registers can be used');
  code.jmp('.none');
}

/** 32 bits suffice, and some counters have no more. */
function hpetTicks({ code }: NucleusCode): void {
  code.mov(rax, qword('hpet_address'));
  code.mov(eax, dword(rax, hpet.MAIN_CNT));
}

function startPmTimer({ code }: NucleusCode): void {
  code.cmp(dword('pm_timer_port'), 0);
  code.je('.none');
}

function pmTimerTicks({ code }: NucleusCode): void {
  code.mov(edx, dword('pm_timer_port'));
  code.in(eax, dx);
}

/** From all ones downwards, once; the output rises at 0. */
function startPit({ code }: NucleusCode): void {
  code.in(al, pit.gate);
  // Gate of channel 2 on, speaker off.
  code.and(al, ~pit.speaker & 0xff);
  code.or(al, pit.gateOn);
  code.out(pit.gate, al);
  for (const [port, value] of [
    [pit.control, pit.once],
    [pit.channel2, 0xff],
    [pit.channel2, 0xff],
  ] as const) {
    code.mov(al, value);
    code.out(port, al);
  }
}

function pitTicks({ code }: NucleusCode): void {
  code.mov(al, pit.latch);
  code.out(pit.control, al);
  code.in(al, pit.channel2);
  code.mov(ah, al);
  code.in(al, pit.channel2);
  code.xchg(al, ah);
  code.movzx(eax, registers.ax);
  code.not(eax);
}

/** reference_start(edi: number) -> eax: 1, or 0 when there is no such clock. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('clock_reference', 4, 4);
  nucleus.variable('reference_mask', 4, 4);
  nucleus.variable('reference_femtoseconds', 8);
  nucleus.variable('clock_reference_name', 8);
  nucleus.variable('hpet_address', 8);
  nucleus.procedure('reference_start', { saves: [rbx] }, () => {
    code.mov(dword('clock_reference'), edi);
    for (const [index, { name, start, mask, femtoseconds }] of references.entries()) {
      code.cmp(dword('clock_reference'), index);
      code.jne(`.not_${index}`);
      code.lea(rax, memory(nucleus.text(name)));
      code.mov(qword('clock_reference_name'), rax);
      code.mov(dword('reference_mask'), mask);
      if (femtoseconds !== null) code.mov(qword('reference_femtoseconds'), femtoseconds);
      start(nucleus);
      code.jmp('.started');
      code.label(`.not_${index}`);
    }
    code.label('.none');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.started');
    code.mov(eax, 1);
  });
}

/** reference_ticks() -> eax: a counter that goes up; keeps rsi, rdi and r8 to r11. */
function emitTicks(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('reference_ticks', {}, () => {
    for (const [index, { ticks }] of references.entries()) {
      code.cmp(dword('clock_reference'), index);
      code.jne(`.not_${index}`);
      ticks(nucleus);
      code.jmp('.return');
      code.label(`.not_${index}`);
    }
  });
  // reference_passed() -> eax: 1 when its counter may have come round.
  nucleus.procedure('reference_passed', {}, () => {
    code.cmp(
      dword('clock_reference'),
      references.findIndex(({ name }) => name === 'PIT'),
    );
    code.jne('.trusted');
    code.in(al, pit.gate);
    code.movzx(eax, al);
    code.and(eax, pit.output);
    code.jmp('.return');
    code.label('.trusted');
    code.xor(eax, eax);
  });
}

export function emitReferenceClocks(nucleus: NucleusCode): void {
  emitStart(nucleus);
  emitTicks(nucleus);
}
