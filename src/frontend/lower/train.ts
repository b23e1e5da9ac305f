/** Nets: weights as initialisers make them, from a file, or after training. Knows no layer, loss or optimizer. */
import { addSpans, type Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { TensorType as GraphTensor } from "../../ir/type.ts";
import { type Expr, fnsOfTrain, type Load, type Net, type Weight } from "../core.ts";
import { epochs } from "./epochs.ts";
import { broadcastTo } from "./lane.ts";
import { addInput, apply, evaluate, graphType, mark, type Scope } from "./scope.ts";
import { inType } from "./step.ts";

/** the weights of a net by path; of a training whose history is read, its columns */
export interface Lowered {
  readonly weights: ReadonlyMap<string, Node>;
  readonly history?: readonly Node[];
}
function initial(w: Weight, scope: Scope): Node {
  const type = graphType(w.type, scope.building, w.span);
  const [value] = evaluate([w.init], scope);
  return mark(broadcastTo(type.shape, g.cast(type.elem, value!)), w.span);
}

/** which weights a file has: by name, shape and element */
export type InFile = (net: Load, weight: Weight, type: GraphTensor) => boolean;

function loadedWeight(net: Load, w: Weight, scope: Scope, inFile: InFile): Node {
  const type = graphType(w.type, scope.building, w.span);
  if (!inFile(net, w, type)) return initial(w, scope);
  const source = {
    format: net.format,
    paths: [net.path],
    options: {},
    span: net.span,
    columns: { [w.path]: { store: type.elem, shape: type.shape.map(Number), nullable: false } },
  };
  return addSpans(addInput(scope.building, { k: "file", source, tensor: w.path, type }, type), [net.span]);
}

/** the expressions that a training hangs on, so that the caller lowers them first */
export const needsOf = (net: Net): readonly Expr[] => {
  if (net.k !== "train") return [];
  const captures = fnsOfTrain(net).flatMap(([, f]) => f.captures);
  return [
    ...net.weights.map(w => w.init),
    ...captures,
    net.rows,
    ...(net.clip ? [net.clip] : []),
    ...(net.carry ?? []),
  ];
};

/** `history`: it is read */
export function lowerNet(net: Net, history: boolean, scope: Scope, inFile: InFile): Lowered {
  switch (net.k) {
    case "init":
      return { weights: new Map(net.weights.map(w => [w.path, initial(w, scope)])) };
    case "load":
      return { weights: new Map(net.weights.map(w => [w.path, loadedWeight(net, w, scope, inFile)])) };
    case "train": {
      const start = net.weights.map(w => initial(w, scope));
      const slots = net.weights.map(({ optimizer: o, span }, i) => {
        const made = o ? apply(o.init, [start[i]!], scope) : [];
        return o ? o.slots.map(([, type], k) => inType(made[k]!, type, span, scope)) : [];
      });
      const kept = net.whole ? apply(net.whole.init, start, scope) : [];
      const made = epochs(net, { weights: start, slots, kept }, history, scope);
      const weights = new Map(net.weights.map((w, i) => [w.path, made.weights[i]!]));
      return made.history ? { weights, history: made.history } : { weights };
    }
    default:
      return net satisfies never;
  }
}
