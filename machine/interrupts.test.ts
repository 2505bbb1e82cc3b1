/** Interrupts that are lost, come again, or come from nowhere, as a test asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectors } from '../tables/memory_map.ts';
import { Interrupts } from './interrupts.ts';

const edge = 4;
const level = 16;

function open(gsi: number): Interrupts {
  const interrupts = new Interrupts(
    () => 0,
    () => undefined,
  );
  interrupts.unmask(gsi);
  return interrupts;
}

function taken(interrupts: Interrupts): number[] {
  const found: number[] = [];
  for (let entry = interrupts.take(); entry !== null; entry = interrupts.take())
    found.push(entry.vector - vectors.vectorOfGsi0);
  return found;
}

function pulse(interrupts: Interrupts, gsi: number): void {
  interrupts.setLine(gsi, true);
  interrupts.setLine(gsi, false);
}

test('the next interrupts of a line are lost, the one behind them comes', () => {
  const interrupts = open(edge);
  interrupts.disturb(edge, 0, 2);
  for (let i = 0; i < 3; i++) pulse(interrupts, edge);
  assert.deepEqual(taken(interrupts), [edge]);
});

test('an interrupt comes several times', () => {
  const interrupts = open(edge);
  interrupts.disturb(edge, 3, 1);
  pulse(interrupts, edge);
  pulse(interrupts, edge);
  assert.deepEqual(taken(interrupts), [edge, edge, edge, edge]);
});

test('a level-triggered interrupt is not lost', () => {
  const interrupts = open(level);
  interrupts.disturb(level, 0, 1);
  interrupts.setLine(level, true);
  assert.deepEqual(taken(interrupts), [level]);
});

test('an interrupt that no device raised, and the lines that are open', () => {
  const interrupts = open(edge);
  interrupts.raise(vectors.vectorOfGsi0 + 9);
  assert.deepEqual(taken(interrupts), [9]);
  assert.deepEqual(interrupts.openLines, [edge]);
});
