/** One boot of the simulated PC with a campaign of faults: a pure function of seed and number. */
import { endingText, type MachineControls, runPc } from '../../machine/pc.ts';
import { chaosArchive } from './archive.ts';
import { Campaign } from './protocol.ts';
import type { BootRecord } from './record.ts';

const memoryBytes = 64 << 20;
/** The campaign says something at least so often, or nothing will come any more. */
const silenceNs = 150e9;

export interface BootOptions {
  /** The VM. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly seed: number;
  readonly faults: number;
  /** One kind of faults, or `all`. */
  readonly only: string;
  /** What the campaign says, line by line. */
  readonly onLine: ((line: string) => void) | null;
}

export async function runSimulated(options: BootOptions): Promise<BootRecord> {
  const { wasm, seed, faults, only, onLine } = options;
  const archive = await chaosArchive(seed, faults, 'simulated', only);
  const campaign = new Campaign(seed);
  campaign.onLine = onLine;
  const silence = new Silence();
  const result = runPc({
    wasm: new WebAssembly.Module(wasm),
    archive,
    memoryBytes,
    seed: BigInt(seed),
    choices: 'seeded',
    restartsMax: 0,
    wallClockNs: 0n,
    onSerial: (bytes) => campaign.serial.take(bytes),
    onDebug: (byte, controls) => {
      silence.heard(controls);
      campaign.take(byte, actionsOf(controls));
    },
  });
  const { panic, virtualNs, digest } = result;
  const ending = panic ?? (result.status === null ? endingText(result.ending) : null);
  return {
    ...campaign.record(),
    seed,
    status: result.status,
    ending: silence.over ? 'hang: the campaign said nothing any more' : ending,
    crashed: panic !== undefined,
    hung: silence.over || result.ending.kind === 'idle',
    virtualMs: Math.round(virtualNs / 1e6),
    digest,
  };
}

function actionsOf(controls: MachineControls) {
  const { interrupts } = controls;
  return {
    type: (bytes: Uint8Array) => controls.type(bytes),
    stop: (why: string) => controls.end(why),
    disturb: (choice: number, entries: number, count: number) => {
      const lines = interrupts.openLines;
      const line = lines[choice % Math.max(1, lines.length)];
      if (line !== undefined) interrupts.disturb(line, entries, count);
    },
    raise: (vector: number, count: number) => {
      for (let left = count; left > 0; left--) interrupts.raise(vector);
    },
  };
}

/** Ends the run when the campaign has nothing to say for too long. */
class Silence {
  over = false;
  private heardNs = 0;
  private looking = false;

  heard(controls: MachineControls): void {
    this.heardNs = controls.nowNs;
    if (!this.looking) this.look(controls, silenceNs);
    this.looking = true;
  }

  private look(controls: MachineControls, ns: number): void {
    controls.after(ns, () => {
      const left = this.heardNs + silenceNs - controls.nowNs;
      if (left > 0) return this.look(controls, left);
      this.over = true;
      controls.end('silence');
    });
  }
}
