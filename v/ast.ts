// The syntax tree of V, as written: nothing is resolved here. Every node carries its span in the
// source. A discriminated union by `kind`; the checker turns it into the typed tree of `typed.ts`.

import type { Span } from './source.ts';

// --- types -------------------------------------------------------------------------------------

interface Node {
  readonly span: Span;
}

export type TypeNode =
  | (Node & { readonly kind: 'named'; readonly name: string; readonly args: readonly TypeNode[] })
  | (Node & { readonly kind: 'array'; readonly element: TypeNode })
  | (Node & { readonly kind: 'fixed'; readonly size: Expr; readonly element: TypeNode })
  | (Node & { readonly kind: 'map'; readonly key: TypeNode; readonly value: TypeNode })
  | (Node & { readonly kind: 'wrap'; readonly wrapper: TypeWrapper; readonly inner: TypeNode })
  | (Node & { readonly kind: 'result' | 'option'; readonly inner: TypeNode | undefined })
  | (Node & { readonly kind: 'tuple'; readonly types: readonly TypeNode[] })
  | (Node & { readonly kind: 'fnType'; readonly signature: Signature })
  | (Node & { readonly kind: 'anonStruct'; readonly decl: StructDecl })
  /** `typeof(x)` or `typeof(x).payload_type` where a type is wanted. */
  | (Node & { readonly kind: 'typeOf'; readonly value: Expr });

/** `&T`, `chan T`, `thread T` (inner `void` for a plain `thread`), `shared T`, `atomic T`. */
export type TypeWrapper = 'ref' | 'chan' | 'thread' | 'shared' | 'atomic';

// --- functions ---------------------------------------------------------------------------------

export interface Param {
  readonly name: string;
  readonly span: Span;
  readonly type: TypeNode;
  readonly mut: boolean;
  readonly shared: boolean;
  readonly variadic: boolean;
}

export interface Signature {
  readonly params: readonly Param[];
  readonly result: TypeNode | undefined;
}

export interface Attribute {
  readonly name: string;
  readonly value: string | undefined;
  /** What the value is written as; V's `AttributeKind`. */
  readonly kind: 'plain' | 'string' | 'number' | 'bool' | 'comptime_define';
  /** The quotes of a string value. */
  readonly quote: string;
  /** Of `@[if condition]`. */
  readonly condition?: Expr;
  readonly span: Span;
}

