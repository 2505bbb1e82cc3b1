/**
 * What a reader of the serial line sees during a campaign (os/chaos/src/vbeam_chaos_load.erl):
 * numbered lines between STX and ETX, each once and in order, and between them what the shell
 * prints. The emergency console of the VM writes wherever it likes, also inside a line.
 */
const STX = 2;
const ETX = 3;
const digits = 8;
const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const textMax = 8192;
/** What the VM and vbeam_root say without the driver. */
const emergency = /VBEAM|ended|out of memory|killed|shutdown|noproc|[{<]/;
/** A line of it, which may stand inside what the shell prints. */
const emergencyLine = /VBEAM[^\r\n]*\n/g;

export class SerialCheck {
  /** Number of the last whole line. */
  lines = 0;
  /** The first thing that was wrong. */
  problem: string | null = null;
  /** Last characters that belong to no numbered line. */
  text = '';
  /** What the shell has answered. */
  readonly answers = new Set<number>();
  /** What the rest of the present line must be; null outside of a line. */
  private expected: string | null = null;
  private foreign = '';

  take(bytes: Uint8Array): void {
    for (const byte of bytes) this.character(byte);
    if (this.text.length > textMax) this.cut();
  }

  /** Nothing more comes. */
  finish(): void {
    this.cut();
    if (this.expected !== null) this.end();
  }

  /** Note the answers, and forget the text but for its end. */
  cut(): void {
    const printed = this.text.replaceAll(emergencyLine, '');
    for (const [, number] of printed.matchAll(/\{chaos_answer,(\d+)\}/g))
      this.answers.add(Number(number));
    this.text = this.text.slice(-textMax / 2);
  }

  private character(byte: number): void {
    if (this.expected === null) {
      if (byte === STX) this.begin();
      else this.text += String.fromCharCode(byte);
      return;
    }
    if (byte === this.expected.charCodeAt(0)) {
      this.expected = this.expected.slice(1);
      if (this.expected === '') this.end();
    } else {
      this.foreign += String.fromCharCode(byte);
      // More than the emergency console ever says: the line itself is another one.
      if (this.foreign.length > textMax) this.end();
    }
  }

  private begin(): void {
    const number = String(this.lines + 1).padStart(digits, '0');
    this.expected = `${number} ${alphabet}${String.fromCharCode(ETX)}\r\n`;
    this.foreign = '';
  }

  private end(): void {
    if (this.expected !== '' || (this.foreign && !emergency.test(this.foreign)))
      this.problem ??= `line ${this.lines + 1} has ${JSON.stringify(this.foreign.slice(0, 100))} in it`;
    this.text += this.foreign;
    this.expected = null;
    this.lines++;
  }
}
