/** A `.beam` file as data: every table of it, and its code as functions of instructions. */
import { type Opcode, opcodeMax, opcodes } from '../tables/opcodes.ts';
import { type Operand, readOperand, readUnsigned } from './compact_terms.ts';
import { type Chunk, readContainer } from './container.ts';
import { inflated, readTerm, type Term } from './external_term.ts';
import { Reader } from './reader.ts';

export interface FunctionName {
  readonly name: string;
  readonly arity: number;
}
export interface Import extends FunctionName {
  readonly module: string;
}
export interface Entry extends FunctionName {
  readonly label: number;
}
export interface Lambda extends Entry {
  readonly index: number;
  readonly freeVariables: number;
  readonly oldUniq: number;
}
export interface Instruction {
  readonly opcode: Opcode;
  readonly operands: readonly Operand[];
  /** Offset in the Code chunk's instructions. */
  readonly offset: number;
}
export interface CodeFunction extends FunctionName {
  /** Label of the entry, the one behind func_info; 0 when there is none. */
  readonly entry: number;
  readonly instructions: readonly Instruction[];
}
export interface Location {
  /** 0: the module's own file. */
  readonly file: number;
  readonly line: number;
}
export interface BeamModule {
  readonly name: string;
  readonly chunks: readonly Chunk[];
  readonly atoms: readonly string[];
  readonly imports: readonly Import[];
  readonly exports: readonly Entry[];
  readonly locals: readonly Entry[];
  readonly lambdas: readonly Lambda[];
  readonly literals: readonly Term[];
  readonly strings: Uint8Array;
  readonly files: readonly string[];
  /** Entry 0 is "no location". */
  readonly lines: readonly Location[];
  readonly attributes: Term | null;
  readonly compileInfo: Term | null;
  readonly labelCount: number;
  readonly functions: readonly CodeFunction[];
}

function decodeUtf8(reader: Reader, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail('has an atom that is not UTF-8');
  }
}

function readAtoms(chunks: ReadonlyMap<string, Uint8Array>): string[] {
  const utf8 = chunks.get('AtU8');
  const data = utf8 ?? chunks.get('Atom');
  if (!data) return new Reader(new Uint8Array(), 'beam file').fail('has no atom chunk');
  const reader = new Reader(data, utf8 ? 'AtU8 chunk' : 'Atom chunk');
  const signed = reader.i32();
  // OTP 28 writes the count negated, and lengths as compact numbers instead of bytes.
  const compact = utf8 !== undefined && signed < 0;
  const count = Math.abs(signed);
  if (!count || (signed < 0 && !compact)) reader.fail('names no module');
  if (count > reader.left) reader.fail('is too short for the entries it promises');
  return Array.from({ length: count }, () => {
    const bytes = reader.take(compact ? readUnsigned(reader) : reader.u8());
    return utf8 ? decodeUtf8(reader, bytes) : Buffer.from(bytes).toString('latin1');
  });
}

/** What the table readers need of the module so far. */
class Tables {
  readonly chunks: ReadonlyMap<string, Uint8Array>;
  readonly atoms: readonly string[];
  constructor(chunks: ReadonlyMap<string, Uint8Array>) {
    this.chunks = chunks;
    this.atoms = readAtoms(chunks);
  }
  /** Name by index from 1. */
  atom(reader: Reader, index: number): string {
    return this.atoms[index - 1] ?? reader.fail(`names atom ${index}, which is not in the table`);
  }
  /** Rows of a chunk that starts with their number, or none when the chunk is missing. */
  rows<T>(id: string, bytesEach: number, read: (reader: Reader) => T): T[] {
    const data = this.chunks.get(id);
    if (!data) return [];
    const reader = new Reader(data, `${id} chunk`);
    return Array.from({ length: reader.count(bytesEach) }, () => read(reader));
  }
  entry(reader: Reader): Entry {
    const name = this.atom(reader, reader.u32());
    return { name, arity: reader.u32(), label: reader.u32() };
  }
  import(reader: Reader): Import {
    const module = this.atom(reader, reader.u32());
    return { module, name: this.atom(reader, reader.u32()), arity: reader.u32() };
  }
  lambda(reader: Reader): Lambda {
    const entry = this.entry(reader);
    return { ...entry, index: reader.u32(), freeVariables: reader.u32(), oldUniq: reader.u32() };
  }
  term(id: string): Term | null {
    const data = this.chunks.get(id);
    return data?.length ? readTerm(data, `${id} chunk`) : null;
  }
}

function readLiterals(data: Uint8Array | undefined): Term[] {
  if (!data) return [];
  const head = new Reader(data, 'LitT chunk');
  const size = head.u32();
  const rest = head.take(head.left);
  // OTP 28 writes size 0 and leaves the table uncompressed.
  const reader = new Reader(size ? inflated(head, rest, size) : rest, 'LitT chunk');
  return Array.from({ length: reader.count(6) }, (_, i) =>
    readTerm(reader.take(reader.u32()), `LitT chunk: literal ${i}`),
  );
}

