/**
 * The wall clock at boot, in nanoseconds since 1970: what the firmware says, else what the
 * real-time clock says (MC146818A data sheet, tables/rtc), which is taken for UTC, else 0, which is
 * 1970. Both are checked: a time that no calendar has is no time.
 */
import { cmosPorts, RTC_A, RTC_B, RTC_D, rtc, rtcAfternoon } from '../tables/rtc.ts';
import { EFI_TIME, EFI_UNSPECIFIED_TIMEZONE } from '../tables/uefi.ts';
import { byte, dword, memory, qword, registers, word } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, ax, al, rbx, rcx, ecx, edx, rdi, edi, rsp, r8, r12, r13, r14 } = registers;

/** From 1970 on, and so that nanoseconds fit a signed word. */
const years = { first: 1970, last: 2261 } as const;
const minutesPerDay = 1440;

/** Fields of one byte with the range that a time has. */
const ranges = [
  [EFI_TIME.Month, 1, 12],
  [EFI_TIME.Day, 1, 31],
  [EFI_TIME.Hour, 0, 23],
  [EFI_TIME.Minute, 0, 59],
  [EFI_TIME.Second, 0, 59],
] as const;

/** wall_seconds(rdi: EFI_TIME) -> rax: seconds since 1970, 0 for what is no time. Keeps rdi. */
function emitSeconds(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('wall_seconds', {}, () => {
    code.movzx(eax, word(rdi, EFI_TIME.Year));
    code.sub(eax, years.first);
    code.cmp(eax, years.last - years.first);
    code.ja('.wrong');
    for (const [offset, least, most] of ranges) {
      code.movzx(eax, byte(rdi, offset));
      code.sub(eax, least);
      code.cmp(eax, most - least);
      code.ja('.wrong');
    }
    daysSinceEpoch(nucleus);
    for (const [offset, factor] of [
      [EFI_TIME.Hour, 24],
      [EFI_TIME.Minute, 60],
      [EFI_TIME.Second, 60],
    ] as const) {
      code.imul(rax, rax, factor);
      code.movzx(ecx, byte(rdi, offset));
      code.add(rax, rcx);
    }
    // The zone says how many minutes to add to local time for UTC.
    code.movsx(rcx, word(rdi, EFI_TIME.TimeZone));
    code.cmp(ecx, EFI_UNSPECIFIED_TIMEZONE);
    code.je('.return');
    code.lea(edx, memory(rcx, minutesPerDay));
    code.cmp(edx, 2 * minutesPerDay);
    code.ja('.wrong');
    code.imul(rcx, rcx, 60);
    code.add(rax, rcx);
    code.jns('.return');
    code.label('.wrong');
    code.xor(eax, eax);
  });
}

/**
 * rax = days since 1970-01-01. Years are counted from March, so that the leap day is the last of
 * its year: with y and m so counted, days = 365 y + y/4 - y/100 + y/400 + (153 m + 2)/5 + day - 1 -
 * 719468.
 */
function daysSinceEpoch({ code }: NucleusCode): void {
  const { r10, r11 } = registers;
  code.movzx(registers.r10d, word(rdi, EFI_TIME.Year));
  code.movzx(registers.r11d, byte(rdi, EFI_TIME.Month));
  code.sub(r11, 3);
  code.jae('.march');
  code.add(r11, 12);
  code.dec(r10);
  code.label('.march');
  code.imul(r8, r10, 365);
  for (const [divisor, sign] of [
    [4, 1],
    [100, -1],
    [400, 1],
  ] as const) {
    code.mov(rax, r10);
    code.xor(edx, edx);
    code.mov(ecx, divisor);
    code.div(rcx);
    if (sign > 0) code.add(r8, rax);
    else code.sub(r8, rax);
  }
  code.imul(rax, r11, 153);
  code.add(rax, 2);
  code.xor(edx, edx);
  code.mov(ecx, 5);
  code.div(rcx);
  code.add(rax, r8);
  code.movzx(ecx, byte(rdi, EFI_TIME.Day));
  code.lea(rax, memory(rax, { index: rcx, disp: -1 - 719468 }));
}

// ---- The real-time clock

/** Its registers and where their values go; the century comes last. */
const clockBytes = [rtc.seconds, rtc.minutes, rtc.hours, rtc.dayOfMonth, rtc.month, rtc.year];
const centuryAt = clockBytes.length;
const secondsOfDay = [
  EFI_TIME.Second,
  EFI_TIME.Minute,
  EFI_TIME.Hour,
  EFI_TIME.Day,
  EFI_TIME.Month,
];
/** Without a century: years below this are of the 21st. */
const pivotYear = 70;
const centuries = { first: 19, last: 22 } as const;
/** An update lasts 2 ms at most; a register takes a microsecond to read. */
const updateReads = 50_000;
/** The bytes are read until they are the same twice. */
const readAttempts = 8;

/** cmos_read(edi: register) -> eax. Keeps rsi and rdi. */
function emitRegister(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('cmos_read', {}, () => {
    code.mov(eax, edi);
    code.out(cmosPorts.index, al);
    code.in(al, cmosPorts.data);
    code.movzx(eax, al);
  });
}

/** rtc_bytes() -> rax: the bytes of the clock while it is not updated, -1 when it always is. */
function emitBytes(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('rtc_bytes', { saves: [rbx, r12] }, () => {
    code.mov(registers.r12d, updateReads);
    code.label('.busy');
    code.mov(rax, -1);
    code.sub(r12, 1);
    code.jb('.return');
    code.mov(edi, rtc.A);
    code.call('cmos_read');
    code.test(al, RTC_A.UIP);
    code.jne('.busy');
    code.mov(edi, dword('century_register'));
    code.call('cmos_read');
    code.mov(rbx, rax);
    for (const register of [...clockBytes].reverse()) {
      code.mov(edi, register);
      code.call('cmos_read');
      code.shl(rbx, 8);
      code.or(rbx, rax);
    }
    code.mov(rax, rbx);
  });
}

