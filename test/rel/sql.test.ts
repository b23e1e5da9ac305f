/** The SQL of each op and of each node as it is asked, in duckdb.sql beside: whoever changes a text reads what became of it. */
import { expect, test } from "vitest";
import { duckdbQuery } from "../../src/codegen/sql/duckdb.ts";
import type { Cell, CellElem, Columns, Rel, RelExpr } from "../../src/ir/rel.ts";
import { MAKERS } from "../../src/ir/rel-ops/makers.ts";
import type { Operand } from "../../src/ir/rel-ops/record.ts";
import { REL_OPS, relOp } from "../../src/ir/rel-ops.ts";
import { drawing } from "./draw.ts";

const scalar = (elem: CellElem): Cell => ({ k: "scalar", elem });
const column = (name: string): RelExpr => ({ k: "column", name });
const constant = (value: number): RelExpr => ({ k: "const", elem: "i32", value });
const scan = (columns: Columns, path = "a"): Rel => ({ k: "scan", format: "csv", paths: [path], options: {}, columns });
function text(r: Rel): string {
  const { from, order, identity, serial, quick } = duckdbQuery(r);
  const said = [identity ? "i0 is the identity" : "", serial ? "by one thread" : ""].filter(Boolean).join(", ");
  const first = (quick ?? []).map(q => `\n-- first, by all threads\n${q.from}`).join("");
  return `${from}${order && `\n${order}`}${said && `\n-- ${said}`}${first}`;
}
/** of a map with one column, what the column is */
const cell = (r: Rel): string => text(r).replaceAll(/^\(\n {2}SELECT | AS c0, i0\n {2}FROM hsc_scan0\n\)$/g, "");
const operand = (o: Operand, i: number): readonly [Columns, RelExpr] => {
  if (o === "table") return [[], { k: "given", index: 7, elem: "string" }];
  const tensor = o.startsWith("tensor");
  const elem = (o === "list" ? "string" : o.replace(/list |tensor /, "")) as CellElem; // as: what stands behind it
  if (tensor && elem !== "string" && elem !== "time")
    return [[[`x${i}`, { k: "tensor", elem, shape: [2] }]], column(`x${i}`)];
  const item: RelExpr = column(`x${i}`);
  return [[[`x${i}`, scalar(elem)]], o.startsWith("list") ? { k: "list", items: [[["", item]]] } : item];
};

test("ops", async () => {
  const all = Object.keys(REL_OPS).flatMap(name => {
    const record = relOp(name)!;
    return record.signatures.map(s => {
      const operands = s.args.map(operand);
      const attrs = record.sample?.(drawing(5)) ?? {};
      const elem = s.to.replace("tensor ", "") as CellElem; // as: what stands behind `tensor`
      const e: RelExpr = { k: "op", op: name, args: operands.map(([, x]) => x), elem, attrs };
      const r: Rel = { k: "map", of: scan(operands.flatMap(([c]) => c)), columns: [["", e]] };
      return `-- ${name}(${s.args.join(", ")}) ${s.to}\n${cell(r)}\n`;
    });
  });
  await expect(all.join("")).toMatchFileSnapshot("./duckdb-ops.sql");
});

