/**
 * PCI: buses and what is on them, drivers that are started for what they fit, interrupts by
 * messages, cards that come and go. On the simulated PC, in QEMU with and without configuration
 * space in memory, and the scan alone on corrupt spaces. tests/pci/ has the programs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { bootKinds } from '../image/boot_file.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildKernel } from '../image/kernel.ts';
import { otpProgram } from '../image/otp.ts';
import { prepareProgram } from '../image/program.ts';
import { osModules } from '../image/system_files.ts';
import { runProcess } from '../lib/run_process.ts';
import { type PcOptions, runPc } from '../machine/pc.ts';
import { type BootOptions, type BootResult, bootInQemu } from '../nucleus/testing/boot.ts';
import { buildVm } from '../tools/build_vm.ts';
import { noQemu, root } from './command_line.ts';

const slow = { timeout: 900_000 };
const second = 1e9;
const driver = join(root, 'examples', 'edu.erl');

/** A program of tests/pci/ beside the driver of `edu`. */
async function archiveOf(name: string): Promise<Uint8Array> {
  const program = await prepareProgram(join(root, 'tests', 'pci', `${name}.erl`), buildDir);
  const [beam] = (await prepareProgram(driver, buildDir)).beams;
  return buildBootArchive(bootKinds(new Map(), program), program, {
    files: [{ path: 'program/edu.beam', bytes: readFileSync(beam as string) }],
  });
}

async function onPc(name: string, options: Partial<PcOptions>): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module((await buildVm({ level: 1 })).wasm),
    archive: await archiveOf(name),
    memoryBytes: 128 << 20,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { virtualNsMax: 120 * second },
    ...options,
  });
  const text = Buffer.concat(chunks).toString().replaceAll('\r', '');
  assert.equal(result.status, 0, text.slice(-4000));
  return text.split('\n');
}

async function inQemu(name: string, options: Partial<BootOptions>): Promise<BootResult> {
  const kernel = await buildKernel(() => {});
  const result = await bootInQemu({
    efi: kernel.efi,
    archive: await archiveOf(name),
    timeoutMs: 600_000,
    ...options,
  });
  assert.equal(result.status, 0, result.text.slice(-4000));
  return result;
}

/** What edu_load prints, wherever it runs. */
const served = (name: string) => [
  `drivers: ['${name}']`,
  '8! is 40320, 13! is 1932053504',
  'copied: true',
  'foreign: [{error,taken},{error,not_owner},{error,not_owner},taken,taken]',
  'all 48 requests answered',
  'served: true',
  'degraded: []',
  'owner: true',
];
const said =
  /^(drivers: |8! is|copied: |foreign: |all \d+ requests|served: |degraded: |owner: |driver |children )/;
const ownLines = (lines: readonly string[]) => lines.filter((line) => said.test(line));

for (const { messages, behindPort, name } of [
  { messages: 'msi', behindPort: false, name: 'edu@00:03.0' },
  { messages: 'msix', behindPort: true, name: 'edu@01:00.0' },
] as const) {
  test(
    `a driver with ${messages} and DMA is ended under load, and so is vbeam_pci`,
    slow,
    async () => {
      const card = { model: 'edu', messages, slot: 3, behindPort } as const;
      const lines = await onPc('edu_load', { pciCards: [card] });
      assert.deepEqual(ownLines(lines), served(name));
    },
  );
}

const hot = (name: string) => [
  `driver ${name}: 6! is 720`,
  'driver ended: {shutdown,removed}',
  'children left: []',
  'degraded: []',
];

test(
  'a card that comes is given addresses and a driver, which ends when it goes',
  slow,
  async () => {
    const times = { pluggedAtNs: 5 * second, pulledAtNs: 20 * second };
    const card = { model: 'edu', messages: 'msi', slot: 4, behindPort: true, ...times } as const;
    const lines = await onPc('pci_hot', { pciCards: [card] });
    assert.deepEqual(ownLines(lines), hot('edu@01:00.0'));
    assert.ok(lines.includes('pci: 01:00.0 has come'));
    assert.ok(lines.includes('pci: 01:00.0 has gone'));
  },
);

