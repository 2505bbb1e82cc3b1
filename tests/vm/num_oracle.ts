/** Results of OTP's own functions, many calls by one run of erl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = join(dirname(fileURLToPath(import.meta.url)), 'num_oracle.escript');

/**
 * Calls as Erlang text, `{Module,Function,[Argument,...]}` with floats as `{f,Bits}`; a line of
 * result for each.
 */
export function askErlang(calls: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-num-'));
  try {
    const file = join(folder, 'calls');
    writeFileSync(file, calls.map((call) => `${call}.\n`).join(''));
    const output = execFileSync('escript', [script, file], {
      maxBuffer: 1 << 30,
      timeout: 120_000,
    });
    const lines = output.toString('latin1').split('\n');
    lines.pop();
    if (lines.length !== calls.length)
      throw new Error(`${lines.length} results for ${calls.length}`);
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A float as the oracle wants it. */
export function erlangFloat(value: number): string {
  return `{f,${floatBits(value)}}`;
}
const view = new DataView(new ArrayBuffer(8));
export function floatBits(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
export function floatOfBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
