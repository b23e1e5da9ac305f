/** Words of texts of any length and pairs of them: as the interpreter makes them, over the seams of the pieces that the engine cuts. */
import { expect, test } from "vitest";
import type { CellElem, Rel, RelExpr } from "../../src/ir/rel.ts";
import { drawing } from "./draw.ts";
import { byDuckdb, interpreted, type World } from "./engine.ts";

const d = drawing(11);
const text = (words: number): string =>
  Array.from({ length: words }, () => d.pick(["a", "b", "é", "it's", "rare", "  ", "c\n"])).join(
    d.pick([" ", "\t ", "\r\n"]),
  );
const WORLD: World = {
  scans: { t: [0, 1, 63, 64, 65, 0, 128, 129, 300, 7].map(n => [text(n), n > 64]) },
  given: new Map([[0, { cell: { k: "scalar", elem: "string" }, value: ["", "b", "a", "é"] }]]),
  seed: 0,
};
const scan: Rel = {
  k: "scan",
  format: "rows",
  paths: ["t"],
  options: {},
  columns: [
    ["s", { k: "scalar", elem: "string" }],
    ["long", { k: "scalar", elem: "bool" }],
  ],
};
const column = (name: string): RelExpr => ({ k: "column", name });
const words: RelExpr = {
  k: "listOp",
  op: "words",
  args: [{ k: "op", op: "upper", args: [column("s")], elem: "string" }],
  of: [["", "string"]],
};
const lower: RelExpr = { k: "op", op: "lower", args: [{ k: "element", depth: 0, name: "" }], elem: "string" };
const number: RelExpr = { k: "op", op: "lookup", args: [lower, { k: "given", index: 0, elem: "string" }], elem: "i32" };
const known: RelExpr = { k: "op", op: "gt", args: [number, { k: "const", elem: "i32", value: 0 }], elem: "bool" };
const numbers = (list: RelExpr): RelExpr => ({ k: "each", list, of: [["", number]] });
const pairs = (list: RelExpr, elem: CellElem, window: number): RelExpr => ({
  k: "listOp",
  op: "skip_grams",
  args: [list],
  attrs: { window },
  of: [
    ["center", elem],
    ["context", elem],
  ],
});
const some: RelExpr = { k: "each", list: words, of: [["", number]], where: known };
const records: RelExpr = {
  k: "each",
  list: words,
  of: [
    ["n", number],
    ["long", column("long")],
  ],
};
const LISTS: Readonly<Record<string, RelExpr>> = {
  words,
  "numbers of words": numbers(words),
  "some of the words": some,
  "records of words": records,
  "pairs of words": pairs(words, "string", 2),
  "pairs of numbers": pairs(numbers(words), "i32", 5),
  "pairs of some of the words": pairs(some, "i32", 3),
  "pairs further apart than most texts are long": pairs(words, "string", 70),
};
function expectSame(r: Rel): void {
  const got = byDuckdb(r, WORLD);
  expect(got.length).toBeGreaterThan(100);
  expect(got).toEqual(interpreted(r, WORLD));
}
test.each(Object.entries(LISTS))("%s", (_, list) => {
  expectSame({ k: "flat", of: scan, list });
  // made in a map below, in rows that stand in another order, and what is made of them numbered
  const made: Rel = {
    k: "map",
    of: { k: "sort", of: scan, by: [{ key: column("long"), descending: true }] },
    columns: [["l", list]],
  };
  const flat: Rel = { k: "flat", of: made, list: column("l") };
  expectSame(flat);
  expectSame({ k: "shuffle", of: flat, place: 3, seed: "run" });
});
