/** Arrow, text and pictures: files that PyArrow and Pillow wrote, what they read, and every way to be broken. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import type { Stored } from "../../src/ir/type.ts";
import type { Cells } from "../../src/runtime/cells.ts";
import { view } from "../../src/runtime/dtype.ts";
import { kernelStore } from "../../src/runtime/formats/format.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { show } from "../../src/runtime/formats/table-words.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { piecesOf } from "./pieces.ts";
import { temporary } from "./temporary.ts";

interface Foreign {
  readonly pictures: readonly {
    readonly name: string;
    readonly bytes: string;
    readonly planes: readonly { readonly size: readonly [number, number]; readonly bytes: string }[];
  }[];
  readonly arrows: Readonly<Record<"file" | "stream" | "zstd" | "lz4", string>>;
}
const foreign: Foreign = JSON.parse(readFileSync(join(import.meta.dirname, "foreign-files.json"), "utf8"));
const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");
function file(name: string, bytes: Uint8Array | string): string {
  const path = join(temporary(), name);
  writeFileSync(path, bytes);
  return path;
}
/** the columns of files: numbers, and strings by the table of strings */
function read(
  format: string,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const f = formatOf(format);
  const { columns } = f.schema(paths, { ...options, rows: true });
  const strings = makeStrings([]);
  const room = new Map<string, Uint8Array>();
  const table = f.rows!(
    paths,
    options,
    (name, bytes) => {
      const b = room.get(name) ?? new Uint8Array(bytes);
      room.set(name, b);
      return b;
    },
    strings,
  );
  return {
    rows: table.rows,
    ...Object.fromEntries(
      [...room].map(([name, b]) => [name, Array.from(view(kernelStore(columns[name]!.store) as Stored, b), Number)]),
    ),
    texts: strings.text,
  };
}
/** without the folder */
function said(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof HostError) return e.message.replaceAll(/\/\S*\//g, "");
    throw e;
  }
  throw new Error("nothing was refused");
}

