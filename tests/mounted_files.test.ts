/**
 * File systems that are mounted below the tree of names, on the simulated PC: the cases of
 * tests/conformance/files/ have the results that they have on erl, whatever is mounted at /tmp; and
 * what the checker of e2fsprogs says of an ext2 file system afterwards. tests/files/ has the
 * programs.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { buildBootArchive } from '../image/boot_archive.ts';
import { diskImage } from '../image/disk.ts';
import { runPc } from '../machine/pc.ts';
import { bootInQemu } from '../nucleus/testing/boot.ts';
import { buildVm } from '../tools/build_vm.ts';
import { noQemu, vbeam } from './command_line.ts';
import { type CaseResults, caseModules, caseResults, compileCases } from './conformance_run.ts';
import { corruptImages } from './files/corrupt_images.ts';

const programs = join(import.meta.dirname, 'files');
const work = mkdtempSync(join(tmpdir(), 'vbeam-mounted-files-'));
after(() => rmSync(work, { recursive: true, force: true }));

let wasm: WebAssembly.Module;
before(async () => {
  wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
});

/** What `module:main()` prints; the folder `host` of this machine is /host there. */
async function run(beams: string, module: string, host: string): Promise<string> {
  const program = {
    name: module,
    args: [],
    module,
    function: 'main',
    beams: readdirSync(beams).map((file) => join(beams, file)),
  };
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm,
    archive: await buildBootArchive('application', program),
    memoryBytes: 512 << 20,
    seed: 0n,
    wallClockNs: BigInt(Date.now()) * 1_000_000n,
    mounts: [{ host, guest: '/host' }],
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  assert.equal(result.panic, undefined, `${result.panic}\n${text.slice(-4000)}`);
  assert.match(text, /^application: ended with status 0$/m, text.slice(-4000));
  return text;
}

function compile(name: string, sources: readonly string[]): string {
  const out = join(work, name);
  mkdirSync(out, { recursive: true });
  execFileSync('erlc', ['-W0', '-o', out, ...sources], { stdio: 'inherit' });
  return out;
}

