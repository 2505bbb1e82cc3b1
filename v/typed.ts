// The typed tree: what the checker makes of the syntax tree and the lowering turns into Core
// Erlang.
//
// Everything implicit is explicit here: conversions, copies out of `mut` parameters, default
// values, method calls, wrapping into options and sum types. Every expression has a type that is no
// untyped literal any more. Generic functions appear once for each list of type arguments.

import type { Span } from './source.ts';
import type { Type } from './types.ts';

export interface Local {
  readonly id: number;
  readonly name: string;
  readonly type: Type;
  readonly mut: boolean;
  readonly span: Span;
  used: boolean;
  changed: boolean;
  /** The variable's address is taken: it lives in a cell instead of in SSA values. */
  cell: boolean;
  /** A reference that never leaves the function: the variable holds what it leads to. */
  unboxed: boolean;
  /** A parameter of a reference type through which nothing is written or kept. */
  borrowed: boolean;
}

/** Something that can be assigned to; the lowering evaluates its operands once. */
export type Place =
  | { readonly kind: 'local'; readonly local: Local; readonly type: Type }
  | { readonly kind: 'field'; readonly base: Place; readonly index: number; readonly type: Type }
  | {
      readonly kind: 'index';
      readonly base: Place;
      readonly index: TExpr;
      readonly type: Type;
      readonly span: Span;
    }
  | {
      readonly kind: 'mapIndex';
      readonly base: Place;
      readonly key: TExpr;
      /** What a missing key reads as. */
      readonly zero: TExpr;
      readonly type: Type;
    }
  /** What two functions of the packed value around it read and replace. */
  | {
      readonly kind: 'accessors';
      readonly base: Place;
      readonly get: FnInstance;
      readonly set: FnInstance;
      readonly type: Type;
    }
  /** What functions of the runtime read of the value around it and replace in it: a slice. */
  | {
      readonly kind: 'view';
      readonly base: Place;
      readonly module: string;
      readonly get: string;
      readonly set: string;
      /** Stand between the value around and the new value. */
      readonly args: readonly TExpr[];
      readonly type: Type;
      readonly span: Span;
    }
  /** What a reference points to. */
  | { readonly kind: 'target'; readonly reference: TExpr; readonly type: Type; readonly span: Span }
  /** A value seen as the interface or sum type it is passed as. */
  | { readonly kind: 'boxed'; readonly base: Place; readonly wrap: Wrapper; readonly type: Type }
  /** A field that the structs of all variants have, at an index for each tag. */
  | {
      readonly kind: 'common';
      readonly base: Place;
      readonly rows: readonly { readonly tag: string; readonly index: number }[];
      readonly type: Type;
    }
  /** The payload of a sum type value (or option) known to hold this variant. */
  | {
      readonly kind: 'payload';
      readonly base: Place;
      readonly wrap: Wrapper;
      readonly type: Type;
      /** For `x?.f = …`: what is done first with the packed value, kept in `held`. */
      readonly check?: { readonly held: Local; readonly test: TExpr };
    };

/**
 * How a value is packed: `{'sum', Tag, V}`, `{'some', V}`, `{'ok', V}`, `{'err', E}`, an interface
 * box.
 */
export type Wrapper =
  | { readonly kind: 'sum'; readonly tag: string }
  | { readonly kind: 'some' }
  | { readonly kind: 'ok' }
  | { readonly kind: 'err' }
  | { readonly kind: 'box'; readonly tag: string };

export interface TBlock {
  readonly stmts: readonly TStmt[];
  readonly value: TExpr | undefined;
}

export type Arg =
  | { readonly kind: 'value'; readonly value: TExpr }
  | { readonly kind: 'mut'; readonly place: Place };

/** One function of the compiled module: a declaration with type arguments filled in. */
export interface FnInstance {
  /** Its Erlang name in the module. */
  readonly name: string;
  /** The name V shows. */
  readonly displayName: string;
  readonly params: Local[];
  /** Indices of the `mut` parameters, whose final values the function returns after its result. */
  readonly outs: readonly number[];
  readonly result: Type;
  readonly span: Span;
  /** Holds what is being returned while deferred blocks that ask for it with `$res()` run. */
  returned?: Local | undefined;
  body: TBlock | undefined;
  /** Returns what its result leads to: nobody else holds the reference, so callers make it. */
  freshResult?: boolean;
  /** Set in versions of a function that take these `mut` parameters by reference. */
  readonly byReference?: readonly number[];
}

