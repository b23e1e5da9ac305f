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

function reach(effects: readonly Effect[]): { exprs: ReadonlySet<Expr>; nets: ReadonlySet<Net> } {
  const exprs = new Set<Expr>();
  const nets = new Set<Net>();
  const stack: Expr[] = [];
  const net = (n: Net): void => {
    if (nets.has(n)) return;
    nets.add(n);
    for (const w of n.weights) stack.push(w.init);
    if (n.k !== "train") return;
    stack.push(n.rows, ...(n.clip ? [n.clip] : []), ...(n.carry ?? []));
    for (const [, fn] of fnsOfTrain(n)) stack.push(...fn.captures, ...leaves(fn.body).map(([, e]) => e));
  };
  const output = (o: Output): void => {
    if (o.k === "tensor" || o.k === "utf8") stack.push(o.of);
    else if (o.k === "net") net(o.net);
    else if (o.k === "record") for (const [, x] of o.fields) output(x);
    else if (o.k === "oneOf") {
      stack.push(o.index);
      for (const x of o.of) output(x);
    } else if (o.k === "list") for (const x of o.of) output(x);
  };
  for (const e of effects) output(e.value);
  while (stack.length) {
    const e = stack.pop()!;
    if (exprs.has(e)) continue;
    exprs.add(e);
    if (e.k === "weight" || e.k === "history") net(e.net);
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const fn of Object.values(e.fns)) stack.push(...leaves(fn.body).map(([, x]) => x));
  }
  return { exprs, nets };
}
export function unusedTrains(f: Frame, file: string, effects: readonly Effect[]): void {
  const { nets } = reach(effects);
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
  const { exprs, nets } = reach(effects);
  const used = new Set<string>();
  const dims = (ds: readonly Dim[]): void => {
    for (const d of ds) for (const s of symbolsOf(d)) used.add(s.id);
  };
  for (const e of exprs) {
    if (e.type.k === "tensor") dims(e.type.shape);
    if (e.k === "const") dims(Array.isArray(e.value) ? e.value : [e.value as Dim]);
    if (e.k === "op") symbolsIn(e.attrs, used);
  }
  const files = (from: Unknown["from"]): boolean => from.k !== "file" || exprs.has(from.source);
  const checks: DimCheck[] = [];
  const seen = new Set<string>();
  for (const c of cx.checks) {
    const known = [c.a, c.b].every(d =>
      symbolsOf(d).every(s => {
        const from = cx.symbols.get(s.id)?.from;
        return from !== undefined && files(from);
      }),
    );
    const key = `${dimKey(c.a)}=${dimKey(c.b)}@${c.span.file}:${c.span.start}`;
    if (!known || seen.has(key)) continue;
    seen.add(key);
    checks.push(c);
    dims([c.a, c.b]);
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
function symbolsIn(x: unknown, out: Set<string>): void {
  if (typeof x !== "object" || x === null) return;
  if ((x as { k?: unknown }).k === "poly") for (const s of symbolsOf(x as Dim)) out.add(s.id);
  else for (const v of Object.values(x)) symbolsIn(v, out);
}
