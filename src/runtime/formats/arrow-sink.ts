/** Tables as files of Apache Arrow: numbers as they lie in memory, tensors as lists of a fixed size with their shape beside. Knows no program. */
import type { Data, DataType, Schema, Vector } from "apache-arrow";
import type { Listed } from "../../ir/plan.ts";
import { type Stored, sizeOf } from "../../ir/type.ts";
import { type Cells, cellsOf } from "../cells.ts";
import { valueAt, view } from "../dtype.ts";
import type { Item } from "../lists.ts";
import type { TablePiece, TablePieces } from "../table-pieces.ts";

type Arrow = typeof import("apache-arrow");

const NUMBERS: { readonly [S in Stored]?: (a: Arrow) => DataType } = {
  u8: a => new a.Uint8(),
  i8: a => new a.Int8(),
  u16: a => new a.Uint16(),
  i32: a => new a.Int32(),
  u32: a => new a.Uint32(),
  i64: a => new a.Int64(),
  f32: a => new a.Float32(),
  f64: a => new a.Float64(),
};
const ARRAYS = {
  u8: (of: { readonly length: number }, value: (i: number) => number) => Uint8Array.from(of, (_, i) => value(i)),
  f32: (of: { readonly length: number }, value: (i: number) => number) => Float32Array.from(of, (_, i) => value(i)),
};
/** a record batch per piece */
export function* arrowFile(a: Arrow, pieces: TablePieces): Iterable<Uint8Array> {
  let made: Uint8Array[] = [];
  // what the writer gives is taken as it comes: its own queue keeps all
  const sink = new (class extends a.AsyncByteQueue {
    override write(bytes: Uint8Array): void {
      made.push(bytes);
    }
  })();
  const taken = function* (): Iterable<Uint8Array> {
    const own = made;
    made = [];
    yield* own;
  };
  // a file holds a whole stream, says the format; the package leaves its beginning out, so that nothing tells of a footer that is damaged
  const writer = new (class extends a.RecordBatchFileWriter {
    protected override _writeSchema(schema: Schema): this {
      return super._writeSchema(schema)._writeMessage(a.Message.from(schema));
    }
  })();
  writer.reset(sink);
  let schema: Schema | undefined;
  for (const { columns, rows } of pieces) {
    const vectors = columns.map(([, c]) => vectorOf(a, c, rows));
    schema ??= schemaOf(a, columns, vectors);
    const children = vectors.map(({ data: [data, ...more] }) => {
      if (!data || more.length) throw new Error(`internal: a column of Arrow in ${more.length + 1} pieces`);
      return data;
    });
    // columns by their place: a table of named ones puts names like 1 first, and has no batch where there are no rows
    const batch = a.makeData({ type: new a.Struct(schema.fields), length: rows, nullCount: 0, children });
    writer.write(new a.RecordBatch(schema, batch));
    yield* taken();
  }
  writer.finish();
  yield* taken();
}
function schemaOf(a: Arrow, columns: TablePiece["columns"], vectors: readonly Vector[]): Schema {
  const fields = columns.map(
    (
      [
        name,
        {
          shape: [, ...shape],
          present,
        },
      ],
      i,
    ) => {
      const about = shape.length ? new Map([["shape", JSON.stringify(shape)]]) : undefined;
      return new a.Field(name === "" ? "value" : name, vectors[i]!.type, present !== undefined, about);
    },
  );
  return new a.Schema(fields);
}
function vectorOf(a: Arrow, c: Cells, rows: number): Vector {
  const size = sizeOf(c.shape.slice(1));
  const present = c.present && view(c.present.store, c.present.bytes);
  const isThere = (row: number): boolean => !present || Number(present[row]) !== 0;
  if (c.texts) {
    const cell = cellsOf(c);
    if (c.list) {
      const lists = Array.from({ length: rows }, (_, row) => {
        const x = cell(row);
        return x.k === "list" ? x.items.map(valueIn) : null;
      });
      // builders take instants in milliseconds, of which a double holds no microseconds: their ticks are put in as integers
      const listOf = (time: DataType): DataType =>
        new a.List(new a.Field("item", typeIn(a, c.list!, time), c.list!.k === "maybe"));
      const type = listOf(new a.TimestampMicrosecond("UTC"));
      const built = a.vectorFromArray(lists, listOf(new a.Int64()));
      return new a.Vector(built.data.map(d => retyped(d, type)));
    }
    const texts = Array.from({ length: rows }, (_, row) => {
      const x = cell(row);
      return x.k === "text" ? x.text : null;
    });
    return a.vectorFromArray(texts, new a.Utf8());
  }
  const values = view(c.store, c.bytes);
  if (c.store === "bool" && size === 1 && c.shape.length <= 1)
    return a.vectorFromArray(
      Array.from({ length: rows }, (_, row) => (isThere(row) ? Number(values[row]) !== 0 : null)),
      new a.Bool(),
    );
  const number = NUMBERS[c.store];
  // f16 and bf16 as what they are in f32, truths in tensors as 0 and 1
  const type = c.times ? new a.TimestampMicrosecond("UTC") : (number ?? NUMBERS[c.store === "bool" ? "u8" : "f32"]!)(a);
  const own = number
    ? values.slice(0, rows * size)
    : ARRAYS[c.store === "bool" ? "u8" : "f32"]({ length: rows * size }, i => Number(valueAt(c.store, values, i)));
  // a tensor is missing as a whole
  const none = nulls(present && isThere, rows);
  const isTensor = c.shape.length > 1;
  const data = a.makeData({ type, data: own, ...(isTensor ? {} : none) } as Parameters<Arrow["makeData"]>[0]); // as: the array is the type's
  if (!isTensor) return new a.Vector([data as Data]);
  const list = new a.FixedSizeList(size, new a.Field("item", type, false));
  return new a.Vector([a.makeData({ type: list, length: rows, nullCount: 0, ...none, child: data as Data })]);
}
/** of an element of a list, and what of it Arrow's builders take */
function typeIn(a: Arrow, of: Listed, time: DataType): DataType {
  switch (of.k) {
    case "scalar":
      if (of.elem === "string") return new a.Utf8();
      if (of.elem === "time") return time;
      return of.elem === "bool" ? new a.Bool() : (NUMBERS[of.elem] ?? NUMBERS.f32!)(a);
    case "tensor":
      return new a.FixedSizeList(
        sizeOf(of.shape),
        new a.Field("item", typeIn(a, { k: "scalar", elem: of.elem }, time), false),
      );
    case "maybe":
      return typeIn(a, of.of, time);
    case "record":
      return new a.Struct(of.fields.map(([n, x]) => new a.Field(n, typeIn(a, x, time), x.k === "maybe")));
    case "list":
      return new a.List(new a.Field("item", typeIn(a, of.of, time), of.of.k === "maybe"));
    default:
      return of satisfies never;
  }
}
/** the same buffers under other types */
function retyped(d: Data, type: DataType): Data {
  const fields = (type.children ?? []) as readonly { readonly type: DataType }[]; // as: null where it has none
  const children = d.children.map((c, i) => retyped(c as Data, fields[i]!.type)); // as: of any type
  return d.clone(type, d.offset, d.length, d.nullCount, d.buffers, children) as Data; // as: of any type
}
function valueIn(x: Item): unknown {
  switch (x.k) {
    case "none":
      return null;
    case "number":
      return x.store === "bool" ? x.value !== 0 : x.value;
    case "text":
      return x.text;
    case "time":
      return x.ticks;
    case "tensor":
    case "list":
      return x.items.map(valueIn);
    case "record":
      return Object.fromEntries(x.fields.map(([n, v]) => [n, valueIn(v)]));
    default:
      return x satisfies never;
  }
}
/** which rows have a value, a bit each */
function nulls(
  isThere: ((row: number) => boolean) | undefined,
  rows: number,
): { readonly nullBitmap?: Uint8Array; readonly nullCount?: number } {
  if (!isThere) return {};
  const nullBitmap = new Uint8Array(Math.ceil(rows / 8));
  let nullCount = 0;
  for (let row = 0; row < rows; row++)
    if (isThere(row)) nullBitmap[row >> 3]! |= 1 << (row & 7);
    else nullCount++;
  return { nullBitmap, nullCount };
}
