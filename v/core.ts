// Core Erlang text, one small function a construct (Core Erlang 1.0.3 language specification).
//
// OTP's compiler crashes on a `letrec` function that returns more than one value; the callers make
// none.

/** Core Erlang source of an expression. */
export type Core = string;
/** A variable or a literal: may be repeated and evaluates at no cost. */
export type Atom = string & { readonly atomic?: true };

export function atom(name: string): Atom {
  let text = '';
  for (const c of Buffer.from(name, 'utf8').toString('latin1')) {
    const code = c.charCodeAt(0);
    if (c === "'" || c === '\\') text += `\\${c}`;
    else if (code < 32 || code > 126) text += `\\${code.toString(8).padStart(3, '0')}`;
    else text += c;
  }
  return `'${text}'`;
}

export function integer(value: bigint | number): Atom {
  return value.toString();
}

/** A finite float; Erlang has no others. */
export function float(value: number): Atom {
  if (Object.is(value, -0)) return '-0.0';
  const text = value.toString();
  if (/[.]/.test(text)) return text;
  return text.includes('e') ? text.replace('e', '.0e') : `${text}.0`;
}

/** Bytes of one segment; longer strings get several, because each is one big integer. */
const segmentBytesMax = 256;

/** A binary from bytes given one Latin-1 char each. */
export function binary(bytes: string): Atom {
  const segments: string[] = [];
  for (let at = 0; at < bytes.length; at += segmentBytesMax) {
    const chunk = bytes.slice(at, at + segmentBytesMax);
    const value = BigInt(`0x${Buffer.from(chunk, 'latin1').toString('hex')}`);
    segments.push(`#<${value}>(${8 * chunk.length},1,'integer',['unsigned'|['big']])`);
  }
  return `#{${segments.join(',')}}#`;
}

export function tuple(values: readonly Core[]): Core {
  return `{${values.join(',')}}`;
}

export function list(values: readonly Core[]): Core {
  return values.length === 0 ? '[]' : `[${values.join('|[')}|[]${']'.repeat(values.length)}`;
}

/** Text made of binaries. */
export function concatBinaries(parts: readonly Atom[]): Core {
  return `#{${parts.map((p) => `#<${p}>('all',8,'binary',['unsigned'|['big']])`).join(',')}}#`;
}

export function call(module: string, name: string, args: readonly Core[]): Core {
  return `call ${atom(module)}:${atom(name)}(${args.join(',')})`;
}

export function apply(name: string, args: readonly Core[]): Core {
  return `apply ${atom(name)}/${args.length}(${args.join(',')})`;
}

export function applyValue(fun: Core, args: readonly Core[]): Core {
  return `apply ${fun}(${args.join(',')})`;
}

/** Attaches the source line that a stack trace shows for this call. */
export function located(core: Core, line: number, file: string): Core {
  return `(${core} -| [${line},{'file',${fileList(file)}}])`;
}

const fileLists = new Map<string, string>();
function fileList(file: string): string {
  let text = fileLists.get(file);
  if (text === undefined) {
    text = list([...file].map((c) => integer(c.codePointAt(0) ?? 0)));
    fileLists.set(file, text);
  }
  return text;
}

export function letIn(names: readonly string[], value: Core, body: Core): Core {
  const vars = names.length === 1 ? (names[0] as string) : `<${names.join(',')}>`;
  return `let ${vars} = ${value} in\n${body}`;
}

export function values(list_: readonly Core[]): Core {
  return list_.length === 1 ? (list_[0] as string) : `<${list_.join(',')}>`;
}

export function sequence(first: Core, second: Core): Core {
  return `do ${first}\n${second}`;
}

export interface Clause {
  readonly pattern: string;
  readonly body: Core;
}

export function caseOf(subject: Core, clauses: readonly Clause[]): Core {
  const rows = clauses.map((c) => `<${c.pattern}> when 'true' ->\n${c.body}`);
  return `case ${subject} of\n${rows.join('\n')}\nend`;
}

export function ifTrue(condition: Core, then: Core, otherwise: Core): Core {
  return caseOf(condition, [
    { pattern: "'true'", body: then },
    { pattern: "'false'", body: otherwise },
  ]);
}

export function letrec(name: string, params: readonly string[], body: Core, rest: Core): Core {
  return (
    `letrec ${atom(name)}/${params.length} = fun (${params.join(',')}) ` + `->\n${body}\nin ${rest}`
  );
}

export function fun(params: readonly string[], body: Core): Core {
  return `fun (${params.join(',')}) ->\n${body}`;
}

export interface CoreFunction {
  readonly name: string;
  readonly params: readonly string[];
  readonly body: Core;
  readonly line: number;
}

export function moduleText(
  name: string,
  file: string,
  attributes: readonly { readonly name: string; readonly value: Core }[],
  exports: readonly { readonly name: string; readonly arity: number }[],
  functions: readonly CoreFunction[],
): string {
  const shown = exports.map((e) => `${atom(e.name)}/${e.arity}`).join(',');
  const heads = functions.map((f) => {
    const definition = `${atom(f.name)}/${f.params.length}`;
    const annotation = `[${f.line},{'file',${fileList(file)}}]`;
    return `${definition} =\n( fun (${f.params.join(',')}) ->\n${f.body}\n-| ${annotation} )`;
  });
  const own = attributes.map((a) => `,${atom(a.name)} = ${a.value}`).join('');
  const source = `'file' = [{${fileList(file)},1}]${own}`;
  const info = ['', 'Of'].map((item) => {
    const args = [atom(name), ...(item === '' ? [] : [item])];
    const body = call('erlang', 'get_module_info', args);
    return `'module_info'/${args.length - 1} =\nfun (${item}) ->\n${body}`;
  });
  const text = [...heads, ...info].join('\n');
  const all = [shown, "'module_info'/0,'module_info'/1"].filter((x) => x !== '').join(',');
  return `module ${atom(name)} [${all}]\nattributes [${source}]\n${text}\nend\n`;
}
