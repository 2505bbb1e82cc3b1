/**
 * Bugs that tools/planted_bugs.ts plants into a copy of the VM, one at a time, to see that the tests find them: in `file` the expression
 * `right`, which stands there exactly once, becomes `wrong`. `tests` are the tests that ought to find it, the likeliest first: a file,
 * and environment variables that choose a share of it (docs/testing.md).
 */
export interface PlantedBug {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
  /** What it breaks. */
  readonly what: string;
  readonly tests: readonly string[];
}

const campaign = 'tests/fuzz/campaign.test.ts FUZZ_COUNT=2000';
const generated = 'tests/generated/generated.test.ts GENERATED_CASES=4000';
const cases = (path: string) => `tests/conformance_cases.test.ts CONFORMANCE=${path}`;
const program = (path: string) => `tests/conformance.test.ts CONFORMANCE=${path}`;
const rules = 'tests/vm/loader_verify.test.ts';
const types = 'tests/vm/loader_types.test.ts';
const heaps = 'tests/vm/gc.test.ts';
const nasty = 'tests/fuzz/nasty.test.ts';

export const plantedBugs: readonly PlantedBug[] = [
  {
    file: 'vm/loader/verify.ts',
    right: 'live > 1024 || bad != live',
    wrong: 'live > 1024',
    what: 'registers that live over a collection need not hold terms',
    tests: [rules, nasty],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'F.openCount && F.openY(F.openCount - 1) <= y',
    wrong: 'y >= F.slots',
    what: 'catches need not be nested',
    tests: [rules, nasty],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'offset < infoOffset || !loops',
    wrong: 'offset < infoOffset',
    what: 'any instruction may branch backwards: loops that count no reductions',
    tests: [rules, nasty],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'wanted >= F.T_TUPLE && held >= wanted',
    wrong: 'wanted >= F.T_TUPLE && held >= F.T_TUPLE',
    what: 'elements may be read behind the end of a tuple',
    tests: [types, nasty, campaign],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'size <= F.TUPLE_KNOWN_MAX && isOfType(valueType(slot), wanted)',
    wrong: 'isOfType(valueType(slot), wanted)',
    what: 'elements beyond what is known of a large tuple are not checked',
    tests: [types, nasty, campaign],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'F.frame != (operandWord(wanted - FRAME_DROPPED) as i32)',
    wrong: 'F.frame == F.FRAME_NONE',
    what: 'a frame may be dropped in another size than it has',
    tests: [rules, nasty],
  },
  {
    file: 'vm/loader/verify.ts',
    right: 'return at != S.NO_OFFSET && at < offset;',
    wrong: 'return at == S.NO_OFFSET || at < offset;',
    what: 'a branch may lead into another function',
    tests: [rules, nasty],
  },
  {
    file: 'vm/loader/frame_state.ts',
    right: 'meet(load<u8>(at), type) as u8',
    wrong: 'load<u8>(at)',
    what: 'what a slot holds inside a catch is not what its handler finds',
    tests: [types, nasty, campaign],
  },
  {
    file: 'vm/loader/operands.ts',
    right: 'value < vectorWords(V_LITERALS) >> 1',
    wrong: 'value < vectorWords(V_LITERALS)',
    what: 'literals that do not exist can be named',
    tests: [rules],
  },
  {
    file: 'vm/loader/emit_lists.ts',
    right: 'operandWord(0) >= S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS',
    wrong: 'operandWord(0) >= S.vectorWords(S.V_LAMBDAS)',
    what: 'funs that do not exist can be named',
    tests: [rules],
  },
  {
    file: 'vm/ops/arithmetic.ts',
    right: '(x as i32 as i64) == x && (y as i32 as i64) == y && fitsSmall(product)',
    wrong: 'fitsSmall(product)',
    what: 'a product of more than 64 bits loses its upper part',
    tests: [cases('numbers/arithmetic'), generated],
  },
  {
    file: 'vm/ops/arithmetic.ts',
    right: 'areSmall(a, b) && (smallValue(b) as u64) < 60',
    wrong: 'areSmall(a, b)',
    what: 'shifts to the right by 64 and more bits, or by less than none',
    tests: [cases('numbers/arithmetic'), generated],
  },
  {
    file: 'vm/ops/tests.ts',
    right: '(a as i64) < (b as i64) ? yes : no',
    wrong: 'a < b ? yes : no',
    what: 'negative integers are greater than positive ones',
    tests: [cases('terms/order'), generated],
  },
  {
    file: 'vm/ops/select.ts',
    right: '!isSmall(value) || index >= (operand(pc, 3) as u64)',
    wrong: '!isSmall(value) || index > (operand(pc, 3) as u64)',
    what: 'a jump table is left by one entry',
    tests: [generated, campaign],
  },
  {
    file: 'vm/bits_integer.ts',
    right: '(flags & FLAG_SIGNED) != 0 && isNegativeField(at, bits)',
    wrong: '(flags & FLAG_SIGNED) != 0',
    what: 'large signed fields are always negative',
    tests: [program('binary/match'), cases('terms/matching'), generated],
  },
  {
    file: 'vm/unicode.ts',
    right: 'second < 0xdc00 || second > 0xdfff',
    wrong: 'second < 0xdc00',
    what: 'half a pair of surrogates is a character of UTF-16',
    tests: [generated, program('binary/match')],
  },
  {
    file: 'vm/gc.ts',
    right: 'address - start < field(process, P_MATURE) - start',
    wrong: 'address < start',
    what: 'a tuple that gets a young element may be promoted before that',
    tests: [heaps, nasty],
  },
  {
    file: 'vm/ops/exceptions.ts',
    right: 'kind == am_throw ? CLASS_THROW : kind == am_exit ? CLASS_EXIT : CLASS_ERROR',
    wrong: 'kind == am_throw ? CLASS_THROW : CLASS_ERROR',
    what: 'an exit that is raised again becomes an error',
    tests: [cases('exceptions/raising')],
  },
  {
    file: 'vm/mailbox.ts',
    right: 'load<u32>(process, P_MAILBOX_COUNT) - 1',
    wrong: 'load<u32>(process, P_MAILBOX_COUNT)',
    what: 'messages that were taken are still counted',
    tests: [cases('processes/receiving')],
  },
  {
    file: 'vm/off_heap.ts',
    right: 'load<u32>(object) + 1',
    wrong: 'load<u32>(object)',
    what: 'a second reference to a resource is not counted: it is freed while in use',
    tests: [cases('storage/terms_and_counters'), campaign],
  },
  {
    file: 'vm/etf_size.ts',
    right: 'bytes == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))',
    wrong: 'bytes == 3 && point < 0x800',
    what: 'atoms with surrogates can be decoded',
    tests: [cases('terms/external_form'), campaign],
  },
];
