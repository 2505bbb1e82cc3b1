/**
 * Ranges of keys: the keys that a pattern such as {a, '$1', b} can match are, in the order of
 * terms, all those that are equal to it up to its first variable. A scan of an ordered set need not
 * look elsewhere.
 */
import { compare } from '../compare';
import { am_underscore } from '../gen/atoms';
import { NONE, head, isList, isMap, isTuple, tail, tupleArity, tupleElement } from '../term';
import { cut, mark, pop, push } from '../work_stack';
import { variableNumber } from './match_compile';

/** The pattern of keys, when it limits them: neither a variable nor a map. Else NONE. */
export function rangePattern(key: u64): u64 {
  return isOpen(key) ? NONE : key;
}
/** From here on the pattern says nothing about the order: maps match larger maps too. */
function isOpen(pattern: u64): bool {
  return pattern == am_underscore || variableNumber(pattern) >= 0 || isMap(pattern);
}

/**
 * The place of the pattern's range relative to `key`: negative when it lies below, 0 when the key
 * is in it.
 */
export function rangeOrder(pattern: u64, key: u64): i32 {
  const base = mark();
  let part = pattern;
  let term = key;
  let order = 0;
  while (!isOpen(part)) {
    if (isList(part) && isList(term)) {
      // Without memory the range is taken to be wider than it is.
      if (!push(tail(part)) || !push(tail(term))) break;
      part = head(part);
      term = head(term);
      continue;
    }
    if (isTuple(part) && isTuple(term)) {
      const arity = tupleArity(part);
      if (arity != tupleArity(term)) {
        order = arity < tupleArity(term) ? -1 : 1;
        break;
      }
      let room = true;
      for (let i = arity; i > 0 && room; i--) {
        room = push(tupleElement(part, i)) && push(tupleElement(term, i));
      }
      if (!room) break;
    } else {
      order = compare(part, term);
      if (order) break;
    }
    if (mark() == base) break;
    term = pop();
    part = pop();
  }
  cut(base);
  return order;
}
