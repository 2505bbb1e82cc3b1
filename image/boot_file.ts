/**
 * The file `boot` of the boot archive: what the VM starts first. Its format is vm/boot.ts's: a
 * module and a function for the bare VM, or the arguments that OTP's init gets.
 */
import { UserError } from '../lib/user_error.ts';
import type { Program } from './program.ts';

/** How the machine starts. */
export type BootKind =
  /** The supervision tree, then the program below it; power off when it has ended. */
  | 'application'
  /** The supervision tree, and the program below it if there is one; stays up. */
  | 'stay'
  /** Only the program's function, on a bare VM without a supervision tree. */
  | 'bare';

/**
 * The kind that the options --bare, --stay and --power-off ask for; without a program the system
 * stays up.
 */
export function bootKinds(
  options: ReadonlyMap<string, string>,
  program: Program | undefined,
): BootKind {
  if (options.has('--bare')) return 'bare';
  if (options.has('--stay')) return 'stay';
  return program || options.has('--power-off') ? 'application' : 'stay';
}

/** What a C runtime tells OTP's init before the user's own arguments (init(3)). */
const runtimeArguments = [
  ...['-root', '/otp', '-bindir', '/otp/bin', '-progname', 'erl'],
  ...['--', '-home', '/', '--'],
];

/** A boot file that starts OTP with the arguments of a command line. */
export function otpBootFile(userArguments: readonly string[]): Uint8Array {
  const words = [...runtimeArguments, ...userArguments];
  return Buffer.from(`otp\n${words.map((word) => `${word}\0`).join('')}`);
}

export interface BootOptions {
  /** A person's terminal is at the other end of the serial line, and says its size. */
  readonly terminal: boolean;
  /** The first shell is busybox's, not OTP's. */
  readonly linuxShell: boolean;
}

/** Arguments of a system that was booted for a program (or none): os/vbeam/src/vbeam_system.erl. */
function systemArguments(
  kind: BootKind,
  program: Program | undefined,
  { terminal, linuxShell }: BootOptions,
): string[] {
  const words = program
    ? ['-pa', '/program', '-vbeam_application', program.name, program.module, program.function]
    : [];
  words.push(...(program?.args ?? []));
  if (terminal) words.push('-vbeam_terminal');
  if (linuxShell) words.push('-vbeam_linux_shell');
  // What stands behind -extra is the program's own.
  const extra = program?.arguments?.length ? ['-extra', ...program.arguments] : [];
  if (kind === 'stay') return ['-user', 'vbeam_user', ...words, ...extra];
  return ['-noshell', ...words, '-vbeam_on_exit', 'power_off', ...extra];
}

export function bootFile(
  kind: BootKind,
  program: Program | undefined,
  options: BootOptions,
): Uint8Array {
  if (kind !== 'bare') return otpBootFile(systemArguments(kind, program, options));
  if (!program) throw new UserError('--bare needs a program', 2);
  if (program.args.length) {
    throw new UserError('a V program needs the supervision tree: not with --bare', 2);
  }
  return Buffer.from(`${program.module} ${program.function}\n`);
}
