/**
 * Core rebuilt where something in it is replaced: expressions, functions with what they capture, nets. What nothing in it changed stays the
 * object that it was. Explicit stack. Knows nothing of engines.
 */
import * as build from "../check/build.ts";
import {
  type CoreType,
  type Expr,
  type Fn,
  inputsOf,
  leaves,
  mapTree,
  type Net,
  type Op,
  type Output,
  type Train,
  type Tree,
  type Var,
} from "../core.ts";
import { withTexts } from "./pack.ts";

/** what an expression becomes; undefined: itself, of rebuilt parts. Asked once, before its parts are rebuilt */
export type Rule = (e: Expr, at: Rewriter) => Expr | undefined;
export interface Rewriter {
  readonly expr: (e: Expr) => Expr;
  /** `params`: those of the result; `local`: what is to be replaced in its body */
  readonly fn: (f: Fn, params: readonly Var[], local: ReadonlyMap<Expr, Expr>) => Fn;
}
/** a training's rows and the functions of them */
export type RowsRule = (net: Train, at: Rewriter) => Pick<Train, "rows" | "updates"> | undefined;

interface Memo {
  /** of what hangs on nothing around, and in functions that nothing replaces in */
  readonly all: Map<Expr, Expr>;
  /** of a function in which something is replaced */
  readonly local: Map<Expr, Expr> | undefined;
}
export class Rewriting {
  readonly #rule: Rule;
  readonly #rows: RowsRule;
  readonly #all = new Map<Expr, Expr>();
  readonly #fns = new Map<Fn, Fn>();
  readonly #nets = new Map<Net, Net>();
  readonly #typeOf: (t: CoreType) => CoreType;
  /** `forKernels`: in the rdds that are left a list is a text, as no kernel reads one */
  constructor(rule: Rule, rows: RowsRule, forKernels = false) {
    this.#rule = rule;
    this.#rows = rows;
    this.#typeOf = t => (forKernels && t.k === "rdd" ? { ...t, row: withTexts(t.row) } : t);
  }

