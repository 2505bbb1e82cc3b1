import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uart as offsets, uartSetUp } from '../tables/uart.ts';
import { VirtualClock } from './clock.ts';
import { Uart16550, uartRegisters } from './uart_16550.ts';

const byteNs = 86_806;

function newUart() {
  const clock = new VirtualClock();
  const sent: number[] = [];
  const edges: string[] = [];
  const uart = new Uart16550({
    clock,
    onSend: (byte) => sent.push(byte),
    onInterrupt: (level) =>
      edges.push(`${level ? 'up' : 'down'}@${Math.round(clock.nowNs / byteNs)}`),
    onRoom: () => {},
  });
  for (const [offset, value] of uartSetUp) uart.write(offset, value);
  return { clock, sent, edges, uart };
}

const { data, interruptEnable: ier, interruptIdentification: iir, lineControl: lcr } = offsets;
const { modemControl: mcr, lineStatus: lsr, modemStatus: msr, scratch } = offsets;

test('every register of the table answers at its offset, and others read as ones', () => {
  const { uart } = newUart();
  for (const register of uartRegisters) {
    assert.ok(register.offset >= 0 && register.offset < 8, register.name);
    uart.write(lcr, register.divisorAccess === true ? 0x83 : 0x03);
    const value = uart.read(register.offset);
    assert.ok(value >= 0 && value <= 0xff, register.name);
  }
  assert.equal(uart.read(9), 0xff);
});

test('the divisor latch hides data and interrupt enable, and sets the speed', () => {
  const { uart } = newUart();
  assert.equal(uart.characterNs, byteNs);
  uart.write(ier, 0x05);
  uart.write(lcr, 0x83);
  uart.write(data, 0x0c);
  uart.write(ier, 0x01);
  assert.deepEqual([uart.read(data), uart.read(ier), uart.divisor], [0x0c, 0x01, 0x10c]);
  uart.write(lcr, 0x03);
  assert.equal(uart.read(ier), 0x05);
  assert.equal(uart.characterNs, Math.round((10 * 1e9 * 0x10c) / 115200));
});

test('sixteen bytes go out at the speed of the line, with an interrupt when the FIFO is empty', () => {
  const { clock, sent, edges, uart } = newUart();
  uart.write(ier, 0x02);
  assert.equal(
    uart.read(iir),
    0xc2,
    'an empty transmitter is reported when its interrupt is enabled',
  );
  assert.equal(uart.read(iir), 0xc1, 'reading IIR ends it');
  for (let i = 0; i < 16; i++) uart.write(data, 65 + i);
  assert.equal(sent.length, 16);
  assert.equal(uart.read(lsr) & 0x60, 0, 'holding register and shift register are busy');
  clock.advance(15 * byteNs - 10);
  assert.equal(uart.read(lsr) & 0x60, 0x00);
  clock.advance(20);
  assert.equal(uart.read(lsr) & 0x60, 0x20, 'the last byte is being shifted out');
  clock.advance(byteNs);
  assert.equal(uart.read(lsr) & 0x60, 0x60);
  assert.deepEqual(edges, ['up@0', 'down@0', 'up@0', 'down@0', 'up@15']);
});

test('received bytes interrupt at the trigger level, and below it after four character times', () => {
  const { clock, edges, uart } = newUart();
  uart.write(iir, 0x87);
  uart.write(ier, 0x01);
  for (let i = 0; i < 7; i++) uart.receive(i);
  assert.deepEqual(edges, []);
  uart.receive(7);
  assert.equal(uart.read(iir), 0xc4);
  assert.equal(uart.read(data), 0);
  assert.equal(uart.read(iir), 0xc1, 'seven bytes are below the level');
  clock.advance(4 * byteNs);
  assert.equal(uart.read(iir), 0xcc, 'character timeout');
  for (let i = 1; i < 8; i++) assert.equal(uart.read(data), i);
  assert.equal(uart.read(iir), 0xc1);
  assert.deepEqual(edges, ['up@0', 'down@0', 'up@4', 'down@4']);
});

test('a byte without room is an overrun, reported before everything else and once', () => {
  const { uart } = newUart();
  uart.write(ier, 0x05);
  for (let i = 0; i < 17; i++) uart.receive(i);
  assert.equal(uart.hasRoom, false);
  assert.equal(uart.read(iir), 0xc6);
  assert.equal(uart.read(lsr) & 0x03, 0x03);
  assert.equal(uart.read(iir), 0xc4);
  assert.equal(uart.read(lsr) & 0x03, 0x01);
  for (let i = 0; i < 16; i++) assert.equal(uart.read(data), i);
});

test('without FIFOs there is room for one byte, and the newest wins', () => {
  const { uart } = newUart();
  uart.write(iir, 0);
  uart.receive(1);
  uart.receive(2);
  assert.equal(uart.read(lsr) & 0x03, 0x03);
  assert.equal(uart.read(data), 2);
  assert.equal(uart.read(iir), 0x01);
});

test('OUT2 connects the interrupt output', () => {
  const { edges, uart } = newUart();
  uart.write(mcr, 0x03);
  uart.write(ier, 0x01);
  uart.receive(1);
  uart.write(iir, 0x01);
  assert.deepEqual(edges, []);
  uart.write(mcr, 0x0b);
  assert.deepEqual(edges, ['up@0']);
});

test('loop mode sends to itself and turns outputs into inputs', () => {
  const { clock, sent, uart } = newUart();
  uart.write(mcr, 0x10);
  assert.equal(uart.read(msr) & 0xf0, 0x00);
  assert.equal(uart.read(msr), 0x00, 'reading ends the change bits');
  uart.write(mcr, 0x15);
  assert.equal(uart.read(msr), 0x62, 'DTR is DSR, OUT1 is ring; DSR changed');
  uart.write(mcr, 0x10);
  assert.equal(uart.read(msr), 0x06, 'ring went away');
  uart.write(data, 0x5a);
  uart.receive(1);
  clock.advance(byteNs);
  assert.deepEqual([uart.read(data), uart.read(lsr) & 1, sent], [0x5a, 0, []]);
});

test('clearing FIFOs makes room, and the scratch register keeps what it is given', () => {
  const { uart } = newUart();
  uart.receive(1);
  for (let i = 0; i < 20; i++) uart.write(data, i);
  uart.write(iir, 0x07);
  assert.equal(uart.read(lsr) & 0x21, 0x20);
  uart.write(scratch, 0xa5);
  assert.equal(uart.read(scratch), 0xa5);
});
