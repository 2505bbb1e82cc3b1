/** What a command of `vbeam` is, and how its arguments are read. */
import type { VOptions } from '../image/program.ts';
import { UserError } from '../lib/user_error.ts';

/** What a command is run from (cli/start.mjs). */
export interface Sources {
  /** Another one after any change of the sources. */
  readonly stamp: string;
  /** Folder of the bundle: `guest_thread.mjs` is in it. */
  readonly folder: string;
}

export interface Command {
  /** Full help text; starts with the usage line. */
  readonly help: string;
  /** All arguments are the command's, also those that ask for help. */
  readonly takesAll?: true;
  /** Exit status. */
  run(args: readonly string[], sources: Sources): Promise<number>;
}

export interface OptionSpec {
  /** Long names with two dashes, short ones with one; the first is the key. */
  readonly names: readonly string[];
  readonly takesValue: boolean;
  /** It may be given several times: its values then stand in lines of one text. */
  readonly repeats?: true;
}

export interface ParsedArguments {
  readonly positional: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Options may stand anywhere; `--` ends them. Unknown ones and missing values are UserErrors. */
export function parseArguments(
  args: readonly string[],
  specs: readonly OptionSpec[],
): ParsedArguments {
  const positional: string[] = [];
  const options = new Map<string, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      positional.push(...rest);
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const [name, inline] = arg.startsWith('--') ? splitOnce(arg, '=') : [arg, undefined];
    const spec = specs.find((each) => each.names.includes(name));
    if (!spec) throw new UserError(`unknown option ${name}; see --help`, 2);
    const value = spec.takesValue ? (inline ?? rest.shift()) : (inline ?? 'true');
    if (value === undefined) throw new UserError(`option ${name} needs a value`, 2);
    const key = spec.names[0]!;
    const before = spec.repeats ? options.get(key) : undefined;
    options.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return { positional, options };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** A whole number from an option within limits. */
export function numberOption(
  options: ReadonlyMap<string, string>,
  name: string,
  fallback: number,
  low: number,
  high: number,
): number {
  const text = options.get(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new UserError(`${name} must be a whole number from ${low} to ${high}`, 2);
  }
  return value;
}

/** How V programs are compiled, for every command that compiles them. */
export const vOptionSpecs: readonly OptionSpec[] = [
  { names: ['--vlib'], takesValue: true },
  { names: ['-d', '--define'], takesValue: true, repeats: true },
];
export const vOptionsHelp = `  --vlib DIR       V's own library: a checkout of V, or its folder vlib
  -d FLAG          sets a flag that $if FLAG ? asks for; may be repeated
`;
export function vOptions(options: ReadonlyMap<string, string>): VOptions {
  const vlib = options.get('--vlib') ?? process.env.VLIB;
  return { vlib, defines: options.get('-d')?.split('\n') ?? [] };
}

/** Exactly one positional argument. */
export function onlyArgument(parsed: ParsedArguments, what: string): string {
  const [first, ...others] = parsed.positional;
  if (first === undefined) throw new UserError(`${what} is missing; see --help`, 2);
  if (others.length) throw new UserError(`unexpected argument ${others[0]}; see --help`, 2);
  return first;
}
