/** What the effects need of all that was evaluated: nets, symbols, checks. Knows no AST. */
import {
  type CoreProgram,
  type DimCheck,
  type Effect,
  type Expr,
  fnsOfTrain,
  inputsOf,
  leaves,
  type Net,
  type Output,
  type Unknown,
} from "../core.ts";
import { textsOfProgram } from "./build.ts";
import { warn } from "./context.ts";
import { type Dim, dimKey, symbolsOf } from "./dims.ts";
import type { Cx, Frame } from "./value.ts";

interface Reached {
  readonly exprs: ReadonlySet<Expr>;
  readonly nets: ReadonlySet<Net>;
  /** by id */
  readonly symbols: ReadonlySet<string>;
  /** these are needed, too, and what they hang on */
  readonly dims: (ds: readonly Dim[]) => void;
}
function reach(effects: readonly Effect[], cx: Cx): Reached {
  const exprs = new Set<Expr>();
  const nets = new Set<Net>();
  const symbols = new Set<string>();
  const stack: Expr[] = [];
  const need = (id: string): void => {
    if (symbols.has(id)) return;
    symbols.add(id);
    const from = cx.symbols.get(id)?.from;
    if (from?.k === "rows") stack.push(from.rdd);
    else if (from?.k === "value") stack.push(from.of);
  };
  const dims = (ds: readonly Dim[]): void => {
    for (const d of ds) for (const s of symbolsOf(d)) need(s.id);
  };
  const net = (n: Net): void => {
    if (nets.has(n)) return;
    nets.add(n);
    for (const w of n.weights) {
      stack.push(w.init);
      dims(w.type.shape);
    }
    if (n.k !== "train") return;
    dims([n.batch, n.epochs ?? 1, n.steps ?? 1]);
    stack.push(n.rows, ...(n.clip ? [n.clip] : []), ...(n.carry ?? []));
    for (const [, fn] of fnsOfTrain(n)) stack.push(...fn.captures, ...leaves(fn.body).map(([, e]) => e));
  };
  const output = (o: Output): void => {
    if (o.k === "tensor") stack.push(o.of, ...(o.present ? [o.present] : []));
    else if (o.k === "utf8") stack.push(o.of);
    else if (o.k === "net") net(o.net);
    else if (o.k === "record") for (const [, x] of o.fields) output(x);
    else if (o.k === "oneOf") {
      stack.push(o.index);
      for (const x of o.of) output(x);
    } else if (o.k === "list") for (const x of o.of) output(x);
  };
  const walk = (): void => {
    while (stack.length) {
      const e = stack.pop()!;
      if (exprs.has(e)) continue;
      exprs.add(e);
      if (e.type.k === "tensor") dims(e.type.shape);
      if (e.k === "const") dims(Array.isArray(e.value) ? e.value : [e.value as Dim]);
      if (e.k === "check") dims([e.low, e.high]);
      if (e.k === "weight" || e.k === "history") net(e.net);
      stack.push(...inputsOf(e));
      if (e.k !== "op") continue;
      symbolsIn(e.attrs, need);
      for (const fn of Object.values(e.fns)) stack.push(...leaves(fn.body).map(([, x]) => x));
    }
  };
  for (const e of effects) output(e.value);
  walk();
  return {
    exprs,
    nets,
    symbols,
    dims: ds => {
      dims(ds);
      walk();
    },
  };
}
export function unusedTrains(f: Frame, file: string, effects: readonly Effect[]): void {
  const { nets } = reach(effects, f.cx);
  for (const n of f.cx.nets)
    if (n.k === "train" && !nets.has(n) && n.span.file === file)
      warn(
        f,
        `nothing uses this training of ${n.name}: it will not run`,
        n.span,
        `save ${n.name} to "${n.name}.safetensors"`,
      );
}
export function finish(cx: Cx, file: string, effects: readonly Effect[]): CoreProgram {
  const { exprs, nets, symbols: used, dims } = reach(effects, cx);
  const files = (from: Unknown["from"]): boolean => from.k !== "file" || exprs.has(from.source);
  const checks: DimCheck[] = [];
  const seen = new Set<string>();
  const sides = (c: DimCheck): readonly string[] => [c.a, c.b].flatMap(d => symbolsOf(d).map(s => s.id));
  const decidable = (c: DimCheck): boolean =>
    sides(c).every(id => {
      const from = cx.symbols.get(id)?.from;
      return from !== undefined && files(from);
    });
  // one that is of data, and of nothing that the effects need, would compute it in vain
  const due = (c: DimCheck): boolean =>
    sides(c).some(id => used.has(id)) || sides(c).every(id => cx.symbols.get(id)?.from?.k === "file");
  for (let before = -1; before < checks.length; ) {
    before = checks.length;
    for (const c of cx.checks) {
      const key = `${dimKey(c.a)}=${dimKey(c.b)}@${c.span.file}:${c.span.start}`;
      if (seen.has(key) || !decidable(c) || !due(c)) continue;
      seen.add(key);
      checks.push(c);
      dims([c.a, c.b]);
    }
  }
  const symbols: Unknown[] = [];
  for (const s of cx.symbols.values()) if (used.has(s.id) && s.from) symbols.push({ ...s, from: s.from });
  return {
    file,
    params: [...cx.params.values()].map(p => ({ ...p, fixed: p.fixed || cx.fixed.has(p.name) })),
    symbols,
    checks,
    nets: cx.nets.filter(n => nets.has(n)),
    histories: [...new Set([...exprs].flatMap(e => (e.k === "history" ? [e.net] : [])))],
    effects,
    texts: textsOfProgram(),
  };
}
function symbolsIn(x: unknown, found: (id: string) => void): void {
  if (typeof x !== "object" || x === null) return;
  if ((x as { k?: unknown }).k === "poly") for (const s of symbolsOf(x as Dim)) found(s.id);
  else for (const v of Object.values(x)) symbolsIn(v, found);
}
