/**
 * Modules of the running system are replaced: messages flow, states are carried over, what fails
 * falls back, and what is no module changes nothing. tests/upgrade/ has the programs.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import { bootKinds } from '../image/boot_file.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildKernel } from '../image/kernel.ts';
import { applicationFolder, otpProgram, otpRoot } from '../image/otp.ts';
import { prepareProgram } from '../image/program.ts';
import { releaseResource } from '../image/release_files.ts';
import {
  ownApplicationNames,
  systemApplications,
  systemResource,
  systemVersion,
} from '../image/system_files.ts';
import type { ArchiveFile } from '../image/tar.ts';
import { runProcess } from '../lib/run_process.ts';
import { runPc } from '../machine/pc.ts';
import { bootInQemu } from '../nucleus/testing/boot.ts';
import { buildVm } from '../tools/build_vm.ts';
import { noQemu, root } from './command_line.ts';

const slow = { timeout: 900_000 };
const folder = mkdtempSync(join(tmpdir(), 'vbeam-upgrade-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** For a message: what a program has printed, but for its lines. */
const withoutLines = (text: string): string =>
  text
    .replaceAll('\r', '')
    .replace(/^line .*\n/gm, '')
    .slice(-6000);

/** A source with changes, compiled. */
async function compiled(version: string, name: string, source: string): Promise<Uint8Array> {
  const place = join(folder, version);
  mkdirSync(place, { recursive: true });
  const path = join(place, `${name}.erl`);
  writeFileSync(path, source);
  const [beam] = await compileErlang([path], join(buildDir, 'upgrade'));
  return readFileSync(beam as string);
}

async function archive(): Promise<Uint8Array> {
  const program = await prepareProgram(
    join(root, 'tests', 'upgrade', 'upgrade_live.erl'),
    buildDir,
  );
  const source = readFileSync(join(root, 'tests', 'upgrade', 'counter.erl'), 'utf8');
  const files: ArchiveFile[] = [];
  for (const version of ['1', '2', '3', '4']) {
    const text = `-define(VERSION, ${version}).\n${source}`;
    const bytes = await compiled(version, 'counter', text);
    files.push({ path: `versions/${version}/counter.beam`, bytes });
    if (version === '1') files.push({ path: 'program/counter.beam', bytes });
  }
  const serial = readFileSync(join(root, 'os', 'vbeam', 'src', 'vbeam_serial.erl'), 'utf8');
  const bytes = await compiled(
    'serial',
    'vbeam_serial',
    serial.replace('-module(vbeam_serial).', '-module(vbeam_serial).\n-vsn("next").'),
  );
  files.push({ path: 'versions/serial/vbeam_serial.beam', bytes });
  return buildBootArchive(bootKinds(new Map(), program), program, { files });
}

const expected = [
  'version 1',
  'version 2, the same process: true',
  'version 2 after one that refuses',
  'refused: [refused,no_module,enoent,no_file,refused]',
  'version 2 after what is no module',
  'version 1 after the way back',
  'all counted: true',
  'version 2 after a failure, the same process: false',
  'serial driver: version "next"',
];

/** The numbers of the lines that a program has printed while its serial driver changed. */
const outputLines = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => Number(/^line (\d+) [a-z]{26}$/.exec(line)?.[1] ?? []) || []);
const sequence = Array.from({ length: 600 }, (_, index) => index + 1);

function check(text: string): void {
  const lines = text.replaceAll('\r', '').split('\n');
  const said = /^(version |refused: |all counted: |serial driver: )/;
  assert.deepEqual(
    lines.filter((line) => said.test(line)),
    expected,
    withoutLines(text),
  );
  const fellBack = 'counter failed after its upgrade, the old version is back: not_ready_yet';
  assert.ok(lines.includes(fellBack), withoutLines(text));
  assert.deepEqual(outputLines(lines), sequence);
}

const nextVersion = '0.2.0';

/** A folder NAME-VERSION/ebin of an application of ours. */
function placeApplication(name: string, version: string, files: Map<string, Uint8Array>): void {
  const ebin = join(folder, 'lib', `${name}-${version}`, 'ebin');
  mkdirSync(ebin, { recursive: true });
  for (const [file, bytes] of files) writeFileSync(join(ebin, file), bytes);
}

/** The sources of the system with a mark in the serial driver: version 0.2.0. */
async function nextSystem(): Promise<Map<string, Uint8Array>> {
  const sources = join(root, 'os', 'vbeam', 'src');
  const place = join(folder, 'next');
  mkdirSync(place, { recursive: true });
  const names = readdirSync(sources).filter((name) => /\.(erl|hrl)$/.test(name));
  for (const name of names) {
    const text = readFileSync(join(sources, name), 'utf8');
    const changed =
      name === 'vbeam_serial.erl'
        ? text.replace('-module(vbeam_serial).', '-module(vbeam_serial).\n-mark(next).')
        : text;
    writeFileSync(join(place, name), changed);
  }
  const paths = names.filter((name) => name.endsWith('.erl')).map((name) => join(place, name));
  const beams = await compileErlang(paths, join(buildDir, 'upgrade'), ['vbeam_driver.erl']);
  return new Map(beams.map((path) => [basename(path), readFileSync(path)]));
}

