/** The whole PC with small guests written in WebAssembly text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabtInit from 'wabt';
import { hostFunctions } from '../tables/host.ts';
import { linear, timerPeriodNs } from '../tables/memory_map.ts';
import { type PcOptions, type PcResult, runPc } from './pc.ts';

const wabt = await wabtInit();

const imports = hostFunctions
  .map(({ name, params, result }) => {
    const types = params.map((p) => ` (param ${p.type})`).join('');
    return `(import "host" "${name}" (func $${name}${types}${result ? ` (result ${result})` : ''}))`;
  })
  .join('\n');

/** A module with every host function imported; `body` is main's. */
function guest(body: string, functions = ''): WebAssembly.Module {
  const text = `(module ${imports} (import "env" "memory" (memory 64 65536))
    (func (export "main") (param $bytes i32) (param $archive i32) (param $length i32)
      (local $i i32) (local $t i64) ${body}) ${functions})`;
  const parsed = wabt.parseWat('guest.wat', text);
  try {
    return new WebAssembly.Module(parsed.toBinary({ write_debug_names: true }).buffer);
  } finally {
    parsed.destroy();
  }
}

function run(
  wasm: WebAssembly.Module,
  options: Partial<PcOptions> = {},
): PcResult & { readonly serial: string } {
  const bytes: number[] = [];
  const result = runPc({
    wasm,
    archive: new TextEncoder().encode('archive!'),
    memoryBytes: 8 << 20,
    seed: 7n,
    onSerial: (sent) => bytes.push(...sent),
    ...options,
  });
  return { ...result, serial: new TextDecoder().decode(Uint8Array.from(bytes)) };
}

test('main gets memory size and archive, prints it, and ends with a status', () => {
  const wasm = guest(`(call $debugWrite (local.get $archive) (local.get $length))
    (if (i32.ne (i32.rem_u (local.get $archive) (i32.const 4096)) (i32.const 0)) (then unreachable))
    (if (i32.ne (local.get $bytes) (i32.shl (memory.size) (i32.const 16))) (then unreachable))
    (call $power (i32.const 5))`);
  const result = run(wasm);
  assert.deepEqual([result.serial, result.status, result.ending.kind], ['archive!', 5, 'power']);
});

test('power(0) is a clean power-off', () => {
  assert.equal(run(guest('(call $power (i32.const 0))')).status, 0);
});

/** A driver in miniature: sends back what it receives, by interrupts, until it gets a dot. */
const echo = guest(
  `(if (call $grant (i32.const 0) (i64.const 0x3f8) (i64.const 8)) (then unreachable))
  (if (call $grant (i32.const 2) (i64.const 4) (i64.const 1)) (then unreachable))
  (call $portOut8 (i32.const 0x3f9) (i32.const 1))
  (loop $loop
    (call $wait (i64.const -1))
    (loop $drain (if (call $nextInterrupt (i32.const 96) (i64.const 0)) (then
      (if (i32.eq (i32.load (i32.const 96)) (i32.const 52)) (then (call $bytes)))
      (br $drain))))
    (br $loop))`,
  `(func $bytes (local $b i32)
    (loop $more
      (if (i32.and (call $portIn8 (i32.const 0x3fd)) (i32.const 1)) (then
        (local.set $b (call $portIn8 (i32.const 0x3f8)))
        (if (i32.eq (local.get $b) (i32.const 46)) (then (call $power (i32.const 1))))
        (call $portOut8 (i32.const 0x3f8) (local.get $b))
        (br $more))))
    (call $interruptUnmask (i32.const 52)))`,
);

const encode = (text: string) => new TextEncoder().encode(text);

test('serial input arrives by interrupts, at the speed of the line, and comes back', () => {
  const result = run(echo, {
    serialInput: [
      { atNs: 1_000_000, bytes: encode('hello ') },
      { atNs: 50_000_000, bytes: encode('world, which is longer than a FIFO.') },
    ],
  });
  assert.equal(result.serial, 'hello world, which is longer than a FIFO');
  assert.equal(result.status, 1);
  assert.ok(result.virtualNs > 50_000_000 + 34 * 86_806, `${result.virtualNs} ns`);
  assert.ok(result.virtualNs < 50_000_000 + 50 * 86_806, `${result.virtualNs} ns`);
});

test('a reader is asked when nothing else can happen, and its end leaves an idle machine', () => {
  const chunks = ['ab', 'c'].map(encode);
  const reader = { realTime: false, read: () => chunks.shift() ?? null };
  const result = run(echo, { serialReader: reader });
  assert.deepEqual([result.serial, result.ending.kind, result.status], ['abc', 'idle', null]);
});

