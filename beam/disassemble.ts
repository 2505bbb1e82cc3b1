/**
 * A module as text, close to what `erlc -S` writes: one instruction a line, operands as Erlang
 * terms, `test`, `bif` and `gc_bif` forms, imports and literals in place of their indices.
 */

import type { Operand } from './compact_terms.ts';
import { atomText, termText } from './external_term.ts';
import { type BeamModule, type CodeFunction, type Instruction, readModule } from './module.ts';
import { Reader } from './reader.ts';

/**
 * Instructions that `erlc -S` writes as {test, Name, Fail, [Operand]}: name and the operands behind
 * the label.
 */
const tests = new Set(
  (
    'is_lt is_ge is_eq is_ne is_eq_exact is_ne_exact is_integer is_float is_number is_atom is_pid is_reference ' +
    'is_port is_nil is_binary is_list is_nonempty_list is_tuple test_arity is_function is_boolean is_function2 ' +
    'is_bitstr is_map has_map_fields is_tagged_tuple bs_start_match2 bs_start_match3 bs_get_integer2 ' +
    'bs_get_float2 bs_get_binary2 bs_skip_bits2 bs_test_tail2 bs_test_unit bs_match_string bs_get_utf8 ' +
    'bs_skip_utf8 bs_get_utf16 bs_skip_utf16 bs_get_utf32 bs_skip_utf32'
  ).split(' '),
);

class Printer {
  private readonly module: BeamModule;
  private readonly code = new Reader(new Uint8Array(), 'Code chunk');
  constructor(module: BeamModule) {
    this.module = module;
  }

  private atom(index: number): string {
    if (!index) return 'nil';
    const name = this.module.atoms[index - 1];
    if (name !== undefined) return `{atom,${atomText(name)}}`;
    return this.code.fail(`names atom ${index}, which is not in the table`);
  }
  private literal(index: number): string {
    const term = this.module.literals[index];
    return term
      ? `{literal,${termText(term)}}`
      : this.code.fail(`names literal ${index}, which does not exist`);
  }
  private extfunc(operand: Operand | undefined): string {
    const found = operand?.tag === 'u' ? this.module.imports[operand.value] : undefined;
    if (!found) return this.code.fail('names an import that does not exist');
    return `{extfunc,${atomText(found.module)},${atomText(found.name)},${found.arity}}`;
  }

  private operand(operand: Operand): string {
    switch (operand.tag) {
      case 'u':
        return String(operand.value);
      case 'i':
        return `{integer,${operand.value}}`;
      case 'a':
        return this.atom(operand.value);
      case 'literal':
        return this.literal(operand.value);
      case 'typed':
        return `{tr,${this.operand(operand.register)},${operand.type}}`;
      case 'list':
        return `{list,[${operand.elements.map((each) => this.operand(each)).join(',')}]}`;
      case 'allocation':
        return `{alloc,[${operand.needs.map(([kind, count]) => `{${kind},${count}}`).join(',')}]}`;
      case 'h':
        return `{integer,${operand.value}}`;
      default:
        return `{${operand.tag},${operand.value}}`;
    }
  }
  private operands(operands: readonly Operand[]): string {
    return operands.map((each) => this.operand(each)).join(',');
  }

  private string(length: number, offset: number): string {
    const bytes = this.module.strings.subarray(offset, offset + length);
    if (bytes.length !== length) this.code.fail('names a string outside the string chunk');
    return `{string,${termText({ kind: 'bits', bytes, lastBits: 8 })}}`;
  }
  private location(index: number): string {
    const found = this.module.lines[index];
    if (!found?.line) return '[]';
    const file = found.file ? this.module.files[found.file - 1]! : `${this.module.name}.erl`;
    return `[{location,${JSON.stringify(file)},${found.line}}]`;
  }

  /** Segments of bs_create_bin: those of type string have their bytes in the string chunk. */
  private segments(elements: readonly Operand[]): string {
    const texts = elements.map((each, i) => {
      const type = elements[i - (i % 6)]!;
      const size = elements[i - (i % 6) + 5];
      const isString = type.tag === 'a' && this.module.atoms[type.value - 1] === 'string';
      if (i % 6 !== 4 || each.tag !== 'u' || !isString || size?.tag !== 'i')
        return this.operand(each);
      return this.string(Number(size.value), each.value);
    });
    return `{list,[${texts.join(',')}]}`;
  }
  private makeFun(instruction: Instruction): string {
    const [index, ...rest] = instruction.operands;
    const found = index?.tag === 'u' ? this.module.lambdas[index.value] : undefined;
    if (!found) return this.code.fail('names a fun that does not exist');
    const head = `{${instruction.opcode.name},{f,${found.label}},${found.index},${found.oldUniq}`;
    const tail = rest.length ? this.operands(rest) : String(found.freeVariables);
    return `${head},${tail}}`;
  }

