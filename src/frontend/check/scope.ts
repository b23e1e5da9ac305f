/** Names and where evaluation stands: scopes, frames, places in the text, the instances of layers. Knows no rule of typing. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Binding, Frame, Instances, Scope, Value } from "./value.ts";

export const childScope = (parent: Scope | undefined): Scope => ({ parent, names: new Map() });
const seen = (b: Binding, at: Span): boolean => b.after === undefined || b.span.file !== at.file || at.start >= b.after;
export function lookup(scope: Scope, name: string, at: Span): Binding | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const b = s.names.get(name);
    if (b && seen(b, at)) return b;
  }
  return undefined;
}
/** a definition of that name that is not seen from there: below it, or around it */
export function hidden(scope: Scope, name: string, at: Span): Binding | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const b = s.names.get(name);
    if (b && !seen(b, at)) return b;
  }
  return undefined;
}
export function namesSeen(scope: Scope, at: Span): readonly string[] {
  const out: string[] = [];
  for (let s: Scope | undefined = scope; s; s = s.parent)
    for (const b of s.names.values()) if (seen(b, at)) out.push(b.name);
  return out;
}
/** computes at most once; a value that is asked for while it is being computed cannot exist (names are seen below only) */
export function lazily(compute: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= compute());
}
export const known = (name: string, span: Span, value: Value): Binding => ({
  name,
  span,
  after: undefined,
  value: () => value,
});

// --- places in the text

const callee = (e: Ast.Expr): string =>
  e.k === "ref" ? e.name : e.k === "member" ? e.field.text : e.k === "call" ? callee(e.callee) : "call";
interface Walk {
  readonly into: (lambda: Ast.Lambda, parent: Ast.Call | undefined) => boolean;
  readonly counts: (call: Ast.Call | undefined) => boolean;
}
/** every call (and stage of a pipeline) below `root`, with its name and number among the calls of that name in the text */
function number(root: Ast.Expr, walk: Walk): Map<Ast.Expr, string> {
  const sites: Ast.Expr[] = [];
  const stack: unknown[] = [root];
  const parents = new Map<unknown, Ast.Call>();
  while (stack.length) {
    const x = stack.pop();
    if (Array.isArray(x)) {
      for (let i = x.length - 1; i >= 0; i--) stack.push(x[i]);
      continue;
    }
    if (typeof x !== "object" || x === null) continue;
    const e = x as Ast.Expr;
    if (e.k === "lambda" && e !== root && !walk.into(e, parents.get(e))) continue;
    if (e.k === "call") {
      sites.push(e);
      for (const a of e.args) parents.set(a.value, e);
    }
    if (e.k === "pipe") for (const s of e.stages) if (s.k !== "call") sites.push(s);
    for (const [name, child] of Object.entries(e)) if (name !== "span" && name !== "at") stack.push(child);
  }
  sites.sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const counts = new Map<string, number>();
  const out = new Map<Ast.Expr, string>();
  for (const s of sites) {
    const name = callee(s);
    if (!walk.counts(s.k === "call" ? s : undefined)) continue;
    const n = (counts.get(name) ?? 0) + 1;
    counts.set(name, n);
    out.set(s, `${name}${n}`);
  }
  return out;
}
const placeCache = new WeakMap<Ast.Expr, Map<Ast.Expr, string>>();
const instanceCache = new WeakMap<Ast.Expr, Map<Ast.Expr, string>>();
const cached = (cache: typeof placeCache, root: Ast.Expr, walk: Walk): Map<Ast.Expr, string> => {
  let m = cache.get(root);
  if (!m) cache.set(root, (m = number(root, walk)));
  return m;
};
/** the place of a call: lambdas count their own calls */
export const placeOf = (f: Frame, site: Ast.Expr): string => {
  const own = cached(placeCache, f.root, { into: () => false, counts: () => true }).get(site) ?? callee(site);
  return f.place ? `${f.place}.${own}` : own;
};
/** what is called for each of several elements, or again and again: chance counts the trips. `trip`: one that is written out; absent: the one at hand */
export const repeated = (f: Frame, trip?: number): Frame => {
  const mark = `#${trip ?? ""}`;
  return { ...f, place: f.place ? `${f.place}.${mark}` : mark };
};
/** the path of a layer's instance: lambdas belong to the text around, but `repeat` counts for itself; `name:` is no number */
export function instanceOf(i: Instances, site: Ast.Expr, layer: string, name: string | undefined): string {
  const numbers = cached(instanceCache, i.root, {
    into: (_, parent) => parent === undefined || callee(parent) !== "repeat",
    counts: call => !call?.args.some(a => a.name?.text === "name"),
  });
  const own = name ?? numbers.get(site) ?? `${layer}1`;
  return i.prefix ? `${i.prefix}.${own}` : own;
}