test('the same run twice is the same to the last host call, and another seed is another run', () => {
  const wasm = guest(`(loop $more
      (i64.store (i32.const 1024) (call $entropy))
      (i32.store8 (i32.const 1024) (i32.add (i32.const 97) (call $choose (i32.const 0) (i32.const 26))))
      (call $debugWrite (i32.const 1024) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 20))))
    (call $power (i32.const 0))`);
  const first = run(wasm, { choices: 'seeded' });
  assert.deepEqual(run(wasm, { choices: 'seeded' }), first);
  const other = run(wasm, { choices: 'seeded', seed: 8n });
  assert.notEqual(other.digest, first.digest);
  assert.notEqual(other.serial, first.serial);
  assert.equal(run(wasm).serial, 'a'.repeat(20), 'without seeded choices the first one is taken');
});

test('time passes by reductions, port accesses and waiting, and the timer ticks', () => {
  const wasm = guest(`
    (if (i64.gt_u (call $now) (i64.const 1000)) (then unreachable))
    (call $wait (i64.const 5000000))
    (local.set $t (call $now))
    (if (i64.lt_u (local.get $t) (i64.const 5000000)) (then unreachable))
    (if (i64.gt_u (local.get $t) (i64.const 5001000)) (then unreachable))
    (if (i32.eqz (call $nextInterrupt (i32.const 96) (i64.const 100000))) (then unreachable))
    (if (i32.ne (i32.load (i32.const 96)) (i32.const 32)) (then unreachable))
    (call $power (i32.load (i32.const 100)))`);
  const result = run(wasm);
  const expected = Math.floor((5_000_000 + 100_000 * 25) / timerPeriodNs);
  assert.deepEqual([result.status, result.reductions], [expected, 100_000]);
});

test('what was not granted reads as ones and takes no writes', () => {
  const wasm = guest(`
    (if (i32.ne (call $portIn8 (i32.const 0x3f8)) (i32.const 0xff)) (then unreachable))
    (if (i32.ne (call $portIn16 (i32.const 0x3f8)) (i32.const 0xffff)) (then unreachable))
    (if (i32.ne (call $portIn32 (i32.const 0xcf8)) (i32.const -1)) (then unreachable))
    (call $portOut8 (i32.const 0x3f8) (i32.const 65))
    (call $portOut16 (i32.const 0x604) (i32.const 0x2000))
    (if (i64.ne (call $mmioRead (i64.const 0xfee00020) (i32.const 4)) (i64.const -1)) (then unreachable))
    (if (i32.ne (call $grant (i32.const 0) (i64.const 0x604) (i64.const 2)) (i32.const 1)) (then unreachable))
    (call $power (i32.const 9))`);
  const result = run(wasm);
  assert.deepEqual([result.status, result.serial, result.panic], [9, '', undefined]);
});

test('an interrupt rings the doorbell, and a revoked line is silent', () => {
  const wasm = guest(`
    (drop (call $grant (i32.const 0) (i64.const 0x3f8) (i64.const 8)))
    (drop (call $grant (i32.const 2) (i64.const 4) (i64.const 1)))
    (call $portOut8 (i32.const 0x3f9) (i32.const 2))
    (if (i32.ne (i32.load (i32.const ${linear.doorbell})) (i32.const 0x7fffffff)) (then unreachable))
    (if (i32.eqz (call $nextInterrupt (i32.const 96) (i64.const 0))) (then unreachable))
    (drop (call $portIn8 (i32.const 0x3fa)))
    (call $revoke (i32.const 2) (i64.const 4) (i64.const 1))
    (call $portOut8 (i32.const 0x3f8) (i32.const 65))
    (call $wait (i64.const 900000))
    (if (call $nextInterrupt (i32.const 96) (i64.const 0)) (then unreachable))
    (call $power (i32.const 3))`);
  const result = run(wasm);
  assert.deepEqual([result.status, result.serial, result.panic], [3, 'A', undefined]);
});

