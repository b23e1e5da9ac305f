/** Random trees of REL over random tables: every node, pairs with missing values, ties, empty tables, strings of all kinds. Knows no engine. */
import type { Aggregate, Cell, CellElem, Columns, Fields, Literal, Rel, RelExpr } from "../../src/ir/rel.ts";
import type { RelOp, Scalar, Signature, Value } from "../../src/ir/rel-ops/record.ts";
import { aggregateElem, REL_OPS, relOp } from "../../src/ir/rel-ops.ts";
import { columnsOf } from "../../src/ir/rel-verify.ts";
import { type Drawing, value } from "./draw.ts";
import type { World } from "./engine.ts";

export const TREES = [
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
] as const;
type Tree = (typeof TREES)[number];
const NOWHERE = { file: "a.hs", start: 0, end: 0, line: 1, column: 1 };
const ELEMS: readonly CellElem[] = ["bool", "i32", "i64", "f32", "f64", "string", "time"];
const scalar = (elem: CellElem): Cell => ({ k: "scalar", elem });
const column = (name: string): RelExpr => ({ k: "column", name });

const TABLE: Columns = [
  ["i", scalar("i32")],
  ["x", scalar("f32")],
  ["y", scalar("f64")],
  ["s", scalar("string")],
  ["t.value", scalar("string")],
  ["t.present", scalar("bool")],
  ["n.value", scalar("i64")],
  ["n.present", scalar("bool")],
  ["at", scalar("time")],
  ["b", scalar("bool")],
];
const VECTOR: Columns[number] = ["v", { k: "tensor", elem: "f32", shape: [2] }];
/** rows whose missing values are 0 or "" */
function rows(columns: Columns, count: number, d: Drawing): readonly (readonly Value[])[] {
  return Array.from({ length: count }, () => {
    const present = new Map(
      columns.flatMap(([n]) => (n.endsWith(".present") ? [[n.slice(0, -8), d.below(3) > 0]] : [])) as [
        string,
        boolean,
      ][],
    ); // as: pairs of these
    return columns.map(([n, c]): Value => {
      if (c.k !== "scalar") return [value("f32", d, true), value("f32", d, true)];
      if (n.endsWith(".present")) return present.get(n.slice(0, -8))!;
      if (n.endsWith(".value") && !present.get(n.slice(0, -6))) return c.elem === "string" ? "" : 0n;
      return value(c.elem, d, d.below(4) > 0);
    });
  });
}
const TERMS = ["", "a", "A", "b", "é"];
export interface Case {
  readonly rel: Rel;
  readonly world: World;
}
/** a tree whose topmost node is `top` */
export function randomCase(d: Drawing, top: Tree): Case {
  const columns = [...TABLE, VECTOR];
  const count = d.pick([0, 1, 2, 9, 20, 40]);
  const scans = { a: rows(columns, count, d), b: rows(TABLE, d.pick([0, 3, 12]), d) };
  const table = rows(TABLE, d.pick([0, 5, 15]), d);
  const given = new Map<number, { cell: Cell; value: Value | readonly Value[] }>([
    [0, { cell: scalar("string"), value: TERMS }],
    [1, { cell: scalar("i32"), value: 2 }],
    [2, { cell: scalar("f64"), value: 0.1 }],
    [3, { cell: scalar("string"), value: "a" }],
    ...TABLE.map(([, cell], i) => [4 + i, { cell, value: table.map(r => r[i]!) }] as const),
  ]);
  return { rel: tree(top, d.below(4), d), world: { scans, given, seed: d.below(2 ** 32) } };
}

function leaf(d: Drawing): Rel {
  const scan = (path: string, columns: Columns): Rel => ({
    k: "scan",
    format: "rows",
    paths: [path],
    options: {},
    columns,
  });
  return d.pick<() => Rel>([
    () => scan("a", [...TABLE, VECTOR]),
    () => scan("a", [...TABLE, VECTOR]),
    () => scan("b", TABLE),
    () => ({ k: "given", index: 4, columns: TABLE }),
  ])();
}
const inner = (depth: number, d: Drawing): Rel => (depth <= 0 ? leaf(d) : tree(d.pick(TREES), depth - 1, d));
const scalars = (columns: Columns): readonly (readonly [string, CellElem])[] =>
  columns.flatMap(([n, c]) => (c.k === "scalar" ? [[n, c.elem] as const] : []));

