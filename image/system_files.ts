/**
 * The system's own part of the boot archive: its applications, compiled from os/, and the boot
 * script that starts OTP with them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash } from '../lib/cache.ts';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';
import { compileErlang } from './erlang.ts';
import { otpProgram } from './otp.ts';
import { type ArchiveFile, readFiles } from './tar.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cacheDir = join(root, 'build', 'os');
export const systemVersion = '0.1.0';
const ESCRIPT_TIMEOUT_MS = 60_000;

interface OwnApplication {
  readonly name: string;
  readonly description: string;
  /** Folder below os/. */
  readonly folder: string;
  readonly registered: readonly string[];
  /** More keys of the resource file. */
  readonly more: string;
}

const platform: OwnApplication = {
  name: 'vbeam_platform',
  description: 'What stands where OTP has drivers written in C',
  folder: 'platform',
  registered: ['vbeam_port_sup', 'vbeam_port_driver_sup', 'vbeam_port_server'],
  more: '',
};
const system: OwnApplication = {
  name: 'vbeam',
  description: "VBEAM's drivers, services and programs",
  folder: 'vbeam',
  registered: ['vbeam_system', 'vbeam_kernel_sup', 'vbeam_app_sup'],
  more: ',\n  {mod,{vbeam_system,[]}}',
};

const linux: OwnApplication = {
  name: 'vbeam_linux',
  description: "Linux's system calls, programs and kernel modules",
  folder: 'linux',
  registered: [],
  more: '',
};

/** All that the system has of its own, in the order of the boot script. */
const ownApplications = [system, platform, linux];

/** Modules with behaviours that others declare. */
const behaviours = [
  'vbeam_driver.erl',
  'vbeam_port_driver.erl',
  'vbeam_filesystem.erl',
  'vbeam_block.erl',
];

/**
 * Modules of OTP that must be there before there is a code server: init loads modules until then,
 * and waits for itself when erl_features, which it asks, is without this one.
 */
const neededEarly = ['proplists'];

function sourcesOf({ folder }: OwnApplication): string[] {
  const path = join(root, 'os', folder, 'src');
  return readdirSync(path)
    .filter((name) => name.endsWith('.erl'))
    .sort()
    .map((name) => join(path, name));
}

export const ownApplicationNames: readonly string[] = ownApplications.map(({ name }) => name);

/** Names of all modules of os/ that are in every system. */
export const ownModuleNames = (): ReadonlySet<string> =>
  new Set(ownApplications.flatMap(sourcesOf).map((path) => basename(path, '.erl')));

/** The modules of os/, compiled. */
export function osModules(): Promise<string[]> {
  return compileErlang(ownApplications.flatMap(sourcesOf), cacheDir, behaviours);
}

function resourceFile(
  application: OwnApplication,
  modules: readonly string[],
  version: string = systemVersion,
): string {
  return `{application,${application.name},
 [{description,"${application.description}"},
  {vsn,"${version}"},
  {modules,[${modules.join(',')}]},
  {registered,[${application.registered.join(',')}]},
  {applications,[kernel,stdlib]}${application.more}]}.
`;
}

/** The `.beam` files and the resource file of one application. */
function applicationFiles(application: OwnApplication, beams: readonly string[]): ArchiveFile[] {
  const names = sourcesOf(application).map((path) => basename(path, '.erl'));
  const folder = `otp/lib/${application.name}-${systemVersion}/ebin`;
  const own = beams.filter((path) => names.includes(basename(path, '.beam')));
  const text = resourceFile(application, names);
  return [
    ...readFiles(own, folder),
    { path: `${folder}/${application.name}.app`, bytes: Buffer.from(text) },
    // From no other version yet.
    {
      path: `${folder}/${application.name}.appup`,
      bytes: Buffer.from(`{"${systemVersion}",[],[]}.\n`),
    },
  ];
}

/** The resource of application `vbeam` in another version, of the same modules. */
export const systemResource = (version: string): string =>
  resourceFile(
    system,
    sourcesOf(system).map((path) => basename(path, '.erl')),
    version,
  );

/** OTP's boot script with the system's parts, made once for each content. */
async function bootScript(otp: string): Promise<Uint8Array> {
  const start = join(otp, 'bin', 'start.boot');
  if (!existsSync(start)) throw new UserError(`${start}: no such file; is this Erlang/OTP whole?`);
  const script = join(root, 'image', 'boot_script.escript');
  const resources = ownApplications.map((each) =>
    resourceFile(
      each,
      sourcesOf(each).map((path) => basename(path, '.erl')),
    ),
  );
  const key = contentHash(
    readFileSync(start),
    readFileSync(script),
    ...resources,
    neededEarly.join(' '),
  );
  const folder = join(root, 'build', 'boot_script', key);
  const result = join(folder, 'start.boot');
  if (existsSync(result)) return readFileSync(result);
  mkdirSync(folder, { recursive: true });
  const paths = resources.map((text, i) => {
    const path = join(folder, `${i}.app`);
    writeFileSync(path, text);
    return path;
  });
  const run = await runProcess(
    otpProgram('escript'),
    [script, start, ...paths, result, ...neededEarly],
    {
      timeoutMs: ESCRIPT_TIMEOUT_MS,
    },
  );
  if (run.status !== 0) throw new UserError(`${run.stdout}${run.stderr}`.trimEnd());
  return readFileSync(result);
}

/** The system's applications, without what starts them. */
export async function systemApplications(): Promise<ArchiveFile[]> {
  const beams = await osModules();
  return ownApplications.flatMap((each) => applicationFiles(each, beams));
}

/** Everything of the system's own that the boot archive holds, but the file `boot`. */
export async function systemFiles(otp: string): Promise<ArchiveFile[]> {
  const script = await bootScript(otp);
  return [
    ...(await systemApplications()),
    { path: 'otp/bin/start.boot', bytes: script },
    // The release's own, which release_handler goes back to.
    { path: `otp/releases/${systemVersion}/start.boot`, bytes: script },
  ];
}
