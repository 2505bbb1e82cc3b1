/**
 * Writes `vm/gen/*.ts` and `vm/host.ts`: what AssemblyScript needs from the tables and from
 * declarations beside the VM's code.
 *
 * - `layout`: offsets of the memory map and of the process control block.
 * - `atoms`: every `am_NAME` used in vm/, and the names of all BIFs.
 * - `bifs`: every function declared by a `// bif: module:name/arity` line in vm/bif/.
 * - `files`: operations on the host's files, and error numbers.
 * - `regex_tables`: what regular expressions know of characters (gen_regex.ts).
 * - `opcodes`, `dispatch`: every `op_NAME` function in vm/ops/, and the interpreter's loop over
 * them. The line above such a function
 *   says how it ends: `// runs: call` (a jump to a function entry, one reduction), `// runs:
 *   external` (the same, of the function of an export entry), `// runs: slow` (it needs to know
 *   what is left of the slice and may charge reductions), `// runs: return` (it looks at the
 *   doorbell), or nothing. An op that has swapped the process out
 *   returns 0.
 * Files are rewritten only when they change.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atomTexts } from '../tables/atoms.ts';
import { guardBifs } from '../tables/guard_bifs.ts';
import { hostFunctions, powerReset } from '../tables/host.ts';
import * as hostFiles from '../tables/host_files.ts';
import { instructionEffects } from '../tables/instruction_effects.ts';
import { internalOpcodes } from '../tables/internal_opcodes.ts';
import { linear, vectors } from '../tables/memory_map.ts';
import { opcodeMax, opcodes } from '../tables/opcodes.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { processFields } from '../tables/process.ts';
import { fixedCode, specialisations } from '../tables/specialisations.ts';
import * as tasks from '../tables/tasks.ts';
import { regexTables } from './gen_regex.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vmFolder = join(root, 'vm');

export interface BifDeclaration {
  readonly module: string;
  readonly name: string;
  readonly arity: number;
  readonly fn: string;
  readonly file: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(vmFolder, 'gen/')) && !path.endsWith('.test.ts'))
    .sort();
}

function upperSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function header(sources: string): string {
  return `/** Made by tools/gen.ts from ${sources}; do not edit. */\n`;
}

/**
 * Offsets of fields that are aligned to their size in the order given, and the structure's size
 * rounded up to 8.
 */
export function fieldOffsets(fields: readonly { name: string; size: number }[]): {
  offsets: { name: string; offset: number }[];
  bytes: number;
} {
  let at = 0;
  const offsets = fields.map(({ name, size }) => {
    at = Math.ceil(at / size) * size;
    const offset = at;
    at += size;
    return { name, offset };
  });
  return { offsets, bytes: Math.ceil(at / 8) * 8 };
}

function genLayout(): string {
  const lines = Object.entries(linear).map(
    ([name, value]) => `export const LINEAR_${upperSnake(name)}: u32 = ${value};`,
  );
  lines.push(`export const VECTOR_LAPIC_TIMER: u32 = ${vectors.lapicTimer};`);
  lines.push(`export const VECTOR_OF_GSI0: u32 = ${vectors.vectorOfGsi0};`);
  lines.push(`export const VECTOR_MESSAGE0: u32 = ${vectors.message0};`);
  lines.push(`export const VECTOR_MESSAGE_END: u32 = ${vectors.lapicSpurious};`);
  const { offsets, bytes } = fieldOffsets(processFields);
  for (const { name, offset } of offsets) lines.push(`export const P_${name}: u32 = ${offset};`);
  lines.push(`export const PROCESS_BYTES: u32 = ${bytes};`);
  return `${header('tables/memory_map.ts and tables/process.ts')}${lines.join('\n')}\n`;
}

/** All BIFs declared in vm/bif/, in order of file and line. */
export function readBifs(): BifDeclaration[] {
  const found = sourceFiles(join(vmFolder, 'bif')).flatMap(readBifsOf);
  const seen = new Map<string, string>();
  for (const bif of found) {
    const key = `${bif.module}:${bif.name}/${bif.arity}`;
    if (seen.has(key))
      throw new Error(`bif ${key} is declared twice: ${seen.get(key)}, ${bif.file}`);
    seen.set(key, bif.file);
  }
  return found;
}

function readBifsOf(path: string): BifDeclaration[] {
  const found: BifDeclaration[] = [];
  const file = path.slice(vmFolder.length + 1, -3);
  let pending: { module: string; name: string; arity: number }[] = [];
  // A parameter list may be spread over lines by the formatter: join up to its closing parenthesis.
  const text = readFileSync(path, 'utf8').replace(
    /^(export function \w+)\(([^)]*)\)/gm,
    (_, name, params) => `${name}(${params.replace(/\s+/g, ' ')})`,
  );
  for (const line of text.split('\n')) {
    const mark = /^\/\/ bif: (.+?):(.+)\/(\d+)\s*$/.exec(line);
    const fn = /^export function (\w+)\(([^)]*)\)/.exec(line);
    if (mark) pending.push({ module: mark[1]!, name: mark[2]!, arity: Number(mark[3]) });
    else if (fn && pending.length) {
      const params = fn[2]!.split(',').filter((part) => part.trim()).length;
      for (const bif of pending) {
        if (bif.arity !== params) {
          throw new Error(
            `${path}: ${fn[1]} has ${params} parameters, declared arity ${bif.arity}`,
          );
        }
        found.push({ ...bif, fn: fn[1]!, file });
      }
      pending = [];
    } else if (pending.length && line.trim() && !/^(\/\/|\/\*\*| \*)/.test(line)) {
      throw new Error(`${path}: "// bif:" is not followed by an exported function: ${line}`);
    }
  }
  return found;
}

function genAtoms(bifs: readonly BifDeclaration[]): { text: string; index: Map<string, number> } {
  // false is atom 0 and true is atom 1, so that making a boolean is arithmetic.
  const constants = new Set<string>(['false', 'true']);
  const used = sourceFiles(vmFolder).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\bam_([a-z0-9]\w*|EXIT|DOWN)\b/g)].map(
      (match) => match[1]!,
    ),
  );
  for (const name of used.sort()) constants.add(name);
  for (const name of [...Object.keys(posixErrors), 'unknown']) constants.add(name);
  const index = new Map<string, number>();
  const add = (text: string): number => {
    const held = index.get(text);
    if (held !== undefined) return held;
    index.set(text, index.size);
    return index.size - 1;
  };
  const lines = [...constants].map((name) => {
    const number = add(Object.hasOwn(atomTexts, name) ? atomTexts[name]! : name);
    return `export const am_${name}: u64 = ${(BigInt(number) << 6n) | 0x0bn};`;
  });
  for (const bif of bifs) {
    add(bif.module);
    add(bif.name);
  }
  const bytes = [...index.keys()].flatMap((text) => {
    const utf8 = [...Buffer.from(text, 'utf8')];
    return [utf8.length, ...utf8];
  });
  lines.push(`export const ATOMS_COUNT: u32 = ${index.size};`);
  lines.push('/** Texts by atom index: length byte, UTF-8. */');
  lines.push(`export const ATOMS_TEXT: usize = memory.data<u8>([${bytes.join(',')}]);`);
  return {
    text: `${header('am_NAME uses and BIF declarations in vm/, and tables/atoms.ts')}${lines.join('\n')}\n`,
    index,
  };
}

/**
 * Index of the function of each BIF by `module:name/arity`; BIFs that share a function share its
 * index.
 */
function bifIndices(bifs: readonly BifDeclaration[]): Map<string, number> {
  const functions = new Map<string, number>();
  for (const bif of bifs) if (!functions.has(bif.fn)) functions.set(bif.fn, functions.size);
  return new Map(
    bifs.map((bif) => [`${bif.module}:${bif.name}/${bif.arity}`, functions.get(bif.fn)!]),
  );
}

/** OTP's BIFs, without the functions that are NIFs there. */
function otpBifNames(): Set<string> {
  const rows = readFileSync(join(root, 'tables', 'otp_bifs.tsv'), 'utf8').split('\n');
  const columns = rows.filter((row) => row && !row.startsWith('#')).map((row) => row.split('\t'));
  return new Set(columns.filter(([, kind]) => kind !== 'nif').map(([name]) => name as string));
}

function genBifs(bifs: readonly BifDeclaration[], atoms: Map<string, number>): string {
  const indexOf = new Map<string, number>();
  const byFile = new Map<string, string[]>();
  for (const bif of bifs) {
    if (indexOf.has(bif.fn)) continue;
    indexOf.set(bif.fn, indexOf.size);
    byFile.set(bif.file, [...(byFile.get(bif.file) ?? []), bif.fn]);
  }
  const lines = [...byFile].map(
    ([file, names]) => `import { ${names.join(', ')} } from '../${file}';`,
  );
  for (const [fn, number] of indexOf) lines.push(`export const BIF_${fn}: u32 = ${number};`);
  lines.push(`export const BIF_COUNT: u32 = ${indexOf.size};`);
  lines.push('/** Function-table index of each BIF. */');
  lines.push(`export const BIF_TABLE: usize = memory.data(${Math.max(indexOf.size, 1) * 4}, 8);`);
  lines.push('/** Rows {module atom index, function atom index, arity, BIF index} of u32. */');
  const rows = bifs.map((bif) =>
    [atoms.get(bif.module), atoms.get(bif.name), bif.arity, indexOf.get(bif.fn)].join(','),
  );
  lines.push(`export const BIF_NAMES_COUNT: u32 = ${bifs.length};`);
  lines.push(`export const BIF_NAMES: usize = memory.data<u32>([${rows.join(',') || 0}]);`);
  const inOtp = otpBifNames();
  // An instruction in OTP, which a function of module erlang wraps.
  inOtp.delete('erlang:yield/0');
  const flags = bifs.map((bif) => (inOtp.has(`${bif.module}:${bif.name}/${bif.arity}`) ? 1 : 0));
  lines.push('/** By row: 1 when it is a BIF of OTP too (tables/otp_bifs.tsv). */');
  lines.push(`export const BIF_IN_OTP: usize = memory.data<u8>([${flags.join(',') || 0}]);`);
  const guards = [...indexOf.keys()].map((fn) =>
    bifs.some(
      (bif) => bif.fn === fn && guardBifs.includes(`${bif.module}:${bif.name}/${bif.arity}`),
    )
      ? 1
      : 0,
  );
  lines.push(
    '/** By BIF index: 1 when bif and gc_bif instructions may name it (tables/guard_bifs.ts). */',
  );
  lines.push(`export const BIF_IS_GUARD: usize = memory.data<u8>([${guards.join(',') || 0}]);`);
  lines.push('export function initBifTable(): void {');
  for (const [fn, number] of indexOf)
    lines.push(`  store<u32>(BIF_TABLE, ${fn}.index, ${number * 4});`);
  lines.push('}');
  return `${header('the BIF declarations in vm/bif/')}${lines.join('\n')}\n`;
}

interface OpFunction {
  readonly name: string;
  readonly file: string;
  readonly ends: '' | 'call' | 'external' | 'return' | 'slow';
}

function readOps(): OpFunction[] {
  return sourceFiles(join(vmFolder, 'ops')).flatMap((path) =>
    [
      ...readFileSync(path, 'utf8').matchAll(
        /^(?:\/\/ runs: (\w+)\n)?export function op_(\w+)\(pc: usize\): usize/gm,
      ),
    ].map((match) => ({
      name: match[2]!,
      file: path.slice(vmFolder.length + 1, -3),
      ends: (match[1] ?? '') as OpFunction['ends'],
    })),
  );
}

/** Names of the instructions that the interpreter has. */
export function implementedInstructions(): Set<string> {
  return new Set(readOps().map(({ name }) => name));
}

const firstInternal = opcodeMax + 1;

/** Numbers of all instructions by name: generic ones keep theirs, internal ones follow. */
export function opNumbers(): Map<string, number> {
  const numbers = new Map<string, number>(opcodes.map((op) => [op.name, op.number]));
  internalOpcodes.forEach((op, index) => {
    if (numbers.has(op.name)) throw new Error(`instruction ${op.name} stands twice in the tables`);
    numbers.set(op.name, firstInternal + index);
  });
  return numbers;
}

const operandLetters = '?sdfueqhzlFaxycjtSb';

const whenLetters = { any: '.', even: 'm', x: 'x', y: 'y', constant: 'c' } as const;

/**
 * SPECIAL_FIRST (u16 a generic instruction: its first row, 0 = none) and SPECIAL_ROWS (16 bytes
 * each; see vm/loader/specialise.ts).
 */
function genSpecialisations(
  ops: readonly OpFunction[],
  bifs: readonly BifDeclaration[],
): readonly string[] {
  const numbers = opNumbers();
  const bifIndex = bifIndices(bifs);
  const bytes: number[] = new Array(16).fill(0);
  const first: number[] = new Array(firstInternal).fill(0);
  const exists = new Set(ops.map((op) => op.name));
  const usable = specialisations.filter(
    (row) =>
      exists.has(row.to) && (row.bif === undefined || row.bif === '*' || bifIndex.has(row.bif)),
  );
  for (const from of new Set(usable.map((row) => row.from))) {
    const opcode = numbers.get(from);
    if (opcode === undefined || opcode >= firstInternal)
      throw new Error(`specialisation of ${from}, which is no generic instruction`);
    first[opcode] = bytes.length / 16;
    for (const row of usable.filter((each) => each.from === from)) {
      const to = numbers.get(row.to)!;
      const named = row.bif === undefined ? 0xffff : bifIndex.get(row.bif)!;
      const bif = row.code ? fixedCode[row.code] : row.bif === '*' ? 0xfffe : named;
      const kinds = [...row.when.padEnd(12, '.')].map((letter) =>
        Object.values(whenLetters).indexOf(letter as '.'),
      );
      if (kinds.includes(-1))
        throw new Error(`specialisation of ${from}: bad letter in ${row.when}`);
      bytes.push(to & 255, to >> 8, bif & 255, bif >> 8, ...kinds);
    }
    bytes.push(...new Array(16).fill(0));
  }
  return [
    `export const SPECIAL_APPLY_3: u32 = ${fixedCode['erlang:apply/3']};`,
    `export const SPECIAL_APPLY_2: u32 = ${fixedCode['erlang:apply/2']};`,
    ...Object.keys(whenLetters).map((name, i) => `export const WHEN_${name}: u32 = ${i};`),
    '/** Index of the first row for each generic instruction, 0 = none. */',
    `export const SPECIAL_FIRST: usize = memory.data<u16>([${first.join(',')}]);`,
    '/** Rows of 16 bytes: vm/loader/specialise.ts. */',
    `export const SPECIAL_ROWS: usize = memory.data<u8>([${bytes.join(',')}]);`,
  ];
}

const registerTypes = { cons: 2, map: 3, float: 4, tuple: 16 } as const;

/**
 * EFFECTS: a row of nine bytes for each generic instruction; the columns are named in
 * vm/loader/verify.ts.
 */
function genEffects(): readonly string[] {
  const columns = 9;
  const bytes: number[] = new Array(firstInternal * columns).fill(0);
  const numbers = new Map(opcodes.map((op) => [op.name, op]));
  for (const row of instructionEffects) {
    const op = numbers.get(row.op);
    if (!op) throw new Error(`effect of ${row.op}, which is no generic instruction`);
    const flags = (row.ends ? 1 : 0) | (row.call ? 2 : 0) | (row.readsDestinations ? 4 : 0);
    const frames = { needed: 1, none: 2 } as const;
    const frame = typeof row.frame === 'number' ? 3 + row.frame : row.frame ? frames[row.frame] : 0;
    bytes.splice(
      op.number * columns,
      columns,
      flags,
      row.live === undefined ? 0 : row.live + 1,
      row.arguments === undefined ? 0 : row.arguments + 1,
      row.extra ?? 0,
      frame,
      row.need ? row.need.operand + 1 : 0,
      row.need ? registerTypes[row.need.type] : 0,
      row.need?.size === undefined ? 0 : row.need.size + 1,
      row.gives ? registerTypes[row.gives] : 0,
    );
  }
  return [
    '/** What instructions do to registers and frame, nine bytes each: vm/loader/verify.ts. */',
    `export const EFFECTS: usize = memory.data<u8>([${bytes.join(',')}]);`,
  ];
}

function genOpcodes(ops: readonly OpFunction[], bifs: readonly BifDeclaration[]): string {
  const numbers = opNumbers();
  const count = firstInternal + internalOpcodes.length;
  const lines = [...numbers].map(([name, number]) => `export const OP_${name}: u32 = ${number};`);
  lines.push(`export const OPCODE_MAX: u32 = ${opcodeMax};`);
  lines.push(`export const OPCODES_COUNT: u32 = ${count};`);
  for (const [i, letter] of [...operandLetters].entries()) {
    if (i) lines.push(`export const OPERAND_${letter}: u32 = ${i};`);
  }
  const rowBytes = 12;
  const signatures: number[] = new Array(firstInternal * rowBytes).fill(0);
  const arities: number[] = new Array(firstInternal).fill(0);
  const names: string[] = new Array(firstInternal).fill('');
  for (const op of opcodes) {
    arities[op.number] = op.arity;
    names[op.number] = op.name;
    [...(op.operands ?? '')].forEach((letter, i) => {
      signatures[op.number * rowBytes + i] = operandLetters.indexOf(letter);
    });
    if (op.operands === null) signatures[op.number * rowBytes] = 255;
  }
  const implemented = new Array(count).fill(0);
  for (const op of ops) {
    const number = numbers.get(op.name);
    if (number === undefined) throw new Error(`op_${op.name} in ${op.file} is in no table`);
    implemented[number] = 1;
  }
  const data = (doc: string, name: string, bytes: readonly number[]) =>
    lines.push(
      `/** ${doc} */`,
      `export const ${name}: usize = memory.data<u8>([${bytes.join(',')}]);`,
    );
  data(
    `Operand kinds (OPERAND_) of generic instructions, ${rowBytes} bytes a row; first byte 255 = refused.`,
    'OPCODE_OPERANDS',
    signatures,
  );
  data('1 for each instruction that the interpreter has.', 'OPCODE_IMPLEMENTED', implemented);
  data('Arity of each generic instruction.', 'OPCODE_ARITY', arities);
  data(
    'Names by number: length byte, text.',
    'OPCODE_NAMES',
    names.flatMap((n) => [n.length, ...Buffer.from(n)]),
  );
  lines.push(...genSpecialisations(ops, bifs));
  lines.push(...genEffects());
  return `${header('tables/opcodes.ts, tables/internal_opcodes.ts, tables/specialisations.ts, tables/instruction_effects.ts and vm/ops/')}${lines.join('\n')}\n`;
}

const armEnd: Record<OpFunction['ends'], string> = {
  '': '        break;',
  call: `        if (--left < load<i32>(LINEAR_DOORBELL)) {
          setReductionsLeft(left);
          if (yieldAtEntry(pc)) return;
        }
        break;`,
  external: `        if (--left < load<i32>(LINEAR_DOORBELL)) {
          setReductionsLeft(left);
          if (yieldAtExternal(from, pc)) return;
        }
        break;
      }`,
  return: `        if (left < load<i32>(LINEAR_DOORBELL)) {
          setReductionsLeft(left);
          if (yieldAtReturn(pc)) return;
        }
        break;`,
  slow: `        left -= pendingReductions;
        setPendingReductions(0);
        break;`,
};

function genDispatch(ops: readonly OpFunction[]): string {
  const numbers = opNumbers();
  const byFile = new Map<string, string[]>();
  for (const op of ops) byFile.set(op.file, [...(byFile.get(op.file) ?? []), `op_${op.name}`]);
  const imports = [...byFile].map(
    ([file, names]) => `import { ${names.join(', ')} } from '../${file}';`,
  );
  const arms = [...ops]
    .sort((a, b) => numbers.get(a.name)! - numbers.get(b.name)!)
    .map((op) => {
      const before = op.ends === 'slow' ? '        setReductionsLeft(left);\n' : '';
      // The slow path asks which entry was called.
      const external = op.ends === 'external';
      const open = external ? ' {\n        const from = pc;' : '';
      const call = `pc = op_${op.name}(${external ? 'from' : 'pc'});`;
      return `      case ${numbers.get(op.name)}:${open}\n${before}        ${call}\n${armEnd[op.ends]}`;
    });
  return `${header('tables/opcodes.ts, tables/internal_opcodes.ts and vm/ops/')}${imports.join('\n')}
