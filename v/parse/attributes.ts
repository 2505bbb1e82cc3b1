// Parsing of attributes: `@[name]`, `@[name: value]`, `@[name('value', key: value)]` and
// `@[if flag ?]` (doc/docs.md, "Attributes").

import type { Attribute } from '../ast.ts';
import type { Token } from '../tokens.ts';
import { StatementParser } from './statements.ts';

interface AttributeValue {
  readonly kind: Attribute['kind'];
  readonly value: string;
  readonly quote: string;
}

export abstract class AttributeParser extends StatementParser {
  /** The source's text, in which the quotes of strings stand. */
  protected abstract readonly text: string;
  /** The offset that the text begins at. */
  protected abstract readonly base: number;

  protected startsOldAttribute(): boolean {
    if (!this.is('[') || !this.is('name', 1)) return false;
    const after = this.afterBracket(0);
    return after > 0 && (this.is('fn', after) || this.is('pub', after) || this.is('struct', after));
  }

  /** attributes = { "@[" attribute {";" attribute} "]" | "[" … "]" } */
  protected attributes(): Attribute[] {
    const list: Attribute[] = [];
    while ((this.is('@') && this.is('[', 1)) || this.startsOldAttribute()) {
      const start = this.peek();
      this.accept('@');
      this.expect('[');
      if (this.is(']')) {
        this.next();
        this.fail('attributes cannot be empty', this.from(start));
      }
      while (!this.is(']') && !this.is('eof')) {
        for (const attribute of this.attribute()) {
          if (list.some((a) => a.name === attribute.name) && attribute.name !== 'wasm_export')
            this.report(`duplicate attribute \`${attribute.name}\``, attribute.span);
          list.push(attribute);
        }
        if (!this.accept(';') && !this.accept(',')) break;
      }
      this.expect(']');
    }
    return list;
  }

  /** attribute = "if" condition | string | name [":" value | "(" … ")"] */
  private attribute(): Attribute[] {
    const start = this.peek();
    if (this.accept('if')) return [this.conditionAttribute(start)];
    this.next();
    let name = start.text;
    while (this.accept('.')) name += `.${this.next().text}`;
    const plain = { name, value: undefined, kind: 'plain', quote: "'" } as const;
    if (start.kind === 'string') return [{ ...plain, kind: 'string', span: this.from(start) }];
    if (this.accept(':')) return [{ name, ...this.attributeValue(), span: this.from(start) }];
    if (this.is('(')) return this.attributeCall(name, start);
    return [{ ...plain, span: this.from(start) }];
  }

  private conditionAttribute(start: Token): Attribute {
    const condition = this.comptimeCondition();
    const flag =
      condition.kind === 'or' && condition.value.kind === 'ident'
        ? condition.value.name
        : undefined;
    const value = flag ?? (condition.kind === 'ident' ? condition.name : '');
    const span = this.from(start);
    return { name: 'if', value, kind: 'comptime_define', quote: "'", condition, span };
  }

  private attributeValue(): AttributeValue {
    if (!/^\w+$/.test(this.peek().kind) || this.is('eof'))
      this.unexpected(', an argument is expected after `:`');
    const token = this.next();
    const quote = this.text[token.start - this.base] === '"' ? '"' : "'";
    const kinds: Record<string, Attribute['kind']> = {
      number: 'number',
      string: 'string',
      true: 'bool',
      false: 'bool',
    };
    let value = token.text;
    while (!this.isAny(']', ';', ',', ')', 'eof') && this.sameLine()) value += this.next().text;
    return { kind: kinds[token.kind] ?? 'plain', value, quote };
  }

  /**
   * `@[name('value', key: value)]`: the first value is the attribute's own, others make further
   * attributes named `name_key` or `name_1`. `msg` of `deprecated` is its own value.
   */
  private attributeCall(name: string, start: Token): Attribute[] {
    this.expect('(');
    let own: AttributeValue | undefined;
    const more: Attribute[] = [];
    let position = 1;
    while (!this.is(')') && !this.is('eof')) {
      const key = this.is(':', 1) ? this.next().text : undefined;
      if (key !== undefined) this.expect(':');
      const given = this.attributeValue();
      const isOwn = key === undefined || (name === 'deprecated' && key === 'msg');
      if (isOwn && own === undefined) own = given;
      else {
        const suffix = key ?? String(position++);
        more.push({ name: `${name}_${suffix}`, ...given, span: this.from(start) });
      }
      if (!this.accept(',')) break;
    }
    this.expect(')');
    const none = { kind: 'plain', value: undefined, quote: "'" } as const;
    const first = own ?? none;
    return [{ name, ...first, span: this.from(start) }, ...more];
  }
}
