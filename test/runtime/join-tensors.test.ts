/** Joins of rows that hold tensors, as a user runs them: a side that is missing is none, in print, in files and in what follows; rows against DuckDB's. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { seeded } from "../ir/grow.ts";
import { hsc } from "./command.ts";
import { temporary } from "./temporary.ts";

interface Left {
  readonly id: number;
  readonly v: readonly number[];
}
interface Right {
  readonly id: number;
  readonly w: readonly (readonly number[])[];
  readonly b: readonly boolean[];
}
const lines = (rows: readonly object[]): string => `${rows.map(r => JSON.stringify(r)).join("\n")}\n`;
const READ = `let l: rdd { id: i32, v: f32[3] } = json("l.json")
let r: rdd { id: i32, w: i32[2, 2], b: bool[2] } = json("r.json")
`;

test.each(["left", "full"])("%s", { timeout: 120_000 }, how => {
  const folder = temporary();
  const rng = seeded(how.length);
  const left = Array.from({ length: 80 }, (): Left => ({ id: rng.int(40), v: [rng.int(99), rng.int(99), -1] }));
  const right = Array.from({ length: 60 }, (): Right => {
    const w = [
      [rng.int(9), rng.int(9)],
      [rng.int(9), 1],
    ];
    return { id: rng.int(60), w, b: [rng.int(2) === 0, true] };
  });
  writeFileSync(join(folder, "l.json"), lines(left));
  writeFileSync(join(folder, "r.json"), lines(right));
  const kinds = ["json", "parquet", "arrow"];
  const out = hsc(
    folder,
    `${READ}let j = join(l, r, on: "id", how: "${how}")
${kinds.map(k => `save j to "j.${k}"`).join("\n")}
print j |> sum(x => sum(x.w ?? full([2, 2], -100)))
print j |> sum(.w)
print j |> filter(x => x.w == none) |> count
print j |> drop_missing |> count
print j |> sort_by(x => (x.b ?? [false, false])[0]) |> take(1) |> map(x => { x.b })
`,
  );
  // rows of a table that is not sorted stand in the order of the left's, then of the right's; what has no left is behind
  const all = left.flatMap((l): readonly (readonly [number, Left | undefined, Right | undefined])[] => {
    const own = right.filter(r => r.id === l.id);
    return own.length ? own.map(r => [l.id, l, r]) : [[l.id, l, undefined]];
  });
  const alone = how === "full" ? right.filter(r => left.every(l => l.id !== r.id)) : [];
  const rows = [...all, ...alone.map(r => [r.id, undefined, r] as const)];
  const expected = rows.map(([id, l, r]) => ({ id, v: l?.v ?? null, w: r ? r.w.flat() : null, b: r?.b ?? null }));
  const [path, other] = [join(folder, "j.json"), join(folder, "j.parquet")];
  expect(readFileSync(path, "utf8")).toBe(lines(expected));
  const [mine, theirs] = [other, ""].map(file =>
    queryRows(
      file
        ? `select id::integer, v::integer[], w::integer[], b from '${file}'`
        : `select id::integer, v::integer[], flatten(w)::integer[], b from '${join(folder, "l.json")}' l ${how} join '${join(folder, "r.json")}' r using (id)`,
    ).map(r => JSON.stringify(r)),
  ) as [string[], string[]]; // as: two
  expect(mine.sort()).toEqual(theirs.sort());
  const there = rows.flatMap(([, , r]) => (r ? [r] : []));
  const missing = rows.length - there.length;
  const sums = [0, 1, 2, 3].map(i => there.reduce((n, r) => n + r.w.flat()[i]!, 0));
  expect(out.split("\n").slice(0, 4)).toEqual([
    String(sums.reduce((a, b) => a + b) - 400 * missing),
    `[[${sums[0]}, ${sums[1]}], [${sums[2]}, ${sums[3]}]]`,
    String(missing),
    String(rows.filter(([, l, r]) => l && r).length),
  ]);
  const shown = rows.find(([, , r]) => !r?.b[0])![2];
  expect(out.split("\n").slice(4, 6)).toEqual(["b", shown ? `[${shown.b.join(", ")}]` : "none"]);
});
