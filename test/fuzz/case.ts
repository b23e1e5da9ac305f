/**
 * What one run of the fuzzer is about: a closed GRAPH function and everything else that its meaning depends on, as text. Values are
 * drawn from the case's numbers alone, so the text repeats it. Knows no op and no pass.
 */
import { type Fn, fnsOf, type Node, type Span, topological } from "../../src/ir/node.ts";
import type { RddValue, TensorValue, Value } from "../../src/ir/op.ts";
import type { Effect, Input, Stage } from "../../src/ir/stage.ts";
import { parse, print } from "../../src/ir/text.ts";
import {
  atN,
  type Column,
  isFloat,
  loaded,
  numbers,
  type RddType,
  sizeOf,
  type TensorType,
} from "../../src/ir/type.ts";
import { tabulate } from "../../src/ir/value.ts";
import { seedWords } from "../../src/runtime/chance.ts";
import { type TensorData, writable } from "../../src/runtime/dtype.ts";
import type { Format } from "../../src/runtime/formats/format.ts";
import { FORMATS } from "../../src/runtime/formats/index.ts";
import { seeded } from "../ir/grow.ts";

/** tame: normals, quarters; wild: NaN, infinities, huge and tiny ones among them; ties: few different values */
export const MOODS = ["tame", "wild", "ties"] as const;
export interface Case {
  /** parameters: rdds are sources, u32[2] the seed of the run, other tensors results of an earlier stage */
  readonly main: Fn;
  /** of every source */
  readonly rows: number;
  /** from which all values are drawn */
  readonly data: number;
  readonly mood: (typeof MOODS)[number];
  /** the seed of the run */
  readonly seed: number;
  /** from which schedules are drawn; 0: those that the compiler chooses */
  readonly decisions: number;
}

export const caseText = (c: Case): string =>
  `; rows ${c.rows}  data ${c.data}  mood ${c.mood}  seed ${c.seed}  decisions ${c.decisions}\n${print(c.main)}`;
export function parseCase(text: string): Case {
  const head = /^; rows (\d+) {2}data (\d+) {2}mood (\w+) {2}seed (\d+) {2}decisions (\d+)$/m.exec(text);
  const mood = MOODS.find(m => m === head?.[3]);
  if (!head || !mood) throw new Error("a case begins with its numbers");
  const [rows, data, seed, decisions] = [1, 2, 4, 5].map(i => Number(head[i]));
  return { main: parse(text), rows: rows!, data: data!, mood, seed: seed!, decisions: decisions! };
}

// ---- values

const WILD = [Number.NaN, Infinity, -Infinity, -0, 0, 3e38, -3e38, 1e-40, 2 ** 31, -(2 ** 31), 2 ** 24 + 2, 0.5, 1e-20];
const RANGES: { readonly [S in Column["store"]]?: readonly [low: number, count: number] } = {
  u8: [0, 256],
  i8: [-128, 256],
  u16: [0, 65536],
  u32: [0, 2 ** 32],
  bool: [0, 2],
};
/** one generator per tensor: what happens to one leaves the others as they are */
function drawn(
  c: Case,
  which: number,
  type: Pick<TensorType, "elem" | "below">,
  store: Column["store"],
  shape: readonly number[],
): TensorValue {
  const rng = seeded(Math.imul(c.data, 0x9e3779b1) + Math.imul(which + 1, 0x85ebca6b));
  const below = type.below === undefined ? undefined : atN(type.below, c.rows);
  const [low, count] = RANGES[store] ?? [-10, 20];
  return tabulate(type.elem, shape, () => {
    if (isFloat(type.elem)) {
      if (c.mood === "wild" && rng.int(10) === 0) return rng.pick(WILD);
      if (c.mood === "ties") return rng.int(5) - 2;
      // quarters make ties and exact zeros normal
      return rng.int(3) === 0 ? Math.round(rng.normal() * 4) / 4 : rng.normal();
    }
    if (below !== undefined) return rng.int(Math.max(below, 1));
    if (c.mood === "wild" && store === "i32" && rng.int(6) === 0) return rng.pick([-(2 ** 31), 2 ** 31 - 1, 0]);
    return low + rng.int(count);
  });
}
export const isSeed = (t: TensorType): boolean => t.elem === "u32" && t.shape.length === 1 && t.shape[0] === 2;
function source(c: Case, which: number, t: RddType): RddValue {
  const columns = Object.entries(t.row).map(([name, column], k): readonly [string, TensorValue] => {
    const elem = loaded(column.store as Exclude<Column["store"], "string" | "time">); // as: cases have no cells
    return [name, drawn(c, 1000 * (which + 1) + k, { elem }, column.store, [c.rows, ...column.shape])];
  });
  return {
    k: "rdd",
    rows: c.rows,
    columns: Object.fromEntries(columns),
    id: Array.from({ length: c.rows }, (_, i) => i),
  };
}
/** the values of main's parameters */
export const argumentsOf = (c: Case): readonly Value[] =>
  c.main.params.map((t, i): Value => {
    if (t.k === "rdd") return source(c, i, t);
    if (t.k !== "tensor") throw new Error("a case with a tuple as parameter");
    if (isSeed(t)) return { k: "tensor", shape: [2], data: Float64Array.from(seedWords(c.seed)) };
    return drawn(c, i, t, t.elem, numbers(t.shape));
  });

