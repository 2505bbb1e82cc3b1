/**
 * The parts of the nucleus that touch ports and model-specific registers, as a Linux program on
 * models of the devices (nucleus/testing/registers.c): local APIC in both modes, clocks that count
 * and that do not, real-time clocks, the ways to reset.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addressSpace, FADT, GAS } from '../tables/acpi.ts';
import { rtc } from '../tables/rtc.ts';
import {
  type AcpiTable,
  acpiImage,
  dmar,
  dsdt,
  fadt,
  hpetTable,
  madt,
} from './testing/acpi_image.ts';
import { buildRegisters } from './testing/registers.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-registers-'));
after(() => rmSync(directory, { recursive: true }));
const program = join(directory, 'registers');
before(() => buildRegisters(program));

let images = 0;
/** The file with these tables. */
function tables(...more: readonly AcpiTable[]): string {
  const path = join(directory, `tables_${images++}`);
  writeFileSync(path, acpiImage([dsdt, ...more]));
  return path;
}

function run(...args: readonly (string | number)[]): {
  lines: string[];
  values: Map<string, string>;
} {
  const result = spawnSync(program, args.map(String), { encoding: 'utf8', timeout: 60_000 });
  assert.equal(result.status, 0, `${result.signal} ${result.stdout}`);
  const lines = result.stdout.trimEnd().split('\n');
  return { lines, values: new Map(lines.map((line) => line.split('=') as [string, string])) };
}

const enabled = 0x800;
const x2apic = 0xc00;
const bsp = 0xfee0_0100;

describe('the local APIC', () => {
  const cases = [
    // What it is; CPUID says x2APIC; IA32_APIC_BASE before; DMAR; mode after.
    ['of an old processor', 0, bsp + enabled, null, 'xAPIC'],
    ['that was off', 0, bsp, null, 'xAPIC'],
    ['with x2APIC', 1, bsp + enabled, null, 'x2APIC'],
    ['with x2APIC that was off', 1, bsp, null, 'x2APIC'],
    ['that firmware left in x2APIC mode', 1, bsp + x2apic, null, 'x2APIC'],
    ['that firmware left in x2APIC mode, and asks for the other', 1, bsp + x2apic, 3, 'x2APIC'],
    ['whose firmware wants no x2APIC', 1, bsp + enabled, 3, 'xAPIC'],
    ['whose firmware does not mind x2APIC', 1, bsp + enabled, 1, 'x2APIC'],
  ] as const;
  for (const [what, feature, base, flags, mode] of cases) {
    test(`${what} works in ${mode} mode`, () => {
      const image = tables(fadt(), madt(), ...(flags === null ? [] : [dmar(flags)]));
      const { lines, values } = run('apic', image, feature, base, 7);
      assert.deepEqual(Object.fromEntries(values), {
        mode,
        base: mode === 'x2APIC' ? '0xc00' : '0x800',
        destination: '0x7000000',
        spurious: '0x1ff',
        lint0: '0x10000',
        lint1: '0x400',
        divide: '0x3',
        periodic: '0x20020',
        count: '62500',
        once: '0x20',
        count_once: '100',
        // An interrupt is ended by one write of 0, and by nothing else.
        ...(mode === 'x2APIC' ? { 'msr 0x80b': '0x0' } : {}),
        ended: '0',
        rings: '1',
        head: '16',
        processors: '2',
      });
      assert.equal(
        lines.filter((line) => line.startsWith('msr')).length,
        mode === 'x2APIC' ? 1 : 0,
      );
    });
  }

  test('with an identifier that no I/O APIC can name stops the boot', () => {
    const args = ['apic', tables(fadt(), madt()), '1', `${bsp + x2apic}`, '300'];
    const result = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(
      result.stdout,
      'nucleus: no I/O APIC reaches the processor with the identifier 300\n',
    );
    assert.equal(result.status, 3);
  });
});

