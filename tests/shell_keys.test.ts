/**
 * OTP's shell on the serial line, key by key, against the real `erl` on a pseudo terminal: after
 * the same keys both screens show the same. Keys are typed when the screen has come to rest.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { buildBootArchive } from '../image/boot_archive.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';
import {
  columns,
  enter,
  jobControl,
  noScript,
  onTerminal,
  sessions,
  shown,
} from './shell_sessions.ts';
import { TerminalScreen } from './terminal_screen.ts';

const memoryBytes = 128 << 20;

let wasm: WebAssembly.Module;
before(async () => {
  wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
});

async function onMachine(steps: readonly string[]): Promise<string[]> {
  const screen = new TerminalScreen(columns);
  const waiting = [...steps];
  let kept: string[] = [];
  runPc({
    wasm,
    archive: await buildBootArchive('stay', undefined),
    memoryBytes,
    seed: 0n,
    onSerial: (bytes) => screen.write(bytes),
    limits: { reductionsMax: 200_000_000 },
    // The machine has nothing else to do when it asks for input.
    serialReader: {
      realTime: false,
      read: () => {
        const step = waiting.shift();
        if (step !== undefined) return Buffer.from(step);
        if (kept.length) return Buffer.from(`q${enter}`);
        kept = shown(screen);
        return Buffer.from(jobControl);
      },
    },
  });
  return kept.length ? kept : shown(screen);
}

describe('the shell shows what it shows on erl', { skip: noScript }, () => {
  for (const [name, steps] of Object.entries(sessions)) {
    test(name, async () => {
      const [want, got] = [await onTerminal('erl', steps), await onMachine(steps)];
      assert.ok(want.length > 1, 'erl showed nothing');
      assert.deepEqual(got, want);
    });
  }
});
