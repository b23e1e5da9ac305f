/**
 * A program over tables, evaluated by the interpreters alone: check, segment, stages; what an engine does by REL's interpreter, what kernels do
 * by GRAPH's. What it prints, as the log has it. For tests: a run must print the same.
 */
import { check } from "../../src/frontend/check/index.ts";
import type { CoreProgram } from "../../src/frontend/core.ts";
import { fileDims, lower } from "../../src/frontend/lower/index.ts";
import { segment } from "../../src/frontend/segment/index.ts";
import { stagesOf } from "../../src/frontend/stages.ts";
import { evaluate } from "../../src/ir/interp.ts";
import { resetPool } from "../../src/ir/node.ts";
import type { RddValue, TensorValue, Value } from "../../src/ir/op.ts";
import type { Cell, Columns, Rel } from "../../src/ir/rel.ts";
import { evaluateRel, type Value as Scalars } from "../../src/ir/rel-eval.ts";
import { columnsOf } from "../../src/ir/rel-verify.ts";
import type { Effect, Input, Meaning, Shape, Source, Stage } from "../../src/ir/stage.ts";
import { type Elem, loaded, type Stored, sizeOf } from "../../src/ir/type.ts";
import { tensorOf, tensorValue } from "../../src/ir/value.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandFn } from "../../src/passes/expand.ts";
import type { Cells } from "../../src/runtime/cells.ts";
import { type TensorData, valueAt, view } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { filesOf, nodeHost } from "../../src/runtime/host.ts";
import { type LogValue, logged } from "../../src/runtime/log.ts";
import type { Printable } from "../../src/runtime/print.ts";
import { makeStrings, type Strings } from "../../src/runtime/strings.ts";
import { prelude } from "./lowering.ts";

/** the program cut, from the file `test.hs` of a folder */
export function cut(folder: string, program: string): CoreProgram {
  resetPool();
  const host = nodeHost(folder);
  const checked = check("test.hs", { ...host, text: () => program }, { prelude });
  const wrong = checked.diagnostics.filter(d => d.severity !== "warning");
  if (!checked.core || wrong.length) throw new Error(wrong.map(d => `${d.span.line}: ${d.message}`).join("\n"));
  return segment(checked.core);
}

interface World {
  readonly folder: string;
  readonly strings: Strings;
  readonly kept: Map<string, TensorValue>;
}
/** what each print says, in order, by the interpreters */
export function meant(folder: string, program: string): readonly LogValue[] {
  const core = cut(folder, program);
  const host = nodeHost(folder);
  const known = fileDims(core, host);
  const works = stagesOf(core, { known });
  const world: World = { folder, strings: makeStrings(core.texts), kept: new Map() };
  const out: LogValue[] = [];
  for (const work of works) {
    resetPool();
    const dims = new Map(known);
    for (const id of work.needs) dims.set(id, Number(world.kept.get(id)!.data[0]));
    const stage = lower(core, dims, host, work);
    const args = stage.inputs.map(i => argument(i, world));
    const fault = (f: { site: number; record: number }): void => {
      throw new Error(`${stage.sites[f.site]!.message} (record ${f.record})`);
    };
    const results = evaluate(stage.main, args, 0, { fault, gradient: (f, wrt) => gradient(expandFn(f), wrt) });
    for (const e of stage.effects) {
      if (e.k === "keep") world.kept.set(e.name, tensorOf(results[e.result]));
      if (e.k === "print") out.push(shown(e, stage, results, world));
    }
  }
  return out;
}
function argument(input: Input, world: World): Value {
  switch (input.k) {
    case "seed":
      return tensorValue("u32", [2], [0, 0]);
    case "param":
      return tensorValue(input.type.elem, [], [Number(input.value)]);
    case "rows":
      return input.source.query ? queried(input.source, input.source.query, world) : read(input.source, world);
    case "earlier":
      return world.kept.get(input.name)!;
    case "file":
      throw new Error("a test reads tables");
    default:
      return input satisfies never;
  }
}

// ---- files

function columnsRead(
  s: Pick<Source, "format" | "paths" | "options">,
  world: World,
): readonly (readonly [string, TensorData])[] {
  const files = filesOf(world.folder, s.paths);
  const format = formatOf(s.format);
  const rooms = new Map<string, Uint8Array>();
  const allocate = (name: string, bytes: number): Uint8Array => {
    const room = rooms.get(name);
    if (room?.length === bytes) return room;
    rooms.set(name, new Uint8Array(bytes));
    return rooms.get(name)!;
  };
  const table = format.rows!(files, s.options, allocate, world.strings);
  return Object.entries(table.columns).map(([name, c]) => [
    name,
    {
      store: c.store === "string" ? "i32" : c.store === "time" ? "i64" : c.store,
      shape: [table.rows, ...c.shape],
      bytes: rooms.get(name)!,
    },
  ]);
}
const tensorFrom = (t: TensorData): TensorValue => {
  const values = view(t.store, t.bytes);
  const all = Array.from({ length: sizeOf(t.shape) }, (_, i) => valueAt(t.store, values, i));
  return tensorValue(loaded(t.store), t.shape, all as number[] | bigint[]); // as: of one kind
};
function read(s: Source, world: World): RddValue {
  const columns = columnsRead(s, world).map(([name, t]) => [name, tensorFrom(t)] as const);
  const rows = columns[0]![1].shape[0]!;
  return { k: "rdd", rows, columns: Object.fromEntries(columns), id: Array.from({ length: rows }, (_, i) => i) };
}

// ---- queries

