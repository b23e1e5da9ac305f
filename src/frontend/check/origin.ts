/** Where a dim of a result comes from, for message 1: "16 = div(32 - 1, 2) + 1, from `stride: 2` of conv". */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { listed } from "../diagnostics/diagnostic.ts";
import { type Closure, type Frame, type Given, knownOf, type Origin } from "./value.ts";

/** a part of the sum with its numbers; terms and factors that change nothing are left out */
interface Sum {
  readonly value: number;
  readonly text: string;
  readonly uses: ReadonlySet<string>;
  /** the numbers in it */
  readonly kept: ReadonlySet<number>;
  /** needs no parentheses as a factor */
  readonly atom: boolean;
}
/** one per axis of a result whose written dim is a sum over arguments that the caller gave */
export function originsOf(
  f: Frame,
  c: Closure,
  given: ReadonlyMap<string, Given>,
  site: Span,
): readonly (Origin | undefined)[] | undefined {
  if (c.result?.k !== "named" || !c.result.dims) return undefined;
  const out = c.result.dims.map(d => {
    if (d.k !== "dim" || d.value.k === "ref" || d.value.k === "number") return undefined;
    const sum = sumOf(f, d.value);
    // a side that comes out as it went in is no news
    if (!sum || sum.kept.has(sum.value)) return undefined;
    const named = [...sum.uses].flatMap(n => (given.has(n) ? [[n, given.get(n)!] as const] : []));
    const last = named[named.length - 1]?.[1];
    if (!last) return undefined;
    const shown = named.map(([n, g]) => `\`${g.name ? f.cx.text(g.whole) : `${n}: ${f.cx.text(g.whole)}`}\``);
    return {
      text: `${sum.value} = ${sum.text}`,
      because: `${listed(shown)} of ${c.name}`,
      call: f.cx.text(site),
      span: last.whole,
    };
  });
  return out.some(o => o) ? out : undefined;
}
const leaf = (value: number, uses: readonly string[] = []): Sum => ({
  value,
  text: String(value),
  uses: new Set(uses),
  kept: new Set(uses.length ? [value] : []),
  atom: value >= 0,
});
const join = (a: Sum, b: Sum, value: number, text: string, atom = false): Sum => ({
  value,
  text,
  uses: new Set([...a.uses, ...b.uses]),
  kept: new Set([...a.kept, ...b.kept]),
  atom,
});
const factor = (s: Sum): string => (s.atom ? s.text : `(${s.text})`);

function sumOf(f: Frame, e: Ast.Expr): Sum | undefined {
  switch (e.k) {
    case "number":
      return leaf(e.value);
    case "ref":
      return numberOf(f, e, e.name);
    case "index":
      return e.value.k === "ref" ? numberOf(f, e, e.value.name) : undefined;
    case "call": {
      const parts = e.args.map(a => sumOf(f, a.value));
      const [a, b] = parts;
      if (e.callee.k !== "ref" || e.callee.name !== "div" || !a || !b) return undefined;
      return b.value === 1 ? a : join(a, b, Math.floor(a.value / b.value), `div(${a.text}, ${b.text})`, true);
    }
    case "chain": {
      let s = sumOf(f, e.first);
      for (const link of e.rest) {
        const r = sumOf(f, link.right);
        s = s && r && combine(s, link.op, r);
      }
      return s;
    }
    default:
      return undefined;
  }
}
function combine(a: Sum, op: Ast.ChainOp, b: Sum): Sum | undefined {
  switch (op) {
    case "+":
      return a.value === 0 ? b : b.value === 0 ? a : join(a, b, a.value + b.value, `${a.text} + ${b.text}`);
    case "-":
      return b.value === 0 ? a : join(a, b, a.value - b.value, `${a.text} - ${factor(b)}`);
    case "*":
      if (a.value === 0 || b.value === 0) return leaf(0);
      return a.value === 1 ? b : b.value === 1 ? a : join(a, b, a.value * b.value, `${factor(a)} * ${factor(b)}`);
    default:
      return undefined;
  }
}
function numberOf(f: Frame, e: Ast.Expr, name: string): Sum | undefined {
  const d = knownOf(f.cx.evaluate(e, f))?.constant.data[0];
  return typeof d === "number" ? leaf(d, [name]) : undefined;
}
