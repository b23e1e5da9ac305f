/** The thread in which DuckDB lives: answers one request after the other, streams a result piece by piece. Knows SQL as text only. */
import { createReadStream } from "node:fs";
import { workerData } from "node:worker_threads";
import { createGunzip } from "node:zlib";
import { threadIsLoaded } from "../threads.ts";
import * as binding from "./binding.ts";
import type { Counted, Reply, Request, Setup, Wanted } from "./duckdb.ts";

const { port, control, settings } = workerData as Setup; // as: duckdb.ts starts this file with nothing else
threadIsLoaded();
const life = setInterval(() => Atomics.add(control, 1, 1), 500);

async function load() {
  const opened = await binding.open(settings);
  // instants are in UTC wherever the machine stands; as a setting of the instance it is not known. What files tell of their columns is asked for
  // more than once; a file that has changed is read anew
  await binding.query(opened.connection, "set TimeZone = 'UTC'; set parquet_metadata_cache = true");
  return opened;
}
let loaded: ReturnType<typeof load> | undefined;

type Result = Awaited<ReturnType<typeof binding.query>>;
/** a table that is handed over in pieces: the next is made while the caller takes the last */
let open: { readonly columns: readonly Wanted[]; readonly next: () => Promise<Result> } | undefined;
let coming: Promise<Result> | undefined;
/** bytes of a piece, and rows of one of DuckDB's vectors */
const [PIECE, VECTOR] = [1 << 22, 2048];
/** rows and bytes of a table that is handed over at once, a text taken for so many */
const [FEW, SMALL, TEXT] = [60_000, 1 << 24, 64];
/** a piece is complete when it is there: what is streamed can end early without a word */
function pieces(
  connection: Parameters<typeof binding.query>[0],
  table: string,
  items: string,
  columns: readonly Wanted[],
): () => Promise<Result> {
  const width = columns.reduce((sum, c) => sum + c.bytes, 0);
  const rows = VECTOR * Math.max(1, Math.floor(PIECE / (VECTOR * width)));
  let from = 0;
  return () => {
    const where = `rowid >= ${from} and rowid < ${from + rows}`;
    from += rows;
    return binding.query(connection, `select ${items} from ${table} where ${where}`);
  };
}

async function answer(q: Request): Promise<Reply | undefined> {
  if (q.k === "records") return { k: "records", ...(await records(q.path, q.blank, q.delimiter, q.quote)) };
  if (q.k === "end") {
    await end();
    return undefined;
  }
  const { query, values, columns, put } = binding;
  const { connection } = await (loaded ??= load());
  switch (q.k) {
    case "start":
      return { k: "start" };
    case "rows":
      return { k: "rows", rows: await values(await query(connection, q.sql)) };
    case "put":
      put(connection, q.table, q.columns, q.rows);
      return { k: "put" };
    case "table": {
      // who makes a table is told how many rows it has
      const counted = q.make ?? `select count(*) from ${q.table}`;
      const [[count]] = (await values(await query(connection, counted))) as [[string]]; // as: one row of one
      const rows = Number(count);
      const width = q.columns.reduce((sum, c) => sum + (c.text ? TEXT : c.bytes), 0);
      if (rows > FEW || rows * width > SMALL || width === 0) return { k: "table", rows, columns: undefined };
      const whole = columns(await query(connection, `select ${q.items} from ${q.table}`), q.columns);
      return { k: "table", ...whole };
    }
    case "few":
      return { k: "few", ...columns(await query(connection, q.sql), q.columns) };
    case "open":
      open = { columns: q.columns, next: pieces(connection, q.table, q.items, q.columns) };
      coming = open.next();
      // who asks for it hears what is wrong with it
      coming.catch(() => {});
      return { k: "open" };
    case "next": {
      if (!open || !coming) throw new Error("internal: no table is open");
      const piece = columns(await coming, open.columns);
      coming = piece.rows > 0 ? open.next() : undefined;
      coming?.catch(() => {});
      return { k: "next", ...piece };
    }
    default:
      return q satisfies never;
  }
}
/** nothing is left that keeps the thread alive, or that its end would find open */
async function end(): Promise<void> {
  clearInterval(life);
  open = undefined;
  await coming?.catch(() => {});
  if (loaded) binding.close(await loaded);
  port.close();
}

/** of bytes in UTF-8 order */
const MARK = [0xef, 0xbb, 0xbf];
const [LF, CR, SPACE] = [10, 13, 32];
/**
 * Lines outside of quotes, and the first that has more or fewer fields than the first of all. RFC 4180: a quote opens where a field begins, and a quote
 * within it is doubled; elsewhere it is a character like others.
 */
async function records(path: string, blank: boolean, delimiter: number, quote: number): Promise<Omit<Counted, "k">> {
  const bytes = createReadStream(path, { highWaterMark: 1 << 20 });
  const isGzip = /\.gz$/i.test(path);
  const gunzip = createGunzip();
  const source: AsyncIterable<Uint8Array> = isGzip ? bytes.pipe(gunzip) : bytes;
  bytes.on("error", e => gunzip.destroy(e));
  let [count, quotes, begins, filled, last, solid] = [0, false, true, false, 0, 0];
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
          if (c === quote) quotes = false;
          else if (c === LF) line++;
        } else if (c === quote) {
          // also the second of two within a field
          quotes = begins || last === quote;
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
        if (c > SPACE) solid = c;
      }
      before += b.length;
    }
  } catch (e) {
    throw new Error(isGzip ? `damaged: ${(e as Error).message}` : (e as Error).message);
  }
  // with a quote left open there is no telling where its fields end
  if (filled && quotes) count++;
  else if (filled) ends();
  return ragged ? { records: count, last: solid, ragged } : { records: count, last: solid };
}

/** one after the other: who does not wait for an answer may have asked again */
let before: Promise<void> = Promise.resolve();
port.on("message", (q: Request) => {
  before = before
    .then(() => answer(q))
    .catch((e: unknown): Reply => ({ k: "error", message: e instanceof Error ? e.message : String(e) }))
    .then(reply => {
      if (!reply) return;
      // the caller may end the process at once, and this thread with it: never within a callback of the binding, which V8 would abort
      setImmediate(() => {
        if (q.quiet) {
          Atomics.add(control, 2, 1);
          Atomics.notify(control, 2);
          return;
        }
        port.postMessage(reply, buffersOf(reply));
        Atomics.store(control, 0, 1);
        Atomics.notify(control, 0);
      });
    });
});
const buffersOf = (r: Reply): ArrayBuffer[] =>
  r.k === "next" || r.k === "table" || r.k === "few"
    ? (r.columns ?? []).flatMap(c => (c instanceof Uint8Array ? [c.buffer as ArrayBuffer] : [])) // as: the binding's own
    : [];