export interface FnDecl extends Node {
  readonly kind: 'fn';
  readonly name: string;
  readonly nameSpan: Span;
  /** The receiver of a method. */
  readonly receiver: Param | undefined;
  /** The type of a static method `fn T.name()`. */
  readonly staticOf: string | undefined;
  readonly generics: readonly string[];
  readonly signature: Signature;
  /** Undefined for a declaration without a body (`fn C.x()`). */
  readonly body: Block | undefined;
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

// --- expressions -------------------------------------------------------------------------------

export interface StructFieldInit {
  /** Empty for a positional value. */
  readonly name: string;
  readonly span: Span;
  readonly value: Expr;
}

export interface Argument extends Node {
  readonly mut: boolean;
  readonly shared: boolean;
  /** `f(...list)`. */
  readonly spread: boolean;
  /** `f(name: value)`: part of a trailing struct literal. */
  readonly name: string | undefined;
  readonly value: Expr;
}

export interface IfBranch extends Node {
  /** Undefined for `else`. */
  readonly condition: Expr | undefined;
  readonly body: Block;
}

export interface MatchBranch extends Node {
  /** Empty for `else`. */
  readonly patterns: readonly Expr[];
  readonly body: Block;
}

export interface SelectBranch extends Node {
  /** Undefined for `else`. */
  readonly condition: Stmt | undefined;
  readonly body: Block;
}

export interface Capture extends Node {
  readonly name: string;
  readonly mut: boolean;
}

export interface InterpolationPart {
  readonly value: Expr;
  readonly format: string;
  readonly formatSpan: Span;
}

export type Expr =
  | (Node & { readonly kind: 'number'; readonly text: string })
  | (Node & { readonly kind: 'string'; readonly bytes: string })
  | (Node & {
      readonly kind: 'interpolation';
      /** One more than `parts`. */
      readonly texts: readonly string[];
      readonly parts: readonly InterpolationPart[];
    })
  | (Node & { readonly kind: 'char'; readonly bytes: string })
  | (Node & { readonly kind: 'bool'; readonly value: boolean })
  | (Node & { readonly kind: 'none' | 'nil' })
  | (Node & { readonly kind: 'ident'; readonly name: string })
  | (Node & { readonly kind: 'enumValue'; readonly name: string })
  | (Node & { readonly kind: 'at'; readonly name: string })
  | SelectorExpr
  | IndexExpr
  | CallExpr
  | PrefixExpr
  | InfixExpr
  | PostfixExpr
  | (Node & { readonly kind: 'paren'; readonly inner: Expr })
  | (Node & {
      readonly kind: 'or';
      readonly value: Expr;
      readonly how: 'block' | '?' | '!';
      readonly body: Block | undefined;
    })
  | (Node & {
      readonly kind: 'arrayLiteral';
      readonly elements: readonly Expr[];
      readonly fixed: boolean;
    })
  | (Node & {
      readonly kind: 'arrayInit';
      readonly type: TypeNode;
      readonly fields: readonly StructFieldInit[];
    })
  | (Node & {
      readonly kind: 'mapLiteral';
      readonly type: TypeNode | undefined;
      readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
      readonly update: Expr | undefined;
    })
  | StructLiteral
  | (Node & { readonly kind: 'cast'; readonly type: TypeNode; readonly value: Expr })
  | (Node & { readonly kind: 'as'; readonly value: Expr; readonly type: TypeNode })
  | (Node & {
      readonly kind: 'is';
      readonly value: Expr;
      readonly negated: boolean;
      readonly type: TypeNode;
    })
  | (Node & { readonly kind: 'typeExpr'; readonly type: TypeNode })
  | (Node & {
      readonly kind: 'range';
      readonly low: Expr | undefined;
      readonly high: Expr | undefined;
      readonly inclusive: boolean;
    })
  | (Node & { readonly kind: 'spread'; readonly value: Expr })
  | IfExpr
  | (Node & {
      readonly kind: 'ifGuard';
      readonly names: readonly GuardName[];
      readonly value: Expr;
    })
  | MatchExpr
  | (Node & { readonly kind: 'unsafe'; readonly body: Block })
  | (Node & {
      readonly kind: 'lock';
      readonly locked: readonly { readonly value: Expr; readonly readOnly: boolean }[];
      readonly body: Block;
    })
  | (Node & { readonly kind: 'select'; readonly branches: readonly SelectBranch[] })
  | (Node & { readonly kind: 'spawn'; readonly call: Expr })
  | FnExpr
  | (Node & { readonly kind: 'lambda'; readonly params: readonly string[]; readonly body: Expr })
  | (Node & { readonly kind: 'typeof' | 'sizeof' | 'isreftype'; readonly value: Expr })
  | (Node & { readonly kind: 'offsetof'; readonly type: TypeNode; readonly field: string })
  | (Node & { readonly kind: 'dump'; readonly value: Expr })
  | (Node & {
      readonly kind: 'comptimeCall';
      readonly name: string;
      readonly args: readonly Expr[];
    })
  | (Node & {
      readonly kind: 'comptimeSelector';
      readonly value: Expr;
      readonly member: Expr;
      readonly call: readonly Argument[] | undefined;
    });

export interface GuardName extends Node {
  readonly name: string;
  readonly mut: boolean;
}
export interface SelectorExpr extends Node {
  readonly kind: 'selector';
  readonly value: Expr;
  readonly name: string;
  readonly nameSpan: Span;
}
export interface IndexExpr extends Node {
  readonly kind: 'index';
  readonly value: Expr;
  /** A `range` makes a slice. */
  readonly index: Expr;
  /** All of several indices: `a[i, j..k]`; `index` is the first. */
  readonly parts?: readonly Expr[];
  /** `a#[i..j]`. */
  readonly gated: boolean;
}
export interface CallExpr extends Node {
  readonly kind: 'call';
  readonly callee: Expr;
  readonly typeArgs: readonly TypeNode[];
  readonly args: readonly Argument[];
}
export interface PrefixExpr extends Node {
  readonly kind: 'prefix';
  readonly operator: string;
  readonly value: Expr;
}
export interface InfixExpr extends Node {
  readonly kind: 'infix';
  readonly operator: string;
  readonly operatorSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
}
export interface PostfixExpr extends Node {
  readonly kind: 'postfix';
  readonly operator: '++' | '--';
  readonly value: Expr;
}
export interface StructLiteral extends Node {
  readonly kind: 'structLiteral';
  readonly type: TypeNode;
  readonly fields: readonly StructFieldInit[];
  readonly update: Expr | undefined;
}
export interface IfExpr extends Node {
  readonly kind: 'if';
  readonly comptime: boolean;
  readonly branches: readonly IfBranch[];
}
export interface MatchExpr extends Node {
  readonly kind: 'match';
  readonly comptime: boolean;
  readonly value: Expr;
  readonly mut: boolean;
  readonly branches: readonly MatchBranch[];
}
export interface FnExpr extends Node {
  readonly kind: 'fnExpr';
  readonly captures: readonly Capture[];
  readonly signature: Signature;
  readonly generics: readonly string[];
  readonly body: Block;
}

// --- statements --------------------------------------------------------------------------------

export interface Block extends Node {
  readonly stmts: readonly Stmt[];
}

/** A name on the left of `:=`, or any assignable expression. */
export interface AssignTarget extends Node {
  readonly value: Expr;
  readonly mut: boolean;
  readonly modifier: 'shared' | 'static' | 'volatile' | 'atomic' | undefined;
}

export interface AssignStmt extends Node {
  readonly kind: 'assign';
  readonly operator: string;
  readonly operatorSpan: Span;
  readonly targets: readonly AssignTarget[];
  readonly values: readonly Expr[];
}

export type ForStmt =
  | (Node & {
      readonly kind: 'forWhile';
      readonly label: string | undefined;
      readonly condition: Expr | undefined;
      readonly body: Block;
    })
  | (Node & {
      readonly kind: 'forC';
      readonly label: string | undefined;
      readonly init: Stmt | undefined;
      readonly condition: Expr | undefined;
      readonly step: Stmt | undefined;
      readonly body: Block;
    })
  | ForInStmt;

export interface ForInStmt extends Node {
  readonly kind: 'forIn';
  readonly label: string | undefined;
  readonly comptime: boolean;
  readonly key: GuardName | undefined;
  readonly value: GuardName;
  readonly over: Expr;
  readonly body: Block;
}

export type Stmt =
  | (Node & { readonly kind: 'expr'; readonly value: Expr })
  | (Node & { readonly kind: 'exprs'; readonly values: readonly Expr[] })
  | AssignStmt
  | (Node & { readonly kind: 'return'; readonly values: readonly Expr[] })
  | ForStmt
  | (Node & {
      readonly kind: 'branch';
      readonly how: 'break' | 'continue' | 'goto';
      readonly label: string | undefined;
    })
  | (Node & { readonly kind: 'label'; readonly name: string })
  | (Node & { readonly kind: 'defer'; readonly body: Block; readonly atFunctionEnd: boolean })
  | (Node & {
      readonly kind: 'assert';
      readonly condition: Expr;
      readonly message: Expr | undefined;
    })
  | (Node & { readonly kind: 'block'; readonly body: Block })
  | (Node & { readonly kind: 'unsupported'; readonly what: string })
  /** A struct that is known only in the block that declares it. */
  | (Node & { readonly kind: 'structDecl'; readonly decl: StructDecl });

// --- declarations ------------------------------------------------------------------------------

export interface FieldDecl extends Node {
  readonly name: string;
  readonly type: TypeNode;
  readonly defaultValue: Expr | undefined;
  readonly mut: boolean;
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

export interface StructDecl extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly nameSpan: Span;
  readonly generics: readonly string[];
  readonly union: boolean;
  readonly embeds: readonly TypeNode[];
  readonly implements: readonly TypeNode[];
  readonly fields: readonly FieldDecl[];
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

export interface EnumDecl extends Node {
  readonly kind: 'enum';
  readonly name: string;
  readonly nameSpan: Span;
  readonly base: TypeNode | undefined;
  readonly fields: readonly (Node & {
    readonly name: string;
    readonly value: Expr | undefined;
    readonly attributes: readonly Attribute[];
    /** Of the `$if` branches around it: which conditions hold and which do not. */
    readonly conditions: readonly { readonly condition: Expr; readonly holds: boolean }[];
  })[];
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

/** `type A = B` or `type S = A | B | C`. */
export interface TypeDecl extends Node {
  readonly kind: 'type';
  readonly name: string;
  readonly nameSpan: Span;
  readonly generics: readonly string[];
  readonly variants: readonly TypeNode[];
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

export interface InterfaceDecl extends Node {
  readonly kind: 'interface';
  readonly name: string;
  readonly nameSpan: Span;
  readonly generics: readonly string[];
  readonly embeds: readonly TypeNode[];
  readonly fields: readonly FieldDecl[];
  readonly methods: readonly (Node & {
    readonly name: string;
    readonly mut: boolean;
    readonly signature: Signature;
  })[];
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

export interface ConstDecl extends Node {
  readonly kind: 'const';
  readonly items: readonly (Node & {
    readonly name: string;
    readonly nameSpan: Span;
    readonly value: Expr;
  })[];
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
}

export interface GlobalDecl extends Node {
  readonly kind: 'global';
  readonly items: readonly (Node & {
    readonly name: string;
    readonly type: TypeNode | undefined;
    readonly value: Expr | undefined;
  })[];
}

export interface ImportDecl extends Node {
  readonly kind: 'import';
  readonly module: string;
  readonly moduleSpan: Span;
  readonly alias: string | undefined;
  readonly symbols: readonly (Node & { readonly name: string })[];
}

export type Decl =
  | FnDecl
  | StructDecl
  | EnumDecl
  | TypeDecl
  | InterfaceDecl
  | ConstDecl
  | GlobalDecl
  | ImportDecl
  | (Node & {
      readonly kind: 'module';
      readonly name: string;
      readonly attributes: readonly Attribute[];
    })
  /** Top-level `$if`: the declarations of its branches. */
  | (Node & {
      readonly kind: 'comptimeDecl';
      readonly branches: readonly {
        readonly condition: Expr | undefined;
        readonly decls: readonly Decl[];
      }[];
    })
  | (Node & { readonly kind: 'unsupportedDecl'; readonly what: string });

export interface SourceTree {
  readonly decls: readonly Decl[];
  /** Some function starts a thread. */
  readonly spawns: boolean;
  /** Top-level statements: an implicit `fn main()`. */
  readonly stmts: readonly Stmt[];
}
