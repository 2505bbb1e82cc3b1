/**
 * The `vbeam` command line: finds the command, prints help, turns errors into one line and an exit
 * status.
 */
import { UserError } from '../lib/user_error.ts';
import type { Command, Sources } from './command.ts';

interface Entry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** A command brings its part of the sources only when it is run. */
  readonly load: () => Promise<Command>;
}

const commands: readonly Entry[] = [
  {
    name: 'run',
    summary: 'run a V, Erlang or .beam program, or the shell, on the simulated PC',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'erl',
    summary: "OTP's erl on this VM, with its flags, the host's files and standard streams",
    load: async () => (await import('./commands/erl.ts')).erlCommand,
  },
  {
    name: 'escript',
    summary: "an escript on this VM, started by OTP's own escript",
    load: async () => (await import('./commands/escript.ts')).escriptCommand,
  },
  {
    name: 'v',
    summary: 'compile a V program to .beam files',
    load: async () => (await import('./commands/v.ts')).vCommand,
  },
  {
    name: 'test',
    summary: "run V's test files",
    load: async () => (await import('./commands/test.ts')).testCommand,
  },
  {
    name: 'dis',
    summary: 'disassemble a .beam file',
    load: async () => (await import('./commands/dis.ts')).disCommand,
  },
  {
    name: 'build',
    summary: 'make a bootable folder, disk image or Linux executable of a program',
    load: async () => (await import('./commands/build.ts')).buildCommand,
  },
  {
    name: 'qemu',
    summary: 'boot a program in QEMU under OVMF',
    load: async () => (await import('./commands/qemu.ts')).qemuCommand,
  },
  {
    name: 'chaos',
    summary: 'inject faults into the running system, and see it heal',
    load: async () => (await import('./commands/chaos.ts')).chaosCommand,
  },
  {
    name: 'doctor',
    summary: 'say what is missing on this machine and how to install it',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
];

function help(): string {
  const rows = commands.map((command) => `  ${command.name.padEnd(8)} ${command.summary}`);
  return [
    'usage: vbeam COMMAND [ARGUMENTS]',
    '',
    ...rows,
    '',
    'vbeam COMMAND --help says more about a command.',
    '',
  ].join('\n');
}

async function run(args: readonly string[], sources: Sources): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const entry = commands.find((each) => each.name === name);
  if (!entry) throw new UserError(`unknown command ${name}; vbeam --help lists them`, 2);
  const command = await entry.load();
  const end = rest.indexOf('--');
  const own = end < 0 ? rest : rest.slice(0, end);
  if (!command.takesAll && (own.includes('--help') || own.includes('-h'))) {
    process.stdout.write(`${command.help.trim()}\n`);
    return 0;
  }
  return command.run(rest, sources);
}

function report(error: unknown): number {
  if (error instanceof UserError) {
    process.stderr.write(`${error.message}\n`);
    return error.status;
  }
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`vbeam: internal error: ${text}\n`);
  if (process.env.VBEAM_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 70;
}

export async function main(args: readonly string[], sources: Sources): Promise<void> {
  process.exitCode = await run(args, sources).catch(report);
}
