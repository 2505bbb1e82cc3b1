/** DMA memory of drivers: QEMU's device `edu` copies through it, and the rules of its claims. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bootInQemu } from '../nucleus/testing/boot.ts';
import { noQemu, root, vbeam } from './command_line.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbeam-dma-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const program = join(root, 'tests', 'programs', 'dma_edu.erl');

test('a device copies through DMA memory, and claims of it end with their owners', {
  skip: noQemu(),
  timeout: 900_000,
}, async () => {
  const built = await vbeam(['build', program, '-o', join(folder, 'stick')]);
  assert.equal(built.status, 0, built.stderr);
  const file = (path: string) => readFileSync(join(folder, 'stick', path));
  const result = await bootInQemu({
    efi: file('EFI/BOOT/BOOTX64.EFI'),
    archive: file('VBEAM/BOOT.TAR'),
    devices: ['edu'],
    timeoutMs: 120_000,
  });
  const from = result.lines.indexOf('copied: true');
  assert.ok(from >= 0, result.text);
  assert.deepEqual(result.lines.slice(from, from + 7), [
    'copied: true',
    'fields: ["10","3210","76543210","FEDCBA9876543210"]',
    'pages: {0,4096}',
    'wrong: [badarg,badarg,badarg,badarg,badarg,badarg]',
    'foreign: not_owner',
    'all of it, twice: true',
    'zeroed: true',
  ]);
  assert.equal(result.status, 0);
});
