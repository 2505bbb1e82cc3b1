// Behaviours in V: a struct whose methods are the callbacks, and whose value is the state.
//
//     @[behaviour: 'gen_server']
//     struct Counter { mut: count int }
//     fn Counter.init(start int) !Counter
//     fn (mut c Counter) handle_call(request Request, from erlang.From) Answer
//
// For each callback there is an exported Erlang function that decodes the message, calls the
// method and tells `runtime/v_server.erl` what came out. docs/v_on_beam.md has what users write.

import type { StructDecl } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Arg, FnInstance, Local, TBlock, TExpr, TStmt } from '../typed.ts';
import type { StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import { FnContext } from './context.ts';
import { zeroValue } from './convert.ts';
import { returning, wrapper } from './exports.ts';
import { intConst, localRef, runtime } from './expressions.ts';
import { instanceOf } from './functions.ts';
import { noBindings, type Program } from './program.ts';
import { schemaOf } from './schemas.ts';

interface Callback {
  readonly name: string;
  /** Parameters of the Erlang function in its order; `State` is the struct. */
  readonly params: readonly string[];
}

const serverCallbacks: readonly Callback[] = [
  { name: 'handle_call', params: ['Request', 'From', 'State'] },
  { name: 'handle_cast', params: ['Request', 'State'] },
  { name: 'handle_info', params: ['Message', 'State'] },
  { name: 'terminate', params: ['Reason', 'State'] },
  { name: 'code_change', params: ['OldVersion', 'State', 'Extra'] },
];

const behaviours: Readonly<Record<string, readonly Callback[]>> = {
  gen_server: serverCallbacks,
  vbeam_driver: [
    ...serverCallbacks,
    { name: 'handle_interrupt', params: ['Vector', 'Data', 'State'] },
  ],
};

export function behaviourOf(d: StructDecl): string | undefined {
  return d.attributes.find((a) => a.name === 'behaviour')?.value;
}

export function behaviourExports(p: Program, d: StructDecl): FnInstance[] {
  const behaviour = behaviourOf(d);
  if (behaviour === undefined) return [];
  const callbacks = Object.hasOwn(behaviours, behaviour) ? behaviours[behaviour] : undefined;
  const type = p.namedTypes.get(d.name);
  if (!callbacks || type?.kind !== 'struct') {
    const known = Object.keys(behaviours).join(', ');
    p.error(`\`${behaviour}\` is no behaviour of a V struct (${known} are)`, d.nameSpan);
    return [];
  }
  const maker = new CallbackMaker(p, type, d.nameSpan);
  return [...maker.init(), ...callbacks.map((c) => maker.callback(c))];
}

const term: Type = types.noneType;

class CallbackMaker {
  private readonly p: Program;
  private readonly type: StructType;
  private readonly span: Span;

  constructor(p: Program, type: StructType, span: Span) {
    this.p = p;
    this.type = type;
    this.span = span;
  }

  private server(name: string, args: readonly TExpr[], type: Type = term): TExpr {
    return runtime('v_server', name, args, type, this.span);
  }

  private atom(name: string): TExpr {
    return { kind: 'atom', name, type: term, span: this.span };
  }

  private local(name: string, type: Type): Local {
    return this.p.newLocal(name, type, this.span, true);
  }

  private ref(local: Local): TExpr {
    return localRef(local, this.span);
  }

  private let(local: Local, value: TExpr): TStmt {
    return { kind: 'let', local, value, span: this.span };
  }

  /** Names and types of the fields: what a later version of the struct knows the state by. */
  private layout(): TExpr {
    const { span } = this;
    const rows = this.type.fields.map((x) => {
      const values = [this.atom(x.name), this.atom(x.type.name)];
      return { kind: 'tuple', values, type: term, span } as const;
    });
    return { kind: 'list', values: rows, type: term, span };
  }

  private schema(type: Type, errors = false): TExpr {
    return schemaOf(this.p, type, this.span, errors);
  }

  /** `{ok, Value}` of what a term is as a V value; the rest of the block runs when it fits. */
  private whenFits(
    given: TExpr,
    type: Type,
    refused: (text: TExpr) => TExpr,
    fits: (value: TExpr) => TBlock,
  ): TBlock {
    const { span } = this;
    const answer = this.local('decoded', term);
    const part = (i: number, t: Type): TExpr =>
      runtime('erlang', 'element', [intConst(i, span), this.ref(answer)], t, span);
    const condition: TExpr = {
      kind: 'compare',
      op: '==',
      left: part(1, term),
      right: this.atom('ok'),
      type: types.bool,
      span,
    };
    const value: TExpr = {
      kind: 'if',
      condition,
      whenTrue: fits(part(2, type)),
      otherwise: returning(refused(part(2, types.string)), span),
      type: types.voidType,
      span,
    };
    const decode = runtime('v_term', 'decode', [given, this.schema(type)], term, span);
    return {
      stmts: [this.let(answer, decode), { kind: 'expr', value, span }],
      value: undefined,
    };
  }

  /** Decodes terms for the parameters of a V function, one after the other. */
  private withArgs(
    terms: readonly Local[],
    wanted: readonly Local[],
    refused: (text: TExpr, given: Local) => TExpr,
    run: (args: readonly Arg[]) => TBlock,
    args: readonly Arg[] = [],
  ): TBlock {
    const given = terms[args.length];
    const param = wanted[args.length];
    if (!given || !param) return run(args);
    return this.whenFits(
      this.ref(given),
      param.type,
      (text) => refused(text, given),
      (value) => this.withArgs(terms, wanted, refused, run, [...args, { kind: 'value', value }]),
    );
  }

  /** init/1 is the static method `T.init`; it returns the struct, or a result of it. */
  init(): FnInstance[] {
    const { p, type, span } = this;
    const symbol = p.statics.get(`${type.name}.init`);
    if (!symbol || symbol.decl.generics.length > 0 || symbol.decl.signature.params.length > 1) {
      p.error(`\`${type.name}\` needs \`fn ${type.name}.init(argument T) !${type.name}\``, span);
      return [];
    }
    const fn = instanceOf(p, symbol);
    const result = types.unalias(fn.result);
    const isResult = result.kind === 'result';
    if ((isResult ? types.unalias(result.inner) : result) !== type) {
      p.error(`\`${type.name}.init\` must return \`!${type.name}\``, symbol.decl.nameSpan);
      return [];
    }
    const make = wrapper(p, 'init', ['Argument'], span, (locals) =>
      this.withArgs(
        locals,
        fn.params,
        (text) => this.server('bad_argument', [text]),
        (args) => {
          const call: TExpr = { kind: 'call', fn, args, type: fn.result, span };
          const parts = isResult ? [call, this.schema(term, true)] : [call];
          const name = isResult ? 'started_or_failed' : 'started';
          return returning(this.server(name, [...parts, this.layout()]), span);
        },
      ),
    );
    return [make];
  }

  callback(c: Callback): FnInstance {
    const { p, type, span } = this;
    const symbol = p.methods.get(type.name)?.get(c.name);
    const fn = symbol && instanceOf(p, symbol, noBindings, type);
    return wrapper(p, c.name, c.params, span, (locals) => {
      const state = locals[c.params.indexOf('State')] as Local;
      const terms = locals.filter((x) => x !== state);
      if (c.name === 'code_change') return this.codeChange(fn, terms, state);
      if (!fn)
        return returning(
          this.server(
            `no_${c.name}`,
            [...terms, state].map((x) => this.ref(x)),
          ),
          span,
        );
      return this.handle(c.name, fn, terms, state);
    });
  }

  /** Takes the struct out of the state, runs the method, and says what came out. */
  private handle(name: string, fn: FnInstance, terms: readonly Local[], state: Local): TBlock {
    const { p, type } = this;
    const wanted = fn.params.slice(1);
    if (wanted.length > terms.length)
      p.error(`\`${name}\` has at most ${terms.length} parameters`, fn.span);
    const refused = (text: TExpr, given: Local): TExpr =>
      this.server('refused', [this.atom(name), this.ref(given), text, this.ref(state)]);
    return this.withArgs(terms, wanted, refused, (args) => {
      const self = this.local('self', type);
      const stmts = [this.let(self, this.server('value', [this.ref(state)], type))];
      return this.outcome(name, fn, this.callOn(self, fn, args), self, stmts);
    });
  }

  private callOn(self: Local, fn: FnInstance, args: readonly Arg[]): TExpr {
    const { span, type } = this;
    const receiver = fn.params[0]?.type;
    const isReference = receiver && types.unalias(receiver).kind === 'ref';
    const cell: TExpr = { kind: 'newCell', value: this.ref(self), type: types.refOf(type), span };
    const first: Arg = fn.outs.includes(0)
      ? { kind: 'mut', place: { kind: 'local', local: self, type } }
      : { kind: 'value', value: isReference ? cell : this.ref(self) };
    return { kind: 'call', fn, args: [first, ...args], type: fn.result, span };
  }

  private outcome(
    name: string,
    fn: FnInstance,
    call: TExpr,
    self: Local,
    before: readonly TStmt[],
  ): TBlock {
    const { span } = this;
    const layout = this.layout();
    const next = (): TExpr => this.server('state', [this.ref(self), layout]);
    const finish = (stmts: readonly TStmt[], value: TExpr): TBlock => ({
      stmts: [...before, ...stmts, { kind: 'return', value, span }],
      value: undefined,
    });
    const isCall = name === 'handle_call';
    const result = types.unalias(fn.result);
    if (result === types.voidType) {
      const last = isCall
        ? this.server('reply', [this.atom('ok'), next()])
        : this.server('noreply', [next()]);
      return finish([{ kind: 'expr', value: call, span }], last);
    }
    const answer = this.local('answer', fn.result);
    const stmts = [this.let(answer, call)];
    const given = this.ref(answer);
    if (result.kind === 'result') {
      const kind = isCall ? 'reply_result' : 'noreply_or_stop';
      return finish(stmts, this.server(kind, [given, this.schema(result.inner, true), next()]));
    }
    if (!isCall) return finish(stmts, this.server('noreply', [next()]));
    if (result.kind === 'option')
      return finish(stmts, this.server('reply_later', [given, this.schema(result.inner), next()]));
    return finish(stmts, this.server('reply_value', [given, this.schema(fn.result), next()]));
  }

  /** The state moves to this version's struct; then the method, if there is one, may mend it. */
  private codeChange(fn: FnInstance | undefined, terms: readonly Local[], state: Local): TBlock {
    const { span, type, p } = this;
    const f = new FnContext(p, type.name, types.voidType, noBindings);
    const fresh = zeroValue(f, type, span);
    const moved = this.server('moved', [this.ref(state), fresh, this.layout()], type);
    const self = this.local('self', type);
    const done = (): TExpr => this.server('changed', [this.ref(self), this.layout()]);
    const start = [this.let(self, moved)];
    if (!fn)
      return { stmts: [...start, { kind: 'return', value: done(), span }], value: undefined };
    const refused = (text: TExpr): TExpr => this.server('bad_argument', [text]);
    return this.withArgs(terms, fn.params.slice(1), refused, (args) => ({
      stmts: [
        ...start,
        { kind: 'expr', value: this.callOn(self, fn, args), span },
        { kind: 'return', value: done(), span },
      ],
      value: undefined,
    }));
  }
}