import { LINEAR_DOORBELL } from './layout';
import { badInstruction, yieldAtEntry, yieldAtExternal, yieldAtReturn } from '../interp';
import { pendingReductions, setPendingReductions, setReductionsLeft } from '../state';

/**
 * Run instructions from \`start\` until the process leaves the processor; \`reductions\` is its
 * slice. An op returns the next pc,
 * or 0 when the process has been swapped out.
 */
export function run(start: usize, reductions: i32): void {
  let pc = start;
  let left = reductions;
  while (true) {
    switch (load<u8>(pc)) {
      // The word at address 0 is 0: an op that returned 0 has swapped the process out.
      case 0:
        setReductionsLeft(left);
        return;
${arms.join('\n')}
      default:
        badInstruction(pc);
        return;
    }
  }
}
`;
}

function genHost(): string {
  const wasmType = { i32: 'u32', i64: 'i64' } as const;
  const declarations = hostFunctions.map((fn) => {
    const params = fn.params.map((p) => `${p.name}: ${wasmType[p.type]}`).join(', ');
    const result = fn.result === null ? 'void' : wasmType[fn.result];
    return `/** ${fn.doc} */\nexport declare function ${fn.name}(${params}): ${result};`;
  });
  return `/**\n * The whole boundary of the VM (architecture D3). Made by tools/gen.ts from tables/host.ts; do not edit.\n */\nexport const POWER_RESET: u32 = ${powerReset};\n\n${declarations.join('\n')}\n`;
}

/** Numbers of tables/host_files.ts and tables/posix_errors.ts, and the atom of an error number. */
function genFiles(): string {
  const { fileOperations, fileRequest, fileRequestBytes } = hostFiles;
  const lines: string[] = [];
  const group = (prefix: string, values: Readonly<Record<string, number>>): void => {
    for (const [name, value] of Object.entries(values))
      lines.push(`export const ${prefix}_${upperSnake(name)}: u32 = ${value};`);
  };
  group('FILE', Object.fromEntries(fileOperations.map(({ name }, index) => [name, index])));
  group('REQUEST', { ...fileRequest, allBytes: fileRequestBytes });
  group('OPEN', hostFiles.openFlags);
  group('STAT', { ...hostFiles.statFields, allBytes: hostFiles.statBytes });
  group('ENTRY', hostFiles.entryFields);
  group('TYPE', hostFiles.fileTypes);
  group('AT', {
    symlinkNofollow: hostFiles.AT_SYMLINK_NOFOLLOW,
    removedir: hostFiles.AT_REMOVEDIR,
  });
  group('STREAMS', hostFiles.standardStreams);
  group('EVENT', hostFiles.streamEvents);
  group('STREAM_EVENT', hostFiles.streamEvent);
  group('SIGNAL_RECORD', hostFiles.signalRecord);
  group('WINDOW', hostFiles.windowSizeFields);
  group('START', hostFiles.startBlock);
  group('LIMIT', { path: hostFiles.pathBytesMax, name: hostFiles.nameBytesMax });
  const errors = Object.entries(posixErrors);
  const atoms = errors.map(([name]) => `am_${name}`);
  for (const [name, number] of errors)
    lines.push(`export const ${name.toUpperCase()}: i64 = -${number};`);
  const most = Math.max(...Object.values(posixErrors));
  const byNumber = Array.from({ length: most + 1 }, (_, number) => {
    const found = errors.find(([, value]) => value === number);
    return found ? `am_${found[0]}` : 'am_unknown';
  });
  lines.push('/** The atom of a negative error number. */');
  lines.push('export function errorAtom(error: i64): u64 {');
  lines.push('  switch (-error as i32) {');
  byNumber.forEach((atom, number) => {
    if (atom !== 'am_unknown') lines.push(`    case ${number}: return ${atom};`);
  });
  lines.push('    default: return am_unknown;', '  }', '}');
  const from = 'tables/host_files.ts and tables/posix_errors.ts';
  return `${header(from)}import { ${atoms.join(', ')}, am_unknown } from './atoms';\n${lines.join('\n')}\n`;
}

/** Numbers of tables/tasks.ts. */
function genTasks(): string {
  const lines: string[] = [];
  const group = (prefix: string, values: Readonly<Record<string, number>>): void => {
    for (const [name, value] of Object.entries(values))
      lines.push(`export const ${prefix}_${upperSnake(name)}: u32 = ${value};`);
  };
  const { taskOperations, taskRequest, taskRequestBytes, taskRegisters } = tasks;
  group('TASK', Object.fromEntries(taskOperations.map(({ name }, index) => [name, index])));
  group('TASK_REQUEST', { ...taskRequest, allBytes: taskRequestBytes });
  group('TASK_REASON', tasks.taskReason);
  group('TASK_MOST', { pages: tasks.pagesPerCall, bytes: tasks.bytesPerCall });
  group('TASK_COUNT', {
    registers: taskRegisters.length,
    callRegisters: tasks.taskCallRegisters.length,
    fpuBytes: tasks.taskFpuBytes,
  });
  return `${header('tables/tasks.ts')}${lines.join('\n')}\n`;
}

function writeIfChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Every generated file with its text, by path relative to the root. */
export function generate(): Map<string, string> {
  const bifs = readBifs();
  const atoms = genAtoms(bifs);
  const ops = readOps();
  return new Map([
    ['vm/host.ts', genHost()],
    ['vm/gen/layout.ts', genLayout()],
    ['vm/gen/atoms.ts', atoms.text],
    ['vm/gen/bifs.ts', genBifs(bifs, atoms.index)],
    ['vm/gen/files.ts', genFiles()],
    ['vm/gen/tasks.ts', genTasks()],
    ['vm/gen/opcodes.ts', genOpcodes(ops, bifs)],
    ['vm/gen/dispatch.ts', genDispatch(ops)],
    ['vm/gen/regex_tables.ts', regexTables()],
  ]);
}

export function writeGenerated(): void {
  for (const [path, text] of generate()) writeIfChanged(join(root, path), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeGenerated();
