/**
 * Records of fixed size, field behind field, little endian, in one or several files: CIFAR's format and whatever else a program's written
 * type describes. Knows no data set.
 */
import { HostError } from "../../ir/host.ts";
import { type Column, STORED_BYTES, type Stored, sizeOf } from "../../ir/type.ts";
import { withInput } from "../files.ts";
import type { Format, Options } from "./format.ts";

interface Field {
  readonly name: string;
  readonly store: Stored;
  readonly column: Column;
  /** in the file, where a bool takes one byte */
  readonly bytes: number;
}
function fieldsOf(options: Options): readonly Field[] {
  // as: check/source.ts writes it from the program's type, whose elements are checked
  const columns = options["columns"] as readonly (readonly [name: string, store: Stored, shape: readonly number[]])[];
  return columns.map(([name, store, shape]) => ({
    name,
    store,
    column: { store, shape, nullable: false },
    bytes: sizeOf(shape) * (store === "bool" ? 1 : STORED_BYTES[store]),
  }));
}
const recordBytes = (fields: readonly Field[]): number => fields.reduce((n, f) => n + f.bytes, 0);

function recordsOf(path: string, size: number, fields: readonly Field[]): number {
  const bytes = recordBytes(fields);
  if (size % bytes === 0) return size / bytes;
  const type = ({ name, store, column: { shape } }: Field): string =>
    `${name}: ${store}${shape.length ? `[${shape.join(", ")}]` : ""}`;
  throw new HostError(
    `${path} has ${size} bytes, no multiple of the ${bytes} of a record { ${fields.map(type).join(", ")} }: ${size % bytes} are left over`,
  );
}
const columnsOf = (fields: readonly Field[]): Record<string, Column> =>
  Object.fromEntries(fields.map(f => [f.name, f.column]));
/** of records that are read at once */
const CHUNK = 4 << 20;

export const binary: Format = {
  name: "binary",
  doc: "records of fixed size; `columns` are [name, element, shape] in their order",
  extensions: [".bin"],
  schema: (files, options) => {
    const fields = fieldsOf(options);
    const rows = files.map(path => withInput(path, f => recordsOf(path, f.size, fields)));
    return { columns: columnsOf(fields), rows: rows.reduce((a, b) => a + b, 0) };
  },
  rows: (files, options, allocate) => {
    const fields = fieldsOf(options);
    const size = recordBytes(fields);
    const counts = files.map(path => withInput(path, f => recordsOf(path, f.size, fields)));
    const rows = counts.reduce((a, b) => a + b, 0);
    // after the last `allocate` no view is detached any more
    const put = (field: Field): Uint8Array =>
      allocate(field.name, rows * sizeOf(field.column.shape) * STORED_BYTES[field.store]);
    for (const field of fields) {
      const into = put(field);
      let row = 0;
      const before = fields.slice(0, fields.indexOf(field)).reduce((n, f) => n + f.bytes, 0);
      files.forEach((path, i) => {
        withInput(path, f => {
          const most = Math.max(1, Math.floor(CHUNK / size));
          const chunk = new Uint8Array(most * size);
          for (let done = 0; done < counts[i]!; done += most) {
            const here = Math.min(most, counts[i]! - done);
            f.fill(done * size, chunk.subarray(0, here * size));
            for (let k = 0; k < here; k++, row++) copy(chunk, k * size + before, into, row, field);
          }
        });
      });
    }
    return { rows, columns: columnsOf(fields) };
  },
};
/** the field of one record; a bool becomes a word, 0 or 1 */
function copy(from: Uint8Array, at: number, into: Uint8Array, row: number, { bytes, store }: Field): void {
  if (store !== "bool") {
    into.set(from.subarray(at, at + bytes), row * bytes);
    return;
  }
  for (let k = 0; k < bytes; k++) into[4 * (row * bytes + k)] = from[at + k] ? 1 : 0;
}
