/** What a program does to the outside world: prints and saved files, from the buffers of a stage. Knows no loop. */
import type { Json, Meaning, Outline, PlanShape, PlanStage, PlanStep, Span } from "../ir/plan.ts";
import type { Appended } from "./appended.ts";
import type { Cells } from "./cells.ts";
import type { Owner } from "./checkpoint.ts";
import { type TensorData, valueAt, view } from "./dtype.ts";
import { placed, RuntimeDiagnostic } from "./error.ts";
import { expectWritable, writeWhole } from "./files.ts";
import { formatOf } from "./formats/index.ts";
import { resolvePath } from "./host.ts";
import { readBuffer } from "./inputs.ts";
import { type EventLog, logged } from "./log.ts";
import type { ModuleMemory } from "./memory.ts";
import { expectParts, isFolderOfParts, writeParts } from "./parts.ts";
import { type Printable, text } from "./print.ts";
import type { Reads } from "./reads.ts";
import type { Signals } from "./signals.ts";
import type { Status } from "./status.ts";
import type { Strings } from "./strings.ts";
import type { TablePiece, TablePieces } from "./table-pieces.ts";

export interface PlayOptions {
  /** the program's folder: sources and saved files are relative to it */
  readonly folder: string;
  readonly seed: number;
  readonly params: ReadonlyMap<string, Json>;
  readonly earlier: ReadonlyMap<string, TensorData>;
  readonly strings: Strings;
  /** a whole line, or lines, of the program's output */
  readonly print: (text: string) => void;
  readonly log: EventLog;
  readonly status: Status;
  /** milliseconds */
  readonly now: () => number;
  /** present: the run has several stages */
  readonly reads?: Reads | undefined;
  /** when the run began; absent: with this stage */
  readonly began?: number | undefined;
  /** whose checkpoints are written and taken up; absent: none are */
  readonly owner?: Owner | undefined;
  readonly resume?: boolean | undefined;
  readonly signals?: Signals | undefined;
  /** absent: 1 */
  readonly threads?: number | undefined;
  /** bytes that the run may take */
  readonly budget?: number | undefined;
}
export interface EffectContext {
  readonly stage: PlanStage;
  readonly memory: ModuleMemory;
  readonly options: PlayOptions;
  /** rows of buffers that hold a batch of them at a time */
  readonly appended: ReadonlyMap<number, Appended>;
}
type Step<K extends PlanStep["k"]> = Extract<PlanStep, { readonly k: K }>;

type Tensors = (buffer: number) => TensorData;
const inMemory =
  ({ stage, memory }: EffectContext): Tensors =>
  i =>
    readBuffer(stage, memory, i);

