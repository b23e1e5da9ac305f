/** Rewriting of closed functions by named rules, bottom-up to a fixed point. Knows no op and no rule. */
import { rebuild } from "./inline.ts";
import { type Attr, type Attrs, addSpans, type Fn, fn, type Node, type Span, spansOf } from "./node.ts";
import type { Rng } from "./op.ts";

/**
 * What must hold between a node and what a rule makes of it, for the fuzzer. exact: equal bits. bound: both are correct (design 4):
 * the rule changes rounding, or the sign of a zero, and a strict build leaves it out. sample: a node to which the rule applies.
 */
export interface Law {
  readonly same: "exact" | "bound";
  readonly sample: (rng: Rng, given: readonly Node[]) => Node | undefined;
}
export interface Rule {
  readonly name: string;
  /** before --> after */
  readonly doc: string;
  readonly law: Law;
  /** undefined where the rule says nothing; never the node itself */
  readonly apply: (node: Node) => Node | undefined;
}

/** f with all rules applied to it and to the functions in it; f itself where none applies */
export function rewrite(f: Fn, rules: readonly Rule[], memo = new Map<Fn, Fn>()): Fn {
  const old = memo.get(f);
  if (old) return old;
  const done = new Map<Node, Node>();
  const results = f.results.map(r => settle(r, rules, done, memo));
  const g = results.every((r, i) => r === f.results[i]) ? f : fn(f.params, results);
  memo.set(f, g);
  memo.set(g, g);
  return g;
}

/** done: nodes to their final forms. A node that a rule replaced waits for the final form of what replaced it */
function settle(root: Node, rules: readonly Rule[], done: Map<Node, Node>, memo: Map<Fn, Fn>): Node {
  const waits = new Map<Node, Node>();
  const entered = new Set<Node>();
  const stack = [root];
  while (stack.length) {
    const n = stack[stack.length - 1]!;
    const next = waits.get(n);
    if (done.has(n) || (next && done.has(next))) {
      if (next && !done.has(n)) done.set(n, done.get(next)!);
      stack.pop();
      continue;
    }
    if (next) {
      // to come here twice is to need a node's own final form for it
      if (entered.has(n)) throw new Error(`internal: rules rewrite ${n.op.name} for ever`);
      entered.add(n);
      stack.push(next);
      continue;
    }
    const open = n.args.filter(a => !done.has(a));
    if (open.length) {
      stack.push(...open.toReversed());
      continue;
    }
    const rebuilt = rebuild(
      n,
      n.args.map(a => done.get(a)!),
      mapFns(n.attrs, g => rewrite(g, rules, memo)),
    );
    const known = done.get(rebuilt);
    const found = known ?? applyFirst(rebuilt, rules, spansOf(n), done);
    if (found === undefined || found === rebuilt) {
      done.set(rebuilt, rebuilt);
      done.set(n, rebuilt);
      continue;
    }
    waits.set(n, found);
  }
  return done.get(root)!;
}
function applyFirst(n: Node, rules: readonly Rule[], spans: readonly Span[], done: Map<Node, Node>): Node | undefined {
  for (const rule of rules) {
    const found = rule.apply(n);
    if (!found || found === n) continue;
    handSpans(found, spans, done);
    return found;
  }
  return undefined;
}
/** what a rule made gets the places of what it replaces; leaves have none: one constant serves half the program */
function handSpans(made: Node, spans: readonly Span[], done: ReadonlyMap<Node, Node>): void {
  if (spans.length === 0) return;
  const seen = new Set<Node>();
  const stack = [made];
  for (let n = stack.pop(); n; n = stack.pop()) {
    if (seen.has(n) || n.args.length === 0 || (n !== made && done.has(n))) continue;
    seen.add(n);
    addSpans(n, spans);
    stack.push(...n.args);
  }
}

/** the attributes with every Fn replaced; the same object where none changes */
export function mapFns(attrs: Attrs, to: (f: Fn) => Fn): Attrs {
  let changed = false;
  const next: Record<string, Attr> = {};
  for (const [name, a] of Object.entries(attrs)) {
    const b = typeof a === "object" && "k" in a && a.k === "fn" ? to(a) : a;
    changed ||= b !== a;
    next[name] = b;
  }
  return changed ? next : attrs;
}
