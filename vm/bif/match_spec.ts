/**
 * erlang:match_spec_test/3: a match specification run on one term, with the compiler's complaint
 * when it is none.
 */
import { badarg, outOfMemory } from '../errors';
import {
  am_error,
  am_exception_trace,
  am_false,
  am_ok,
  am_return_trace,
  am_table,
  am_trace,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { releaseResource } from '../off_heap';
import { tuple2, tuple4 } from '../signals';
import { NIL, NONE, isList, makeCons, smallOf, smallValue, tail } from '../term';
import { atomLength, atomText } from '../atoms';
import {
  FOR_TABLE,
  FOR_TRACE,
  WRONG_ARGUMENTS,
  WRONG_BODY,
  WRONG_CLAUSE,
  WRONG_CONTEXT,
  WRONG_EMPTY_BODY,
  WRONG_EXPRESSION,
  WRONG_FUNCTION,
  WRONG_GUARDS,
  WRONG_KEY,
  WRONG_LIST,
  WRONG_MEMORY,
  WRONG_VARIABLE,
  compileProgram,
  wrong,
  wrongArity,
  wrongTerm,
} from '../ets/match_compile';
import { WANT_EXCEPTION, WANT_RETURN, messageValue, startActions, wanted } from '../trace/actions';
import { prepareRun, runExhausted, runProgram } from '../ets/match_run';

// ---- texts: a list of characters, made from its end

let text: u64 = NIL;

function before(part: string): void {
  for (let i = part.length - 1; i >= 0; i--) {
    text = makeCons(hAlloc(2), smallOf(part.charCodeAt(i)), text);
  }
}
/** The bytes of an atom's name; names of functions are ASCII but for odd ones. */
function beforeAtom(atom: u64): void {
  const from = atomText(atom);
  for (let i = atomLength(atom); i > 0; i--) {
    text = makeCons(hAlloc(2), smallOf(load<u8>(from + i - 1) as i64), text);
  }
}
function beforeNumber(number: i64): void {
  let left = number;
  do {
    text = makeCons(hAlloc(2), smallOf(48 + (left % 10)), text);
    left /= 10;
  } while (left);
}

/** What the compiler did not like, in OTP's words. */
function complaint(): u64 {
  text = NIL;
  if (wrong == WRONG_LIST) before('Match programs are not in a list.');
  else if (wrong == WRONG_CLAUSE) before('Match program part is not a tuple of arity 3.');
  else if (wrong == WRONG_GUARDS) before('Match expression is not a list.');
  else if (wrong == WRONG_BODY || wrong == WRONG_EMPTY_BODY) {
    before('Body clause does not return anything.');
  } else if (wrong == WRONG_KEY) before('Variable found in map key.');
  else if (wrong == WRONG_VARIABLE) {
    before(' is unbound.');
    beforeNumber(smallValue(wrongTerm));
    before('Variable $');
  } else if (wrong == WRONG_FUNCTION) {
    before(' does_not_exist.');
    beforeNumber(wrongArity as i64);
    before('/');
    beforeAtom(wrongTerm);
    before('Function ');
  } else if (wrong == WRONG_ARGUMENTS) {
    before("' called with the wrong number of arguments.");
    beforeAtom(wrongTerm);
    before("Special form '");
  } else if (wrong == WRONG_CONTEXT) {
    before("' called in guard context.");
    beforeAtom(wrongTerm);
    before("Special form '");
  } else if (wrong == WRONG_EXPRESSION) {
    before('Neither a function call, nor a tuple (tuples are written {{ ... }}).');
  }
  return text;
}

// bif: erlang:match_spec_test/3
export function erlangMatchSpecTest3(subject: u64, spec: u64, kind: u64): u64 {
  if (kind != am_table && kind != am_trace) return badarg();
  if (kind == am_trace) {
    let rest = subject;
    while (isList(rest)) rest = tail(rest);
    if (rest != NIL) return badarg();
  }
  const program = compileProgram(spec, kind == am_table ? FOR_TABLE : FOR_TRACE);
  if (!program) {
    if (wrong == WRONG_MEMORY) return outOfMemory();
    const complaints = makeCons(hAlloc(2), tuple2(am_error, complaint()), NIL);
    return tuple2(am_error, complaints);
  }
  let result: u64 = NONE;
  startActions(0, 0);
  const prepared = prepareRun(program);
  if (prepared) result = runProgram(program, subject, false);
  releaseResource(program);
  if (!prepared) return outOfMemory();
  if (runExhausted) return NONE;
  if (!result) return tuple4(am_ok, am_false, NIL, NIL);
  // A trace has the result that its message would have, and what the body asked for besides.
  if (kind == am_table) return tuple4(am_ok, result, NIL, NIL);
  let flags = NIL;
  if (wanted & WANT_EXCEPTION) flags = makeCons(hAlloc(2), am_exception_trace, NIL);
  else if (wanted & WANT_RETURN) flags = makeCons(hAlloc(2), am_return_trace, NIL);
  return tuple4(am_ok, messageValue, flags, NIL);
}
