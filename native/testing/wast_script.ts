/**
 * For tests: reads WebAssembly's specification scripts (.wast): modules and assertions about them.
 * Modules stay text, which npm's wabt assembles; only the script around them is understood here.
 * https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
 */

export interface Node {
  /** An atom's or string's text; null for a list. */
  readonly text: string | null;
  readonly items: readonly Node[];
  /** Place in the source, the parentheses included. */
  readonly start: number;
  readonly end: number;
}

export interface Constant {
  readonly type: string;
  readonly text: string;
}

export type WastCommand =
  | {
      readonly kind: 'module';
      readonly name: string | null;
      readonly node: Node;
      readonly line: number;
    }
  | { readonly kind: 'invoke'; readonly call: Call; readonly line: number }
  | {
      readonly kind: 'return';
      readonly call: Call;
      readonly results: readonly Constant[];
      readonly line: number;
    }
  | { readonly kind: 'trap'; readonly call: Call; readonly line: number }
  | {
      readonly kind: 'invalid';
      readonly node: Node;
      readonly message: string;
      readonly line: number;
    }
  | { readonly kind: 'other'; readonly what: string; readonly line: number };

export interface Call {
  /** The module's `$name`, null for the latest. */
  readonly module: string | null;
  readonly name: string;
  readonly args: readonly Constant[];
}

const tokens = /\s+|;;[^\n]*|\(;|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+/y;

/** End of a block comment that starts at `start`; they nest. */
function skipComment(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    // Both marks are two characters; `(;)` opens a comment and does not close it.
    if (source.startsWith('(;', at)) {
      depth++;
      at++;
    } else if (source.startsWith(';)', at)) {
      at++;
      if (--depth === 0) return at + 1;
    }
  }
  throw new Error('comment without end');
}

export function parseNodes(source: string): Node[] {
  const stack: { items: Node[]; start: number }[] = [{ items: [], start: 0 }];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < source.length) {
    const start = tokens.lastIndex;
    const token = tokens.exec(source)?.[0];
    if (token === undefined) throw new Error(`strange text at ${start}`);
    const top = stack[stack.length - 1] as { items: Node[]; start: number };
    if (token === '(;') tokens.lastIndex = skipComment(source, start);
    else if (token === '(') stack.push({ items: [], start });
    else if (token === ')') {
      stack.pop();
      const parent = stack[stack.length - 1];
      if (parent === undefined) throw new Error(`stray parenthesis at ${start}`);
      parent.items.push({ text: null, items: top.items, start: top.start, end: start + 1 });
    } else if (!/^(\s|;;)/.test(token)) {
      top.items.push({ text: token, items: [], start, end: tokens.lastIndex });
    }
  }
  return stack[0]?.items ?? [];
}

/** The bytes that a quoted string stands for. */
export function stringBytes(text: string): number[] {
  const bytes: number[] = [];
  const parts = /\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\(.)|([^\\]+)/gsu;
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
  for (const [, code, hex, escaped, plain] of text.slice(1, -1).matchAll(parts)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else {
      const character =
        code === undefined ? undefined : String.fromCodePoint(Number.parseInt(code, 16));
      const piece = character ?? (escaped === undefined ? plain : (escapes[escaped] ?? escaped));
      bytes.push(...new TextEncoder().encode(piece));
    }
  }
  return bytes;
}

const head = (node: Node | undefined): string => node?.items[0]?.text ?? '';

function readConstant(node: Node): Constant {
  return { type: head(node).replace('.const', ''), text: node.items[1]?.text ?? '' };
}

function readCall(node: Node): Call {
  const rest = node.items.slice(1);
  const module = rest[0]?.text?.startsWith('$') ? (rest.shift()?.text ?? null) : null;
  const name = new TextDecoder().decode(Uint8Array.from(stringBytes(rest.shift()?.text ?? '""')));
  return { module, name, args: rest.map(readConstant) };
}

function readCommand(node: Node, line: number): WastCommand {
  const kind = head(node);
  const [, action, ...rest] = node.items;
  if (kind === 'module') {
    const name = action?.text?.startsWith('$') ? action.text : null;
    return { kind: 'module', name, node, line };
  }
  if (kind === 'invoke') return { kind: 'invoke', call: readCall(node), line };
  if (action !== undefined && head(action) === 'invoke') {
    const call = readCall(action);
    if (kind === 'assert_return')
      return { kind: 'return', call, results: rest.map(readConstant), line };
    // The oldest scripts have commands of their own for a NaN.
    const nan = {
      assert_return_canonical_nan: 'nan:canonical',
      assert_return_arithmetic_nan: 'nan:arithmetic',
    }[kind];
    if (nan) return { kind: 'return', call, results: [{ type: 'any', text: nan }], line };
    if (kind === 'assert_trap') return { kind: 'trap', call, line };
  }
  if ((kind === 'assert_invalid' || kind === 'assert_malformed') && action !== undefined) {
    return { kind: 'invalid', node: action, message: rest[0]?.text ?? '', line };
  }
  return { kind: 'other', what: kind, line };
}

export function parseScript(source: string): WastCommand[] {
  let line = 1;
  let at = 0;
  const nodes = parseNodes(source);
  // A script may be the fields of one module without the module around them.
  const fields = /^(func|memory|data|global|table|elem|type|export|import|start)$/;
  if (nodes.length > 0 && nodes.every((node) => fields.test(head(node)))) {
    const node: Node = { text: null, items: nodes, start: 0, end: source.length };
    return [{ kind: 'module', name: null, node, line }];
  }
  return nodes.map((node) => {
    for (; at < node.start; at++) if (source[at] === '\n') line++;
    return readCommand(node, line);
  });
}
