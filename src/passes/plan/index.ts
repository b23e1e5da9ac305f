/** Stage -> PLAN: the effects of the program in their order, each after the kernels and loops that its values need. */
import type { Kernel, Schedule } from "../../ir/kernel.ts";
import type { LoopKernel } from "../../ir/loop.ts";
import type { Node } from "../../ir/node.ts";
import type { Call, PlanInput, PlanStage } from "../../ir/plan.ts";
import { type Effect, type Meaning, resultsOf, type Shape, type Stage } from "../../ir/stage.ts";
import type { TensorType } from "../../ir/type.ts";
import { type Trace, untraced } from "../trace.ts";
import { Block } from "./block.ts";
import { type Goal, inputs as noInputs } from "./body.ts";
import { Draft, type DraftStep } from "./draft.ts";
import { paramsOf } from "./feeds.ts";
import { united } from "./goals.ts";
import { Kernels } from "./kernels.ts";
import { link, showPlaces } from "./link.ts";
import { CPU, type Target } from "./target.ts";

export interface Planned {
  readonly stage: PlanStage;
  readonly kernels: readonly LoopKernel[];
  readonly phases: readonly { readonly name: string; readonly calls: readonly Call[] }[];
  /** KERNELs as text, for explain */
  readonly text: string;
}

export interface PlanOptions {
  /** absent: a CPU */
  readonly target?: Target;
  /** the schedule of a kernel; absent: the target's */
  readonly choose?: (k: Kernel) => Schedule;
  /** is told each kernel when it is emitted */
  readonly made?: (k: LoopKernel) => void;
  readonly trace?: Trace;
}
/** `module`: how the files of its code are called */
export function planStage(
  stage: Stage,
  module: string,
  { target = CPU, choose = target.tile, trace = untraced, made = () => {} }: PlanOptions = {},
): Planned {
  const { main, effects, sites } = stage;
  const kernels = new Kernels(choose, target.legal, trace, made);
  const [draft, given] = [new Draft(target, trace), noInputs(0)];
  draft.state("faults", "u32", [Math.max(1, sites.length)]);
  const params = paramsOf(main);
  const inputs = stage.inputs.flatMap((input, i) => {
    const type = main.params[i]!;
    if (input.k === "rows") {
      const source = draft.sources.push(input.source) - 1;
      if (type.k !== "rdd") throw new Error("internal: plan: rows that are no rdd");
      const node = params.get(i);
      const feed = { source, columns: type.row, selection: { k: "all" as const } };
      if (node) given.feeds.set(node, draft.feeds.push(feed) - 1);
      return [];
    }
    const t = draft.state(`in${i}`, (type as TensorType).elem, (type as TensorType).shape); // all others are tensors
    const node = params.get(i);
    if (node) given.given.set(node, t);
    return [planInput(input, draft.buffer(nameOf(input, i), t, type as TensorType), draft)];
  });
  const goals = united(effects.map(e => goal(e, main.results, draft)));
  const steps = new Block(draft, kernels, given, goals).plan();
  const planned = trace("memory", () => link({ draft, steps, inputs, sites, module }), showPlaces);
  const phases = draft.phases.map(p => ({ name: p.name, calls: p.calls.map(c => planned.calls[c]!) }));
  return { stage: planned, kernels: kernels.all, phases, text: kernels.text };
}

type Input = Exclude<Stage["inputs"][number], { k: "rows" }>;
function planInput(input: Input, buffer: number, draft: Draft): PlanInput {
  switch (input.k) {
    case "file": {
      const source = draft.sources.push(input.source) - 1;
      return { k: "file", source, buffer, ...(input.tensor === undefined ? {} : { tensor: input.tensor }) };
    }
    case "param":
      return { k: "param", name: input.name, value: input.value, buffer };
    case "seed":
      return { k: "seed", buffer };
    case "earlier":
      return { k: "earlier", name: input.name, buffer };
    default:
      return input satisfies never;
  }
}
/** as a person knows it */
const nameOf = (input: Input, i: number): string =>
  input.k === "file"
    ? (input.tensor ?? input.source.paths[0]!)
    : input.k === "seed"
      ? "seed"
      : (input.name ?? `in${i}`);

// ---- effects

function goal(e: Effect, results: readonly Node[], draft: Draft): Goal {
  const needed = e.k === "keep" ? [e.result] : resultsOf(e.value);
  return {
    results: needed.map(i => results[i]!),
    then: stored => {
      const buffer = (i: number): number => {
        const t = stored(results[i]!);
        return draft.buffer(t.name, t, results[i]!.type as TensorType); // an effect's value is made of tensors
      };
      const step: DraftStep =
        e.k === "keep"
          ? { k: "keep", name: e.name, buffer: buffer(e.result) }
          : { ...e, value: withBuffers(e.value, buffer) };
      return [{ k: "check" }, step];
    },
  };
}
function withBuffers(s: Shape, of: (result: number) => number): Shape {
  const own = <S extends { readonly result: number } & Meaning>(x: S): S => ({
    ...x,
    result: of(x.result),
    ...(x.present === undefined ? {} : { present: of(x.present) }),
  });
  switch (s.k) {
    case "tensor":
      return own(s);
    case "utf8":
      return { ...s, result: of(s.result) };
    case "text":
      return s;
    case "record":
      return { ...s, fields: s.fields.map(([n, v]) => [n, withBuffers(v, of)] as const) };
    case "list":
      return { ...s, of: s.of.map(v => withBuffers(v, of)) };
    case "oneOf":
      return { ...s, index: of(s.index), of: s.of.map(v => withBuffers(v, of)) };
    case "table":
      return { ...s, columns: s.columns.map(own), ...(s.count === undefined ? {} : { count: of(s.count) }) };
    default:
      return s satisfies never;
  }
}
