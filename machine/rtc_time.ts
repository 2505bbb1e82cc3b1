/**
 * Seconds since 1970 to and from the ten bytes of the real-time clock, in the four formats that
 * register B chooses: BCD or binary, 12 or 24 hours. MC146818A data sheet, tables 2 and 3.
 */
import { RTC_B, rtc, rtcAfternoon, rtcDontCare } from '../tables/rtc.ts';

const daySeconds = 86_400;
const msPerSecond = 1000;

const inBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
const fromBcd = (byte: number): number => (byte >> 4) * 10 + (byte & 15);

const encode = (registerB: number, value: number): number =>
  registerB & RTC_B.DM ? value : inBcd(value);
const decode = (registerB: number, byte: number): number =>
  registerB & RTC_B.DM ? byte : fromBcd(byte);

function encodeHours(registerB: number, hours: number): number {
  if (registerB & RTC_B.H24) return encode(registerB, hours);
  return encode(registerB, hours % 12 || 12) | (hours >= 12 ? rtcAfternoon : 0);
}

function decodeHours(registerB: number, byte: number): number {
  const hours = decode(registerB, byte & ~rtcAfternoon);
  if (registerB & RTC_B.H24) return hours;
  return (hours % 12) + (byte & rtcAfternoon ? 12 : 0);
}

/** Writes the clock's bytes. */
export function encodeTime(bytes: Uint8Array, seconds: number): void {
  const b = bytes[rtc.B] as number;
  const date = new Date(seconds * msPerSecond);
  bytes[rtc.seconds] = encode(b, date.getUTCSeconds());
  bytes[rtc.minutes] = encode(b, date.getUTCMinutes());
  bytes[rtc.hours] = encodeHours(b, date.getUTCHours());
  bytes[rtc.dayOfWeek] = encode(b, date.getUTCDay() + 1);
  bytes[rtc.dayOfMonth] = encode(b, date.getUTCDate());
  bytes[rtc.month] = encode(b, date.getUTCMonth() + 1);
  bytes[rtc.year] = encode(b, date.getUTCFullYear() % 100);
  bytes[rtc.century] = encode(b, Math.floor(date.getUTCFullYear() / 100));
}

/** What the clock's bytes say; bytes that are no date count on, as 31 February does. */
export function decodeTime(bytes: Uint8Array): number {
  const b = bytes[rtc.B] as number;
  const at = (register: number) => decode(b, bytes[register] as number);
  const hours = decodeHours(b, bytes[rtc.hours] as number);
  const date = new Date(0);
  date.setUTCFullYear(at(rtc.century) * 100 + at(rtc.year), at(rtc.month) - 1, at(rtc.dayOfMonth));
  date.setUTCHours(hours, at(rtc.minutes), at(rtc.seconds));
  return Math.floor(date.getTime() / msPerSecond);
}

/**
 * Seconds from the time of day `seconds` until the alarm bytes match, 1 to 86,400; null when they
 * never do.
 */
export function secondsToAlarm(bytes: Uint8Array, seconds: number): number | null {
  const b = bytes[rtc.B] as number;
  const matches = (alarm: number, byte: number) =>
    (alarm & rtcDontCare) === rtcDontCare || alarm === byte;
  const [s, m, h] = [rtc.secondsAlarm, rtc.minutesAlarm, rtc.hoursAlarm].map((at) => bytes[at]);
  const good = (alarm: number | undefined, count: number, code: (value: number) => number) =>
    Array.from({ length: count }, (_, value) => matches(alarm as number, code(value)));
  const goodSecond = good(s, 60, (value) => encode(b, value));
  const goodMinute = good(m, 60, (value) => encode(b, value));
  const goodHour = good(h, 24, (value) => encodeHours(b, value));
  const start = ((seconds % daySeconds) + daySeconds) % daySeconds;
  for (let passed = 1; passed <= daySeconds; ) {
    const time = (start + passed) % daySeconds;
    const [hour, minute, second] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
    // What cannot match is passed over as a whole.
    if (!goodHour[hour]) passed += 3600 - (time % 3600);
    else if (!goodMinute[minute]) passed += 60 - second;
    else if (!goodSecond[second]) passed++;
    else return passed;
  }
  return null;
}
