/**
 * What OTP's release_handler wants to know of a system: that it is release `vbeam` of some version,
 * made of these applications. Formats: rel(4), appup(4), and the file RELEASES of sasl.
 */
import { basename } from 'node:path';
import type { ArchiveFile } from './tar.ts';

/** An application, by the name of its folder: NAME-VERSION. */
function nameAndVersion(folder: string): readonly [string, string] {
  const at = folder.lastIndexOf('-');
  return [folder.slice(0, at), folder.slice(at + 1)];
}

/** The resource of a release. */
export function releaseResource(version: string, folders: readonly string[]): string {
  const rows = folders.map(nameAndVersion);
  const erts = rows.find(([name]) => name === 'erts')?.[1] ?? '';
  const others = rows.filter(([name]) => name !== 'erts');
  const applications = others.map(([name, own]) => `  {${name},"${own}"}`).join(',\n');
  return `{release,{"vbeam","${version}"},{erts,"${erts}"},[\n${applications}]}.\n`;
}

/**
 * The release that the boot archive is, permanent from the start. vbeam_upgrade makes the file
 * RELEASES of it.
 */
export function releaseFiles(version: string, ebins: readonly string[]): ArchiveFile[] {
  const folders = ebins.map((ebin) => basename(ebin.replace(/\/ebin$/, '')));
  const rows = folders.map(nameAndVersion);
  const erts = rows.find(([name]) => name === 'erts')?.[1] ?? '';
  const libraries = rows
    .filter(([name]) => name !== 'erts')
    .map(([name, own]) => `{${name},"${own}","/otp/lib/${name}-${own}"}`)
    .join(',\n   ');
  const releases = `[{release,"vbeam","${version}","${erts}",\n  [${libraries}],permanent}].\n`;
  return [
    {
      path: `otp/releases/${version}/vbeam.rel`,
      bytes: Buffer.from(releaseResource(version, folders)),
    },
    { path: 'otp/releases/FIRST', bytes: Buffer.from(releases) },
  ];
}
