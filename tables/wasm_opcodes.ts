/**
 * WebAssembly's instructions, one row each: encoding, immediates, signature, and the C that native/ writes for it.
 * https://webassembly.github.io/spec/core/binary/instructions.html and, for prefix 0xfe, the threads proposal.
 *
 * Columns of a row:
 * - code: the byte, or prefix * 0x10000 + the LEB128 number after the prefix byte (0xfc, 0xfe).
 * - immediate: what follows the code; see `WasmImmediate`.
 * - signature: operands > results, a letter a value: i = i32, l = i64, f = f32, d = f64. `*` means that the control
 *   or parametric rule of the specification decides, and the emitter has a function of its own for that row.
 * - kind: `pure` has neither effect nor trap, so that it may be evaluated anywhere; `ordered` may trap or has an
 *   effect and is evaluated where it stands; `load` and `store` access memory; `special` has a rule of its own.
 * - c: for pure and ordered rows a C expression in which $0, $1, $2 are the operands from the deepest to the top;
 *   for load and store the C type in memory (C's conversions do the extension and the wrapping).
 */
export type WasmImmediate =
  | 'none'
  | 'blockType'
  | 'label'
  | 'labels'
  | 'function'
  | 'typeAndTable'
  | 'local'
  | 'global'
  | 'access'
  | 'memory'
  | 'memoryMemory'
  | 'dataMemory'
  | 'data'
  | 'elementTable'
  | 'element'
  | 'tableTable'
  | 'zeroByte'
  | 'types'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64';

export type WasmKind = 'pure' | 'ordered' | 'load' | 'store' | 'special';

export type WasmRow = readonly [
  code: number,
  name: string,
  immediate: WasmImmediate,
  signature: string,
  kind: WasmKind,
  c: string,
];

const control: readonly WasmRow[] = [
  [0x00, 'unreachable', 'none', '*', 'special', ''],
  [0x01, 'nop', 'none', '>', 'special', ''],
  [0x02, 'block', 'blockType', '*', 'special', ''],
  [0x03, 'loop', 'blockType', '*', 'special', ''],
  [0x04, 'if', 'blockType', '*', 'special', ''],
  [0x05, 'else', 'none', '*', 'special', ''],
  [0x0b, 'end', 'none', '*', 'special', ''],
  [0x0c, 'br', 'label', '*', 'special', ''],
  [0x0d, 'br_if', 'label', '*', 'special', ''],
  [0x0e, 'br_table', 'labels', '*', 'special', ''],
  [0x0f, 'return', 'none', '*', 'special', ''],
  [0x10, 'call', 'function', '*', 'special', ''],
  [0x11, 'call_indirect', 'typeAndTable', '*', 'special', ''],
  [0x1a, 'drop', 'none', '*', 'special', ''],
  [0x1b, 'select', 'none', '*', 'special', ''],
  [0x1c, 'select_typed', 'types', '*', 'special', ''],
  [0x20, 'local.get', 'local', '*', 'special', ''],
  [0x21, 'local.set', 'local', '*', 'special', ''],
  [0x22, 'local.tee', 'local', '*', 'special', ''],
  [0x23, 'global.get', 'global', '*', 'special', ''],
  [0x24, 'global.set', 'global', '*', 'special', ''],
];

