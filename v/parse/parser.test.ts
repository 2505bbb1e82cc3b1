// The parser: precedence, the ambiguities of V's grammar, and recovery after errors. Trees are
// compared as S-expressions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expr, Stmt, TypeNode } from '../ast.ts';
import { lex } from '../lexer.ts';
import { nestingDepthMax } from '../limits.ts';
import { parseTokens } from './declarations.ts';

function parse(source: string) {
  return parseTokens(lex(source).tokens, source);
}

function showType(t: TypeNode): string {
  switch (t.kind) {
    case 'named':
      return t.args.length > 0 ? `${t.name}[${t.args.map(showType).join()}]` : t.name;
    case 'array':
      return `[]${showType(t.element)}`;
    case 'fixed':
      return `[${show(t.size)}]${showType(t.element)}`;
    case 'map':
      return `map[${showType(t.key)}]${showType(t.value)}`;
    case 'option':
    case 'result':
      return `${t.kind}(${t.inner ? showType(t.inner) : ''})`;
    case 'wrap':
      return `${t.wrapper}(${showType(t.inner)})`;
    default:
      return t.kind;
  }
}

function show(e: Expr): string {
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'string':
      return `'${e.bytes}'`;
    case 'ident':
      return e.name;
    case 'enumValue':
      return `.${e.name}`;
    case 'infix':
      return `(${e.operator} ${show(e.left)} ${show(e.right)})`;
    case 'prefix':
      return `(${e.operator} ${show(e.value)})`;
    case 'postfix':
      return `(${e.operator} ${show(e.value)})`;
    case 'paren':
      return show(e.inner);
    case 'call': {
      const types = e.typeArgs.length > 0 ? `[${e.typeArgs.map(showType).join()}]` : '';
      return `(call${types} ${[show(e.callee), ...e.args.map((a) => show(a.value))].join(' ')})`;
    }
    case 'selector':
      return `${show(e.value)}.${e.name}`;
    case 'index':
      return `(index ${show(e.value)} ${show(e.index)})`;
    case 'range':
      return `(.. ${e.low ? show(e.low) : '_'} ${e.high ? show(e.high) : '_'})`;
    case 'cast':
      return `(cast ${showType(e.type)} ${show(e.value)})`;
    case 'as':
      return `(as ${show(e.value)} ${showType(e.type)})`;
    case 'is':
      return `(${e.negated ? '!is' : 'is'} ${show(e.value)} ${showType(e.type)})`;
    case 'or':
      return `(or${e.how === 'block' ? '' : e.how} ${show(e.value)})`;
    case 'structLiteral':
      return (
        `(new ${showType(e.type)} ` +
        `${e.fields.map((f) => `${f.name}:${show(f.value)}`).join(' ')})`
      );
    case 'arrayLiteral':
      return `[${e.elements.map(show).join(' ')}]${e.fixed ? '!' : ''}`;
    case 'arrayInit':
      return `(array ${showType(e.type)})`;
    case 'mapLiteral':
      return `{${e.entries.map((x) => `${show(x.key)}:${show(x.value)}`).join(' ')}}`;
    default:
      return e.kind;
  }
}

function showStmt(s: Stmt): string {
  if (s.kind === 'expr') return show(s.value);
  if (s.kind !== 'assign') return s.kind;
  const targets = s.targets.map((t) => (t.mut ? `mut ${show(t.value)}` : show(t.value)));
  return `${targets.join(', ')} ${s.operator} ${s.values.map(show).join(', ')}`;
}

