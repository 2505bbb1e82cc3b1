// Parsing of structs and interfaces.

import type { Attribute, FieldDecl, InterfaceDecl, StructDecl, TypeNode } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Token } from '../tokens.ts';
import { AttributeParser } from './attributes.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What stands before a declaration's keyword. */
export interface Prefix {
  readonly start: Span;
  readonly attributes: readonly Attribute[];
  readonly public: boolean;
}

export const reservedName = 'single letter capital names are reserved for generic template types';

const referenceToArray =
  'V arrays are already references behind the scenes,\n' +
  'there is no need to use a reference to an array (e.g. use `[]string` instead of ' +
  '`&[]string`).\n' +
  'If you need to modify an array in a function, use a mutable argument instead: ' +
  '`fn foo(mut s []string) {}`.';

export abstract class StructParser extends AttributeParser {
  protected structDecl(prefix: Prefix): StructDecl {
    const union = this.is('union');
    this.next();
    const name = this.expect('name');
    let text = name.text;
    while (this.accept('.')) text += `.${this.expect('name').text}`;
    if (/^[A-Z]$/.test(text)) this.fail(`${reservedName}.`, name);
    const decl = this.structBody(text, { start: name.start, end: name.end }, prefix.start);
    return { ...decl, union, public: prefix.public, attributes: prefix.attributes };
  }

  protected structBody(name: string, nameSpan: Span, start: Span): StructDecl {
    const union = this.previous.kind === 'union';
    const generics = this.genericNames();
    const implemented: TypeNode[] = [];
    if (this.accept('implements')) {
      do implemented.push(this.type());
      while (this.accept(','));
    }
    const embeds: TypeNode[] = [];
    const fields: FieldDecl[] = [];
    const section = { mut: false, public: false };
    if (!this.is('{') && name !== '' && !name.startsWith('C.'))
      this.fail('`struct` lacks body', nameSpan);
    this.expect('{');
    let sections = 0;
    while (!this.is('}') && !this.is('eof')) {
      if (this.sectionHeader(section)) {
        sections++;
        continue;
      }
      if (this.embeds()) embeds.push(this.embedded(embeds, fields.length + sections > 0));
      else fields.push(...this.fieldGroup(section));
      this.accept(';');
      this.accept(',');
    }
    this.expect('}');
    return {
      kind: 'struct',
      name,
      nameSpan,
      generics,
      union,
      embeds,
      implements: implemented,
      fields,
      public: false,
      attributes: [],
      span: this.from(start),
    };
  }

  /** `mut:`, `pub:`, `pub mut:`, `__global:` */
  private sectionHeader(section: { mut: boolean; public: boolean }): boolean {
    const { kind } = this.peek();
    const isPub = kind === 'pub';
    if (this.peek().text === 'module' && this.is(':', 1)) {
      section.public = false;
      section.mut = false;
      this.next();
      this.next();
      return true;
    }
    const colonAt = isPub && this.is('mut', 1) ? 2 : 1;
    if (kind === 'mut' && this.is('name', 1) && this.sameLine(1))
      this.fail('missing `:` after `mut` in struct');
    if (!(isPub || kind === 'mut' || kind === '__global') || !this.is(':', colonAt)) return false;
    section.public = isPub || kind === '__global';
    section.mut = kind !== 'pub' || colonAt === 2;
    for (let i = 0; i <= colonAt; i++) this.next();
    return true;
  }

  private embedded(before: readonly TypeNode[], late: boolean): TypeNode {
    const type = this.namedType();
    if (late) {
      this.fail('struct embedding must be declared at the beginning of the struct body', type.span);
    }
    const name = type.kind === 'named' && type.args.length === 0 ? type.name : undefined;
    if (name !== undefined && before.some((t) => t.kind === 'named' && t.name === name))
      this.fail(`cannot embed \`${name}\` more than once`, type.span);
    return type;
  }

  /** A type alone on its line is embedded. */
  private embeds(): boolean {
    if (!this.is('name')) return false;
    let i = 0;
    while (this.is('.', i + 1) && this.is('name', i + 2)) i += 2;
    if (!/^[A-Z]/.test(this.peek(i).text)) return false;
    if (this.is('[', i + 1)) {
      const after = this.afterBracket(i + 1);
      return after > 0 && (this.is('}', after) || !this.sameLine(after));
    }
    return this.is('}', i + 1) || !this.sameLine(i + 1);
  }

  private fieldGroup(section: { mut: boolean; public: boolean }): FieldDecl[] {
    const names = [this.fieldName()];
    while (this.accept(',')) names.push(this.fieldName());
    if (this.is('.')) this.fail('invalid field name', names[0]);
    if (this.is('mut') && this.sameLine()) this.fail('cannot use `mut` on struct field type');
    const type = this.type();
    this.refuseInlineSum(type);
    if (type.kind === 'wrap' && type.wrapper === 'ref' && type.inner.kind === 'array')
      this.report(referenceToArray, type.span);
    const defaultValue = this.accept('=') ? this.expression() : undefined;
    const attributes = this.attributes();
    return names.map((n) => ({
      name: n.text,
      type,
      defaultValue,
      mut: section.mut,
      public: section.public,
      attributes,
      span: { start: n.start, end: n.end },
    }));
  }

  private fieldName(): Token {
    const token = this.next();
    if (!/^\w+$/.test(token.text) || token.kind === 'number') {
      this.fail(`unexpected token \`${token.text || token.kind}\`, expecting name`, token);
    }
    return token;
  }

  /** `name[T](`: a method with type parameters. */
  private isGeneric(): boolean {
    const after = this.afterBracket(1);
    return after > 0 && this.is('(', after) && this.is('name', 2);
  }

  protected interfaceDecl(prefix: Prefix): InterfaceDecl {
    this.next();
    const name = this.expect('name');
    if (/^[A-Z]$/.test(name.text)) this.fail(`${reservedName}.`, name);
    const generics = this.genericNames();
    const embeds: TypeNode[] = [];
    const fields: FieldDecl[] = [];
    const methods: Mutable<InterfaceDecl['methods'][number]>[] = [];
    const section = { mut: false, public: true };
    this.expect('{');
    while (!this.is('}') && !this.is('eof')) {
      if (this.sectionHeader(section)) continue;
      if (/^\w+$/.test(this.peek().text) && this.is('(', 1)) {
        const method = this.next();
        if (methods.some((m) => m.name === method.text))
          this.report(`duplicate method \`${method.text}\``, method);
        const signature = this.signature();
        methods.push({ name: method.text, mut: section.mut, signature, span: this.from(method) });
        this.attributes();
      } else if (this.is('name') && this.is('[', 1) && generics.length === 0 && this.isGeneric()) {
        this.next();
        this.fail(`non-generic interface \`${name.text}\` cannot define a generic method`);
      } else if (this.embeds()) {
        embeds.push(this.namedType());
      } else {
        fields.push(...this.fieldGroup(section));
      }
      this.accept(';');
    }
    this.expect('}');
    return {
      kind: 'interface',
      name: name.text,
      nameSpan: { start: name.start, end: name.end },
      generics,
      embeds,
      fields,
      methods,
      public: prefix.public,
      attributes: prefix.attributes,
      span: this.from(prefix.start),
    };
  }
}
