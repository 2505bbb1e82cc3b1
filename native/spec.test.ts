/**
 * WebAssembly's own specification tests, natively. They are not part of this repository and no npm
 * package ships them: WASM_SPEC_TESTS names a folder of .wast files (`test/core` of
 * https://github.com/WebAssembly/spec; tag opam-1.1.1 holds the first version's tests, v2.0.0 those
 * of the later features). Without it this test is skipped.
 *
 * Left out, and counted: modules that need a feature that the VM does not use (the emitter refuses
 * them by name), modules linked to each other, and runaway recursion (a guard page's business).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import wabtInit from 'wabt';
import { wasmPageBytes } from '../tables/memory_map.ts';
import { emitModule } from './module_emitter.ts';
import { type Command, NativeProgram } from './testing/native_program.ts';
import {
  type Call,
  type Constant,
  type Node,
  parseScript,
  stringBytes,
  type WastCommand,
} from './testing/wast_script.ts';
import { decodeModule } from './wasm_module.ts';
import { WasmError } from './wasm_reader.ts';

const folder = process.env.WASM_SPEC_TESTS;
const only = process.env.WASM_SPEC_FILE;
const wabt = await wabtInit();

const features = {
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
};

function assemble(source: string, node: Node, check: boolean): Uint8Array {
  const [, ...rest] = node.items;
  if (rest[0]?.text?.startsWith('$')) rest.shift();
  const form = rest[0]?.text;
  const bytes = () => Uint8Array.from(rest.slice(1).flatMap((s) => stringBytes(s.text ?? '""')));
  if (form === 'binary') return bytes();
  const quoted =
    form === 'quote' ? new TextDecoder().decode(bytes()) : source.slice(node.start, node.end);
  const text = form === 'quote' && !quoted.includes('(module') ? `(module ${quoted})` : quoted;
  const parsed = wabt.parseWat('spec.wat', text, features);
  try {
    if (check) parsed.resolveNames();
    return parsed.toBinary({ write_debug_names: true }).buffer;
  } finally {
    parsed.destroy();
  }
}

/** Bits of every constant of a script, read by wabt as initial values of globals. */
function constantBits(constants: readonly Constant[]): Map<string, bigint> {
  const plain = constants.filter((c) => /^[if](32|64)$/.test(c.type) && !/^nan:[ac]/.test(c.text));
  const keys = [...new Set(plain.map((c) => `${c.type}.const ${c.text}`))];
  const text = `(module ${keys.map((key) => `(global ${key.slice(0, 3)} (${key}))`).join('\n')})`;
  const parsed = wabt.parseWat('constants.wat', text, features);
  const { globals } = decodeModule(parsed.toBinary({}).buffer);
  parsed.destroy();
  return new Map(
    keys.map((key, i) => {
      const initial = globals[i]?.initial;
      return [key, initial?.kind === 'constant' ? initial.bits : 0n];
    }),
  );
}

interface Case {
  readonly command: Command;
  readonly expected: readonly Constant[] | 'trap' | null;
  readonly line: number;
}

interface Script {
  readonly file: string;
  readonly wasms: Uint8Array[];
  readonly cases: Case[];
  readonly problems: string[];
  skipped: number;
}

const emitOptions = {
  memoryBase: BigInt(wasmPageBytes),
  units: 'one',
  dispatch: 'threaded',
  volatileRanges: [],
} as const;

/** Why a module is left out, or its bytes. */
function moduleOf(source: string, node: Node): Uint8Array | string {
  let wasm: Uint8Array;
  try {
    wasm = assemble(source, node, true);
  } catch (error) {
    return `wabt: ${String(error).split('\n')[0]}`;
  }
  try {
    const { module } = emitModule(wasm, emitOptions);
    const foreign = module.functions.find(
      (f) => f.import !== null && f.import.module !== 'spectest',
    );
    if (foreign) return `imports ${foreign.import?.module}`;
    const linked = WebAssembly.Module.imports(new WebAssembly.Module(wasm));
    if (linked.some((i) => i.kind !== 'function')) return 'shares a memory with another module';
    return wasm;
  } catch (error) {
    if (error instanceof WasmError && /not supported|unsupported|only /.test(error.message))
      return error.message;
    throw error;
  }
}

function argumentBits(bits: ReadonlyMap<string, bigint>, constant: Constant): bigint | null {
  return bits.get(`${constant.type}.const ${constant.text}`) ?? null;
}

/** Assertions of the first version's tests that later versions took back. */
const outdated = new Set(
  ['type.wast "invalid result arity"']
    // A constant expression may now read any earlier immutable global.
    .concat([
      'data.wast "unknown global"',
      'elem.wast "unknown global"',
      'global.wast "unknown global"',
    ]),
);

class ScriptReader {
  readonly script: Script;
  private readonly source: string;
  private readonly bits: Map<string, bigint>;
  private readonly named = new Map<string, number>();
  /** Index of the module that calls go to; null when it was left out. */
  private current: number | null = null;
  private latest: number | null = null;

  constructor(file: string, source: string, commands: readonly WastCommand[]) {
    this.script = { file, wasms: [], cases: [], problems: [], skipped: 0 };
    this.source = source;
    const all = commands.flatMap((c) => {
      if (c.kind === 'return') return [...c.call.args, ...c.results];
      return c.kind === 'trap' || c.kind === 'invoke' ? c.call.args : [];
    });
    this.bits = constantBits(all);
    for (const command of commands) this.read(command);
  }

  private problem(line: number, text: string): void {
    this.script.problems.push(`${this.script.file}:${line}: ${text}`);
  }

