/**
 * What is large is done in slices: while pauses are measured (vm/pauses.ts), every look at the
 * doorbell leaves the processor, and the scenarios of bench/latency/pauses.erl must be left so
 * often at least. This finds work that has lost its slices in a second; how many instructions a
 * slice has is measured by `make latency` (docs/pauses.md).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { programArchive, wrapper } from '../bench/native_vm.ts';
import { compileErlang } from '../image/erlang.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-pauses-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** Thousands of elements. */
const SCALE = 10;
/** Looks at the doorbell that a scenario has at least. */
const looks: Readonly<Record<string, number>> = {
  load_module: 7500,
  load_binary: 6800,
  collection: 3300,
  print_to_list: 28_000,
  exit_with_links: 8000,
  drop_table: 20_000,
  send: 900,
  exit_with_messages: 90,
  exit_with_heap: 70,
  ets_insert: 1000,
  ets_lookup: 540,
  ets_select: 700,
  ets_tab2list: 420,
  put_many: 21_000,
  process_list: 2000,
  purge: 20,
  move_literals: 2300,
  unwind: 60,
  map_compare: 250,
  persistent_put: 1000,
  subtract: 330,
  subtract_large: 3300,
  member_large: 250,
  key_large: 500,
  decode_line: 40,
  exit_large: 28_000,
  at_exit_reason: 52_000,
  timer_large: 3500,
  map_key_large: 3300,
  maps_from_list: 1650,
  map_from_binary: 5800,
  compressed_from_binary: 2900,
  string_to_binary: 260,
  deep_to_binary: 3300,
  map_to_binary: 330,
  iolist_to_iovec: 70,
  unicode_to_list: 350,
};

test('large work is left often enough', async (t) => {
  const folder = join(import.meta.dirname, '..', 'bench', 'latency');
  const modules = ['pauses', 'pauses_terms', 'pauses_purged'];
  const sources = modules.map((name) => join(folder, `${name}.erl`));
  const beams = await compileErlang(sources, work);
  const call = `pauses:run(${SCALE}, [${Object.keys(looks).join()}])`;
  beams.push(await wrapper(work, 'pauses_main', call));
  const { wasm } = await buildVm({ level: 1 });
  let text = '';
  runPc({
    wasm: new WebAssembly.Module(new Uint8Array(wasm)),
    archive: await programArchive('pauses_main', beams),
    memoryBytes: 1 << 29,
    seed: 1n,
    onSerial: (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    },
  });
  const found = new Map(
    [...text.matchAll(/^\{pause,(\w+),\d+,(\d+),/gm)].map((match) => [match[1], Number(match[2])]),
  );
  for (const [name, least] of Object.entries(looks)) {
    const count = found.get(name);
    t.diagnostic(`${name}: ${count} looks`);
    assert.ok(count !== undefined, `${name} did not end:\n${text}`);
    assert.ok(count >= least, `${name} looks ${count} times at the doorbell, less than ${least}`);
  }
});
