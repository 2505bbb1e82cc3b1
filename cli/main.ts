/**
 * The `vbeam` command line: finds the command, prints help, turns errors into one line and an exit
 * status.
 */
import { UserError } from '../lib/user_error.ts';
import type { Command } from './command.ts';

import { buildCommand } from './commands/build.ts';
import { disCommand } from './commands/dis.ts';
import { doctorCommand } from './commands/doctor.ts';
import { erlCommand } from './commands/erl.ts';
import { qemuCommand } from './commands/qemu.ts';
import { runCommand } from './commands/run.ts';
import { vCommand } from './commands/v.ts';

const commands: readonly Command[] = [
  runCommand,
  erlCommand,
  vCommand,
  disCommand,
  buildCommand,
  qemuCommand,
  doctorCommand,
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

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((each) => each.name === name);
  if (!command) throw new UserError(`unknown command ${name}; vbeam --help lists them`, 2);
  const end = rest.indexOf('--');
  const own = end < 0 ? rest : rest.slice(0, end);
  if (!command.takesAll && (own.includes('--help') || own.includes('-h'))) {
    process.stdout.write(`${command.help.trim()}\n`);
    return 0;
  }
  return command.run(rest);
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

process.exitCode = await main(process.argv.slice(2)).catch(report);
