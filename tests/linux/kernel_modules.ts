/** What the tests of kernel modules need: Debian's modules in a folder, and tasks for plain erl. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LinuxKernel, linuxKernel, moduleFiles } from '../../image/linux_kernel.ts';
import { UserError } from '../../lib/user_error.ts';

const here = import.meta.dirname;
const sources = join(here, '..', '..', 'os', 'linux', 'src');

/** The kernel, or why there is none. */
export async function kernelOrReason(): Promise<LinuxKernel | string> {
  try {
    return await linuxKernel();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Modules with what they depend on, and the interface, as files of a folder. */
export async function writeModules(folder: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { path, bytes } of await moduleFiles(names))
    writeFileSync(join(folder, path.split('/').at(-1) ?? ''), bytes);
}

/** The module that does what none should, built for a release of the kernel. */
export function buildHostile(path: string, release: string): void {
  execFileSync('clang', [
    ...['-O1', '-c', '-mcmodel=kernel', '-fno-pic', '-mno-red-zone', '-mgeneral-regs-only'],
    ...['-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-stack-protector', '-w'],
    `-DRELEASE="${release}"`,
    ...['-o', path, join(here, 'modules', 'hostile.c')],
  ]);
}

/** Compiles the loader, the kernel's interface, the cases and the host of tasks; their folder. */
export function buildForErl(work: string): void {
  const wanted = /^vbeam_(ko|linuxkpi|elf)\w*\.erl$/;
  execFileSync('erlc', [
    ...['-o', work],
    ...readdirSync(sources)
      .filter((name) => wanted.test(name))
      .map((name) => join(sources, name)),
    ...['elf_cases.erl', 'module_cases.erl', 'host/vbeam_task.erl'].map((name) => join(here, name)),
  ]);
  execFileSync('gcc', ['-O1', '-o', join(work, 'task_host'), join(here, 'host', 'task_host.c')]);
}

/** What plain erl prints for an expression, with native tasks. */
export function onErl(work: string, expression: string): string {
  const text = `{ok, _} = vbeam_ko_sup:start_link(), ${expression}, halt().`;
  return execFileSync('erl', ['-noshell', '-pa', work, '-eval', text], {
    env: { ...process.env, VBEAM_TASK_HOST: join(work, 'task_host') },
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 1 << 26,
  });
}
