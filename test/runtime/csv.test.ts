/** The compiled reader of csv beside the engine's: the same columns bit for bit, or the same message, wherever pieces and threads begin. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import { type FieldWanted, WIDTH } from "../../src/runtime/csv/job.ts";
import { KINDS } from "../../src/runtime/csv/kernel-memory.ts";
import { fieldValue, type Store } from "../../src/runtime/csv/odd.ts";
import { readCsv } from "../../src/runtime/csv/read.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { makeStrings, type Strings } from "../../src/runtime/strings.ts";
import { assembled, source } from "../data/assemble.ts";
import { seeded } from "../ir/grow.ts";
import { temporary } from "./temporary.ts";

type Asked = readonly (readonly [name: string, store: Store | "string", shape: readonly number[], nullable: boolean])[];
type Columns = Readonly<Record<string, string>>;
const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");
/** the bytes of a column, or its texts, which may have been numbered in another order */
function shown(name: string, columns: Asked, b: Uint8Array, strings: Strings): string {
  const own = columns.find(c => name === (c[3] ? `${c[0]}.value` : c[0]));
  return own?.[1] === "string" ? JSON.stringify([...new Int32Array(b.slice().buffer)].map(strings.text)) : hex(b);
}

/** the columns' bytes, or what is said; without folders */
function read(path: string, columns: Asked, more: object): Columns | string {
  const f = formatOf("csv");
  const room = new Map<string, Uint8Array>();
  const strings = makeStrings(["first"]);
  try {
    const options = { ...more, columns };
    const stored = f.schema([path], { ...options, rows: true });
    const { rows } = f.rows!(
      [path],
      options,
      (name, bytes) => {
        const old = room.get(name);
        const b = old?.length === bytes ? old : new Uint8Array(bytes);
        room.set(name, b);
        return b;
      },
      strings,
    );
    expect(stored.rows).toBe(rows);
    return Object.fromEntries([
      ["rows", String(rows)],
      ...[...room].map(([n, b]) => [n, shown(n, columns, b, strings)]),
    ]);
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return e.message.replaceAll(/\/\S*\//g, "").replaceAll("a.csv.gz", "a.csv");
  }
}
/** the compiled reader alone, in pieces of that many bytes; undefined: it leaves the file to the engine */
function direct(
  path: string,
  names: readonly string[],
  columns: Asked,
  more: Options,
  piece: number,
  threads: number,
): Columns | undefined {
  const widths: number[] = [];
  const titles: string[] = [];
  const fields = names.map((name): FieldWanted => {
    const asked = columns.find(c => c[0] === name);
    if (!asked) return { kind: "skip", values: -1, there: -1 };
    const [, store, , nullable] = asked;
    const isText = store === "string";
    const values = widths.push(isText ? 4 : WIDTH[store]) - 1;
    titles.push(nullable ? `${name}.value` : name);
    const there = nullable ? widths.push(4) - 1 : -1;
    if (nullable) titles.push(`${name}.present`);
    return { kind: KINDS.find(k => k === store) ?? "text", ...(isText ? {} : { store }), values, there };
  });
  let views: Uint8Array[] = [];
  const place = (rows: number) => {
    views = widths.map(w => new Uint8Array(new SharedArrayBuffer(w * rows)));
    return views.map(v => ({ k: "shared" as const, buffer: v.buffer as SharedArrayBuffer, at: 0 }));
  };
  const dialect = { header: more.header, delimiter: more.delimiter, missing: ["", "NA"] };
  const strings = makeStrings(["first"]);
  const rows = readCsv([{ path, fields }], dialect, widths, place, threads, strings, piece);
  if (rows === undefined) return undefined;
  return Object.fromEntries([
    ["rows", String(rows)],
    ...titles.map((t, i) => [t, shown(t, columns, views[i]!, strings)]),
  ]);
}
interface Options {
  readonly header: boolean;
  readonly delimiter: string;
}

const STORES = ["f32", "f64", "string", "f32", "f64", "string", "i32", "i64", "u8", "bool", "time"] as const;
const ODD =
  `+5;-0;" 5";5 ;1.;.5;-.5;+.5;1e5;1E+5;1e;e5;1e-400;1e400;1e39;-1e39;1e-46;1e-45;nan;NaN;-nan;inf;-Infinity;+inf;infin;0x10;1_000;--5;+-5;5-;1e5.5;1.e5;.e5;.;-;+;00012;1e0005;1 2;16777217;16777217.0000001;16777217.0;33554433.5;3.4028235677973366e38;3.4028235677973367e38;3.4028235e38;1.1754943e-38;9007199254740993;9007199254740993.5;2.4703282292062327e-324;4e-324;1.7976931348623159e308;123456789012345678901234567890;0.000000000000000000000000000001;-128;255;256;2147483647;-2147483648;2147483648;9223372036854775807;-9223372036854775808;9223372036854775808;99999999999999999999;NA;na;;1;0;true;FALSE;True;1970-01-01;2024-02-29;2023-02-29;2024-02-29 23:59:59;2024-02-29T00:00:00.25Z;0001-01-01;24:00;5\t;\t5;5é`.split(
    ";",
  );

describe("as the engine", () => {
  for (let part = 0; part < 4; part++)
    test(`random files, ${part}`, { timeout: 120_000 }, () => {
      const folder = temporary();
      let plain = 0;
      for (let seed = part * 50; seed < part * 50 + 50; seed++) {
        const rng = seeded(seed);
        const chance = (p: number): boolean => rng.int(1000) < p * 1000;
        const names = ["a", "b", "c", "d", "e", "f"].slice(0, 1 + rng.int(6));
        const columns = names.flatMap((n): Asked => (chance(0.15) ? [] : [[n, rng.pick(STORES), [], chance(0.3)]]));
        const more = { header: chance(0.85), delimiter: rng.pick([",", ",", ";", "\t", "|"]) };
        const own = more.header
          ? columns
          : columns.map((c): Asked[number] => [`column${names.indexOf(c[0])}`, c[1], c[2], c[3]]);
        const end = chance(0.3) ? "\r\n" : "\n";
        // most files are good, as far as the odd cells are
        const [odd, wrong] = [chance(0.5) ? 0.1 : 0, chance(0.4) ? 0.05 : 0];
        const number = (store: Store | "string"): string => {
          if (store === "string") return word();
          if (store === "bool") return rng.pick(["true", "false", "1", "0"]);
          if (store === "time") return rng.pick(["2001-02-03", "1999-12-31 23:59:59", "2024-02-29T01:02:03"]);
          if (store === "u8") return String(rng.int(256));
          if (store[0] === "i") return String(rng.int(2 ** 31) - 2 ** 30);
          const x = rng.normal() * 10 ** (rng.int(20) - 10);
          return rng.pick([
            x.toFixed(4),
            String(x),
            x.toExponential(3),
            x.toPrecision(17),
            String(Math.fround(x)),
            String(rng.int(1e6)),
          ]);
        };
        // the same text quoted and not, ones that differ behind their sixteenth byte, ones of that length
        const word = (): string =>
          rng.pick([
            "x",
            '"x"',
            "a long text of more than sixteen bytes",
            `a long text of more than sixteen byte${rng.int(9)}`,
            "sixteen bytes ..",
            '"sixteen bytes .."',
            "é→",
            '"q"',
            '"two "" in it"',
            '""""',
            `"a${end}b"`,
            `"in quotes${more.delimiter}"`,
            " y ",
            "1.5",
            `n${rng.int(1e6)}`,
            ...(chance(wrong) ? ["", "NA", '""', '"NA"', '"x" ', ' "x"', 'x"y', "x\0", '"open'] : []),
          ]);
        const cell = (name: string): string => {
          const asked = columns.find(c => c[0] === name);
          if (!asked) return chance(0.2) ? "" : word();
          const [, store, , nullable] = asked;
          if (nullable && chance(0.1)) return rng.pick(["", "NA"]);
          if (store !== "string" && chance(odd)) {
            const c = rng.pick(ODD);
            if (
              c.includes(more.delimiter) ||
              (!chance(wrong) && !(c === "NA" || c === "" ? nullable : fieldValue(store, c) !== undefined))
            )
              return number(store);
            return c;
          }
          return number(store);
        };
        const lines = Array.from({ length: rng.int(60) }, () => {
          if (chance(wrong / 4)) return "";
          const line = names.map(cell);
          if (chance(wrong / 4)) line.push("1");
          return line.join(more.delimiter);
        });
        if (more.header) lines.unshift(names.join(more.delimiter));
        const text =
          (chance(0.1) ? "\ufeff" : "") + lines.join(end) + (chance(0.8) ? end : "") + (chance(0.1) ? end : "");
        const bytes = Buffer.from(
          chance(wrong / 4) ? text.replace(/5/, "\xff") : text,
          chance(wrong / 4) ? "latin1" : "utf8",
        );
        const [path, zipped] = [join(folder, "a.csv"), join(folder, "a.csv.gz")];
        writeFileSync(path, bytes);
        writeFileSync(zipped, gzipSync(bytes));
        const expected = read(zipped, own, more);
        const found = read(path, own, more);
        const about = `seed ${seed}: ${JSON.stringify(text)} ${JSON.stringify(own)}`;
        expect(found, about).toEqual(expected);
        const all = more.header ? names : names.map((_, i) => `column${i}`);
        const piece = rng.pick([1, 7, 64, 100, 1000, 1 << 19]);
        const alone = direct(path, all, own, more, piece, seed % 10 === 0 ? 3 : 1);
        // a type that the file's cells do not look like is refused before they are read
        const refused = typeof expected === "string" && / is \w+\??, not \w+$/.test(expected);
        if (alone && !refused) expect(alone, `${about} in pieces of ${piece}`).toEqual(expected);
        if (alone) plain++;
      }
      // what is compared is not always the engine with itself
      expect(plain).toBeGreaterThan(20);
    });

  test("each odd cell that is understood, as each type", { timeout: 120_000 }, () => {
    const folder = temporary();
    const stores: readonly Store[] = ["f32", "f64", "i32", "i64", "u8", "i8", "u16", "u32", "bool", "time"];
    for (const store of stores) {
      const plain = store === "time" ? "1970-01-01" : store === "bool" ? "true" : store[0] === "f" ? "1.5" : "1";
      const cells = ODD.filter(c => c !== "" && !c.includes('"') && fieldValue(store, c) !== undefined);
      // types are taken from the first rows
      const text = Buffer.from(`a,b\n${`${plain},\n`.repeat(20_480)}${cells.map(c => `${c},\n`).join("")}`);
      const path = join(folder, "a.csv");
      writeFileSync(path, text);
      writeFileSync(`${path}.gz`, gzipSync(text));
      const columns: Asked = [["a", store, [], false]];
      const alone = direct(path, ["a", "b"], columns, { header: true, delimiter: "," }, 1000, 1);
      expect(alone?.["rows"], store).toBe(String(20_480 + cells.length));
      expect(alone, store).toEqual(read(`${path}.gz`, columns, {}));
    }
  });

  test("decimal numbers of any length and power, as JavaScript reads them", () => {
    const path = join(temporary(), "a.csv");
    const rng = seeded(1);
    const digits = (n: number): string => Array.from({ length: n }, () => rng.int(10)).join("");
    const texts = Array.from({ length: 200_000 }, (_, i) => {
      if (i % 4 === 0) {
        // just between two numbers, and a little beside
        const x = rng.normal() * 2 ** rng.int(60);
        return String(BigInt(Math.trunc(x)) * 2n + 1n) + rng.pick(["", ".0", ".5", ".0000001"]);
      }
      const sign = rng.pick(["", "-", "+"]);
      return `${sign}${digits(rng.int(12) + 1)}.${digits(rng.int(12))}${rng.pick(["", "", `e${rng.int(700) - 350}`, `E-${rng.int(30)}`])}`;
    });
    writeFileSync(path, `a\n${texts.join("\n")}\n`);
    const found = direct(path, ["a"], [["a", "f64", [], false]], { header: true, delimiter: "," }, 1 << 19, 1);
    expect(found!["a"]).toBe(hex(new Uint8Array(Float64Array.from(texts, Number).buffer)));
  });
});

test("texts are numbered in the order of the rows, whoever reads them", () => {
  const path = join(temporary(), "a.csv");
  const rng = seeded(2);
  const words = Array.from({ length: 5000 }, () => rng.pick(["a", "b", "c", `"n ${rng.int(3000)}"`, `m${rng.int(9)}`]));
  writeFileSync(path, `a,b\n${words.map((w, i) => `${w},${words[words.length - 1 - i]}\n`).join("")}`);
  const fields = [0, 1].map((values): FieldWanted => ({ kind: "text", values, there: -1 }));
  const dialect = { header: true, delimiter: ",", missing: ["", "NA"] };
  const expected = makeStrings(["b"]);
  const text = (w: string): string => w.replaceAll('"', "");
  // pieces by pieces, one column after the other
  for (const [piece, threads] of [
    [1 << 19, 1],
    [1000, 1],
    [1000, 4],
    [77, 3],
  ] as const) {
    const strings = makeStrings(["b"]);
    let views: Int32Array[] = [];
    const place = (rows: number) => {
      views = fields.map(() => new Int32Array(new SharedArrayBuffer(4 * rows)));
      return views.map(v => ({ k: "shared" as const, buffer: v.buffer as SharedArrayBuffer, at: 0 }));
    };
    expect(readCsv([{ path, fields }], dialect, [4, 4], place, threads, strings, piece)).toBe(words.length);
    const numbers = words.map(w => expected.number(text(w)));
    expect([...views[0]!]).toEqual(numbers);
    expect([...views[1]!]).toEqual(numbers.toReversed());
  }
});
test("the kernel is its text, assembled", () => {
  expect(readFileSync(new URL("../../src/runtime/csv/kernel.ts", import.meta.url), "utf8")).toBe(source(assembled()));
});
