/** Numbers at the edges of f32, ties, NaN, and no records at all, through the command line against NumPy and JAX. */
import { expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import type { TensorValue } from "../../src/ir/op.ts";
import { savedBounds } from "./bounds.ts";
import { Project } from "./project.ts";
import { type Json, tensorIn, tensorsIn, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 300_000 });
const saves = (calls: readonly string[]): string => calls.map((c, i) => `save ${c} to "${i}.npy"\n`).join("");

const numbers = (t: TensorValue): readonly number[] => Array.from(t.data, Number);
/** 0 and -0 are equal: NumPy's maximum gives the one or the other */
const unsigned = (t: TensorValue): readonly number[] => numbers(t).map(v => v + 0);
/** the elements that are no finite numbers */
const odd = (t: TensorValue): readonly (number | undefined)[] =>
  numbers(t).map(v => (Number.isFinite(v) ? undefined : v));

withPython("edges by NumPy and JAX", "edges.py", ask => {
  test("lane functions of all pairs, and extrema with NaN", async () => {
    const answer = (await ask("pairs")) as { x: Json; y: Json; exact: Json }; // as: what edges.py gives
    const p = new Project();
    const n = 26 * 26;
    for (const name of ["x", "y"] as const)
      p.save(`${name}.npy`, "f32", [n], Array.from(tensorIn(answer[name]).data, Number));
    const exact = [...tensorsIn(answer.exact)];
    p.run(`let x: f32[${n}] = npy("x.npy")\nlet y: f32[${n}] = npy("y.npy")\nlet t = reshape(x, [26, 26])
${saves(exact.map(([call]) => call))}`);
    for (const [i, [call, want]] of exact.entries())
      expect.soft(unsigned(p.npy(`${i}.npy`)), call).toEqual(unsigned(want));
  });
  test("orders with ties and NaN", async () => {
    const answer = (await ask("ordered")) as { t: Json; exact: Json }; // as: what edges.py gives
    const p = new Project();
    const t = tensorIn(answer.t);
    p.save("t.npy", "f32", t.shape, numbers(t));
    const exact = [...tensorsIn(answer.exact)];
    p.run(`let t: f32[${t.shape.join(", ")}] = npy("t.npy")\n${saves(exact.map(([call]) => call))}`);
    for (const [i, [call, want]] of exact.entries()) expect.soft(p.npy(`${i}.npy`), call).toEqual(want);
  });
  test("matrices", async () => {
    const answer = (await ask("algebra")) as { a: Json; b: Json; expect: Json }; // as: what edges.py gives
    const p = new Project();
    const [a, b] = [tensorIn(answer.a), tensorIn(answer.b)];
    p.save("a.npy", "f32", a.shape, numbers(a));
    p.save("b.npy", "f32", b.shape, numbers(b));
    const wanted = [...tensorsIn(answer.expect)];
    p.run(`let a: f32[4, 4] = npy("a.npy")\nlet b: f32[4, 2] = npy("b.npy")\n${saves(wanted.map(([call]) => call))}`);
    const bounds = savedBounds(p.path("program.hs"));
    for (const [i, [call, want]] of wanted.entries()) {
      const bounded = bounds.get(`${i}.npy`)!;
      expect.soft(compare(p.npy(`${i}.npy`), bounded).wrong, `${call} by hsc`).toBeUndefined();
      const { wrong, undecided } = compare(want, bounded);
      expect.soft([wrong, undecided], `${call} by NumPy`).toEqual([undefined, 0]);
    }
  });
  test("functions that end in infinities, within their ulps", async () => {
    const answer = (await ask("lanes")) as { x: Json; expect: Json }; // as: what edges.py gives
    const p = new Project();
    const x = Array.from(tensorIn(answer.x).data, Number);
    p.save("x.npy", "f32", [x.length], x);
    const wanted = [...tensorsIn(answer.expect)];
    p.run(`let x: f32[${x.length}] = npy("x.npy")\n${saves(wanted.map(([call]) => call))}`);
    const bounds = savedBounds(p.path("program.hs"));
    for (const [i, [call, want]] of wanted.entries()) {
      const bounded = bounds.get(`${i}.npy`)!;
      expect.soft(compare(p.npy(`${i}.npy`), bounded).wrong, `${call} by hsc`).toBeUndefined();
      expect.soft(compare(want, bounded).wrong, `${call} by NumPy`).toBeUndefined();
    }
  });
  test("every f16 as NumPy has it, and what is rounded to one", async () => {
    const p = new Project();
    const wanted = [...tensorsIn((await ask("halves", { folder: p.path("") })) as Json)]; // as: what edges.py gives
    const given = ["x", "y", "s", "d"].map(n => `let ${n} = npy("${n}.npy")\n`).join("");
    p.run(given + saves(wanted.map(([call]) => call)));
    for (const [i, [call, want]] of wanted.entries())
      expect.soft(unsigned(p.npy(`${i}.npy`)), call).toEqual(unsigned(want));
  });
  test("softmax and its kin of infinities, huge numbers and NaN", async () => {
    const answer = (await ask("rows")) as { t: Json; float64: Json; float32: Json }; // as: what edges.py gives
    const p = new Project();
    const t = tensorIn(answer.t);
    p.save("t.npy", "f32", t.shape, Array.from(t.data, Number));
    const [wanted, inF32] = [[...tensorsIn(answer.float64)], tensorsIn(answer.float32)];
    p.run(`let t: f32[${t.shape.join(", ")}] = npy("t.npy")\n${saves(wanted.map(([call]) => call))}`);
    const bounds = savedBounds(p.path("program.hs"));
    for (const [i, [call, want]] of wanted.entries()) {
      const bounded = bounds.get(`${i}.npy`)!;
      const got = p.npy(`${i}.npy`);
      expect.soft(compare(got, bounded).wrong, `${call} by hsc`).toBeUndefined();
      expect.soft(compare(want, bounded).wrong, `${call} by JAX`).toBeUndefined();
      expect.soft(odd(got), call).toEqual(odd(inF32.get(call)!));
    }
  });
  test.each([0, 1, 15, 16, 17, 1024, 1025])("%d records: the same reductions, whatever is left of a batch", async n => {
    const p = new Project();
    // whole numbers add without rounding; a fraction of each must go
    const rows = Array.from({ length: n }, (_, i) => ((i * 37) % 101) - 50);
    p.save("rows.npy", "f32", [n, 1], rows);
    const reductions = `let t: f32[${n}, 1] = npy("rows.npy")
let d = rows(t) |> map(r => { x: r[0] })
print count = count(d)
print sum = sum(d, .x)
print mean = mean(d, .x)
print odd = count(filter(d, r => i32(r.x) % 2 == 1))
print some = sum(filter(d, r => r.x > 1000), .x)
`;
    const training = `model Net(x: f32) -> f32 = { weight w: f32 = 3  w * x }
let net = train(Net, d, loss: (m, r) => m(r.x), optimizer: sgd(1.0), batch: ${Math.max(n, 1)}, epochs: 1, shuffle: false)
save net to "net.safetensors"
`;
    const out = p.run(reductions + (n === 0 ? "" : training));
    const said = (name: string): number =>
      Number(new RegExp(`^${name} = (.*)$`, "m").exec(out)![1]!.replace(/^nan$/i, "NaN"));
    const sum = rows.reduce((a, b) => a + b, 0);
    expect([said("count"), said("sum"), said("some")]).toEqual([n, sum, 0]);
    expect(said("odd")).toBe(rows.filter(v => Math.abs(v) % 2 === 1).length);
    if (n === 0) {
      expect(said("mean")).toBeNaN();
      expect(() => p.run(reductions + training)).toThrow("no rows to train with");
      return;
    }
    expect(Math.abs(said("mean") - sum / n)).toBeLessThanOrEqual(Math.abs(sum / n) * 2 ** -23);
    const w = Number(p.tensors("net.safetensors").get("w")!.data[0]);
    expect(Math.abs(w - (3 - sum / n))).toBeLessThanOrEqual(2 ** -23 * (3 + Math.abs(sum / n)));
  });
});
