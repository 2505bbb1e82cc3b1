/**
 * What the nucleus's machine code can do, without running it: its instructions as `objdump` sees
 * them, the longest path through an interrupt's stub, and the longest stretch with interrupts off.
 * Every path counts, whether or not a machine ever takes it. A loop has no longest path and is an
 * error.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { link, writeElf } from '../../link/link.ts';
import { com1, vectors, virtual } from '../../tables/memory_map.ts';
import { createAssembler, textFlags } from '../../x86_64/assembler.ts';
import { symbolTableName } from '../backtrace.ts';
import { kernelEntry, nucleusObject } from '../kernel.ts';

interface Instruction {
  /** The lower 32 bits. */
  readonly address: number;
  readonly mnemonic: string;
  readonly text: string;
  /** Where a jump or call leads; undefined when it is none, or an indirect one. */
  readonly target: number | undefined;
}

/** The instructions, in the order of their addresses, and the addresses of symbols. */
export interface NucleusBinary {
  readonly instructions: readonly Instruction[];
  readonly indexOf: ReadonlyMap<number, number>;
  readonly symbols: ReadonlyMap<string, number>;
}

/** A VM that does nothing, so that the nucleus can be linked on its own. */
function emptyVm() {
  const code = createAssembler('empty VM');
  code.section('.text', textFlags);
  for (const name of ['vm_main', 'vm_init_memory']) {
    code.function(name);
    code.ret();
  }
  return code.finish();
}

