/** Files through the engine: the rows, the identities and the words of what reads them without it; sums as a loop makes them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { duckdbQuery } from "../../src/codegen/sql/duckdb.ts";
import type { CellElem, Columns, Rel, RelExpr } from "../../src/ir/rel.ts";
import { columnsOf } from "../../src/ir/rel-verify.ts";
import type { Stored } from "../../src/ir/type.ts";
import { view } from "../../src/runtime/dtype.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { temporary } from "../runtime/temporary.ts";

const file = (name: string, text: string): string => {
  const path = join(temporary(), name);
  writeFileSync(path, text);
  return path;
};
type Leaf = readonly [name: string, elem: CellElem, nullable?: boolean];
/** as the frontend makes it of a written type */
function scan(format: string, paths: readonly string[], leaves: readonly Leaf[]): Rel {
  const columns = leaves.flatMap(([n, elem, nullable]): Columns => {
    const cell = { k: "scalar", elem } as const;
    return nullable
      ? [
          [`${n}.value`, cell],
          [`${n}.present`, { k: "scalar", elem: "bool" }],
        ]
      : [[n, cell]];
  });
  const options = { columns: leaves.map(([n, elem, nullable]) => [n, elem, [], nullable === true]) };
  return { k: "scan", format, paths, options, columns };
}
interface Read {
  readonly rows: number;
  readonly ids: readonly number[];
  readonly [column: string]: unknown;
}
function read(r: Rel): Read {
  const strings = makeStrings([]);
  const room = new Map<string, Uint8Array>();
  const allocate = (name: string, bytes: number): Uint8Array => {
    const own = room.get(name) ?? new Uint8Array(bytes);
    room.set(name, own);
    return own;
  };
  const around = {
    files: (paths: readonly string[]) => paths,
    seed: 0,
    given: () => {
      throw new Error("nothing is given");
    },
  };
  const { rows, ids, columns } = formatOf("engine").rows!([], { query: duckdbQuery(r) }, allocate, strings, around);
  const all = columnsOf(r).map(([n, c]) => {
    const values = Array.from(view(columns[n]!.store as Stored, room.get(n)!), Number); // as: no column of kernels is text
    return [n, c.k !== "list" && c.elem === "string" ? values.map(strings.text) : values] as const;
  });
  return { rows, ids: ids ? [...ids] : Array.from({ length: rows }, (_, i) => i), ...Object.fromEntries(all) };
}
const column = (name: string): RelExpr => ({ k: "column", name });
const said = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    return (e as Error).message.replaceAll(/\/\S*\//g, "");
  }
  throw new Error("nothing was refused");
};

const PEOPLE = 'name,age,born,ok\n"O\'Neil, ""Jo""",31,2001-02-03,true\nÉva,NA,1999-12-31,false\n,7,1970-01-01,true\n';
const TYPES: readonly Leaf[] = [
  ["name", "string", true],
  ["age", "i32", true],
  ["born", "time"],
  ["ok", "bool"],
];
const people = {
  rows: 3,
  ids: [0, 1, 2],
  "name.value": ['O\'Neil, "Jo"', "Éva", ""],
  "name.present": [1, 1, 0],
  "age.value": [31, 0, 7],
  "age.present": [1, 0, 1],
  born: [981_158_400_000_000, 946_598_400_000_000, 0],
  ok: [1, 0, 1],
};
function parquet(name: string, sql: string): string {
  const path = join(temporary(), name);
  queryRows(`copy (${sql}) to '${path}' (format parquet, row_group_size 2048)`);
  return path;
}

