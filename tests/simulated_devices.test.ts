/** An Erlang program as the driver of the simulated PC's devices: interrupts, time, a reset. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileProgram, runOnOurs } from './program_runs.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-devices-'));
after(() => rmSync(work, { recursive: true }));

const expected = `
{hpet_period,10000000}
{hpet_status,2}
{hpet_in_time,true}
hpet_served
{date,[32,38,1,1,0]}
{updates,[{1,144},{2,144},{3,144}]}
{pm_timer,true}
{pci,631996550,142606336}
fed
{second_boot,2}
{cleared,0}
`;

test('HPET, clock, ACPI timer, PCI as memory, and a watchdog that resets', async () => {
  const path = join(import.meta.dirname, 'programs', 'simulated_devices.erl');
  const lines = await runOnOurs(compileProgram(work, path));
  // The second boot prints its lines, too.
  const own = lines.filter((line) => line !== '' && !/^BEAM Kernel|^[a-z ]+: /.test(line));
  assert.deepEqual(own, expected.trim().split('\n'));
});
