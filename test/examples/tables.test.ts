/** The examples over tables and text against other ways to the same: SQL written by hand, ranks in f64, pairs counted one by one. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryRows, quoted } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { PAIRS, writeTables } from "../data/tables.ts";
import { type User, user } from "./user.ts";

function withTables(name: string, edit?: (program: string) => string): User {
  const u = user(name, edit);
  writeTables(join(u.folder, "data/tables"));
  return u;
}
/** a program of the design, in place of the example that it became, with its data beside it */
const asDesigned = (name: string, example: string): User => {
  const text = readFileSync(join(import.meta.dirname, "../frontend/programs", `${name}.hs`), "utf8");
  const u = withTables(example, () => text);
  writeTables(u.folder);
  return u;
};
const etl = { "etl.hs": () => withTables("etl.hs"), "14_etl.hs": () => asDesigned("14_etl", "etl.hs") };
const word2vec = {
  "word2vec.hs": () => withTables("word2vec.hs"),
  "06_word2vec.hs": () => asDesigned("06_word2vec", "word2vec.hs"),
};
test.each(Object.entries(etl))(
  "%s: the features that SQL finds, and their scores",
  { timeout: 120_000 },
  (_, prepared) => {
    const { folder, hsc } = prepared();
    hsc("run", "etl.hs");
    const at = (name: string): string => quoted(join(folder, "data/tables", name));
    // DuckDB for Python, at 2.0.0, gives the same rows
    const expected = queryRows(`
    with o as (
      select o.*, u.born, o.price * o.pieces / (1 + coalesce(v.vat, 0.2)) as net
      from read_parquet(${at("orders/*.parquet")}) o join read_csv(${at("users.csv")}) u using ("user")
      left join read_csv(${at("vat.csv")}) v using (country) where year(o."at") = 2025),
    f as (
      select "user", sum(net) as spent, max("at") as last, avg((coupon is not null)::int) as coupons, any_value(born) as born,
        sum(abs(net)) * count(*) as most from o group by all)
    select "user", spent, most, 2025 - coalesce(born, 1980), 0.8 * ln(1 + spent),
      -0.3 * (epoch_us((select max(last) from f)) - epoch_us(last)) / 86400e6, 1.2 * coupons
    from f order by "user"`).map(row => row.map(Number));
    const found = queryRows(`select "user", spent, age, score from ${quoted(join(folder, "scores.parquet"))}`);
    expect(found.length).toBe(expected.length);
    found.forEach((row, i) => {
      const [who, spent, most, age, ...terms] = expected[i]!;
      expect([Number(row[0]), Number(row[2])]).toEqual([who, age]);
      // sums in another order
      expect(Math.abs(Number(row[1]) - spent!)).toBeLessThanOrEqual(2 ** -52 * most!);
      // a term is two roundings and a product, and in two sums; the slope of sigmoid is at most 1 / 4, itself exact to a few units
      const [size, logit] = [terms.reduce((a, x) => a + Math.abs(x), 0), terms.reduce((a, x) => a + x, 0)];
      const score = 1 / (1 + Math.exp(-logit));
      expect(Math.abs(Number(row[3]) - score)).toBeLessThanOrEqual(2 ** -24 * ((5 * size) / 4 + 8));
    });
  },
);
/** lines of a csv file without its head; the first field may have quotes */
const linesOf = (path: string): readonly (readonly string[])[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map(line => {
      const parts = /^("(?:[^"]|"")*"|[^,]*),(.*)$/.exec(line)!;
      return [parts[1]!.replace(/^"|"$/g, ""), ...parts[2]!.split(",")];
    });
