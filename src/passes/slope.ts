/**
 * Sums of cotangents that are products of one cotangent with what is known when the function is computed: the slope is put together there,
 * as one tensor, and the way back reads it alone.
 *
 *   y = x * f(x):   g * f(x) + (g * x) * f'(x)   -->   g * (f(x) + x * f'(x))
 *
 * Knows no function.
 */
import type { Node } from "../ir/node.ts";
import { plus } from "../ir/ops/accumulate.ts";
import { lane } from "../ir/ops/build.ts";
import { argsOf } from "../ir/ops/match.ts";

/** lives while one function is differentiated */
export class Slopes {
  /** of nodes that were asked for: does no cotangent flow into them */
  private readonly known: Map<Node, boolean>;
  constructor(primal: readonly Node[]) {
    this.known = new Map(primal.map(n => [n, true]));
  }
  /** it is no value of the function from here on, if it was none before */
  flows(cotangent: Node): void {
    if (!this.known.get(cotangent)) this.known.set(cotangent, false);
  }
  sum(a: Node, b: Node): Node {
    // twice the same, as of a square, has one slope already
    if (a === b) return plus(a, b);
    const [p, q] = [this.factors(a), this.factors(b)];
    const shared = p.find(x => x.rest.length && q.some(y => y.rest.length && y.of === x.of));
    const other = shared && q.find(y => y.of === shared.of);
    return shared && other ? lane("mul", shared.of, plus(product(shared.rest), product(other.rest))) : plus(a, b);
  }
  /** n as a cotangent times what is known, in each way in which it is one */
  private factors(n: Node): readonly { readonly of: Node; readonly rest: readonly Node[] }[] {
    const out = [{ of: n, rest: [] as readonly Node[] }];
    for (let at = out[0]!; ; ) {
      const [a, b] = argsOf("mul", at.of) ?? [];
      if (!a || !b || this.isKnown(a) === this.isKnown(b)) return out;
      at = this.isKnown(a) ? { of: b, rest: [...at.rest, a] } : { of: a, rest: [...at.rest, b] };
      out.push(at);
    }
  }
  private isKnown(n: Node): boolean {
    const stack = [n];
    for (let x = stack.at(-1); x; x = stack.at(-1)) {
      const open = this.known.has(x) ? [] : x.args.filter(a => !this.known.has(a));
      stack.push(...open);
      if (open.length) continue;
      stack.pop();
      if (!this.known.has(x))
        this.known.set(
          x,
          x.args.every(a => this.known.get(a)),
        );
    }
    return this.known.get(n)!;
  }
}
const product = (factors: readonly Node[]): Node => factors.reduceRight((x, y) => lane("mul", y, x));
