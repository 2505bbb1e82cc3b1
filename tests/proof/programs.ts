/**
 * Programs that others wrote for `erl`, and what of them is run here. A row is a command line with
 * its files; what it prints must be the same on every host.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { applicationFolder, otpRoot } from '../../image/otp.ts';
import type { ArchiveFile } from '../../image/tar.ts';
import type { Task } from './hosts.ts';

export interface Need {
  /** A file or folder that exists when the package is installed. */
  readonly path: () => string;
  readonly package: string;
}

export interface ProofProgram {
  readonly name: string;
  readonly what: string;
  readonly needs: readonly Need[];
  /** Sources of modules that go with it, from this folder. */
  readonly modules?: readonly string[];
  readonly task: () => Omit<Task, 'files'> & { readonly files?: readonly ArchiveFile[] };
  /** Command line of the share that `make test` runs, instead of the task's. */
  readonly share?: readonly string[];
}

const here = import.meta.dirname;
const lib = () => join(otpRoot(), 'lib');
const elixirLib = '/usr/lib/elixir/lib';

/** Installed packages, by a file that each of them has. */
const packages = {
  sources: {
    path: () => join(applicationFolder(otpRoot(), 'stdlib'), '..', 'src', 'lists.erl'),
    package: 'erlang-src',
  },
  eunit: { path: () => join(lib(), eunitVersion(), 'ebin', 'eunit.beam'), package: 'erlang-eunit' },
  eunitHeaders: {
    path: () => join(lib(), eunitVersion(), 'include', 'eunit.hrl'),
    package: 'erlang-dev',
  },
  parsetools: {
    path: () => join(lib(), version('parsetools'), 'ebin', 'yecc.beam'),
    package: 'erlang-parsetools',
  },
  syntaxTools: {
    path: () => join(lib(), version('syntax_tools'), 'ebin', 'erl_tidy.beam'),
    package: 'erlang-syntax-tools',
  },
  proper: {
    path: () => join(lib(), version('proper'), 'ebin', 'proper.beam'),
    package: 'erlang-proper',
  },
  luerl: {
    path: () => join(lib(), version('luerl'), 'ebin', 'luerl.beam'),
    package: 'erlang-luerl',
  },
  dialyzer: {
    path: () => join(lib(), version('dialyzer'), 'ebin', 'dialyzer.beam'),
    package: 'erlang-dialyzer',
  },
  elixir: { path: () => join(elixirLib, 'elixir', 'ebin', 'elixir.beam'), package: 'elixir' },
} as const satisfies Record<string, Need>;

/** Name with version of an application's folder; the bare name when there is none. */
function version(application: string): string {
  const found = readdirSync(lib()).filter((name) => name.startsWith(`${application}-`));
  return found.sort().at(-1) ?? application;
}
const eunitVersion = () => version('eunit');

