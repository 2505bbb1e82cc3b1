/**
 * What a terminal shows after some bytes: rows of text, any number of them. It knows the sequences
 * that line editing uses (ECMA-48): cursor movements, erasing, and wrapping at the right margin;
 * it takes no notice of colours and modes.
 */
export class TerminalScreen {
  private readonly cells: string[][] = [[]];
  private row = 0;
  private column = 0;
  /** A character stands in the last column: the next one wraps. */
  private full = false;
  private readonly decoder = new TextDecoder('utf-8');
  private pending = '';

  private readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(bytes: Uint8Array): void {
    let text = this.pending + this.decoder.decode(bytes, { stream: true });
    this.pending = '';
    while (text) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with ESC.
      const sequence = /^\u001b(\[[0-9;?=]*[A-Za-z]|[78=>()][0-9A-Z]?)/.exec(text);
      if (sequence) {
        this.control(sequence[0]);
        text = text.slice(sequence[0].length);
      } else if (text[0] === '\u001b' && text.length < 12) {
        this.pending = text;
        return;
      } else {
        const character = String.fromCodePoint(text.codePointAt(0)!);
        this.character(character);
        text = text.slice(character.length);
      }
    }
  }

  /** Rows as text, without blanks at their ends and empty rows at the end. */
  rows(): string[] {
    const rows = this.cells.map((cells) =>
      Array.from(cells, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (rows.length && rows.at(-1) === '') rows.pop();
    return rows;
  }

  private character(character: string): void {
    if (character === '\r') this.moveTo(this.row, 0);
    else if (character === '\n') this.moveTo(this.row + 1, this.column);
    else if (character === '\b') this.moveTo(this.row, this.column - (this.full ? 0 : 1));
    else if (character >= ' ') this.print(character);
  }

  private print(character: string): void {
    const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(
      character,
    );
    if (this.full || (wide && this.column + 2 > this.columns)) this.moveTo(this.row + 1, 0);
    const cells = this.cells[this.row]!;
    cells[this.column] = character;
    if (wide) cells[this.column + 1] = '';
    this.column += wide ? 2 : 1;
    this.full = this.column >= this.columns;
    if (this.full) this.column = this.columns - 1;
  }

  private moveTo(row: number, column: number): void {
    this.row = Math.max(0, row);
    this.column = Math.min(Math.max(0, column), this.columns - 1);
    this.full = false;
    while (this.cells.length <= this.row) this.cells.push([]);
  }

  private control(sequence: string): void {
    const count = Number.parseInt(sequence.slice(2), 10) || 1;
    const last = sequence.at(-1) ?? '';
    if (last === 'A') this.moveTo(this.row - count, this.column);
    else if (last === 'B') this.moveTo(this.row + count, this.column);
    else if (last === 'C') this.moveTo(this.row, this.column + count);
    else if (last === 'D') this.moveTo(this.row, this.column - count);
    if (last === 'J') this.cells.splice(this.row + 1);
    if (last === 'J' || last === 'K') this.cells[this.row]!.splice(this.column);
  }
}
