/**
 * The loader against the installed OTP: every module loads, tables and MD5 are what erl says, and
 * damaged files do no harm.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { installedModules, otpRoot } from '../../image/otp.ts';
import { erlOutput, randomNumbers, startProbe } from './loader_probe.ts';

const probe = await startProbe();
const { vm } = probe;
vm.setAcceptUnimplemented(1);

/** Offsets in an instance: vm/modules.ts. */
const field = { md5: 8, functions: 44, functionCount: 48, exports: 68, exportCount: 72 };

const files = installedModules(otpRoot());
const instances = new Map<string, number>();
const word = (address: number) => probe.view().getUint32(address, true);

test('every module of the installed OTP loads', () => {
  // erts, kernel, stdlib, compiler and sasl of the smallest installation.
  assert.ok(files.length > 250, 'no OTP found');
  for (const path of files) instances.set(basename(path, '.beam'), probe.load(readFileSync(path)));
});

/** `name md5 functions exports` as the instance has them. */
function described(name: string, instance: number): string {
  const md5 = Buffer.from(
    probe.bytes().slice(instance + field.md5, instance + field.md5 + 16),
  ).toString('hex');
  const table = word(instance + field.exports);
  const exports = Array.from({ length: word(instance + field.exportCount) }, (_, i) => {
    const row = table + 16 * i;
    const info = vm.functionAt(word(row + 8));
    assert.equal(info, word(row + 8) - 16, 'an export is the entry of a function');
    assert.equal(word(info + 4), word(instance), 'func_info names the module');
    assert.equal(word(info + 8), word(row), 'func_info names the function');
    return `${probe.atom(word(row))}/${word(row + 4)}`;
  });
  return `${name} ${md5} ${word(instance + field.functionCount)} ${exports.sort().join(',')}`;
}

test('MD5, functions and exports of each module are those that beam_lib finds', () => {
  const lines = erlOutput(
    `io:setopts([{encoding,utf8}]),
     [begin
        {ok,{M,[{exports,E}]}} = beam_lib:chunks(F, [exports]),
        {ok,{M,Digest}} = beam_lib:md5(F),
        {ok,{M,[{"Code",<<_:128,NF:32,_/binary>>}]}} = beam_lib:chunks(F, ["Code"]),
        Names = lists:join(",", [io_lib:format("~ts/~w", [N,A]) || {N,A} <- E]),
        io:format("~ts ~s ~w ~ts~n", [M, binary:encode_hex(Digest), NF, Names])
      end || F <- init:get_plain_arguments()]`,
    files,
  )
    .trim()
    .split('\n');
  assert.equal(lines.length, files.length);
  for (const line of lines) {
    const [name = '', md5 = '', functions = '', exports = ''] = line.split(' ');
    const wanted = `${name} ${md5.toLowerCase()} ${functions} ${exports.split(',').sort().join(',')}`;
    assert.equal(described(name, instances.get(name)!), wanted);
  }
});

/**
 * Load `data` without making it current; the report when it was refused, '' when it was not. Memory
 * must come back.
 */
function tryLoad(data: Uint8Array): string {
  const before = [vm.atomCount.value, vm.exportCount.value, vm.funEntryCount.value].join();
  const allocated = vm.allocatedBytes.value;
  const instance = probe.with(data, (address, length) => vm.prepareModule(address, length));
  if (instance) vm.discardInstance(instance);
  const after = [vm.atomCount.value, vm.exportCount.value, vm.funEntryCount.value].join();
  if (before === after) assert.equal(vm.allocatedBytes.value, allocated, 'memory leaked');
  if (instance) return '';
  const report = probe.report();
  assert.match(report, /^(module .+|beam file): .*[^ ]$/);
  assert.doesNotMatch(report, /[\n\r]/);
  return report;
}

const victims = ['lists', 'gen_server', 'prim_zip', 'unicode_util', 'io_lib_format'].map((name) =>
  readFileSync(files.find((each) => basename(each, '.beam') === name)!),
);

test('every prefix of a module is refused with one line', () => {
  for (const data of [victims[0]!, victims[2]!])
    for (let length = 0; length < data.length; length++)
      assert.notEqual(tryLoad(data.subarray(0, length)), '');
});

test('mutated modules load or are refused with one line', () => {
  const random = randomNumbers(20_25);
  let refused = 0;
  const rounds = 1000;
  for (let round = 0; round < rounds; round++) {
    const data = Uint8Array.from(victims[round % victims.length]!);
    for (let changes = 1 + random(4); changes > 0; changes--)
      data[random(data.length)] = random(256);
    if (tryLoad(data)) refused++;
  }
  assert.ok(refused > rounds / 10, `only ${refused} of ${rounds} were refused`);
});
