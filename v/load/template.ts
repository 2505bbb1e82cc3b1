// Templates of `$tmpl('path')` (doc/docs.md, "$tmpl for embedding and parsing V template files"):
// a text becomes V statements that append to a string, one line of V for each line of the text, so
// that messages about the statements name the template's lines.
//
// `@name`, `@name.member(…)[…]`, `@(…)`, `@{…}` and `${…}` stand for values, `@@` for `@`. `@if`,
// `@else`, `@for` and `@end` are lines of their own or open a `{`. In files named `.html`, styles
// and comments are left alone, and `.class {`, `#id {`, `span.class {` open elements.

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** The variable that the statements append to. */
export const templateVariable = 'tmpl__text';

export interface TemplateProblem {
  readonly message: string;
  /** The line of the template, counted from 1. */
  readonly line: number;
}

export interface Template {
  /** V statements; the last one is the text itself. */
  readonly code: string;
  readonly problems: readonly TemplateProblem[];
}

const includeDepthMax = 30;

export function translateTemplate(path: string, text: string): Template {
  const translation = new Translation(extname(path).toLowerCase() === '.html');
  const lines = linesOf(text).map((line) => translation.line(line, path, 0));
  const first = `mut ${templateVariable} := ''; ${lines[0] ?? ''}`;
  const code = [first, ...lines.slice(1), `${templateVariable}\n`].join('\n');
  return { code, problems: translation.problems };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

type State = 'plain' | 'html' | 'css' | 'js';
type OpenBlock = 'control' | 'div' | 'span';

class Translation {
  readonly problems: TemplateProblem[] = [];
  private state: State;
  private inComment = false;
  private readonly open: OpenBlock[] = [];
  /** Lines of the template itself that have been read. */
  private count = 0;
  private readonly including: string[] = [];

  constructor(html: boolean) {
    this.state = html ? 'html' : 'plain';
  }

  /** The V statements for one line of the file at `path`. */
  line(line: string, path: string, depth: number): string {
    if (depth === 0) this.count++;
    this.enter(line);
    if (this.state === 'html' && this.isComment(line)) return append(literally(`${line}\n`));
    for (const old of ['header', 'footer']) {
      if (!line.includes(`@${old}`)) continue;
      this.report(`Please use @include '${old}' instead of @${old} (deprecated)`);
      return '';
    }
    if (line.includes('@include ')) return this.include(line, path, depth);
    const control = this.control(line);
    if (control !== undefined) return control;
    const markup = this.state === 'plain' ? undefined : this.markup(line);
    if (markup !== undefined) return append(literally(`${markup}\n`));
    if (this.state === 'css') return append(literally(`${line.replaceAll('.$', '.@')}\n`));
    return append(interpolated(`${line}\n`));
  }

  private report(message: string): void {
    this.problems.push({ message, line: this.count });
  }

  private enter(line: string): void {
    if (this.state === 'plain') return;
    const trimmed = line.trim();
    if (opensTag('style', trimmed)) this.state = 'css';
    else if (opensTag('script', trimmed)) this.state = 'js';
    else if (trimmed === '</style>' || trimmed === '</script>') this.state = 'html';
  }

  private isComment(line: string): boolean {
    if (this.inComment) {
      this.inComment = !line.includes('-->');
      return true;
    }
    if (!line.includes('<!--')) return false;
    this.inComment = !line.includes('-->');
    return true;
  }

  // --- control lines ---------------------------------------------------------------------------

  private control(line: string): string | undefined {
    const last = this.open[this.open.length - 1];
    if (line.trim() === '}' && last === 'control') {
      this.open.pop();
      return '}';
    }
    if (line.includes('@if ')) return this.opening(line, '@if', 'if ');
    if (line.includes('@end')) {
      if (last === 'control') this.open.pop();
      return '}';
    }
    if (line.includes('@else')) return this.otherwise(line);
    if (line.includes('@for')) return this.opening(line, '@for', 'for ');
    return undefined;
  }

  private opening(line: string, directive: string, keyword: string): string {
    const head = controlLine(line, directive);
    const start = `${keyword}${head.header} {`;
    if (head.inline !== undefined) return `${start} ${inlineBody(head)} }`;
    if (head.brace) this.open.push('control');
    return start;
  }

  private otherwise(line: string): string {
    const head = controlLine(line, '@else');
    const start = `} else ${head.header}${head.header === '' ? '' : ' '}{`;
    if (head.inline === undefined) return start;
    if (this.open[this.open.length - 1] === 'control') this.open.pop();
    return `${start} ${inlineBody(head)} }`;
  }

  // --- markup ----------------------------------------------------------------------------------

  private markup(line: string): string | undefined {
    const quoted = (name: string): string =>
      line.slice(line.indexOf(`@${name}`) + name.length + 3, line.length - 1);
    if (line.includes('@js ')) return `<script src="${quoted('js')}"></script>`;
    if (line.includes('@css '))
      return `<link href="${quoted('css')}" rel="stylesheet" type="text/css">`;
    if (this.state !== 'html') return undefined;
    const trimmed = line.trim();
    const indent = '\t'.repeat(line.length - trimmed.length);
    const between = (mark: string): string =>
      trimmed.slice(trimmed.indexOf(mark) + mark.length, trimmed.indexOf('{')).trim();
    if (trimmed === '}') return `${indent}</${this.open.pop() === 'span' ? 'span' : 'div'}>`;
    if (!line.endsWith('{')) return undefined;
    if (trimmed.startsWith('span.')) {
      this.open.push('span');
      return `<span class="${between('span.')}">`;
    }
    if (trimmed.startsWith('.')) {
      this.open.push('div');
      return `${indent}<div class="${between('.')}">`;
    }
    if (!trimmed.startsWith('#')) return undefined;
    this.open.push('div');
    return `<div id="${between('#')}">`;
  }

  // --- includes --------------------------------------------------------------------------------

  private include(line: string, from: string, depth: number): string {
    const named = /@include\s+(['"])(.*?)\1/.exec(line);
    if (!named) {
      this.report('path for @include must be quoted with \' or "');
      return '';
    }
    const [, , given = ''] = named;
    const extension = extname(given) || '.html';
    const name = given.replace(extension, '');
    const path = this.findIncluded(from, name, extension);
    if (this.including.includes(path) || depth > includeDepthMax) {
      this.report(`A recursive call is being made on template ${name}`);
      return '';
    }
    if (!existsSync(path)) {
      this.report(`Reading file \`${name}\` from path: ${path} failed`);
      return '';
    }
    this.including.push(path);
    const lines = linesOf(readFileSync(path, 'utf8'));
    const code = lines.map((each) => this.line(each, path, depth + 1)).join('; ');
    this.including.pop();
    return code;
  }

  /** Beside the including file, or in the folder `templates` around it. */
  private findIncluded(from: string, name: string, extension: string): string {
    const folder = dirname(from);
    const beside = resolve(folder, `${name}${extension}`);
    if (existsSync(beside) || name.includes('../')) return beside;
    let root = folder;
    while (basename(root) !== 'templates' && dirname(root) !== root) root = dirname(root);
    const other = join(root, `${name}${extension}`);
    return existsSync(other) ? other : beside;
  }
}

/** `<name>` or `<name attribute="…">`, alone on its line. */
function opensTag(name: string, trimmed: string): boolean {
  if (!trimmed.startsWith('<') || !trimmed.endsWith('>') || trimmed.endsWith('/>')) return false;
  const inner = trimmed.slice(1, -1);
  return !/[<>]/.test(inner) && (inner === name || inner.startsWith(`${name} `));
}

interface ControlLine {
  readonly header: string;
  /** What stands before the directive. */
  readonly before: string;
  /** The body, when it stands on the same line in braces. */
  readonly inline: string | undefined;
  readonly brace: boolean;
}

function controlLine(line: string, directive: string): ControlLine {
  const at = line.indexOf(directive);
  const before = line.slice(0, at);
  const rest = line.slice(at + directive.length).trim();
  if (rest.endsWith('{'))
    return { header: rest.slice(0, -1).trim(), before, inline: undefined, brace: true };
  const open = rest.indexOf('{');
  if (!rest.endsWith('}') || open < 0)
    return { header: rest, before, inline: undefined, brace: false };
  const inline = rest.slice(open + 1, -1);
  return { header: rest.slice(0, open).trim(), before, inline, brace: true };
}

function inlineBody({ before, inline = '' }: ControlLine): string {
  return inline === '' ? '' : append(interpolated(`${before}${inline.trim()}\n`));
}

// --- texts with values -----------------------------------------------------------------------

function append(pieces: readonly string[]): string {
  return pieces.map((piece) => `${templateVariable} += ${piece}`).join('; ');
}

/** A V literal of a text. */
function literal(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('$', '\\$');
  return `'${escaped}'`;
}

function interpolation(expression: string): string {
  const quote = expression.includes("'") ? '"' : "'";
  return `${quote}\${${expression}}${quote}`;
}

/** Only `${…}` stands for a value. */
function literally(text: string): string[] {
  return pieces(text, (line, at) => {
    const end = line.startsWith('${', at) ? balancedEnd(line, at + 1, '{', '}') : -1;
    return end < 0 ? undefined : { end, piece: interpolation(line.slice(at + 2, end - 1)) };
  });
}

function interpolated(text: string): string[] {
  return pieces(text, valueAt);
}

interface Piece {
  readonly end: number;
  readonly piece: string;
}

/** V expressions whose values, one after the other, are the text. */
function pieces(text: string, find: (text: string, at: number) => Piece | undefined): string[] {
  const list: string[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') list.push(literal(plain));
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const found = text[at] === '@' || text[at] === '$' ? find(text, at) : undefined;
    if (!found) {
      plain += text[at++];
    } else {
      if (found.piece === '@') plain += '@';
      else {
        flush();
        list.push(found.piece);
      }
      at = found.end;
    }
  }
  flush();
  return list;
}

/** The value, or the escaped `@`, that begins here. */
function valueAt(text: string, at: number): Piece | undefined {
  const value = (from: number, to: number, end: number): Piece => ({
    end,
    piece: interpolation(text.slice(from, to)),
  });
  const next = text[at + 1] ?? '';
  if (next === '{') {
    const end = balancedEnd(text, at + 1, '{', '}');
    return end < 0 ? undefined : value(at + 2, end - 1, end);
  }
  if (text[at] === '$') return next === '$' ? { end: at + 2, piece: '@' } : undefined;
  if (next === '@') return { end: at + 2, piece: '@' };
  if (next === '(') {
    const end = balancedEnd(text, at + 1, '(', ')');
    return end < 0 || end === at + 3 ? undefined : value(at + 2, end - 1, end);
  }
  const name = /^\w*/.exec(text.slice(at + 1))?.[0] ?? '';
  if (!/^[A-Za-z_]/.test(name)) return undefined;
  const end = text[at - 1] === '\\' ? at + 1 + name.length : chainEnd(text, at + 1 + name.length);
  return value(at + 1, end, end);
}

/** Where the members, calls and indices after a name end. */
function chainEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const member = /^\.[A-Za-z_]\w*/.exec(text.slice(at))?.[0];
    const [open, close] = text[at] === '[' ? ['[', ']'] : ['(', ')'];
    if (member) at += member.length;
    else if (text[at] !== '[' && text[at] !== '(') return at;
    else {
      const end = balancedEnd(text, at, open as string, close as string);
      if (end < 0) return from;
      at = end;
    }
  }
}

/** The end of what the bracket at `start` opens, or -1; brackets in quotes do not count. */
function balancedEnd(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const c = text[at] as string;
    if (c === '\\') at++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === "'" || c === '"') quote = c;
    else if (c === open) depth++;
    else if (c === close && --depth === 0) return at + 1;
  }
  return -1;
}
