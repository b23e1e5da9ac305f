/**
 * What a program saves, in f64 beside its bound (design 4), from the GRAPH that the passes hand on: what `hsc run` must be within. Knows no
 * model and no optimizer.
 */
import { dirname } from "node:path";
import { check } from "../../src/frontend/check/index.ts";
import { fileDims, lower } from "../../src/frontend/lower/index.ts";
import { paramOf } from "../../src/ir/inline.ts";
import { type Fn, type Node, resetPool, topological } from "../../src/ir/node.ts";
import type { Bounded, EvalContext, TensorValue, Value } from "../../src/ir/op.ts";
import { exactBound, exactly } from "../../src/ir/ops/bounds.ts";
import type { Input, Source, Stage } from "../../src/ir/stage.ts";
import { loaded, type Stored } from "../../src/ir/type.ts";
import { tensorOf, tensorValue } from "../../src/ir/value.ts";
import { passes } from "../../src/passes/index.ts";
import { seedWords } from "../../src/runtime/chance.ts";
import { valueAt, view } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { nodeHost, resolvePath } from "../../src/runtime/host.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";
import { makeStrings } from "../../src/runtime/strings.ts";

export function stageOf(file: string): Stage {
  resetPool();
  const host = nodeHost(dirname(file));
  const { core, diagnostics } = check(file, host, { set: {}, prelude: preludeTexts() });
  if (!core) throw new Error(diagnostics.map(d => d.message).join("\n"));
  return passes.reduce((stage, pass) => pass.run(stage), lower(core, fileDims(core, host), host));
}
function values(store: Stored, shape: readonly number[], bytes: Uint8Array): TensorValue {
  const of = view(store, bytes);
  const size = shape.reduce((a, b) => a * b, 1);
  return tensorValue(
    loaded(store),
    shape,
    Array.from({ length: size }, (_, i) => valueAt(store, of, i)),
  );
}
function rowsOf(source: Source, folder: string): Value {
  const bytes = new Map<string, Uint8Array>();
  const paths = source.paths.map(p => resolvePath(folder, p));
  const table = formatOf(source.format).rows!(
    paths,
    source.options,
    (column, size) => {
      const room = new Uint8Array(size);
      bytes.set(column, room);
      return room;
    },
    makeStrings([]),
  );
  const columns = Object.entries(source.columns).map(
    ([n, c]) => [n, values(c.store as Stored, [table.rows, ...c.shape], bytes.get(n)!)] as const, // as: these read no text
  );
  const id = Array.from({ length: table.rows }, (_, i) => i);
  return { k: "rdd", rows: table.rows, columns: Object.fromEntries(columns), id };
}
function argument(input: Input, folder: string, seed: number): Value {
  switch (input.k) {
    case "seed":
      return tensorValue("u32", [2], seedWords(seed));
    case "param":
      return tensorValue(input.type.elem, [], [Number(input.value)]);
    case "rows":
      return rowsOf(input.source, folder);
    case "file": {
      const t = formatOf(input.source.format).tensor!(resolvePath(folder, input.source.paths[0]!), input.tensor);
      return values(t.store, t.shape, t.bytes);
    }
    case "earlier":
      throw new Error("a test has one stage");
    default:
      return input satisfies never;
  }
}

/** evaluates programs as ir/interp.ts does, and keeps the bound of each tensor beside it; loops hand tensors on as they are */
class BoundedRun {
  readonly #known = new WeakMap<TensorValue, Bounded>();
  of(v: TensorValue): Bounded {
    return this.#known.get(v) ?? exactly(v);
  }
  #keep(b: Bounded): TensorValue {
    this.#known.set(b.value, b);
    return b.value;
  }
  call(f: Fn, given: readonly Value[], n: number): readonly Value[] {
    const order = topological(f.results);
    const readers = new Map<Node, number>(f.results.map(r => [r, Number.POSITIVE_INFINITY]));
    for (const node of order) for (const a of node.args) readers.set(a, (readers.get(a) ?? 0) + 1);
    const values = new Map<Node, Value>();
    for (const node of order) {
      const args = node.args.map(a => values.get(a)!);
      values.set(node, node.op.control === "param" ? given[paramOf(node)]! : this.#value(node, args, n));
      for (const a of node.args) {
        readers.set(a, readers.get(a)! - 1);
        if (readers.get(a) === 0) values.delete(a);
      }
    }
    return f.results.map(r => values.get(r)!);
  }
  #value(node: Node, args: readonly Value[], n: number): Value {
    const calls: (readonly Value[])[] = [];
    const call: EvalContext["call"] = (f, given, m) => {
      const results = this.call(f, given, m);
      calls.push(results);
      return results;
    };
    const cx: EvalContext = { n, call, fault: () => {} };
    const tensors = args.flatMap(a => (a.k === "tensor" ? [a] : []));
    if (!node.op.control && node.type.k === "tensor" && tensors.length === args.length)
      return this.#keep(
        (node.op.bound ?? exactBound)(
          tensors.map(t => this.of(t)),
          node,
          cx,
        ),
      );
    const value = node.op.eval(args, node, cx);
    if (node.op.control === "batches" && value.k === "tuple") this.#outs(value.of, Number(node.attrs["states"]), calls);
    return value;
  }
  /** rows that one epoch wrote batch by batch */
  #outs(of: readonly Value[], states: number, calls: readonly (readonly Value[])[]): void {
    for (const [i, v] of of.entries()) {
      if (i < states || v.k !== "tensor") continue;
      const parts = calls.map(results => this.of(tensorOf(results[i])));
      const flat = <K extends "error" | "undecided">(k: K): readonly number[] => parts.flatMap(p => [...p[k]]);
      if (flat("error").length !== v.data.length) throw new Error("rows of one epoch");
      this.#keep({ value: v, error: Float64Array.from(flat("error")), undecided: Uint8Array.from(flat("undecided")) });
    }
  }
}
/** every result that a program saves, by `file.npy` or `file.safetensors path` */
export function savedBounds(file: string, seed = 0): ReadonlyMap<string, Bounded> {
  const { main, inputs, effects } = stageOf(file);
  const run = new BoundedRun();
  const args = inputs.map(i => argument(i, dirname(file), seed));
  const results = run.call(main, args, 0);
  const found = new Map<string, Bounded>();
  for (const e of effects) {
    if (e.k !== "save") continue;
    const of = (result: number): Bounded => run.of(tensorOf(results[result]));
    if (e.value.k === "tensor") found.set(e.path, of(e.value.result));
    if (e.value.k !== "record") continue;
    for (const [path, t] of e.value.fields) if (t.k === "tensor") found.set(`${e.path} ${path}`, of(t.result));
  }
  return found;
}
