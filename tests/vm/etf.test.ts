/**
 * External terms: decoded and encoded again by the VM, against bytes that erl made, and damaged
 * ones.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { applicationModules, otpRoot } from '../../image/otp.ts';
import { erlModuleOutput, randomNumbers, startProbe } from './loader_probe.ts';

const probe = await startProbe();
const { vm } = probe;

/**
 * What the VM makes of an external term: its own encoding, or null when it refuses it. Memory must
 * come back.
 */
function roundTrip(data: Uint8Array, minorVersion = 1, inSlices = false): Buffer | null {
  const before = [vm.atomCount.value, vm.exportCount.value, vm.funEntryCount.value].join();
  const allocated = vm.allocatedBytes.value;
  vm.enterTemporaryHeap();
  let result: Buffer | null = null;
  try {
    const binary = probe.with(data, (address, length) => vm.binaryOf(address, length));
    const term = inSlices ? vm.decodeInSlices(binary) : vm.decodeNow(binary);
    if (term !== 0n) {
      const again = inSlices ? vm.encodeInSlices(term) : vm.termToBinary(term, minorVersion);
      assert.notEqual(again, 0n);
      const size = vm.byteSize(again);
      if (minorVersion === 1)
        assert.equal(vm.sizeInSlices(term) >> 4n, BigInt(size), 'external_size/1');
      const at = vm.binaryData(again);
      result = Buffer.from(probe.bytes().slice(at, at + size));
    }
  } finally {
    vm.leaveTemporaryHeap();
  }
  const after = [vm.atomCount.value, vm.exportCount.value, vm.funEntryCount.value].join();
  if (before === after) assert.equal(vm.allocatedBytes.value, allocated, 'memory leaked');
  return result;
}

/** Chunk `id` of a .beam file. */
function chunk(file: Buffer, id: string): Buffer | null {
  for (let at = 12; at < file.length; ) {
    const size = file.readUInt32BE(at + 4);
    if (file.toString('latin1', at, at + 4) === id) return file.subarray(at + 8, at + 8 + size);
    at += 8 + ((size + 3) & ~3);
  }
  return null;
}

/**
 * Applications that the installed OTP's own compiler made, without large maps with atoms as keys,
 * whose order is that of the atoms in the compiler's table.
 */
const applications = ['erts', 'kernel', 'stdlib', 'compiler', 'sasl'];

test("every literal of OTP's applications is encoded as the compiler encoded it", () => {
  let count = 0;
  for (const path of applications.flatMap((name) => applicationModules(otpRoot(), name))) {
    const literals = chunk(readFileSync(path), 'LitT');
    if (!literals) continue;
    const plain = inflateSync(literals.subarray(4));
    let at = 4;
    for (let left = plain.readUInt32BE(0); left; left--) {
      const size = plain.readUInt32BE(at);
      const term = plain.subarray(at + 4, at + 4 + size);
      const again = roundTrip(term, 2);
      assert.ok(again, `${path}: ${term.toString('hex')}`);
      assert.equal(again.toString('hex'), term.toString('hex'), path);
      at += 4 + size;
      count++;
    }
  }
  assert.ok(count > 10_000, `only ${count} literals found`);
});

/** Writes generated terms, {packet,4}, to a file. Arguments: file, number of terms, seed. */
const generator = `
main([File, Count, Seed]) ->
  rand:seed(exsss, list_to_integer(Seed)),
  ok = file:write_file(File, [packet(make(I rem 4)) || I <- lists:seq(1, list_to_integer(Count))]).
packet(T) -> B = term_to_binary(T), [<<(byte_size(B)):32>>, B].
int(0) -> rand:uniform(300) - 20;
int(1) -> (1 bsl rand:uniform(70)) + rand:uniform(5) - 3;
int(2) -> -((1 bsl rand:uniform(70)) + rand:uniform(5) - 3);
int(3) -> (rand:uniform(1 bsl rand:uniform(3000)) - 1) * (2 * rand:uniform(2) - 3).
atom(0) -> list_to_atom(lists:duplicate(rand:uniform(255), 97 + rand:uniform(20)));
atom(1) -> list_to_atom([rand:uniform(255) || _ <- lists:seq(1, rand:uniform(40))]);
atom(2) -> list_to_atom([rand:uniform(16#2000) || _ <- lists:seq(1, rand:uniform(255))]);
atom(3) -> lists:nth(rand:uniform(4), [true, '', ok, nonode@nohost]).
list(N, D) -> [make(D - 1) || _ <- lists:seq(1, rand:uniform(N) - 1)].
make(D) -> make(rand:uniform(if D > 0 -> 18; true -> 10 end), D).
make(1, _) -> int(rand:uniform(4) - 1);
make(2, _) -> atom(rand:uniform(4) - 1);
make(3, _) -> [];
make(4, _) -> [rand:uniform(256) - 1 || _ <- lists:seq(1, rand:uniform(100))];
make(5, _) -> rand:bytes(rand:uniform(150) - 1);
make(6, _) -> N = rand:uniform(700), <<X:N/bits, _/bits>> = rand:bytes(100), X;
make(7, _) -> math:pow(rand:uniform() - 0.5, rand:uniform(60));
make(8, _) -> lists:nth(rand:uniform(3), [self(), make_ref(), hd(erlang:ports())]);
make(9, _) -> fun lists:map/2;
make(10, _) -> int(0);
make(11, D) -> list_to_tuple(list(8, D));
make(12, D) -> list_to_tuple(list(300 div (D * D), D));
make(13, D) -> list(6, D);
make(14, D) -> list(4, D) ++ int(0);
make(15, D) -> [int(0) | list(4, D)];
make(16, D) -> maps:from_list([{make(D - 1), make(D - 1)} || _ <- lists:seq(1, rand:uniform(33) - 1)]);
make(17, D) -> maps:from_list([{I * 7, make(D - 1)} || I <- lists:seq(1, rand:uniform(32))]);
make(18, D) -> {make(D - 1), make(D - 1)}.
`;