/** All files below folders of OTP's tree, with their absolute paths. */
function installedFiles(applications: readonly string[], folders: readonly string[]) {
  return applications
    .flatMap((application) => folders.map((each) => join(lib(), version(application), each)))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

/** Header files where our system has OTP's libraries, for -include_lib. */
function includeFiles(applications: readonly string[]): ArchiveFile[] {
  return installedFiles(applications, ['include']).map(({ path, bytes }) => ({
    path: path.replace(lib(), '/otp/lib'),
    bytes,
  }));
}

/** Files of this folder. */
function beside(...names: readonly string[]): ArchiveFile[] {
  return names.map((path) => ({ path, bytes: readFileSync(join(here, path)) }));
}

const compiled = ['stdlib', 'kernel', 'compiler'];
const call = (text: string) => ['-eval', `${text}, halt().`];
const otpCompile = (part: number, parts: number) => {
  const folders = compiled.map(version).join(',');
  return call(`otp_compile:main("${lib()}", "${folders}", ${part}, ${parts})`);
};

/** Scripts of the folder elixir/, each a program of its own. */
const elixirScripts = readdirSync(join(here, 'elixir'))
  .filter((name) => name.endsWith('.exs'))
  .sort();

const elixirCommand = (script: string) => ['-s', 'elixir', 'start_cli', '-extra', `@/${script}`];
const elixirProgram = (script: string): ProofProgram => ({
  name: `elixir_${basename(script, '.exs')}`,
  what: `Elixir script ${script}`,
  needs: [packages.elixir],
  task: () => ({
    args: elixirCommand(script),
    files: [{ path: script, bytes: readFileSync(join(here, 'elixir', script)) }],
    applications: ['compiler'],
    ebins: readdirSync(elixirLib).map((name) => join(elixirLib, name, 'ebin')),
    memoryMb: 512,
    secondsMax: 600,
  }),
  share: elixirCommand(script),
});

export const proofPrograms: readonly ProofProgram[] = [
  {
    name: 'otp_compile',
    what: "OTP's compiler: every module of kernel, stdlib and compiler; hashes of the code",
    needs: [packages.sources],
    modules: ['otp_compile.erl'],
    task: () => ({
      args: otpCompile(0, 1),
      installed: [
        ...installedFiles(compiled, ['src', 'include', 'ebin']),
        ...includeFiles(compiled),
      ],
      applications: ['compiler'],
      memoryMb: 2048,
      secondsMax: 3600,
    }),
    get share() {
      return otpCompile(7, 60);
    },
  },
  {
    name: 'eunit',
    what: 'EUnit: tests of all kinds that pass, fail, are skipped and time out',
    needs: [packages.eunit, packages.eunitHeaders],
    modules: ['eunit_sample.erl'],
    task: () => ({
      args: call('eunit:test(eunit_sample, [verbose])'),
      applications: ['eunit'],
      // A test that took a millisecond or more has its time before its `ok`.
      durations: /\[\d+\.\d{3} s\] /g,
      memoryMb: 256,
      secondsMax: 300,
    }),
    get share() {
      return this.task().args;
    },
  },
  {
    name: 'parsetools',
    what: 'yecc and leex make a parser and a scanner, which are compiled and run',
    needs: [packages.parsetools],
    modules: ['parser_sample.erl'],
    task: () => ({
      args: call('parser_sample:run(filename:dirname("@/calculator_parser.yrl"))'),
      files: beside('calculator_parser.yrl', 'calculator_scanner.xrl'),
      installed: [...installedFiles(['parsetools'], ['include']), ...includeFiles(['parsetools'])],
      applications: ['parsetools', 'compiler', 'syntax_tools'],
      memoryMb: 512,
      secondsMax: 600,
    }),
  },
  {
    name: 'dialyzer',
    what: 'dialyzer builds a PLT of erts, kernel and stdlib and finds mistakes in a module',
    needs: [packages.dialyzer],
    modules: ['dialyzer_sample.erl'],
    task: () => ({
      args: call('dialyzer_sample:run(filename:dirname("@/mistakes.erl"), [erts, kernel, stdlib])'),
      files: beside('mistakes.erl'),
      applications: ['dialyzer', 'compiler', 'syntax_tools'],
      memoryMb: 4095,
      secondsMax: 7200,
    }),
  },
  {
    name: 'proper',
    what: 'PropEr: properties of lists, terms, bit strings, numbers; shrinking',
    needs: [packages.proper],
    modules: ['proper_sample.erl'],
    task: () => ({
      args: call('proper_sample:run()'),
      applications: ['proper', 'compiler', 'syntax_tools'],
      memoryMb: 512,
      secondsMax: 600,
    }),
  },
  {
    name: 'luerl',
    what: 'Luerl: compiles and runs Lua',
    needs: [packages.luerl],
    modules: ['lua_sample.erl'],
    task: () => ({
      args: call('lua_sample:run()'),
      applications: ['luerl', 'compiler', 'syntax_tools'],
      memoryMb: 512,
      secondsMax: 600,
    }),
  },
  ...elixirScripts.map(elixirProgram),
];
