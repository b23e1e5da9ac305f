/** Operators: a flat list of operands and operators to a tree by their levels, without recursion along the list.
 *  Knows no tokens. */
import type { Chain, CompareOp, Expr, Link, Span } from "./ast.ts";
import { type ChainOp, comparisons, levels } from "./ast.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { syntax } from "./diagnostics/syntax.ts";

export interface Mark {
  readonly op: string;
  readonly at: Span;
}
/** `- -x`, `not x`: what stands before an operand, outermost first */
export interface Operand {
  readonly prefixes: readonly Mark[];
  readonly value: Expr;
}
/** `operands[0] marks[0] operands[1] ..` */
export interface Flat {
  readonly operands: readonly Operand[];
  readonly marks: readonly Mark[];
}
interface Context {
  readonly flat: Flat;
  /** how many prefixes of an operand `negation` has read */
  readonly taken: Map<number, number>;
  readonly textOf: (s: Span) => string;
  readonly say: (d: Diagnostic) => void;
}

/** from the start of `a` to the end of `b` */
const cover = (a: Span, b: Span): Span => ({ ...a, end: Math.max(a.end, b.end) });

export function resolve(flat: Flat, textOf: (s: Span) => string, say: (d: Diagnostic) => void): Expr {
  const only = flat.operands[0]!;
  if (flat.marks.length === 0 && only.prefixes.length === 0) return only.value;
  return chain({ flat, taken: new Map(), textOf, say }, 0, 0, flat.operands.length);
}

const [or, and, missing, sum, product] = levels;
type Next = (c: Context, lo: number, hi: number) => Expr;
/** loosest first; each splits its part of the list [lo, hi) and hands the parts to the next */
const steps: readonly Next[] = [
  (c, lo, hi) => split(c, or, 1, lo, hi),
  (c, lo, hi) => split(c, and, 2, lo, hi),
  negation,
  comparison,
  (c, lo, hi) => split(c, missing, 5, lo, hi),
  (c, lo, hi) => split(c, sum, 6, lo, hi),
  (c, lo, hi) => split(c, product, 7, lo, hi),
  power,
];
const chain = (c: Context, step: number, lo: number, hi: number): Expr => steps[step]!(c, lo, hi);

function split(c: Context, ops: readonly ChainOp[], next: number, lo: number, hi: number): Expr {
  let from = lo;
  let first: Expr | undefined;
  let pending: { op: ChainOp; at: Span } | undefined;
  const rest: Link[] = [];
  for (let i = lo; i < hi; i++) {
    const mark = i < hi - 1 ? c.flat.marks[i]! : undefined;
    const op = mark && ops.find(o => o === mark.op);
    if (i < hi - 1 && op === undefined) continue;
    const part = chain(c, next, from, i + 1);
    if (pending) rest.push({ ...pending, right: part });
    else first = part;
    pending = op && { op, at: mark!.at };
    from = i + 1;
  }
  if (rest.length === 0) return first!;
  const whole: Chain = { k: "chain", first: first!, rest, span: cover(first!.span, rest.at(-1)!.right.span) };
  return whole;
}

/** `not` stands only at the start of an operand of `and` */
function negation(c: Context, lo: number, hi: number): Expr {
  const prefixes = c.flat.operands[lo]!.prefixes;
  let n = 0;
  while (prefixes[n]?.op === "not") n++;
  if (n === 0) return chain(c, 3, lo, hi);
  c.taken.set(lo, n);
  let value = chain(c, 3, lo, hi);
  for (let i = n - 1; i >= 0; i--) value = { k: "not", value, span: cover(prefixes[i]!.at, value.span) };
  return value;
}

function comparison(c: Context, lo: number, hi: number): Expr {
  const at: number[] = [];
  for (let i = lo; i < hi - 1; i++) if (isComparison(c.flat.marks[i]!.op)) at.push(i);
  if (at.length === 0) return chain(c, 4, lo, hi);
  const parts = [lo - 1, ...at].map((from, i) => chain(c, 4, from + 1, (at[i] ?? hi - 1) + 1));
  const mark = c.flat.marks[at[0]!]!;
  for (const i of at) if (c.flat.marks[i]!.op === "=") c.say(equality(c, c.flat.marks[i]!, parts));
  const [left, right] = [parts[0]!, parts[1]!];
  if (at.length > 1) {
    const texts = parts.map(p => c.textOf(p.span));
    const pairs = at.map((i, n) => `${texts[n]} ${c.flat.marks[i]!.op} ${texts[n + 1]}`);
    c.say(
      syntax.comparisonChain({
        second: c.flat.marks[at[1]!]!.at,
        instead: pairs.length > 4 ? "a < b and b < c" : pairs.join(" and "),
      }),
    );
  }
  const op: CompareOp = comparisons.find(o => o === mark.op) ?? "==";
  return { k: "compare", op, at: mark.at, left, right, span: cover(left.span, right.span) };
}
const isComparison = (op: string): boolean => op === "=" || comparisons.some(o => o === op);
const equality = (c: Context, mark: Mark, parts: readonly Expr[]): Diagnostic => {
  const instead = `${c.textOf(parts[0]!.span)} == ${c.textOf(parts[1]!.span)}`;
  return syntax.foreign({ right: "`==` to compare", instead, span: mark.at });
};

/** `-a^-b^c` is `-(a^(-(b^c)))` */
function power(c: Context, lo: number, hi: number): Expr {
  let right: Expr | undefined;
  for (let i = hi - 1; i >= lo; i--) {
    const { prefixes, value } = c.flat.operands[i]!;
    const taken = c.taken.get(i) ?? 0;
    let here: Expr = value;
    if (right) {
      const at = c.flat.marks[i]!.at;
      here = { k: "power", at, base: value, exponent: right, span: cover(value.span, right.span) };
    }
    for (let p = prefixes.length - 1; p >= taken; p--) {
      const { op, at } = prefixes[p]!;
      const span = cover(at, here.span);
      if (op === "not") c.say(syntax.notNeedsParens({ instead: `(${c.textOf(span)})`, span: at }));
      here = op === "not" ? { k: "not", value: here, span } : { k: "negate", value: here, span };
    }
    right = here;
  }
  return right!;
}