test('granted device memory is that of a device, in every width', () => {
  const wasm = guest(`
    (if (call $grant (i32.const 1) (i64.const 0xfed00000) (i64.const 0x400)) (then unreachable))
    (if (i64.ne (call $mmioRead (i64.const 0xfed00000) (i32.const 8)) (i64.const 0x009896808086a201)) (then unreachable))
    (if (i64.ne (call $mmioRead (i64.const 0xfed00004) (i32.const 4)) (i64.const 0x989680)) (then unreachable))
    (if (i64.ne (call $mmioRead (i64.const 0xfed00108) (i32.const 8)) (i64.const -1)) (then unreachable))
    (if (i64.ne (call $mmioRead (i64.const 0xfed003fc) (i32.const 8)) (i64.const -1)) (then unreachable))
    (if (i64.ne (call $mmioRead (i64.const 0xfed00000) (i32.const 3)) (i64.const -1)) (then unreachable))
    (if (call $grant (i32.const 2) (i64.const 16) (i64.const 1)) (then unreachable))
    (call $mmioWrite (i64.const 0xfed00100) (i32.const 4) (i64.const 0x2004))
    (call $mmioWrite (i64.const 0xfed00108) (i32.const 8) (i64.const 50000))
    (call $mmioWrite (i64.const 0xfed00010) (i32.const 4) (i64.const 1))
    (call $wait (i64.const -1))
    (if (i64.lt_u (call $now) (i64.const 500000)) (then unreachable))
    (if (i32.eqz (call $nextInterrupt (i32.const 96) (i64.const 0))) (then unreachable))
    (call $power (i32.load (i32.const 96)))`);
  const result = run(wasm);
  assert.deepEqual([result.status, result.panic], [64, undefined], 'line 16 has vector 64');
  assert.ok(result.virtualNs < 510_000, `${result.virtualNs} ns`);
});

/** Looks why it was reset, arms the watchdog of the LPC bridge and waits for ever. */
const unfed = guest(`
    (if (call $grant (i32.const 0) (i64.const 0x660) (i64.const 32)) (then unreachable))
    (if (call $grant (i32.const 1) (i64.const 0xfed1f410) (i64.const 4)) (then unreachable))
    (i32.store8 (i32.const 1024) (i32.add (i32.const 48) (call $portIn16 (i32.const 0x666))))
    (call $debugWrite (i32.const 1024) (i32.const 1))
    (if (i64.gt_u (call $now) (i64.const 1000000)) (then unreachable))
    (call $mmioWrite (i64.const 0xfed1f410) (i32.const 4) (i64.const 0))
    (call $portOut16 (i32.const 0x672) (i32.const 5))
    (call $portOut16 (i32.const 0x660) (i32.const 1))
    (call $wait (i64.const 1000000000))
    (if (i64.lt_u (call $now) (i64.const 1000000000)) (then unreachable))
    (loop $l (call $wait (i64.const -1)) (br $l))`);

test('a watchdog that nobody feeds resets, the next boot sees why, and time starts anew', () => {
  const reason = 'watchdog of the LPC bridge';
  const result = run(unfed, { restartsMax: 2 });
  assert.equal(result.serial, '066', 'SECOND_TO_STS and BOOT_STS from the second boot on');
  assert.deepEqual(result.ending, { kind: 'reset', reason });
  assert.deepEqual(result.resets, [reason, reason]);
  assert.equal(Math.round(result.virtualNs / 1e8), 180, 'three times 6 seconds');
  assert.deepEqual(run(unfed, { restartsMax: 2 }), result, 'the same every time');
  assert.equal(run(unfed, { restartsMax: 0 }).serial, '0');
});

test('discarded pages read as zero, partial pages stay', () => {
  const wasm = guest(`
    (i32.store8 (i32.const 0x110fff) (i32.const 1)) (i32.store8 (i32.const 0x111000) (i32.const 2))
    (i32.store8 (i32.const 0x111fff) (i32.const 3)) (i32.store8 (i32.const 0x112000) (i32.const 4))
    (call $discard (i32.const 0x110800) (i32.const 0x1900))
    (call $power (i32.add (i32.add (i32.load8_u (i32.const 0x110fff)) (i32.load8_u (i32.const 0x111000)))
      (i32.add (i32.load8_u (i32.const 0x111fff)) (i32.load8_u (i32.const 0x112000)))))`);
  assert.equal(run(wasm).status, 5);
});

test('a trap in the VM is a panic with the functions that were running', () => {
  const result = run(guest('(call $inner)', '(func $inner unreachable)'));
  assert.equal(result.ending.kind, 'panic');
  assert.match(
    result.panic ?? '',
    /^unreachable\n {2}at guest\S*inner 0x|^unreachable\n {2}at \S*inner/,
  );
});

test('a run ends at its limits', () => {
  const wasm = guest('(loop $l (drop (call $now)) (br $l))');
  const result = run(wasm, { limits: { virtualNsMax: 1_000_000 } });
  assert.deepEqual(result.ending, { kind: 'limit', limit: '1000000 virtual nanoseconds' });
});

test('an archive that does not fit is an error', () => {
  const archive = new Uint8Array(6 << 20);
  assert.throws(() => run(guest(''), { archive }), /does not fit into 8388608 bytes/);
});
