/** Checks program texts that exist only here, against files whose headers are invented. For tests of check. */
import { readdirSync, readFileSync } from "node:fs";
import { check } from "../../src/frontend/check/index.ts";
import { showType } from "../../src/frontend/check/types.ts";
import type { Output } from "../../src/frontend/core.ts";
import { render } from "../../src/frontend/diagnostics/render.ts";
import { type Host, HostError, type Schema } from "../../src/ir/host.ts";
import type { Column } from "../../src/ir/type.ts";

const PRELUDE = new URL("../../src/frontend/prelude/", import.meta.url);
export const prelude: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(PRELUDE).map(f => [`prelude/${f}`, readFileSync(new URL(f, PRELUDE), "utf8")] as const),
);
const column = (store: Column["store"], ...shape: number[]): Column => ({ store, shape, nullable: false });
/** headers of the data that the programs read */
const FILES: Readonly<Record<string, Column>> = {
  "a.npy": column("f32", 6, 4),
  "b.npy": column("f32", 4, 5),
  "wide.npy": column("f64", 6, 4),
};
const maybe = (store: Column["store"]): Column => ({ ...column(store), nullable: true });
const TABLES: Readonly<Record<string, Readonly<Record<string, Column>>>> = {
  "people.csv": {
    id: column("i64"),
    name: column("string"),
    job: maybe("string"),
    age: maybe("i64"),
    income: column("f64"),
    born: column("time"),
    left: maybe("time"),
    member: column("bool"),
  },
  "orders.parquet": {
    order: column("i64"),
    id: column("i64"),
    price: column("f64"),
    pieces: column("i32"),
    at: column("time"),
  },
  "rates.csv": { name: column("string"), rate: column("f64") },
  "series.parquet": { store: column("string"), day: column("time"), sold: column("f32"), shelf: column("f32", 3) },
  "lines.txt": { "": column("string") },
  // of the programs of the design
  "churn.csv": {
    id: column("i64"),
    age: maybe("f64"),
    income: maybe("f64"),
    job: maybe("string"),
    city: column("string"),
    churn: column("bool"),
  },
  "orders/*.parquet": {
    order: column("i64"),
    user: column("i64"),
    at: column("time"),
    price: column("f64"),
    pieces: column("i32"),
    coupon: maybe("string"),
  },
  "users.csv": { user: column("i64"), country: column("string"), born: maybe("i64") },
  "vat.csv": { country: column("string"), vat: column("f64") },
  "links.csv": { from: column("string"), to: column("string") },
  "corpus.txt": { "": column("string") },
  "pets/*/*.jpg": { image: column("u8", 3, 64, 64), label: column("string"), path: column("string") },
  "pets/*.jpg": { image: column("u8", 3, 8, 8), label: column("string"), path: column("string") },
};
const schema: Host["schema"] = (format, paths, options): Schema => {
  const table = TABLES[paths[0]!];
  if (table) {
    const asked = options["columns"] as readonly [string, Column["store"], readonly number[], boolean][] | undefined; // as: what table() asks
    if (!asked) return { columns: table };
    return { columns: Object.fromEntries(asked.map(([n, store, shape, nullable]) => [n, { store, shape, nullable }])) };
  }
  if (format === "idx") {
    const labels = paths.length > 1 ? { label: column("u8") } : {};
    return { rows: 10000, columns: { image: column("u8", 28, 28), ...labels } };
  }
  const own = FILES[paths[0]!];
  if (!own) throw new HostError(`${paths[0]} does not exist`);
  return { columns: { value: own } };
};
export const hostOf = (texts: Readonly<Record<string, string>>): Host => ({
  schema,
  text: path => {
    const text = texts[path];
    if (text === undefined) throw new HostError(`${path} does not exist`);
    return text;
  },
});
/** one file `a.hs`, or several by name, of which the first is the program */
export function checked(
  program: string | Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>> = {},
) {
  const texts = typeof program === "string" ? { "a.hs": program } : program;
  return check(Object.keys(texts)[0]!, hostOf(texts), { set, prelude });
}
/** all that is said, as a person sees it */
export function said(
  program: string | Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>> = {},
): string {
  const { diagnostics, texts } = checked(program, set);
  return render(diagnostics, f => (f.startsWith("prelude/") ? undefined : texts.get(f)));
}
/** Core of a program that is right */
export function core(program: string | Readonly<Record<string, string>>, set: Readonly<Record<string, string>> = {}) {
  const { core: made, diagnostics, texts } = checked(program, set);
  if (!made) throw new Error(render(diagnostics, f => texts.get(f)));
  return made;
}
export function shown(o: Output): string {
  switch (o.k) {
    case "tensor":
      return showType(o.of.type) + (o.of.k === "const" ? ` = ${JSON.stringify(o.of.value)}` : "");
    case "utf8":
      return `utf8 ${showType(o.of.type)}`;
    case "text":
      return JSON.stringify(o.text);
    case "record":
      return `{ ${o.fields.map(([n, x]) => `${n}: ${shown(x)}`).join(", ")} }`;
    case "list":
      return `list [${o.of.map(shown).join(", ")}]`;
    case "oneOf":
      return `one of [${o.of.map(shown).join(", ")}]`;
    case "net":
      return `net ${o.net.name}`;
    default:
      return o satisfies never;
  }
}
/** what `print e` would show of each effect: a type, and the number of a constant */
export const printed = (program: string): readonly string[] => core(program).effects.map(e => shown(e.value));
export const weights = (program: string): readonly string[] =>
  core(program).nets.flatMap(n => n.weights.map(w => `${w.path}: ${showType(w.type)}`));
