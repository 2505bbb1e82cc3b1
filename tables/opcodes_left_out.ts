/**
 * Why the instructions with `operands: null` in tables/opcodes.ts have no implementation. Sources:
 * OTP's genop.tab, which marks obsolete instructions, and the compilers of OTP 22 to 28.
 */
export interface OpcodesLeftOut {
  readonly numbers: readonly number[];
  readonly why: string;
}

export const opcodesLeftOut: readonly OpcodesLeftOut[] = [
  {
    numbers: [27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38],
    why: 'obsolete since R11B: operators are gc_bif instructions',
  },
  { numbers: [54], why: 'obsolete: is_constant/1 is no guard any more' },
  { numbers: [68], why: 'obsolete: strings are literals' },
  { numbers: [76], why: 'obsolete since R8: make_fun2 and make_fun3' },
  {
    numbers: [79, 80, 81, 82, 83, 84, 85, 86],
    why: 'obsolete since R11B: matching of whole bytes, before bs_start_match2',
  },
  { numbers: [87, 88, 93], why: 'obsolete: construction before bs_init2' },
  { numbers: [110, 126, 127], why: 'obsolete: bit-level construction before R12B' },
  {
    numbers: [122, 123, 130],
    why: 'emitted by OTP 21 and older; OTP 22 and 23 do with option r21 only',
  },
  { numbers: [128], why: 'obsolete: literals are operands' },
];