const memory: readonly WasmRow[] = [
  [0x28, 'i32.load', 'access', 'i>i', 'load', 'u32'],
  [0x29, 'i64.load', 'access', 'i>l', 'load', 'u64'],
  [0x2a, 'f32.load', 'access', 'i>f', 'load', 'f32'],
  [0x2b, 'f64.load', 'access', 'i>d', 'load', 'f64'],
  [0x2c, 'i32.load8_s', 'access', 'i>i', 'load', 's8'],
  [0x2d, 'i32.load8_u', 'access', 'i>i', 'load', 'u8'],
  [0x2e, 'i32.load16_s', 'access', 'i>i', 'load', 's16'],
  [0x2f, 'i32.load16_u', 'access', 'i>i', 'load', 'u16'],
  [0x30, 'i64.load8_s', 'access', 'i>l', 'load', 's8'],
  [0x31, 'i64.load8_u', 'access', 'i>l', 'load', 'u8'],
  [0x32, 'i64.load16_s', 'access', 'i>l', 'load', 's16'],
  [0x33, 'i64.load16_u', 'access', 'i>l', 'load', 'u16'],
  [0x34, 'i64.load32_s', 'access', 'i>l', 'load', 's32'],
  [0x35, 'i64.load32_u', 'access', 'i>l', 'load', 'u32'],
  [0x36, 'i32.store', 'access', 'ii>', 'store', 'u32'],
  [0x37, 'i64.store', 'access', 'il>', 'store', 'u64'],
  [0x38, 'f32.store', 'access', 'if>', 'store', 'f32'],
  [0x39, 'f64.store', 'access', 'id>', 'store', 'f64'],
  [0x3a, 'i32.store8', 'access', 'ii>', 'store', 'u8'],
  [0x3b, 'i32.store16', 'access', 'ii>', 'store', 'u16'],
  [0x3c, 'i64.store8', 'access', 'il>', 'store', 'u8'],
  [0x3d, 'i64.store16', 'access', 'il>', 'store', 'u16'],
  [0x3e, 'i64.store32', 'access', 'il>', 'store', 'u32'],
  [0x3f, 'memory.size', 'memory', '>i', 'ordered', 'vm_memory_size()'],
  [0x40, 'memory.grow', 'memory', 'i>i', 'ordered', 'vm_memory_grow($0)'],
];

const constants: readonly WasmRow[] = [
  [0x41, 'i32.const', 'i32', '>i', 'special', ''],
  [0x42, 'i64.const', 'i64', '>l', 'special', ''],
  [0x43, 'f32.const', 'f32', '>f', 'special', ''],
  [0x44, 'f64.const', 'f64', '>d', 'special', ''],
];

const comparisons: readonly WasmRow[] = [
  [0x45, 'i32.eqz', 'none', 'i>i', 'pure', '(u32)($0 == 0)'],
  [0x46, 'i32.eq', 'none', 'ii>i', 'pure', '(u32)($0 == $1)'],
  [0x47, 'i32.ne', 'none', 'ii>i', 'pure', '(u32)($0 != $1)'],
  [0x48, 'i32.lt_s', 'none', 'ii>i', 'pure', '(u32)((s32)$0 < (s32)$1)'],
  [0x49, 'i32.lt_u', 'none', 'ii>i', 'pure', '(u32)($0 < $1)'],
  [0x4a, 'i32.gt_s', 'none', 'ii>i', 'pure', '(u32)((s32)$0 > (s32)$1)'],
  [0x4b, 'i32.gt_u', 'none', 'ii>i', 'pure', '(u32)($0 > $1)'],
  [0x4c, 'i32.le_s', 'none', 'ii>i', 'pure', '(u32)((s32)$0 <= (s32)$1)'],
  [0x4d, 'i32.le_u', 'none', 'ii>i', 'pure', '(u32)($0 <= $1)'],
  [0x4e, 'i32.ge_s', 'none', 'ii>i', 'pure', '(u32)((s32)$0 >= (s32)$1)'],
  [0x4f, 'i32.ge_u', 'none', 'ii>i', 'pure', '(u32)($0 >= $1)'],
  [0x50, 'i64.eqz', 'none', 'l>i', 'pure', '(u32)($0 == 0)'],
  [0x51, 'i64.eq', 'none', 'll>i', 'pure', '(u32)($0 == $1)'],
  [0x52, 'i64.ne', 'none', 'll>i', 'pure', '(u32)($0 != $1)'],
  [0x53, 'i64.lt_s', 'none', 'll>i', 'pure', '(u32)((s64)$0 < (s64)$1)'],
  [0x54, 'i64.lt_u', 'none', 'll>i', 'pure', '(u32)($0 < $1)'],
  [0x55, 'i64.gt_s', 'none', 'll>i', 'pure', '(u32)((s64)$0 > (s64)$1)'],
  [0x56, 'i64.gt_u', 'none', 'll>i', 'pure', '(u32)($0 > $1)'],
  [0x57, 'i64.le_s', 'none', 'll>i', 'pure', '(u32)((s64)$0 <= (s64)$1)'],
  [0x58, 'i64.le_u', 'none', 'll>i', 'pure', '(u32)($0 <= $1)'],
  [0x59, 'i64.ge_s', 'none', 'll>i', 'pure', '(u32)((s64)$0 >= (s64)$1)'],
  [0x5a, 'i64.ge_u', 'none', 'll>i', 'pure', '(u32)($0 >= $1)'],
  [0x5b, 'f32.eq', 'none', 'ff>i', 'pure', '(u32)($0 == $1)'],
  [0x5c, 'f32.ne', 'none', 'ff>i', 'pure', '(u32)($0 != $1)'],
  [0x5d, 'f32.lt', 'none', 'ff>i', 'pure', '(u32)($0 < $1)'],
  [0x5e, 'f32.gt', 'none', 'ff>i', 'pure', '(u32)($0 > $1)'],
  [0x5f, 'f32.le', 'none', 'ff>i', 'pure', '(u32)($0 <= $1)'],
  [0x60, 'f32.ge', 'none', 'ff>i', 'pure', '(u32)($0 >= $1)'],
  [0x61, 'f64.eq', 'none', 'dd>i', 'pure', '(u32)($0 == $1)'],
  [0x62, 'f64.ne', 'none', 'dd>i', 'pure', '(u32)($0 != $1)'],
  [0x63, 'f64.lt', 'none', 'dd>i', 'pure', '(u32)($0 < $1)'],
  [0x64, 'f64.gt', 'none', 'dd>i', 'pure', '(u32)($0 > $1)'],
  [0x65, 'f64.le', 'none', 'dd>i', 'pure', '(u32)($0 <= $1)'],
  [0x66, 'f64.ge', 'none', 'dd>i', 'pure', '(u32)($0 >= $1)'],
];

