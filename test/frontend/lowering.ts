/** A program through parse, check, lower and the interpreter, its files given as values. For tests of the frontend. */
import { readdirSync, readFileSync } from "node:fs";
import { check } from "../../src/frontend/check/index.ts";
import { fileDims, lower } from "../../src/frontend/lower/index.ts";
import { type Host, HostError } from "../../src/ir/host.ts";
import { evaluate } from "../../src/ir/interp.ts";
import { resetPool } from "../../src/ir/node.ts";
import type { TensorValue, Value } from "../../src/ir/op.ts";
import type { Input, Shape, Stage } from "../../src/ir/stage.ts";
import { type Column, loaded, type Stored } from "../../src/ir/type.ts";
import { tensorOf, tensorValue } from "../../src/ir/value.ts";
import { gradient } from "../../src/passes/autodiff.ts";
import { expandFn } from "../../src/passes/expand.ts";

/** a tensor of a file; of a file with rows, axis 0 counts them */
export interface FileTensor {
  readonly store: Stored;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** npy and weights by name ("x.npy" is x), or a file with rows by its path */
export interface Files {
  readonly tensors?: Readonly<Record<string, FileTensor>>;
  readonly rows?: Readonly<Record<string, Readonly<Record<string, FileTensor>>>>;
}
const nameOf = (path: string): string => path.replace(/\.npy$/, "");

export function hostOf(files: Files, program: string): Host {
  const column = (t: FileTensor): Column => ({ store: t.store, shape: t.shape, nullable: false });
  return {
    text: path => {
      if (path === "test.hs") return program;
      throw new HostError(`${path} does not exist`);
    },
    schema: (_, [path]) => {
      const rows = files.rows?.[path!];
      if (rows) {
        const columns = Object.entries(rows).map(([n, t]) => [n, column({ ...t, shape: t.shape.slice(1) })] as const);
        return { columns: Object.fromEntries(columns), rows: Object.values(rows)[0]!.shape[0]! };
      }
      const all = Object.entries(files.tensors ?? {});
      if (path!.endsWith(".safetensors")) return { columns: Object.fromEntries(all.map(([n, t]) => [n, column(t)])) };
      const own = files.tensors?.[nameOf(path!)];
      if (!own) throw new HostError(`${path} does not exist`);
      return { columns: { "": column(own) } };
    },
  };
}

export interface Ran {
  readonly stage: Stage;
  /** the tensors of each effect, in order; those of a net by path */
  readonly effects: readonly (readonly (readonly [path: string, value: TensorValue])[])[];
  readonly faults: readonly string[];
}
const PRELUDE = new URL("../../src/frontend/prelude/", import.meta.url);
export const prelude: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(PRELUDE)
    .filter(f => f.endsWith(".hs"))
    .sort()
    .map(f => [`prelude/${f}`, readFileSync(new URL(f, PRELUDE), "utf8")] as const),
);

function flatten(s: Shape, results: readonly Value[], path = ""): readonly (readonly [string, TensorValue])[] {
  switch (s.k) {
    case "tensor":
    case "utf8":
      return [[path, tensorOf(results[s.result])]];
    case "text":
      return [];
    case "record":
      return s.fields.flatMap(([n, v]) => flatten(v, results, path ? `${path}.${n}` : n));
    case "list":
      return s.of.flatMap((v, i) => flatten(v, results, `${path}.${i}`));
    case "oneOf":
      return flatten(s.of[Number(tensorOf(results[s.index]).data[0])]!, results, path);
    case "table":
      return [...s.columns, ...(s.count === undefined ? [] : [{ name: "", result: s.count }])].map(
        c => [c.name, tensorOf(results[c.result])] as const,
      );
    default:
      return s satisfies never;
  }
}
export function argument(input: Input, files: Files, seed: number): Value {
  switch (input.k) {
    case "seed":
      return tensorValue("u32", [2], [0, seed]);
    case "param":
      return tensorValue(input.type.elem, [], [Number(input.value)]);
    case "file": {
      const t = files.tensors![input.tensor ?? nameOf(input.source.paths[0]!)]!;
      return tensorValue(loaded(t.store), t.shape, t.store === "i64" ? t.data.map(BigInt) : t.data);
    }
    case "rows": {
      const all = Object.entries(files.rows![input.source.paths[0]!]!);
      const columns = all.map(([n, t]) => [n, tensorValue(loaded(t.store), t.shape, t.data)] as const);
      const rows = all[0]![1].shape[0]!;
      return { k: "rdd", rows, columns: Object.fromEntries(columns), id: Array.from({ length: rows }, (_, i) => i) };
    }
    case "earlier":
      throw new Error("a test has one stage");
    default:
      return input satisfies never;
  }
}
export function stageOf(program: string, files: Files = {}): Stage {
  resetPool();
  const host = hostOf(files, program);
  const { core, diagnostics } = check("test.hs", host, { prelude });
  const wrong = diagnostics.filter(d => d.severity !== "warning");
  if (!core || wrong.length) throw new Error(wrong.map(d => `${d.span.file}:${d.span.line}: ${d.message}`).join("\n"));
  return lower(core, fileDims(core, host), host);
}
export function run(program: string, files: Files = {}, seed = 0): Ran {
  const stage = stageOf(program, files);
  const faults: string[] = [];
  const fault = (f: { site: number; record: number }): void => {
    faults.push(`${stage.sites[f.site]!.message} (record ${f.record})`);
  };
  const args = stage.inputs.map(i => argument(i, files, seed));
  const results = evaluate(stage.main, args, 0, { fault, gradient: (f, wrt) => gradient(expandFn(f), wrt) });
  const effects = stage.effects.map(e => (e.k === "keep" ? [] : flatten(e.value, results)));
  return { stage, effects, faults };
}
