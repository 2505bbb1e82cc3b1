/** init:reboot/0 resets the machine, here and in QEMU, as often as a run allows. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { noQemu, root, vbeam } from './command_line.ts';

const program = join(root, 'tests', 'programs', 'reboot_once.erl');
const hosts = [
  { command: 'run', device: 'reset control register', skip: false },
  { command: 'qemu', device: '', skip: noQemu() },
] as const;

describe('init:reboot/0', { concurrency: 2 }, () => {
  for (const { command, device, skip } of hosts) {
    test(`vbeam ${command} boots again`, { skip, timeout: 900_000 }, async () => {
      const { stdout, stderr, status } = await vbeam([command, program]);
      const lines = stdout
        .replaceAll('\r', '')
        .split('\n')
        .filter((line) => /^(first|second) boot|^(reset|power off)$/.test(line));
      const second = `second boot: {${0xb000_0000},0,255}`;
      assert.deepEqual(lines, ['first boot', 'reset', second, 'power off'], stdout);
      assert.match(stderr, new RegExp(`vbeam: reset.*${device}, the machine boots again\n`));
      assert.equal(status, 7);
    });

    test(`vbeam ${command} --restarts 0 ends`, { skip, timeout: 900_000 }, async () => {
      const { stdout, stderr, status } = await vbeam([command, program, '--restarts', '0']);
      assert.match(stdout, /first boot\r?\n/);
      assert.doesNotMatch(stdout, /second boot/);
      assert.match(stderr, /the system stopped: reset/);
      assert.equal(status, 1);
    });
  }
});
