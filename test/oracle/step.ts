/**
 * The first step of a program's training in f64 beside its bound (design 4), from the GRAPH that the passes hand on: what `hsc run` must
 * be within. Knows no model and no optimizer.
 */
import { dirname } from "node:path";
import { check } from "../../src/frontend/check/index.ts";
import { fileDims, lower } from "../../src/frontend/lower/index.ts";
import { bound } from "../../src/ir/bound.ts";
import { evaluate } from "../../src/ir/interp.ts";
import { fn, resetPool, topological } from "../../src/ir/node.ts";
import type { Bounded, TensorValue, Value } from "../../src/ir/op.ts";
import type { Input, Source, Stage } from "../../src/ir/stage.ts";
import { loaded, type Stored } from "../../src/ir/type.ts";
import { tensorValue } from "../../src/ir/value.ts";
import { passes } from "../../src/passes/index.ts";
import { seedWords } from "../../src/runtime/chance.ts";
import { valueAt, view } from "../../src/runtime/dtype.ts";
import { formatOf } from "../../src/runtime/formats/index.ts";
import { nodeHost, resolvePath } from "../../src/runtime/host.ts";
import { preludeTexts } from "../../src/runtime/prelude.ts";

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
  const table = formatOf(source.format).rows!(paths, source.options, (column, size) => {
    const room = new Uint8Array(size);
    bytes.set(column, room);
    return room;
  });
  const columns = Object.entries(source.columns).map(
    ([n, c]) => [n, values(c.store as Stored, [table.rows, ...c.shape], bytes.get(n)!)] as const, // as: these read no text
  );
  const id = Array.from({ length: table.rows }, (_, i) => i);
  return { k: "rdd", rows: table.rows, columns: Object.fromEntries(columns), id };
}
export function argument(input: Input, folder: string, seed: number): Value {
  switch (input.k) {
    case "seed":
      return tensorValue("u32", [2], seedWords(seed));
    case "param":
      return tensorValue(input.type.elem, [], [input.value]);
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

/** of a program that trains for one step and saves the net: every weight of that net */
export function firstStep(file: string, seed = 0): ReadonlyMap<string, Bounded> {
  const { main, inputs, effects } = stageOf(file);
  const training = topological(main.results).filter(x => x.op.control === "batches");
  const saved = effects.find(e => e.k === "save");
  if (training.length !== 1 || saved?.value.k !== "record") throw new Error("one train, and its net saved");
  const node = training[0]!;
  const args = evaluate(
    fn(main.params, node.args),
    inputs.map(i => argument(i, dirname(file), seed)),
    0,
  );
  let after: readonly Bounded[] = [];
  node.op.eval(args, node, {
    n: 0,
    call: (body, given, n) => {
      if (after.length) throw new Error("one step");
      after = bound(body, given, n);
      return after.map(b => b.value);
    },
    fault: () => {},
  });
  const weights = new Map<string, Bounded>();
  for (const [path, shape] of saved.value.fields) {
    const of = shape.k === "tensor" ? main.results[shape.result] : undefined;
    const i = of?.op.name === "get" && of.args[0] === node ? of.attrs["i"] : undefined;
    if (typeof i !== "number") throw new Error(`${path} is no state of the training`);
    weights.set(path, after[i]!);
  }
  return weights;
}
