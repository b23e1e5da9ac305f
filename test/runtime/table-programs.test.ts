/** Programs that read and write tables, as a user runs them, against scikit-learn and DuckDB. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { writeTables } from "../data/tables.ts";
import { temporary } from "./temporary.ts";

const BIN = join(import.meta.dirname, "../../bin/hsc.cjs");
const PROGRAMS = join(import.meta.dirname, "../frontend/programs");
const program = (name: string): string => readFileSync(join(PROGRAMS, name), "utf8");
function hsc(folder: string, text: string, code = 0): string {
  writeFileSync(join(folder, "a.hs"), text);
  const r = spawnSync(process.execPath, [BIN, "run", "a.hs"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, HSC_CACHE: join(folder, "cache"), NO_COLOR: "1" },
  });
  expect(r.status, r.stderr).toBe(code);
  return code === 0 ? r.stdout : r.stderr;
}
const write = (folder: string, name: string, sql: string): unknown =>
  queryRows(`copy (${sql}) to '${join(folder, name)}'`);
const numbers = (text: string): readonly number[] => text.match(/-?\d[\d.e-]*/g)!.map(Number);
/** what a sum of `count` numbers in f32 may be off, of the sum of their absolute values */
const rounding = (count: number): number => count * 2 ** -24;

test("k-means: the centres of scikit-learn", { timeout: 120_000 }, () => {
  const folder = temporary();
  writeTables(folder);
  const out = hsc(folder, program("05_kmeans.hs").replace('save centers to "centers.npy"', "print centers"));
  const [sizes, ...centers] = out.split("]");
  expect(numbers(sizes!.replace(/^.*=/, ""))).toEqual([500, 500, 500, 500, 500, 500, 500, 500]);
  // KMeans(8, init=p[:8], n_init=1, max_iter=50, tol=0, algorithm='lloyd').fit(p).cluster_centers_, p = [x, y] as f64 (scikit-learn 1.9.1)
  const found = numbers(centers.join("]"));
  const expected = [
    0.49997621410942283, 0.4982647944483567, 2.5003409318923886, 15.498397190093975, 4.498705650329601,
    6.498529588699321, 6.499070366859433, 21.500661987304653, 8.499435085296629, 12.498794380187995, 10.499799800872815,
    3.498926780223816, 12.500164516448969, 18.499059177398653, 14.500529235839814, 9.497191574096687,
  ];
  expect(found.length).toBe(expected.length);
  found.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(rounding(500) * expected[i]!);
  });
});

test("principal components: the variances of scikit-learn, and codes that have them", { timeout: 120_000 }, () => {
  const folder = temporary();
  writeTables(folder);
  const out = hsc(folder, program("10_pca.hs").replace("param k = 16", "param k = 4"));
  // PCA(6).fit(f).explained_variance_ * (len(f) - 1) / len(f), f as f64 (scikit-learn 1.9.1)
  const expected = [0.08691041660239383, 0.018345617103644272, 0.009027601571146437, 0.005208738293796415];
  // an eigenvalue moves no further than the matrix, whose trace is below 0.15
  const found = numbers(out.replace(/^.*=/, ""));
  expect(found.length).toBe(4);
  found.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(rounding(3000) * 0.15);
  });
  const spread = [1, 2, 3, 4].map(k => `var_pop(code[${k}]::double)`).join(", ");
  const [answer] = queryRows(`select count(*), ${spread} from '${join(folder, "codes.parquet")}'`);
  expect(Number(answer![0])).toBe(3000);
  answer!.slice(1).forEach((x, i) => {
    expect(Math.abs(Number(x) - expected[i]!)).toBeLessThanOrEqual(rounding(3000) * 0.15);
  });
});

test("missing values: skipped by reductions, filled, asked for, dropped", { timeout: 120_000 }, () => {
  const folder = temporary();
  writeFileSync(join(folder, "b.csv"), 'speed,cost,name\n10,1.5,a\n,2,b\nNA,3,"c,d"\n20,4,e\n');
  const out = hsc(
    folder,
    `let b: rdd { speed: i64?, cost: f32, name: string } = csv("b.csv")
fn cost(r: { speed: i64?, cost: f32, name: string }) = r.cost + f32(r.speed ?? 100)
print n = count(b)
print mean = b |> mean(.speed)
print least = b |> min(r => r.speed)
print filled = b |> mean(r => r.speed ?? 0)
print missing = b |> filter(r => r.speed == none) |> count
print there = b |> map(r => { ...r, twice: r.cost * 2 }) |> filter(r => r.speed != none) |> sum(.twice)
print whole = b |> drop_missing |> map(r => { x: r.speed + 1, r.cost })
print called = b |> sum(cost)
`,
  );
  expect(out).toBe(
    "n = 4\nmean = 15\nleast = 10\nfilled = 7.5\nmissing = 2\nthere = 11\nwhole =\n x  cost\n11   1.5\n21   4\ncalled = 240.5\n",
  );
});

test("a bad cell behind those that types were taken from: file, row, column, and the source in the program", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  write(folder, "a.csv", "select case when i = 29999 then 'x' else i::varchar end as a from range(30000) t(i)");
  const said = hsc(folder, 'print csv("a.csv") |> mean(.a)\n', 1);
  expect(said).toContain('a.csv, row 30000, column `a`: "x" is no i64');
  expect(said).toContain("--> a.hs:1:7");
});

