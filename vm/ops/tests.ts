/** Type tests and comparisons: operand 0 is the label to go to when the test fails. */
import { compare, equal, identical } from '../compare';
import { E_ARITY, FUN_ARITY } from '../code';
import { am_false, am_true } from '../gen/atoms';
import { operand, readSource } from '../operands';
import {
  NIL,
  SUB_FUN,
  SUB_TUPLE,
  TAG_BOXED,
  areSmall,
  boxedHeader,
  boxedWord,
  headerOf,
  headerSubtag,
  isAtom,
  isBinary,
  isBitstring,
  isFloat,
  isFun,
  isImmediate,
  isInteger,
  isList,
  isMap,
  isNumber,
  isPid,
  isPort,
  isReference,
  isSmall,
  isTuple,
  smallValue,
} from '../term';
import { allowLeaving, endWalk } from '../walk';
import { leaveAt } from './arithmetic';

export function isBoolean(t: u64): bool {
  return t == am_true || t == am_false;
}
/** `t` is a fun that takes `arity` arguments. */
export function isFunOfArity(t: u64, arity: u32): bool {
  if (!isFun(t)) return false;
  const entry = boxedWord(t, 1) as usize;
  return (
    load<u32>(entry + (headerSubtag(boxedHeader(t)) == SUB_FUN ? FUN_ARITY : E_ARITY)) == arity
  );
}

export function op_is_integer(pc: usize): usize {
  return isInteger(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_float(pc: usize): usize {
  return isFloat(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_number(pc: usize): usize {
  return isNumber(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_atom(pc: usize): usize {
  return isAtom(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_pid(pc: usize): usize {
  return isPid(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_reference(pc: usize): usize {
  return isReference(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_port(pc: usize): usize {
  return isPort(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_binary(pc: usize): usize {
  return isBinary(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_bitstr(pc: usize): usize {
  return isBitstring(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_map(pc: usize): usize {
  return isMap(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_function(pc: usize): usize {
  return isFun(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_tuple(pc: usize): usize {
  return isTuple(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_nonempty_list(pc: usize): usize {
  return isList(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_boolean(pc: usize): usize {
  return isBoolean(readSource(operand(pc, 1))) ? pc + 12 : operand(pc, 0);
}
export function op_is_nil(pc: usize): usize {
  return readSource(operand(pc, 1)) == NIL ? pc + 12 : operand(pc, 0);
}
export function op_is_list(pc: usize): usize {
  const t = readSource(operand(pc, 1));
  return isList(t) || t == NIL ? pc + 12 : operand(pc, 0);
}
export function op_test_arity(pc: usize): usize {
  return boxedHeader(readSource(operand(pc, 1))) == headerOf(SUB_TUPLE, operand(pc, 2))
    ? pc + 16
    : operand(pc, 0);
}
/** is_tagged_tuple Fail Source Arity Atom */
export function op_is_tagged_tuple(pc: usize): usize {
  const t = readSource(operand(pc, 1));
  if ((t & 3) != TAG_BOXED || boxedHeader(t) != headerOf(SUB_TUPLE, operand(pc, 2)))
    return operand(pc, 0);
  return load<u64>(t as u32, 6) == (operand(pc, 3) as u64) ? pc + 20 : operand(pc, 0);
}
export function op_is_function2(pc: usize): usize {
  const arity = readSource(operand(pc, 2));
  if (!isSmall(arity) || smallValue(arity) < 0 || smallValue(arity) > 255) return operand(pc, 0);
  return isFunOfArity(readSource(operand(pc, 1)), smallValue(arity) as u32)
    ? pc + 16
    : operand(pc, 0);
}

// ---- comparisons: what its words do not decide may take long, and be left (walk.ts)

/** Go to `yes` when a < b, else to `no`. */
export function branchLess(pc: usize, a: u64, b: u64, yes: usize, no: usize): usize {
  if (areSmall(a, b)) return (a as i64) < (b as i64) ? yes : no;
  allowLeaving();
  const less = compare(a, b) < 0;
  if (endWalk()) return leaveAt(pc);
  return less ? yes : no;
}
/** Go to `yes` when a == b, else to `no`. */
function branchEqual(pc: usize, a: u64, b: u64, yes: usize, no: usize): usize {
  if (a == b) return yes;
  if (areSmall(a, b)) return no;
  allowLeaving();
  const same = equal(a, b);
  if (endWalk()) return leaveAt(pc);
  return same ? yes : no;
}
/** Go to `yes` when a =:= b, else to `no`; immediates need no walk. */
export function branchSame(pc: usize, a: u64, b: u64, yes: usize, no: usize): usize {
  if (a == b) return yes;
  if (isImmediate(a) || isImmediate(b)) return no;
  allowLeaving();
  const same = identical(a, b);
  if (endWalk()) return leaveAt(pc);
  return same ? yes : no;
}
function left(pc: usize): u64 {
  return readSource(operand(pc, 1));
}
function right(pc: usize): u64 {
  return readSource(operand(pc, 2));
}
export function op_is_lt(pc: usize): usize {
  return branchLess(pc, left(pc), right(pc), pc + 16, operand(pc, 0));
}
export function op_is_ge(pc: usize): usize {
  return branchLess(pc, left(pc), right(pc), operand(pc, 0), pc + 16);
}
export function op_is_eq(pc: usize): usize {
  return branchEqual(pc, left(pc), right(pc), pc + 16, operand(pc, 0));
}
export function op_is_ne(pc: usize): usize {
  return branchEqual(pc, left(pc), right(pc), operand(pc, 0), pc + 16);
}
export function op_is_eq_exact(pc: usize): usize {
  return branchSame(pc, left(pc), right(pc), pc + 16, operand(pc, 0));
}
export function op_is_ne_exact(pc: usize): usize {
  return branchSame(pc, left(pc), right(pc), operand(pc, 0), pc + 16);
}
