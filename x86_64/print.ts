/**
 * Instructions as text, in the Intel syntax of GNU `as` (`.intel_syntax noprefix`).
 */
import type { Form, Pattern } from './forms.ts';
import { gpr32, type Memory, type Operand, type Register } from './operands.ts';

const sizeNames: Record<number, string> = {
  8: 'byte ptr ',
  16: 'word ptr ',
  32: 'dword ptr ',
  48: 'fword ptr ',
  64: 'qword ptr ',
  80: 'fword ptr ',
  128: 'xmmword ptr ',
};

/** Labels may contain characters that `as` only takes in quotes. */
export const printSymbol = (name: string): string =>
  /^[A-Za-z_.$][\w.$]*$/.test(name) ? name : JSON.stringify(name);

const signed = (value: number): string => (value < 0 ? `-${-value}` : `+${value}`);

function printMemory(memory: Memory, form: Form, index: number): string {
  const pattern = form.operands[index] as Pattern;
  if (pattern.kind === 'moffs') return `ds:[${memory.disp}]`;
  const size = 'bits' in pattern ? (sizeNames[pattern.bits] ?? '') : '';
  const segment = memory.segment ? `${memory.segment}:` : '';
  const symbol = memory.symbol === null ? '' : printSymbol(memory.symbol);
  if (symbol !== '' && !memory.base && !memory.index) {
    return `${size}${segment}[rip+${symbol}${memory.disp ? signed(memory.disp) : ''}]`;
  }
  const scaled = memory.index ? `${memory.index.name}*${memory.scale}` : '';
  const parts = [memory.base?.name ?? '', scaled, symbol].filter((part) => part !== '');
  const needsDisp = parts.length === 0 || memory.disp !== 0;
  const disp = needsDisp ? (parts.length === 0 ? `${memory.disp}` : signed(memory.disp)) : '';
  const absolute = parts.length === 0 && segment === '' ? 'ds:' : segment;
  return `${size}${absolute}[${parts.join('+')}${disp}]`;
}

/** Instructions whose 64-bit form GNU `as` takes only as the 32-bit one with a prefix. */
const withPrefix: ReadonlySet<string> = new Set(['lss', 'lfs', 'lgs']);

const needsPrefix = (form: Form): boolean =>
  form.operandNames.includes('m16:64') || (form.rexW && withPrefix.has(form.mnemonic));

/** The same register with 32 bits. */
const narrow = (register: Register): string =>
  Object.values(gpr32).find(({ number }) => number === register.number)?.name ?? register.name;

function printOperand(operand: Operand, form: Form, index: number, length: number): string {
  const relative = form.operands[index]?.kind === 'relative';
  if (typeof operand === 'string') return printSymbol(operand);
  if (typeof operand === 'number' || typeof operand === 'bigint') {
    return relative ? `.${signed(Number(operand) + length)}` : operand.toString();
  }
  if (operand.kind === 'register') {
    return needsPrefix(form) ? narrow(operand) : operand.name;
  }
  if (operand.kind === 'address') {
    const addend = operand.addend === 0n ? '' : signed(Number(operand.addend));
    return `offset ${printSymbol(operand.symbol)}${addend}`;
  }
  return printMemory(operand, form, index);
}

/**
 * One instruction as encoded by `form`; `length` is its size in bytes, which branches by distance
 * need.
 */
export function print(form: Form, operands: readonly Operand[], length: number): string {
  const text = operands.map((operand, index) => printOperand(operand, form, index, length));
  const name = needsPrefix(form) ? `rex.w ${form.mnemonic}` : form.mnemonic;
  return text.length === 0 ? name : `${name} ${text.join(', ')}`;
}
