/**
 * Debian's kernel modules on plain erl, unmodified: what they compute equals its definition (Node's
 * own hashes and ciphers, published vectors, `iconv`), what no module should do ends its process
 * alone, and mutated files are refused or end. The same cases run in QEMU, fewer of them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { noQemu, systemLines, vbeam } from '../command_line.ts';
import {
  buildForErl,
  buildHostile,
  kernelOrReason,
  onErl,
  writeModules,
} from './kernel_modules.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-modules-'));
after(() => rmSync(work, { recursive: true, force: true }));
const kernel = await kernelOrReason();
const skip = typeof kernel === 'string' ? kernel : false;
const folder = join(work, 'modules');
const options = `#{folder => "${folder}"}`;

const modules = [
  ...['crc16', 'crc7', 'crc_itu_t', 'lz4_compress', 'bch', 'sha3_generic', 'ghash_generic'],
  ...['sha512_generic', 'rmd160', 'md4', 'blake2b_generic', 'wp512', 'streebog_generic'],
  ...['crc32_generic', 'crc32c_generic', 'crct10dif_generic', 'michael_mic', 'twofish_generic'],
  ...['serpent_generic', 'camellia_generic', 'blowfish_generic', 'cast5_generic'],
  ...['cast6_generic', 'des_generic', 'fcrypt', 'lz4'],
  ...['libcrc32c', 'crc_t10dif', 'ts_kmp', 'ts_bm'],
  ...['tcp_scalable', 'tcp_highspeed', 'tcp_bic'],
];
const devices = ['raid6_pq', 'hangcheck_timer', 'cpuid', 'ttyprintk', 'dummy', 'brd'];
const small = [
  'ghash_generic',
  'crc16',
  'crc7',
  'crc_itu_t',
  'lz4_compress',
  'bch',
  'sha3_generic',
];
/** Tables that stand on another one, which is loaded first. */
const onOthers = /^nls_(euc_jp|koi8_ru|utf8)$/;
const characterTables = (): string[] =>
  typeof kernel === 'string'
    ? []
    : [...kernel.modules.keys()]
        .filter((name) => /^(nls_|mac_)/.test(name) && !onOthers.test(name))
        .sort();

const upper = (bytes: Buffer): string => `<<"${bytes.toString('hex').toUpperCase()}">>`;
const data = Buffer.from(Array.from({ length: 1000 }, (_, i) => ((i + 1) * 13) & 255));

/** Hashes as the cases print them. */
function hashLine(module: string, algorithms: Readonly<Record<string, string>>): string {
  const rows = Object.entries(algorithms).flatMap(([name, known]) =>
    [Buffer.from('abc'), data].map(
      (bytes) => `{<<"${name}">>,${upper(createHash(known).update(bytes).digest())}}`,
    ),
  );
  return `${module} [${rows.join(',')}]`;
}

/** A block encrypted without padding. */
function blockOf(cipher: string, keyBytes: number, text: string): string {
  const key = Buffer.from(Array.from({ length: keyBytes }, (_, i) => ((i + 1) * 17) & 255));
  const encrypt = createCipheriv(cipher, key, null).setAutoPadding(false);
  return upper(Buffer.concat([encrypt.update(text), encrypt.final()]));
}

/** GHASH of NIST SP 800-38D over whole blocks, bit by bit. */
function ghash(key: string, blocks: Buffer): string {
  const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
  const h = number(Buffer.from(key));
  let sum = 0n;
  for (let at = 0; at < blocks.length; at += 16) {
    let x = sum ^ number(blocks.subarray(at, at + 16));
    sum = 0n;
    let v = h;
    for (let bit = 127n; bit >= 0n; bit--) {
      if ((x >> bit) & 1n) sum ^= v;
      v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
    }
    x = sum;
  }
  return upper(Buffer.from(sum.toString(16).padStart(32, '0'), 'hex'));
}

const firstLines = [
  'crc16 {ok,47933}',
  'crc7_be {ok,234}',
  'crc_itu_t {ok,12739}',
  'lz4_compress {true,true}',
  'bch {4,true}',
  hashLine('sha3_generic', {
    'sha3-224': 'sha3-224',
    'sha3-256': 'sha3-256',
    'sha3-384': 'sha3-384',
    'sha3-512': 'sha3-512',
  }),
  `ghash_generic {[<<"gf128mul">>],${ghash('0123456789abcdef', data.subarray(0, 64))}}`,
];

