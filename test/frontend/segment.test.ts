/** What becomes an engine's and what a kernel's, and that together they mean what the program says: each construct against rows made by hand. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Expr, Source } from "../../src/frontend/core.ts";
import { mix32 } from "../../src/ir/mix32.ts";
import type { LogValue } from "../../src/runtime/log.ts";
import { cut, meant } from "./tables.ts";

interface Person {
  readonly id: number;
  readonly name: string;
  readonly city: string | null;
  readonly born: number | null;
  /** a multiple of 1 / 4: its sums are exact */
  readonly paid: number;
}
const NAMES = ["Ann", "Çelik", "東京 Bob", "Zoë", 'O"Neil, Pat', "ann", "Éva"];
const CITIES = ["Oslo", "Łódź", "Bern", "Aarau"];
function people(count: number, seed: number): readonly Person[] {
  const word = (i: number): number => mix32(i ^ seed);
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    name: NAMES[word(5 * i) % NAMES.length]!,
    city: word(5 * i + 1) % 4 === 0 ? null : CITIES[word(5 * i + 2) % CITIES.length]!,
    born: word(5 * i + 3) % 5 === 0 ? null : 1950 + (word(5 * i + 4) % 9),
    paid: (word(5 * i + 7) % 64) / 4,
  }));
}
const cell = (x: string | number | null): string =>
  typeof x === "string" ? `"${x.replaceAll('"', '""')}"` : String(x ?? "");
const csv = (rows: readonly object[], names: readonly string[]): string =>
  `${[names.join(","), ...rows.map(r => Object.values(r).map(cell).join(","))].join("\n")}\n`;
const PEOPLE =
  'let people: rdd { id: i32, name: string, city: string?, born: i32?, paid: f64 } = csv("people.csv")\n' +
  'let rates: rdd { city: string, rate: f64 } = csv("rates.csv")\n';
const RATES = [
  { city: "Oslo", rate: 0.5 },
  { city: "Bern", rate: 0.25 },
  { city: "Paris", rate: 1 },
];
interface Data {
  readonly folder: string;
  readonly all: readonly Person[];
}
const folders: string[] = [];
afterAll(() => {
  for (const f of folders) rmSync(f, { recursive: true });
});
function data(count: number, seed: number): Data {
  const folder = mkdtempSync(join(tmpdir(), "hsc-test-"));
  folders.push(folder);
  const all = people(count, seed);
  writeFileSync(join(folder, "people.csv"), csv(all, ["id", "name", "city", "born", "paid"]));
  writeFileSync(join(folder, "rates.csv"), csv(RATES, ["city", "rate"]));
  return { folder, all };
}
/** what one print of the program says; at most 10 rows of a table */
const said = ({ folder }: Data, program: string): LogValue => meant(folder, PEOPLE + program)[0]!;
const head = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, 10);
/** strings by code points */
const before = (a: string, b: string): number => {
  const [x, y] = [[...a], [...b]].map(s => s.map(c => c.codePointAt(0)!));
  for (let i = 0; i < Math.min(x!.length, y!.length); i++) if (x![i] !== y![i]) return x![i]! - y![i]!;
  return x!.length - y!.length;
};
const by =
  <T>(...keys: ((r: T) => string | number)[]) =>
  (a: T, b: T): number => {
    for (const k of keys) {
      const [x, y] = [k(a), k(b)];
      const o = typeof x === "string" ? before(x, y as string) : x - (y as number);
      if (o) return o;
    }
    return 0;
  };
