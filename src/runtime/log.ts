/** The run's log: one JSON line per event. Numbers that JSON has not are the strings "nan", "inf", "-inf". Knows no event. */
import { closeSync, openSync, writeSync } from "node:fs";
import { type Stored, sizeOf } from "../ir/type.ts";
import { type Cells, cellsOf, missingIn, timeText } from "./cells.ts";
import { hostError } from "./files.ts";
import { type Item, nested as nestedItems } from "./lists.ts";
import { type Printable, scalarText, slice } from "./print.ts";

export type LogValue = null | boolean | number | string | readonly LogValue[] | { readonly [key: string]: LogValue };
export interface EventLog {
  readonly write: (event: string, fields: { readonly [key: string]: LogValue }) => void;
  readonly close: () => void;
}
export const noLog: EventLog = { write: () => {}, close: () => {} };

/** truncates `path`: it is the log of this run. Each line is written at once, so a run that is cut off leaves whole lines */
export function openLog(path: string, now: () => Date): EventLog {
  let fd: number;
  try {
    fd = openSync(path, "w");
  } catch (e) {
    throw hostError("write", path, e);
  }
  return {
    write: (event, fields) => {
      const line = Buffer.from(`${JSON.stringify(safe({ event, time: now().toISOString(), ...fields }))}\n`);
      try {
        for (let at = 0; at < line.length; ) at += writeSync(fd, line, at);
      } catch (e) {
        throw hostError("write", path, e);
      }
    },
    close: () => closeSync(fd),
  };
}
function safe(v: LogValue): LogValue {
  if (typeof v === "number") return Number.isFinite(v) ? v : scalarText("f64", v);
  if (Array.isArray(v)) return v.map(safe);
  if (typeof v === "object" && v !== null) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, safe(x)]));
  return v;
}

/** tensors of more elements are logged by type only */
const MOST = 1000;
export function logged(p: Printable): LogValue {
  switch (p.k) {
    case "tensor":
      return tensor(p.value);
    case "text":
      return p.text;
    case "record":
      return Object.fromEntries(p.fields.map(([n, v]) => [n, logged(v)]));
    case "list":
      return p.of.map(logged);
    case "table":
      return Array.from({ length: p.rows }, (_, i) =>
        Object.fromEntries(p.columns.map(([n, t]) => [n, tensor(slice(t, i))])),
      );
    default:
      return p satisfies never;
  }
}
function tensor(t: Cells): LogValue {
  const { store, shape } = t;
  if (sizeOf(shape) > MOST) return `${store}[${shape.join(", ")}]`;
  const cell = cellsOf(t);
  const missing = missingIn(t);
  const nested = (d: number, at: number): LogValue => {
    if (missing(d, at)) return null;
    if (d < shape.length) {
      const stride = sizeOf(shape.slice(d + 1));
      return Array.from({ length: shape[d]! }, (_, i) => nested(d + 1, at + i * stride));
    }
    const c = cell(at);
    if (c.k === "none") return null;
    if (c.k === "list") return c.items.map(item);
    if (c.k !== "number") return c.text;
    return number(store, c.value);
  };
  return nested(0, 0);
}
function item(x: Item): LogValue {
  switch (x.k) {
    case "none":
      return null;
    case "number":
      return number(x.store, x.value);
    case "text":
      return x.text;
    case "time":
      return timeText(x.ticks);
    case "tensor":
      return nestedItems(x.shape, x.items.map(item), of => of);
    case "record":
      return Object.fromEntries(x.fields.map(([n, v]) => [n, item(v)]));
    case "list":
      return x.items.map(item);
    default:
      return x satisfies never;
  }
}
function number(store: Stored, x: number | bigint): LogValue {
  if (store === "bool") return x !== 0;
  if (typeof x === "bigint") return Number.isSafeInteger(Number(x)) ? Number(x) : String(x);
  // the digits that print shows, not those of the f64 that holds an f32
  return Number.isFinite(x) ? Number(scalarText(store, x)) : x;
}
