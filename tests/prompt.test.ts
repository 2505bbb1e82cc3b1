/** The shell's prompt in QEMU, on a machine with 64 MB. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurePrompt, promptMachineMb } from '../bench/parts/prompt.ts';
import { noQemu } from './command_line.ts';

test(`the shell answers on a machine with ${promptMachineMb} MB, with Unicode's tables`, {
  skip: noQemu(),
  timeout: 900_000,
}, async () => {
  const { seconds, bytes } = await measurePrompt(1);
  console.log(`figure prompt_s ${seconds.toFixed(2)} s`);
  console.log(`figure prompt_bytes ${bytes} bytes`);
  assert.ok(bytes < promptMachineMb << 20, `${bytes} bytes`);
});