function grouped<T, K>(rows: readonly T[], key: (r: T) => K): ReadonlyMap<K, readonly T[]> {
  const out = new Map<K, T[]>();
  for (const r of rows) {
    const k = key(r);
    if (!out.has(k)) out.set(k, []);
    out.get(k)!.push(r);
  }
  return out;
}
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/** 0 rows, one, and so many that all keys occur */
describe.each([0, 1, 90])("%i rows", count => {
  const d = data(count, 0x5eed + count);
  const { all } = d;
  test("texts: a map that only an engine can make", () => {
    const rows = all.map(p => ({
      id: p.id,
      who: `${p.name.toLowerCase()}!`,
      n: [...p.name].length,
      oslo: p.city === "Oslo",
    }));
    expect(
      said(
        d,
        'print people |> map(r => { r.id, who: lower(r.name) + "!", n: length(r.name), oslo: (r.city ?? "") == "Oslo" })',
      ),
    ).toEqual(head(rows));
  });
  test("texts in a filter and in a sum: kernels see what the engine made of them", () => {
    const kept = all.filter(p => p.name.includes("n") && p.paid > 3);
    expect(said(d, 'print people |> filter(r => contains(r.name, "n") and r.paid > 3) |> count')).toBe(kept.length);
    expect(said(d, "print people |> sum(r => r.paid * f64(length(r.name)))")).toBe(
      sum(all.map(p => p.paid * [...p.name].length)),
    );
  });
  test("a kernel that meets a text in a map which no engine can make", () => {
    const rows = all.map(p => ({ id: p.id, x: p.paid * [...p.name].length + p.id }));
    const program =
      "let w = [1.0, 2.0]\nprint people |> map(r => { r.id, x: f32(r.paid) * f32(length(r.name)) + dot(w, [f32(r.id), 0]) })";
    expect(said(d, program)).toEqual(head(rows));
  });
  test("joins keep the order of the left; what has no partner is missing", () => {
    const rate = new Map(RATES.map(r => [r.city, r.rate]));
    const known = all.filter(p => p.city !== null).map(p => ({ id: p.id, city: p.city! }));
    const left = 'people |> filter(r => r.city != none) |> map(r => { r.id, city: r.city ?? "" })';
    expect(said(d, `print ${left} |> join(rates, on: "city")`)).toEqual(
      head(known.flatMap(p => (rate.has(p.city) ? [{ ...p, rate: rate.get(p.city)! }] : []))),
    );
    expect(said(d, `print ${left} |> join(rates, on: "city", how: "left")`)).toEqual(
      head(known.map(p => ({ ...p, rate: rate.get(p.city) ?? null }))),
    );
    expect(said(d, `print ${left} |> join(rates, on: "city", how: "anti")`)).toEqual(
      head(known.filter(p => !rate.has(p.city))),
    );
  });
  test("groups in the order of their keys", () => {
    const rows = [...grouped(all, p => p.name)].sort(by(([name]) => name)).map(([name, g]) => {
      const born = g.flatMap(p => p.born ?? []);
      return {
        name,
        n: g.length,
        paid: sum(g.map(p => p.paid)),
        most: Math.max(...g.map(p => p.paid)),
        years: born.length,
      };
    });
    expect(
      said(
        d,
        "print people |> group_by(.name, g => { n: count(g), paid: sum(g, .paid), most: max(g, .paid), years: g |> filter(r => r.born != none) |> count })",
      ),
    ).toEqual(head(rows));
  });
  test("order by what a kernel computes, ties by identity, then the first rows", () => {
    const rows = all.map(p => ({ id: p.id, score: p.paid * 2 + (p.id % 2) }));
    const sorted = [...rows]
      .sort(
        by(
          r => -r.score,
          r => r.id,
        ),
      )
      .slice(0, 7);
    const scores = "people |> map(r => { r.id, score: 2 * r.paid + f64(r.id % 2) })";
    expect(said(d, `print ${scores} |> sort_by(.score, descending: true) |> take(7)`)).toEqual(sorted);
    // the key itself is what no engine computes
    const dotted =
      "people |> map(r => { r.id, r.paid }) |> sort_by(r => dot([1.0, 0.5], [f32(r.id % 3), f32(r.paid)]), descending: true)";
    const key = (p: Person): number => (p.id % 3) + p.paid / 2;
    expect(said(d, `print ${dotted} |> take(7)`)).toEqual(
      [...all]
        .sort(
          by(
            p => -key(p),
            p => p.id,
          ),
        )
        .slice(0, 7)
        .map(p => ({ id: p.id, paid: p.paid })),
    );
  });
  test("what is missing comes last, whatever the direction", () => {
    const rows = all.map(p => ({ id: p.id, born: p.born }));
    const order = (sign: number) =>
      [...rows].sort(
        by(
          r => (r.born === null ? 1 : 0),
          r => sign * (r.born ?? 0),
          r => r.id,
        ),
      );
    expect(said(d, "print people |> map(r => { r.id, r.born }) |> sort_by(.born)")).toEqual(head(order(1)));
    expect(said(d, "print people |> map(r => { r.id, r.born }) |> sort_by(.born, descending: true)")).toEqual(
      head(order(-1)),
    );
  });
  test("distinct, union, flat", () => {
    const first = [...grouped(all, p => p.name)].map(([, g]) => ({ id: g[0]!.id, name: g[0]!.name }));
    expect(said(d, "print people |> map(r => { r.id, r.name }) |> distinct(by: .name)")).toEqual(head(first));
    const ids = all.map(p => p.id);
    expect(said(d, "print union(people |> map(.id), people |> map(r => 0 - r.id)) |> sum(x => x)")).toBe(0);
    expect(said(d, "print union(people |> map(.id), people |> map(r => r.id + 1)) |> filter(x => x % 7 == 3)")).toEqual(
      head([...ids, ...ids.map(x => x + 1)].filter(x => x % 7 === 3).map(x => ({ "": x }))),
    );
    const words = all.flatMap(p => p.name.split(/\s+/).map(w => ({ "": w })));
    expect(said(d, "print people |> flat_map(r => words(r.name))")).toEqual(head(words));
    const letters = all.map(p => p.name.split(/\s+/).filter(w => w !== "Bob").length);
    expect(
      said(d, 'print people |> map(r => { n: words(r.name) |> filter(w => w != "Bob") |> count }) |> sum(.n)'),
    ).toBe(sum(letters));
  });
  test("a vocabulary: by falling count, ties by text; what is unknown or missing is 0", () => {
    const cities = all.flatMap(p => p.city ?? []);
    const terms = [...grouped(cities, c => c)]
      .map(([c, g]) => ({ c, n: g.length }))
      .sort(
        by(
          t => -t.n,
          t => t.c,
        ),
      );
    const number = (c: string | null): number => 1 + terms.findIndex(t => t.c === c);
    const program = (what: string): string => `let cities = people |> vocab(.city)\nprint ${what}`;
    expect(said(d, program("cities.size"))).toBe(terms.length + 1);
    expect(said(d, program("people |> sum(r => cities.index(r.city) * r.id)"))).toBe(
      sum(all.map(p => number(p.city) * p.id)),
    );
    expect(said(d, program("cities.counts"))).toEqual([all.length - cities.length, ...terms.map(t => t.n)]);
    expect(said(d, program("people |> map(r => { r.id, again: cities.value(cities.index(r.city)) })"))).toEqual(
      head(all.map(p => ({ id: p.id, again: p.city ?? "" }))),
    );
  });
  test("a part of the rows by a key is the same part above and below of an engine", () => {
    const parts = "let part = people |> split({ a: 0.5, b: 0.5 })\n";
    const [a, b] = ["a", "b"].map(
      k => meant(d.folder, `${PEOPLE}${parts}print collect(part.${k} |> map(.id))`)[0] as readonly number[],
    );
    expect([...a!, ...b!].sort((x, y) => x - y)).toEqual(all.map(p => p.id));
    // groups make the engine choose the rows, a sum of numbers the player
    expect(
      meant(d.folder, `${PEOPLE}${parts}print part.a |> group_by(r => 0, g => { n: count(g), ids: sum(g, .id) })`)[0],
    ).toEqual(a!.length ? [{ key: 0, n: a!.length, ids: sum(a!) }] : []);
  });
  test("texts outside of all rows", () => {
    expect(said(d, 'print "there are " + string(count(people)) + " rows"')).toBe(`there are ${all.length} rows`);
    const names = [...grouped(all, p => p.name)]
      .map(([n, g]) => ({ n, count: g.length }))
      .sort(
        by(
          t => -t.count,
          t => t.n,
        ),
      );
    expect(said(d, 'let names = people |> vocab(.name)\nprint names.index("Zoë")')).toBe(
      1 + names.findIndex(t => t.n === "Zoë"),
    );
  });
  test("values of kernels in what an engine computes", () => {
    const mean = sum(all.map(p => p.paid)) / all.length;
    const above = all.filter(p => p.paid > mean && p.name.startsWith("A"));
    expect(
      said(
        d,
        'let m = people |> mean(.paid)\nprint people |> filter(r => starts_with(r.name, "A") and r.paid > m) |> count',
      ),
    ).toBe(above.length);
  });
});