/** cell i of a column as REL has it */
function cellAt(t: TensorValue, cell: Cell, i: number, strings: Strings): Scalars {
  if (cell.k === "list") throw new Error("no kernel has a list");
  const one = (k: number): Scalars => {
    const x = t.data[k]!;
    if (cell.elem === "string") return strings.text(Number(x));
    if (cell.elem === "bool") return Number(x) !== 0;
    return cell.elem === "i64" || cell.elem === "time" ? BigInt(x) : Number(x);
  };
  if (cell.k === "scalar") return one(i);
  const size = sizeOf(cell.shape);
  return Array.from({ length: size }, (_, k) => one(i * size + k)) as Scalars; // as: scalars
}
function scanned(r: Extract<Rel, { k: "scan" }>, world: World): readonly (readonly Scalars[])[] {
  const all = new Map(columnsRead(r, world).map(([name, t]) => [name, tensorFrom(t)] as const));
  const columns = r.columns.map(([name, cell]) => [all.get(name)!, cell] as const);
  const rows = columns[0]![0].shape[0]!;
  return Array.from({ length: rows }, (_, i) => columns.map(([t, cell]) => cellAt(t, cell, i, world.strings)));
}
/** elements of given values, by their number: what the query says that they are */
function givenCells(r: unknown, out = new Map<number, Cell>()): ReadonlyMap<number, Cell> {
  if (typeof r !== "object" || r === null) return out;
  const g = r as { k?: unknown; index?: number; elem?: string; columns?: Columns };
  if (g.k === "given" && g.columns) g.columns.forEach(([, cell], i) => void out.set(g.index! + i, cell));
  else if (g.k === "given") out.set(g.index!, { k: "scalar", elem: g.elem } as Cell); // as: of RelExpr
  for (const x of Object.values(r)) givenCells(x, out);
  return out;
}
const queried = (s: Source, query: Rel, world: World): RddValue => {
  const made = (tables: readonly RddValue[], epoch: number): RddValue => asked(s, query, tables, epoch, world);
  const isAnew = s.given?.some(g => typeof g === "object") || JSON.stringify(query).includes('"renewed":true');
  return isAnew ? { k: "rdd", rows: 0, columns: {}, id: [], made } : made([], 0);
};
function asked(s: Source, query: Rel, tables: readonly RddValue[], epoch: number, world: World): RddValue {
  const cells = givenCells(query);
  const given = (index: number): Scalars | readonly Scalars[] => {
    const of = s.given![index]!;
    const t = typeof of === "string" ? world.kept.get(of)! : Object.values(tables[of.table]!.columns)[of.column]!;
    const cell = cells.get(index)!;
    if (t.shape.length === 0) return cellAt(t, cell, 0, world.strings);
    return Array.from({ length: t.shape[0]! }, (_, i) => cellAt(t, cell, i, world.strings));
  };
  const rows = evaluateRel(query, { scan: r => scanned(r, world), given, seed: [0, 0], epoch });
  const named = columnsOf(query);
  const columns = Object.entries(s.columns).map(([name, c]): readonly [string, TensorValue] => {
    const k = named.findIndex(([n]) => n === name);
    const elem = loaded(c.store as Stored); // as: of an engine's result
    const flat = rows.flatMap(row => row.cells[k] as Scalars | readonly Scalars[]);
    const numbers = flat.map(x =>
      typeof x === "string" ? world.strings.number(x) : typeof x === "boolean" ? Number(x) : x,
    );
    return [name, tensorValue(elem, [rows.length, ...c.shape], numbers as number[] | bigint[])]; // as: of one kind
  });
  return { k: "rdd", rows: rows.length, columns: Object.fromEntries(columns), id: rows.map(r => r.id) };
}

// ---- what is printed

function shown(e: Extract<Effect, { k: "print" }>, stage: Stage, results: readonly Value[], world: World): LogValue {
  const dataOf = (i: number): TensorData => {
    const type = stage.main.results[i]!.type;
    if (type.k !== "tensor") throw new Error("a result that is no tensor");
    return stored(tensorOf(results[i]), type.elem);
  };
  const cells = (s: { readonly result: number } & Meaning): Cells => ({
    ...dataOf(s.result),
    ...(s.as === "string" ? { texts: world.strings.text } : {}),
    ...(s.as === "time" ? { times: true as const } : {}),
    ...(s.present === undefined ? {} : { present: dataOf(s.present) }),
  });
  const printable = (s: Shape): Printable => {
    switch (s.k) {
      case "tensor":
        return { k: "tensor", value: cells(s) };
      case "text":
        return s;
      case "record":
        return { k: "record", fields: s.fields.map(([n, v]) => [n, printable(v)] as const) };
      case "list":
        return { k: "list", of: s.of.map(printable) };
      case "oneOf":
        return printable(s.of[Number(tensorOf(results[s.index]).data[0])]!);
      case "table":
        if (s.count === undefined) throw new Error("a test prints tables");
        return {
          k: "table",
          columns: s.columns.map(c => [c.name, cells(c)] as const),
          rows: Number(tensorOf(results[s.count]).data[0]),
        };
      case "utf8":
        throw new Error("a test prints tables");
      default:
        return s satisfies never;
    }
  };
  return logged(printable(e.value));
}
function stored(t: TensorValue, elem: Elem): TensorData {
  const size = sizeOf(t.shape);
  const make = {
    bool: Uint32Array,
    i32: Int32Array,
    u32: Uint32Array,
    f16: Float16Array,
    f32: Float32Array,
    f64: Float64Array,
  };
  const data =
    elem === "i64"
      ? BigInt64Array.from(t.data, BigInt)
      : make[elem].from(Array.from({ length: size }, (_, i) => Number(t.data[i])));
  return { store: elem, shape: t.shape, bytes: new Uint8Array(data.buffer) };
}