const TABLE: Columns = [
  ["s", scalar("string")],
  ["x", scalar("f32")],
  ["n.value", scalar("i64")],
  ["n.present", scalar("bool")],
];
const a = scan(TABLE);
const key: Rel = {
  k: "map",
  of: scan(TABLE, "b"),
  columns: [
    ["s", column("s")],
    ["y", column("x")],
  ],
};
const own: RelExpr = { k: "element", depth: 0, name: "" };
const twice: RelExpr = { k: "list", items: [[["", column("s")]], [["", column("s")]]] };
const made = (op: string, args: readonly RelExpr[], of: readonly (readonly [string, CellElem])[], attrs = {}): Rel => ({
  k: "flat",
  of: a,
  list: { k: "listOp", op, args, attrs, of },
});
const NODES: Readonly<Record<string, Rel>> = {
  scan: a,
  given: { k: "given", index: 3, columns: TABLE },
  map: { k: "map", of: a, columns: [["t", { k: "op", op: "upper", args: [column("s")], elem: "string" }]] },
  "map of a check": {
    k: "map",
    of: a,
    columns: [
      [
        "s",
        {
          k: "check",
          of: column("s"),
          holds: column("n.present"),
          message: "it's nothing",
          span: { file: "a.hs", start: 1, end: 2, line: 1, column: 2 },
        },
      ],
    ],
  },
  "map of a given vector": {
    k: "map",
    of: a,
    columns: [
      [
        "s",
        {
          k: "op",
          op: "element_at",
          args: [
            { k: "given", index: 3, elem: "string", list: true },
            { k: "op", op: "length", args: [column("s")], elem: "i32" },
          ],
          elem: "string",
        },
      ],
    ],
  },
  "map of a given scalar": { k: "map", of: a, columns: [["", { k: "given", index: 2, elem: "f64" }]] },
  filter: {
    k: "filter",
    of: a,
    where: { k: "op", op: "lt", args: [column("x"), { k: "const", elem: "f32", value: "NaN" }], elem: "bool" },
  },
  "flat of words": { k: "flat", of: a, list: { k: "listOp", op: "words", args: [column("s")], of: [["", "string"]] } },
  "flat of skip_grams": made(
    "skip_grams",
    [twice],
    [
      ["center", "string"],
      ["context", "string"],
    ],
    { window: 2 },
  ),
  "flat of take": made("take", [twice, constant(1)], [["", "string"]]),
  "flat of concat": made("concat", [twice, twice], [["", "string"]]),
  "flat of part": made("part", [twice, constant(0), constant(-1)], [["", "string"]]),
  "flat of order": made("order", [twice, twice], [["", "string"]], { descending: true }),
  "flat of distinct": made("distinct", [twice, twice], [["", "string"]]),
  "flat of parted": made(
    "flatten",
    [{ k: "listOp", op: "parted", args: [twice, twice], of: [["", { k: "list", of: [["", "string"]] }]] }],
    [["", "string"]],
  ),
  "flat of numbered": made(
    "numbered",
    [twice],
    [
      ["", "string"],
      ["place", "i64"],
    ],
    { name: "place" },
  ),
  "flat of flatten": made(
    "flatten",
    [{ k: "each", list: twice, of: [["", { k: "listOp", op: "words", args: [own], of: [["", "string"]] }]] }],
    [["", "string"]],
  ),
  "flat of elements": made(
    "elements",
    [
      {
        k: "op",
        op: "pad_to",
        args: [{ k: "list", items: [[["", constant(7)]]] }, constant(0)],
        attrs: { n: 2 },
        elem: "i32",
      },
    ],
    [["", "i32"]],
  ),
  "flat of range": made("range", [constant(3)], [["", "i32"]]),
  "flat of texts": made("texts", [column("s")], [["", "string"]]),
  "flat of a fold": {
    k: "flat",
    of: a,
    list: {
      k: "fold",
      list: twice,
      init: [["n", constant(0)]],
      step: [
        [
          "n",
          {
            k: "op",
            op: "add",
            args: [
              { k: "element", depth: 0, name: "s.n" },
              { k: "op", op: "length", args: [{ k: "element", depth: 0, name: "x." }], elem: "i32" },
            ],
            elem: "i32",
          },
        ],
      ],
    },
  },
  "flat of records": {
    k: "flat",
    of: a,
    list: {
      k: "list",
      items: [
        [
          ["p", column("s")],
          ["q", column("x")],
        ],
      ],
    },
  },
  "flat of each": {
    k: "flat",
    of: a,
    list: {
      k: "each",
      list: { k: "listOp", op: "words", args: [column("s")], of: [["", "string"]] },
      of: [
        [
          "",
          {
            k: "op",
            op: "lookup",
            args: [
              { k: "element", depth: 0, name: "" },
              { k: "given", index: 7, elem: "string" },
            ],
            elem: "i32",
          },
        ],
      ],
      where: { k: "op", op: "ne", args: [{ k: "element", depth: 0, name: "" }, column("s")], elem: "bool" },
    },
  },
  "join inner": { k: "join", left: a, right: key, on: ["s"], how: "inner" },
  "join left": { k: "join", left: a, right: key, on: ["s"], how: "left" },
  "join full": { k: "join", left: a, right: key, on: ["s"], how: "full" },
  "join semi": { k: "join", left: a, right: key, on: ["s"], how: "semi" },
  "join anti by what may be missing": { k: "join", left: a, right: a, on: ["x", "n.value", "n.present"], how: "anti" },
  "join of each row with one": { k: "join", left: a, right: key, on: ["s"], how: "one" },
  "join of what was taken": { k: "join", left: { k: "take", of: a, count: 5 }, right: key, on: ["s"], how: "inner" },
  group: {
    k: "group",
    of: a,
    keys: [
      ["n.value", column("n.value")],
      ["n.present", column("n.present")],
    ],
    aggregates: [
      ["rows", { op: "count" }],
      ["sum", { op: "sum", value: column("x"), where: column("n.present") }],
      ["mean", { op: "mean", value: column("n.value") }],
      ["least", { op: "min", value: column("x") }],
      ["first", { op: "first", value: column("s") }],
      ["all", { op: "all", value: column("n.present") }],
      ["several", { op: "count_distinct", value: column("s") }],
    ],
  },
  "group of a join": {
    k: "group",
    of: { k: "join", left: a, right: key, on: ["s"], how: "inner" },
    keys: [["s", column("s")]],
    aggregates: [["sum", { op: "sum", value: column("y") }]],
  },
  "flat of the lists of a group": {
    k: "flat",
    of: {
      k: "group",
      of: a,
      keys: [["s", column("s")]],
      aggregates: [["all", { op: "concat", value: twice, where: column("n.present") }]],
    },
    list: column("all"),
  },
  "group without keys": { k: "group", of: a, keys: [], aggregates: [["rows", { op: "count" }]] },
  distinct: { k: "distinct", of: a, by: [column("x")] },
  sort: { k: "sort", of: a, by: [{ key: column("s"), descending: true }] },
  "first of a sort": { k: "take", of: { k: "sort", of: a, by: [{ key: column("s"), descending: true }] }, count: 10 },
  union: { k: "union", a, b: { k: "filter", of: a, where: column("n.present") } },
  take: { k: "take", of: a, count: 10 },
  number: { k: "number", of: a, column: "place" },
  window: {
    k: "window",
    of: {
      k: "map",
      of: a,
      columns: [
        ["s", column("s")],
        ["x", column("x")],
      ],
    },
    size: 3,
    stride: 2,
    by: "s",
  },
  "word of the identity": { k: "word", of: a, column: "word", place: 1, seed: "run" },
  "split by identity": { k: "split", of: a, place: 1, seed: "run", low: 0, high: 2 ** 31 },
  "split by a string": { k: "split", of: a, place: 1, seed: [0, 7], low: 0, high: 2 ** 31, by: column("s") },
  "shuffle of what was filtered": {
    k: "shuffle",
    of: {
      k: "filter",
      of: a,
      where: {
        k: "op",
        op: "gt",
        args: [{ k: "op", op: "length", args: [column("s")], elem: "i32" }, constant(3)],
        elem: "bool",
      },
    },
    place: 1,
    seed: "run",
  },
};
test("nodes", async () => {
  const all = Object.entries(NODES).map(([name, r]) => `-- ${name}\n${text(r)}\n`);
  await expect(all.join("\n")).toMatchFileSnapshot("./duckdb-nodes.sql");
});
test("every node and every maker of lists is shown", () => {
  const json = JSON.stringify(NODES);
  const kinds = [
    "scan",
    "given",
    "map",
    "filter",
    "flat",
    "join",
    "group",
    "distinct",
    "sort",
    "union",
    "take",
    "number",
    "word",
    "window",
    "split",
    "shuffle",
  ];
  expect(kinds.filter(k => !json.includes(`"k":"${k}"`))).toEqual([]);
  expect(Object.keys(MAKERS).filter(m => !json.includes(`"op":"${m}"`))).toEqual([]);
});
