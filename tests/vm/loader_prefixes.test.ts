/**
 * Files that end too early: every prefix of 20 modules is refused with one line, and gives its
 * memory back. So it is with the prefixes whose header claims no more than what is there, which the
 * loader reads up to the chunk that is cut, and with every prefix of the instructions.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { installedModules, otpRoot } from '../../image/otp.ts';
import { compiledVictims } from '../fuzz/victims.ts';
import { startProbe } from './loader_probe.ts';

const probe = await startProbe();
const { vm } = probe;
vm.setAcceptUnimplemented(1);

/** Modules of OTP, small and large: tables, servers, binaries, texts, arithmetic. */
const names = [
  'prim_zip',
  'lists',
  'gen_event',
  'orddict',
  'base64',
  'error_logger_file_h',
  'pool',
  'erl_bits',
  'random',
  'math',
  'dets_sup',
  'seq_trace',
  'error_handler',
  'erl_reply',
];

/** Of larger modules the prefixes of the instructions take too long: nearly all are read. */
const instructionBytesMax = 5000;

interface Module {
  readonly name: string;
  readonly file: Buffer;
}
const installed = installedModules(otpRoot());
const modules: readonly Module[] = [
  ...names.map((name) => {
    const path = installed.find((each) => basename(each, '.beam') === name);
    assert.ok(path, `${name} is not installed`);
    return { name, file: readFileSync(path) };
  }),
  ...compiledVictims().map(({ beam }, i) => ({ name: `victim ${i}`, file: Buffer.from(beam) })),
];

const counts = () => [vm.atomCount.value, vm.exportCount.value, vm.funEntryCount.value].join();
/** Loads what lies at `address`, without making it current; the report, '' when it was taken. */
function tryLoad(address: number, length: number): string {
  const before = counts();
  const allocated = vm.allocatedBytes.value;
  const instance = vm.prepareModule(address, length);
  if (instance) vm.discardInstance(instance);
  // Names that are new are kept.
  if (before === counts()) assert.equal(vm.allocatedBytes.value, allocated, 'memory leaked');
  return instance ? '' : probe.report();
}
function assertRefused(report: string, what: string): void {
  assert.match(report, /^(module .+|beam file): [^\n\r]*[^ \n\r]$/, what);
}

/** Where the data of a chunk begin, and how many bytes they are. */
function chunkPlace(file: Buffer, wanted: string): { at: number; size: number } {
  for (let at = 12; at < file.length; ) {
    const size = file.readUInt32BE(at + 4);
    if (file.toString('latin1', at, at + 4) === wanted) return { at: at + 8, size };
    at += 8 + ((size + 3) & ~3);
  }
  throw new Error(`no chunk ${wanted}`);
}

test('20 modules', () => assert.equal(modules.length, 20));

for (const { name, file } of modules) {
  test(`every prefix of ${name} is refused`, () => {
    probe.with(file, (address) => {
      for (let length = 0; length < file.length; length++)
        assertRefused(tryLoad(address, length), `${length} bytes`);
    });
  });

  // Chunks that may be missing stand at the end, so what is cut between two chunks may load.
  test(`every prefix of ${name} whose header is right loads or is refused`, () => {
    let refused = 0;
    probe.with(file, (address) => {
      for (let length = 12; length < file.length; length++) {
        probe.view().setUint32(address + 4, length - 8);
        const report = tryLoad(address, length);
        if (report) assertRefused(report, `${length} bytes`);
        if (report) refused++;
      }
    });
    assert.ok(refused > (file.length - 12) * 0.9, `only ${refused} of ${file.length} are refused`);
  });

  const { at, size } = chunkPlace(file, 'Code');
  if (size > instructionBytesMax) continue;
  test(`every prefix of the instructions of ${name} is refused`, () => {
    probe.with(file, (address) => {
      for (let cut = size - 1; cut >= 0; cut--) {
        // The chunk behind must begin where this one ends.
        const shorter = (cut + 3) & ~3;
        const whole = (size + 3) & ~3;
        const bytes = probe.bytes();
        bytes.set(file.subarray(at + whole), address + at + shorter);
        const length = file.length - whole + shorter;
        probe.view().setUint32(address + 4, length - 8);
        probe.view().setUint32(address + at - 4, cut);
        assertRefused(tryLoad(address, length), `${cut} bytes of instructions`);
      }
    });
  });
}
