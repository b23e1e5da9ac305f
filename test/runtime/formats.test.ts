/** File formats against files that NumPy 2.4 and safetensors 0.8 wrote (numpy-files.json), and against every way to be broken. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HostError } from "../../src/ir/host.ts";
import { type TensorData, valueAt, view } from "../../src/runtime/dtype.ts";
import { FORMATS, formatOf } from "../../src/runtime/formats/index.ts";
import { nodeHost } from "../../src/runtime/host.ts";
import { makeStrings } from "../../src/runtime/strings.ts";
import { piecesOf } from "./pieces.ts";
import { temporary } from "./temporary.ts";

const FILES: { readonly [name: string]: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, "numpy-files.json"), "utf8"),
);
const MNIST = join(import.meta.dirname, "../../examples/data");
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(temporary(), name);
  writeFileSync(path, bytes);
  return path;
};
const made = (name: string, as = `${name}.npy`): string => file(as, Buffer.from(FILES[name]!, "base64"));
const values = (t: TensorData): (number | bigint)[] => {
  const v = view(t.store, t.bytes);
  return Array.from({ length: v.length }, (_, i) => valueAt(t.store, v, i));
};
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    if (e instanceof HostError) return e.message;
    throw e;
  }
  throw new Error("nothing was refused");
};
const concat = (chunks: Iterable<Uint8Array>): Buffer => Buffer.concat([...chunks]);
const npy = formatOf("npy");
const safetensors = formatOf("safetensors");
const idx = formatOf("idx");

describe("npy", () => {
  test.each<[string, string, readonly number[], readonly (number | bigint)[]]>([
    ["f4", "f32", [2, 3], [1.5, -2, 3, 4, 5, Infinity]],
    ["f8_be", "f64", [2, 3], [1.5, -2, 3, 4, 5, 6.25]],
    ["i4_fortran", "i32", [2, 3, 4], Array.from({ length: 24 }, (_, i) => i)],
    ["i2", "i32", [3], [-1, 2, -32768]],
    ["u2_be", "u16", [2], [1, 65535]],
    ["i8", "i64", [2], [-1n, 2n ** 53n + 1n]],
    ["u4", "u32", [2], [2 ** 32 - 1, 7]],
    ["f2", "f16", [2], [0.5, -65504]],
    ["b1", "bool", [2, 2], [1, 0, 0, 1]],
    ["u1_scalar", "u8", [], [200]],
    ["f4_empty", "f32", [0, 3], []],
    ["f4_v2", "f32", [2], [1, 2]],
    ["f4_v3", "f32", [2], [1, 2]],
  ])("reads %s", (name, store, shape, expected) => {
    const path = made(name);
    const t = npy.tensor!(path, undefined);
    expect([t.store, t.shape, values(t)]).toEqual([store, shape, expected]);
    expect(nodeHost("").schema("npy", [path], {})).toEqual({ columns: { value: { store, shape, nullable: false } } });
  });
  test.each(["f4", "i8", "f2", "b1", "u1_scalar", "f4_empty", "u4"])("writes %s byte for byte as NumPy does", name => {
    const path = made(name);
    const text = concat(npy.encodeTensor!(npy.tensor!(path, undefined)));
    expect(text.equals(readFileSync(path))).toBe(true);
  });
  test("widens bf16, which NumPy has not", () => {
    const t: TensorData = { store: "bf16", shape: [2], bytes: new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer) };
    expect(values(npy.tensor!(file("b.npy", concat(npy.encodeTensor!(t))), undefined))).toEqual([1, -2]);
  });
  test.each<[string, () => string, string]>([
    ["missing", () => join(temporary(), "a.npy"), "no such file"],
    ["a folder", () => temporary(), "is a folder, not a file"],
    ["a device", () => "/dev/null", "it is not a regular file"],
    ["empty", () => file("a.npy", ""), "is empty, an npy file was expected"],
    ["another format", () => file("a.npy", "PK\x03\x04 and so on"), 'it starts with "PK\\u0003\\u0004 a", expected'],
    [
      "of a later version",
      () => file("a.npy", Buffer.from("\x93NUMPY\x04\x00aaaa", "latin1")),
      "is npy version 4.0; 1 to 3 are known",
    ],
    [
      "cut off in its header",
      () => file("a.npy", Buffer.from(FILES["f4"]!, "base64").subarray(0, 40)),
      "the header needs 128",
    ],
    [
      "cut off in its data",
      () => file("a.npy", Buffer.from(FILES["f4"]!, "base64").subarray(0, -1)),
      "23 bytes of data, <f4 with shape (2, 3) needs 24: it is cut off",
    ],
    [
      "too long",
      () => file("a.npy", Buffer.concat([Buffer.from(FILES["f4"]!, "base64"), Buffer.of(0)])),
      "25 bytes of data, <f4 with shape (2, 3) needs 24",
    ],
    ["complex", () => made("c8"), "holds NumPy's type <c8"],
    ["u64", () => made("u8"), "holds NumPy's type <u8"],
    ["structured", () => made("rec"), "a structured type"],
  ])("refuses a file that is %s", (_, path, expected) => {
    const p = path();
    expect(message(() => npy.tensor!(p, undefined))).toContain(expected);
    expect(message(() => npy.tensor!(p, undefined))).toContain(p);
  });
});

describe("safetensors", () => {
  const literal = (header: string, data: number): string => {
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return file("a.safetensors", Buffer.concat([start, Buffer.from(header), Buffer.alloc(data)]));
  };
  test("reads what the reference implementation wrote", () => {
    const path = made("st", "a.safetensors");
    const get = (name: string) => {
      const t = safetensors.tensor!(path, name);
      return [t.store, t.shape, values(t)];
    };
    expect(get("conv1.w")).toEqual(["f32", [2, 3], [0, 1, 2, 3, 4, 5]]);
    expect(get("b")).toEqual(["bool", [2], [1, 0]]);
    expect(get("h")).toEqual(["f16", [1], [0.5]]);
    expect(get("n")).toEqual(["i64", [1], [-3n]]);
    expect(get("s")).toEqual(["i32", [2], [-2, 5]]);
    expect(Object.keys(safetensors.schema([path], {}).columns).sort()).toEqual(["b", "conv1.w", "h", "n", "s"]);
    expect(message(() => get("conv2.w"))).toContain("has no tensor `conv2.w`: it has ");
  });
  test("writes the bytes of the format, and reads them back", () => {
    const w: TensorData = { store: "f32", shape: [2], bytes: new Uint8Array(Float32Array.of(1, 2).buffer) };
    const b: TensorData = { store: "bool", shape: [], bytes: new Uint8Array(Uint32Array.of(1).buffer) };
    const bytes = concat(
      safetensors.encodeTensors!([
        ["b", b],
        ["w", w],
      ]),
    );
    const header =
      '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}';
    const padded = header.padEnd(8 * Math.ceil(header.length / 8));
    expect(bytes.subarray(8, 8 + padded.length).toString()).toBe(padded);
    expect(bytes.readBigUInt64LE()).toBe(BigInt(padded.length));
    expect(bytes.subarray(8 + padded.length).toString("hex")).toBe("0000803f0000004001");
    const path = file("a.safetensors", bytes);
    expect(values(safetensors.tensor!(path, "w"))).toEqual([1, 2]);
    expect(values(safetensors.tensor!(path, "b"))).toEqual([1]);
  });
  const f32 = (name: string, from: number, to: number, shape = `[${(to - from) / 4}]`): string =>
    `"${name}":{"dtype":"F32","shape":${shape},"data_offsets":[${from},${to}]}`;
  test.each<[string, () => string, string]>([
    ["an empty file", () => file("a.safetensors", ""), "is empty"],
    ["seven bytes", () => file("a.safetensors", "1234567"), "it has 7 bytes"],
    ["a huge header", () => file("a.safetensors", Buffer.alloc(16, 255)), "its header would have"],
    [
      "a header cut off",
      () => file("a.safetensors", Buffer.from("ff00000000000000", "hex")),
      "its header needs 263 bytes, the file has 8",
    ],
    ["no JSON", () => literal("{nope}", 0), "its header is not JSON"],
    ["an array", () => literal("[1]", 0), "its header is no JSON object"],
    [
      "bytes that are not UTF-8",
      () => file("a.safetensors", Buffer.from("01000000000000007b", "hex")),
      "its header is not JSON",
    ],
    ["a space first", () => literal(` {${f32("a", 0, 4)}}`, 4), "its header is no JSON object"],
    [
      "an unknown dtype",
      () => literal('{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}', 4),
      'unknown dtype "F33"',
    ],
    ["a negative dim", () => literal(`{${f32("a", 0, 4, "[-1]")}}`, 4), "has the shape [-1]"],
    ["a fractional dim", () => literal(`{${f32("a", 0, 4, "[0.5]")}}`, 4), "has the shape [0.5]"],
    [
      "offsets that do not fit the shape",
      () => literal(`{${f32("a", 0, 8, "[1]")}}`, 8),
      "`a` is F32 [1], 4 bytes, and has 8",
    ],
    [
      "offsets behind the end",
      () => literal(`{${f32("a", 0, 8)}}`, 4),
      "`a` ends at byte 8 of a buffer of 4: it is cut off",
    ],
    ["an overlap", () => literal(`{${f32("a", 0, 8)},${f32("b", 4, 12)}}`, 12), "`b` overlaps `a`"],
    [
      "a gap",
      () => literal(`{${f32("a", 0, 4)},${f32("b", 8, 12)}}`, 12),
      "4 bytes between `a` and `b` belong to no tensor",
    ],
    ["bytes at the end", () => literal(`{${f32("a", 0, 4)}}`, 8), "the last 4 bytes belong to no tensor"],
    ["a name twice", () => literal(`{${f32("a", 0, 4)},${f32("a", 0, 4)}}`, 4), "`a` occurs twice"],
    ["a name twice, once escaped", () => literal(`{${f32("a", 0, 4)},${f32("\\u0061", 0, 4)}}`, 4), "`a` occurs twice"],
    ["metadata that are not text", () => literal('{"__metadata__":{"a":1}}', 0), "must map strings to strings"],
    [
      "an unknown key",
      () => literal('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}', 0),
      "unknown key `x`",
    ],
  ])("refuses %s", (_, path, expected) => {
    expect(message(() => safetensors.tensor!(path(), "a"))).toContain(expected);
  });
});

describe("idx", () => {
  const bytes = (type: number, dims: readonly number[], data: readonly number[]): Buffer => {
    const start = Buffer.alloc(4 + 4 * dims.length);
    start.set([0, 0, type, dims.length]);
    for (const [i, d] of dims.entries()) start.writeUInt32BE(d, 4 + 4 * i);
    return Buffer.concat([start, Buffer.from(data)]);
  };
  const rows = (...files: readonly string[]) => {
    const columns: Record<string, TensorData> = {};
    const room = new Map<string, Uint8Array>();
    const table = idx.rows!(files, {}, (name, n) => room.set(name, new Uint8Array(n)).get(name)!, makeStrings([]));
    for (const [n, c] of Object.entries(table.columns))
      columns[n] = { store: c.store as TensorData["store"], shape: [table.rows, ...c.shape], bytes: room.get(n)! };
    return columns;
  };
  test("reads MNIST: schema from the headers of the gzip files, then all rows", () => {
    const files = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];
    const schema = nodeHost(MNIST).schema("idx", files, {});
    const columns = {
      image: { store: "u8", shape: [28, 28], nullable: false },
      label: { store: "u8", shape: [], nullable: false },
    };
    expect(schema).toEqual({ rows: 10000, columns });
    const { image, label } = rows(...files.map(f => join(MNIST, f)));
    expect([...label!.bytes.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(image!.bytes.reduce((a, b) => a + b, 0)).toBe(264923200);
  });
  test.each<[number, readonly number[], string, readonly (number | bigint)[]]>([
    [8, [1, 255], "u8", [1, 255]],
    [9, [1, 255], "i8", [1, -1]],
    [11, [0, 1, 255, 254], "i32", [1, -2]],
    [12, [0, 0, 1, 0, 255, 255, 255, 255], "i32", [256, -1]],
    [13, [63, 128, 0, 0, 192, 0, 0, 0], "f32", [1, -2]],
    [14, [63, 240, 0, 0, 0, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0], "f64", [1, -2]],
  ])("reads element type %i", (type, data, store, expected) => {
    const { image } = rows(file("a.idx", bytes(type, [2], data)));
    expect([image!.store, values(image!)]).toEqual([store, expected]);
  });
  const images = bytes(8, [2, 3], [1, 2, 3, 4, 5, 6]);
  test.each<[string, () => readonly string[], string]>([
    ["empty", () => [file("a.idx", "")], "is empty, an idx file was expected"],
    ["a wrong magic", () => [file("a.idx", "\x89PNG....")], "starts with c2 89 50 4e, expected 00 00"],
    ["an unknown type", () => [file("a.idx", bytes(10, [1], [1]))], "starts with 00 00 0a 01"],
    ["rank 0", () => [file("a.idx", Buffer.of(0, 0, 8, 0, 1))], "rank 0"],
    ["cut off in the header", () => [file("a.idx", images.subarray(0, 7))], "7 bytes, rank 2 needs 12"],
    [
      "cut off",
      () => [file("a.idx", images.subarray(0, -1))],
      "has 17 bytes, its header (2 x 3 elements of 1 bytes) needs 18: it is cut off",
    ],
    ["too long", () => [file("a.idx", Buffer.concat([images, Buffer.of(0)]))], "has 19 bytes"],
    ["gzip cut off", () => [file("a.gz", gzipSync(images).subarray(0, -6))], "is cut off: the gzip data end after"],
    ["gzip of too few", () => [file("a.gz", gzipSync(images.subarray(0, -1)))], "has 17 bytes"],
    [
      "gzip of too many",
      () => [file("a.gz", gzipSync(Buffer.concat([images, Buffer.alloc(9)])))],
      "more than the 18 bytes",
    ],
    [
      "gzip with a wrong sum",
      () => [file("a.gz", gzipSync(images).fill(0, gzipSync(images).length - 8))],
      "is damaged: incorrect data check",
    ],
    ["gzip of something else", () => [file("a.gz", gzipSync("hello"))], "is no idx file"],
    [
      "labels that do not fit",
      () => [file("a.idx", images), file("b.idx", bytes(8, [3], [1, 2, 3]))],
      "b.idx has 3 labels for the 2 rows of",
    ],
    ["missing labels", () => [file("a.idx", images), join(temporary(), "b.idx")], "b.idx: no such file"],
    ["a folder", () => [temporary()], "is a folder, not a file"],
  ])("refuses %s", (_, files, expected) => {
    expect(message(() => rows(...files()))).toContain(expected);
  });
});

describe("program texts", () => {
  const host = nodeHost("");
  test("are read", () => {
    expect(host.text(file("a.hs", "print 1 // \u{1f600}\n"))).toBe("print 1 // \u{1f600}\n");
  });
  test.each<[string, () => string, string]>([
    ["missing", () => join(temporary(), "a.hs"), "a.hs: no such file"],
    ["a folder", () => temporary(), "is a folder, not a file"],
    ["below a file", () => join(file("a.hs", "x"), "b.hs"), "a part of the path is a file"],
    ["empty", () => file("a.hs", ""), "is empty, a program was expected"],
    ["binary", () => file("a.hs", "\x7fELF\x00"), "is a binary file (a zero byte at offset 4)"],
    [
      "not UTF-8",
      () => file("a.hs", Buffer.from("print 1\nlet a\xff = 2", "latin1")),
      "is not UTF-8: byte 0xff at offset 13, line 2",
    ],
    [
      "cut off within a character",
      () => file("a.hs", Buffer.from("print 1\nlet é", "utf8").subarray(0, -1)),
      "is not UTF-8: byte 0xc3 at offset 12, line 2",
    ],
  ])("are refused when %s", (_, path, expected) => {
    expect(message(() => host.text(path()))).toContain(expected);
  });
});

describe("npz", () => {
  const npz = formatOf("npz");
  test.each(["npz_s", "npz_d"])("reads what numpy.savez and savez_compressed write (%s)", name => {
    const path = made(name, "a.npz");
    const { columns } = nodeHost("").schema("npz", [path], {});
    expect(columns["a"]).toEqual({ store: "f32", shape: [2, 3], nullable: false });
    expect(values(npz.tensor!(path, "a"))).toEqual([1.5, -2, 3, 4, 5, 6]);
    expect(values(npz.tensor!(path, "b"))).toEqual([1n, 2n, 300n]);
    expect([npz.tensor!(path, "c").shape, values(npz.tensor!(path, "c"))]).toEqual([[], [1]]);
    if (name === "npz_d") expect(values(npz.tensor!(path, "big"))).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });
  test("writes what it reads, the same bytes each time", () => {
    const path = made("npz_s", "a.npz");
    const tensors = ["a", "b", "c"].map(n => [n, npz.tensor!(path, n)] as const);
    const written = concat(npz.encodeTensors!(tensors));
    // python -c "import numpy as np; z = np.load('w.npz'); print(z['a'], z['b'], z['c'])" prints the arrays of numpy-files.json
    expect(written.equals(concat(npz.encodeTensors!(tensors)))).toBe(true);
    const again = file("w.npz", written);
    expect(tensors.map(([n]) => npz.tensor!(again, n))).toEqual(tensors.map(([, t]) => t));
  });
  const bytes = Buffer.from(FILES["npz_d"]!, "base64");
  const broken = (at: number, value: number): Buffer => {
    const b = Buffer.from(bytes);
    b[at] = b[at]! ^ value;
    return b;
  };
  test.each<[string, Uint8Array | string, string]>([
    ["empty", "", "is empty, an npz file was expected"],
    ["another format", "\x93NUMPY and so on", "is no npz file: it does not start as a zip archive"],
    ["cut off", bytes.subarray(0, bytes.length - 30), "has no directory at its end: it is cut off"],
    ["cut off in front", bytes.subarray(0, 100), "has no directory at its end: it is cut off"],
    ["damaged in its data", broken(bytes.indexOf("big.npy") + 3000, 0xff), "is damaged"],
    ["damaged in its directory", broken(bytes.lastIndexOf("PK\x01\x02", undefined, "latin1"), 1), "is damaged"],
  ])("is refused when %s", (_, content, expected) => {
    const path = file("a.npz", content);
    const e = message(() => [nodeHost("").schema("npz", [path], {}), npz.tensor!(path, "big")]);
    expect(e).toContain("a.npz");
    expect(e).toContain(expected);
  });
  test("has the array that is asked for", () => {
    expect(message(() => npz.tensor!(made("npz_s", "a.npz"), "d"))).toContain("has no array `d`: it has a, b, c");
  });
});
describe("binary", () => {
  const binary = formatOf("binary");
  const options = {
    columns: [
      ["label", "u8", []],
      ["x", "f32", [2]],
      ["ok", "bool", []],
    ],
  };
  const record = (label: number, a: number, b: number, ok: number): Buffer =>
    Buffer.concat([Buffer.of(label), Buffer.from(Float32Array.of(a, b).buffer), Buffer.of(ok)]);
  const folder = (...files: readonly Buffer[]): string => {
    const at = temporary();
    for (const [i, b] of files.entries()) writeFileSync(join(at, `b${i}.bin`), b);
    return at;
  };
  const read = (paths: readonly string[]) => {
    const columns: Record<string, Uint8Array> = {};
    const table = binary.rows!(paths, options, (name, n) => (columns[name] = new Uint8Array(n)), makeStrings([]));
    return { table, columns };
  };
  test("is read record by record, file by file in the order of their names", () => {
    const at = folder(Buffer.concat([record(1, 0.5, -1, 0), record(2, 3, 4, 7)]), record(3, 5, 6, 1));
    const found = nodeHost(at).schema("binary", ["b*.bin"], options);
    expect(found.rows).toBe(3);
    const { table, columns } = read([join(at, "b0.bin"), join(at, "b1.bin")]);
    expect(table).toEqual({ rows: 3, columns: found.columns });
    expect([...columns["label"]!]).toEqual([1, 2, 3]);
    expect([...new Float32Array(columns["x"]!.buffer)]).toEqual([0.5, -1, 3, 4, 5, 6]);
    expect([...new Uint32Array(columns["ok"]!.buffer)]).toEqual([0, 1, 1]);
  });
  test("is refused where records do not fill the file", () => {
    const at = folder(Buffer.concat([record(1, 0, 0, 0), Buffer.of(1, 2, 3)]));
    expect(message(() => nodeHost(at).schema("binary", ["b0.bin"], options))).toContain(
      "b0.bin has 13 bytes, no multiple of the 10 of a record { label: u8, x: f32[2], ok: bool }: 3 are left over",
    );
  });
  test("a pattern that matches nothing is an error", () => {
    const at = temporary();
    const pattern = join(at, "c*.bin");
    expect(message(() => nodeHost(at).schema("binary", ["c*.bin"], options))).toBe(`no file matches ${pattern}`);
  });
});
test("bytes are a file as a vector", () => {
  const path = file("a.txt", "hi");
  expect(nodeHost("").schema("bytes", [path], {}).columns["value"]).toEqual({
    store: "u8",
    shape: [2],
    nullable: false,
  });
  expect(values(formatOf("bytes").tensor!(path, undefined))).toEqual([104, 105]);
});
test("csv has a head, numbers that read back, and quotes where they are needed", () => {
  const column = (store: "f32" | "bool" | "i64", data: { readonly buffer: ArrayBuffer }, n: number): TensorData => ({
    store,
    shape: [n],
    bytes: new Uint8Array(data.buffer),
  });
  const text = concat(
    formatOf("csv").encodeTable!(
      piecesOf(
        [
          ["val.loss", column("f32", Float32Array.of(0.1, NaN, -Infinity, 7), 4)],
          ['a "b", c', column("i64", BigInt64Array.of(1n, 2n ** 60n, -3n, 0n), 4)],
          ["ok", column("bool", Uint32Array.of(1, 0, 1, 1), 4)],
        ],
        3,
        2,
      ),
    ),
  ).toString();
  expect(text).toBe('val.loss,"a ""b"", c",ok\n0.1,1,true\nnan,1152921504606846976,false\n-inf,-3,true\n');
});
test("every format reads what it writes", () => {
  const t: TensorData = { store: "f32", shape: [2, 2], bytes: new Uint8Array(Float32Array.of(1, -0, NaN, 4).buffer) };
  for (const f of FORMATS) {
    const bytes = f.encodeTensor
      ? concat(f.encodeTensor(t))
      : f.encodeTensors
        ? concat(f.encodeTensors([["t", t]]))
        : undefined;
    if (!bytes) continue;
    const back = f.tensor!(file(`t${f.extensions[0]}`, bytes), f.name === "npz" ? "t" : undefined);
    expect([f.name, back.store, back.shape, Buffer.from(back.bytes).toString("hex")]).toEqual([
      f.name,
      t.store,
      t.shape,
      Buffer.from(t.bytes).toString("hex"),
    ]);
  }
});
test("a format that is not known is refused by name", () => {
  mkdirSync(join(temporary(), "a"));
  expect(message(() => nodeHost("").schema("lmdb", ["a"], {}))).toBe(
    "this hsc cannot read or write lmdb files; it knows idx, binary, bytes, npy, npz, safetensors, csv, json, parquet, arrow, libsvm, text, images, txt, engine",
  );
  expect(message(() => nodeHost("").schema("txt", ["a"], {}))).toContain("files are only written yet");
});
