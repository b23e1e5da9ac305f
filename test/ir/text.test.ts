/** GRAPH as text: printed, read back the same; and what the verifier refuses. */
import { describe, expect, it } from "vitest";
import { addSpans, type Blob, fn, spansOf } from "../../src/ir/node.ts";
import * as o from "../../src/ir/ops/index.ts";
import { parse, print } from "../../src/ir/text.ts";
import { N, tensor } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";

const x = o.parameter(0, tensor("f32", [N, 4]));
const w = o.parameter(1, tensor("f32", [4, 2]));
describe("the text of a function", () => {
  it("has one node per line, shared by names", () => {
    const y = o.contract("ik,kj->ij", x, w);
    const text = print(fn([x.type, w.type], [o.lane("add", y, y), y]));
    expect(text).toBe(
      [
        "(graph",
        "  (fn @0 ((f32 N 4) (f32 4 2))",
        '    (%0 contract x0 x1 (spec "ik,kj->ij"))',
        "    (%1 add %0 %0)",
        "    (results %1 %0)))",
        "",
      ].join("\n"),
    );
  });
  it("holds NaN, infinities, -0, strings with anything in them, dims with N, bounds of indices", () => {
    const odd = [Number.NaN, -0, Number.NEGATIVE_INFINITY, 0.1, 5e-324].map(v =>
      o.full(v, "f64", [{ n: 2, plus: -1 }]),
    );
    const f = fn([tensor("i32", [3], 7), tensor("i32", [], N)], [...odd, o.parameter(1, tensor("i32", [], N))]);
    expect(parse(print(f))).toBe(f);
    expect(Object.is(parse(print(f)).results[1]!.attrs["value"], -0)).toBe(true);
    const named = fn([], [o.apply("rdd.rows", [o.full(1, "f32", [3])], { columns: ['a "b" (c) ; \\ d\n'] })]);
    expect(parse(print(named))).toBe(named);
  });
  it("prints a function that several nodes hold once, inner ones first", () => {
    const p = o.parameter(0, tensor("f32", [4]));
    const inner = fn([p.type], [o.lane("neg", p)]);
    const middle = fn([p.type], [o.get(0, o.call(inner, [p]))]);
    const f = fn([x.type], [o.get(0, o.map(middle, [true], [x])), o.get(0, o.map(inner, [true], [x]))]);
    const text = print(f);
    expect(text.match(/^ {2}\(fn @/gm)).toHaveLength(3);
    expect(parse(text)).toBe(f);
  });
  it("holds blobs and rdds", () => {
    const bytes: Blob = { k: "blob", store: "u8", sha256: "ab12", bytes: Uint8Array.from([0, 1, 255, 10]) };
    const row = {
      "a.b": { store: "u8", shape: [2], nullable: false },
      t: { store: "time", shape: [], nullable: true },
    } as const;
    const rdd = { k: "rdd", order: "source", row } as const;
    const f = fn([rdd], [o.blob(bytes, "i32", [4]), o.parameter(0, rdd)]);
    const g = parse(print(f));
    expect(g.params).toEqual(f.params);
    expect(g).toBe(f);
    expect(g.results[0]!.attrs["blob"]).toEqual(bytes);
  });
  it("keeps the places of nodes when asked", () => {
    const y = o.lane("sin", x);
    const place = { file: "a b.hs", start: 3, end: 9, line: 1, column: 4 };
    addSpans(y, [place]);
    const text = print(fn([x.type], [y]), { spans: true });
    expect(text).toContain('(at "a b.hs" 3 9 1 4)');
    expect(spansOf(parse(text).results[0]!)).toContainEqual(place);
  });
  it("refuses what is no graph, with what it wants", () => {
    expect(() => parse("(graph (fn @0 () (%0 add x7 x8) (results %0)))")).toThrow(
      "a node that stands above is expected",
    );
    expect(() => parse("(graph (fn @0 ((f33 2)) (results x0)))")).toThrow("f64 is expected");
    expect(() => parse("(graph)")).toThrow("a function is expected");
  });
});

describe("verify", () => {
  const p = o.parameter(0, tensor("f32"));
  it("finds a parameter that the function does not have", () => {
    const [problem] = verify(fn([], [o.lane("neg", p)]), "source");
    expect(problem).toMatchObject({ check: "closed", message: "in: parameter 0 of 0" });
    expect(verify(fn([tensor("i32")], [o.lane("neg", p)]), "source")[0]).toMatchObject({ check: "closed" });
  });
  it("finds a type that is not the rule's", () => {
    const y = { ...o.lane("neg", p), type: tensor("i32") };
    expect(verify(fn([p.type], [y]), "source")[0]?.message).toBe("neg: has i32, its rule gives f32");
  });
  it("finds applications after expand, and N outside a batch", () => {
    const inner = fn([tensor("f32", [4])], [o.lane("neg", o.parameter(0, tensor("f32", [4])))]);
    const f = fn([x.type], [o.get(0, o.map(inner, [true], [x]))]);
    expect(verify(f, "segmented")).toEqual([]);
    expect(verify(f, "expanded").map(q => q.check)).toEqual(["form"]);
    expect(verify(f, "segmented", false).map(q => q.check)).toContain("records");
  });
});