// ---- the stage that a compiler sees

export const SITES = 8;
const span: Span = { file: "fuzz.hs", start: 0, end: 1, line: 1, column: 1 };
/** main with every result kept */
export function stageOf(c: Case): Stage {
  const inputs = c.main.params.map((type, i): Input => {
    if (type.k === "rdd")
      return { k: "rows", source: { format: "fuzz", paths: [`x${i}`], options: {}, columns: type.row, span } };
    if (type.k !== "tensor") throw new Error("a case with a tuple as parameter");
    return isSeed(type) ? { k: "seed" } : { k: "earlier", name: `x${i}`, type };
  });
  return {
    inputs,
    main: c.main,
    effects: c.main.results.map((_, i): Effect => ({ k: "keep", name: `r${i}`, result: i })),
    sites: Array.from({ length: SITES }, (_, i) => ({ span, message: `fault ${i}` })),
  };
}

/** as a player finds it in memory */
export function stored(store: TensorData["store"], value: TensorValue): TensorData {
  const width = { bool: 4, i32: 4, u32: 4, i64: 8, f16: 2, f32: 4, f64: 8, u8: 1, i8: 1, u16: 2, bf16: 2 }[store];
  const bytes = new Uint8Array(width * value.data.length);
  const to = writable(store, bytes) as { [i: number]: number | bigint }; // as: of the element of `value`
  for (let i = 0; i < value.data.length; i++) to[i] = value.data[i]!;
  return { store, shape: value.shape, bytes };
}
export const earlierOf = (c: Case, args: readonly Value[]): ReadonlyMap<string, TensorData> =>
  new Map(
    c.main.params.flatMap((t, i) => {
      const v = args[i]!;
      return t.k === "tensor" && v.k === "tensor" ? [[`x${i}`, stored(t.elem, v)] as const] : [];
    }),
  );

/** the rows of the cases being played, by the path of their source */
const rowsByPath = new Map<string, RddValue>();
const inMemory: Format = {
  name: "fuzz",
  doc: "rows that the fuzzer has drawn",
  extensions: [],
  schema: files => ({ columns: columnsOf.get(files[0]!.split("/").at(-1)!)! }),
  rows: (files, _options, allocate) => {
    const path = files[0]!.split("/").at(-1)!;
    const [d, columns] = [rowsByPath.get(path)!, columnsOf.get(path)!];
    for (const [name, c] of Object.entries(columns)) {
      const { bytes } = stored(c.store as TensorData["store"], d.columns[name]!); // as: cases have no cells
      allocate(name, bytes.length).set(bytes);
    }
    return { rows: d.rows, columns };
  },
};
const columnsOf = new Map<string, RddType["row"]>();
/** makes the sources of a case readable by a player in this process */
export function offerSources(c: Case, args: readonly Value[]): void {
  if (!FORMATS.includes(inMemory)) (FORMATS as Format[]).push(inMemory); // as: a registry that a test may add to
  c.main.params.forEach((t, i) => {
    const v = args[i]!;
    if (t.k !== "rdd" || v.k !== "rdd") return;
    rowsByPath.set(`x${i}`, v);
    columnsOf.set(`x${i}`, t.row);
  });
}

// ---- size

/** nodes of f and of the functions in it, each once */
export function sizeOfFn(f: Fn): number {
  const nodes = new Set<Node>();
  const stack = [f];
  for (let g = stack.pop(); g; g = stack.pop())
    for (const x of topological(g.results)) {
      if (!nodes.has(x)) stack.push(...fnsOf(x));
      nodes.add(x);
    }
  return nodes.size;
}
/** roughly how many elements are computed for n records, or swept in a contraction, by f; functions that it applies are not counted */
export function work(f: Fn, n: number): number {
  const size = (x: Node): number => (x.type.k === "tensor" ? sizeOf(x.type.shape.map(d => atN(d, n))) : 0);
  const letters = (x: Node): number => {
    const spec = x.attrs["spec"];
    if (typeof spec !== "string") return 0;
    const extents = new Map<string, number>();
    const words = spec.split("->")[0]!.split(",");
    words.forEach((w, k) => {
      const { type } = x.args[k]!;
      if (type.k === "tensor") [...w].forEach((c, d) => void extents.set(c, atN(type.shape[d]!, n)));
    });
    return sizeOf([...extents.values()]);
  };
  return topological(f.results).reduce((sum, x) => sum + Math.max(size(x), letters(x), ...x.args.map(size)), 0);
}
/** the same of a program, each function in it once */
export function programWork(main: Fn, rows: number): number {
  const fns = new Set<Fn>();
  const stack = [main];
  for (let f = stack.pop(); f; f = stack.pop()) {
    if (fns.has(f)) continue;
    fns.add(f);
    for (const x of topological(f.results)) stack.push(...fnsOf(x));
  }
  return [...fns].reduce((sum, f) => sum + work(f, Math.max(rows, 1)), 0);
}
export const elementsOf = (t: TensorValue): number => sizeOf(t.shape);
