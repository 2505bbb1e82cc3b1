/**
 * `make qemu-linux`: busybox's shell on the console of a machine, with a terminal, job control and
 * signals from keys; behind its end is the Erlang shell, from which a program and another shell are
 * started. Lines are typed when the one before has been answered.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianPackage } from '../../image/debian_package.ts';
import { noQemu, root } from '../command_line.ts';

const stepTimeoutMs = 300_000;

/** A running machine: what it has printed, and keys for it. */
class Machine {
  #seen = '';
  #from = 0;
  readonly #child = spawn(process.execPath, [join(root, 'cli', 'vbeam.mjs'), 'qemu', '--linux'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly ended = new Promise<number | null>((resolve) => this.#child.on('close', resolve));

  constructor() {
    this.#child.stdout.on('data', (chunk) => {
      this.#seen += String(chunk).replaceAll('\r', '');
    });
  }

  /** What came up to and with this text, since the last one. */
  async until(text: string): Promise<string> {
    const deadline = Date.now() + stepTimeoutMs;
    for (;;) {
      const at = this.#seen.indexOf(text, this.#from);
      if (at >= 0) {
        const came = this.#seen.slice(this.#from, at + text.length);
        this.#from = at + text.length;
        return came;
      }
      assert.ok(Date.now() < deadline, `no ${JSON.stringify(text)} in: ${this.#seen.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Types a line, and gives what came up to the next prompt. */
  async answer(line: string, prompt: string): Promise<string> {
    this.type(`${line}\n`);
    await this.until('\n');
    return (await this.until(prompt)).slice(0, -prompt.length);
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  stop(): void {
    this.#child.kill();
  }
}

const skip = noQemu() || (await debianPackage('busybox-static').then(() => false, String));

test("busybox's shell has the console, and the Erlang shell comes after it", {
  skip,
  timeout: 900_000,
}, async () => {
  const machine = new Machine();
  try {
    const sh = '/ # ';
    await machine.until(sh);
    assert.match(await machine.answer('echo $((6*7)) | tr 4 5', sh), /52\n$/);
    assert.match(await machine.answer('for i in a b; do echo $i; done', sh), /a\nb\n$/);
    assert.match(await machine.answer('cd /tmp; echo text > f; cat f; cd /', sh), /text\n/);
    assert.match(await machine.answer('sleep 100 & jobs', sh), /\[1\]\+ +Running +sleep 100\n/);
    assert.match(await machine.answer('kill %1; wait', sh), /Terminated +sleep 100\n/);
    assert.match(await machine.answer('ps | grep -c "sle[e]p"', sh), /(^|\n)0\n/);
    // A key ends the program, not the shell.
    machine.type('sleep 100\n');
    await machine.until('sleep 100\n');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    machine.type('\x03');
    await machine.until(sh);
    assert.match(await machine.answer('echo status $?', sh), /status 130\n/);
    machine.type('exit 3\n');
    await machine.until('{exit_status,3}');
    await machine.until('1> ');
    const erl = '2> ';
    const ran = await machine.answer('vbeam_linux:run("/bin/busybox", ["echo", "x y"]).', erl);
    assert.match(ran, /x y\n\{exit_status,0\}\n/);
    machine.type('halt().\n');
    assert.equal(await machine.ended, 0);
  } finally {
    machine.stop();
  }
});
