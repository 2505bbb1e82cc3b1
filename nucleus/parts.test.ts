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
import { redirection } from '../tables/apic.ts';
import { vectors } from '../tables/memory_map.ts';
import { acpiImage, dmar, dsdt, fadt, hpetTable, madt, mcfg } from './testing/acpi_image.ts';
import { buildParts } from './testing/parts.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-parts-'));
after(() => rmSync(directory, { recursive: true }));
const program = join(directory, 'parts');

before(() => buildParts(program));

function run(...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
}

for (const seed of ['1', '2', '3']) {
  test(`the frame allocator agrees with a model on maps with overlaps, holes and nonsense, seed ${seed}`, () => {
    const result = run('frames', seed);
    assert.equal(result.stdout, 'frames are right\n');
    assert.equal(result.status, 0);
  });
}

for (const bytes of [0, 8, 39]) {
  test(`memory descriptors of ${bytes} bytes stop the boot`, () => {
    const result = run('descriptors', `${bytes}`);
    assert.equal(result.stdout, `nucleus: the firmware has memory descriptors of ${bytes} bytes\n`);
    assert.equal(result.status, 3);
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

const acpiTables = [
  dsdt,
  fadt(),
  madt(),
  hpetTable(0xfed0_0000),
  mcfg([0xc000_0000, 1, 0, 3], [0xb000_0000, 0, 0, 255]),
  dmar(0),
];

function imageFile(): string {
  const path = join(directory, 'acpi.bin');
  writeFileSync(path, acpiImage(acpiTables));
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
    processors: '2',
    pci_express: `${0xb000_0000}`,
    pci_express_buses: `${0xff00_0000}`,
  });
});

for (const seed of ['7', '8', '9']) {
  test(`20,000 corrupt sets of ACPI tables are read without a stray access or a hang, seed ${seed}`, () => {
    const result = run('corrupt', imageFile(), seed);
    assert.equal(result.signal, null, 'no fault');
    assert.equal(result.status, 0);
    const accepted = Number(/^accepted=(\d+)$/m.exec(result.stdout)?.[1]);
    assert.ok(accepted > 1000 && accepted < 20000, `${accepted} accepted`);
  });
}