describe('the clock is measured', () => {
  const hpet = hpetTable(0xfed0_0000);
  const still = (name: string) => `clock: ${name} does not count`;
  const unusable = 'HPET: neither table nor registers can be used';
  const cases = [
    ['by the HPET', [hpet], '111', 'HPET', []],
    ['by the PM timer where there is no HPET', [], '111', 'PM timer', []],
    ['by the PM timer where the HPET stands still', [hpet], '011', 'PM timer', [still('HPET')]],
    [
      'by the PIT when nothing else counts',
      [hpet],
      '001',
      'PIT',
      [still('HPET'), still('PM timer')],
    ],
    [
      'by the PM timer where the HPET has ports',
      [hpetTable(0x1000, 1)],
      '111',
      'PM timer',
      [unusable],
    ],
    [
      'by the PM timer where no HPET is at its address',
      [hpetTable(0xfec0_0000)],
      '111',
      'PM timer',
      [unusable],
    ],
    [
      'by the PM timer where the HPET is far away',
      [hpetTable(2 ** 40)],
      '111',
      'PM timer',
      [unusable],
    ],
  ] as const;
  for (const [what, more, counting, reference, complaints] of cases) {
    test(what, () => {
      const { lines, values } = run('clock', tables(fadt(), ...more), ...counting);
      assert.equal(values.get('reference'), reference);
      assert.deepEqual(
        lines.filter((line) => !line.includes('=')),
        complaints,
      );
      // 10 ms and a microsecond or two for each reading; more when others took the processor.
      for (const name of ['error_ppm', 'timer_error_ppm']) {
        assert.ok(Number(values.get(name)) < 5000, `${name} ${values.get(name)}`);
      }
    });
  }

  test('by nothing, which stops the boot', () => {
    const args = ['clock', tables(fadt()), '0', '0', '0'];
    const result = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
    assert.match(result.stdout, /nucleus: no clock to measure by: .*\n$/);
    assert.equal(result.status, 3);
  });
});

