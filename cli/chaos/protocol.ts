/**
 * What the campaign in the machine (os/chaos/src/vbeam_chaos.erl) says on the debug console, line
 * by line, and what the machine outside does then.
 *
 *   begin SEED                      the tree stands
 *   fault N KIND TARGET US          a fault is about to be injected, at this time of the guest
 *   type N TIMES                    ask the console; at times only interrupt what it does, or leave
 *                                   the menu behind ^G first
 *   garbage BYTES | keys BYTE N     send random bytes, or one byte N times
 *   interrupts LINE ENTRIES COUNT   the next COUNT interrupts of some line become ENTRIES each
 *   spurious VECTOR COUNT           interrupts that no device has raised
 *   note US WHAT | rest             what is not yet as it should be
 *   healed N TREE_US CONSOLE_US     when the tree was whole, and when the console had answered
 *   unhealed N WHAT                 the deadline has passed
 *   memory N MAP | leak N WHAT | lost WHAT
 *   broken WHAT                     the campaign itself cannot go on
 *   lines N | end                   the last numbered line; the machine switches itself off
 */
import { RandomStream } from '../../machine/random_stream.ts';
import { SerialCheck } from './serial_check.ts';

export interface FaultRecord {
  readonly number: number;
  readonly kind: string;
  readonly target: string;
  /** Time of the guest when it was injected, in microseconds. */
  readonly atUs: number;
  /** From the fault on, until the tree was whole, and until the console had answered. */
  treeUs: number | null;
  consoleUs: number | null;
  /** Why it counts as unhealed. */
  problem: string | null;
}

export interface CampaignRecord {
  readonly faults: readonly FaultRecord[];
  /** What was wrong with the whole run: lines lost, memory not returned. */
  readonly problems: readonly string[];
  readonly ended: boolean;
  readonly lines: number;
  /** What the shell and the VM said last. */
  readonly tail: string;
  readonly notes: readonly string[];
}

/** What can be done to the machine. */
export interface Actions {
  type(bytes: Uint8Array): void;
  /** Only where the machine is a model. */
  disturb?(choice: number, entries: number, count: number): void;
  raise?(vector: number, count: number): void;
  /** The guest goes on for ever without this. */
  stop(why: string): void;
}

const eraseLine = '\x15';
const interruptKey = '\x03';
/** What comes before the question, or in place of it, each time it is typed. */
const approaches: readonly { readonly keys: string; readonly asks: boolean }[] = [
  { keys: eraseLine, asks: true },
  { keys: interruptKey, asks: false },
  { keys: eraseLine, asks: true },
  // `c` goes back from the menu to the shell; there it begins an expression that is in error.
  { keys: `${eraseLine}c\r${eraseLine}`, asks: true },
  { keys: interruptKey, asks: false },
];
const notesMax = 20;

export class Campaign {
  readonly serial = new SerialCheck();
  private readonly faults: FaultRecord[] = [];
  private readonly problems: string[] = [];
  private notes: string[] = [];
  private ended = false;
  private blamed = false;
  private line = '';
  private readonly random: RandomStream;
  /** Called for each line, with the actions of the moment. */
  onLine: ((line: string) => void) | null = null;

  constructor(seed: number) {
    this.random = new RandomStream(BigInt(seed), 'garbage');
  }

  /** A character of the debug console. */
  take(byte: number, actions: Actions): void {
    if (byte !== 10) {
      this.line += String.fromCharCode(byte);
      return;
    }
    const line = this.line;
    this.line = '';
    this.onLine?.(line);
    const [word = '', ...rest] = line.split(' ');
    this.act(word, rest, actions);
  }

  private act(word: string, rest: readonly string[], actions: Actions): void {
    const [first = 0, second = 0, third = 0] = rest.map(Number);
    const text = rest.slice(1).join(' ');
    const row = handlers[word];
    if (row === undefined) this.problems.push(`the guest said: ${word} ${rest.join(' ')}`);
    else row({ campaign: this, actions, first, second, third, text, words: rest });
  }

