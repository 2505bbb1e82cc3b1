import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';

test('events run in order of time, and in order of scheduling at the same time', () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const at = (ns: number, name: string) =>
    clock.schedule(ns, () => seen.push(`${name}@${clock.nowNs}`));
  at(30, 'c');
  at(10, 'a');
  at(30, 'd');
  at(20, 'b');
  const cancelled = at(25, 'x');
  clock.cancel(cancelled);
  assert.equal(clock.nextEventNs, 10);
  clock.advance(25);
  assert.deepEqual(seen, ['a@10', 'b@20']);
  assert.equal(clock.nowNs, 25);
  clock.advanceTo(100);
  assert.deepEqual(seen, ['a@10', 'b@20', 'c@30', 'd@30']);
  assert.equal(clock.nextEventNs, null);
  clock.advanceTo(50);
  assert.equal(clock.nowNs, 100, 'time does not run backwards');
});

test('an event may schedule another one that is due in the same step', () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const again = () => {
    seen.push(clock.nowNs);
    if (seen.length < 4) clock.schedule(10, again);
  };
  clock.schedule(10, again);
  clock.advance(35);
  assert.deepEqual(seen, [10, 20, 30]);
});
