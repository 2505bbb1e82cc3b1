/**
 * Chooses the internal form of an instruction from the rows of tables/specialisations.ts
 * (gen/opcodes.ts SPECIAL_*).
 */
import { E_BIF, findExport } from '../code';
import { am_apply, am_erlang } from '../gen/atoms';
import {
  SPECIAL_APPLY_2,
  SPECIAL_APPLY_3,
  SPECIAL_FIRST,
  SPECIAL_ROWS,
  WHEN_any,
  WHEN_constant,
  WHEN_even,
  WHEN_x,
  WHEN_y,
} from '../gen/opcodes';
import { KIND_CONSTANT, KIND_IMPORT, KIND_X, KIND_Y, kindOf, operandWord } from './operands';
import { V_IMPORTS, wordOf } from './scratch';

/**
 * A row: u16 internal opcode (0 = end of the rows of this instruction), u16 BIF index, 0xffff = not
 * asked, 0xfffe = any or SPECIAL_APPLY_N, 12 bytes of WHEN_.
 */
const ROW_BYTES: u32 = 16;

function matches(when: u32, kind: u32): bool {
  switch (when) {
    case WHEN_any:
      return true;
    case WHEN_even:
      return kind == KIND_X || kind == KIND_CONSTANT;
    case WHEN_x:
      return kind == KIND_X;
    case WHEN_y:
      return kind == KIND_Y;
    case WHEN_constant:
      return kind == KIND_CONSTANT;
    default:
      return false;
  }
}

/** Index of the BIF that the import among the operands names, SPECIAL_APPLY_N, or 0xffff. */
function bifOf(count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    if (kindOf(i) != KIND_IMPORT) continue;
    const at = operandWord(i) * 3;
    const entry = findExport(
      wordOf(V_IMPORTS, at),
      wordOf(V_IMPORTS, at + 1),
      wordOf(V_IMPORTS, at + 2),
    );
    if (entry && load<u32>(entry, E_BIF)) return load<u32>(entry, E_BIF) - 1;
    if (wordOf(V_IMPORTS, at) != (am_erlang as u32)) continue;
    if (wordOf(V_IMPORTS, at + 1) != (am_apply as u32)) continue;
    if (wordOf(V_IMPORTS, at + 2) == 3) return SPECIAL_APPLY_3;
    if (wordOf(V_IMPORTS, at + 2) == 2) return SPECIAL_APPLY_2;
  }
  return 0xffff;
}

/** The opcode to emit for `opcode` with the `count` operands in the slots. */
export function specialise(opcode: u32, count: u32): u32 {
  const first = load<u16>(SPECIAL_FIRST + (opcode << 1)) as u32;
  if (!first) return opcode;
  let row = SPECIAL_ROWS + first * ROW_BYTES;
  const bif = bifOf(count);
  while (true) {
    const to = load<u16>(row) as u32;
    if (!to) return opcode;
    const wanted = load<u16>(row, 2) as u32;
    let fits = wanted == 0xffff || wanted == bif || (wanted == 0xfffe && bif < SPECIAL_APPLY_2);
    for (let i: u32 = 0; fits && i < count; i++) fits = matches(load<u8>(row + 4 + i), kindOf(i));
    if (fits) return to;
    row += ROW_BYTES;
  }
}