interface Scope {
  readonly columns: Columns;
  readonly fields: readonly (readonly [string, CellElem])[];
}
const EXACT = Object.entries(REL_OPS as Readonly<Record<string, RelOp>>).flatMap(([name, record]) =>
  record.ulp === 0 ? record.signatures.map(s => [name, s] as const) : [],
);
const SIMPLE = EXACT.filter(([, s]) => s.args.every(a => ELEMS.includes(a as CellElem)));
function expr(elem: CellElem, scope: Scope, depth: number, d: Drawing): RelExpr {
  const own = scalars(scope.columns).filter(([, e]) => e === elem);
  const fields = scope.fields.filter(([, e]) => e === elem);
  if (fields.length && d.below(2)) return { k: "element", depth: 0, name: d.pick(fields)[0] };
  if (depth <= 0 || d.below(3) === 0) {
    if (own.length && d.below(5)) return column(d.pick(own)[0]);
    const given = { i32: 1, f64: 2, string: 3 }[elem as "i32"]; // as: of others there is none
    if (given !== undefined && d.below(2)) return { k: "given", index: given, elem };
    return { k: "const", elem, value: literal(value(elem, d, true)) };
  }
  if (d.below(12) === 0) {
    const no = expr("bool", scope, depth - 1, d);
    const holds: RelExpr = {
      k: "op",
      op: "or",
      args: [no, { k: "op", op: "not", args: [no], elem: "bool" }],
      elem: "bool",
    };
    return { k: "check", of: expr(elem, scope, depth - 1, d), holds, message: "no", span: NOWHERE };
  }
  if (elem === "i32" && d.below(6) === 0)
    return {
      k: "op",
      op: "lookup",
      args: [expr("string", scope, depth - 1, d), { k: "given", index: 0, elem: "string" }],
      elem,
    };
  if (!scope.fields.length && d.below(4) === 0) {
    const found = listOps(elem);
    if (found.length) return applied(d.pick(found), elem, scope, depth, d);
  }
  return applied(d.pick(SIMPLE.filter(([, s]) => s.to === elem)), elem, scope, depth, d);
}
const listOps = (elem: CellElem) => EXACT.filter(([, s]) => s.to === elem && s.args[0]!.startsWith("list "));
function applied(
  [name, s]: readonly [string, Signature],
  elem: CellElem,
  scope: Scope,
  depth: number,
  d: Drawing,
): RelExpr {
  const args = s.args.map(a =>
    a.startsWith("list ")
      ? list(a.slice(5) as CellElem, scope, depth - 1, d)
      : expr(a as CellElem, scope, depth - 1, d),
  ); // as: `list <elem>`
  return { k: "op", op: name, args, elem, attrs: relOp(name)!.sample?.(d) ?? {} };
}
const literal = (x: Scalar): Literal =>
  typeof x === "bigint" || Object.is(x, -0) || (typeof x === "number" && !Number.isFinite(x))
    ? Object.is(x, -0)
      ? "-0"
      : String(x)
    : x;