describe("rows of", () => {
  test("csv", () => {
    expect(read(scan("csv", [file("a.csv", PEOPLE)], TYPES))).toEqual(people);
  });
  test("parquet whose types are those that are wanted, and others", () => {
    const rows =
      "select * from (values ('O''Neil, \"Jo\"', 31, timestamp '2001-02-03', true), ('Éva', null, timestamp '1999-12-31', false), (null, 7, timestamp '1970-01-01', true)) t(name, age, born, ok)";
    expect(read(scan("parquet", [parquet("a.parquet", rows)], TYPES))).toEqual(people);
    const narrow = `select name, age::tinyint as age, born::date as born, ok from (${rows})`;
    expect(read(scan("parquet", [parquet("b.parquet", narrow)], TYPES))).toEqual(people);
  });
  test("several files one behind the other, identities and all", () => {
    const paths = [0, 1, 2].map(i =>
      parquet(`${i}.parquet`, `select range::integer + ${i} * 5000 as i from range(5000)`),
    );
    const odd: RelExpr = {
      k: "op",
      op: "mod",
      args: [column("i"), { k: "const", elem: "i32", value: 7 }],
      elem: "i32",
    };
    const where: RelExpr = { k: "op", op: "eq", args: [odd, { k: "const", elem: "i32", value: 3 }], elem: "bool" };
    const got = read({ k: "filter", of: scan("parquet", paths, [["i", "i32"]]), where });
    const want = Array.from({ length: 15000 }, (_, i) => i).filter(i => i % 7 === 3);
    expect(got).toEqual({ rows: want.length, ids: want, i: want });
  });
  test("columns whose names differ in a capital, and a row that is one cell", () => {
    const leaves: readonly Leaf[] = [
      ["A", "i32"],
      ["a", "i32"],
    ];
    const want = { rows: 2, ids: [0, 1], A: [2, 4], a: [1, 3] };
    expect(read(scan("csv", [file("a.csv", "a,A\n1,2\n3,4\n")], leaves))).toEqual(want);
    const lines = scan("text", [file("a.txt", "one\n\ntwo three\n")], [["", "string"]]);
    expect(read(lines)).toEqual({ rows: 3, ids: [0, 1, 2], "": ["one", "", "two three"] });
  });
});
describe("a bad cell is said as without the engine:", () => {
  test.each([
    ["csv", () => file("bad.csv", "a,b\n1,2\nx7,3\n"), [["a", "i32"]], 'bad.csv, row 2, column `a`: "x7" is no i32'],
    [
      "csv",
      () => file("short.csv", "a,b\n1,2\n3\n"),
      [
        ["a", "i32"],
        ["b", "f64"],
      ],
      "short.csv, line 3: 1 fields, the first line has 2",
    ],
    [
      "csv",
      () => file("none.csv", "a\n1\nNA\n"),
      [["a", "i32"]],
      "none.csv, row 2, column `a`: there is no value, and i32 needs one: `i32?` in the written type takes it as missing",
    ],
    [
      "parquet",
      () => parquet("none.parquet", "select nullif(range, 3000)::integer as a from range(4000)"),
      [["a", "i32"]],
      "none.parquet, row 3001, column `a`: there is no value, and i32 needs one: `i32?` in the written type takes it as missing",
    ],
    [
      "parquet",
      () => parquet("large.parquet", "select range * 1000000000 as a from range(4)"),
      [["a", "i32"]],
      'large.parquet, row 4, column `a`: "3000000000" is no i32',
    ],
    [
      "json",
      () => file("bad.json", '{"a": 1}\n{"a": "y"}\n'),
      [["a", "i32"]],
      'bad.json, row 2, column `a`: "y" is no i32',
    ],
  ] as const)("%s", (format, make, leaves, message) => {
    const path = make();
    const r = scan(format, [path], leaves);
    // a filter that no bad row passes: it is read all the same
    const all: Rel = {
      k: "filter",
      of: r,
      where: { k: "op", op: "lt", args: [column("a"), { k: "const", elem: "i32", value: 0 }], elem: "bool" },
    };
    expect(said(() => read(all))).toBe(message);
    const options = { columns: leaves.map(([n, elem]) => [n, elem, [], false]) };
    const plain = () => formatOf(format).rows!([path], options, (_, bytes) => new Uint8Array(bytes), makeStrings([]));
    expect(said(plain)).toBe(message);
  });
});
test("sums of floats are in the order of rows: one for one what a loop adds", () => {
  const rows = 400_000;
  const path = parquet(
    "sums.parquet",
    `select (range * 7919 % 1000)::integer as k, 1 / (1 + range::double * 37 % 1009) as y, (1 / (3 + range * 31 % 977))::float as x from range(${rows})`,
  );
  const r: Rel = {
    k: "group",
    of: scan(
      "parquet",
      [path],
      [
        ["k", "i32"],
        ["y", "f64"],
        ["x", "f32"],
      ],
    ),
    keys: [["k", column("k")]],
    aggregates: [
      ["sum", { op: "sum", value: column("y") }],
      ["mean", { op: "mean", value: column("x") }],
    ],
  };
  const [sums, means, counts] = [new Float64Array(1000), new Float64Array(1000), new Float64Array(1000)];
  for (let i = 0; i < rows; i++) {
    const k = (i * 7919) % 1000;
    sums[k]! += 1 / (1 + ((i * 37) % 1009));
    means[k]! += Math.fround(1 / (3 + ((i * 31) % 977)));
    counts[k]!++;
  }
  expect(read(r)).toEqual({
    rows: 1000,
    ids: Array.from({ length: 1000 }, (_, k) => k),
    k: Array.from({ length: 1000 }, (_, k) => k),
    sum: [...sums],
    mean: Array.from(means, (m, k) => Math.fround(m / counts[k]!)),
  });
});
test("the same text has one number, whichever column it stands in, and no row is lost of many", () => {
  const path = parquet(
    "texts.parquet",
    "select 't' || (range % 70000) as a, 't' || (range % 3) as b from range(200000)",
  );
  const got = read(
    scan(
      "parquet",
      [path],
      [
        ["a", "string"],
        ["b", "string"],
      ],
    ),
  );
  const [a, b] = [got["a"], got["b"]] as readonly (readonly string[])[]; // as: they are strings
  expect([a!.length, a![123_456], b![123_456], new Set(a).size]).toEqual([200_000, "t53456", "t0", 70_000]);
});
test("a parquet file that was written again at once, at its place, in place, and by its least and greatest", () => {
  const path = join(temporary(), "again.parquet");
  const rows = scan(
    "parquet",
    [path],
    [
      ["k", "i32"],
      ["x", "f32"],
    ],
  );
  const r: Rel = {
    k: "group",
    of: rows,
    keys: [["k", column("k")]],
    aggregates: [
      ["mean", { op: "mean", value: column("x") }],
      ["greatest", { op: "max", value: column("x") }],
    ],
  };
  for (let i = 0; i < 20; i++) {
    // of the same length at every second time
    const count = 3000 + (i >> 1);
    const sql = `copy (select range::integer % 3 as k, (${i} + 0.5)::float as x from range(${count})) to '${path}' (format parquet)`;
    queryRows(sql);
    const got = read(r);
    expect([got["k"], got["mean"], got["greatest"]]).toEqual([
      [0, 1, 2],
      [i + 0.5, i + 0.5, i + 0.5],
      [i + 0.5, i + 0.5, i + 0.5],
    ]);
  }
});
