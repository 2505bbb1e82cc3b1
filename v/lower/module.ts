// A typed program -> the Core Erlang text of its module.

import { contentHash } from '../../lib/cache.ts';
import { type Visitor, visitBlock, visitExpr } from '../check/mutation.ts';
import {
  apply,
  atom,
  binary,
  type Core,
  type CoreFunction,
  call,
  integer,
  list,
  moduleText,
  sequence,
  tuple,
} from '../core.ts';
import type { SourceSet } from '../source.ts';
import type { ConstInfo, FnInstance, Local, TProgram } from '../typed.ts';
import * as types from '../types.ts';
import { Names } from './builder.ts';
import { Cells } from './cells.ts';
import { constantKey } from './expressions.ts';
import { Lowerer, lowerFunction, type ModuleOptions } from './lowerer.ts';
import { Regions } from './regions.ts';

/**
 * The functions that can be reached from `roots`: the rest of the prelude and uncalled functions
 * stay out.
 */
function reachable(
  roots: readonly FnInstance[],
  uses: (fn: FnInstance) => readonly FnInstance[],
): Set<FnInstance> {
  const seen = new Set<FnInstance>();
  const queue = [...roots];
  for (let fn = queue.pop(); fn; fn = queue.pop()) {
    if (seen.has(fn) || fn.body === undefined) continue;
    seen.add(fn);
    queue.push(...uses(fn));
  }
  return seen;
}

export function lowerProgram(sources: SourceSet, program: TProgram): string {
  const { path } = sources.fileAt(0);
  const cells = new Cells(program);
  const regions = new Regions(program, cells);
  const options = { sources, names: new Names(), module: program.module, cells, regions };
  const byName = new Map(program.functions.map((f) => [atom(f.name), f] as const));
  const lowered = new Map<FnInstance, CoreFunction>();
  const lower = (fn: FnInstance): CoreFunction => {
    let done = lowered.get(fn);
    if (!done) {
      const { params, body } = lowerFunction(options, fn);
      done = {
        name: fn === program.main ? 'main.main' : fn.name,
        params,
        body,
        line: sources.lineOf(fn.span.start),
      };
      lowered.set(fn, done);
    }
    return done;
  };
  const init = initFunction(options, program);
  const wrappers = program.exports.map((fn) => ({ ...lower(fn), name: fn.name }));
  const mentioned = (text: string): FnInstance[] => {
    const found: FnInstance[] = [];
    for (const [, name] of text.matchAll(/('(?:[^'\\]|\\.)*')\/\d+/g)) {
      const fn = byName.get(name as string) ?? cells.versionNamed(name as string);
      if (fn) found.push(fn);
    }
    return found;
  };
  const main = program.main ? [program.main] : program.tests;
  const start = [
    ...main,
    ...program.cleanups,
    ...[init, ...wrappers].flatMap((f) => mentioned(f.body)),
  ];
  const used = reachable(start, (fn) => mentioned(lower(fn).body));
  const isProgram = program.main !== undefined || program.tests.length > 0;
  const entries = isProgram ? [entry(path, program)] : [];
  const rest = [init, ...[...used].map(lower)];
  // A module that somebody calls before its main, or that has none, computes its constants then.
  const version = contentHash(rest.map((f) => f.body).join('\n'));
  const offered = wrappers.map((f) => (init.body === ready ? f : afterInit(f, program, version)));
  const lifted = options.names.lifted.map((f) => ({ ...f, line: 1 }));
  const functions = [...entries, ...offered, ...rest, ...lifted];
  const exported = [...entries, ...wrappers].map((f) => ({ name: f.name, arity: f.params.length }));
  return moduleText(program.module, path, attributesOf(program), exported, functions);
}

/** What `init constants` is when there are none to compute. */
const ready = atom('ok');

