/** `vbeam erl ARGUMENTS`: OTP's `erl`, on our VM. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { erlArchive, erlExecutable } from '../../image/erl_program.ts';
import { UserError } from '../../lib/user_error.ts';
import { runPc } from '../../machine/pc.ts';
import { StandardStreams } from '../../machine/standard_streams.ts';
import { buildVmForUse } from '../../tools/build_vm.ts';
import type { Command } from '../command.ts';

const memoryBytes = 2 ** 31;

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The Linux executable in place of this process, as far as Node can do that. */
async function runNative(args: readonly string[]): Promise<number> {
  const path = await erlExecutable(progress);
  const { status, signal, error } = spawnSync(path, args, { stdio: 'inherit', argv0: 'erl' });
  if (error) throw new UserError(`${path}: ${error.message}`);
  return status ?? 128 + (signal ? constants.signals[signal] : 0);
}

async function runInNode(args: readonly string[]): Promise<number> {
  const archive = await erlArchive();
  const { wasm } = await buildVmForUse();
  const streams = new StandardStreams();
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const result = runPc({
    wasm: new WebAssembly.Module(wasm),
    archive,
    memoryBytes,
    seed: BigInt(Date.now()),
    mounts: [{ host: '/', guest: '/' }],
    command: { words: ['erl', ...args], variables, streams },
    onSerial: (bytes) => streams.write(2, bytes),
    wallClockNs: BigInt(Date.now()) * 1_000_000n,
  });
  if (result.panic !== undefined) throw new UserError(result.panic, 134);
  if (result.status === null) throw new UserError(`the system stopped: ${result.ending.kind}`, 1);
  return result.status;
}

export const erlCommand: Command = {
  name: 'erl',
  summary: "OTP's erl on this VM, with its flags, the host's files and standard streams",
  takesAll: true,
  help: `
usage: vbeam erl [--native] [ARGUMENTS OF erl]

Runs OTP as installed on this VM, with erl's arguments and environment variables: -noshell, -eval,
-run, -s, -pa, -boot, -config, -args_file, -extra, +P and so on. The host's files are there under
their names; standard input, output and error, working folder, environment and exit status are
those of this process. -name and -sname are refused: there is no distribution.
  --native         first argument: run the VM as a Linux executable, not in Node
  --executable     only argument: print the path of that executable, which can stand in for erl
  --help           only argument: this text
`,
  async run(args) {
    const [first, ...rest] = args;
    if (first === '--help' && rest.length === 0) {
      process.stdout.write(`${erlCommand.help.trim()}\n`);
      return 0;
    }
    if (first === '--executable' && rest.length === 0) {
      process.stdout.write(`${await erlExecutable(progress)}\n`);
      return 0;
    }
    return first === '--native' ? runNative(rest) : runInNode(args);
  },
};