const deviceLines = [
  /^raid6_pq \{<<"[0-9A-F]{32}">>,true,true\}$/,
  /^hangcheck_timer \{\[<<"hangcheck_timer: .*starting hangcheck timer 0.9.1 \(tick is 1 seconds/,
  /^cpuid \{<<"cpu\/0\/cpuid">>,<<"(GenuineIntel|AuthenticAMD|HygonGenuine|CentaurHauls)">>,<<"[ -~]+">>,\{error,-22\}\}$/,
  'ttyprintk {{ok,19},[<<"ttyprintk: [U] a line">>,<<"ttyprintk: [U] and another">>]}',
  'dummy {[0,0,0],[1500,3,180,3]}',
  'brd {[{<<"ram0">>,2048}],ok,true,{error,eio}}',
];

/** Names and ends of what no module should do. */
const isolationLines = [
  'hostile ok',
  'log [<<"hostile: hostile: begins -5 0xff    ab|x   |-0042 18446744073709551615 0000000000001234">>]',
  'no_function {error,{no_function,<<"no_such">>}}',
  'warned {{ok,7},<<"hostile: WARNING: hostile.c:77 at hostile:warned+0x0">>}',
  'unended {ok,41,[<<97,32,108,111,110,103,32,116,101,120,116,32,116,104,97,0,0>>]}',
  'exhausts {true,true}',
  'sets_direction ok',
  ...[
    ...[['bug', 'bug'] as const, ['unmarked', 'invalid_opcode'] as const],
    ...['wild_read', 'wild_write', 'null_call', 'kernel_half'].map(
      (name) => [name, 'page_fault'] as const,
    ),
    ...['disables_interrupts', 'halts', 'port', 'control_register'].map(
      (name) => [name, 'general_protection'] as const,
    ),
    ['divides', 'divide_error'] as const,
    ['recurses', 'page_fault'] as const,
    ['free_twice', 'not_allocated'] as const,
    ['free_wild', 'not_allocated'] as const,
    ['strange_call', 'system_call'] as const,
  ].map(([name, end]) => `${name} {${end},true,{ok,1}}`),
  'strange_call {{ok,65536},false,{ok,2}}',
  'strange_text {wild_pointer,true,{ok,1}}',
  'jumps_into_data {page_fault,true,{ok,1}}',
  'stack_leaves {page_fault,true,{ok,1}}',
  'loops {time_limit,true,{ok,1}}',
  'frames 0',
];

/**
 * Published: Schneier's Twofish and Blowfish, RFC 2144, RFC 2612, IEEE 802.11i; NESSIE for wp512.
 */
const hashAndCipherLines = [
  hashLine('sha512_generic', { sha384: 'sha384', sha512: 'sha512' }),
  hashLine('rmd160', { rmd160: 'ripemd160' }),
  /^md4 \[\{<<"md4">>,<<"A448017AAF21D8525FC10AE87AA6729D">>\}/,
  hashLine('blake2b_generic', { 'blake2b-512': 'blake2b512' }),
  /^wp512 \[\{<<"wp512">>,<<"4E2448A4C6F486BB16B6562C73B4020BF3043E3A731BCE721AE1B303D97E6D4C7181EEBDB6C57E277D0E34957114CBD6C797FC9D95D8B582D225292076D4EEF5">>\}/,
  /^streebog_generic \[\{<<"streebog256">>,<<"4E2919CF137ED41EC4FB6270C61826CC4FFFB660341E0AF3688CD0626D23B481">>\}/,
  /^crc32_generic \[\{<<"crc32">>,<<"D09865CA">>\}/,
  /^crc32c_generic \[\{<<"crc32c">>,<<"B73F4B36">>\}/,
  /^crct10dif_generic \[\{<<"crct10dif">>,<<"3B44">>\}/,
  'michael_mic <<"82925C1CA1D130B8">>',
  'twofish_generic {<<"9F589F5CF6122C32B6BFEC2F2AE8C35A">>,true}',
  /^serpent_generic \{<<"[0-9A-F]{32}">>,true\}$/,
  `camellia_generic {${blockOf('camellia-128-ecb', 16, 'sixteen bytes ok')},true}`,
  'blowfish_generic {<<"4EF997456198DD78">>,true}',
  'cast5_generic {<<"238B4FE5847E44B2">>,true}',
  'cast6_generic {<<"C842A08972B43D20836C91D1B7530F6B">>,true}',
  `des_generic {${blockOf('des-ede3', 24, '8 bytes.')},true}`,
  /^fcrypt \{<<"0E0900C73EF7ED41">>,true\}$/,
];

const otherLines = [
  'lz4 {true,true}',
  'libcrc32c {[<<"crc32c_generic">>],{ok,486108540}}',
  'crc_t10dif {ok,53467}',
  'ts_kmp [{ok,10},{ok,0},{ok,20},{ok,none}]',
  'ts_bm [{ok,10},{ok,0},{ok,20},{ok,none}]',
  // ssthresh and undo_cwnd for windows of 100 and 120: RFC 3649 and the papers of the algorithms.
  'tcp_scalable {ok,"Xx","d"}',
  'tcp_highspeed {ok,"2x","d"}',
  'tcp_bic {ok,"Ox","d"}',
];

function compare(lines: readonly string[], expected: readonly (string | RegExp)[]): void {
  for (const [index, line] of expected.entries())
    if (typeof line === 'string') assert.equal(lines[index], line);
    else assert.match(lines[index] ?? '', line);
  assert.equal(lines.length, expected.length);
}

before(async () => {
  if (typeof kernel === 'string') return;
  await writeModules(folder, [...modules, ...devices, ...characterTables()]);
  buildHostile(join(folder, 'hostile.ko'), kernel.release);
  buildForErl(work);
});

test('modules compute what they should, and end alone', { skip }, () => {
  const lines = onErl(work, `module_cases:main(all, ${options})`).trim().split('\n');
  compare(lines, [
    ...firstLines,
    ...hashAndCipherLines,
    ...deviceLines,
    ...otherLines,
    ...isolationLines,
  ]);
});

/** Tables of characters that `iconv` has under another name, or not at all. */
const iconvNames: Readonly<Record<string, string>> = {
  macroman: 'MACINTOSH',
  maccenteuro: 'MAC-CENTRALEUROPE',
  maccyrillic: 'MAC-CYRILLIC',
};

test('tables of characters lead there and back, and are those of iconv', { skip }, (t) => {
  const names = characterTables();
  const output = onErl(
    work,
    `module_cases:main(nls, ${options.slice(0, -1)}, names => [${names.join(', ')}]})`,
  );
  const rows = output.trim().split('\n').slice(0, -1);
  assert.equal(rows.length, names.length);
  let compared = 0;
  for (const [index, row] of rows.entries()) {
    const found = /^(\w+) \{<<"([^"]+)">>,\[([\d,]*)\],\[(.*)\]\}$/.exec(row);
    assert.ok(found, row);
    assert.equal(found[1], names[index]);
    const points = found[3]!.split(',').map(Number);
    const wanted = iconvTable(iconvNames[found[2]!] ?? found[2]!.toUpperCase());
    if (!wanted) continue;
    compared++;
    const same = points.filter((point, i) => point === 0 || wanted[i] === 0 || point === wanted[i]);
    // Some tables have the euro sign where iconv has what was there before it, or the reverse.
    assert.ok(same.length >= 126, `${found[2]}: ${points.length - same.length} others`);
  }
  t.diagnostic(`${rows.length} tables, ${compared} compared with iconv`);
  assert.ok(compared >= 25);
});

/**
 * The code points of bytes 128 to 255, 0 where there is none: a line for each, since what is none
 * is left out. Undefined when iconv does not know the table.
 */
function iconvTable(charset: string): number[] | undefined {
  const bytes = Array.from({ length: 256 }, (_, i) => (i % 2 ? 10 : 128 + i / 2));
  const input = Buffer.from(bytes);
  const args = ['-c', '-f', charset, '-t', 'UTF-32LE'];
  const { stdout } = spawnSync('iconv', args, { input });
  if (stdout.length === 0) return undefined;
  const points = Array.from({ length: stdout.length / 4 }, (_, i) => stdout.readUInt32LE(4 * i));
  const lines: number[][] = [[]];
  for (const point of points)
    if (point === 10) lines.push([]);
    else lines.at(-1)?.push(point);
  return lines.slice(0, -1).map((line) => (line.length === 1 ? line[0]! : 0));
}

test('200 mutated modules are refused or end, and nothing else', { skip }, () => {
  const paths = ['crc16', 'sha3_generic', 'hangcheck_timer', 'hostile', 'bch']
    .map((name) => `"${join(folder, `${name}.ko`)}"`)
    .join(', ');
  const output = onErl(work, `module_cases:mutated([${paths}], ${options}, 1, 200)`);
  const [works, refused, ended] = /\{(\d+),(\d+),(\d+)\}/.exec(output)!.slice(1).map(Number);
  assert.equal(works! + refused! + ended!, 200);
  assert.ok(works! > 10 && refused! > 100, output);
});

test('the same in ring 3 of the system, in QEMU', {
  skip: skip || noQemu(),
  timeout: 900_000,
}, async () => {
  const program = join(import.meta.dirname, 'module_cases.erl');
  const list = [...small, join(folder, 'hostile.ko')].join(',');
  const args = ['--linux-modules', list, '--memory', '256', '--timeout', '600'];
  const result = await vbeam(['qemu', program, ...args]);
  const lines = systemLines(result.stdout);
  const from = lines.findIndex((line) => line.startsWith('crc16 '));
  const expected = [...firstLines, ...isolationLines];
  assert.ok(from >= 0, result.stdout + result.stderr);
  compare(lines.slice(from, from + expected.length), expected);
  assert.equal(result.status, 0);
});