const integers: readonly WasmRow[] = [
  [0x67, 'i32.clz', 'none', 'i>i', 'pure', 'vm_clz32($0)'],
  [0x68, 'i32.ctz', 'none', 'i>i', 'pure', 'vm_ctz32($0)'],
  [0x69, 'i32.popcnt', 'none', 'i>i', 'pure', '(u32)__builtin_popcount($0)'],
  [0x6a, 'i32.add', 'none', 'ii>i', 'pure', '$0 + $1'],
  [0x6b, 'i32.sub', 'none', 'ii>i', 'pure', '$0 - $1'],
  [0x6c, 'i32.mul', 'none', 'ii>i', 'pure', '$0 * $1'],
  [0x6d, 'i32.div_s', 'none', 'ii>i', 'ordered', 'vm_div_s32($0, $1)'],
  [0x6e, 'i32.div_u', 'none', 'ii>i', 'ordered', 'vm_div_u32($0, $1)'],
  [0x6f, 'i32.rem_s', 'none', 'ii>i', 'ordered', 'vm_rem_s32($0, $1)'],
  [0x70, 'i32.rem_u', 'none', 'ii>i', 'ordered', 'vm_rem_u32($0, $1)'],
  [0x71, 'i32.and', 'none', 'ii>i', 'pure', '$0 & $1'],
  [0x72, 'i32.or', 'none', 'ii>i', 'pure', '$0 | $1'],
  [0x73, 'i32.xor', 'none', 'ii>i', 'pure', '$0 ^ $1'],
  [0x74, 'i32.shl', 'none', 'ii>i', 'pure', '$0 << ($1 & 31)'],
  [0x75, 'i32.shr_s', 'none', 'ii>i', 'pure', '(u32)((s32)$0 >> ($1 & 31))'],
  [0x76, 'i32.shr_u', 'none', 'ii>i', 'pure', '$0 >> ($1 & 31)'],
  [0x77, 'i32.rotl', 'none', 'ii>i', 'pure', 'vm_rotl32($0, $1)'],
  [0x78, 'i32.rotr', 'none', 'ii>i', 'pure', 'vm_rotr32($0, $1)'],
  [0x79, 'i64.clz', 'none', 'l>l', 'pure', 'vm_clz64($0)'],
  [0x7a, 'i64.ctz', 'none', 'l>l', 'pure', 'vm_ctz64($0)'],
  [0x7b, 'i64.popcnt', 'none', 'l>l', 'pure', '(u64)__builtin_popcountll($0)'],
  [0x7c, 'i64.add', 'none', 'll>l', 'pure', '$0 + $1'],
  [0x7d, 'i64.sub', 'none', 'll>l', 'pure', '$0 - $1'],
  [0x7e, 'i64.mul', 'none', 'll>l', 'pure', '$0 * $1'],
  [0x7f, 'i64.div_s', 'none', 'll>l', 'ordered', 'vm_div_s64($0, $1)'],
  [0x80, 'i64.div_u', 'none', 'll>l', 'ordered', 'vm_div_u64($0, $1)'],
  [0x81, 'i64.rem_s', 'none', 'll>l', 'ordered', 'vm_rem_s64($0, $1)'],
  [0x82, 'i64.rem_u', 'none', 'll>l', 'ordered', 'vm_rem_u64($0, $1)'],
  [0x83, 'i64.and', 'none', 'll>l', 'pure', '$0 & $1'],
  [0x84, 'i64.or', 'none', 'll>l', 'pure', '$0 | $1'],
  [0x85, 'i64.xor', 'none', 'll>l', 'pure', '$0 ^ $1'],
  [0x86, 'i64.shl', 'none', 'll>l', 'pure', '$0 << ($1 & 63)'],
  [0x87, 'i64.shr_s', 'none', 'll>l', 'pure', '(u64)((s64)$0 >> ($1 & 63))'],
  [0x88, 'i64.shr_u', 'none', 'll>l', 'pure', '$0 >> ($1 & 63)'],
  [0x89, 'i64.rotl', 'none', 'll>l', 'pure', 'vm_rotl64($0, $1)'],
  [0x8a, 'i64.rotr', 'none', 'll>l', 'pure', 'vm_rotr64($0, $1)'],
];