function readLines(data: Uint8Array | undefined): { files: string[]; lines: Location[] } {
  if (!data) return { files: [], lines: [] };
  const reader = new Reader(data, 'Line chunk');
  if (reader.u32() !== 0) return { files: [], lines: [] };
  reader.take(8);
  const lineCount = reader.u32();
  const fileCount = reader.u32();
  if (lineCount + fileCount > reader.left) reader.fail('is too short for the entries it promises');
  const lines: Location[] = [{ file: 0, line: 0 }];
  let file = 0;
  while (lines.length <= lineCount) {
    const operand = readOperand(reader);
    if (operand.tag === 'a' && operand.value <= fileCount) file = operand.value;
    else if (operand.tag === 'i' && operand.value >= 0n && operand.value < 1n << 31n)
      lines.push({ file, line: Number(operand.value) });
    else reader.fail('has a malformed entry');
  }
  const files = Array.from({ length: fileCount }, () =>
    Buffer.from(reader.take(reader.u16())).toString('utf8'),
  );
  return { files, lines };
}

const byNumber = new Map(opcodes.map((opcode) => [opcode.number, opcode]));

function readInstruction(reader: Reader, start: number): Instruction {
  const offset = reader.position - start;
  const number = reader.u8();
  const opcode = byNumber.get(number);
  if (!opcode) return reader.fail(`has the unknown instruction ${number} at byte ${offset}`);
  const operands = Array.from({ length: opcode.arity }, () => readOperand(reader));
  return { opcode, operands, offset };
}

function plainValue(operand: Operand | undefined): number {
  return operand && 'value' in operand ? Number(operand.value) : 0;
}

/**
 * Split the instructions into functions: each begins with the label (and line) before its
 * func_info.
 */
function splitFunctions(
  tables: Tables,
  reader: Reader,
  all: readonly Instruction[],
): CodeFunction[] {
  const starts = all.flatMap((each, i) => {
    if (each.opcode.name !== 'func_info') return [];
    let start = i;
    while (start > 0 && ['line', 'label'].includes(all[start - 1]!.opcode.name)) start--;
    return [{ start, info: i }];
  });
  return starts.map(({ start, info }, i) => {
    const [, name, arity] = all[info]!.operands;
    const next = all[info + 1];
    return {
      name: tables.atom(reader, plainValue(name)),
      arity: plainValue(arity),
      entry: next?.opcode.name === 'label' ? plainValue(next.operands[0]) : 0,
      instructions: all.slice(start, starts[i + 1]?.start ?? all.length),
    };
  });
}

function readCode(tables: Tables): { labelCount: number; functions: CodeFunction[] } {
  const data = tables.chunks.get('Code');
  if (!data) return new Reader(new Uint8Array(), 'beam file').fail('has no Code chunk');
  const reader = new Reader(data, 'Code chunk');
  const header = reader.u32();
  if (header < 16 || header > reader.left) reader.fail('has a bad header size');
  if (reader.u32() !== 0) reader.fail('has an instruction format that is not 0');
  const highest = reader.u32();
  if (highest > opcodeMax)
    reader.fail(`needs instruction ${highest}; instructions are known up to ${opcodeMax}`);
  const labelCount = reader.u32();
  const functionCount = reader.u32();
  reader.take(header - 16);
  const start = reader.position;
  const all: Instruction[] = [];
  while (all.at(-1)?.opcode.name !== 'int_code_end') {
    if (!reader.left) reader.fail('ends without int_code_end');
    all.push(readInstruction(reader, start));
  }
  const functions = splitFunctions(tables, reader, all);
  if (functions.length !== functionCount)
    reader.fail(`has ${functions.length} functions, its header says ${functionCount}`);
  return { labelCount, functions };
}

/** Read a whole `.beam` file; a BeamError names what is wrong with it. */
export function readModule(file: Uint8Array): BeamModule {
  const chunks = readContainer(file);
  const tables = new Tables(new Map(chunks.map((chunk) => [chunk.id, chunk.data])));
  const imports = tables.rows('ImpT', 12, (reader) => tables.import(reader));
  const exports = tables.rows('ExpT', 12, (reader) => tables.entry(reader));
  const locals = tables.rows('LocT', 12, (reader) => tables.entry(reader));
  const lambdas = tables.rows('FunT', 24, (reader) => tables.lambda(reader));
  return {
    name: tables.atoms[0]!,
    chunks,
    atoms: tables.atoms,
    imports,
    exports,
    locals,
    lambdas,
    literals: readLiterals(tables.chunks.get('LitT')),
    strings: tables.chunks.get('StrT') ?? new Uint8Array(),
    ...readLines(tables.chunks.get('Line')),
    attributes: tables.term('Attr'),
    compileInfo: tables.term('CInf'),
    ...readCode(tables),
  };
}
