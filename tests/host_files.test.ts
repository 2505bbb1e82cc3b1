/**
 * Files of the host: the cases of tests/conformance/files/ in the host's /tmp have the results that
 * they have on erl. And what a mount does besides.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildBootArchive } from '../image/boot_archive.ts';
import type { Mount } from '../machine/host_files.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';

const here = join(import.meta.dirname, 'conformance');
const work = mkdtempSync(join(tmpdir(), 'vbeam-host-files-'));
after(() => rmSync(work, { recursive: true, force: true }));

let wasm: WebAssembly.Module;
before(async () => {
  wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
});

/** Compile into a folder of its own; returns the paths of the `.beam` files. */
function compile(name: string, sources: readonly string[]): string[] {
  const out = join(work, name);
  mkdirSync(out);
  execFileSync('erlc', ['-W0', '-o', out, ...sources], { stdio: 'inherit' });
  return readdirSync(out).map((file) => join(out, file));
}

/** What `module:main()` prints, with these folders mounted. */
async function run(beams: string[], module: string, mounts: Mount[]): Promise<string> {
  const program = { name: 'files', args: [], module, function: 'main', beams };
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm,
    archive: await buildBootArchive('application', program),
    memoryBytes: 256 << 20,
    seed: 0n,
    wallClockNs: BigInt(Date.now()) * 1_000_000n,
    mounts,
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  assert.equal(result.panic, undefined, `${result.panic}\n${text.slice(-4000)}`);
  return text;
}

function caseResults(text: string): Map<string, string> {
  const rows = [...text.matchAll(/^(\w+ \d+ .*?) => (.*)$/gmu)];
  return new Map(rows.map(([, name, result]) => [name!, result!]));
}

describe('cases in a mounted folder', () => {
  let want: Map<string, string>;
  let got: Map<string, string>;
  before(async () => {
    const folder = join(here, 'files');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.erl'));
    const list = join(work, 'conformance_list.erl');
    const modules = sources.map((name) => name.replace('.erl', '')).join(', ');
    writeFileSync(
      list,
      `-module(conformance_list).\n-export([modules/0]).\nmodules() -> [${modules}].\n`,
    );
    const runner = join(here, 'runner', 'conformance_cases.erl');
    const beams = compile('cases', [...sources.map((name) => join(folder, name)), runner, list]);
    const code = 'conformance_cases:main(), halt().';
    const args = ['-noshell', '-pa', join(work, 'cases'), '-eval', code];
    want = caseResults(execFileSync('erl', args, { encoding: 'utf8', maxBuffer: 64 << 20 }));
    // The same path in the host: absolute links lead where they lead for erl.
    const mounts = [{ host: '/tmp', guest: '/tmp' }];
    got = caseResults(await run(beams, 'conformance_cases', mounts));
  });

  function assertAsOnErl(results: ReadonlyMap<string, string>): void {
    assert.ok(want.size > 60);
    const differing = [...want]
      .filter(([name, result]) => results.get(name) !== result)
      .map(([name, result]) => `${name}\n    erl:  ${result}\n    here: ${results.get(name)}`);
    assert.equal(differing.length, 0, differing.join('\n'));
  }

  test('have the results that they have on erl', () => assertAsOnErl(got));

  const named = process.env.VBEAM_ERL;
  test('and so they have in the executable that VBEAM_ERL names', {
    skip: named ? false : 'VBEAM_ERL names no executable',
  }, () => {
    const args = ['-noshell', '-pa', join(work, 'cases')];
    const code = 'conformance_cases:main(), halt().';
    const options = { encoding: 'utf8', maxBuffer: 64 << 20 } as const;
    assertAsOnErl(caseResults(execFileSync(named as string, [...args, '-eval', code], options)));
  });
});

const program = `
-module(mounted).
-export([main/0]).
main() ->
    R = [file:read_file("/host/in"), file:write_file("/host/out", "written"), file:list_dir("/ro"),
         file:read_file("/ro/in"), file:write_file("/ro/x", "x"), file:write_file("/ro/in", "x"),
         file:delete("/ro/in"), file:make_dir("/ro/d"), file:rename("/ro/in", "/ro/y"),
         file:rename("/ro/in", "/host/y"), file:make_symlink("a", "/ro/l"), file:change_mode("/ro/in", 8#600),
         file:open("/ro/in", [read, write]), element(4, element(2, file:read_file_info("/ro/in"))),
         file:read_file("/host/../host/in"), file:read_file("/host/../../tmp/none"),
         file:read_file("/host/../boot") =/= {error, enoent}, lists:member("host", element(2, file:list_dir("/"))),
         file:del_dir("/host"), file:rename("/host", "/h"), file:rename("/host/in", "/tmp/in"),
         file:copy("/host/in", "/tmp/in"), file:read_file("/tmp/in"), file:set_cwd("/host/sub"), file:get_cwd(),
         file:set_cwd(".."), file:get_cwd(), file:set_cwd(".."), file:get_cwd(), file:read_file("host/in"),
         file:make_link("/host/in", "/tmp/l"), file:read_file("/host/link"), file:read_file("/host/loop/loop/in")],
    io:format("~p~n", [R]).
`;

test('a mounted folder, and one that is read-only', async () => {
  const host = join(work, 'mounted');
  mkdirSync(join(host, 'sub'), { recursive: true });
  writeFileSync(join(host, 'in'), 'text');
  execFileSync('ln', ['-s', 'in', join(host, 'link')]);
  execFileSync('ln', ['-s', '.', join(host, 'loop')]);
  const only = join(work, 'read_only');
  mkdirSync(only);
  writeFileSync(join(only, 'in'), 'kept');
  const source = join(work, 'mounted.erl');
  writeFileSync(source, program);
  const text = await run(compile('mount', [source]), 'mounted', [
    { host, guest: '/host' },
    { host: only, guest: '/ro', readOnly: true },
  ]);
  const terms = /\[\{ok,<<"text">>\}[\s\S]*?\]\n/.exec(text)?.[0].replace(/\s+/g, '');
  const erofs = '{error,erofs}';
  assert.equal(
    terms,
    `[{ok,<<"text">>},ok,{ok,["in"]},{ok,<<"kept">>},${Array(6).fill(erofs).join(',')},` +
      `${erofs},${erofs},${erofs},read,{ok,<<"text">>},{error,enoent},true,true,` +
      '{error,ebusy},{error,ebusy},{error,exdev},{ok,4},{ok,<<"text">>},ok,{ok,"/host/sub"},' +
      'ok,{ok,"/host"},ok,{ok,"/"},{ok,<<"text">>},{error,exdev},{ok,<<"text">>},{ok,<<"text">>}]',
  );
  assert.equal(readFileSync(join(host, 'out'), 'utf8'), 'written');
  assert.equal(readFileSync(join(only, 'in'), 'utf8'), 'kept');
  assert.deepEqual(readdirSync(only), ['in']);
});
