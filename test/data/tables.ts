/**
 * Generated tables and text of the programs on them: links.csv (PageRank), churn.csv, orders/, users.csv and vat.csv (features of orders),
 * points.parquet (k-means), features.parquet (principal components), corpus.txt (word2vec). A function of nothing; `make.ts` writes them to
 * examples/data/tables, tests where they run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mix32 } from "../../src/ir/mix32.ts";
import { queryRows, quoted } from "../../src/runtime/engine/duckdb.ts";

/** draws by number: the same each time */
const draws = (seed: number) => {
  const word = (i: number): number => mix32(i ^ seed) >>> 0;
  return {
    below: (i: number, n: number): number => word(i) % n,
    /** in [0, 1) */
    unit: (i: number): number => (word(i) >>> 8) / 2 ** 24,
  };
};
const lines = (head: string, count: number, line: (i: number) => readonly (string | number)[]): string =>
  `${[head, ...Array.from({ length: count }, (_, i) => line(i).join(","))].join("\n")}\n`;

const page = (i: number): string => `${["wiki/Straße", "wiki/東京", "wiki/page, old", "home"][i % 4]} ${i}`;
const quotedCell = (text: string): string => (text.includes(",") ? `"${text}"` : text);
/** pages of low numbers are linked more; some link to nothing */
function links(): string {
  const d = draws(0x11111111);
  return lines("from,to", 900, i => {
    const from = 20 + d.below(3 * i, 100);
    const to = Math.floor(120 * d.unit(3 * i + 1) * d.unit(3 * i + 2));
    return [quotedCell(page(from)), quotedCell(page(to))];
  });
}
const JOBS = ["clerk", "nurse", "teacher", "driver", "cook", "engineer"];
const CITIES = ["Aachen", "Bern", "Córdoba", "Den Haag", "Łódź", "Oslo", "Québec"];
function churn(): string {
  const d = draws(0x22222222);
  return lines("id,age,income,job,city,churn", 1600, i => {
    const at = (k: number): number => 8 * i + k;
    const [age, income] = [18 + d.below(at(0), 60), 20_000 + d.below(at(1), 60_000)];
    const job = d.below(at(2), JOBS.length);
    // a few cities are too rare to have a number of their own
    const city = d.below(at(3), 50) === 0 ? `village ${d.below(at(4), 9)}` : CITIES[d.below(at(4), CITIES.length)]!;
    const score = (age - 48) / 20 - (income - 50_000) / 25_000 + (job < 2 ? 1 : 0) + (city === "Oslo" ? 1 : 0);
    const leaves = d.unit(at(5)) < 1 / (1 + Math.exp(-2 * score));
    const missing = d.below(at(6), 12);
    return [
      1000 + i,
      missing === 0 ? "" : age,
      missing === 1 ? "NA" : income,
      missing === 2 ? "" : JOBS[job]!,
      city,
      String(leaves),
    ];
  });
}
const COUNTRIES = ["AT", "BE", "CH", "DE", "ES"];
function users(): string {
  const d = draws(0x33333333);
  return lines("user,country,born", 120, i => [
    i,
    COUNTRIES[d.below(2 * i, COUNTRIES.length)]!,
    i % 9 === 0 ? "" : 1950 + d.below(2 * i + 1, 55),
  ]);
}
/** CH has no rate */
const vat = (): string => "country,vat\nAT,0.2\nBE,0.21\nDE,0.19\nES,0.21\n";
/** of some users who are not known; three files, the second with rows of 2024 */
function orders(part: number, path: string): void {
  const n = 700;
  const word = (k: number): string => `(((i + ${part * n}) * 2654435761 + ${k} * 40503 + 12345) * 48271 % 2147483647)`;
  queryRows(
    `copy (select (i + ${part * n})::bigint as "order", (${word(1)} % 130)::bigint as "user",
      make_timestamp(${part === 1 ? 1_710_000_000_000_000 : 1_735_700_000_000_000}::bigint + ${word(2)} % 31000000 * 1000000) as at,
      ((${word(3)} % 20000) / 100)::double as price, (1 + ${word(4)} % 5)::integer as pieces,
      case when ${word(5)} % 3 = 0 then 'C' || (${word(6)} % 7) end as coupon
      from range(${n}) t(i)) to ${quoted(path)} (format parquet)`,
  );
}

/** path -> what DuckDB is asked for */
const queries: Readonly<Record<string, string>> = {
  // eight heaps of 500
  "points.parquet":
    "select ((i % 8) * 2 + (i * 7919 % 1009) / 1009)::float as x, ((i * 5 % 8) * 3 + (i * 104729 % 997) / 997)::float as y, 'p' || i as name from range(4000) t(i)",
  // each direction shorter than the one before
  "features.parquet": `select [${Array.from({ length: 64 }, (_, k) => `(i * ${2 * k + 1} * 7919 % 1009) / 1009 / ${1 + k}`)}]::float[64] as features from range(3000) t(i)`,
};

/** 20 pairs of words that stand among the same words, and no others do */
export const PAIRS: readonly (readonly [string, string])[] = Array.from(
  { length: 20 },
  (_, i) => [`word${i}a`, `word${i}b`] as const,
);
const AROUND = 6;
function corpus(): string {
  const d = draws(0x44444444);
  return Array.from({ length: 2400 }, (_, i) => {
    const pair = i % PAIRS.length;
    const word = PAIRS[pair]![d.below(9 * i, 2)]!;
    const around = Array.from({ length: 4 }, (_, k) => `Near${pair}x${d.below(9 * i + 1 + k, AROUND)}`);
    return [...around.slice(0, 2), word, ...around.slice(2)].join(" ");
  }).join("\n");
}

/** path -> text */
const texts: Readonly<Record<string, () => string>> = {
  "links.csv": links,
  "churn.csv": churn,
  "users.csv": users,
  "vat.csv": vat,
  "corpus.txt": () => `${corpus()}\n`,
};
export function writeTables(to: string): void {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), text());
  }
  for (const [name, query] of Object.entries(queries))
    queryRows(`copy (${query}) to ${quoted(join(to, name))} (format parquet)`);
  mkdirSync(join(to, "orders"), { recursive: true });
  for (const part of [0, 1, 2]) orders(part, join(to, "orders", `part${part}.parquet`));
}
