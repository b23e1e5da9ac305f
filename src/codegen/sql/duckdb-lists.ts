/** A row per element of a list, as DuckDB's SQL: words of long texts piece by piece, pairs of neighbours by a window over them. Knows no other node. */
import type { Columns, Rel, RelExpr } from "../../ir/rel.ts";
import { names, over, select, type Table, under, type World } from "./duckdb-table.ts";

/** `t`: the rows that the list is made of, in their order; a row per element */
export function flat(made: RelExpr, t: Table, columns: Columns, w: World): Table {
  if (made.k === "listOp" && made.op === "skip_grams") return skipGrams(made, t, columns, w);
  const parted = inPieces(made, t, w);
  return parted ? unnested(parted.list, parted.t, columns, w) : unnested(made, t, columns, w);
}
function unnested(l: RelExpr, t: Table, columns: Columns, w: World): Table {
  const e = over(t, w);
  const name = e.bind(e.sql(l));
  const from = select(
    [`unnest(${name}) AS e`, ...names("i", t.ids), `unnest(range(len(${name}))) AS i${t.ids}`],
    under(t, e),
  );
  const items = columns.map((_, i) => (columns.length === 1 ? "e AS c0" : `e.f${i} AS c${i}`));
  const own = { ...t, columns, ids: t.ids + 1, identity: false };
  return { ...own, from: select([...items, ...names("i", own.ids)], from) };
}
/** words of a text that a map below makes are made here, where they are wanted one by one */
export function lists({ of, list }: Extract<Rel, { k: "flat" }>): { readonly of: Rel; readonly list: RelExpr } {
  if (of.k !== "map") return { of, list };
  const inside = substituted(list, new Map(of.columns));
  const inner = inside.k === "listOp" && inside.op === "skip_grams" ? inside.args[0]! : inside;
  return piecewise(inner) ? { of: of.of, list: inside } : { of, list };
}
function substituted(e: RelExpr, columns: ReadonlyMap<string, RelExpr>): RelExpr {
  const all = (of: readonly (readonly [string, RelExpr])[]) =>
    of.map(([n, v]) => [n, substituted(v, columns)] as const);
  switch (e.k) {
    case "column":
      return columns.get(e.name) ?? e;
    case "const":
    case "given":
    case "element":
      return e;
    case "check":
      return { ...e, of: substituted(e.of, columns), holds: substituted(e.holds, columns) };
    case "op":
    case "listOp":
      return { ...e, args: e.args.map(a => substituted(a, columns)) };
    case "each":
      return {
        ...e,
        list: substituted(e.list, columns),
        of: all(e.of),
        ...(e.where ? { where: substituted(e.where, columns) } : {}),
      };
    case "fold":
      return { ...e, list: substituted(e.list, columns), init: all(e.init), step: all(e.step) };
    case "list":
      return { ...e, items: e.items.map(all) };
    default:
      return e satisfies never;
  }
}
/** words of a piece of a text; to take the elements of one list of millions apart takes time by its square */
const PIECE = 64;
const PIECES = `(?:[^ \\t\\n\\v\\f\\r]+[ \\t\\n\\v\\f\\r]+){0,${PIECE - 1}}[^ \\t\\n\\v\\f\\r]+`;
const PART = "\0piece";
/** the text of whose words a list is made one for one, and the list of those of a piece of it */
function piecewise(
  l: RelExpr,
): { readonly text: RelExpr; readonly list: RelExpr; readonly whole: boolean } | undefined {
  if (l.k === "listOp" && l.op === "words")
    return { text: l.args[0]!, list: { ...l, args: [{ k: "column", name: PART }] }, whole: true };
  const inner = l.k === "each" ? piecewise(l.list) : undefined;
  return inner && l.k === "each"
    ? { ...inner, list: { ...l, list: inner.list }, whole: inner.whole && !l.where }
    : undefined;
}
/** a row per piece of the text; `whole`: each but the last of a row gives PIECE elements */
function inPieces(
  l: RelExpr,
  t: Table,
  w: World,
): { readonly t: Table; readonly list: RelExpr; readonly whole: boolean } | undefined {
  const found = piecewise(l);
  if (!found) return undefined;
  const e = over(t, w);
  const pieces = e.bind(`regexp_extract_all(${e.sql(found.text)}, '${PIECES}')`);
  const n = t.columns.length;
  const items = [...names("c", n), `unnest(${pieces}) AS c${n}`, ...names("i", t.ids)];
  const from = select([...items, `unnest(range(len(${pieces}))) AS i${t.ids}`], under(t, e));
  const columns: Columns = [...t.columns, [PART, { k: "scalar", elem: "string" }]];
  return { ...found, t: { ...t, columns, from, ids: t.ids + 1 } };
}
/** a window over the elements instead of a list of pairs: neighbours of one list are those whose positions are as far apart as they themselves */
function skipGrams(l: Extract<RelExpr, { k: "listOp" }>, t: Table, columns: Columns, w: World): Table {
  const [, cell] = columns[0]!;
  const parted = inPieces(l.args[0]!, t, w);
  const flat = parted?.whole
    ? unnested(parted.list, parted.t, [["", cell]], w)
    : unnested(l.args[0]!, t, [["", cell]], w);
  const ids = names("i", flat.ids);
  const place = parted?.whole ? `(${ids.at(-2)} * ${PIECE} + ${ids.at(-1)})` : ids.at(-1)!;
  const order = flat.inOrder ? "" : `ORDER BY ${ids.join(", ")}`;
  const window = Number(l.attrs?.["window"]);
  const steps = Array.from({ length: 2 * window }, (_, k) => (k < window ? k - window : k - window + 1));
  const at = (x: string, step: number): string =>
    `${step < 0 ? "lag" : "lead"}(${x}, ${Math.abs(step)}) OVER (${order})`;
  const near = steps.flatMap((s, k) => [`${at("c0", s)} AS a${k}`, `${at("p", s)} - p = ${s} AS b${k}`]);
  const placed = select(["c0", ...ids, `${place} AS p`], flat.from);
  // no value is NULL: two plain lists side by side, and a filter behind them, take half the time of a list of structs that is filtered
  const found = steps.map((_, k) => `CASE WHEN b${k} THEN a${k} END AS a${k}`);
  const listed = select(
    [
      "c0",
      ...ids,
      `unnest([${names("a", steps.length).join(", ")}]) AS e`,
      `unnest([${steps.map((_, k) => k).join(", ")}]) AS s`,
    ],
    select(["c0", ...ids, ...found], select(["c0", ...ids, ...near], placed)),
  );
  const from = select(["c0", "e AS c1", ...ids, `s AS i${flat.ids}`], listed, "WHERE e IS NOT NULL");
  return { ...flat, columns, from, ids: flat.ids + 1 };
}
