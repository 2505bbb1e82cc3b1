/** `vbeam escript FILE`: OTP's own program `escript`, which starts our `erl` in place of OTP's. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findExecutable } from '../../image/otp.ts';
import { UserError } from '../../lib/user_error.ts';
import type { Command } from '../command.ts';
import { nativeErl } from '../erl_parts.ts';

const ownErl = join(dirname(fileURLToPath(import.meta.url)), '..', 'vbeam-erl.mjs');

export const escriptCommand: Command = {
  takesAll: true,
  help: `
usage: vbeam escript [--native] FILE [ARGUMENTS]

Runs an escript as OTP's escript does, on this VM.
  --native         first argument: run the VM as a Linux executable, not in Node
`,
  async run(args, sources) {
    if (args.length === 1 && args[0] === '--help') {
      process.stdout.write(`${escriptCommand.help.trim()}\n`);
      return 0;
    }
    const native = args[0] === '--native';
    const escript = findExecutable('escript');
    if (!escript) throw new UserError('escript is not installed; run: make setup');
    const { status, signal, error } = spawnSync(escript, native ? args.slice(1) : args, {
      stdio: 'inherit',
      env: { ...process.env, ESCRIPT_EMULATOR: native ? await nativeErl(sources) : ownErl },
    });
    if (error) throw new UserError(`${escript}: ${error.message}`);
    return status ?? 128 + (signal ? constants.signals[signal] : 0);
  },
};