const cells = (cx: EffectContext, s: { readonly result: number } & Meaning, tensor: Tensors): Cells => ({
  ...(s.as === "u8" ? bytesOf(tensor(s.result)) : tensor(s.result)),
  ...(s.as === "string" || s.as === "list" ? { texts: cx.options.strings.text } : {}),
  ...(s.of ? { list: s.of } : {}),
  ...(s.as === "time" ? { times: true } : {}),
  ...(s.present === undefined ? {} : { present: tensor(s.present) }),
});
function printable(cx: EffectContext, shape: PlanShape): Printable {
  const tensor = inMemory(cx);
  switch (shape.k) {
    case "tensor":
      return { k: "tensor", value: cells(cx, shape, tensor) };
    case "text":
      return shape;
    case "record":
      return { k: "record", fields: shape.fields.map(([n, v]) => [n, printable(cx, v)] as const) };
    case "list":
      return { k: "list", of: shape.of.map(v => printable(cx, v)) };
    case "utf8":
      return { k: "text", text: new TextDecoder().decode(bytesOf(tensor(shape.result)).bytes) };
    case "oneOf": {
      const { store, bytes } = tensor(shape.index);
      return printable(cx, shape.of[Number(valueAt(store, view(store, bytes), 0))]!);
    }
    case "table": {
      if (shape.count === undefined) throw new Error("internal: a table of any number of rows is printed");
      const { store, bytes } = tensor(shape.count);
      const rows = Number(valueAt(store, view(store, bytes), 0));
      return { k: "table", columns: shape.columns.map(c => [c.name, cells(cx, c, tensor)] as const), rows };
    }
    default:
      return shape satisfies never;
  }
}
type Table = Extract<PlanShape, { readonly k: "table" }>;
/** the rows that were appended, batch after batch */
function* appendedRows(cx: EffectContext, { columns }: Table): TablePieces {
  const piece = (rows: number, tensor: Tensors): TablePiece => ({
    columns: columns.map(c => [c.name, cells(cx, c, tensor)] as const),
    rows,
  });
  const all = columns[0] && cx.appended.get(columns[0].result);
  // a pass over no rows has no batch
  if (!all) return yield piece(0, noRows(cx));
  for (const { rows, columns: made } of all.pieces()) yield piece(rows, i => made.get(i)!);
}
const noRows =
  ({ stage }: EffectContext): Tensors =>
  i => {
    const { store, shape } = stage.buffers[i]!;
    return { store, shape: [0, ...shape.slice(1)], bytes: new Uint8Array(0) };
  };
/** integers of one byte each */
function bytesOf({ store, shape, bytes }: TensorData): TensorData {
  const values = view(store, bytes);
  return {
    store: "u8",
    shape,
    bytes: Uint8Array.from({ length: values.length }, (_, i) => Number(valueAt(store, values, i))),
  };
}
export function print(cx: EffectContext, s: Step<"print">): void {
  const value = printable(cx, s.value);
  const shown = text(value);
  cx.options.status.clear();
  cx.options.print(s.label === undefined ? shown : `${s.label} =${shown.includes("\n") ? "\n" : " "}${shown}`);
  cx.options.log.write("print", { name: s.label ?? null, value: logged(value) });
}
/** before hours of work: the places of all files that will be saved */
export function expectPlaces(saves: Outline["saves"], folder: string): void {
  for (const { path, span } of saves)
    placed(span, () => {
      const own = resolvePath(folder, path);
      if (isFolderOfParts(own)) expectParts(own);
      else expectWritable(own);
    });
}
export function save(cx: EffectContext, s: Step<"save">): void {
  placed(s.span, () => {
    const path = resolvePath(cx.options.folder, s.path);
    const { encodeTable } = formatOf(s.format);
    if (s.value.k !== "table" || !encodeTable)
      return writeWhole(path, encoded(s.format, printable(cx, s.value), s.span));
    const pieces = appendedRows(cx, s.value);
    if (isFolderOfParts(path)) writeParts(path, s.format, pieces, encodeTable);
    else writeWhole(path, encodeTable(pieces));
  });
  cx.options.log.write("save", { path: s.path, format: s.format });
}
function encoded(name: string, value: Printable, span: Span): Iterable<Uint8Array> {
  const format = formatOf(name);
  if (value.k === "tensor" && value.value.texts && format.encodeText) return format.encodeText(text(value));
  if (value.k === "tensor" && format.encodeTensor) return format.encodeTensor(value.value);
  if (value.k === "record" && format.encodeTensors) return format.encodeTensors(named(value, ""));
  if (value.k === "text" && format.encodeText) return format.encodeText(value.text);
  throw new RuntimeDiagnostic(`a ${value.k} cannot be saved as ${name}`, { span });
}
/** the leaves of nested records: `conv1.w` */
function named(value: Printable, path: string): readonly (readonly [string, TensorData])[] {
  if (value.k === "tensor") return [[path === "" ? "value" : path, value.value]];
  if (value.k !== "record") throw new Error(`internal: a ${value.k} among tensors to be saved`);
  return value.fields.flatMap(([n, v]) => named(v, path === "" ? n : `${path}.${n}`));
}
