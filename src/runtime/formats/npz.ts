/** npz, NumPy's file of several arrays: a zip archive of npy files, stored or deflated. Knows zip only as far as it needs. */
import { constants, crc32, inflateRawSync } from "node:zlib";
import { HostError } from "../../ir/host.ts";
import type { Column } from "../../ir/type.ts";
import type { TensorData } from "../dtype.ts";
import { type Input, memoryInput, withInput } from "../files.ts";
import type { Format } from "./format.ts";
import { encodeNpy, npyHeader, readNpy } from "./npy.ts";

/** of a file in the archive. PKWARE's APPNOTE.TXT 4.3 */
interface Entry {
  /** without .npy */
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  /** in the archive, and inflated */
  readonly packed: number;
  readonly size: number;
  /** of its local header */
  readonly offset: number;
}
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [STORED, DEFLATED] = [0, 8];
const END_BYTES = 22;
const TOO_LARGE = 0xffffffff;

const part = (file: Input, offset: number, bytes: number): DataView => {
  const b = new Uint8Array(bytes);
  file.fill(offset, b);
  return new DataView(b.buffer);
};
/** the central directory, which lies at the end */
function entriesOf(file: Input): readonly Entry[] {
  const { path, size } = file;
  if (size === 0) throw new HostError(`${path} is empty, an npz file was expected`);
  const start = size >= 4 ? part(file, 0, 4).getUint32(0, true) : 0;
  if (start !== LOCAL && start !== END)
    throw new HostError(`${path} is no npz file: it does not start as a zip archive`);
  // a comment of up to 65535 bytes may follow
  const tail = Math.min(size, END_BYTES + 65535);
  const b = part(file, size - tail, tail);
  let end = tail - END_BYTES;
  while (end >= 0 && b.getUint32(end, true) !== END) end--;
  if (end < 0) throw new HostError(`${path} has no directory at its end: it is cut off`);
  const count = b.getUint16(end + 10, true);
  const bytes = b.getUint32(end + 12, true);
  const at = b.getUint32(end + 16, true);
  if (at === TOO_LARGE || count === 0xffff) throw new HostError(`${path} is a zip64 archive, which is not read yet`);
  if (at + bytes > size - tail + end) throw new HostError(`${path}: the directory of the archive is damaged`);
  const d = part(file, at, bytes);
  const entries: Entry[] = [];
  for (let i = 0, k = 0; k < count; k++) {
    if (i + 46 > bytes || d.getUint32(i, true) !== CENTRAL)
      throw new HostError(`${path}: the directory of the archive is damaged`);
    const [name, extra, comment] = [28, 30, 32].map(o => d.getUint16(i + o, true)) as [number, number, number];
    entries.push({
      name: Buffer.from(d.buffer, i + 46, name)
        .toString()
        .replace(/\.npy$/, ""),
      method: d.getUint16(i + 10, true),
      crc: d.getUint32(i + 16, true),
      packed: d.getUint32(i + 20, true),
      size: d.getUint32(i + 24, true),
      offset: d.getUint32(i + 42, true),
    });
    i += 46 + name + extra + comment;
  }
  return entries;
}
/** `most`: of the packed bytes, for whoever wants the beginning only */
function packedOf(file: Input, e: Entry, most: number): Uint8Array {
  const local = part(file, e.offset, 30);
  if (local.getUint32(0, true) !== LOCAL)
    throw new HostError(`${file.path}: \`${e.name}\` is not where the archive says`);
  const b = new Uint8Array(Math.min(e.packed, most));
  file.fill(e.offset + 30 + local.getUint16(26, true) + local.getUint16(28, true), b);
  return b;
}
function inflated(file: Input, e: Entry, whole: boolean): Uint8Array {
  const packed = packedOf(file, e, whole ? e.packed : HEAD);
  if (e.method === STORED) return packed;
  if (e.method !== DEFLATED)
    throw new HostError(`${file.path}: \`${e.name}\` is packed by method ${e.method}; stored and deflated are read`);
  try {
    return whole
      ? inflateRawSync(packed, { maxOutputLength: Math.max(e.size, 1) })
      : inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (x) {
    throw new HostError(`${file.path}: \`${e.name}\` is damaged: ${(x as Error).message}`);
  }
}
/** an npy header is hardly longer */
const HEAD = 16 << 10;

const pathIn = (file: Input, e: Entry): string => `${e.name}.npy in ${file.path}`;
function arrayOf(file: Input, e: Entry): TensorData {
  const all = inflated(file, e, true);
  if (all.length !== e.size || crc32(all) !== e.crc)
    throw new HostError(`${pathIn(file, e)} is damaged: its checksum differs`);
  return readNpy(memoryInput(pathIn(file, e), all, all.length));
}

export const npz: Format = {
  name: "npz",
  doc: "NumPy's file of several arrays; as a schema it is a column per array with its whole shape",
  extensions: [".npz"],
  schema: ([path]) =>
    withInput(path!, file => {
      const columns: Record<string, Column> = {};
      const unread: Record<string, string> = {};
      for (const e of entriesOf(file))
        try {
          const h = npyHeader(memoryInput(pathIn(file, e), inflated(file, e, false), e.size));
          columns[e.name] = { store: h.store, shape: h.shape, nullable: false };
        } catch (x) {
          // that of one says nothing of the others
          if (!(x instanceof HostError)) throw x;
          unread[e.name] = x.message;
        }
      const [first] = Object.values(unread);
      if (first !== undefined && !Object.keys(columns).length) throw new HostError(first);
      return first === undefined ? { columns } : { columns, unread };
    }),
  tensor: (path, name) =>
    withInput(path, file => {
      const entries = entriesOf(file);
      const e = entries.find(x => x.name === name);
      if (!e) throw new HostError(`${path} has no array \`${name}\`: it has ${entries.map(x => x.name).join(", ")}`);
      return arrayOf(file, e);
    }),
  encodeTensors: encode,
};

/** stored, in the order given; equal arrays give equal files: the time is that of the first zip, 1980 */
function* encode(values: readonly (readonly [name: string, TensorData])[]): Iterable<Uint8Array> {
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [name, t] of values) {
    const file = Buffer.from(`${name}.npy`);
    const data = Buffer.concat([...encodeNpy(t)]);
    if (data.length >= TOO_LARGE || offset + data.length >= TOO_LARGE)
      throw new HostError("an npz file of 4 GiB and more is not written yet");
    // version 2.0, names in UTF-8, stored, 1980-01-01
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(STORED, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(file.length, 22);
    yield Buffer.concat([word(LOCAL), common, file]);
    yield data;
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(word(CENTRAL), Buffer.of(20, 0), common, rest, file);
    offset += 30 + file.length + data.length;
  }
  const directory = Buffer.concat(central);
  yield directory;
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(values.length, 8);
  end.writeUInt16LE(values.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  yield end;
}
function word(x: number): Uint8Array {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(x, 0);
  return b;
}