interface Typed {
  readonly type: Type;
  readonly span: Span;
}

export type ArithmeticOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '>>>'
  | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type TExpr =
  | (Typed & { readonly kind: 'int'; readonly value: bigint })
  | (Typed & { readonly kind: 'float'; readonly value: number })
  | (Typed & { readonly kind: 'string'; readonly bytes: string })
  | (Typed & { readonly kind: 'bool'; readonly value: boolean })
  /** An Erlang atom as it is: `none`, `nil`, `ok`. */
  | (Typed & { readonly kind: 'atom'; readonly name: string })
  | (Typed & { readonly kind: 'local'; readonly local: Local })
  | (Typed & { readonly kind: 'const'; readonly info: ConstInfo })
  | (Typed & { readonly kind: 'place'; readonly place: Place })
  | (Typed & {
      readonly kind: 'arith';
      readonly op: ArithmeticOperator;
      readonly left: TExpr;
      readonly right: TExpr;
    })
  | (Typed & { readonly kind: 'negate' | 'invert' | 'not'; readonly value: TExpr })
  | (Typed & {
      readonly kind: 'compare';
      readonly op: CompareOperator;
      readonly left: TExpr;
      readonly right: TExpr;
    })
  | (Typed & {
      readonly kind: 'logic';
      readonly op: '&&' | '||';
      readonly left: TExpr;
      readonly right: TExpr;
    })
  /** A numeric conversion from the operand's type. */
  | (Typed & { readonly kind: 'convert'; readonly value: TExpr })
  | (Typed & { readonly kind: 'wrap'; readonly wrap: Wrapper; readonly value: TExpr })
  /** The payload of a packed value that is known to be packed so. */
  | (Typed & { readonly kind: 'unwrap'; readonly value: TExpr })
  /** Tests how a value is packed. */
  | (Typed & {
      readonly kind: 'test';
      readonly value: TExpr;
      readonly tags: readonly string[];
      readonly of: 'sum' | 'option' | 'result' | 'interface';
    })
  | (Typed & { readonly kind: 'field'; readonly value: TExpr; readonly index: number })
  | (Typed & { readonly kind: 'struct'; readonly tag: string; readonly values: readonly TExpr[] })
  | (Typed & {
      readonly kind: 'update';
      readonly base: TExpr;
      readonly changes: readonly { readonly index: number; readonly value: TExpr }[];
    })
  | (Typed & { readonly kind: 'array'; readonly elements: readonly TExpr[] })
  | (Typed & { readonly kind: 'tuple'; readonly values: readonly TExpr[] })
  /** A list of Erlang terms, for the runtime. */
  | (Typed & { readonly kind: 'list'; readonly values: readonly TExpr[] })
  | (Typed & { readonly kind: 'index'; readonly value: TExpr; readonly index: TExpr })
  /** Text made of pieces. */
  | (Typed & { readonly kind: 'concat'; readonly parts: readonly TExpr[] })
  /** `module:name(args)` of the runtime or of Erlang. */
  | (Typed & {
      readonly kind: 'runtime';
      readonly module: string;
      readonly name: string;
      readonly args: readonly TExpr[];
    })
  /**
   * A runtime call that gives the new value of a place, or `{Result, New}` when the type is not
   * void.
   */
  | (Typed & {
      readonly kind: 'mutate';
      readonly place: Place;
      readonly module: string;
      readonly name: string;
      readonly args: readonly TExpr[];
    })
  | (Typed & { readonly kind: 'call'; readonly fn: FnInstance; readonly args: readonly Arg[] })
  | (Typed & { readonly kind: 'callValue'; readonly callee: TExpr; readonly args: readonly Arg[] })
  | (Typed & { readonly kind: 'fnRef'; readonly fn: FnInstance })
  | (Typed & {
      readonly kind: 'closure';
      readonly params: readonly Local[];
      readonly outs: readonly number[];
      readonly body: TBlock;
      readonly result: Type;
      readonly captures: readonly Capture[];
    })
  | (Typed & {
      readonly kind: 'if';
      readonly condition: TExpr;
      readonly whenTrue: TBlock;
      readonly otherwise: TBlock;
    })
  | (Typed & {
      readonly kind: 'switch';
      readonly subject: TExpr;
      readonly cases: readonly SwitchCase[];
      readonly otherwise: TBlock;
    })
  | (Typed & { readonly kind: 'block'; readonly body: TBlock })
  /** A reference to a place (of a variable, which then is a cell), or to a fresh value. */
  | (Typed & { readonly kind: 'addressOf'; readonly place: Place })
  | (Typed & { readonly kind: 'newCell'; readonly value: TExpr })
  /** Raises a V panic; never returns. */
  | (Typed & { readonly kind: 'panic'; readonly message: TExpr })
  | (Typed & { readonly kind: 'bad' });

