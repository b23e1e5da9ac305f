/** Einstein sums of one to three operands and matrix products, as contractions of two. Knows nothing of scopes. */
import type { Node } from "../../ir/node.ts";
import { shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";

interface Term {
  readonly letters: string;
  readonly node: Node;
}

/** a letter that comes twice in one operand is its diagonal */
function withoutRepeats(t: Term): Term {
  for (let b = 0; b < t.letters.length; b++) {
    const a = t.letters.indexOf(t.letters[b]!);
    if (a < b)
      return withoutRepeats({
        letters: t.letters.slice(0, b) + t.letters.slice(b + 1),
        node: g.diagonal(a, b, t.node),
      });
  }
  return t;
}
/** letters that nothing else needs are summed */
function keep(t: Term, needed: string): Term {
  const axes = [...t.letters].flatMap((l, d) => (needed.includes(l) ? [] : [d]));
  return { letters: [...t.letters].filter(l => needed.includes(l)).join(""), node: g.reduce("add", axes, t.node) };
}
function order(t: Term, out: string): Node {
  return g.transpose(
    [...out].map(l => t.letters.indexOf(l)),
    t.node,
  );
}

/** "ik,kj->ij" over operands of one element; every letter of the result is in an operand */
export function einsum(spec: string, operands: readonly Node[]): Node {
  const [left, out] = spec.replaceAll(" ", "").split("->");
  const letters = left!.split(",");
  const terms = operands.map((node, i) => withoutRepeats({ letters: letters[i]!, node }));
  let [sum, ...rest] = terms as [Term, ...Term[]]; // as: the type rule of einsum wants an operand
  while (rest.length) {
    const [next, ...after] = rest as [Term, ...Term[]]; // as: just tested
    const needed = out! + after.map(t => t.letters).join("");
    const a = keep(sum, needed + next.letters);
    const b = keep(next, needed + sum.letters);
    const both = [...new Set(a.letters + b.letters)].filter(l => needed.includes(l)).join("");
    const to = after.length ? both : out!;
    sum = { letters: to, node: g.contract(`${a.letters},${b.letters}->${to}`, a.node, b.node) };
    rest = after;
  }
  return order(keep(sum, out!), out!);
}

/** NumPy's matmul: vectors are rows on the left and columns on the right, leading dims are batch and broadcast */
export function matmul(a: Node, b: Node): Node {
  const [x, y] = [shapeAt(a), shapeAt(b)];
  const batches = Math.max(x.length, y.length, 2) - 2;
  const batchLetters = "abcdefgh".slice(0, batches);
  let batch = "";
  const sides = [x, y].map(shape => {
    const own = Math.max(shape.length - 2, 0);
    return { own, from: batchLetters.slice(batches - own) };
  });
  // a batch dim of extent 1 that stretches is left out of its operand
  const stretched = (i: 0 | 1, l: string): boolean => {
    const [me, other] = [i === 0 ? x : y, i === 0 ? y : x];
    const [mine, theirs] = [sides[i]!.from.indexOf(l), sides[1 - i]!.from.indexOf(l)];
    return theirs >= 0 && me[mine] === 1 && other[theirs] !== 1;
  };
  const terms = ([0, 1] as const).map(i => {
    const shape = i === 0 ? x : y;
    const { from } = sides[i]!;
    const kept = [...from].filter(l => !stretched(i, l));
    const tail = shape.length === 1 ? "k" : i === 0 ? "ik" : "kj";
    const dims = [
      ...shape.slice(0, from.length).filter((_, d) => kept.includes(from[d]!)),
      ...shape.slice(from.length),
    ];
    return { letters: kept.join("") + tail, node: g.reshape(dims, i === 0 ? a : b) };
  });
  for (const l of batchLetters) if (terms.some(t => t.letters.includes(l))) batch += l;
  const out = batch + (x.length === 1 ? "" : "i") + (y.length === 1 ? "" : "j");
  return g.contract(`${terms.map(t => t.letters).join(",")}->${out}`, terms[0]!.node, terms[1]!.node);
}