/** The checker finds nothing wrong, and changes nothing. */
function assertCheckerFindsNothing(image: string): void {
  const { status, stdout, stderr } = spawnSync('/usr/sbin/e2fsck', ['-fn', image], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
}

describe('cases on file systems that are mounted at /tmp', () => {
  let want: CaseResults;
  let beams: string;
  before(() => {
    const drivers = readdirSync(programs)
      .filter((name) => name.endsWith('_cases.erl'))
      .map((name) => join(programs, name));
    beams = compileCases(work, caseModules('files/'), drivers);
    const code = 'conformance_cases:main(), halt().';
    const args = ['-noshell', '-pa', beams, '-eval', code];
    want = caseResults(execFileSync('erl', args, { encoding: 'utf8', maxBuffer: 64 << 20 }));
  });

  function assertAsOnErl(got: CaseResults): void {
    assert.ok(want.size > 60);
    const differing = [...want]
      .filter(([name, result]) => got.get(name) !== result)
      .map(([name, result]) => `${name}\n    erl:  ${result}\n    here: ${got.get(name)}`);
    assert.equal(differing.length, 0, `${differing.length} differ\n${differing.join('\n')}`);
  }

  test('ext2 on a RAM disk', { timeout: 900_000 }, async () => {
    const host = join(work, 'host');
    mkdirSync(host);
    const text = await run(beams, 'block_cases', host);
    writeFileSync(join(work, 'block_cases.txt'), text);
    assertAsOnErl(caseResults(text));
    assert.match(text, /^faults: 0$/m);
    assert.match(text, /^open files: 0$/m);
    assertCheckerFindsNothing(join(host, 'disk.img'));
  });

  test('the tree of names itself', { timeout: 900_000 }, async () => {
    assertAsOnErl(caseResults(await run(beams, 'tree_cases', work)));
  });
});

describe('what is kept', () => {
  const sources = ['file_kills', 'block_devices', 'block_cases'];
  let beams: string;
  const host = join(work, 'kept');
  before(() => {
    mkdirSync(host);
    beams = compile(
      'programs',
      sources.map((name) => join(programs, `${name}.erl`)),
    );
  });

  test('no operation on files fails or is lost while services end', {
    timeout: 900_000,
  }, async () => {
    const text = await run(beams, 'file_kills', host);
    assert.match(text, /^killed 1000 times, operations \d+$/m, text.slice(-4000));
    assert.match(text, /^open files: 0$/m);
    assert.match(text, /^failed: \[\]$/m);
    assertCheckerFindsNothing(join(host, 'kills.img'));
    console.log(/^killed .*$/m.exec(text)?.[0]);
  });

  test('broken file systems give errors and nothing else', { timeout: 1_800_000 }, async () => {
    const count = Number(process.env.CORRUPT_IMAGES ?? '100');
    const { counts, harms } = await corruptImages(wasm, 1, count);
    assert.deepEqual(harms, []);
    const used = counts.get('used') ?? 0;
    assert.ok(used > 0 && used < count * 0.8, `${used} of ${count} were used`);
  });

  test('block devices', { timeout: 900_000 }, async () => {
    const image = diskImage(new Uint8Array(100), new Uint8Array(100));
    writeFileSync(join(host, 'disk'), image);
    const view = new DataView(image.buffer, image.byteOffset);
    // The first entry of the table is in block 2 (UEFI 2.10, table 5.6).
    const first = Number(view.getBigUint64(1024 + 32, true));
    const blocks = Number(view.getBigUint64(1024 + 40, true)) - first + 1;
    const sum = crc32(image.subarray(first * 512, first * 512 + 512));
    const text = await run(beams, 'block_devices', host);
    const rows = [...text.matchAll(/^([a-z_]+): (.*)$/gm)].map(([, name, value]) => [name, value]);
    const from = rows.findIndex(([name]) => name === 'add');
    const einval = '{error,einval}';
    const enodev = '{error,enodev}';
    assert.deepEqual(rows.slice(from, -1), [
      ['add', 'ok'],
      ['devices', '[slow]'],
      ['write', 'ok'],
      ['read', 'true'],
      ['scattered', 'true'],
      ['many', '[ok]'],
      ['order', '[0,1,2,3,4,5,6,7,8,9]'],
      ['most_at_once', '4'],
      ['passed_a_flush', '0'],
      ['outside', `[${einval},${einval},${einval},${einval},${enodev},{error,enoent}]`],
      ['tried_again', 'ok'],
      ['always_wrong', '{error,eio}'],
      ['silent', '{error,etimedout}'],
      ['and_again', 'ok'],
      ['killed', '[[ok,ok,ok,ok]]'],
      ['removed', enodev],
      ['devices', '[]'],
      ['remove', 'ok'],
      ['partitions', `[{1,${blocks}}]`],
      ['first_blocks', `[${sum}]`],
      ['behind', `[${einval},${einval},ok]`],
      ['second_table', 'true'],
      ['no_table', '1'],
    ]);
  });
});

/** What tests/files/operator.erl shows. */
const operatorRows = [
  ['/boot', '["boot","otp","program"]'],
  ['read-only', '[{error,erofs},{error,erofs}]'],
  ['same', 'true'],
  ['create', 'ok'],
  ['format', 'ok'],
  [
    'devices',
    '[{disk,#{block_bytes => 512,blocks => 16384,depth => 32,model => <<"memory">>,read_only => false}}]',
  ],
  ['folder', 'ok'],
  ['mount', 'ok'],
  ['again', '{error,ebusy}'],
  ['write', 'ok'],
  ['write after kills', 'ok'],
  ['read', '{ok,<<"one\\ntwo\\n">>}'],
  ['full', '{8,{error,enospc}}'],
  ['delete', 'ok'],
  ['busy', '{error,ebusy}'],
  ['close', 'ok'],
  ['link', '[ok,{ok,<<"one\\ntwo\\n">>}]'],
  ['link back', '[ok,{ok,<<"one\\ntwo\\n">>}]'],
  ['loop', '[ok,ok,{error,eloop}]'],
  ['across', '[{error,exdev},{error,exdev},{error,enoent},{error,enoent}]'],
  ['folders', '[ok,{ok,"/"},ok,ok,{ok,"/data/sub"},{ok,<<"one\\ntwo\\n">>},ok,{ok,"/"}]'],
  ['mount point', '[{error,ebusy},{error,ebusy}]'],
  ['sync', 'ok'],
  ['unmount', 'ok'],
  ['hidden', '{error,enoent}'],
  ['mount read-only', 'ok'],
  ['kept', '{ok,<<"one\\ntwo\\n">>}'],
  ['refused', `[${Array(7).fill('{error,erofs}').join(',')}]`],
  ['forced', 'ok'],
  ['and then', '[{error,eio},ok]'],
  [
    'no file system',
    `[ok,{error,einval},{error,enodev},{error,einval},{error,enoent},${Array(4).fill('{error,einval}').join(',')}]`,
  ],
  ['limit', 'ok'],
  ['written', '80'],
  ['others', '[ok,{error,enospc}]'],
  ['elsewhere', '[ok,ok]'],
  ['written again', '80'],
  ['gone', '[ok,{ok,[]},ok]'],
  ['destroy', 'ok'],
];

describe('what an operator does', () => {
  const source = join(programs, 'operator.erl');
  function assertRows(text: string): void {
    const names = new Set(operatorRows.map(([name]) => name));
    const rows = [...text.replaceAll('\r', '').matchAll(/^([a-z/ -]+): (.*)$/gm)]
      .map(([, name, value]) => [name!, value!])
      .filter(([name]) => names.has(name!));
    assert.deepEqual(rows, operatorRows, text.slice(-4000));
  }

  test('on the simulated PC', { timeout: 900_000 }, async () => {
    assertRows(await run(compile('operator', [source]), 'operator', work));
  });

  test('in QEMU', { skip: noQemu(), timeout: 1_800_000 }, async () => {
    const built = await vbeam(['build', source, '-o', join(work, 'stick')]);
    assert.equal(built.status, 0, built.stderr);
    const file = (path: string) => readFileSync(join(work, 'stick', path));
    const result = await bootInQemu({
      efi: file('EFI/BOOT/BOOTX64.EFI'),
      archive: file('VBEAM/BOOT.TAR'),
      timeoutMs: 300_000,
    });
    assertRows(result.text);
    assert.equal(result.status, 0);
  });
});
