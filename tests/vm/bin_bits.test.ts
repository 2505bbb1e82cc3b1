/** Bits at any position, and the three kinds of bitstrings, against bit strings in JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitText, loadProbe, randomNumbers } from './bin_probe.ts';

const { vm, bytes, view } = await loadProbe();
const area = 512;
const a = vm.allocate(area + 16);
const b = vm.allocate(area + 16);

function fill(random: (limit: number) => number): void {
  const all = bytes();
  for (let i = 0; i < area; i++) {
    all[a + i] = random(256);
    all[b + i] = random(256);
  }
}
const text = (at: number) => bitText(bytes().subarray(at, at + area), 0, area * 8);

test('readBits finds every run of 0 to 64 bits', () => {
  fill(randomNumbers(1));
  const whole = text(a);
  for (let bit = 0; bit < 80; bit++) {
    for (let count = 0; count <= 64; count++) {
      const wanted = count ? BigInt(`0b${whole.slice(bit, bit + count)}`) : 0n;
      assert.equal(BigInt.asUintN(64, vm.readBits(a, BigInt(bit), count)), wanted);
    }
    assert.equal(vm.readByte(a, BigInt(bit)), Number.parseInt(whole.slice(bit, bit + 8), 2));
  }
});

test('writeBits changes its run and nothing else', () => {
  const random = randomNumbers(2);
  for (let bit = 0; bit < 72; bit++) {
    for (let count = 0; count <= 64; count++) {
      fill(random);
      const before = text(a);
      const value = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
      vm.writeBits(a, BigInt(bit), count, value);
      const bits = BigInt.asUintN(count, value).toString(2).padStart(count, '0');
      const wanted = before.slice(0, bit) + (count ? bits : '') + before.slice(bit + count);
      assert.equal(text(a), wanted, `bit ${bit} count ${count}`);
    }
  }
});

test('copyBits copies between any two positions', () => {
  const random = randomNumbers(3);
  for (let round = 0; round < 3000; round++) {
    fill(random);
    const [from, to, count] = [random(300), random(300), random(random(2) ? 70 : 3000)];
    const [source, target] = [text(a), text(b)];
    vm.copyBits(b, BigInt(to), a, BigInt(from), BigInt(count));
    const wanted =
      target.slice(0, to) + source.slice(from, from + count) + target.slice(to + count);
    assert.equal(text(b), wanted, `from ${from} to ${to} count ${count}`);
    assert.equal(vm.compareBits(b, BigInt(to), a, BigInt(from), BigInt(count)), 0);
  }
});

test('compareBits orders runs as their bit strings', () => {
  const random = randomNumbers(4);
  for (let round = 0; round < 3000; round++) {
    fill(random);
    const [x, y, count] = [random(64), random(64), random(400) + 1];
    vm.copyBits(b, BigInt(y), a, BigInt(x), BigInt(count));
    const flip = random(count);
    const bit = y + flip;
    const all = bytes();
    all[b + (bit >> 3)] = all[b + (bit >> 3)]! ^ (0x80 >> (bit & 7));
    const [left, right] = [text(a).slice(x, x + count), text(b).slice(y, y + count)];
    const order = vm.compareBits(a, BigInt(x), b, BigInt(y), BigInt(count));
    assert.equal(Math.sign(order), left < right ? -1 : 1);
  }
});

/** Bits of a bitstring term. */
function bitsOf(term: bigint): string {
  const at = vm.binaryData(term);
  return bitText(bytes().subarray(at), vm.bitOffset(term), Number(vm.bitSize(term)));
}

test('binaries of all sizes hold what was put into them', () => {
  vm.reset();
  fill(randomNumbers(5));
  for (let size = 0; size < 200; size++) {
    const made = vm.binaryOf(a, size);
    assert.equal(vm.byteSize(made), size);
    assert.equal(Number(vm.bitSize(made)), size * 8);
    assert.equal(bitsOf(made), text(a).slice(0, size * 8));
    const subtag = (view().getUint32(Number(made & 0xffffffffn) - 2, true) >> 2) & 15;
    assert.equal(subtag, size <= 64 ? 9 : 8, 'heap binary up to 64 bytes');
  }
});

test('parts of parts are the bits asked for', () => {
  const random = randomNumbers(6);
  fill(random);
  for (let round = 0; round < 2000; round++) {
    vm.reset();
    let term = vm.binaryOf(a, random(300));
    let wanted = bitsOf(term);
    for (let depth = 0; depth < 4; depth++) {
      const from = random(wanted.length + 1);
      const count = random(wanted.length - from + 1);
      term = vm.subBinary(term, BigInt(from), BigInt(count));
      wanted = wanted.slice(from, from + count);
      assert.equal(bitsOf(term), wanted);
      assert.equal(vm.byteSize(term), Math.ceil(wanted.length / 8));
      const aligned = vm.alignedBinary(term);
      assert.equal(vm.bitOffset(aligned), 0);
      assert.equal(bitsOf(aligned), wanted);
    }
  }
});

test('bitstrings that cannot exist are refused', () => {
  vm.reset();
  assert.equal(vm.newBinary(0xff000000 | 0), 0n);
  assert.equal(vm.newBinary(-1), 0n);
  assert.equal(vm.newBitstring(1n << 62n), 0n);
  assert.equal(vm.newBitstring(-1n), 0n);
});
