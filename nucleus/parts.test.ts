/**
 * Parts of the nucleus as a Linux program (nucleus/testing/parts.c): quick, and with an outside
 * view of their memory.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FADT, MADT, madtEntry, RSDP } from '../tables/acpi.ts';
import { redirection } from '../tables/apic.ts';
import { vectors } from '../tables/memory_map.ts';
import { buildParts } from './testing/parts.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-parts-'));
after(() => rmSync(directory, { recursive: true }));
const program = join(directory, 'parts');

before(() => buildParts(program));

function run(...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
}

for (const seed of ['1', '2', '3']) {
  test(`the frame allocator agrees with a model on maps with overlaps and holes, seed ${seed}`, () => {
    const result = run('frames', seed);
    assert.equal(result.stdout, 'frames are right\n');
    assert.equal(result.status, 0);
  });
}

test('a frame that is freed twice stops the machine', () => {
  const result = run('free-twice');
  assert.match(result.stdout, /^nucleus: frame 0x\w+ was freed as native task but is free\n$/);
  assert.equal(result.status, 3);
});

test('a frame that is freed as what it is not stops the machine', () => {
  const result = run('free-wrong');
  assert.match(result.stdout, /^nucleus: frame 0x\w+ was freed as native task but is DMA\n$/);
  assert.equal(result.status, 3);
});

test('a million random operations on ranges agree with a model and leave no fragments', () => {
  const result = run('ranges', '11');
  assert.equal(result.stdout, 'ranges are right\n');
  assert.equal(result.status, 0);
});

test('objects of the kernel heap hold what is written to them, and slabs come back', () => {
  const result = run('objects', '5');
  assert.equal(result.stdout, 'objects are right\n');
  assert.equal(result.status, 0);
});

test('an object that is freed twice stops the machine', () => {
  const result = run('object-twice');
  assert.match(result.stdout, /^nucleus: object 0x\w+ was freed but is not in use\n$/);
  assert.equal(result.status, 3);
});

const base = 0x100000;
const at = { rsdp: 0, xsdt: 64, fadt: 320, dsdt: 832, madt: 1088 } as const;
const imageBytes = 1344;

/** RSDP, XSDT, FADT, DSDT and MADT as a PC has them. */
function acpiImage(): Buffer {
  const image = Buffer.alloc(imageBytes);
  const checksum = (start: number, length: number, place: number): void => {
    image[place] = 0;
    const sum = image.subarray(start, start + length).reduce((total, byte) => total + byte, 0);
    image[place] = -sum & 0xff;
  };
  const table = (start: number, signature: string, body: Buffer): void => {
    image.write(signature, start, 'latin1');
    image.writeUInt32LE(36 + body.length, start + 4);
    body.copy(image, start + 36);
    checksum(start, 36 + body.length, start + 9);
  };
  image.write(RSDP.signature, 0, 'latin1');
  image[RSDP.Revision] = 2;
  image.writeUInt32LE(36, RSDP.Length);
  image.writeBigUInt64LE(BigInt(base + at.xsdt), RSDP.XsdtAddress);
  checksum(0, 20, 8);
  checksum(0, 36, 32);
  const pointers = Buffer.alloc(24);
  for (const [index, start] of [at.dsdt, at.fadt, at.madt].entries()) {
    pointers.writeBigUInt64LE(BigInt(base + start), 8 * index);
  }
  table(at.xsdt, 'XSDT', pointers);
  const fadt = Buffer.alloc(244);
  for (const [offset, value] of [
    [FADT.DSDT, base + at.dsdt],
    [FADT.PM1a_CNT_BLK, 0x604],
    [FADT.PM1b_CNT_BLK, 0x704],
    [FADT.PM_TMR_BLK, 0x608],
  ] as const) {
    fadt.writeUInt32LE(value, offset - 36);
  }
  fadt.writeBigUInt64LE(BigInt(base + at.dsdt), FADT.X_DSDT - 36);
  table(at.fadt, 'FACP', fadt.subarray(0, 208));
  const s5 = [0x08, ...Buffer.from('_S5_'), 0x12, 0x08, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00];
  table(at.dsdt, 'DSDT', Buffer.from([...Buffer.from('padding _S5 '), ...s5, ...Buffer.alloc(40)]));
  const madt = Buffer.alloc(8 + madtEntry.ioApic.size + 2 * madtEntry.interruptSourceOverride.size);
  madt.writeUInt32LE(0xfee00000, MADT.LocalApicAddress - 36);
  madt.set([1, 12], 8);
  madt.writeUInt32LE(0xfec00000, 8 + madtEntry.ioApic.address);
  // Line 9 level and active high, line 16 edge and active high.
  for (const [index, line, flags] of [
    [0, 9, 0x0d],
    [1, 16, 0x05],
  ] as const) {
    const entry = 8 + 12 + 10 * index;
    madt.set([2, 10, 0, line], entry);
    madt.writeUInt32LE(line, entry + madtEntry.interruptSourceOverride.gsi);
    madt.writeUInt16LE(flags, entry + madtEntry.interruptSourceOverride.flags);
  }
  table(at.madt, 'APIC', madt);
  return image;
}

function imageFile(): string {
  const path = join(directory, 'acpi.bin');
  writeFileSync(path, acpiImage());
  return path;
}

test('power ports, sleep type and interrupt lines are read from the ACPI tables', () => {
  const result = run('acpi', imageFile());
  const values = Object.fromEntries(
    result.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('=')),
  );
  assert.deepEqual(values, {
    pm_timer_port: `${0x608}`,
    pm1a: `${0x604}`,
    pm1b: `${0x704}`,
    s5_type: `${0x8000_0000 + 5 + 256}`,
    io_apics: '1',
    gsi4: `${vectors.vectorOfGsi0 + 4}`,
    gsi9: `${(vectors.vectorOfGsi0 + 9) | redirection.level}`,
    gsi16: `${vectors.vectorOfGsi0 + 16}`,
  });
});

test('20,000 corrupt sets of ACPI tables are read without a stray access or a hang', () => {
  const result = run('corrupt', imageFile(), '7');
  assert.equal(result.signal, null, 'no fault');
  assert.equal(result.status, 0);
  const accepted = Number(/^accepted=(\d+)$/m.exec(result.stdout)?.[1]);
  assert.ok(accepted > 1000 && accepted < 20000, `${accepted} accepted`);
});