describe("arrow", () => {
  const columns = [
    ["i", "i64", [], true],
    ["u", "u8", [], false],
    ["f", "f32", [], false],
    ["h", "f32", [], false],
    ["s", "string", [], false],
    ["d", "string", [], true],
    ["b", "bool", [], true],
    ["t", "time", [], false],
    ["day", "time", [], false],
    ["v", "f32", [2], false],
    ["l", "i32", [2], false],
  ];
  test.each(["file", "stream", "zstd", "lz4"] as const)("as PyArrow wrote it: %s", kind => {
    const path = file("a.arrow", bytesOf(foreign.arrows[kind]));
    const { texts, ...found } = read("arrow", [path, path], { columns });
    const once = {
      "i.value": [1, 0, 3],
      "i.present": [1, 0, 1],
      u: [0, 200, 255],
      f: [0.5, Number.NaN, -0],
      h: [0.5, 2, -3],
      "b.value": [1, 0, 0],
      "b.present": [1, 0, 1],
      t: [0, 1_000_000, -1],
      day: [0, 19_000 * 86_400e6, -86_400e6],
      v: [1, 2, 3, 4, 5, 6],
      l: [1, 2, 3, 4, 5, 6],
    };
    const twice = Object.fromEntries(Object.entries(once).map(([n, x]) => [n, [...x, ...x]]));
    const { s, "d.value": d, "d.present": there, ...rest } = found as Record<string, number[]>;
    expect(rest).toEqual({ rows: 6, ...twice });
    const text = texts as (n: number) => string;
    expect(s!.map(text)).toEqual(["x", "", "é→", "x", "", "é→"]);
    expect(d!.filter((_, i) => there![i]).map(text)).toEqual(["p", "p", "p", "p"]);
  });
  test("types by the schema; what the language has not is left out", () => {
    const { columns } = formatOf("arrow").schema([file("a.arrow", bytesOf(foreign.arrows.file))], {});
    const types = Object.entries(columns).map(([n, c]) => `${n} ${show(c)}${c.nullable ? "?" : ""}`);
    expect(types).toEqual([
      "i i64?",
      "u u8",
      "f f32",
      "h f32",
      "s string",
      "d string?",
      "b bool?",
      "t time",
      "day time",
      "v f32[2]",
      "l i32[2]",
      "ragged list i32",
      "nested.a i64",
      "big i64",
    ]);
  });
  test("written and read back: texts, instants, truths, what is missing", () => {
    const cells = (store: Stored, values: ArrayBufferView, more: Partial<Cells> = {}): Cells => ({
      store,
      shape: [3],
      bytes: new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
      ...more,
    });
    const present = cells("bool", new Int32Array([1, 0, 1]));
    const columns = {
      s: cells("i32", new Int32Array([0, 1, 0]), { texts: n => ["é", "x"][n]!, present }),
      t: cells("i64", new BigInt64Array([-1n, 0n, 1_700_000_000_000_001n]), { times: true }),
      m: cells("f32", new Float32Array([1.5, 0, Number.NaN]), { present }),
      b: cells("bool", new Int32Array([1, 0, 0]), { present }),
      n: cells("i64", new BigInt64Array([2n ** 62n, -1n, 0n])),
    };
    const bytes = Buffer.concat([...formatOf("arrow").encodeTable!(piecesOf(Object.entries(columns), 3, 2))]);
    const columnsRead = [
      ["s", "string", [], true],
      ["t", "time", [], false],
      ["m", "f32", [], true],
      ["b", "bool", [], true],
      ["n", "i64", [], false],
    ];
    const { texts, "s.value": s, ...rest } = read("arrow", [file("a.arrow", bytes)], { columns: columnsRead });
    expect(rest).toEqual({
      rows: 3,
      "s.present": [1, 0, 1],
      t: [-1, 0, 1_700_000_000_000_001],
      "m.value": [1.5, 0, Number.NaN],
      "m.present": [1, 0, 1],
      "b.value": [1, 0, 0],
      "b.present": [1, 0, 1],
      n: [2 ** 62, -1, 0],
    });
    expect([(s as number[])[0]!, (s as number[])[2]!].map(texts as (n: number) => string)).toEqual(["é", "é"]);
  });
  test("broken", () => {
    const path = file("a.arrow", bytesOf(foreign.arrows.file));
    const asked = (...column: readonly unknown[]) => said(() => read("arrow", [path], { columns: [column] }));
    expect(asked("i", "i64", [], false)).toContain("a.arrow, row 2, column `i`: there is no value, and i64 needs one");
    expect(asked("big", "i64", [], false)).toBe('a.arrow, row 2, column `big`: "9223372036854775808" is no i64');
    expect(asked("ragged", "i32", [1], false)).toBe('a.arrow, row 2, column `ragged`: "[2, 3]" is no i32[1]');
    expect(asked("u", "string", [2], false)).toBe("column `u` of a.arrow is u8, not string[2]");
    expect(asked("nested", "i32", [], false)).toBe("no column `nested` in a.arrow");
    const lz4 = bytesOf(foreign.arrows.lz4);
    const frame = lz4.indexOf(Buffer.from([0x04, 0x22, 0x4d, 0x18]));
    for (const at of [frame, frame + 4, frame + 8]) {
      const bad = Buffer.from(lz4);
      bad.fill(0xff, at, at + 4);
      expect(said(() => read("arrow", [file("z.arrow", bad)], {}))).toMatch(
        /^cannot read z\.arrow: a (frame|block) of/,
      );
    }
    expect(said(() => read("arrow", [file("n.arrow", "no arrow at all")], {}))).toMatch(/n\.arrow/);
    expect(said(() => read("arrow", [file("n.arrow", "")], {}))).toBe("n.arrow is empty, an arrow file was expected");
    expect(said(() => read("arrow", [file("c.arrow", bytesOf(foreign.arrows.file).subarray(0, 2000))], {}))).toMatch(
      /c\.arrow/,
    );
  });
});

