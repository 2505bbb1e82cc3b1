/** `vbeam doctor`: what this machine lacks, and the command that installs it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applicationFolder, findExecutable, otpRoot } from '../../image/otp.ts';
import { debianRequirements, ovmfPaths } from '../../tables/requirements.ts';
import type { Command } from '../command.ts';

/** Whether a requirement's program or file is on this machine. */
function isThere(program: string): boolean {
  if (program === 'OVMF') return ovmfPaths.some((path) => existsSync(path));
  const [, application, file] = /^(\w+)-\*\/(.+)$/.exec(program) ?? [];
  if (!application || !file) return findExecutable(program) !== undefined;
  try {
    return existsSync(join(applicationFolder(otpRoot(), application), '..', file));
  } catch {
    return false;
  }
}

export const doctorCommand: Command = {
  help: `
usage: vbeam doctor

Checks for the programs and files that building, booting and testing need. Exit status 1
when something is missing.
`,
  async run() {
    const missing = new Set<string>();
    for (const requirement of debianRequirements) {
      const found = isThere(requirement.program);
      const state = found ? 'ok     ' : 'MISSING';
      process.stdout.write(`${state} ${requirement.program.padEnd(27)} ${requirement.why}\n`);
      if (!found) missing.add(requirement.package);
    }
    const major = Number(process.versions.node.split('.')[0]);
    process.stdout.write(
      `${major >= 20 ? 'ok     ' : 'MISSING'} ${'node 20 or newer'.padEnd(27)} this is ${process.version}\n`,
    );
    const modules = existsSync(
      join(import.meta.dirname, '..', '..', 'node_modules', 'assemblyscript'),
    );
    process.stdout.write(
      `${modules ? 'ok     ' : 'MISSING'} ${'npm packages'.padEnd(27)} make setup\n`,
    );
    if (missing.size) {
      process.stdout.write(
        `\nInstall what is missing:\n  apt-get install --no-install-recommends ${[...missing].join(' ')}\n`,
      );
    }
    return missing.size || !modules || major < 20 ? 1 : 0;
  },
};
