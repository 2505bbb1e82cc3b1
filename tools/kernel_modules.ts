/**
 * Which modules of the newest kernel the system could load: those whose symbols, and those of all
 * they depend on, are in the tables of os/linux or in other modules.
 *
 *   node --import tsx tools/kernel_modules.ts [--missing]
 *
 * A module counts as software only when it names no device in its aliases and calls no bus;
 * --missing lists what keeps most of those from being loaded.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxKernel } from '../image/linux_kernel.ts';

const sources = join(import.meta.dirname, '..', 'os', 'linux', 'src');
/** Aliases of devices, and symbols without which no driver of a bus is. */
const deviceAlias =
  /\0alias=(pci|usb|of|acpi|platform|i2c|spi|hid|pcmcia|input|mdio|virtio|vmbus|serio|sdio|ssb|bcma|dmi|eisa|pnp|mei|hdaudio|snd|wmi|xen|scsi|ieee1394|ishtp|rpmsg|typec|tbsvc|parport|cpu|dfl|auxiliary|slim|sdw|greybus|fsl|isa|nd|rapidio|ap|css|ccw|zorro|dax|tee|mhi|peci|vchiq|ipack|mcb|spmi|zii|coreboot)[:*]/;
const busSymbol =
  /^(__pci_register_driver|usb_register_driver|__platform_driver_register|i2c_register_driver|__spi_register_driver|__hid_register_driver|pnp_register_driver|acpi_bus_register_driver|__serio_register_driver|ioremap|__iowrite.*|request_threaded_irq|snd_card_new|drm_dev_register|usb_.*|pci_.*|regmap_.*|devm_.*|dma_.*|snd_.*|drm_.*|dvb_.*|v4l2_.*|i2c_.*|spi_.*|iio_.*|input_.*|phy_.*|mdio.*|acpi_.*|scsi_.*|ata_.*|hid_.*|media_.*|gpio.*|clk_.*|of_.*|__request_region|ieee80211_.*|cfg80211_.*|wiphy_.*|power_supply_.*|led_.*|rtw.*)$/;

interface Module {
  readonly needs: readonly string[];
  readonly offers: readonly string[];
  readonly depends: readonly string[];
  readonly software: boolean;
}

function symbolsOf(bytes: Buffer): { needs: string[]; offers: string[] } {
  const table = Number(bytes.readBigUInt64LE(40));
  const count = bytes.readUInt16LE(60);
  const section = (index: number) => ({
    type: bytes.readUInt32LE(table + 64 * index + 4),
    offset: Number(bytes.readBigUInt64LE(table + 64 * index + 24)),
    size: Number(bytes.readBigUInt64LE(table + 64 * index + 32)),
    link: bytes.readUInt32LE(table + 64 * index + 40),
  });
  const needs: string[] = [];
  const offers: string[] = [];
  for (let index = 0; index < count; index++) {
    const { type, offset, size, link } = section(index);
    if (type !== 2) continue;
    const names = section(link).offset;
    for (let at = offset; at < offset + size; at += 24) {
      const from = names + bytes.readUInt32LE(at);
      const name = bytes.toString('latin1', from, bytes.indexOf(0, from));
      if (name.startsWith('__ksymtab_')) offers.push(name.slice('__ksymtab_'.length));
      else if (name !== '' && bytes.readUInt16LE(at + 6) === 0) needs.push(name);
    }
  }
  return { needs, offers };
}

function readModule(path: string): Module {
  const bytes = readFileSync(path);
  const text = bytes.toString('latin1');
  const depends = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? '';
  const { needs, offers } = symbolsOf(bytes);
  return {
    needs,
    offers,
    depends: depends.split(',').flatMap((name) => (name ? [name.replaceAll('-', '_')] : [])),
    software: !deviceAlias.test(text) && !needs.some((name) => busSymbol.test(name)),
  };
}

/** The symbols of the tables. */
function ownSymbols(): Set<string> {
  const work = mkdtempSync(join(tmpdir(), 'vbeam-symbols-'));
  try {
    const names = readdirSync(sources).filter((name) => /^vbeam_(ko|linuxkpi)/.test(name));
    execFileSync('erlc', ['-o', work, ...names.map((name) => join(sources, name))], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const print = '[io:format("~s~n", [N]) || N <- vbeam_linuxkpi:symbols()], halt().';
    const output = execFileSync('erl', ['-noshell', '-pa', work, '-eval', print]);
    return new Set(output.toString().trim().split('\n'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function missingOf(
  name: string,
  modules: ReadonlyMap<string, Module>,
  own: ReadonlySet<string>,
): string[] {
  const all = [name];
  for (const each of all)
    for (const other of modules.get(each)?.depends ?? []) if (!all.includes(other)) all.push(other);
  const offers = new Set(all.flatMap((each) => modules.get(each)?.offers ?? []));
  const needs = new Set(all.flatMap((each) => modules.get(each)?.needs ?? []));
  return [...needs].filter((symbol) => !own.has(symbol) && !offers.has(symbol));
}

const kernel = await linuxKernel();
const modules = new Map<string, Module>();
for (const [name, path] of kernel.modules) modules.set(name, readModule(join(kernel.folder, path)));
const own = ownSymbols();
const missing = new Map([...modules.keys()].map((name) => [name, missingOf(name, modules, own)]));
const software = [...modules].filter(([, module]) => module.software).map(([name]) => name);
const complete = (names: Iterable<string>) =>
  [...names].filter((name) => missing.get(name)?.length === 0).sort();
const resolved = complete(software);
process.stdout.write(
  `Linux ${kernel.release}: ${own.size} functions and variables of the kernel\n` +
    `${complete(modules.keys()).length} of ${modules.size} modules have all they need, ` +
    `${resolved.length} of ${software.length} of those without hardware\n`,
);
if (process.argv.includes('--missing')) {
  const near = software
    .map((name) => ({ name, symbols: missing.get(name) ?? [] }))
    .filter(({ symbols }) => symbols.length > 0 && symbols.length <= 4)
    .sort((a, b) => a.symbols.length - b.symbols.length);
  for (const { name, symbols } of near)
    process.stdout.write(`${name}: ${symbols.sort().join(' ')}\n`);
} else process.stdout.write(`${resolved.join(' ')}\n`);
