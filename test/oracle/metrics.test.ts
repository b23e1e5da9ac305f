/** Metrics against scikit-learn; the files that people go on with, as NumPy and Python's csv read them. */
import { describe, expect, test, vi } from "vitest";
import { compare } from "../../src/ir/bound.ts";
import { tensorValue } from "../../src/ir/value.ts";
import { seeded } from "../emit/harness.ts";
import { savedBounds } from "./bounds.ts";
import { Project } from "./project.ts";
import { type Json, tensorIn, tensorsIn, wire, withPython } from "./python.ts";

vi.setConfig({ testTimeout: 240_000 });

withPython("scikit-learn and NumPy", "metrics.py", ask => {
  describe("auc", () => {
    interface Scores {
      readonly rows: number;
      /** ties: so many different scores */
      readonly ties: number;
      /** share of the positive */
      readonly share: number;
    }
    test.each<[string, Scores]>([
      ["no two scores alike", { rows: 400, ties: 2 ** 30, share: 0.3 }],
      ["many ties", { rows: 400, ties: 7, share: 0.6 }],
      ["nothing but ties", { rows: 50, ties: 1, share: 0.5 }],
      ["one positive", { rows: 60, ties: 9, share: 1 / 60 }],
      ["one class", { rows: 30, ties: 9, share: 1 }],
      ["the other class", { rows: 30, ties: 9, share: 0 }],
      ["nothing", { rows: 0, ties: 1, share: 0.5 }],
    ])("%s", async (_, { rows, ties, share }) => {
      const random = seeded(rows + ties);
      const score = Float32Array.from({ length: rows }, () => Math.floor(random() * ties) / 8 - 3);
      const label = Float32Array.from({ length: rows }, (_, i) =>
        share === 1 / rows ? Number(i === 5) : Number(random() < share),
      );
      const project = new Project();
      const both = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? label[i >> 1]! : score[i >> 1]!));
      // a table without rows has none by a filter: npy's headers fix the number
      project.save("t.npy", "f32", rows ? [rows, 2] : [1, 2], rows ? both : [0, 0]);
      project.run(`let d = rows(npy("t.npy")) |> map(r => { score: r[0], label: r[1] }) |> filter(r => ${rows ? "true" : "r.score > 0"})
save auc(d, .score, r => r.label > 0) to "bool.npy"
save auc(d, .score, r => i32(r.label)) to "number.npy"
`);
      const [got, also] = ["bool.npy", "number.npy"].map(f => Number(project.npy(f).data[0]));
      expect(also).toBe(got);
      const want = (await ask("auc", { score: wire([rows], score), label: wire([rows], label) })) as {
        pairs: number | null;
        sklearn: number | null;
      }; // as: what metrics.py gives
      if (want.pairs === null || want.sklearn === null) {
        expect(got).toBeNaN();
        return;
      }
      // pairs are counted in whole numbers and halves: only the quotient is rounded. scikit-learn adds up a curve of at most `rows` steps
      expect(got).toBe(want.pairs);
      expect(Math.abs(got! - want.sklearn)).toBeLessThanOrEqual(2 * rows * 2 ** -53);
    });
  });

  test("f1, of flags and of ones and zeros, and confusion", async () => {
    const random = seeded(3);
    for (const count of [2, 5]) {
      const drawn = (): Float32Array => Float32Array.from({ length: 90 }, () => Math.floor(random() * count));
      const [predicted, actual] = [drawn(), drawn()];
      const project = new Project();
      project.save("p.npy", "f32", [90], predicted);
      project.save("a.npy", "f32", [90], actual);
      project.run(`let p = i32(npy("p.npy"))
let a = i32(npy("a.npy"))
let d = rows(range(90)) |> map(i => { p: p[i], a: a[i] })
save { confusion: confusion(d, .p, .a, ${count}), flags: f1(d, r => r.p > 0, r => r.a > 0), numbers: f1(d, .p, .a), both: f1(d, .p, r => r.a > 0) } to "m.npz"
`);
      const { confusion, f1 } = (await ask("classes", {
        predicted: wire([90], predicted),
        actual: wire([90], actual),
        count,
      })) as { confusion: Json; f1: number }; // as: what metrics.py gives
      const got = tensorsIn(await ask("tensors", { path: project.path("m.npz") }));
      expect([...got.get("confusion")!.data].map(Number)).toEqual([...tensorIn(confusion).data].map(Number));
      // a quotient of whole numbers in f32
      for (const name of ["flags", "numbers", "both"])
        expect([name, got.get(name)!.data[0]]).toEqual([name, Math.fround(f1)]);
    }
  });

  test.each([1, 17, 100])("rmse, quantiles, the least and the most of %d rows", async n => {
    const random = seeded(n);
    // ties, and shares that are exact in f32 as in f64
    const predicted = Float32Array.from({ length: n }, () => Math.floor(random() * 50) / 7 - 3);
    const actual = Float32Array.from({ length: n }, () => random() * 8 - 4);
    const shares = [0, 1 / 64, 0.25, 0.5, 63 / 64, 1];
    const project = new Project();
    const both = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? actual[i >> 1]! : predicted[i >> 1]!));
    project.save("t.npy", "f32", [n, 2], both);
    project.run(`let d = rows(npy("t.npy")) |> map(r => { p: r[0], a: r[1] })
let at = zip_index(d)
save rmse(d, .p, .a) to "rmse.npy"
save [${shares.map(q => `quantile(d, ${q}, .p)`).join(", ")}] to "quantiles.npy"
save [i32(min_by(at, .p).index), i32(max_by(at, .p).index)] to "at.npy"
save collect(d |> repartition(3)).a to "kept.npy"
`);
    const want = (await ask("regression", {
      predicted: wire([n], predicted),
      actual: wire([n], actual),
      shares,
    })) as { rmse: Json; quantiles: Json; least: number; most: number }; // as: what metrics.py gives
    const bounded = savedBounds(project.path("program.hs")).get("rmse.npy")!;
    expect(compare(project.npy("rmse.npy"), bounded).wrong, "by hsc").toBeUndefined();
    const { wrong, undecided } = compare(tensorIn(want.rmse), bounded);
    expect([wrong, undecided], "by scikit-learn").toEqual([undefined, 0]);
    expect([...project.npy("quantiles.npy").data]).toEqual([...tensorIn(want.quantiles).data]);
    expect([...project.npy("at.npy").data]).toEqual([want.least, want.most]);
    expect([...project.npy("kept.npy").data]).toEqual([...actual]);
  });

  test("tensors are saved as what they are", async () => {
    const project = new Project();
    project.save("x.npy", "f32", [2, 3], [0, 1, 2, 3, 254, 255]);
    project.run('save u8(npy("x.npy")) to "bytes.npy"\n');
    project.run(`let bytes = npy("bytes.npy")
save { bytes, rows: collect(rows(bytes)), more: bytes + 1, truth: bytes > 2, whole: i64(bytes), half: 0.5 * bytes, wide: f64(bytes), one: bytes[1, 2] } to "all.npz"
`);
    const all = (await ask("tensors", { path: project.path("all.npz") })) as Readonly<
      Record<string, { readonly dtype: string }>
    >; // as: what metrics.py gives
    expect(Object.fromEntries(Object.entries(all).map(([n, w]) => [n, w.dtype]))).toEqual({
      bytes: "uint8",
      rows: "uint8",
      more: "int32",
      truth: "bool",
      whole: "int64",
      half: "float32",
      wide: "float64",
      one: "uint8",
    });
    const values = tensorsIn(all as Json);
    for (const name of ["bytes", "rows"])
      expect(values.get(name)).toEqual(tensorValue("i32", [2, 3], [0, 1, 2, 3, 254, 255]));
    expect([...values.get("more")!.data]).toEqual([1, 2, 3, 4, 255, 256]);
  });

  test("a history is a table: a column per number, a row per epoch", async () => {
    const project = new Project();
    const x = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i));
    project.save("x.npy", "f32", [40, 3], x);
    const text = `let d = rows(npy("x.npy")) |> split({ train: 0.7, test: 0.3 })
model M(x: f32[3]) -> f32 = x |> dense(4) |> tanh |> dense(1) |> sum
let net = train(M, d.train, loss: (m, r) => (m(r) - r[0])^2, optimizer: adam(0.05), batch: 8, epochs: 5,
  validate: d.test, metrics: { off: (m, r) => abs(m(r) - r[0]) })
save history(net) to "history.csv"
save collect(history(net) |> map(e => [e.loss, e.val.loss, e.val.off])) to "history.npy"
`;
    project.run(text);
    const { head, rows, columns } = (await ask("table", { path: project.path("history.csv") })) as {
      head: readonly string[];
      rows: readonly (readonly string[])[];
      columns: Json;
    }; // as: what metrics.py gives
    expect(head).toEqual(["epoch", "step", "loss", "seconds", "val.loss", "val.off"]);
    expect(rows.map(r => r.length)).toEqual([6, 6, 6, 6, 6]);
    const read = tensorsIn(columns);
    expect([...read.keys()]).toEqual(head);
    expect([...read.get("epoch")!.data].map(Number)).toEqual([1, 2, 3, 4, 5]);
    const steps = [...read.get("step")!.data].map(Number);
    expect(steps).toEqual([1, 2, 3, 4, 5].map(e => e * steps[0]!));
    // decimal numbers come back as the very f32 that they were
    const exact = project.npy("history.npy").data;
    ["loss", "val.loss", "val.off"].forEach((name, k) => {
      expect([name, [...read.get(name)!.data].map(v => Math.fround(Number(v)))]).toEqual([
        name,
        [0, 1, 2, 3, 4].map(e => exact[3 * e + k]),
      ]);
    });
  });
});