  begin(words: readonly string[]): void {
    const [number, kind = '', ...others] = words;
    this.notes = [];
    this.faults.push({
      number: Number(number),
      kind,
      target: others.slice(0, -1).join(' '),
      atUs: Number(others.at(-1)),
      treeUs: null,
      consoleUs: null,
      problem: null,
    });
  }

  heal(number: number, treeUs: number, consoleUs: number): void {
    const fault = this.find(number);
    if (fault === undefined) return;
    fault.treeUs = treeUs;
    fault.consoleUs = consoleUs;
    this.blame(number);
  }

  /** What is wrong with the serial line is the fault's during which it was first seen. */
  private blame(number: number): void {
    const { problem } = this.serial;
    if (problem === null || this.blamed) return;
    this.blamed = true;
    this.fail(number, problem);
  }

  fail(number: number, why: string): void {
    const fault = this.find(number);
    if (fault) fault.problem ??= why;
    else this.problems.push(why);
  }

  private find(number: number): FaultRecord | undefined {
    const last = this.faults.at(-1);
    return last?.number === number ? last : undefined;
  }

  problem(why: string): void {
    this.problems.push(why);
  }

  /** Lines that were acknowledged, once the guest has said it. */
  acknowledged: number | null = null;

  /** Everything that was acknowledged has come, and so has each answer of the shell. */
  private compare(lines: number): void {
    this.serial.finish();
    for (const fault of this.faults) {
      if (!this.serial.answers.has(fault.number))
        fault.problem ??= 'the answer of the console was not printed';
    }
    const came = this.serial.lines;
    if (came !== lines) this.problem(`${lines} lines were acknowledged, ${came} came`);
  }

  note(text: string): void {
    if (this.notes.length < notesMax) this.notes.push(text);
  }

  finish(): void {
    this.ended = true;
  }

  question(number: number, times: number): Uint8Array {
    const { keys, asks } = approaches[times % approaches.length] ?? { keys: '', asks: true };
    return Buffer.from(`${keys}${asks ? `vbeam_chaos:answer(${number}).\r` : ''}`, 'latin1');
  }

  garbage(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.random.below(256));
  }

  /** All of it, when the machine has ended. */
  record(): CampaignRecord {
    if (this.acknowledged !== null) this.compare(this.acknowledged);
    const { faults, problems, ended, notes, serial } = this;
    const unsaid = serial.problem !== null && !this.blamed;
    const all = unsaid ? [...problems, serial.problem ?? ''] : problems;
    return { faults, problems: all, ended, lines: serial.lines, tail: serial.text, notes };
  }
}

interface Said {
  readonly campaign: Campaign;
  readonly actions: Actions;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  /** What stands behind the first word. */
  readonly text: string;
  readonly words: readonly string[];
}

const handlers: Readonly<Record<string, (said: Said) => void>> = {
  begin: () => undefined,
  rest: () => undefined,
  memory: () => undefined,
  fault: ({ campaign, words }) => campaign.begin(words),
  type: ({ campaign, actions, first, second }) => actions.type(campaign.question(first, second)),
  garbage: ({ campaign, actions, first }) => actions.type(campaign.garbage(first)),
  keys: ({ actions, first, second }) => actions.type(new Uint8Array(second).fill(first)),
  interrupts: ({ actions, first, second, third }) => actions.disturb?.(first, second, third),
  spurious: ({ actions, first, second }) => actions.raise?.(first, second),
  note: ({ campaign, words }) => campaign.note(words.join(' ')),
  healed: ({ campaign, first, second, third }) => campaign.heal(first, second, third),
  unhealed: ({ campaign, actions, first, text }) => {
    campaign.fail(first, text);
    actions.stop(`fault ${first} is not healed`);
  },
  broken: ({ campaign, actions, words }) => {
    campaign.problem(`the campaign cannot go on: ${words.join(' ')}`);
    actions.stop('the campaign cannot go on');
  },
  leak: ({ campaign, text }) => campaign.problem(`memory not returned: ${text}`),
  lost: ({ campaign, words }) => campaign.problem(`lost: ${words.join(' ')}`),
  lines: ({ campaign, first }) => {
    campaign.acknowledged = first;
  },
  end: ({ campaign }) => campaign.finish(),
};