describe('the real-time clock says', () => {
  const none = 'clock: no time from firmware or real-time clock; the wall clock begins in 1970';
  const century = fadt([FADT.CENTURY, 1, rtc.century]);
  /** Registers of 2026-11-27 23:05:59, in BCD and 24 hours unless said otherwise. */
  const clock = (values: Readonly<Partial<Record<keyof typeof rtc, number>>> = {}) => {
    const usual = { A: 0x26, B: 0x02, D: 0x80, century: 0x20, year: 0x26, month: 0x11 };
    const time = { dayOfMonth: 0x27, hours: 0x23, minutes: 0x05, seconds: 0x59 };
    const all: Readonly<Record<string, number>> = { ...usual, ...time, ...values };
    return Object.entries(all).flatMap(([name, value]) => [rtc[name as keyof typeof rtc], value]);
  };
  const cases = [
    ['BCD, 24 hours', century, 0, 0, clock(), '2026-11-27T23:05:59Z'],
    [
      'BCD, 12 hours, afternoon',
      century,
      0,
      0,
      clock({ B: 0, hours: 0x91 }),
      '2026-11-27T23:05:59Z',
    ],
    [
      'BCD, 12 hours, midnight',
      century,
      0,
      0,
      clock({ B: 0, hours: 0x12 }),
      '2026-11-27T00:05:59Z',
    ],
    ['BCD, 12 hours, noon', century, 0, 0, clock({ B: 0, hours: 0x92 }), '2026-11-27T12:05:59Z'],
    [
      'binary',
      ...([century, 0, 0] as const),
      clock({
        B: 6,
        century: 20,
        year: 26,
        month: 11,
        dayOfMonth: 27,
        hours: 23,
        minutes: 5,
        seconds: 59,
      }),
      '2026-11-27T23:05:59Z',
    ],
    [
      'a year of the last century',
      century,
      0,
      0,
      clock({ century: 0x19, year: 0x99 }),
      '1999-11-27T23:05:59Z',
    ],
    ['no century, after 2000', fadt(), 0, 0, clock({ century: 0x77 }), '2026-11-27T23:05:59Z'],
    ['no century, before 2000', fadt(), 0, 0, clock({ year: 0x85 }), '1985-11-27T23:05:59Z'],
    ['a century that is none', century, 0, 0, clock({ century: 0xff }), '2026-11-27T23:05:59Z'],
    [
      '29 February',
      century,
      0,
      0,
      clock({ year: 0x28, month: 0x02, dayOfMonth: 0x29 }),
      '2028-02-29T23:05:59Z',
    ],
    ['a time after the update', century, 200, 0, clock(), '2026-11-27T23:05:59Z'],
    [
      'the time after a minute ended while it was read',
      century,
      0,
      7,
      clock(),
      '2026-11-27T23:06:00Z',
    ],
    ['nothing when it is always updating', century, 1e9, 0, clock(), null],
    ['nothing when its battery is empty', century, 0, 0, clock({ D: 0 }), null],
    ['nothing when it is missing', century, 0, 0, [], null],
    ['nothing sensible: month 13', century, 0, 0, clock({ month: 0x13 }), null],
    ['nothing sensible: hour 13 of 12', century, 0, 0, clock({ B: 0, hours: 0x13 }), null],
    ['nothing sensible: minute 0x5a', century, 0, 0, clock({ minutes: 0x5a }), null],
    ['nothing sensible: a day 0', century, 0, 0, clock({ dayOfMonth: 0 }), null],
  ] as const;
  for (const [what, table, busy, tick, registers, expected] of cases) {
    test(what, () => {
      const { lines, values } = run('rtc', tables(table), busy, tick, ...registers);
      const seconds = expected === null ? 0 : Date.parse(expected) / 1000;
      assert.equal(Number(values.get('seconds')), seconds);
      assert.deepEqual(
        lines.filter((line) => !line.includes('=')),
        expected === null ? [none] : [],
      );
    });
  }

  for (const seed of [1, 2]) {
    test(`what a second opinion says, for 20,000 clocks full of garbage, seed ${seed}`, () => {
      const times = Number(run('rtc-random', seed).values.get('times'));
      assert.ok(times > 5000 && times < 19_000, `${times} times`);
    });
  }
});

describe('a reset', () => {
  const register = (space: number, address: number): AcpiTable =>
    fadt(
      [FADT.Flags, 4, 1 << FADT.RESET_REG_SUP],
      [FADT.RESET_REG + GAS.AddressSpaceId, 1, space],
      [FADT.RESET_REG + GAS.Address, 8, address],
      [FADT.RESET_VALUE, 1, 0x5a],
    );
  /** When the first way does not work: all others. */
  const rest = ['out8 0xcf9=0x2', 'out8 0xcf9=0x6', 'out8 0x64=0xfe', 'lidt', 'int3'];
  const cases = [
    ['without a register', fadt(), [], 0],
    ['by a port', register(addressSpace.io, 0x1234), ['out8 0x1234=0x5a'], 0],
    ['by memory', register(addressSpace.memory, 0x50_0000), [], 0x5a],
    ['by memory that is out of reach', register(addressSpace.memory, 2 ** 40), [], 0],
    [
      'by a configuration register: 00:1d.3, offset 0x42',
      register(addressSpace.pciConfiguration, 0x1d * 2 ** 32 + 3 * 2 ** 16 + 0x42),
      ['out32 0xcf8=0x8000eb40', 'out8 0xcfe=0x5a'],
      0,
    ],
    ['by an address space that we do not know', register(3, 0x1234), [], 0],
    ['whose flag is not set', fadt([FADT.RESET_REG + GAS.Address, 8, 0x1234]), [], 0],
  ] as const;
  for (const [what, table, first, memory] of cases) {
    test(`${what}, then all other ways`, () => {
      assert.deepEqual(run('reset', tables(table)).lines, [...first, ...rest, `memory=${memory}`]);
    });
  }
});