describe("text", () => {
  const lines = (...files: readonly string[]): readonly string[] => {
    const {
      rows,
      "": numbers,
      texts,
    } = read("text", files, {}) as { rows: number; "": number[]; texts: (n: number) => string };
    expect(numbers.length).toBe(rows);
    return numbers.map(texts);
  };
  test("a row per line", () => {
    const path = file("a.txt", "\ufeffone\r\n\ntwo \rthree\n");
    expect(lines(path, path)).toEqual(["one", "", "two \rthree", "one", "", "two \rthree"]);
    expect(lines(file("a.txt", "a\nb"))).toEqual(["a", "b"]);
    expect(lines(file("a.txt.gz", gzipSync("a\n\n")))).toEqual(["a", ""]);
    expect(formatOf("text").schema([path], { columns: [["", "string", [], false]], rows: true }).rows).toBe(3);
  });
  test("broken", () => {
    expect(said(() => lines(file("a.txt", Buffer.from("a\nb\xff\n", "latin1"))))).toBe(
      "a.txt, line 2: the bytes are no UTF-8",
    );
    expect(said(() => lines(file("a.txt.gz", gzipSync("a\n".repeat(1000)).subarray(0, 20))))).toMatch(
      /^a\.txt\.gz is damaged: /,
    );
    expect(said(() => lines(file("a.txt", "")))).toBe("a.txt is empty, a text file was expected");
  });
});

describe("images", () => {
  const folder = (): string => {
    const root = temporary();
    for (const { name, bytes } of foreign.pictures) {
      const own = join(root, name.endsWith(".png") ? "sharp" : "soft");
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, name), bytesOf(bytes));
    }
    return root;
  };
  const pathIn = (root: string, name: string): string => join(root, name.endsWith(".png") ? "sharp" : "soft", name);
  test("pixels as Pillow has them, at each size; labels are folders", () => {
    const root = folder();
    const files = foreign.pictures.map(p => pathIn(root, p.name));
    foreign.pictures[0]!.planes.forEach(({ size }, k) => {
      const options = { size, folder: root, threads: 2 };
      const { image, label, path, texts, rows } = read("images", files, options) as Record<string, number[]>;
      const text = texts as unknown as (n: number) => string;
      expect(rows).toBe(files.length);
      const expected = Buffer.concat(foreign.pictures.map(p => bytesOf(p.planes[k]!.bytes)));
      expect(Buffer.from(image!).equals(expected), String(size)).toBe(true);
      expect(label!.map(text)).toEqual(["sharp", "soft", "soft", "sharp", "sharp", "soft"]);
      expect(path!.map(text)).toEqual(foreign.pictures.map(p => pathIn("", p.name)));
    });
  });
  test("what is no picture, the first of them by name", () => {
    const root = folder();
    const [png, jpg] = ["a.png", "b.jpg"].map(n => pathIn(root, n));
    const broken = (name: string, bytes: Uint8Array | string): string => {
      const path = join(root, name);
      writeFileSync(path, bytes);
      return said(() => read("images", [png!, path, jpg!, path], { size: [4, 4], threads: 3 }));
    };
    expect(broken("x.png", "a text")).toBe("x.png is no picture: neither jpeg nor png");
    expect(broken("x.jpg", "")).toBe("x.jpg is no picture: the file is empty");
    expect(broken("x.jpg", readFileSync(jpg!).subarray(0, 700))).toBe("x.jpg is no picture: the jpeg ends early");
    expect(broken("x.png", readFileSync(png!).subarray(0, 700))).toMatch(/^x\.png is no picture: /);
    const bad = Buffer.from(readFileSync(png!));
    bad.fill(0x55, 100, 140);
    expect(broken("x.png", bad)).toMatch(/^x\.png is no picture: /);
    expect(said(() => formatOf("images").schema([join(root, "none.png")], { size: [4, 4] }))).toMatch(
      /none\.png: no such file/,
    );
  });
});