const floats: readonly WasmRow[] = [
  [0x8b, 'f32.abs', 'none', 'f>f', 'pure', '__builtin_fabsf($0)'],
  [0x8c, 'f32.neg', 'none', 'f>f', 'pure', '-$0'],
  [0x8d, 'f32.ceil', 'none', 'f>f', 'pure', 'vm_ceil_f32($0)'],
  [0x8e, 'f32.floor', 'none', 'f>f', 'pure', 'vm_floor_f32($0)'],
  [0x8f, 'f32.trunc', 'none', 'f>f', 'pure', 'vm_trunc_f32($0)'],
  [0x90, 'f32.nearest', 'none', 'f>f', 'pure', 'vm_nearest_f32($0)'],
  [0x91, 'f32.sqrt', 'none', 'f>f', 'pure', '__builtin_sqrtf($0)'],
  [0x92, 'f32.add', 'none', 'ff>f', 'pure', '$0 + $1'],
  [0x93, 'f32.sub', 'none', 'ff>f', 'pure', '$0 - $1'],
  [0x94, 'f32.mul', 'none', 'ff>f', 'pure', '$0 * $1'],
  [0x95, 'f32.div', 'none', 'ff>f', 'pure', '$0 / $1'],
  [0x96, 'f32.min', 'none', 'ff>f', 'pure', 'vm_min_f32($0, $1)'],
  [0x97, 'f32.max', 'none', 'ff>f', 'pure', 'vm_max_f32($0, $1)'],
  [0x98, 'f32.copysign', 'none', 'ff>f', 'pure', '__builtin_copysignf($0, $1)'],
  [0x99, 'f64.abs', 'none', 'd>d', 'pure', '__builtin_fabs($0)'],
  [0x9a, 'f64.neg', 'none', 'd>d', 'pure', '-$0'],
  [0x9b, 'f64.ceil', 'none', 'd>d', 'pure', 'vm_ceil_f64($0)'],
  [0x9c, 'f64.floor', 'none', 'd>d', 'pure', 'vm_floor_f64($0)'],
  [0x9d, 'f64.trunc', 'none', 'd>d', 'pure', 'vm_trunc_f64($0)'],
  [0x9e, 'f64.nearest', 'none', 'd>d', 'pure', 'vm_nearest_f64($0)'],
  [0x9f, 'f64.sqrt', 'none', 'd>d', 'pure', '__builtin_sqrt($0)'],
  [0xa0, 'f64.add', 'none', 'dd>d', 'pure', '$0 + $1'],
  [0xa1, 'f64.sub', 'none', 'dd>d', 'pure', '$0 - $1'],
  [0xa2, 'f64.mul', 'none', 'dd>d', 'pure', '$0 * $1'],
  [0xa3, 'f64.div', 'none', 'dd>d', 'pure', '$0 / $1'],
  [0xa4, 'f64.min', 'none', 'dd>d', 'pure', 'vm_min_f64($0, $1)'],
  [0xa5, 'f64.max', 'none', 'dd>d', 'pure', 'vm_max_f64($0, $1)'],
  [0xa6, 'f64.copysign', 'none', 'dd>d', 'pure', '__builtin_copysign($0, $1)'],
];

