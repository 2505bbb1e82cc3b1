/**
 * The hardware watchdog: a guardian feeds it, a VM that hangs is reset, and the next boot says so.
 * In QEMU with each of the two devices.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bootInQemu } from '../nucleus/testing/boot.ts';
import { noQemu, root, vbeam } from './command_line.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbeam-watchdog-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const stick = join(folder, 'stick');
const program = join(root, 'tests', 'programs', 'hang_once.erl');

before(async () => {
  const built = await vbeam(['build', program, '-o', stick]);
  assert.equal(built.status, 0, built.stderr);
});

/** The lines that matter, of all boots. */
const told = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) =>
      /^(BEAM Kernel|watchdog: |fed by|reset by|no watchdog|the log has)/.test(line),
    );

const banner = 'BEAM Kernel v0.1.0 booting...';
const machines = [
  { name: 'iTCO', atom: 'tco', extra: ['-global', 'ICH9-LPC.noreboot=false'], devices: [] },
  { name: 'i6300esb', atom: 'esb', extra: [], devices: ['i6300esb'] },
];

describe('a VM that hangs', { skip: noQemu(), concurrency: 2 }, () => {
  for (const { name, atom, extra, devices } of machines) {
    test(`is reset by ${name}, and the next boot says so`, { timeout: 900_000 }, async () => {
      const result = await bootInQemu({
        efi: readFileSync(join(stick, 'EFI/BOOT/BOOTX64.EFI')),
        archive: readFileSync(join(stick, 'VBEAM/BOOT.TAR')),
        machine: 'q35',
        reboots: true,
        devices,
        extra,
        timeoutMs: 600_000,
      });
      assert.deepEqual(told(result.text), [
        banner,
        `watchdog: ${name}`,
        `fed by the guardian, now ${atom} is to bite`,
        banner,
        `watchdog: ${name}, which has reset the machine before this boot`,
        'the log has 1 line of the life before',
        `reset by ${atom}, and back`,
      ]);
      assert.equal(result.status, 0);
    });
  }

  test('a machine without a watchdog boots as well', { timeout: 900_000 }, async () => {
    const result = await bootInQemu({
      efi: readFileSync(join(stick, 'EFI/BOOT/BOOTX64.EFI')),
      archive: readFileSync(join(stick, 'VBEAM/BOOT.TAR')),
      machine: 'pc',
      timeoutMs: 300_000,
    });
    assert.deepEqual(told(result.text), [banner, 'watchdog: none', 'no watchdog']);
    assert.equal(result.status, 0);
  });
});
