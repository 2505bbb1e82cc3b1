/** The reader of numbered lines notices each way in which the serial line can be wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SerialCheck } from './serial_check.ts';

const line = (number: number): string =>
  `\x02${String(number).padStart(8, '0')} abcdefghijklmnopqrstuvwxyz\x03\r\n`;

function check(text: string): SerialCheck {
  const serial = new SerialCheck();
  serial.take(Buffer.from(text, 'latin1'));
  return serial;
}

interface Row {
  readonly what: string;
  readonly text: string;
  readonly lines: number;
  readonly wrong: boolean;
}

const filler = 'x'.repeat(9000);
const rows: readonly Row[] = [
  { what: 'lines in order', text: line(1) + line(2) + line(3), lines: 3, wrong: false },
  {
    what: 'what the shell prints between them',
    text: `1> ${line(1)}vbeam${line(2)}ok`,
    lines: 2,
    wrong: false,
  },
  {
    what: 'the emergency console inside a line',
    text: line(1).replace('def', 'deVBEAM: out of memory, killing process <0.1.0>\nf'),
    lines: 1,
    wrong: false,
  },
  { what: 'a character that comes twice', text: line(1).replace('d', 'dd'), lines: 1, wrong: true },
  {
    what: 'a piece that comes twice',
    text: line(1).replace('def', 'defdef'),
    lines: 1,
    wrong: true,
  },
  { what: 'a line that comes twice', text: line(1) + line(1) + filler, lines: 2, wrong: true },
  { what: 'a line that is missing', text: line(1) + line(3) + filler, lines: 2, wrong: true },
  {
    what: 'a character that is missing',
    text: line(1).replace('d', '') + filler,
    lines: 1,
    wrong: true,
  },
];

for (const { what, text, lines, wrong } of rows) {
  test(what, () => {
    const serial = check(text);
    assert.equal(serial.lines, lines);
    assert.equal(serial.problem !== null, wrong, serial.problem ?? 'nothing was wrong');
  });
}

test('answers of the shell are found, also when they are broken up by lines', () => {
  const report = 'VBEAM: out of memory, killing process <0.1.0>\n';
  const answers = `{chaos_answer,18}\r\n{chaos_answer,1${report}9}\r\n{chaos_answer`;
  const serial = check(`{chaos_an${line(1)}swer,17}\r\n${answers}`);
  serial.cut();
  assert.deepEqual([...serial.answers], [17, 18, 19]);
});
