/** Sparse features, as a user reads them: lists of indices and values, against the lines of the file and the optimum of scikit-learn. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hsc } from "./command.ts";
import { temporary } from "./temporary.ts";

const FILE = join(import.meta.dirname, "sparse.libsvm");
const READ = `let d = libsvm("sparse.libsvm", sparse: true)
fn features(r) = { ids: pad_to(r.features |> map(.index), 11), values: pad_to(r.features |> map(.value), 11) }
`;

test("logistic regression on them has the optimum of scikit-learn", { timeout: 120_000 }, () => {
  const folder = temporary();
  copyFileSync(FILE, join(folder, "sparse.libsvm"));
  const out = hsc(
    folder,
    `${READ}let rows = d |> map(r => { y: r.label > 0, ...features(r) })
model Line(ids: i32[11], values: f32[11]) -> f32 = {
  weight w: f32[40] = 0
  weight b: f32 = 0
  dot(w[ids], values) + b
}
let net = train(Line, rows, loss: (m, r) => binary_cross_entropy(m(r.ids, r.values), f32(r.y)), optimizer: lbfgs(), steps: 200)
print rows |> mean(r => binary_cross_entropy(net(r.ids, r.values), f32(r.y)))
print rows |> sum(r => (net(r.ids, r.values) > 0) == r.y)
`,
  );
  const [loss, right] = out.split("\n").map(Number) as [number, number]; // as: two prints
  // test/oracle/sparse.py; the loss is flat at its least: it is off by the rounding of a mean of 300 numbers alone
  expect(Math.abs(loss - 0.38451254979047833)).toBeLessThan(300 * 2 ** -24);
  expect(right).toBe(242);
});
test("each list is what stands in its line, counted from 0; an empty one too", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  const lines = `${readFileSync(FILE, "utf8")}1\n-1 40:2 # alone\n`;
  writeFileSync(join(folder, "sparse.libsvm"), lines);
  const out = hsc(
    folder,
    `${READ}save d |> map(r => { r.label, n: length(r.features), s: sum(r.features, .value), ...features(r) }) to "a.json"
print d |> flat_map(r => r.features) |> group_by(.index, g => { n: count(g), s: sum(g, .value) }) |> sort_by(.n, descending: true) |> take(3)
`,
  );
  const rows = lines.trim().split("\n");
  const expected = rows.map(line => {
    const [label, ...pairs] = line.replace(/#.*/, "").trim().split(" ");
    const own = pairs
      .map(p => p.split(":").map(Number) as [number, number])
      .map(([i, x]) => [i - 1, Math.fround(x)] as const); // as: index:value
    const fill = (xs: readonly number[]): readonly number[] => [...xs, ...Array<number>(11 - xs.length).fill(0)];
    return {
      label: Number(label),
      n: own.length,
      s: own.reduce((a, [, x]) => a + x, 0),
      ids: fill(own.map(([i]) => i)),
      values: fill(own.map(([, x]) => x)),
    };
  });
  const found = readFileSync(join(folder, "a.json"), "utf8")
    .trim()
    .split("\n")
    .map(l => JSON.parse(l) as (typeof expected)[number]); // as: what the program saves
  expect(found.map(({ s: _, values, ...r }) => ({ ...r, values: values.map(Math.fround) }))).toEqual(
    expected.map(({ s: _, ...r }) => r),
  );
  // the sum of a list is made in f64 and in order, then rounded
  expect(found.map(r => Math.fround(r.s))).toEqual(expected.map(r => Math.fround(r.s)));
  const counts = new Map<number, number>();
  for (const { ids, n } of expected) for (const i of ids.slice(0, n)) counts.set(i, (counts.get(i) ?? 0) + 1);
  const most = [...counts].sort(([i, a], [j, b]) => b - a || i - j).slice(0, 3);
  expect(
    out
      .trim()
      .split("\n")
      .slice(1)
      .map(l => l.trim().split(/ +/).slice(0, 2).map(Number)),
  ).toEqual(most);
});
