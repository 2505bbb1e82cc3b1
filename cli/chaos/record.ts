/** What is known of one boot with a campaign of faults. */
import type { CampaignRecord } from './protocol.ts';

export interface BootRecord extends CampaignRecord {
  readonly seed: number;
  /** With which the machine was switched off, null when it ended otherwise. */
  readonly status: number | null;
  /** How it ended otherwise. */
  readonly ending: string | null;
  /** The VM itself failed. */
  readonly crashed: boolean;
  readonly hung: boolean;
  readonly virtualMs: number;
  /** Equal runs of the simulated PC have equal digests; 0 elsewhere. */
  readonly digest: number;
}