export interface SwitchCase {
  /** Integer, string or boolean constants. */
  readonly values: readonly TExpr[];
  readonly body: TBlock;
}

export interface ConstInfo {
  readonly name: string;
  readonly span: Span;
  type: Type;
  value: TExpr | undefined;
  /** The literal's type when the value is a number without a type of its own. */
  untyped?: Type;
}

/** A variable that a closure has a copy of, or shares the cell of. */
export interface Capture {
  readonly outer: Local;
  readonly inner: Local;
  readonly byReference?: boolean;
}

/** A loop that `break` and `continue` name. */
export interface LoopTarget {
  readonly id: number;
  readonly label: string | undefined;
}

export type TStmt =
  | { readonly kind: 'let'; readonly local: Local; readonly value: TExpr; readonly span: Span }
  | { readonly kind: 'assign'; readonly place: Place; readonly value: TExpr; readonly span: Span }
  /** `place op= value`: the place is evaluated once. */
  | {
      readonly kind: 'modify';
      readonly place: Place;
      /** Stands for the old value inside `value`. */
      readonly old: Local;
      readonly value: TExpr;
      readonly span: Span;
    }
  | {
      readonly kind: 'unpack';
      readonly locals: readonly Local[];
      readonly value: TExpr;
      readonly span: Span;
    }
  | { readonly kind: 'expr'; readonly value: TExpr; readonly span: Span }
  | { readonly kind: 'return'; readonly value: TExpr | undefined; readonly span: Span }
  | {
      readonly kind: 'loop';
      readonly target: LoopTarget;
      readonly condition: TExpr | undefined;
      readonly step: readonly TStmt[];
      readonly body: TBlock;
      readonly span: Span;
    }
  /** `for local in low..high`; both bounds are evaluated once. */
  | {
      readonly kind: 'range';
      readonly target: LoopTarget;
      readonly local: Local;
      readonly low: TExpr;
      readonly high: TExpr;
      readonly body: TBlock;
      readonly span: Span;
    }
  /** Runs over an Erlang list of elements, or of `{Key, Value}` when `pairs` is set. */
  | {
      readonly kind: 'each';
      readonly target: LoopTarget;
      /** Counts from 0, or is the first of a pair. */
      readonly key: Local | undefined;
      readonly value: Local;
      readonly pairs: boolean;
      readonly list: TExpr;
      readonly body: TBlock;
      readonly span: Span;
    }
  | { readonly kind: 'break' | 'continue'; readonly target: LoopTarget; readonly span: Span }
  | { readonly kind: 'block'; readonly body: TBlock; readonly span: Span }
  | {
      readonly kind: 'defer';
      readonly body: TBlock;
      readonly atFunctionEnd: boolean;
      readonly span: Span;
    };

/** An attribute of the Erlang module: a list of lists of `{Key, Integer}`, or of atoms. */
export interface ModuleAttribute {
  readonly name: string;
  readonly values: readonly (string | ReadonlyMap<string, bigint>)[];
}

/** Everything the emitter needs for one module. */
export interface TProgram {
  /** The name of the Erlang module. */
  readonly module: string;
  /** Erlang functions around V code, by the name that Erlang knows. */
  readonly exports: readonly FnInstance[];
  readonly attributes: readonly ModuleAttribute[];
  readonly functions: readonly FnInstance[];
  readonly main: FnInstance | undefined;
  /** Types of the values that are handed to other threads. */
  readonly handed: readonly Type[];
  /** Types of what references were cast from and to. */
  readonly recast: readonly Type[];
  /** Types of the values that interfaces may hold. */
  readonly boxedTypes: readonly Type[];
  /** The `test_` functions of a `_test.v` file, in order. */
  readonly tests: readonly FnInstance[];
  readonly consts: readonly ConstInfo[];
  /** What is computed and called at the start: the constants and the `init()` of each module. */
  readonly starts: readonly (ConstInfo | FnInstance)[];
  /** `cleanup()` of each module, in the order in which they run. */
  readonly cleanups: readonly FnInstance[];
}