test('corrupt configuration spaces', slow, async () => {
  const model = join(root, 'tests', 'pci', 'scan_model.erl');
  const beams = [...(await osModules()), ...(await compileErlang([model], join(buildDir, 'pci')))];
  const folders = [...new Set(beams.map((path) => join(path, '..')))];
  const first = Number(process.env.PCI_FIRST ?? 1);
  const count = Number(process.env.PCI_COUNT ?? 1500);
  const result = await runProcess(
    otpProgram('erl'),
    [
      '-noshell',
      ...folders.flatMap((folder) => ['-pa', folder]),
      '-eval',
      `scan_model:main(${first}, ${count}), halt().`,
    ],
    { timeoutMs: 600_000 },
  );
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
  assert.match(result.stdout, new RegExp(`^${count} scans, \\d+ functions, \\d+ bridges followed`));
});

test('the example of docs/writing_a_driver.md is examples/edu.erl', () => {
  const document = readFileSync(join(root, 'docs', 'writing_a_driver.md'), 'utf8');
  const source = readFileSync(driver, 'utf8').trimEnd();
  const indented = source
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  assert.ok(document.includes(indented), 'the file and the document differ');
});

/**
 * `info pci` of QEMU's monitor as the lines of pci_list: addresses, ids, registers that have a
 * place.
 */
function listed(text: string): string[] {
  return text
    .split(/\n(?= +Bus )/)
    .flatMap((block) => {
      const place = /Bus +(\d+), device +(\d+), function (\d+):/.exec(block);
      const ids = /PCI device ([0-9a-f]{4}):([0-9a-f]{4})/.exec(block);
      if (!place || !ids) return [];
      const pattern =
        /BAR(\d): (?:32|64) bit (?:prefetchable )?memory at 0x([0-9a-f]+) \[0x([0-9a-f]+)\]/g;
      const ports = /BAR(\d): I\/O at 0x([0-9a-f]+) \[0x([0-9a-f]+)\]/g;
      const bars = [...block.matchAll(pattern), ...block.matchAll(ports)]
        .map(
          (match) => [Number(match[1]), BigInt(`0x${match[2]}`), BigInt(`0x${match[3]}`)] as const,
        )
        .filter(([, base, last]) => base > 0n && last > base)
        .sort(([a], [b]) => a - b)
        .map(([index, base, last]) => `{${index},${base},${last - base + 1n}}`);
      const [, bus, device, fn] = place;
      return [`function ${bus} ${device} ${fn} ${ids[1]}:${ids[2]} [${bars}]`];
    })
    .sort();
}

const cards = ['edu', 'e1000e', 'virtio-rng-pci'];
const machines = [
  {
    machine: 'q35',
    what: 'with configuration space in memory',
    // The first port leads to a bridge with a card behind it.
    devices: [
      'pcie-root-port,id=slot5,chassis=1,addr=5',
      'virtio-rng-pci,bus=slot5',
      'pci-bridge,id=bridge,chassis_nr=2,addr=6',
      'edu,bus=bridge,addr=3',
      'pci-testdev,bus=bridge,addr=4',
      ...cards,
    ],
  },
  { machine: 'pc', what: 'with ports only', devices: cards },
];

describe('in QEMU', { skip: noQemu() }, () => {
  for (const { machine, what, devices } of machines) {
    test(`${machine}, ${what}: the same is found as QEMU's monitor tells`, slow, async () => {
      const monitor = { command: 'info pci', after: 'listed', afterMs: 0 };
      const { lines, monitor: told } = await inQemu('pci_list', { machine, devices, monitor });
      const found = lines.filter((line) => line.startsWith('function ')).sort();
      assert.deepEqual(found, listed(told), told);
      assert.ok(found.length >= devices.length + 3);
      const from = lines.indexOf('msix: 4 vectors');
      assert.deepEqual(lines.slice(from, from + 3), [
        'msix: 4 vectors',
        'masked: nothing',
        'unmasked: message',
      ]);
    });
  }

  test('the driver of edu is ended under load, and so is vbeam_pci', slow, async () => {
    const { lines } = await inQemu('edu_load', { machine: 'q35', devices: ['edu,addr=3'] });
    assert.deepEqual(ownLines(lines), served('edu@00:03.0'));
  });

  test('a card is plugged into a slot and taken out again', slow, async () => {
    const { lines } = await inQemu('pci_hot', {
      machine: 'q35',
      devices: ['pcie-root-port,id=slot5,chassis=1,addr=5'],
      extra: ['-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'],
      monitor: [
        { command: 'device_add edu,bus=slot5,id=card', after: 'waiting', afterMs: 2_000 },
        { command: 'device_del card', after: 'working', afterMs: 2_000 },
      ],
    });
    assert.deepEqual(
      ownLines(lines).map((line) => line.replace(/@\d\d:/, '@N:')),
      hot('edu@N:00.0'),
    );
  });
});
