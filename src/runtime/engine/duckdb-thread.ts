/** The thread in which DuckDB lives: answers one request after the other, streams a result piece by piece. Knows SQL as text only. */
import { createReadStream } from "node:fs";
import { workerData } from "node:worker_threads";
import { createGunzip } from "node:zlib";
import type { Counted, Put, PutCells, Reply, Request, Setup, Wanted } from "./duckdb.ts";

const { port, control, settings } = workerData as Setup; // as: duckdb.ts starts this file with nothing else
const life = setInterval(() => Atomics.add(control, 1, 1), 500);

const load = async () => {
  const [{ DuckDBInstance }, { default: raw }] = await Promise.all([
    import("@duckdb/node-api"),
    import("@duckdb/node-bindings"),
  ]);
  const instance = await DuckDBInstance.create(":memory:", settings);
  const connection = await instance.connect();
  // instants are in UTC wherever the machine stands; as a setting of the instance it is not known
  await connection.run("set TimeZone = 'UTC'");
  return { raw, instance, connection };
};
let loaded: ReturnType<typeof load> | undefined;
const duckdb = (): ReturnType<typeof load> => (loaded ??= load());

type Raw = Awaited<ReturnType<typeof load>>["raw"];
type Result = Parameters<Raw["fetch_chunk"]>[0];
let stream: { readonly result: Result; readonly columns: readonly Wanted[] } | undefined;
/** rows of a piece: some 30 of DuckDB's vectors */
const PIECE = 60_000;

async function answer(q: Request): Promise<Reply | undefined> {
  switch (q.k) {
    case "rows": {
      const reader = await (await duckdb()).connection.runAndReadAll(q.sql);
      return { k: "rows", rows: reader.getRowsJson() };
    }
    case "records":
      return { k: "records", ...(await records(q.path, q.blank, q.delimiter)) };
    case "put":
      await put(q.table, q.columns, q.rows);
      return { k: "put" };
    case "open": {
      // the binding's own result: vectors as bytes, no object per value
      const result = (await (await duckdb()).connection.stream(q.sql)) as unknown as { readonly result: Result };
      stream = { result: result.result, columns: q.columns };
      return { k: "open" };
    }
    case "next":
      return piece();
    case "end":
      await end();
      return undefined;
    default:
      return q satisfies never;
  }
}
/** nothing is left that keeps the thread alive, or that its end would find open */
async function end(): Promise<void> {
  clearInterval(life);
  if (loaded) {
    const { connection, instance } = await loaded;
    stream = undefined;
    connection.closeSync();
    instance.closeSync();
  }
  port.close();
}
async function piece(): Promise<Reply> {
  const { raw } = await duckdb();
  if (!stream) throw new Error("internal: no stream is open");
  const parts: Uint8Array[][] = stream.columns.map(() => []);
  let rows = 0;
  while (rows < PIECE) {
    const chunk = await raw.fetch_chunk(stream.result);
    const n = chunk ? raw.data_chunk_get_size(chunk) : 0;
    if (!chunk || n === 0) break;
    stream.columns.forEach(({ bytes, list }, i) => {
      const vector = raw.data_chunk_get_vector(chunk, i);
      parts[i]!.push(raw.vector_get_data(list ? raw.array_vector_get_child(vector) : vector, n * bytes));
    });
    rows += n;
  }
  return { k: "next", rows, columns: parts.map(p => new Uint8Array(Buffer.concat(p))) };
}