export function readNucleus(): NucleusBinary {
  const image = link({
    objects: [nucleusObject({ linearBytesMin: 1 << 20 }), emptyVm()],
    base: virtual.kernelImage,
    entry: kernelEntry,
    symbolTable: symbolTableName,
  });
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-paths-'));
  try {
    const path = join(folder, 'nucleus.elf');
    writeFileSync(path, writeElf(image));
    const args = ['-d', '--no-show-raw-insn', '-M', 'intel', path];
    const output = execFileSync('objdump', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    const lines = [...output.matchAll(/^ffffffff([0-9a-f]{8}):\t(.*)$/gm)];
    const instructions = lines.map(([, address = '', text = '']) => {
      const target = /^(?:j\w+|call)\s+ffffffff([0-9a-f]{8})/.exec(text)?.[1];
      return {
        address: Number.parseInt(address, 16),
        mnemonic: text.split(/\s+/)[0] ?? '',
        text,
        target: target === undefined ? undefined : Number.parseInt(target, 16),
      };
    });
    return {
      instructions,
      indexOf: new Map(instructions.map(({ address }, index) => [address, index])),
      symbols: new Map(
        image.symbols
          .filter(({ name }) => !name.startsWith('__'))
          .map(({ name, address }) => [name, Number(address & 0xffff_ffffn)]),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Instructions of the longest path to a `ret`, and to where the walk ends; -Infinity: none. */
interface Longest {
  readonly toReturn: number;
  readonly toEnd: number;
}

/** Whether a walk ends behind the instruction at an index. */
type EndsAt = (index: number) => boolean;

/** The symbol at an address, or the last one before it. */
function nameOf(symbols: NucleusBinary['symbols'], address: number): string {
  let best: readonly [string, number] = ['?', 0];
  for (const one of symbols) if (one[1] <= address && one[1] > best[1]) best = one;
  return best[0];
}

/** Longest paths from addresses of a binary, through calls, each of which is walked once. */
class Walk {
  private readonly known = new Map<number, Longest>();
  private readonly above = new Set<number>();
  private readonly binary: NucleusBinary;
  private readonly endsAt: EndsAt;
  private readonly terminal: ReadonlySet<number>;
  /** `terminal`: functions from which the machine does not come back. */
  constructor(binary: NucleusBinary, endsAt: EndsAt, terminal: ReadonlySet<number>) {
    this.binary = binary;
    this.endsAt = endsAt;
    this.terminal = terminal;
  }

  from(address: number): Longest {
    return this.visit(this.binary.indexOf.get(address) ?? -1);
  }

  private fail(index: number, why: string): never {
    const { instructions, symbols } = this.binary;
    const place = (index: number): string => nameOf(symbols, instructions[index]?.address ?? 0);
    const way = [...new Set([...this.above].map(place))].join(', ');
    throw new Error(`${why} at '${instructions[index]?.text}' in ${place(index)}, through ${way}`);
  }

  private visit(index: number): Longest {
    const done = this.known.get(index);
    if (done) return done;
    if (this.above.has(index)) this.fail(index, 'a loop');
    this.above.add(index);
    const found = this.step(index);
    this.above.delete(index);
    this.known.set(index, found);
    return found;
  }

  private step(index: number): Longest {
    const instruction = this.binary.instructions[index];
    if (!instruction) throw new Error('ran off the code');
    const { mnemonic, target } = instruction;
    if (this.endsAt(index)) return { toReturn: -Infinity, toEnd: 1 };
    if (mnemonic === 'ret') return { toReturn: 1, toEnd: -Infinity };
    if (/^rep/.test(mnemonic)) this.fail(index, 'a loop');
    if (mnemonic === 'call') return this.call(index, target);
    const next: Longest[] = [];
    if (/^j/.test(mnemonic)) {
      if (target === undefined) this.fail(index, 'an indirect jump');
      next.push(this.leadsTo(target));
    }
    if (mnemonic !== 'jmp') next.push(this.visit(index + 1));
    return {
      toReturn: 1 + Math.max(...next.map(({ toReturn }) => toReturn)),
      toEnd: 1 + Math.max(...next.map(({ toEnd }) => toEnd)),
    };
  }

  private leadsTo(address: number): Longest {
    return this.terminal.has(address) ? { toReturn: -Infinity, toEnd: 0 } : this.from(address);
  }

  private call(index: number, target: number | undefined): Longest {
    if (target === undefined) this.fail(index, 'an indirect call');
    const callee = this.leadsTo(target);
    if (callee.toReturn === -Infinity) return { toReturn: -Infinity, toEnd: 1 + callee.toEnd };
    const after = this.visit(index + 1);
    return {
      toReturn: 1 + callee.toReturn + after.toReturn,
      toEnd: 1 + Math.max(callee.toEnd, callee.toReturn + after.toEnd),
    };
  }
}

function addressOf({ symbols }: NucleusBinary, name: string): number {
  const address = symbols.get(name);
  if (address === undefined) throw new Error(`the nucleus has no ${name}`);
  return address;
}

/** Longest paths of what interrupts run. */
export interface StubPaths {
  /** From a vector's entry to `iretq`, or to where a native task is left, in instructions. */
  readonly stub: number;
  /** From there to the `ret` to who runs the task. */
  readonly taskLeave: number;
}

export function stubPaths(binary: NucleusBinary): StubPaths {
  const { instructions } = binary;
  const interrupted = addressOf(binary, 'task_interrupted');
  const stubs = new Walk(
    binary,
    (index) => instructions[index]?.mnemonic === 'iretq',
    new Set([interrupted]),
  );
  const entries = [vectors.lapicTimer, vectors.vectorOfGsi0 + com1.gsi, vectors.lapicSpurious];
  const lengths = entries.map((vector) => stubs.from(addressOf(binary, `vector_${vector}`)));
  const leaving = new Walk(binary, () => false, new Set()).from(interrupted);
  return {
    stub: Math.max(...lengths.map(({ toEnd }) => toEnd)),
    taskLeave: leaving.toReturn,
  };
}

/** Interrupts are off in them for good: the boot, and the ways out. */
const withoutReturn = [
  ...['kernel_entry', 'host_power', 'machine_reset', 'exception_report', 'stop_failed'],
];

/** A stretch with interrupts off. */
export interface Stretch {
  /** The function in which they are switched off, or the entry. */
  readonly where: string;
  readonly instructions: number;
}

/** The longest path from an address in a function to an end, in its callers if it returns there. */
function longestWithCallers(
  binary: NucleusBinary,
  walk: Walk,
  name: string,
  address: number,
): number {
  const { toReturn, toEnd } = walk.from(address);
  if (toReturn === -Infinity) return toEnd;
  const callee = addressOf(binary, name);
  const callers = binary.instructions.filter(
    ({ mnemonic, target }) => mnemonic === 'call' && target === callee,
  );
  if (callers.length === 0) throw new Error(`${name} returns with interrupts off to nobody`);
  const beyond = callers.map((caller) => {
    const behind = binary.instructions[binary.indexOf.get(caller.address)! + 1]!.address;
    const inside = nameOf(binary.symbols, caller.address);
    return longestWithCallers(binary, walk, inside, behind);
  });
  return Math.max(toEnd, toReturn + Math.max(...beyond));
}

/**
 * Every stretch with interrupts off, the longest first: from a `cli`, or from the entry of a vector
 * or of `syscall`, to the `sti`, `iretq` or `popfq` that lets interrupts in.
 */
export function stretchesWithInterruptsOff(binary: NucleusBinary): Stretch[] {
  const { instructions, symbols } = binary;
  const endsAt: EndsAt = (index) => {
    const { mnemonic } = instructions[index]!;
    // Flags from a constant, not from a `pushfq`, leave interrupts off.
    const constant = /^push\s+0x/.test(instructions[index - 1]?.text ?? '');
    return mnemonic === 'sti' || mnemonic === 'iretq' || (mnemonic === 'popf' && !constant);
  };
  const walk = new Walk(
    binary,
    endsAt,
    new Set(withoutReturn.map((name) => addressOf(binary, name))),
  );
  const entries = [...symbols].filter(
    ([name]) => /^vector_\d+$/.test(name) || name === 'task_system_call',
  );
  const switches = instructions
    .filter(({ mnemonic }) => mnemonic === 'cli')
    .map(({ address }) => [nameOf(symbols, address), address] as const)
    .filter(([name]) => !withoutReturn.includes(name));
  return [...entries, ...switches]
    .map(([where, address]) => ({
      where,
      instructions: longestWithCallers(binary, walk, where, address),
    }))
    .sort((one, other) => other.instructions - one.instructions);
}