const expressions: readonly (readonly [string, string])[] = [
  ['1 + 2 * 3', '(+ 1 (* 2 3))'],
  ['1 << 2 + 3', '(+ (<< 1 2) 3)'],
  ['a & b == c', '(== (& a b) c)'],
  ['a | b & c', '(| a (& b c))'],
  ['a == b && c != d || e', '(|| (&& (== a b) (!= c d)) e)'],
  ['-x ** 2', '(- (** x 2))'],
  ['!a.b()', '(! (call a.b))'],
  ['a.b[1].c(2)', '(call (index a.b 1).c 2)'],
  ['a[1..2]', '(index a (.. 1 2))'],
  ['a[..2]', '(index a (.. _ 2))'],
  ['a[1..]', '(index a (.. 1 _))'],
  ['f[int](x)', '(call[int] f x)'],
  ['a[i](x)', '(call (index a i) x)'],
  ['x is Foo && y', '(&& (is x Foo) y)'],
  ['x as int + 1', '(+ (as x int) 1)'],
  ['a in [1, 2]', '(in a [1 2])'],
  ['a !in b', '(!in a b)'],
  ['f()? + g()!', '(+ (or? (call f)) (or! (call g)))'],
  ['f() or { 1 }', '(or (call f))'],
  ['Foo{a: 1, b: 2}', '(new Foo a:1 b:2)'],
  ['mod.Foo{1}', '(new mod.Foo :1)'],
  ['Foo[int]{}', '(new Foo[int] )'],
  ['[]int{len: 3}', '(array []int)'],
  ['[3][]string{}', '(array [3][]string)'],
  ['[1, 2]!', '[1 2]!'],
  ['[]u8(x)', '(cast []u8 x)'],
  ['?int(none)', '(cast option(int) none)'],
  ["{'a': 1}", "{'a':1}"],
  ['map[string]int{}', '{}'],
  ['&x', '(& x)'],
  ['&Foo(p)', '(cast ref(Foo) p)'],
  ['*p + 1', '(+ (* p) 1)'],
  ['.red', '.red'],
];

for (const [source, expected] of expressions) {
  test(`parses the expression ${source}`, () => {
    const { tree, errors } = parse(`fn main() { x = ${source} }`);
    assert.deepEqual(errors, []);
    const [fn] = tree.decls;
    const stmt = fn?.kind === 'fn' ? fn.body?.stmts[0] : undefined;
    assert.equal(stmt ? showStmt(stmt) : '', `x = ${expected}`);
  });
}

const statements: readonly (readonly [string, string])[] = [
  ['list << a + b', '(<< list (+ a b))'],
  ['mut a, b := 1, 2', 'mut a, b := 1, 2'],
  ['a, b = b, a', 'a, b = b, a'],
  ['x++', '(++ x)'],
  ['a.b[1] += 2', '(index a.b 1) += 2'],
  ['for x in list { }', 'forIn'],
  ['for i := 0; i < 3; i++ { }', 'forC'],
  ['for x < 3 { }', 'forWhile'],
  ['if x == y { }', 'if'],
  ['a\n*b = 1', 'a'],
];

for (const [source, expected] of statements) {
  test(`parses the statement ${JSON.stringify(source)}`, () => {
    const { tree, errors } = parse(`fn main() { ${source} }`);
    assert.deepEqual(errors, []);
    const [fn] = tree.decls;
    const stmt = fn?.kind === 'fn' ? fn.body?.stmts[0] : undefined;
    assert.equal(stmt ? showStmt(stmt) : '', expected);
  });
}

test('a header ends where the body begins, whatever the name before it', () => {
  const { errors } = parse(
    'fn f(a Foo) { if a == Foo { } for a in b { } match a { Foo { } else { } } }',
  );
  assert.deepEqual(errors, []);
});

test('an error in one function does not hide one in the next', () => {
  const { tree, errors } = parse('fn a( {\n}\nfn b() {\n x := \n}\nfn c() {}\n');
  assert.equal(errors.length, 2);
  assert.ok(tree.decls.some((d) => d.kind === 'fn' && d.name === 'c'));
});

for (const [name, open, close] of [
  ['parentheses', '(', ')'],
  ['brackets', '[', ']'],
  ['blocks', '{', '}'],
  ['prefixes', '!', ''],
  ['types', '[]', ''],
] as const) {
  test(`nested ${name} end in an error, not in a stack overflow`, () => {
    const deep = open.repeat(100_000);
    const source =
      name === 'types'
        ? `fn f(a ${deep}int) {}`
        : `fn f() { x := ${deep}1${close.repeat(100_000)} }`;
    const { errors } = parse(source);
    assert.ok(
      errors.some((e) => e.message.includes(`deeper than ${nestingDepthMax}`)),
      errors[0]?.message ?? 'no error',
    );
  });
}
