/** `vbeam run PROGRAM`: the boot archive of a program on the simulated PC. */
import { statSync, writeSync } from 'node:fs';
import { buildBootArchive } from '../../image/boot_archive.ts';
import { bootKinds } from '../../image/boot_file.ts';
import type { Program } from '../../image/program.ts';
import { UserError } from '../../lib/user_error.ts';
import { type Mount, parseMount } from '../../machine/host_files.ts';
import { endingText, runPc } from '../../machine/pc.ts';
import { StdinReader } from '../../machine/stdin_reader.ts';
import { restartsMax } from '../../tables/machine.ts';
import { buildVmForUse } from '../../tools/build_vm.ts';
import {
  type Command,
  numberOption,
  parseArguments,
  vOptionSpecs,
  vOptionsHelp,
} from '../command.ts';
import { programWith } from '../program.ts';

/** The folders that --mount names. */
function mountOptions(text: string | undefined): Mount[] {
  return (text?.split('\n') ?? []).map((line) => {
    const mount = parseMount(line);
    if (mount === null) throw new UserError(`--mount ${line}: not HOST:GUEST or HOST:GUEST:ro`, 2);
    if (mount.guest === '/') throw new UserError(`--mount ${line}: not in place of the root`, 2);
    if (!statSync(mount.host, { throwIfNoEntry: false })?.isDirectory())
      throw new UserError(`--mount ${line}: ${mount.host} is no folder`);
    return mount;
  });
}

/** A V program that its supervisor starts again when it panics. */
function supervised(program: Program | undefined): Program {
  if (program?.module === 'v_rt') return { ...program, function: 'supervised' };
  throw new UserError('--supervised is for V programs', 2);
}

export const runCommand: Command = {
  help: `
usage: vbeam run [PROGRAM [ARGUMENTS]] [OPTIONS]

PROGRAM is a .v, .erl or .beam file, or a folder with the .v files of a program; its function main/0
runs below the supervision tree. What of its arguments begins with a dash stands behind --. Standard
input is the serial line's. Without a program there is OTP's shell. At a terminal, ^] stops the
simulation.
  --supervised     (V) start the program again after a panic: up to 3 times in 10 seconds
  --bare           run it on the bare VM, without the supervision tree
  --stay           keep the system running when the program has ended, with OTP's shell
  --memory MB      linear memory of the VM; default 128
  --mount HOST:GUEST[:ro]
                   the system sees the folder HOST at GUEST, read-only with :ro; may be repeated
  --restarts N     how often a reset boots again; default ${restartsMax}
  --seed N         seed of the simulation; default 0. A run is a pure function of program, input
                   and seed (and of what is in mounted folders).
${vOptionsHelp}Exit status: that of the system: 0 after a normal end, 1 when the program
crashed for good, N after halt(N).
`,
  async run(args) {
    const parsed = parseArguments(args, [
      { names: ['--supervised'], takesValue: false },
      { names: ['--bare'], takesValue: false },
      { names: ['--stay'], takesValue: false },
      { names: ['--memory'], takesValue: true },
      { names: ['--restarts'], takesValue: true },
      ...vOptionSpecs,
      { names: ['--seed'], takesValue: true },
      { names: ['--mount'], takesValue: true, repeats: true },
    ]);
    const [path, ...programArguments] = parsed.positional;
    const memoryMb = numberOption(parsed.options, '--memory', 128, 16, 4095);
    const restarts = numberOption(parsed.options, '--restarts', restartsMax, 0, 1000);
    const seed = numberOption(parsed.options, '--seed', 0, 0, 0xffff_ffff);
    const plain =
      path === undefined ? undefined : await programWith(path, programArguments, parsed.options);
    const program = parsed.options.has('--supervised') ? supervised(plain) : plain;
    const archive = await buildBootArchive(bootKinds(parsed.options, program), program, {
      terminal: process.stdin.isTTY === true,
    });
    const memoryBytes = memoryMb * 2 ** 20;
    if (archive.length + (8 << 20) > memoryBytes) {
      throw new UserError(
        `the boot archive has ${archive.length} bytes and does not fit into ${memoryMb} MB of memory; use --memory`,
      );
    }
    const { wasm } = await buildVmForUse();
    const result = runPc({
      wasm: new WebAssembly.Module(wasm),
      archive,
      memoryBytes,
      seed: BigInt(seed),
      restartsMax: restarts,
      serialReader: new StdinReader(),
      onSerial: (bytes) => writeSync(1, bytes),
      onReset: (reason) => writeSync(2, `vbeam: reset by ${reason}, the machine boots again\n`),
      mounts: mountOptions(parsed.options.get('--mount')),
      wallClockNs: parsed.options.has('--seed') ? 0n : BigInt(Date.now()) * 1_000_000n,
    });
    if (result.panic !== undefined) throw new UserError(result.panic, 134);
    if (result.status === null)
      throw new UserError(`the system stopped: ${endingText(result.ending)}`, 1);
    return result.status;
  },
};