/** the tables that engines make for a program */
function engines(program: string): readonly Source[] {
  const core = cut(data(3, 1).folder, PEOPLE + program);
  const found = new Set<Source>();
  const seen = new Set<unknown>();
  const stack: unknown[] = [core.effects, core.nets, core.symbols];
  while (stack.length) {
    const x = stack.pop();
    if (typeof x !== "object" || x === null || seen.has(x)) continue;
    seen.add(x);
    if ((x as Expr).k === "source" && (x as Source).query) found.add(x as Source);
    stack.push(...Object.values(x));
  }
  return [...found];
}
describe("where a chain is cut", () => {
  test("numbers, and texts that are only copied or compared for equality, need no engine", () => {
    expect(
      engines(
        'print people |> filter(r => r.name == "Ann") |> map(r => { r.name, x: r.paid * 2 }) |> shuffle |> take(3)',
      ),
    ).toEqual([]);
  });
  test("what stands above the last transform of an engine is a kernel's", () => {
    const [one, ...none] = engines(
      "print people |> group_by(.name, g => { n: count(g) }) |> map(r => { x: exp(f32(r.n)) }) |> sum(.x)",
    );
    expect(none).toEqual([]);
    expect(one!.query!.k).toBe("group");
  });
  test("what stands below of it is the engine's, if it can be", () => {
    const [one, ...none] = engines(
      "print people |> filter(r => r.paid > 1) |> map(r => { r.id, x: exp(f32(r.paid)) }) |> sort_by(.x) |> take(3)",
    );
    expect(none).toEqual([]);
    expect(one!.given).toEqual([]);
    expect(one!.query).toMatchObject({
      k: "take",
      of: { k: "sort", of: { k: "map", of: { k: "filter", of: { k: "scan" } } } },
    });
  });
  test("what only a kernel computes is given", () => {
    const [one, ...none] = engines(
      "print people |> map(r => { r.id, x: dot([1.0, 2.0], [f32(r.id), 1]) }) |> sort_by(.x) |> take(3)",
    );
    expect(none).toEqual([]);
    expect(one!.query).toMatchObject({ k: "take", of: { k: "sort", of: { k: "given", index: 0 } } });
    expect(one!.given?.length).toBe(2);
  });
  test("the largest parts of a function that need an engine are its columns", () => {
    const [one] = engines(
      'print people |> map(r => { x: dot([1.0, 2.0], [f32(length(lower(r.name) + "!")), f32(r.id)]) }) |> sum(.x)',
    );
    expect(one!.query).toMatchObject({ k: "map", of: { k: "scan" } });
    const added = Object.keys(one!.columns).filter(c => c.includes("#"));
    expect(added).toEqual(["0#0"]);
  });
  test("of what hangs on a kernel a column is made first", () => {
    const [one] = engines(
      'print people |> map(r => { x: upper(if dot([1.0, 2.0], [f32(r.id), 1]) > 3 then r.name else "?") })',
    );
    expect(one!.query).toMatchObject({ k: "map", of: { k: "given" } });
    expect(one!.given!.length).toBeGreaterThan(0);
  });
  test("what is read several times, as where rows are counted first, is kept", () => {
    const again = (program: string): readonly unknown[] => engines(program).map(s => s.options["again"] ?? false);
    expect(again("let v = people |> vocab(.name)\nprint v.size")).toEqual([false]);
    expect(again("let v = people |> vocab(.name)\nprint v.size\nprint v.counts")).toEqual([true]);
    expect(again("let s = people |> sort_by(.name) |> map(r => { x: r.paid })\nprint s |> sum(.x)")).toEqual([false]);
    expect(
      again("let s = people |> sort_by(.name) |> map(r => { x: r.paid })\nprint s |> sum(.x)\nprint s |> max(.x)"),
    ).toEqual([true]);
  });
  describe("what only counts, sums or picks ends of its rows is the engine's, in one query", () => {
    const UPPER = 'let upper = people |> filter(r => upper(r.name) == "ANN")\n';
    const isOne = (program: string): readonly boolean[] =>
      engines(program).map(s => s.query!.k === "map" && s.query!.of.k === "group" && !s.query!.of.keys.length);
    test.each<[string, string, readonly boolean[]]>([
      [
        "all of the same rows",
        `${UPPER}print upper |> count\nprint upper |> max(.id)\nprint upper |> sum(.id)`,
        [true],
      ],
      ["of an order", "print people |> sort_by(.name) |> take(3) |> max(.id)", [false]],
      ["of groups", "print people |> group_by(.name, g => { n: count(g) }) |> mean(.n)", [true]],
      [
        "whatever chose them",
        'print people |> shuffle |> sample(0.5) |> filter(r => contains(r.name, "n")) |> count',
        [true],
      ],
      ["integers as f64", `${UPPER}print upper |> map(r => { r.name, x: f64(r.id) }) |> sum(.x)`, [true]],
      ["not f64, whose order tells", `${UPPER}print upper |> sum(r => f64(r.id) / 3)`, [false]],
      ["not where an engine may round otherwise", `${UPPER}print upper |> max(r => exp(f32(r.id)))`, [false]],
      [
        "not of what is computed before",
        `let m = people |> max(.id)\n${UPPER}print upper |> any(r => r.id == m)`,
        [false],
      ],
      ["not of rows that are printed", `${UPPER}print upper\nprint upper |> count`, [false]],
      [
        "not of rows that others are made of",
        `${UPPER}print upper |> take(2) |> max(.id)\nprint upper |> count`,
        [false, false],
      ],
    ])("%s", (_, program, expected) => expect(isOne(program)).toEqual(expected));
  });
  test("what chooses rows anew in each epoch stays above", () => {
    const [one, ...none] = engines(
      "print people |> shuffle |> filter(r => r.paid > 1) |> map(r => { r.id, n: length(r.name) }) |> sum(r => exp(f32(r.n)))",
    );
    expect(none).toEqual([]);
    expect(one!.query).toMatchObject({ k: "map", of: { k: "filter", of: { k: "scan" } } });
    const [two] = engines(
      'print people |> sample(0.5) |> filter(r => contains(r.name, "n")) |> mean(r => exp(f32(r.id)))',
    );
    expect(two!.query).toMatchObject({ k: "filter", of: { k: "scan" } });
    const [three, ...others] = engines(
      "model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])\n" +
        "let net = train(M, people |> sample(0.5) |> filter(r => r.paid > 1) |> shuffle, loss: (m, r) => mse(m(f32(length(r.name))), 1), optimizer: sgd(0.1), epochs: 2)\n" +
        "print net(1.0)",
    );
    expect(others).toEqual([]);
    expect(three!.query).toMatchObject({ k: "map", of: { k: "filter", of: { k: "scan" } } });
  });
  test("what a training draws anew lies above of an engine where it can, else the engine makes its table anew", () => {
    const train = (rows: string, of = "length(r.name)"): readonly Source[] =>
      engines(
        "model M(x: f32) -> f32 = unsqueeze(x, 0) |> dense(1) |> reshape([])\n" +
          `let net = train(M, ${rows}, loss: (m, r) => mse(m(r.x), f32(${of})), optimizer: sgd(0.1), epochs: 2)\n` +
          "print net(1.0)",
      );
    const once = (rows: string): Source => {
      const [one, ...others] = train(rows);
      expect([others.length, one!.anew]).toEqual([0, undefined]);
      return one!;
    };
    const anew = (rows: string): Source => train(rows).find(s => s.anew)!;
    const drawn = "people |> map(r => { r.name, x: uniform() })";
    // of the text, which nothing draws, a column is made below of what is drawn
    expect(once(drawn).query).toMatchObject({ k: "map", of: { k: "scan" } });
    // a choice of texts is made behind what is computed of each
    const chosen = once('people |> map(r => { name: if uniform() > 0.5 then r.name else "", x: 1.0 })');
    expect(chosen.query).toMatchObject({ k: "map", of: { k: "scan" } });
    once("people |> shuffle |> map(r => { r.name, x: f32(r.paid) }) |> sample(0.5)");
    once(`${drawn} |> cache`);
    const first = "people |> shuffle |> distinct(by: .name) |> map(r => { r.name, x: f32(r.paid) })";
    once(first.replace("shuffle", "shuffle |> cache"));

    const cut = anew("people |> map(r => { name: substring(r.name, randint(0, 3), 2), x: 1.0 })");
    expect(cut.query).toMatchObject({ k: "map", of: { k: "given" } });
    expect(new Set(cut.given!.map(g => g.type.k))).toEqual(new Set(["rdd"]));
    const sorted = anew("people |> sample(0.5) |> sort_by(.name) |> map(r => { r.name, x: f32(r.paid) })");
    expect(JSON.stringify(sorted.query)).toContain('"renewed":true');
    expect(sorted.given).toEqual([]);
    expect(JSON.stringify(anew(first).query)).toContain('"renewed":true');
    // what is cached in it is made once
    const beside = anew(`union(${drawn}, people |> shuffle |> cache |> take(5) |> map(r => { r.name, x: 1.0 }))`);
    expect(JSON.stringify(beside.query)).toContain('"shuffle"');
    expect(JSON.stringify(beside.query)).not.toContain("renewed");
    const held = anew(`union(${drawn}, ${drawn} |> cache)`);
    expect(held.given!.filter(g => g.type.k === "rdd").length).toBe(2);
    expect(held.given!.filter(g => g.type.k === "tensor").length).toBe(2);
    // a step draws when its rows are there
    expect(() =>
      train("people |> map(r => { r.name, x: 1.0 })", "length(substring(r.name, randint(0, 3), 2))"),
    ).toThrow(/a text of what a loss draws/);
  });
  test("of a table that is only printed no more rows are made than are shown", () => {
    const joined = 'people |> map(r => { r.id, city: r.city ?? "?" }) |> join(rates, on: "city")';
    const [one] = engines(`print ${joined} |> map(r => { x: sqrt(r.rate) })`);
    expect(one!.query).toMatchObject({ k: "take", count: 10, of: { k: "join" } });
    const [two] = engines(`let j = ${joined}\nprint j\nprint count(j)`);
    expect(two!.query!.k).toBe("join");
  });
  test("a list in a row leaves the engine as a text", () => {
    const [one] = engines("print people |> map(r => { r.id, w: words(r.name) })");
    expect(one!.columns).toMatchObject({ id: {}, w: { store: "i32", shape: [] } });
    expect(JSON.stringify(one!.query)).toContain("list_text");
  });
});