  /** bif0 Bif Dst; bif1, bif2 Fail Bif Args Dst; gc_bif1 to 3 Fail Live Bif Args Dst. */
  private bif(instruction: Instruction): string {
    const { opcode, operands } = instruction;
    const collects = opcode.name.startsWith('gc_');
    const fail = opcode.name === 'bif0' ? '{f,0}' : this.operand(operands[0]!);
    const at = opcode.name === 'bif0' ? 0 : collects ? 2 : 1;
    const index = operands[at];
    const found = index?.tag === 'u' ? this.module.imports[index.value] : undefined;
    if (!found) return this.code.fail('names an import that does not exist');
    const args = this.operands(operands.slice(at + 1, -1));
    const live = collects ? `${this.operand(operands[1]!)},` : '';
    const destination = this.operand(operands.at(-1)!);
    return `{${collects ? 'gc_bif' : 'bif'},${atomText(found.name)},${fail},${live}[${args}],${destination}}`;
  }

  private text(instruction: Instruction): string {
    const { opcode, operands } = instruction;
    const { name } = opcode;
    const value = (i: number): number => {
      const operand = operands[i];
      return operand && 'value' in operand ? Number(operand.value) : 0;
    };
    if (/^(gc_)?bif\d$/.test(name)) return this.bif(instruction);
    if (name.startsWith('call_ext'))
      return `{${name},${[this.operand(operands[0]!), this.extfunc(operands[1]), ...operands.slice(2).map((each) => this.operand(each))].join(',')}}`;
    if (name === 'make_fun2' || name === 'make_fun3') return this.makeFun(instruction);
    if (name === 'bs_create_bin' && operands[5]?.tag === 'list')
      return `{${name},${this.operands(operands.slice(0, 5))},${this.segments(operands[5].elements)}}`;
    if (name === 'line') return `{line,${this.location(value(0))}}`;
    if (name === 'label') return `{label,${value(0)}}`;
    if (name === 'bs_put_string')
      return `{bs_put_string,${value(0)},${this.string(value(0), value(1))}}`;
    if (name === 'bs_match_string') {
      const bits = value(2);
      const string = this.string(Math.ceil(bits / 8), value(3));
      return `{test,${name},${this.operand(operands[0]!)},[${this.operand(operands[1]!)},${bits},${string}]}`;
    }
    if (tests.has(name))
      return `{test,${name},${this.operand(operands[0]!)},[${this.operands(operands.slice(1))}]}`;
    return operands.length ? `{${name},${this.operands(operands)}}` : name;
  }

  function(each: CodeFunction): string {
    const head = `{function, ${atomText(each.name)}, ${each.arity}, ${each.entry}}.\n`;
    const lines = each.instructions.map((instruction) => {
      const indent = instruction.opcode.name === 'label' ? '  ' : '    ';
      return `${indent}${this.text(instruction)}.\n`;
    });
    return `\n${head}${lines.join('')}`;
  }
}

function header(module: BeamModule): string {
  const names = module.exports.map((each) => `{${atomText(each.name)},${each.arity}}`);
  const chunks = module.chunks.map((chunk) => `${chunk.id.trim()} ${chunk.data.length}`);
  return [
    `%% ${chunks.join(', ')} bytes`,
    `{module, ${atomText(module.name)}}.`,
    `{exports, [${names.join(',')}]}.`,
    `{attributes, ${module.attributes ? termText(module.attributes) : '[]'}}.`,
    `{labels, ${module.labelCount}}.`,
    '',
  ].join('\n');
}

/** The text of a whole `.beam` file; a BeamError says why it cannot be read. */
export function disassemble(file: Uint8Array): string {
  const module = readModule(file);
  const printer = new Printer(module);
  return header(module) + module.functions.map((each) => printer.function(each)).join('');
}
