// Every limit of the V compiler, named once. Each bounds something that the input controls.

/** Deepest nesting of expressions, types and blocks that the parser follows. */
export const nestingDepthMax = 200;
/** Operators in a row, as in `a + b + c`. */
export const operandsMax = 500;
/** Most tokens read from one file; a longer file is an error. */
export const tokensMax = 2_000_000;
/** Errors reported for one file before the rest is left out. */
export const errorsMax = 50;
/** Longest Erlang atom; a mangled name that would be longer is hashed. */
export const atomLengthMax = 200;
/** Parameters plus free variables of one BEAM function. */
export const parametersMax = 200;
/** Elements of a fixed array: all of them exist from the start. */
export const fixedArrayLengthMax = 1 << 24;
/** Chained instantiations of generic functions (`f[T]` needing `f[[]T]` and so on). */
export const genericDepthMax = 30;
/** How long erlc may take over one module. */
export const erlcTimeoutMsMax = 60_000;
/** How often the body of a `match` branch is compiled for the types that it is for. */
export const bodyCopiesMax = 64;

/** Values of a range in a `match` that are compared with the other cases, one by one. */
export const matchRangeMax = 1_000;
/** Expressions evaluated for one constant while compiling. */
export const constantStepsMax = 100_000;
/** Attempts to check an expression, inside each other, after which it may be checked once more. */
export const attemptDepthMax = 5;