test("pagerank.hs: the fixed point of the ranks", { timeout: 120_000 }, () => {
  const { folder, hsc } = withTables("pagerank.hs");
  const printed = hsc("run", "pagerank.hs");
  const links = linesOf(join(folder, "data/tables/links.csv")).map(
    ([from, ...to]) => [from!, to.join(",").replace(/^"|"$/g, "")] as const,
  );
  const found = linesOf(join(folder, "ranks.csv")).map(([page, rank]) => [page!, Number(rank)] as const);
  const pages = new Map(found.map(([page], i) => [page, i]));
  // page 0 stands for all that are unknown
  expect(found.length).toBe(1 + new Set(links.flat()).size);
  const n = found.length;
  const degree = new Float64Array(n);
  for (const [from] of links) degree[pages.get(from)!]! += 1;
  let rank = new Float64Array(n).fill(1 / n);
  for (let i = 0; i < 500; i++) {
    const next = new Float64Array(n).fill(0.15 / n);
    for (const [from, to] of links)
      next[pages.get(to)!]! += (0.85 * rank[pages.get(from)!]!) / degree[pages.get(from)!]!;
    rank = next;
  }
  const distance = found.reduce((d, [, r], i) => d + Math.abs(r - rank[i]!), 0);
  // a step shrinks distances by 0.85: where steps are below 1e-6, and each sum of `links` is off by its rounding, the fixed point is near
  const rounding = links.length * 2 ** -24 * rank.reduce((a, b) => a + b, 0);
  expect(distance).toBeLessThanOrEqual((1e-6 + rounding) / 0.15);
  // the first ten, in their order
  const best = [...found].sort((a, b) => b[1] - a[1]).slice(0, 10);
  const shown = printed.trim().split("\n").slice(2);
  expect(shown.map(line => line.slice(0, line.lastIndexOf("  ")).trim())).toEqual(best.map(([page]) => page));
});
test("churn.hs: the area that pairs of saved scores have", { timeout: 120_000 }, () => {
  const { folder, hsc } = withTables("churn.hs");
  const printed = hsc("run", "churn.hs", "--set", "epochs=8");
  const rows = linesOf(join(folder, "churn_scores.csv")).map(([id, score, churn]) => ({
    id,
    score: Number(score),
    churn: churn === "true",
  }));
  expect(new Set(rows.map(r => r.id)).size).toBe(rows.length);
  const [yes, no] = [true, false].map(c => rows.filter(r => r.churn === c));
  let wins = 0;
  for (const a of yes!) for (const b of no!) wins += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
  expect(Number(printed.replace("auc = ", ""))).toBe(wins / (yes!.length * no!.length));
});
test.each(Object.entries(word2vec))(
  "%s: the word that stands among the same words is the nearest, for all 20 planted pairs",
  {
    timeout: 120_000,
  },
  (_, prepared) => {
    const { folder, hsc } = prepared();
    hsc("run", "word2vec.hs");
    const corpus = readFileSync(join(folder, "data/tables/corpus.txt"), "utf8").toLowerCase().split(/\s+/);
    const counts = new Map<string, number>();
    for (const w of corpus) if (w) counts.set(w, (counts.get(w) ?? 0) + 1);
    const counted = [...counts].filter(([, n]) => n >= 5).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const terms = [["", 0] as const, ...counted];
    if (existsSync(join(folder, "terms.csv")))
      expect(
        linesOf(join(folder, "terms.csv"))
          .slice(1)
          .map(([t, n]) => [t, Number(n)]),
      ).toEqual(counted);
    const input = formatOf("safetensors").tensor!(join(folder, "word2vec.safetensors"), "input.vectors");
    const size = input.shape[1]!;
    const values = new Float32Array(input.bytes.slice().buffer);
    const words = new Map(
      terms.map(([term], i) => {
        const v = values.subarray(i * size, (i + 1) * size);
        const length = Math.hypot(...v);
        return [term, Array.from(v, x => x / length)] as const;
      }),
    );
    const near = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, k) => s + x * b[k]!, 0);
    const all = [...words].filter(([w]) => w !== "");
    for (const [a, b] of PAIRS) {
      const own = words.get(a)!;
      const [nearest] = all.filter(([w]) => w !== a).sort((x, y) => near(y[1], own) - near(x[1], own));
      expect(nearest![0], a).toBe(b);
    }
  },
);