test("tables written are read back: parquet, json, csv, arrow, files and folders of parts", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  const made = "rows([1.5, -0.0, inf, nan]) |> map(x => { x: x, b: x > 1.0 }) |> zip_index";
  const names = ["parquet", "json", "csv", "arrow"];
  const paths = names.flatMap(n => [`d.${n}`, `d.of.${n}/`]);
  const save = `let d = ${made}\n${paths.map(p => `save d to "${p}"`).join("\n")}\n`;
  hsc(folder, save);
  // a folder of parts is replaced as a file is
  hsc(folder, save);
  // one program: of these seconds a process takes most
  const type = "rdd { x: f32, index: i64, b: bool }";
  const reads = paths.map((path, i) => {
    const name = /[a-z]+(?=\/?$)/.exec(path)![0];
    return `let d${i}: ${type} = ${name}("${path}")\nprint "${path}"\nprint d${i}\nprint count(d${i})\n`;
  });
  const table = ["x index b", "1.5 0 true", "-0 1 false", "inf 2 true", "nan 3 false", "4"];
  const lines = hsc(folder, reads.join("")).trimEnd().split("\n");
  expect(lines.map(l => l.trim().replace(/ +/g, " "))).toEqual(paths.flatMap(path => [path, ...table]));
  writeFileSync(join(folder, "d.of.csv", "notes.txt"), "mine");
  expect(hsc(folder, save, 1)).toContain("d.of.csv");
});

test("arrow files without rows, and with names that are numbers, have their columns as they stand", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  write(folder, "a.csv", 'select 20 as "2", 10 as "1", 1.5 as x');
  const d = 'let d: rdd { "2": i32, "1": i32, x: f32 } = csv("a.csv")\n';
  hsc(
    folder,
    `${d}save d to "a.arrow"\nsave d |> filter(r => r.x > 2) |> map(r => { s: ["a"], t: [r.x, 1], b: r.x > 1, n: "b" }) to "none.arrow"\n`,
  );
  const tables = ["a.arrow", "none.arrow"].map(name => tableFromIPC(readFileSync(join(folder, name))));
  expect(tables.map(t => t.schema.fields.map(f => `${f.name}: ${String(f.type)}`))).toEqual([
    ["2: Int32", "1: Int32", "x: Float32"],
    ["s: List<Utf8>", "t: FixedSizeList[2]<Float32>", "b: Bool", "n: Utf8"],
  ]);
  expect(tables.map(t => t.numRows)).toEqual([1, 0]);
  expect([0, 1, 2].map(i => tables[0]!.getChildAt(i)!.get(0) as number)).toEqual([20, 10, 1.5]);
});

test("a name with a dollar is a name", { timeout: 120_000 }, () => {
  const folder = temporary();
  queryRows(
    `copy (select 1 as k, timestamp '2020-01-01' as "t$'x") to '${join(folder, "a.parquet")}' (format parquet)`,
  );
  const out = hsc(folder, `print parquet("a.parquet") |> group_by(.k, g => { at: max(g, ."t$'x") })\n`);
  expect(out).toBe("k  at\n1  2020-01-01 00:00:00\n");
});

test("pictures and lines, as a user reads them", { timeout: 120_000 }, () => {
  const folder = temporary();
  const { pictures } = JSON.parse(readFileSync(join(import.meta.dirname, "foreign-files.json"), "utf8")) as {
    readonly pictures: readonly { readonly name: string; readonly bytes: string }[];
  };
  for (const { name, bytes } of pictures) {
    mkdirSync(join(folder, "pets", name.slice(0, 1)), { recursive: true });
    writeFileSync(join(folder, "pets", name.slice(0, 1), name), Buffer.from(bytes, "base64"));
  }
  writeFileSync(join(folder, "lines.txt"), "one\n\ntwo three\n");
  const out = hsc(
    folder,
    `let pets = images("pets/*/*", size: [8, 6])
print pets |> map(r => { r.label, r.path, n: size(r.image) })
print count(text("lines.txt"))
print text("lines.txt")
save text("lines.txt") to "again.txt"
`,
  );
  for (const { name } of pictures) expect(out).toContain(`pets/${name.slice(0, 1)}/${name}`);
  expect(out).toContain("144");
  expect(out).toContain("3\none\n\ntwo three\n");
  expect(readFileSync(join(folder, "again.txt"), "utf8")).toBe("one\n\ntwo three\n");
  writeFileSync(join(folder, "pets", "a", "z.png"), "no picture");
  expect(hsc(folder, 'print count(images("pets/*/*", size: [8, 6]) |> filter(r => mean(r.image) > 0))', 1)).toContain(
    "pets/a/z.png is no picture: neither jpeg nor png",
  );
});

test("the fields of a record in a row are saved as columns of their own, and read by their names", {
  timeout: 120_000,
}, () => {
  const folder = temporary();
  const names = ["parquet", "json", "csv"];
  const save = names.map(n => `save d to "a.${n}"`).join("\n");
  hsc(folder, `let d = rows([3, 4]) |> map(x => { x: x, r: { p: 2 * x, q: "s" + string(x) } })\n${save}\n`);
  for (const n of names)
    expect(queryRows(`select x, "r.p", "r.q" from '${join(folder, `a.${n}`)}'`).map(row => row.map(String))).toEqual([
      ["3", "6", "s3"],
      ["4", "8", "s4"],
    ]);
  const read = names.map(n => `let ${n}_: rdd { "r.p": i64, x: i64 } = ${n}("a.${n}")\nprint sum(${n}_, ."r.p")`);
  expect(hsc(folder, `${read.join("\n")}\n`)).toBe("14\n14\n14\n");
});