const conversions: readonly WasmRow[] = [
  [0xa7, 'i32.wrap_i64', 'none', 'l>i', 'pure', '(u32)$0'],
  [0xa8, 'i32.trunc_f32_s', 'none', 'f>i', 'ordered', 'vm_trunc_s32_f32($0)'],
  [0xa9, 'i32.trunc_f32_u', 'none', 'f>i', 'ordered', 'vm_trunc_u32_f32($0)'],
  [0xaa, 'i32.trunc_f64_s', 'none', 'd>i', 'ordered', 'vm_trunc_s32_f64($0)'],
  [0xab, 'i32.trunc_f64_u', 'none', 'd>i', 'ordered', 'vm_trunc_u32_f64($0)'],
  [0xac, 'i64.extend_i32_s', 'none', 'i>l', 'pure', '(u64)(s64)(s32)$0'],
  [0xad, 'i64.extend_i32_u', 'none', 'i>l', 'pure', '(u64)$0'],
  [0xae, 'i64.trunc_f32_s', 'none', 'f>l', 'ordered', 'vm_trunc_s64_f32($0)'],
  [0xaf, 'i64.trunc_f32_u', 'none', 'f>l', 'ordered', 'vm_trunc_u64_f32($0)'],
  [0xb0, 'i64.trunc_f64_s', 'none', 'd>l', 'ordered', 'vm_trunc_s64_f64($0)'],
  [0xb1, 'i64.trunc_f64_u', 'none', 'd>l', 'ordered', 'vm_trunc_u64_f64($0)'],
  [0xb2, 'f32.convert_i32_s', 'none', 'i>f', 'pure', '(f32)(s32)$0'],
  [0xb3, 'f32.convert_i32_u', 'none', 'i>f', 'pure', '(f32)$0'],
  [0xb4, 'f32.convert_i64_s', 'none', 'l>f', 'pure', '(f32)(s64)$0'],
  [0xb5, 'f32.convert_i64_u', 'none', 'l>f', 'pure', '(f32)$0'],
  [0xb6, 'f32.demote_f64', 'none', 'd>f', 'pure', '(f32)$0'],
  [0xb7, 'f64.convert_i32_s', 'none', 'i>d', 'pure', '(f64)(s32)$0'],
  [0xb8, 'f64.convert_i32_u', 'none', 'i>d', 'pure', '(f64)$0'],
  [0xb9, 'f64.convert_i64_s', 'none', 'l>d', 'pure', '(f64)(s64)$0'],
  [0xba, 'f64.convert_i64_u', 'none', 'l>d', 'pure', '(f64)$0'],
  [0xbb, 'f64.promote_f32', 'none', 'f>d', 'pure', '(f64)$0'],
  [0xbc, 'i32.reinterpret_f32', 'none', 'f>i', 'pure', 'vm_bits_of_f32($0)'],
  [0xbd, 'i64.reinterpret_f64', 'none', 'd>l', 'pure', 'vm_bits_of_f64($0)'],
  [0xbe, 'f32.reinterpret_i32', 'none', 'i>f', 'pure', 'vm_f32_of_bits($0)'],
  [0xbf, 'f64.reinterpret_i64', 'none', 'l>d', 'pure', 'vm_f64_of_bits($0)'],
  [0xc0, 'i32.extend8_s', 'none', 'i>i', 'pure', '(u32)(s32)(s8)$0'],
  [0xc1, 'i32.extend16_s', 'none', 'i>i', 'pure', '(u32)(s32)(s16)$0'],
  [0xc2, 'i64.extend8_s', 'none', 'l>l', 'pure', '(u64)(s64)(s8)$0'],
  [0xc3, 'i64.extend16_s', 'none', 'l>l', 'pure', '(u64)(s64)(s16)$0'],
  [0xc4, 'i64.extend32_s', 'none', 'l>l', 'pure', '(u64)(s64)(s32)$0'],
  [0xfc0000, 'i32.trunc_sat_f32_s', 'none', 'f>i', 'pure', 'vm_trunc_sat_s32_f32($0)'],
  [0xfc0001, 'i32.trunc_sat_f32_u', 'none', 'f>i', 'pure', 'vm_trunc_sat_u32_f32($0)'],
  [0xfc0002, 'i32.trunc_sat_f64_s', 'none', 'd>i', 'pure', 'vm_trunc_sat_s32_f64($0)'],
  [0xfc0003, 'i32.trunc_sat_f64_u', 'none', 'd>i', 'pure', 'vm_trunc_sat_u32_f64($0)'],
  [0xfc0004, 'i64.trunc_sat_f32_s', 'none', 'f>l', 'pure', 'vm_trunc_sat_s64_f32($0)'],
  [0xfc0005, 'i64.trunc_sat_f32_u', 'none', 'f>l', 'pure', 'vm_trunc_sat_u64_f32($0)'],
  [0xfc0006, 'i64.trunc_sat_f64_s', 'none', 'd>l', 'pure', 'vm_trunc_sat_s64_f64($0)'],
  [0xfc0007, 'i64.trunc_sat_f64_u', 'none', 'd>l', 'pure', 'vm_trunc_sat_u64_f64($0)'],
];

