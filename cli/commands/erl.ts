/** `vbeam erl ARGUMENTS`: OTP's `erl`, on our VM. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../lib/user_error.ts';
import { Outside } from '../../machine/outside.ts';
import type { Command, Sources } from '../command.ts';
import { erlParts, nativeErl } from '../erl_parts.ts';

/** The Linux executable in place of this process, as far as Node can do that. */
async function runNative(args: readonly string[], sources: Sources): Promise<number> {
  const path = await nativeErl(sources);
  const child = spawn(path, args, { stdio: 'inherit', argv0: 'erl' });
  // What this process is told is for the guest; a terminal's ^C comes to both.
  process.on('SIGINT', () => undefined);
  for (const name of ['SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(name, () => child.kill(name));
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new UserError(`${path}: ${error.message}`)));
    child.on('close', (status, signal) =>
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)),
    );
  });
}

async function runInNode(args: readonly string[], sources: Sources): Promise<number> {
  const parts = await erlParts(sources);
  const ending = await new Outside().run({
    thread: join(sources.folder, 'guest_thread.mjs'),
    wasm: new WebAssembly.Module(readFileSync(parts.wasm)),
    archive: readFileSync(parts.archive),
    words: ['erl', ...args],
    variables: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
  });
  if (ending.text !== undefined) process.stderr.write(`${ending.text}\n`);
  // Input that nobody reads any more shall not keep this process.
  process.exit(ending.status);
}

export const erlCommand: Command = {
  takesAll: true,
  help: `
usage: vbeam erl [--native] [ARGUMENTS OF erl]

Runs OTP as installed on this VM, with erl's arguments and environment variables: -noshell, -eval,
-run, -s, -pa, -boot, -config, -args_file, -extra, +P and so on. The host's files are there under
their names; terminal, standard input, output and error, signals, programs, working folder,
environment and exit status are those of this process. -name and -sname are refused: there is no
distribution.
  --native         first argument: run the VM as a Linux executable, not in Node
  --executable     only argument: print the path of that executable, which can stand in for erl
  --help           only argument: this text
`,
  async run(args, sources) {
    const [first, ...rest] = args;
    if (first === '--help' && rest.length === 0) {
      process.stdout.write(`${erlCommand.help.trim()}\n`);
      return 0;
    }
    if (first === '--executable' && rest.length === 0) {
      process.stdout.write(`${await nativeErl(sources)}\n`);
      return 0;
    }
    return first === '--native' ? runNative(rest, sources) : runInNode(args, sources);
  },
};
