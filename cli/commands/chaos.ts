/** `vbeam chaos`: faults injected into the running system, as a seed chooses. */
import { join } from 'node:path';
import { runProcess } from '../../lib/run_process.ts';
import { UserError } from '../../lib/user_error.ts';
import { buildVmForUse } from '../../tools/build_vm.ts';
import { runQemuCampaign } from '../chaos/qemu.ts';
import type { BootRecord } from '../chaos/record.ts';
import { runSimulated } from '../chaos/simulated.ts';
import { faultRow, summary } from '../chaos/summary.ts';
import { type Command, numberOption, parseArguments } from '../command.ts';

/** Faults of one boot: a failure is replayed from the beginning of its boot. */
const faultsOfBootMax = 500;
const faultsDefault = 500;
/** What a boot of the simulated PC may take outside; more is a hang that the machine cannot see. */
const bootMs = 120_000;
const faultMs = 5_000;

interface Choice {
  readonly qemu: boolean;
  readonly only: string;
  readonly list: boolean;
}

/**
 * A boot of the simulated PC runs in a process of its own, so that a VM that never returns can be
 * ended.
 */
async function simulatedApart(seed: number, faults: number, only: string): Promise<BootRecord> {
  const vbeam = join(import.meta.dirname, '..', 'vbeam.mjs');
  const numbers = ['--seed', String(seed), '--faults', String(faults), '--only', only];
  const result = await runProcess(process.execPath, [vbeam, 'chaos', '--raw', ...numbers], {
    timeoutMs: bootMs + faults * faultMs,
  });
  if (result.timedOut) return hangOf(seed);
  if (result.status !== 0) throw new UserError(result.stderr.trimEnd(), result.status ?? 1);
  return JSON.parse(result.stdout) as BootRecord;
}

/** The VM itself went on for ever. */
const hangOf = (seed: number): BootRecord => ({
  ...{ seed, faults: [], problems: [], ended: false, lines: 0, tail: '', notes: [] },
  ...{ status: null, ending: 'hang: the VM did not return', crashed: false, hung: true },
  ...{ virtualMs: 0, digest: 0 },
});

/** Boots with one seed after the other, until `enough` of the faults so far. */
async function campaign(
  seed: number,
  { qemu, only, list }: Choice,
  left: (faults: number) => number,
): Promise<BootRecord[]> {
  const boots: BootRecord[] = [];
  let injected = 0;
  for (let next = seed; left(injected) > 0; next++) {
    const faults = Math.min(left(injected), faultsOfBootMax);
    const boot = qemu
      ? await runQemuCampaign({ seed: next, faults, only, onLine: null })
      : await simulatedApart(next, faults, only);
    boots.push(boot);
    injected += boot.faults.length;
    if (list) {
      for (const fault of boot.faults) process.stdout.write(`${faultRow(next, fault)}\n`);
      process.stdout.write(`seed ${next}: ${boot.virtualMs} ms, digest ${boot.digest}\n`);
    } else {
      process.stderr.write(`seed ${next}: ${boot.faults.length} faults\n`);
    }
    // A machine that does not even boot will not do so with another seed either.
    if (boot.faults.length === 0) break;
  }
  return boots;
}

async function raw(seed: number, faults: number, only: string): Promise<number> {
  const { wasm } = await buildVmForUse();
  const boot = await runSimulated({ wasm: Buffer.from(wasm), seed, faults, only, onLine: null });
  process.stdout.write(JSON.stringify(boot));
  return 0;
}

export const chaosCommand: Command = {
  help: `
usage: vbeam chaos [OPTIONS]

Boots the system with its shell and a program that injects faults, one after the other, while lines
are printed, files written and processes started: processes of the tree and of the shell are ended,
their states and what is kept for them corrupted, interrupts lost and repeated, mailboxes flooded,
memory exhausted, drivers made to loop. After each fault the tree must be whole and answer, the
console must answer what is typed on the serial line, and nothing that was acknowledged be lost.
docs/operating.md explains what is printed. A boot has up to ${faultsOfBootMax} faults.
  --seed N         seed of the first boot, default 1; the next one has the next seed
  --faults N       so many faults; default ${faultsDefault}
  --minutes M      as many as are injected in so many minutes
  --only KIND      faults of one kind
  --qemu           in QEMU under OVMF instead of the simulated PC
  --list           print each fault
  --raw            one boot of the simulated PC, as JSON
On the simulated PC the same seed and number give the same run to the last interrupt.
Exit status: 0 when everything was healed, else 1.
`,
  async run(args) {
    const { options, positional } = parseArguments(args, [
      { names: ['--seed'], takesValue: true },
      { names: ['--faults'], takesValue: true },
      { names: ['--minutes'], takesValue: true },
      { names: ['--only'], takesValue: true },
      { names: ['--qemu'], takesValue: false },
      { names: ['--list'], takesValue: false },
      { names: ['--raw'], takesValue: false },
    ]);
    if (positional.length)
      throw new UserError(`unexpected argument ${positional[0]}; see --help`, 2);
    const seed = numberOption(options, '--seed', 1, 0, 0xffff_ffff);
    const faults = numberOption(options, '--faults', faultsDefault, 1, 10_000_000);
    const minutes = numberOption(options, '--minutes', 0, 1, 100_000);
    const only = options.get('--only') ?? 'all';
    if (!/^[a-z_]+$/.test(only)) throw new UserError(`--only ${only}: not a kind of fault`, 2);
    if (options.has('--raw')) return raw(seed, faults, only);
    const qemu = options.has('--qemu');
    const until = Date.now() + minutes * 60_000;
    const left = (done: number): number =>
      minutes ? (Date.now() < until ? faultsOfBootMax : 0) : faults - done;
    const choice = { qemu, only, list: options.has('--list') };
    const boots = await campaign(seed, choice, left);
    const replay = `vbeam chaos${only === 'all' ? '' : ` --only ${only}`}`;
    const { text, ok } = summary(boots, qemu ? '_qemu' : '', replay);
    process.stdout.write(text);
    return ok ? 0 : 1;
  },
};
