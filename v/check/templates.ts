// `$tmpl('path')`: the statements that a template stands for, checked in the scope of the call.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Expr, Stmt } from '../ast.ts';
import { lex } from '../lexer.ts';
import { type TemplateProblem, translateTemplate } from '../load/template.ts';
import { parseTokens } from '../parse/declarations.ts';
import { type LineColumn, SourceFile, type Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import * as types from '../types.ts';
import { stringArgument } from './comptime_calls.ts';
import type { FnContext } from './context.ts';
import { bad } from './expressions.ts';
import { checkBlock } from './statements.ts';

/** The V code of a template, shown as the template: both have the same lines. */
class TemplateFile extends SourceFile {
  private readonly lines: readonly string[];

  constructor(path: string, code: string, text: string, base: number) {
    super(path, code, base);
    this.lines = text.split('\n');
  }

  override locate(offset: number): LineColumn {
    return { line: Math.min(super.locate(offset).line, this.lineCount), column: 0 };
  }

  override lineText(line: number): string {
    return (this.lines[line - 1] ?? '').replace(/\r$/, '');
  }

  override get lineCount(): number {
    return this.lines.length - (this.lines[this.lines.length - 1] === '' ? 1 : 0);
  }
}

interface Expanded {
  readonly stmts: readonly Stmt[];
  readonly span: Span;
}

/** By the call: a generic function has its templates once. */
const expanded = new WeakMap<Expr, Expanded>();

export function checkTemplate(f: FnContext, e: Expr & { kind: 'comptimeCall' }): TExpr {
  const template = expanded.get(e) ?? expand(f, e);
  if (!template) return bad(e.span);
  expanded.set(e, template);
  const body = f.scoped(() => checkBlock(f, template, { wantsValue: true }));
  return { kind: 'block', body, type: types.string, span: e.span };
}

function expand(f: FnContext, e: Expr & { kind: 'comptimeCall' }): Expanded | undefined {
  const [arg] = e.args;
  const given = stringArgument(f, e, 0);
  if (given === undefined) return undefined;
  const { path: caller } = f.program.sources.fileAt(e.span.start);
  const path = isAbsolute(given) ? given : join(dirname(resolve(caller)), given);
  if (!existsSync(path)) {
    f.error(`template file "${given}" not found`, arg?.span ?? e.span);
    return undefined;
  }
  const text = readFileSync(path, 'utf8');
  const { code, problems } = translateTemplate(path, text);
  const shown = isAbsolute(given) ? given : join(dirname(caller), given);
  const file = f.program.addFile(
    (base) => new TemplateFile(shown, code, text, base),
    f.program.unitAt(e.span),
  );
  const { tokens, errors } = lex(code, file.base);
  const parsed = parseTokens(tokens, code, file.base);
  report(f, file, problems);
  const mistakes = [...errors, ...parsed.errors];
  for (const m of mistakes) f.program.report(m.severity, m.message, m.span, m.details);
  if (problems.length + mistakes.length > 0) return undefined;
  return { stmts: parsed.tree.stmts, span: { start: file.base, end: file.base + code.length } };
}

function report(f: FnContext, file: SourceFile, problems: readonly TemplateProblem[]): void {
  let offset = file.base;
  let line = 1;
  const starts = new Map<number, number>();
  for (const text of file.text.split('\n')) {
    starts.set(line++, offset);
    offset += text.length + 1;
  }
  for (const p of problems) {
    const start = starts.get(p.line) ?? file.base;
    f.error(p.message, { start, end: start + 1 });
  }
}