/** rows of one of DuckDB's vectors */
const VECTOR = 2048;
type Vector = ReturnType<Raw["data_chunk_get_vector"]>;
/** vectors as bytes, but for texts */
async function put(table: string, columns: readonly Put[], rows: number): Promise<void> {
  const { raw, connection } = await duckdb();
  const { ARRAY, DuckDBDataChunk, LIST, STRUCT, ...api } = await import("@duckdb/node-api");
  const { BIGINT, DOUBLE, FLOAT, INTEGER, TINYINT, UINTEGER, USMALLINT, UTINYINT, VARCHAR } = api;
  const kinds = { BIGINT, DOUBLE, FLOAT, INTEGER, TINYINT, UINTEGER, USMALLINT, UTINYINT, VARCHAR };
  const kind = ({ type, size }: PutCells) => {
    const one = kinds[type.toUpperCase() as keyof typeof kinds]; // as: the tables that are made have these
    return size ? ARRAY(one, size) : one;
  };
  const types = columns.map(c => {
    if (!("ends" in c)) return kind(c);
    const fields = c.fields.map(kind);
    return LIST(fields.length > 1 ? STRUCT(Object.fromEntries(fields.map((t, i) => [`f${i}`, t]))) : fields[0]!);
  });
  /** elements `from` to `to` of a column as those of a vector, from its first on */
  const fill = (vector: Vector, c: PutCells, from: number, to: number): void => {
    if ("texts" in c) {
      for (let i = from; i < to; i++)
        raw.vector_assign_string_element_len(vector, i - from, encoder.encode(c.texts[i]!));
      return;
    }
    const row = bytesOf(c.type) * (c.size || 1);
    const { buffer, byteOffset } = c.bytes;
    // as: the binding copies from shared memory, too
    raw.copy_data_to_vector(
      c.size ? raw.array_vector_get_child(vector) : vector,
      0,
      buffer as ArrayBuffer,
      byteOffset + from * row,
      (to - from) * row,
    );
  };
  const appender = await connection.createAppender(table);
  for (let from = 0; from < rows; from += VECTOR) {
    const n = Math.min(VECTOR, rows - from);
    const chunk = DuckDBDataChunk.create(types, n);
    columns.forEach((c, i) => {
      const vector = raw.data_chunk_get_vector(chunk.chunk, i);
      if (!("ends" in c)) {
        fill(vector, c, from, from + n);
        return;
      }
      const first = from ? c.ends[from - 1]! : 0;
      const entries = new BigUint64Array(2 * n);
      for (let k = 0; k < n; k++) {
        const [begin, end] = [k ? c.ends[from + k - 1]! : first, c.ends[from + k]!];
        entries[2 * k] = BigInt(begin - first);
        entries[2 * k + 1] = BigInt(end - begin);
      }
      const last = c.ends[from + n - 1]!;
      raw.list_vector_reserve(vector, last - first);
      raw.list_vector_set_size(vector, last - first);
      raw.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
      const child = raw.list_vector_get_child(vector);
      c.fields.forEach((field, k) => {
        fill(c.fields.length > 1 ? raw.struct_vector_get_child(child, k) : child, field, first, last);
      });
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
const encoder = new TextEncoder();
const BYTES: Readonly<Record<string, number>> = { BIGINT: 8, DOUBLE: 8, TINYINT: 1, UTINYINT: 1, USMALLINT: 2 };
const bytesOf = (type: string): number => BYTES[type.toUpperCase()] ?? 4;

/** of bytes in UTF-8 order */
const MARK = [0xef, 0xbb, 0xbf];
const [QUOTE, LF, CR, SPACE] = [34, 10, 13, 32];
/**
 * Lines outside of quotes, and the first that has more or fewer fields than the first of all. RFC 4180: a quote opens where a field begins, and a quote
 * within it is doubled; elsewhere it is a character like others.
 */
async function records(path: string, blank: boolean, delimiter: number): Promise<Omit<Counted, "k">> {
  const bytes = createReadStream(path, { highWaterMark: 1 << 20 });
  const isGzip = /\.gz$/i.test(path);
  const gunzip = createGunzip();
  const source: AsyncIterable<Uint8Array> = isGzip ? bytes.pipe(gunzip) : bytes;
  bytes.on("error", e => gunzip.destroy(e));
  let [count, quotes, begins, filled, last] = [0, false, true, false, 0];
  let [line, fields, expected, before] = [1, 1, 0, 0];
  let ragged: Counted["ragged"];
  const ends = (): void => {
    count++;
    if (expected === 0) expected = fields;
    if (fields !== expected) ragged ??= { line, fields, expected };
  };
  try {
    for await (const b of source) {
      for (let i = 0; i < b.length; i++) {
        const c = b[i]!;
        if (quotes) {
          if (c === QUOTE) quotes = false;
          else if (c === LF) line++;
        } else if (c === QUOTE) {
          // also the second of two within a field
          quotes = begins || last === QUOTE;
          filled = true;
        } else if (c === LF || c === CR) {
          // the LF of a CRLF ends nothing
          const isEnd = !(c === LF && last === CR);
          if (filled || (blank && isEnd)) ends();
          if (isEnd) line++;
          [filled, begins, fields] = [false, true, 1];
        } else if (c === delimiter) {
          fields++;
          [filled, begins] = [true, true];
        } else {
          filled = true;
          begins &&= c === SPACE || (before + i < 3 && c === MARK[i]);
        }
        last = c;
      }
      before += b.length;
    }
  } catch (e) {
    throw new Error(isGzip ? `damaged: ${(e as Error).message}` : (e as Error).message);
  }
  // with a quote left open there is no telling where its fields end
  if (filled && quotes) count++;
  else if (filled) ends();
  return ragged ? { records: count, ragged } : { records: count };
}

port.on("message", (q: Request) => {
  answer(q)
    .catch((e: unknown): Reply => ({ k: "error", message: e instanceof Error ? e.message : String(e) }))
    .then(reply => {
      if (!reply) return;
      // the caller may end the process at once, and this thread with it: never within a callback of the binding, which V8 would abort
      setImmediate(() => {
        port.postMessage(reply, reply.k === "next" ? reply.columns.map(c => c.buffer as ArrayBuffer) : []);
        Atomics.store(control, 0, 1);
        Atomics.notify(control, 0);
      });
    });
});
