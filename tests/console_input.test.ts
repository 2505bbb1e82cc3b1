/**
 * Whatever arrives on the serial line, the shell answers afterwards; and it comes up when modules
 * of the boot archive are missing or broken. On the simulated PC.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { buildBootArchive } from '../image/boot_archive.ts';
import { type ArchiveFile, writeTar } from '../image/tar.ts';
import { runPc } from '../machine/pc.ts';
import { endOfInput } from '../tables/console.ts';
import { buildVm } from '../tools/build_vm.ts';

const memoryBytes = 128 << 20;
/** Ends of input that are typed before the machine counts as hung. */
const endsTyped = 32;
const lineCharacters = Number(process.env.LONG_LINE ?? '50000');

let wasm: WebAssembly.Module;
let archive: Uint8Array;
before(async () => {
  wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
  archive = await buildBootArchive('stay', undefined);
});

/** The files of an archive that image/tar.ts wrote. */
function readTar(bytes: Uint8Array): ArchiveFile[] {
  const tar = Buffer.from(bytes);
  const text = (at: number, length: number) =>
    tar.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  const files: ArchiveFile[] = [];
  for (let at = 0; tar[at]; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    const path = prefix ? `${prefix}/${text(at, 100)}` : text(at, 100);
    files.push({ path, bytes: tar.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** What the serial line shows when each step is typed once the machine has nothing else to do. */
function session(bytes: Uint8Array, steps: readonly (string | Uint8Array)[]): string {
  const waiting = [...steps];
  const chunks: Uint8Array[] = [];
  let ends = 0;
  const { ending, panic } = runPc({
    wasm,
    archive: bytes,
    memoryBytes,
    seed: 0n,
    onSerial: (text) => chunks.push(text.slice()),
    limits: { virtualNsMax: 600e9 },
    serialReader: {
      realTime: false,
      read: () => {
        const step = waiting.shift();
        if (step !== undefined) return Buffer.from(step);
        return ends++ < endsTyped ? Buffer.from(endOfInput) : null;
      },
    },
  });
  const shown = Buffer.concat(chunks).toString('latin1').replaceAll('\r', '');
  assert.equal(panic, undefined, shown.slice(-2000));
  assert.equal(ending.kind, 'power', shown.slice(-2000));
  return shown;
}

function seededBytes(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/**
 * Out of whatever mode the line editor is in, interrupt what is being evaluated, end a begun
 * expression, and ask something. The first answer may still fall to the interrupt.
 */
const recovery = ['\x1b', '\r', '\x07', '\r', 'i\r', 'c\r', '\r', '.\r', '\r'];
const question = ['1000 + 237.\r', '1000 + 237.\r'];
const answer = /^1237$/m;

const floods: Readonly<Record<string, Uint8Array>> = {
  'random bytes, seed 1': seededBytes(65_536, 1),
  'random bytes, seed 2': seededBytes(65_536, 2),
  'random bytes, seed 3': seededBytes(65_536, 3),
  [`a line of ${lineCharacters} characters`]: Buffer.from(`${'a'.repeat(lineCharacters)}.\r`),
  '2,000 times ^C': Buffer.alloc(2000, 0x03),
  '1,000 times ^G': Buffer.alloc(1000, 0x07),
  '10,000 times ESC': Buffer.alloc(10_000, 0x1b),
  '20,000 times NUL': Buffer.alloc(20_000, 0x00),
  '5,000 times ^D': Buffer.alloc(5000, 0x04),
  'a tab behind ^G, which ends user_drv': Buffer.from('\x07\t\t'),
};

describe('the shell answers after', () => {
  for (const [name, bytes] of Object.entries(floods))
    test(name, () => {
      const shown = session(archive, [bytes, ...recovery, ...question]);
      assert.match(shown, answer);
    });

  test('its processes are killed, and what is logged is still shown', () => {
    const shown = session(archive, [
      'Pid = whereis(user_drv).\r',
      'exit(Pid, kill).\r',
      ...recovery,
      'logger:error("logged " ++ "then").\r',
      'exit(whereis(vbeam_user), kill), exit(whereis(user), kill).\r',
      ...recovery,
      'io:format(user, "~w~n", [{still, there}]).\r',
      ...question,
    ]);
    assert.match(shown, answer);
    assert.match(shown, /^logged then$/m);
    assert.match(shown, /^\{still,there\}$/m);
  });

  test('user ends while nobody looks after it: ^C still reaches the shell', () => {
    const shown = session(archive, [
      'exit(whereis(user), kill), exit(whereis(vbeam_shell), kill).\r',
      'timer:sleep(5000).\r',
      ...recovery,
      '"a string that does not end.\r',
      '\x03',
      ...question,
    ]);
    assert.match(shown, answer);
  });

  test('the console process is killed: bindings are still there', () => {
    const shown = session(archive, [
      'Bound = 1000.\r',
      'exit(whereis(vbeam_console), kill).\r',
      'exit(whereis(vbeam_serial), kill).\r',
      'exit(whereis(vbeam_service_sup), kill).\r',
      'exit(whereis(vbeam_hal_sup), kill).\r',
      'Bound + 237.\r',
    ]);
    assert.match(shown, answer);
  });
});

test('the terminal says its size, and the tree is shown', async () => {
  const asked = await buildBootArchive('stay', undefined, { terminal: true });
  const shown = session(asked, [
    // The answer to the question for the place of the cursor.
    '\x1b[40;100R',
    '{io:columns(), io:rows()}.\r',
    'vbeam:tree().\r',
    ...question,
  ]);
  assert.ok(shown.includes('\x1b[999;999H\x1b[6n'), shown.slice(0, 2000));
  assert.match(shown, /^\{\{ok,100\},\{ok,40\}\}$/m);
  assert.match(shown, /^ +pid +restarts messages +bytes +reductions *$/m);
  assert.match(shown, /^ {6}vbeam_serial +<0\.\d+\.0> +\d+ +\d+ +\d+ +\d+/m);
  assert.match(shown, answer);
});

describe('the shell comes up without', () => {
  /** The boot archive with the file of a module left out, or cut in half. */
  function without(module: string, how: 'missing' | 'broken'): Uint8Array {
    const changed: ArchiveFile[] = readTar(archive).flatMap((file) => {
      if (!file.path.endsWith(`/${module}.beam`)) return [file];
      return how === 'missing' ? [] : [{ ...file, bytes: file.bytes.subarray(0, 400) }];
    });
    return writeTar(changed);
  }
  const cases = [
    { module: 'vbeam_watchdog', how: 'missing', says: /module vbeam_watchdog: missing/ },
    { module: 'vbeam_watchdog', how: 'broken', says: /vbeam_watchdog: missing .*, or broken/ },
    { module: 'vbeam_power', how: 'missing', says: /vbeam_power keeps failing, so it is not/ },
    { module: 'calendar', how: 'missing', says: /module calendar of stdlib: missing/ },
    { module: 'calendar', how: 'broken', says: /beam file: is cut off/ },
  ] as const;
  for (const { module, how, says } of cases)
    test(`${module}, ${how}`, () => {
      const shown = session(without(module, how), ['catch calendar:local_time().\r', ...question]);
      assert.match(shown, says);
      assert.match(shown, answer);
    });
});