const element = (name: string): RelExpr => ({ k: "element", depth: 0, name });
const one = (elem: CellElem) => [["", elem]] as const;
/** of scalars, one field */
function list(elem: CellElem, scope: Scope, depth: number, d: Drawing): RelExpr {
  if (elem === "string" && d.below(8) === 0) return { k: "given", index: 0, elem, list: true };
  const own = scope.columns.filter(([, c]) => c.k === "list" && JSON.stringify(c.of) === JSON.stringify(one(elem)));
  if (own.length && d.below(2)) return column(d.pick(own)[0]);
  if (depth <= 0 || scope.fields.length || d.below(2)) return plainList(elem, scope, depth, d);
  const of = one(elem);
  const made = (op: string, args: readonly RelExpr[], attrs = {}): RelExpr => ({ k: "listOp", op, args, attrs, of });
  const [l, other] = [list(elem, scope, depth - 1, d), list(elem, scope, depth - 1, d)];
  const place = (): RelExpr => ({ k: "const", elem: "i32", value: d.below(5) - 2 });
  /** a key of each element, an element of any type */
  const keys = (): RelExpr => {
    const each: Scope = { columns: scope.columns, fields: [["", elem]] };
    return { k: "each", list: l, of: one(d.pick(ELEMS)).map(([n, e]) => [n, expr(e, each, 1, d)] as const) };
  };
  const same = (): RelExpr => ({
    k: "each",
    list: l,
    of: [
      ["", element("")],
      ["k", element("")],
    ],
  });
  return d.pick<() => RelExpr>([
    () => made("part", [l, place(), place()]),
    () => made("take", [l, place()]),
    () => made("concat", [l, other]),
    () => made("order", [l, keys()], { descending: d.below(2) === 1 }),
    () => made("order", [l, same()], { descending: d.below(2) === 1 }),
    () => made("distinct", [l, d.below(2) ? keys() : same()]),
    () => {
      const parts: Fields = [["", { k: "list", of }]];
      return made("flatten", [{ k: "listOp", op: "parted", args: [l, d.below(2) ? keys() : same()], of: parts }]);
    },
    () =>
      made("flatten", [
        {
          k: "each",
          list: l,
          of: [
            [
              "",
              {
                k: "list",
                items: [
                  [["", element("")]],
                  [["", expr(elem, { columns: scope.columns, fields: [["", elem]] }, 1, d)]],
                ],
              },
            ],
          ],
        },
      ]),
    () => ({
      k: "each",
      list: {
        k: "listOp",
        op: "numbered",
        args: [l],
        attrs: { name: "place" },
        of: [
          ["", elem],
          ["place", "i64"],
        ],
      },
      of: [["", element("")]],
      where: { k: "op", op: "gt", args: [element("place"), { k: "const", elem: "i64", value: "0" }], elem: "bool" },
    }),
    () => folded(l, elem, scope, d),
  ])();
}
/** the elements in a state, the last one in front */
function folded(l: RelExpr, elem: CellElem, scope: Scope, d: Drawing): RelExpr {
  const state = [
    ["", elem],
    ["n", "i32"],
  ] as const;
  const fields = [...state.map(([n, e]) => [`s.${n}`, e] as const), [`x.`, elem] as const];
  const inside: Scope = { columns: scope.columns, fields };
  const fold: RelExpr = {
    k: "fold",
    list: l,
    init: state.map(([n, e]) => [n, expr(e, { columns: scope.columns, fields: [] }, 0, d)] as const),
    step: state.map(([n, e]) => [n, expr(e, inside, 2, d)] as const),
  };
  return { k: "each", list: fold, of: [["", element("")]] };
}
/** of scalars, with some left out */
function plainList(elem: CellElem, scope: Scope, depth: number, d: Drawing): RelExpr {
  if (elem === "string" && d.below(3) === 0)
    return { k: "listOp", op: "words", args: [expr("string", scope, depth, d)], of: [["", "string"]] };
  const from = d.pick(ELEMS);
  const item = () =>
    [
      ["", expr(from, scope, depth, d)],
      ["k", expr("bool", scope, depth, d)],
    ] as const;
  const items = Array.from({ length: 1 + d.below(3) }, item);
  const each: Scope = {
    columns: scope.columns,
    fields: [
      ["", from],
      ["k", "bool"],
    ],
  };
  return {
    k: "each",
    list: { k: "list", items },
    of: [["", expr(elem, each, depth, d)]],
    where: expr("bool", each, depth, d),
  };
}
let fresh = 0;
/** rows of which each key is there once */
const onceEach = (of: Rel, on: readonly string[]): Rel =>
  on.length ? { k: "distinct", of, by: on.map(column) } : { k: "take", of, count: 1 };
