/** The rewriter, and what simplify makes of whole functions. */
import { describe, expect, it } from "vitest";
import { addSpans, fn, type Node, spansOf, topological } from "../../src/ir/node.ts";
import * as o from "../../src/ir/ops/index.ts";
import { type Rule, rewrite } from "../../src/ir/rewrite.ts";
import { print } from "../../src/ir/text.ts";
import { N, type TensorType, tensor } from "../../src/ir/type.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { simplify, simplifyFn } from "../../src/passes/simplify.ts";

const x = o.parameter(0, tensor("f32", [N, 4]));
const params = [x.type as TensorType];
const of = (y: Node) => fn(params, [y]);
const rule = (name: string, apply: Rule["apply"]): Rule => ({
  name,
  doc: name,
  law: { same: "exact", sample: () => undefined },
  apply,
});
const law = rule("sin-to-cos", n => (n.op.name === "sin" ? o.lane("cos", n.args[0]!) : undefined));

describe("rewrite", () => {
  it("gives back the same function where nothing applies", () => {
    const f = of(o.lane("tanh", x));
    expect(rewrite(f, [law])).toBe(f);
    expect(simplifyFn(f)).toBe(f);
    const stage = { inputs: [], main: f, effects: [], sites: [] };
    expect(simplify.run(stage)).toBe(stage);
  });
  it("goes on with what a rule made, also inside functions that nodes hold", () => {
    const again = rule("cos-to-neg", n => (n.op.name === "cos" ? o.lane("neg", n.args[0]!) : undefined));
    const p = o.parameter(0, tensor("f32", [4]));
    const f = of(o.get(0, o.map(fn([p.type], [o.lane("sin", p)]), [true], [x])));
    const want = of(o.get(0, o.map(fn([p.type], [o.lane("neg", p)]), [true], [x])));
    expect(rewrite(f, [law, again])).toBe(want);
  });
  it("names the op whose rules go round in circles", () => {
    const back = rule("cos-to-sin", n => (n.op.name === "cos" ? o.lane("sin", n.args[0]!) : undefined));
    const grow = rule("wrap", n => (n.op.name === "sin" ? o.lane("abs", o.lane("sin", n.args[0]!)) : undefined));
    expect(() => rewrite(of(o.lane("sin", x)), [law, back])).toThrow("rules rewrite sin for ever");
    expect(() => rewrite(of(o.lane("sin", x)), [grow])).toThrow("rules rewrite sin for ever");
  });
  it("hands the places of what was replaced to what replaces it", () => {
    const place = { file: "model.hs", start: 1, end: 5, line: 1, column: 2 };
    const f = of(addSpans(o.lane("sin", o.lane("exp2", x)), [place]));
    expect(spansOf(rewrite(f, [law]).results[0]!)).toEqual([place]);
  });
  it("does not overflow on deep graphs", () => {
    let y: Node = x;
    for (let i = 0; i < 20000; i++) y = o.lane(i % 2 ? "sin" : "tanh", y);
    expect(topological(rewrite(of(y), [law]).results).filter(n => n.op.name === "cos")).toHaveLength(10000);
  });
});

describe("simplify", () => {
  const becomes = (y: Node, want: Node) => expect(print(simplifyFn(of(y)))).toBe(print(of(want)));
  it("sees through neutral arithmetic, casts and views", () => {
    const one = o.fullLike(1, x);
    becomes(o.lane("div", o.lane("mul", x, one), one), x);
    becomes(o.cast("f32", o.cast("f64", x)), x);
    becomes(o.transpose([1, 0], o.transpose([1, 0], x)), x);
    becomes(o.reshape([N, 4], o.reshape([N, 2, 2], x)), x);
  });
  it("computes once what is broadcast", () => {
    const b = o.parameter(0, tensor("f32", [4]));
    const wide = (v: Node) => o.broadcast([N, 4], [1], v);
    const f = fn([b.type], [o.lane("tanh", o.lane("mul", wide(b), wide(o.full(2, "f32", [4]))))]);
    const want = fn([b.type], [wide(o.lane("tanh", o.lane("mul", b, o.full(2, "f32", [4]))))]);
    expect(print(simplifyFn(f))).toBe(print(want));
  });
  it("keeps what is exact only without NaN, or for one sign of zero", () => {
    const zero = o.fullLike(0, x);
    for (const y of [o.lane("add", x, zero), o.lane("mul", x, zero), o.lane("sub", x, x), o.lane("eq", x, x)])
      expect(simplifyFn(of(y))).toBe(of(y));
    becomes(o.lane("add", x, o.fullLike(-0, x)), x);
  });
  it("leaves rules that round alone in a strict build", () => {
    const y = o.lane("mul", o.lane("mul", x, o.fullLike(0.7, x)), o.fullLike(0.3, x));
    expect(simplifyFn(of(y), true)).toBe(of(y));
    expect(topological(simplifyFn(of(y)).results).filter(n => n.op.name === "mul")).toHaveLength(1);
  });
  it("leaves no copy and no constant arithmetic in the gradient of a mean of squares", () => {
    const mean = o.lane("div", o.reduce("add", [0, 1], o.lane("mul", x, x)), o.records("f32"));
    const g = simplifyFn(gradient(of(mean), [0]));
    const count = (name: string) => topological([g.results[1]!]).filter(n => n.op.name === name).length;
    expect([count("broadcast"), count("select"), count("reduce")]).toEqual([1, 0, 0]);
  });
});
