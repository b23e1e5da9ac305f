/**
 * DuckDB, asked without awaiting: it lives in a thread of its own, and the caller sleeps until it has answered. Started when first wanted,
 * one per process. Knows SQL as text, and no format.
 */
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { MessageChannel, type MessagePort, receiveMessageOnPort, threadId } from "node:worker_threads";
import { HostError } from "../../ir/host.ts";
import type { CellElem } from "../../ir/plan.ts";
import { codeOf } from "../code.ts";
import { endsWith } from "../ending.ts";
import type { Launched } from "../launch.ts";
import { unheard } from "../signals.ts";
import { temporaryName } from "../temporary.ts";
import { startThread } from "../threads.ts";

/** what comes back of a column: its elements, row after row; `list`: a fixed number of them per row; or texts */
export interface Wanted {
  readonly bytes: number;
  readonly list: boolean;
  readonly text?: boolean;
}
/** as they were wanted: bytes, or texts */
export interface Piece {
  readonly rows: number;
  readonly columns: readonly (Uint8Array | readonly string[])[];
}
/** a column that is put into a table: elements, `size` of them per row where it is not 0, or texts */
export type PutCells =
  | { readonly type: string; readonly size: number; readonly bytes: Uint8Array }
  | { readonly type: "VARCHAR"; readonly size: 0; readonly texts: readonly string[] }
  /** places (i32) among `words`, distinct ones, which need not be said again for further rows of the table */
  | {
      readonly type: "VARCHAR";
      readonly size: 0;
      readonly places: Uint8Array;
      readonly words?: readonly string[];
    };
/** or lists: where each row's ends, and the fields of all elements, one behind the other; a field that is alone is an element */
export interface PutLists {
  readonly ends: Uint32Array;
  readonly fields: readonly PutCells[];
}
export type Put = PutCells | PutLists;
/** as SQL writes it */
function typeOfPut(c: Put): string {
  if (!("ends" in c)) return `${c.type}${c.size ? `[${c.size}]` : ""}`;
  const [first, ...more] = c.fields.map(typeOfPut);
  return more.length ? `STRUCT(${[first, ...more].map((t, i) => `f${i} ${t}`).join(", ")})[]` : `${first}[]`;
}
export interface Counted {
  readonly k: "records";
  readonly records: number;
  /** its last byte that is no space */
  readonly last: number;
  /** the first record that has more or fewer fields than the first */
  readonly ragged?: { readonly line: number; readonly fields: number; readonly expected: number };
}
/** `quiet`: nobody waits for an answer, or hears of an error */
export type Request = { readonly quiet?: boolean } & (
  | { readonly k: "start" }
  /** of several statements the values of the first */
  | { readonly k: "rows"; readonly sql: string }
  /** records of a csv file, counted without the engine; blank lines are none where `blank` is false */
  | {
      readonly k: "records";
      readonly path: string;
      readonly blank: boolean;
      readonly delimiter: number;
      readonly quote: number;
    }
  /** appends rows to a table */
  | { readonly k: "put"; readonly table: string; readonly columns: readonly Put[]; readonly rows: number }
  /** how many rows a table has that `make` makes, or that is there; and if they are few their `items` */
  | {
      readonly k: "table";
      readonly make: string | undefined;
      readonly table: string;
      readonly items: string;
      readonly columns: readonly Wanted[];
    }
  /** all rows of a query that has few */
  | { readonly k: "few"; readonly sql: string; readonly columns: readonly Wanted[] }
  /** `items` of all rows of a table, piece by piece */
  | { readonly k: "open"; readonly table: string; readonly items: string; readonly columns: readonly Wanted[] }
  | { readonly k: "next" }
  /** the process ends: closes what is open, and is not answered */
  | { readonly k: "end" }
);
export type Reply =
  | { readonly k: "start" }
  | { readonly k: "rows"; readonly rows: readonly (readonly unknown[])[] }
  | Counted
  | { readonly k: "put" }
  | { readonly k: "table"; readonly rows: number; readonly columns: Piece["columns"] | undefined }
  | ({ readonly k: "few" } & Piece)
  | { readonly k: "open" }
  /** rows 0: the end */
  | ({ readonly k: "next" } & Piece)
  | { readonly k: "error"; readonly message: string };