/** Terms whose encodings differ: large maps and funs. Arguments: file. */
const largeMaps = `
main([File]) ->
  Maps = [maps:from_list([{{I, J}, [I | J]} || J <- lists:seq(1, I)]) || I <- lists:seq(28, 400, 23)],
  Nested = maps:from_list([{M, {M, #{M => 1}}} || M <- Maps]),
  Terms = [Nested, fun() -> {Nested, File} end, [1.5, -0.0, 1.0e300, 5.0e-324, 0.1] | Maps],
  Options = [[], [compressed], [{minor_version,0}], [{minor_version,2}]],
  ok = file:write_file(File, [packet(T, O) || T <- Terms, O <- Options]).
packet(T, O) -> B = term_to_binary(T, O), [<<(byte_size(B)):32>>, B].
`;
const sameMeaning = `
main([File]) ->
  {ok, D} = file:read_file(File),
  io:format("~w same", [check(D, 0)]).
check(<<A:32, B:32, X:A/binary, Y:B/binary, R/binary>>, N) ->
  true = binary_to_term(X) =:= binary_to_term(Y), check(R, N + 1);
check(<<>>, N) -> N.
`;

function packets(file: string): Buffer[] {
  const data = readFileSync(file);
  const found: Buffer[] = [];
  for (let at = 0; at < data.length; at += 4 + data.readUInt32BE(at))
    found.push(data.subarray(at + 4, at + 4 + data.readUInt32BE(at)));
  return found;
}

const file = join(tmpdir(), `vbeam_etf_${process.pid}.bin`);
let terms: Buffer[] = [];

test('generated terms are encoded as erl encodes them', () => {
  erlModuleOutput(generator, [file, '3000', '7']);
  terms = packets(file);
  assert.equal(terms.length, 3000);
  for (const term of terms) {
    const again = roundTrip(term);
    assert.ok(again, term.toString('hex'));
    assert.equal(again.toString('hex'), term.toString('hex'));
  }
});

test('large maps, funs and the other forms of each tag mean the same to erl after a round trip', () => {
  erlModuleOutput(largeMaps, [file]);
  const given = packets(file);
  const answers = given.map((term, i) => roundTrip(term, 1, i % 2 > 0) ?? assert.fail('refused'));
  writeFileSync(
    file,
    Buffer.concat(
      answers.flatMap((answer, i) => {
        const head = Buffer.alloc(8);
        head.writeUInt32BE(given[i]!.length, 0);
        head.writeUInt32BE(answer.length, 4);
        return [head, given[i]!, answer];
      }),
    ),
  );
  const verdict = erlModuleOutput(sameMeaning, [file]);
  assert.equal(verdict, `${given.length} same`);
});

test('in the smallest slices the same comes out', () => {
  let most = 0;
  for (const term of terms) {
    const again = roundTrip(term, 1, true);
    most = Math.max(most, vm.slices.value);
    assert.ok(again, term.toString('hex'));
    assert.equal(again.toString('hex'), term.toString('hex'));
  }
  assert.ok(most > 10, `only ${most} slices`);
});

after(() => rmSync(file, { force: true }));

test('every prefix of a term is refused', () => {
  for (const term of terms.filter((each) => each.length < 400).slice(0, 200))
    for (let length = 0; length < term.length; length++)
      assert.equal(roundTrip(term.subarray(0, length)), null);
});

test('mutated terms are refused or are terms', () => {
  const random = randomNumbers(99);
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const data = Uint8Array.from(terms[random(terms.length)]!);
    for (let changes = 1 + random(3); changes > 0; changes--)
      data[random(data.length)] = random(256);
    if (!roundTrip(data, 1, round % 2 > 0)) refused++;
  }
  assert.ok(refused > 1000 && refused < 19_000, `${refused} refused`);
});

test('inflate undoes deflate of any level, and refuses damage', () => {
  const random = randomNumbers(5);
  const capacity = 1 << 17;
  const to = vm.allocate(capacity);
  const inflated = (data: Uint8Array, room: number) =>
    probe.with(data, (address, length) => Number(vm.inflateZlib(address, length, to, room)));
  for (let round = 0; round < 400; round++) {
    const size = random(round % 10 ? 3000 : 100_000);
    const spread = 1 + random(256);
    const plain = Buffer.from(Array.from({ length: size }, () => random(spread)));
    for (let i = 0; i < size; i += 1 + random(500)) plain.copyWithin(i, random(i + 1), i + 1);
    const packed = deflateSync(plain, {
      level: random(10),
      strategy: random(5),
      windowBits: 9 + random(7),
    });
    assert.equal(inflated(packed, size), size);
    assert.ok(plain.equals(probe.bytes().subarray(to, to + size)));
    if (size) assert.equal(inflated(packed, size - 1), -1, 'no room');
    assert.equal(inflated(packed.subarray(0, random(packed.length)), capacity), -1, 'cut off');
    const damaged = Uint8Array.from(packed);
    damaged[random(damaged.length)]! ^= 1 << random(8);
    const result = inflated(damaged, capacity);
    assert.ok(result === -1 || plain.equals(probe.bytes().subarray(to, to + result)));
  }
  vm.release(to);
});