function afterInit(f: CoreFunction, program: TProgram, version: string): CoreFunction {
  const start = call('v_rt', 'ready', [atom(program.module), atom(version), "'init constants'/0"]);
  return { ...f, body: sequence(start, f.body) };
}

function attributesOf(program: TProgram): { name: string; value: Core }[] {
  return program.attributes.map((a) => {
    const values = a.values.map((v) =>
      typeof v === 'string'
        ? atom(v)
        : list([...v].map(([key, number]) => tuple([atom(key), integer(number)]))),
    );
    return { name: a.name, value: list(values) };
  });
}

/**
 * `main/0`: computes the constants and starts the modules, then runs the program's own main or its
 * tests.
 */
function entry(path: string, program: TProgram): CoreFunction {
  const steps: Core[] = ["apply 'init constants'/0()"];
  if (program.main) steps.push("apply 'main.main'/0()");
  else if (program.tests.length > 0) {
    const rows = program.tests.map((t) => tuple([atom(t.name), `${atom(t.name)}/0`]));
    const file = binary(Buffer.from(path).toString('latin1'));
    steps.push(call('v_test', 'run', [file, list(rows)]));
  }
  const cleanups = program.cleanups.map((fn) => apply(fn.name, []));
  steps.push(...cleanups, call('v_rt', 'finish', []));
  const body = steps.reduceRight((after, step) => sequence(step, after));
  return { name: 'main', params: [], body, line: 1 };
}

/**
 * The constants and `init()` of each module; constants in an order in which each finds those it
 * needs computed, also those that a function it calls reads. A cycle through functions cannot be
 * ordered; its members keep the order of the source.
 */
function inInitOrder(program: TProgram): (ConstInfo | FnInstance)[] {
  const uses = new Map<FnInstance, ReadonlySet<ConstInfo | FnInstance>>();
  const usesOf = (visit: (v: Visitor) => void): Set<ConstInfo | FnInstance> => {
    const found = new Set<ConstInfo | FnInstance>();
    const visitor: Visitor = {
      write: () => undefined,
      expr: (e) => {
        if (e.kind === 'const') found.add(e.info);
        if (e.kind === 'call' || e.kind === 'fnRef') found.add(e.fn);
        if (e.kind === 'closure') visitBlock(e.body, visitor);
      },
    };
    visit(visitor);
    return found;
  };
  const usesOfFn = (fn: FnInstance): ReadonlySet<ConstInfo | FnInstance> => {
    let found = uses.get(fn);
    if (!found) {
      found = usesOf((v) => fn.body && visitBlock(fn.body, v));
      uses.set(fn, found);
    }
    return found;
  };
  const order: (ConstInfo | FnInstance)[] = [];
  const seen = new Set<ConstInfo | FnInstance>();
  const add = (item: ConstInfo | FnInstance): void => {
    if (seen.has(item)) return;
    seen.add(item);
    if ('params' in item) {
      for (const used of usesOfFn(item)) add(used);
      return;
    }
    const { value } = item;
    if (value) for (const used of usesOf((v) => visitExpr(value, v))) add(used);
    order.push(item);
  };
  for (const start of program.starts) {
    add(start);
    if ('params' in start) order.push(start);
  }
  return order;
}

function initFunction(options: ModuleOptions, program: TProgram): CoreFunction {
  const none = {
    references: new Set<Local>(),
    freshResult: false,
    result: types.voidType,
    outs: [],
  };
  const l = new Lowerer({ ...options, ...none }, new Map());
  for (const c of inInitOrder(program)) {
    if ('params' in c) {
      l.b.run(apply(c.name, []));
      continue;
    }
    const { value } = c;
    if (!value || ['int', 'float', 'string', 'bool'].includes(value.kind)) continue;
    const computed = l.expr(value);
    l.b.run(call('persistent_term', 'put', [constantKey(options.module, c.name), computed]));
  }
  const body: Core = l.b.finish(() => atom('ok'));
  return { name: 'init constants', params: [], body, line: 1 };
}