  expr(e: Expr): Expr {
    return this.#expr(e, { all: this.#all, local: undefined });
  }
  /** in a function in which `local` is replaced */
  within(e: Expr, local: ReadonlyMap<Expr, Expr>): Expr {
    return this.#expr(e, { all: this.#all, local: new Map(local) });
  }
  /** with nothing but `local` replaced; what they share they share still */
  static renamed(all: readonly Expr[], local: ReadonlyMap<Expr, Expr>): readonly Expr[] {
    const rewriting = new Rewriting(
      () => undefined,
      () => undefined,
    );
    const memo = { all: rewriting.#all, local: new Map(local) };
    return all.map(e => rewriting.#expr(e, memo));
  }
  output(o: Output): Output {
    switch (o.k) {
      case "tensor":
        return { ...o, of: this.expr(o.of), ...(o.present ? { present: this.expr(o.present) } : {}) };
      case "utf8":
        return { ...o, of: this.expr(o.of) };
      case "text":
        return o;
      case "net":
        return { ...o, net: this.net(o.net) };
      case "record":
        return { ...o, fields: o.fields.map(([n, v]) => [n, this.output(v)] as const) };
      case "list":
        return { ...o, of: o.of.map(v => this.output(v)) };
      case "oneOf":
        return { ...o, index: this.expr(o.index), of: o.of.map(v => this.output(v)) };
      default:
        return o satisfies never;
    }
  }
  net<N extends Net>(n: N): N {
    let made = this.#nets.get(n);
    if (!made) this.#nets.set(n, (made = this.#net(n)));
    return made as N; // as: a net stays of its kind
  }
  #net(n: Net): Net {
    if (n.k !== "train") {
      const weights = n.weights.map(w => changed(w, { ...w, init: this.expr(w.init) }));
      return weights.every((w, i) => w === n.weights[i]) ? n : { ...n, weights };
    }
    const { rows, updates } = this.#rows(n, this.#at(undefined)) ?? {
      rows: this.expr(n.rows),
      updates: n.updates.map(u => changed(u, { ...u, fn: this.#fn(u.fn, undefined) })),
    };
    const fn = (f: Fn): Fn => this.#fn(f, undefined);
    const weights = n.weights.map(w => {
      const optimizer =
        w.optimizer && changed(w.optimizer, { ...w.optimizer, init: fn(w.optimizer.init), step: fn(w.optimizer.step) });
      return changed(w, { ...w, init: this.expr(w.init), ...(optimizer ? { optimizer } : {}) });
    });
    const same = <T>(a: readonly T[], b: readonly T[]): readonly T[] => (a.every((x, i) => x === b[i]) ? b : a);
    return changed(n, {
      ...n,
      rows,
      updates: same(updates, n.updates),
      weights: same(weights, n.weights),
      ...(n.carry
        ? {
            carry: same(
              n.carry.map(c => this.expr(c)),
              n.carry,
            ),
          }
        : {}),
      ...(n.clip ? { clip: this.expr(n.clip) } : {}),
      ...(n.whole ? { whole: changed(n.whole, { ...n.whole, init: fn(n.whole.init), step: fn(n.whole.step) }) } : {}),
      ...(n.measure ? { measure: fn(n.measure) } : {}),
      ...(n.by ? { by: fn(n.by) } : {}),
      ...(n.stop ? { stop: fn(n.stop) } : {}),
    });
  }

  #at(local: Map<Expr, Expr> | undefined): Rewriter {
    return {
      expr: e => this.#expr(e, { all: this.#all, local }),
      fn: (f, params, own) => {
        const inner = new Map([...(local ?? []), ...own]);
        const body = mapTree(f.body, e => this.#expr(e, { all: this.#all, local: inner }));
        return closed(f, params, body, this.#captures(f, inner));
      },
    };
  }
  #captures(f: Fn, local: Map<Expr, Expr> | undefined): readonly Expr[] {
    return f.captures.map(c => this.#expr(c, { all: this.#all, local }));
  }
  #fn(f: Fn, local: Map<Expr, Expr> | undefined): Fn {
    const old = local ? undefined : this.#fns.get(f);
    if (old) return old;
    const memo: Memo = { all: this.#all, local };
    const captures = this.#captures(f, local);
    const body = mapTree(f.body, e => this.#expr(e, memo));
    const same = captures.every((c, i) => c === f.captures[i]) && sameLeaves(body, f.body);
    const made = same ? f : closed(f, f.params, body, captures);
    if (!local) this.#fns.set(f, made);
    return made;
  }
  #expr(root: Expr, memo: Memo): Expr {
    const found = (e: Expr): Expr | undefined => memo.local?.get(e) ?? memo.all.get(e);
    const keep = (e: Expr, made: Expr): void => {
      if (memo.local && e.depth > 0) memo.local.set(e, made);
      else memo.all.set(e, made);
    };
    const asked = new Set<Expr>();
    const stack = [root];
    while (stack.length) {
      const e = stack[stack.length - 1]!;
      if (found(e)) {
        stack.pop();
        continue;
      }
      if (!asked.has(e)) {
        asked.add(e);
        const made = this.#rule(e, this.#at(memo.local));
        if (made) {
          keep(e, made);
          continue;
        }
      }
      const open = partsOf(e).filter(p => !found(p));
      if (open.length) {
        stack.push(...open);
        continue;
      }
      keep(
        e,
        this.#rebuilt(e, p => found(p)!, memo.local),
      );
    }
    return found(root)!;
  }
  #rebuilt(e: Expr, of: (part: Expr) => Expr, local: Map<Expr, Expr> | undefined): Expr {
    switch (e.k) {
      case "op": {
        const args = e.args.map(of);
        const fns = Object.fromEntries(Object.entries(e.fns).map(([name, f]) => [name, this.#fn(f, local)]));
        if (args.every((a, i) => a === e.args[i]) && Object.keys(fns).every(k => fns[k] === e.fns[k])) return e;
        return withParts(e, args, fns, this.#typeOf(e.type));
      }
      case "get": {
        const x = of(e.of);
        return x === e.of ? e : build.get(x, e.index, e.type, e.span);
      }
      case "check": {
        const x = of(e.of);
        return x === e.of ? e : build.check(x, e.low, e.high, e.message, e.span);
      }
      case "weight": {
        const net = this.net(e.net);
        return net === e.net ? e : build.weightLeaf(net, e.path, e.type, e.span);
      }
      case "history": {
        const net = this.net(e.net);
        return net === e.net ? e : build.historyLeaf(net, e.type, e.span);
      }
      case "const":
      case "param":
      case "var":
      case "source":
        return e;
      default:
        return e satisfies never;
    }
  }
}
const partsOf = (e: Expr): readonly Expr[] =>
  e.k === "op" ? [...inputsOf(e), ...Object.values(e.fns).flatMap(f => leaves(f.body).map(([, x]) => x))] : inputsOf(e);
/** the same op of other parts */
export function withParts(e: Op, args: readonly Expr[], fns: Readonly<Record<string, Fn>>, type: CoreType): Op {
  const place = e.place === undefined ? {} : { place: e.place };
  return build.op(e.op, args, type, e.span, { attrs: e.attrs, fns, depth: e.depth, net: e.net, ...place });
}
function changed<T extends object>(old: T, made: T): T {
  const keys = Object.keys(made) as (keyof T)[]; // as: its own keys
  return keys.every(k => made[k] === old[k]) ? old : made;
}
function sameLeaves(a: Tree<Expr>, b: Tree<Expr>): boolean {
  const [x, y] = [leaves(a), leaves(b)];
  return x.every(([, e], i) => e === y[i]![1]);
}
/** a function of a rebuilt body: captured is what was, and the tables that engines make in it */
function closed(f: Fn, params: readonly Var[], body: Tree<Expr>, captures: readonly Expr[]): Fn {
  const outside = new Set(captures);
  const own = new Set<Expr>(params);
  const found = new Set<Expr>();
  const seen = new Set<Expr>();
  const stack = leaves(body)
    .map(([, e]) => e)
    .reverse();
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || own.has(e)) continue;
    seen.add(e);
    if (outside.has(e) || e.k === "source") {
      found.add(e);
      continue;
    }
    stack.push(...[...inputsOf(e)].reverse());
  }
  return { ...f, params, captures: [...found], body };
}