const bulk: readonly WasmRow[] = [
  [0xfc0008, 'memory.init', 'dataMemory', 'iii>', 'special', ''],
  [0xfc0009, 'data.drop', 'data', '>', 'special', ''],
  [0xfc000a, 'memory.copy', 'memoryMemory', 'iii>', 'ordered', 'vm_memory_copy($0, $1, $2)'],
  [0xfc000b, 'memory.fill', 'memory', 'iii>', 'ordered', 'vm_memory_fill($0, $1, $2)'],
  [0xfc000c, 'table.init', 'elementTable', 'iii>', 'special', ''],
  [0xfc000d, 'elem.drop', 'element', '>', 'special', ''],
  [0xfc000e, 'table.copy', 'tableTable', 'iii>', 'special', ''],
];

/** Sub-opcode columns of the threads proposal, in its order: value type, type in memory, suffix of the name. */
const atomicWidths = [
  ['i', 'u32', ''],
  ['l', 'u64', ''],
  ['i', 'u8', '8'],
  ['i', 'u16', '16'],
  ['l', 'u8', '8'],
  ['l', 'u16', '16'],
  ['l', 'u32', '32'],
] as const;

/** Read-modify-write families in opcode order: first code, name, operands after the address, C function. */
const atomicFamilies = [
  [0x10, 'load', '', 'LOAD'],
  [0x17, 'store', 'v', 'STORE'],
  [0x1e, 'add', 'v', 'ADD'],
  [0x25, 'sub', 'v', 'SUB'],
  [0x2c, 'and', 'v', 'AND'],
  [0x33, 'or', 'v', 'OR'],
  [0x3a, 'xor', 'v', 'XOR'],
  [0x41, 'xchg', 'v', 'EXCHANGE'],
  [0x48, 'cmpxchg', 'vv', 'COMPARE_EXCHANGE'],
] as const;

const atomicName = (letter: string, width: string, family: string): string => {
  const type = letter === 'i' ? 'i32' : 'i64';
  if (family === 'load') return `${type}.atomic.load${width}${width && '_u'}`;
  if (family === 'store') return `${type}.atomic.store${width}`;
  return `${type}.atomic.rmw${width}.${family}${width && '_u'}`;
};

/** In an atomic row, c may also use $type (the type in memory) and $offset (the static offset). */
const atomicC = (operands: string, macro: string, memoryType: string): string =>
  `VM_ATOMIC_${macro}(${memoryType}, $0, $offset${operands && ', $1'}${operands === 'vv' ? ', $2' : ''})`;

const atomics: readonly WasmRow[] = [
  [0xfe0003, 'atomic.fence', 'zeroByte', '>', 'ordered', '__atomic_thread_fence(__ATOMIC_SEQ_CST)'],
  ...atomicFamilies.flatMap(([first, family, operands, macro]) =>
    atomicWidths.map(([letter, memoryType, width], column): WasmRow => {
      const result = family === 'store' ? '' : letter;
      return [
        0xfe0000 + first + column,
        atomicName(letter, width, family),
        'access',
        `i${operands.replaceAll('v', letter)}>${result}`,
        'ordered',
        atomicC(operands, macro, memoryType),
      ];
    }),
  ),
];

export const wasmRows: readonly WasmRow[] = [
  ...control,
  ...memory,
  ...constants,
  ...comparisons,
  ...integers,
  ...floats,
  ...conversions,
  ...bulk,
  ...atomics,
];

/** Bytes of each C type that a load or store row names. */
export const wasmMemoryTypeBytes: Readonly<Record<string, number>> = {
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  f32: 4,
  u64: 8,
  f64: 8,
};