  private read(command: WastCommand): void {
    const { line } = command;
    if (command.kind === 'module') this.module(command);
    else if (command.kind === 'invalid') this.invalid(command.node, command.message, line);
    else if (command.kind === 'other') this.script.skipped++;
    else if (command.kind === 'invoke') this.call(command.call, null, line);
    else this.call(command.call, command.kind === 'trap' ? 'trap' : command.results, line);
  }

  private module(command: WastCommand & { kind: 'module' }): void {
    this.current = null;
    this.latest = null;
    try {
      const wasm = moduleOf(this.source, command.node);
      if (typeof wasm === 'string') {
        this.script.skipped++;
        return;
      }
      this.current = this.script.wasms.push(wasm) - 1;
      this.latest = this.current;
      if (command.name) this.named.set(command.name, this.current);
      this.script.cases.push({
        command: { kind: 'instantiate', module: this.current },
        expected: [],
        line: command.line,
      });
    } catch (error) {
      this.problem(command.line, `a valid module is refused: ${error}`);
    }
  }

  private call(call: Call, expected: Case['expected'], line: number): void {
    const module = call.module === null ? this.current : (this.named.get(call.module) ?? null);
    const args = call.args.map((arg) => argumentBits(this.bits, arg));
    // Only the latest module's memory is there.
    if (module === null || module !== this.latest || args.includes(null)) {
      this.script.skipped++;
      return;
    }
    const command: Command = { kind: 'call', module, name: call.name, args: args as bigint[] };
    this.script.cases.push({ command, expected, line });
  }

  private invalid(node: Node, message: string, line: number): void {
    let wasm: Uint8Array;
    try {
      wasm = assemble(this.source, node, false);
    } catch {
      this.script.skipped++;
      return;
    }
    try {
      emitModule(wasm, emitOptions);
      if (outdated.has(`${this.script.file} ${message}`)) this.script.skipped++;
      else this.problem(line, `an invalid module is accepted; expected: ${message}`);
    } catch (error) {
      if (!(error instanceof WasmError)) this.problem(line, `refused with ${error}`);
    }
  }

  /** Whether a result is what the script says. */
  matches(expected: Constant, result: string): boolean {
    const bits = BigInt(`0x${result.replace('nan ', '') || '0'}`);
    if (!/^nan:[ac]/.test(expected.text)) return bits === argumentBits(this.bits, expected);
    // An arithmetic NaN has the quiet bit, a canonical one no other bit of the payload.
    const wide = expected.type === 'f64' || bits > 0xffff_ffffn;
    const quiet = wide ? 1n << 51n : 1n << 22n;
    const payload = bits & (quiet * 2n - 1n);
    if (!result.startsWith('nan')) return false;
    return expected.text === 'nan:canonical' ? payload === quiet : (payload & quiet) !== 0n;
  }
}

/**
 * Modules that nothing calls need no compiling; start functions are tested by modules that have
 * calls.
 */
function withCalls(script: Script): { wasms: Uint8Array[]; cases: Case[] } {
  const called = new Set(
    script.cases.filter((c) => c.command.kind === 'call').map((c) => c.command.module),
  );
  const numbers = new Map([...called].map((module, i) => [module, i]));
  const cases = script.cases.flatMap((item) => {
    const module = numbers.get(item.command.module);
    return module === undefined ? [] : [{ ...item, command: { ...item.command, module } }];
  });
  return { wasms: [...called].map((module) => script.wasms[module] as Uint8Array), cases };
}

async function runScript(file: string): Promise<Script> {
  const source = readFileSync(join(folder as string, file), 'utf8');
  const reader = new ScriptReader(file, source, parseScript(source));
  const { script } = reader;
  const { wasms, cases } = withCalls(script);
  if (cases.length === 0) return script;
  const program = await NativeProgram.build(wasms, {
    dispatch: 'threaded',
    everyAccess: true,
    optimise: 1,
  });
  try {
    const outcomes = program.run(cases.map((item) => item.command));
    cases.forEach(({ expected, line, command }, i) => {
      const result = outcomes[i]?.result ?? '';
      const fine =
        expected === null ||
        (expected === 'trap'
          ? result.startsWith('trap')
          : !result.startsWith('trap') && expected.every((e) => reader.matches(e, result)));
      if (fine) return;
      const what =
        command.kind === 'call'
          ? `${command.name}(${command.args.map((a) => a.toString(16))})`
          : command.kind;
      script.problems.push(`${file}:${line}: ${what} gave ${result || 'nothing'}`);
    });
  } finally {
    program.dispose();
  }
  return script;
}

const skip = folder === undefined && 'set WASM_SPEC_TESTS to a folder of .wast files';

test('the specification tests pass natively', { skip, timeout: 3_600_000 }, async (t) => {
  const files = readdirSync(folder as string, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name.endsWith('.wast') && !/simd|memory64|multi-memory|gc\/|linking/.test(name),
    )
    .filter((name) => only === undefined || name.includes(only))
    .sort();
  const problems: string[] = [];
  let cases = 0;
  let skipped = 0;
  for (const file of files) {
    const script = await runScript(file);
    cases += script.cases.length;
    skipped += script.skipped;
    problems.push(...script.problems);
    t.diagnostic(
      `${file}: ${script.cases.length} run, ${script.skipped} left out, ${script.problems.length} wrong`,
    );
  }
  t.diagnostic(`${cases} commands run, ${skipped} left out`);
  assert.deepEqual(problems, []);
  assert.ok(cases > 0);
});