/**
 * rtc_seconds() -> rax: what the real-time clock says, 0 when there is none, when its battery is
 * empty, or when it says nonsense.
 */
function emitRtc(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('century_register', 4, 4);
  const saves = [rbx, r12, r13, r14];
  nucleus.procedure('rtc_seconds', { saves, locals: 16 + EFI_TIME.size }, () => {
    code.mov(edi, rtc.D);
    code.call('cmos_read');
    code.cmp(eax, RTC_D.VRT);
    code.jne('.wrong');
    code.mov(registers.r12d, readAttempts);
    code.label('.again');
    code.sub(r12, 1);
    code.jb('.wrong');
    code.call('rtc_bytes');
    code.mov(rbx, rax);
    code.call('rtc_bytes');
    code.cmp(rax, rbx);
    code.jne('.again');
    code.cmp(rax, -1);
    code.je('.wrong');
    code.mov(qword(rsp), rax);
    code.mov(edi, rtc.B);
    code.call('cmos_read');
    code.mov(r13, rax);
    // The bit of the afternoon is no part of the number.
    code.movzx(registers.r14d, byte(rsp, 2));
    code.test(r13, RTC_B.H24);
    code.jne('.day_of_24');
    code.and(byte(rsp, 2), ~rtcAfternoon & 0xff);
    code.label('.day_of_24');
    code.test(r13, RTC_B.DM);
    code.jne('.binary');
    for (let at = 0; at <= centuryAt; at++) fromBcd(nucleus, at);
    code.label('.binary');
    hoursOfTwelve(nucleus);
    fillTime(nucleus);
    code.call('wall_seconds');
    code.jmp('.return');
    code.label('.wrong');
    code.xor(eax, eax);
  });
}

/** The byte at [rsp + at] becomes binary. A century that is no number counts as none. */
function fromBcd({ code }: NucleusCode, at: number): void {
  code.movzx(eax, byte(rsp, at));
  code.mov(ecx, eax);
  code.and(ecx, 15);
  code.shr(eax, 4);
  for (const digit of [eax, ecx]) {
    code.cmp(digit, 9);
    code.ja(at === centuryAt ? '.no_century' : '.wrong');
  }
  code.imul(eax, eax, 10);
  code.add(eax, ecx);
  if (at === centuryAt) {
    code.jmp('.century_read');
    code.label('.no_century');
    code.xor(eax, eax);
    code.label('.century_read');
  }
  code.mov(byte(rsp, at), al);
}

/** Hours from 1 to 12, before or after noon, become hours from 0 to 23. */
function hoursOfTwelve({ code }: NucleusCode): void {
  code.test(r13, RTC_B.H24);
  code.jne('.hours_known');
  code.movzx(eax, byte(rsp, 2));
  code.lea(ecx, memory(rax, -1));
  code.cmp(ecx, 11);
  code.ja('.wrong');
  code.xor(ecx, ecx);
  code.cmp(eax, 12);
  code.cmove(eax, ecx);
  code.test(r14, rtcAfternoon);
  code.je('.morning');
  code.add(eax, 12);
  code.label('.morning');
  code.mov(byte(rsp, 2), al);
  code.label('.hours_known');
}

/** rdi = a time in UTC made of the bytes at [rsp]. */
function fillTime({ code }: NucleusCode): void {
  const time = (offset: number) => ({ disp: 16 + offset });
  code.movzx(eax, byte(rsp, clockBytes.indexOf(rtc.year)));
  code.cmp(eax, 99);
  code.ja('.wrong');
  code.movzx(ecx, byte(rsp, centuryAt));
  code.cmp(dword('century_register'), 0);
  code.je('.guess');
  code.lea(edx, memory(rcx, -centuries.first));
  code.cmp(edx, centuries.last - centuries.first);
  code.jbe('.century');
  code.label('.guess');
  code.mov(ecx, 20);
  code.mov(edx, 19);
  code.cmp(eax, pivotYear);
  code.cmovae(ecx, edx);
  code.label('.century');
  code.imul(ecx, ecx, 100);
  code.add(eax, ecx);
  code.mov(word(rsp, time(EFI_TIME.Year)), ax);
  for (const [at, offset] of secondsOfDay.entries()) {
    code.mov(al, byte(rsp, at));
    code.mov(byte(rsp, time(offset)), al);
  }
  code.mov(word(rsp, time(EFI_TIME.TimeZone)), 0);
  code.lea(rdi, memory(rsp, time(0)));
}

/** wall_clock_start(): where the firmware gave no time, with a clock that runs. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('wall_clock', 8);
  nucleus.procedure('wall_clock_start', { saves: [rbx] }, () => {
    code.cmp(qword('wall_clock'), 0);
    code.jne('.return');
    code.call('rtc_seconds');
    code.test(rax, rax);
    code.je('.none');
    code.imul(rbx, rax, 1_000_000_000);
    code.call('host_now');
    code.sub(rbx, rax);
    code.mov(qword('wall_clock'), rbx);
    code.jmp('.return');
    code.label('.none');
    nucleus.line('clock: no time from firmware or real-time clock; the wall clock begins in 1970');
  });
}

export function emitWallClock(nucleus: NucleusCode): void {
  emitSeconds(nucleus);
  emitRegister(nucleus);
  emitBytes(nucleus);
  emitRtc(nucleus);
  emitStart(nucleus);
}