/** names that no other table has */
const renamed = (r: Rel, keep: readonly string[]): Rel => ({
  k: "map",
  of: r,
  columns: columnsOf(r).map(([n]) => [keep.includes(n) ? n : `r${fresh}.${n}`, column(n)]),
});

function tree(top: Tree, depth: number, d: Drawing): Rel {
  const of = inner(depth, d);
  const columns = columnsOf(of);
  const scope: Scope = { columns, fields: [] };
  const e = (elem: CellElem): RelExpr => expr(elem, scope, 2, d);
  switch (top) {
    case "map": {
      const kept = columns.filter(() => d.below(4) > 0).map(([n]): readonly [string, RelExpr] => [n, column(n)]);
      fresh++;
      const made = Array.from({ length: 1 + d.below(2) }, (_, i): readonly [string, RelExpr] => [
        `m${fresh}${i}`,
        e(d.pick(ELEMS)),
      ]);
      const padded: readonly (readonly [string, RelExpr])[] = d.below(3)
        ? []
        : [
            [
              `p${fresh}`,
              { k: "op", op: "pad_to", args: [list("f64", scope, 1, d), e("f64")], attrs: { n: 3 }, elem: "f64" },
            ],
          ];
      return { k: "map", of, columns: [...kept, ...made, ...padded] };
    }
    case "filter":
      return { k: "filter", of, where: e("bool") };
    case "flat": {
      const one = d.pick(ELEMS);
      if (d.below(3) === 0) return { k: "flat", of, list: list(one, scope, 1, d) };
      if (d.below(3) === 0)
        return {
          k: "flat",
          of,
          list: {
            k: "listOp",
            op: "skip_grams",
            args: [list("i32", scope, 1, d)],
            attrs: { window: 2 },
            of: [
              ["center", "i32"],
              ["context", "i32"],
            ],
          },
        };
      const types = Array.from({ length: 2 }, () => d.pick(ELEMS));
      const items = Array.from({ length: 1 + d.below(3) }, () => types.map((t, i) => [`f${i}`, e(t)] as const));
      return { k: "flat", of, list: { k: "list", items } };
    }
    case "join": {
      const right = inner(depth - 1, d);
      const common = columnsOf(right).filter(
        ([n, c]) => c.k === "scalar" && columns.some(([m, o]) => m === n && JSON.stringify(o) === JSON.stringify(c)),
      );
      const names = common.map(([n]) => n);
      const wanted = d.pick([["s"], ["i"], ["x"], ["i", "b"], ["t.value", "t.present"], ["n.value", "n.present", "b"]]);
      const on = wanted.every(n => names.includes(n)) ? wanted : names.slice(0, 1);
      fresh++;
      const how = d.pick(["inner", "left", "full", "semi", "anti", "one"] as const);
      // without a common column all rows are each other's partners
      return {
        k: "join",
        left: { k: "take", of, count: 12 },
        right: renamed(how === "one" ? onceEach(right, on) : { k: "take", of: right, count: 9 }, on),
        on,
        how,
      };
    }
    case "group": {
      const named = scalars(columns).filter(([n]) => !/\.(value|present)$/.test(n));
      const keys: (readonly [string, RelExpr])[] = Array.from(
        { length: Math.min(d.below(3), named.length) },
        (_, i) => [`k${i}`, column(d.pick(named)[0])],
      );
      if (columns.some(([n]) => n === "t.value") && columns.some(([n]) => n === "t.present") && d.below(2))
        keys.push(["t.value", column("t.value")], ["t.present", column("t.present")]);
      const ops: readonly Aggregate["op"][] = [
        "count",
        "sum",
        "mean",
        "min",
        "max",
        "any",
        "all",
        "first",
        "count_distinct",
      ];
      const aggregates = Array.from({ length: 1 + d.below(4) }, (_, i): readonly [string, Aggregate] => {
        const op = d.pick(ops);
        const where = d.below(3) ? {} : { where: e("bool") };
        if (op === "count") return [`a${i}`, { op, ...where }];
        const elem = d.pick(ELEMS.filter(t => aggregateElem(op, t)));
        return [`a${i}`, { op, value: d.below(2) ? (own(columns, elem, d) ?? e(elem)) : e(elem), ...where }];
      });
      if (d.below(3)) return { k: "group", of, keys, aggregates };
      // the rows of each group as a list, of which something is made
      const elem = d.pick(ELEMS);
      const all: RelExpr = { k: "list", items: [[["", e(elem)]]] };
      const where = d.below(2) ? {} : { where: e("bool") };
      const group: Rel = {
        k: "group",
        of,
        keys,
        aggregates: [...aggregates, ["all", { op: "concat", value: all, ...where }]],
      };
      const groups: Scope = { columns: columnsOf(group), fields: [] };
      const some = list(elem, groups, 2, d);
      const kept = [...keys, ...aggregates].map(([n]) => [n, column(n)] as const);
      if (d.below(2)) return { k: "flat", of: group, list: some };
      return {
        k: "map",
        of: group,
        columns: [
          ...kept,
          ["length", { k: "op", op: "list_length", args: [some], elem: "i32" }],
          ["first", { k: "op", op: "element_at", args: [some, { k: "const", elem: "i32", value: 0 }], elem }],
        ],
      };
    }
    case "distinct":
      return {
        k: "distinct",
        of,
        by: d.below(3) ? Array.from({ length: 1 + d.below(2) }, () => e(d.pick(ELEMS))) : [],
      };
    case "sort":
      return {
        k: "sort",
        of,
        by: Array.from({ length: 1 + d.below(2) }, () => ({ key: e(d.pick(ELEMS)), descending: d.below(2) === 1 })),
      };
    case "union":
      return {
        k: "union",
        a: of,
        b: d.pick<Rel>([of, { k: "filter", of, where: e("bool") }, { k: "take", of, count: 2 }]),
      };
    case "take":
      return { k: "take", of, count: d.pick([0, 1, 5, 1000]) };
    case "number":
      fresh++;
      return { k: "number", of, column: `number${fresh}` };
    case "window": {
      const fit = columns.filter(
        ([, c]) => c.k === "tensor" || (c.k === "scalar" && c.elem !== "string" && c.elem !== "time"),
      );
      const by = scalars(columns)[0]?.[0];
      const kept = fit.map(([n]) => n);
      const names = by !== undefined && !kept.includes(by) ? [by, ...kept] : kept;
      const isBy = by !== undefined && (d.below(2) === 1 || !kept.includes(by));
      if (!names.length) return { k: "take", of, count: 3 };
      const narrow: Rel = { k: "map", of, columns: names.map(n => [n, column(n)]) };
      return { k: "window", of: narrow, size: 1 + d.below(3), stride: 1 + d.below(3), ...(isBy ? { by } : {}) };
    }
    case "split": {
      const by = d.below(2) ? { by: e(d.pick(["i32", "i64", "string", "bool", "time"])) } : {};
      const seed = d.below(2) ? "run" : ([d.below(2 ** 32), 5] as const);
      const low = d.below(2 ** 32);
      return { k: "split", of, place: d.below(2 ** 32), seed, low: low / 2, high: low + 0.5, ...by };
    }
    case "word": {
      const by = d.below(2) ? { by: e(d.pick(["i32", "i64", "string", "bool", "time"])) } : {};
      fresh++;
      return {
        k: "word",
        of,
        column: `word${fresh}`,
        place: d.below(2 ** 32),
        seed: d.pick([[7, 5], { given: 1 }]),
        ...by,
      };
    }
    case "shuffle":
      return { k: "shuffle", of, place: d.below(2 ** 32), seed: "run" };
    default:
      return top satisfies never;
  }
}
function own(columns: Columns, elem: CellElem, d: Drawing): RelExpr | undefined {
  const all = scalars(columns).filter(([, e]) => e === elem);
  return all.length ? column(d.pick(all)[0]) : undefined;
}