/** `control`: [0] is 1 when an answer waits, [1] counts while the thread lives, [2] requests that nobody waits for and that are done */
export interface Setup {
  readonly port: MessagePort;
  readonly control: Int32Array;
  readonly settings: Readonly<Record<string, string>>;
}

/** the engine's own words */
export class EngineError extends Error {}

/** no fault of a program or file: the machine, or the run's part of it, is too small */
function outOfRoom(message: string): HostError | undefined {
  // the setting is the room that is left on the disk, unless somebody sets it
  if (/max_temp_directory_size|No space left on device|ENOSPC/i.test(message))
    return new HostError(
      `no space left on the disk: tables that are larger than memory lie in ${tmpdir()}; TMPDIR names another place`,
    );
  if (!/^Out of Memory Error/.test(message)) return undefined;
  return new HostError(`DuckDB has no room: it may take ${mebibytes(limit)} of this run's memory; --memory with more`);
}
/** milliseconds without a sign of life after which the thread is given up */
const DEADLINE = 60_000;
/** of a request that nobody waits for, when the process ends */
const LAST = 3000;

class Engine {
  told = 0;
  readonly #port: MessagePort;
  readonly #control = new Int32Array(new SharedArrayBuffer(12));
  readonly #failed: Launched["failed"];

  constructor(from: URL) {
    const { port1, port2 } = new MessageChannel();
    // DuckDB makes it when it first has to
    const folder = temporaryName("duckdb", String(threadId));
    process.once("exit", () => {
      // a thread that is ended within the binding takes the process with it
      const { told } = this;
      const control = this.#control;
      for (let now = Atomics.load(control, 2); now < told && !this.#failed(); now = Atomics.load(control, 2))
        if (Atomics.wait(control, 2, now, LAST) === "timed-out") break;
    });
    const settings = {
      // what the kernels read lies outside of this limit
      memory_limit: mebibytes(limit),
      threads: String(threads),
      temp_directory: folder,
      // a format that needs one would be fetched from the network
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    };
    const setup: Setup = { port: port2, control: this.#control, settings };
    const { worker, failed } = startThread(from, setup, "hsc duckdb", port2);
    this.#failed = failed;
    endsWith(worker, () => port1.postMessage({ k: "end" } satisfies Request));
    port1.unref();
    this.#port = port1;
  }
  /** nobody waits for it, or hears of an error */
  tell(request: Request): void {
    this.told++;
    this.#port.postMessage({ ...request, quiet: true });
  }
  ask<K extends Request["k"]>(request: Request & { readonly k: K }): Extract<Reply, { readonly k: K }> {
    const control = this.#control;
    Atomics.store(control, 0, 0);
    this.#port.postMessage(request);
    let [life, since] = [Atomics.load(control, 1), performance.now()];
    let heard: (() => void) | undefined;
    try {
      // a notice may be late, and of the answer before
      while (Atomics.load(control, 0) === 0) {
        if (Atomics.wait(control, 0, 0, 1000) !== "timed-out") continue;
        heard ??= unheard();
        const why = this.#failed();
        if (why) throw new Error(`internal: DuckDB's thread failed: ${why}`);
        const now = Atomics.load(control, 1);
        if (now !== life) [life, since] = [now, performance.now()];
        else if (performance.now() - since > DEADLINE)
          throw new EngineError(`DuckDB gave no sign of life for ${DEADLINE / 1000} s`);
      }
    } finally {
      heard?.();
    }
    const reply = receiveMessageOnPort(this.#port)?.message as Reply | undefined; // as: duckdb-thread.ts answers with nothing else
    if (!reply) throw new Error("internal: DuckDB's thread woke its caller without an answer");
    if (reply.k === "error") throw outOfRoom(reply.message) ?? new EngineError(reply.message);
    return reply as Extract<Reply, { readonly k: K }>; // as: the answer is of the request's kind
  }
}
let engine: Engine | undefined;
/** bytes of its own memory */
let limit = totalmem() / 4;
/** from now on, and also where it runs already */
export function limitEngine(bytes: number): void {
  limit = bytes;
  if (engine) engineLater(`set memory_limit = '${mebibytes(limit)}'`);
}
const isLittle = (): boolean => limit < 2 ** 28;
/** an option of read_csv: a thread holds a piece of the file of 32 MB, which is too much for a small part of a run's memory */
export const pieceOfCsv = (): string => (isLittle() ? ", buffer_size = 4000000" : "");
let threads = availableParallelism();
/** how many threads of its own it has, from now on */
export function limitEngineThreads(count: number): void {
  if (engine && count !== threads) engineLater(`set threads = ${count}`);
  threads = count;
}
/** `f` by one thread alone */
export function serially<T>(f: () => T): T {
  queryRows("set threads = 1");
  try {
    return f();
  } finally {
    queryRows(`set threads = ${threads}`);
  }
}
/** what takes memory for each thread: by one alone where there is little */
export const sparingly = <T>(f: () => T): T => (isLittle() ? serially(f) : f());
const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)}MiB`;
const running = (from = codeOf("runtime/engine/duckdb-thread")): Engine => (engine ??= new Engine(from));
const ask: Engine["ask"] = request => running().ask(request);

/** loads while the caller does something else; its thread runs `from` */
export function startEngine(from?: URL): void {
  if (!engine) running(from).tell({ k: "start" });
}
/** as soon as it has time; what is wrong with it nobody hears */
export const engineLater = (sql: string): void => running().tell({ k: "rows", sql });

/** a small result, complete: numbers, strings, null */
export const queryRows = (sql: string): readonly (readonly unknown[])[] => ask({ k: "rows", sql }).rows;
export const countRecords = (path: string, blank: boolean, delimiter: number, quote: number): Counted =>
  ask({ k: "records", path, blank, delimiter, quote });
/** the table `name` with columns c0, c1 .. */
export function putRows(name: string, columns: readonly Put[], rows: number): void {
  const types = columns.map((c, i) => `c${i} ${typeOfPut(c)}`);
  queryRows(`create or replace temp table ${name} (${types.length ? types.join(", ") : "one INTEGER"})`);
  if (columns.length) ask({ k: "put", table: name, columns, rows });
  else queryRows(`insert into ${name} select 1 from range(${rows})`);
}
/** more rows of a table that is there, with these columns */
export const appendRows = (table: string, columns: readonly Put[], rows: number): void =>
  void ask({ k: "put", table, columns, rows });
/** the table `name` made by `make`, or as it is there: its rows, and `items` of all of them where they are few enough to cross at once */
export const smallTable = (
  make: string | undefined,
  table: string,
  items: string,
  columns: readonly Wanted[],
): { readonly rows: number; readonly columns: Piece["columns"] | undefined } =>
  ask({ k: "table", make, table, items, columns });
/** the rows of a query that has few */
export const fewRows = (sql: string, columns: readonly Wanted[]): Piece => ask({ k: "few", sql, columns });
/** hands over `items` of a table, from which no row was ever deleted, piece by piece in its order; gives the number of rows */
export function tableColumns(
  table: string,
  items: string,
  columns: readonly Wanted[],
  take: (columns: readonly Uint8Array[], rows: number, before: number) => void,
): number {
  ask({ k: "open", table, items, columns });
  for (let before = 0; ; ) {
    const { rows, columns: parts } = ask({ k: "next" });
    if (rows === 0) return before;
    take(parts as readonly Uint8Array[], rows, before); // as: no texts were wanted
    before += rows;
  }
}
/** what a cell is to DuckDB */
export const TYPES: { readonly [E in CellElem]: string } = {
  bool: "BOOLEAN",
  i32: "INTEGER",
  i64: "BIGINT",
  f32: "FLOAT",
  f64: "DOUBLE",
  string: "VARCHAR",
  time: "BIGINT",
};
/** as SQL writes a string and a name */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const named = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** a leaf of a row as a column: a row that is one cell has a leaf without a name, a file may have a column i0, and to DuckDB capitals are no other letters */
export const leafColumn = (leaf: string): string => named(`.${leaf.replaceAll(/[A-Z^]/g, "^$&")}`);