/** The release as systools packs it: our applications, a relup, a boot script. */
async function releaseTar(): Promise<Uint8Array> {
  const now = await systemApplications();
  for (const name of ownApplicationNames) {
    const own = now.filter(({ path }) => path.startsWith(`otp/lib/${name}-`));
    const files = new Map(own.map(({ path, bytes }) => [basename(path), bytes]));
    placeApplication(name, systemVersion, files);
  }
  const change = (way: string) =>
    `{"${systemVersion}",[{load_module,vbeam},{apply,{vbeam_upgrade,release,[${way},[vbeam_serial]]}}]}`;
  const appup = `{"${nextVersion}",[${change('up')}],[${change('down')}]}.\n`;
  const next = await nextSystem();
  next.set('vbeam.app', Buffer.from(systemResource(nextVersion)));
  next.set('vbeam.appup', Buffer.from(appup));
  placeApplication('vbeam', nextVersion, next);
  const otp = otpRoot();
  const folders = ['erts', 'kernel', 'stdlib', 'sasl'].map((name) =>
    basename(dirname(applicationFolder(otp, name))),
  );
  for (const version of [systemVersion, nextVersion]) {
    const others = ownApplicationNames.filter((name) => name !== 'vbeam');
    const own = [`vbeam-${version}`, ...others.map((name) => `${name}-${systemVersion}`)];
    writeFileSync(
      join(folder, `vbeam-${version}.rel`),
      releaseResource(version, [...folders, ...own]),
    );
  }
  const script = `
    Path = {path, ["lib/*/ebin"]},
    ok = systools:make_script("vbeam-${nextVersion}", [Path]),
    ok = systools:make_relup("vbeam-${nextVersion}", ["vbeam-${systemVersion}"],
                             ["vbeam-${systemVersion}"], [Path]),
    ok = systools:make_tar("vbeam-${nextVersion}",
                           [Path, {variables, [{"OTP", code:root_dir()}]}, {var_tar, omit}]),
    halt().`;
  const made = await runProcess(otpProgram('erl'), ['-noshell', '-eval', script], {
    cwd: folder,
    timeoutMs: 120_000,
  });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  return readFileSync(join(folder, `vbeam-${nextVersion}.tar.gz`));
}

test("OTP's release_handler makes the system another release, and back", slow, async () => {
  const program = await prepareProgram(join(root, 'tests', 'upgrade', 'release.erl'), buildDir);
  const files = [{ path: `versions/vbeam-${nextVersion}.tar.gz`, bytes: await releaseTar() }];
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module((await buildVm({ level: 1 })).wasm),
    archive: await buildBootArchive(bootKinds(new Map(), program), program, { files }),
    memoryBytes: 192 << 20,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { virtualNsMax: 300e9 },
  });
  const text = Buffer.concat(chunks).toString();
  assert.equal(result.status, 0, withoutLines(text));
  const lines = text.replaceAll('\r', '').split('\n');
  const said = /^(release |the same process)/;
  assert.deepEqual(
    lines.filter((line) => said.test(line)),
    [
      'release start: [{"0.1.0",permanent}], 0.1.0, [], vbeam-0.1.0',
      'release unpacked: [{"0.1.0",permanent},{"0.2.0",unpacked}], 0.1.0, [], vbeam-0.1.0',
      'release upgraded: [{"0.1.0",old},{"0.2.0",permanent}], 0.2.0, [next], vbeam-0.2.0',
      'release back: [{"0.1.0",permanent},{"0.2.0",old}], 0.1.0, [], vbeam-0.1.0',
      'the same process: true',
    ],
    withoutLines(text),
  );
  assert.deepEqual(outputLines(lines), sequence);
});

test('on the simulated PC', slow, async () => {
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module((await buildVm({ level: 1 })).wasm),
    archive: await archive(),
    memoryBytes: 128 << 20,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { virtualNsMax: 120e9 },
  });
  const text = Buffer.concat(chunks).toString();
  assert.equal(result.status, 0, withoutLines(text));
  check(text);
});

test('in QEMU', { ...slow, skip: noQemu() }, async () => {
  const kernel = await buildKernel(() => {});
  const result = await bootInQemu({
    efi: kernel.efi,
    archive: await archive(),
    machine: 'q35',
    timeoutMs: 600_000,
  });
  assert.equal(result.status, 0, withoutLines(result.text));
  check(result.text);
});
