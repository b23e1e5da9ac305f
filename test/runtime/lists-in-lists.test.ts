/** Records and lists in the lists of files: random ones, some empty, as the engine is given them, against what was written; nulls in them are told. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import type { Columns } from "../../src/ir/plan.ts";
import type { Items } from "../../src/ir/type.ts";
import { queryRows } from "../../src/runtime/engine/duckdb.ts";
import { rowsOfScan } from "../../src/runtime/engine/scan.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { temporary } from "./temporary.ts";

interface Order {
  readonly sku: string;
  readonly from: { readonly shop: string; readonly n: number };
  readonly tags: readonly string[];
  readonly bids: readonly { readonly by: string; readonly at: { readonly price: number } }[];
}
const ITEMS: Items = [
  ["sku", "string"],
  [
    "from",
    [
      "record",
      [
        ["shop", "string"],
        ["n", "i64"],
      ],
    ],
  ],
  ["tags", ["list", [["", "string"]]]],
  [
    "bids",
    [
      "list",
      [
        ["by", "string"],
        ["at", ["record", [["price", "f64"]]]],
      ],
    ],
  ],
];
const CELLS: Columns = [
  [
    "items",
    {
      k: "list",
      of: [
        ["sku", "string"],
        ["from.shop", "string"],
        ["from.n", "i64"],
        ["tags", { k: "list", of: [["", "string"]] }],
        [
          "bids",
          {
            k: "list",
            of: [
              ["by", "string"],
              ["at.price", "f64"],
            ],
          },
        ],
      ],
    },
  ],
];
const options = { columns: [["items", "i32", [], false, ITEMS]] };
const around = {
  files: (paths: readonly string[]) => paths,
  seed: 0,
  given: () => {
    throw new Error("a file is not given anything");
  },
};
let state = 11;
const draw = (n: number): number => {
  state = (Math.imul(state, 48271) >>> 0) % 2147483647;
  return state % n;
};
const some = <T>(most: number, f: () => T): T[] => Array.from({ length: draw(most + 1) }, f);
const word = (): string => ["", "a", 'b "q"', "ünï", "NA", "null"][draw(6)]!;
const order = (): Order => ({
  sku: word(),
  from: { shop: word(), n: draw(1000) - 500 },
  tags: some(3, word),
  bids: some(2, () => ({ by: word(), at: { price: draw(1000) / 8 + 0.0625 } })),
});
const rows = Array.from({ length: 300 }, () => ({ items: some(4, order) }));
function write(name: string, text: string): string {
  const path = join(temporary(), name);
  writeFileSync(path, text);
  return path;
}
const lines = (all: readonly unknown[]): string => all.map(r => `${JSON.stringify(r)}\n`).join("");
function scanned(format: string, path: string): readonly unknown[] {
  formatOf(format).schema([path], options);
  const scan = { format, paths: [path], options, columns: CELLS } as Parameters<typeof rowsOfScan>[1]; // as: options are JSON
  const from = rowsOfScan("hsc_scan0", scan, { around, strings: makeStrings([]) }, formatOf(format));
  return queryRows(`select to_json(c0)::varchar from ${from ? `(${from.sql})` : "hsc_scan0"} order by i0`).map(([c]) =>
    JSON.parse(String(c)),
  );
}
/** fields by their place, records in lists one by one */
const expected = rows.map(r =>
  r.items.map(o => ({
    f0: o.sku,
    f1: o.from.shop,
    f2: o.from.n,
    f3: o.tags,
    f4: o.bids.map(b => ({ f0: b.by, f1: b.at.price })),
  })),
);
afterAll(() => {
  queryRows("drop table if exists hsc_scan0_put");
});

test("json", () => {
  expect(scanned("json", write("orders.jsonl", lines(rows)))).toEqual(expected);
});
test("parquet", () => {
  const from = write("orders.jsonl", lines(rows));
  const path = join(temporary(), "orders.parquet");
  const bids = 'STRUCT("by" VARCHAR, "at" STRUCT(price DOUBLE))[]';
  const type = `STRUCT(sku VARCHAR, "from" STRUCT(shop VARCHAR, n BIGINT), tags VARCHAR[], bids ${bids})[]`;
  queryRows(`copy (select * from read_json('${from}', columns = {items: '${type}'})) to '${path}' (format parquet)`);
  expect(scanned("parquet", path)).toEqual(expected);
});
const bad: readonly (readonly [string, unknown])[] = [
  ["no list in a record", { ...order(), tags: null }],
  ["nothing in a list", { ...order(), tags: ["a", null] }],
  ["no record", { ...order(), from: null }],
  ["nothing in a record of a list of a list", { ...order(), bids: [{ by: "a", at: { price: null } }] }],
];
test.each(bad)("%s is told with its row", (_, o) => {
  const path = write("bad.jsonl", lines([...rows, { items: [order(), o] }]));
  expect(() => scanned("json", path)).toThrow(HostError);
  expect(() => scanned("json", path)).toThrow(/row 301, column `items`/);
});
test("a written type that the file does not have", () => {
  const path = write("other.jsonl", lines([{ items: [{ ...order(), tags: [1.5] }] }]));
  expect(() => scanned("json", path)).not.toThrow(); // numbers are texts to who asks for texts
  const none = write("none.jsonl", lines([{ items: [{ sku: "a", tags: "b", bids: [], from: { shop: "", n: 1 } }] }]));
  expect(() => scanned("json", none)).toThrow(
    /not list \{ sku: string, from: \{ shop: string, n: i64 \}, tags: list string/,
  );
});
