/**
 * Core -> GRAPH: one stage of a program as one closed function, its inputs, its effects. Records are gone already; here
 * functions become closed Fns, chance gets its keys, `train` its body. Knows nothing of the AST and of what runs later.
 */

import type { Host } from "../../ir/host.ts";
import { fn, type Node } from "../../ir/node.ts";
import type { Effect, Input, Site, Stage } from "../../ir/stage.ts";
import { numbers, type Type, tensor } from "../../ir/type.ts";
import { type CoreProgram, countedOf, type Expr, type Net, type TensorType } from "../core.ts";
import { epochsAtMost } from "../inner-train.ts";
import { exprsIn, isNet } from "../reads.ts";
import { everything, type Kept, namesOf, spanOf, type Work } from "../stages.ts";
import { constantNode } from "./constant.ts";
import { checkDims } from "./dims.ts";
import { historyRows } from "./epochs.ts";
import { lowerExpr } from "./expr.ts";
import { type Absent, fileOf } from "./file.ts";
import { outputs } from "./output.ts";
import { countRows } from "./rdd.ts";
import { addInput, type Building, evaluate, graphType, mark, NEVER, type Scope, tensorOf } from "./scope.ts";
import { type Lowered, lowerNet, needsOf } from "./train.ts";

export { fileDims } from "./dims.ts";
export { Refusal } from "./limit.ts";

/**
 * One stage of the program. `dims`: numbers of the symbols that it needs, by id; `host` shows the headers of weight files; `work`: what the
 * stage is, absent: all of the program. Throws a Refusal
 */
export function lower(
  program: CoreProgram,
  dims: ReadonlyMap<string, number>,
  host: Host,
  work: Work = everything(program),
): Stage {
  checkDims(program, dims);
  const inputs: Input[] = [];
  const types: Type[] = [];
  const sites: Site[] = [];
  const params = new Map<string, Node>();
  const nets = new Map<Net, Lowered>();
  let seed: Node | undefined;
  const building: Building = {
    dims,
    inputs,
    types,
    sites,
    exact: new Map(),
    lower(e: Expr, scope: Scope): Node {
      if (e.k === "weight") return nets.get(e.net)!.weights.get(e.path)!;
      if (e.k === "history") return historyRows(e.net, nets.get(e.net)!.history!);
      if (e.k !== "param") return lowerExpr(e, scope);
      let p = params.get(e.name);
      if (!p) {
        const type = graphType(e.type, building, e.span);
        const param = program.params.find(q => q.name === e.name);
        const value = type.shape.length ? (param?.value ?? 0) : Number(param?.value);
        p =
          param?.fixed && typeof value !== "string"
            ? constantNode(value, type.elem, numbers(type.shape))
            : addInput(building, { k: "param", name: e.name, type, value }, type);
        params.set(e.name, p);
      }
      return p;
    },
  };
  const scope: Scope = {
    building,
    values: new Map(),
    seed: () => (seed ??= addInput(building, { k: "seed" }, tensor("u32", [2]))),
    when: NEVER,
  };
  takeUp(work.earlier, nets, scope);
  const absent: Absent[] = [];
  const inFile = fileOf(host, absent);
  for (const net of work.nets) {
    evaluate(needsOf(net), scope);
    const history = program.histories.some(h => h === net);
    nets.set(net, lowerNet(net, history, scope, inFile));
  }
  evaluate(
    work.effects.flatMap(e => exprsIn(e.value)).filter(t => !isNet(t)),
    scope,
  );
  const out = outputs({ ...program, effects: work.effects }, scope, n => nets.get(n)!.weights);
  const results = [...out.results];
  const keeps = work.keeps.flatMap(kept => {
    const names = namesOf(kept);
    return tensorsOf(kept, nets, scope).map((n, i): Effect => {
      const known = results.indexOf(n);
      return { k: "keep", name: names[i]!, result: known >= 0 ? known : results.push(n) - 1 };
    });
  });
  return { inputs, main: fn(types, results), effects: [...absent.map(told), ...out.effects, ...keeps], sites };
}
/** what stages before kept, as inputs */
function takeUp(earlier: readonly Kept[], nets: Map<Net, Lowered>, scope: Scope): void {
  const { building } = scope;
  const input = (name: string, type: TensorType, kept: Kept): Node => {
    const t = graphType(type, building, spanOf(kept));
    return mark(addInput(building, { k: "earlier", name, type: t }, t), spanOf(kept));
  };
  for (const kept of earlier) {
    const names = namesOf(kept);
    switch (kept.k) {
      case "number":
        break;
      case "value":
        scope.values.set(kept.of, input(names[0]!, tensorOf(kept.of), kept));
        break;
      case "weight": {
        const { type } = kept.net.weights.find(w => w.path === kept.path)!;
        const old = nets.get(kept.net);
        const weights = new Map(old?.weights).set(kept.path, input(names[0]!, type, kept));
        nets.set(kept.net, { ...old, weights });
        break;
      }
      case "history": {
        const history = kept.net.columns.map(([, t], i) =>
          input(names[i]!, { ...t, shape: [epochsAtMost(kept.net)] }, kept),
        );
        nets.set(kept.net, { weights: new Map(), ...nets.get(kept.net), history });
        break;
      }
      default:
        kept satisfies never;
    }
  }
}
/** what is kept, as nodes: one per name */
function tensorsOf(kept: Kept, nets: ReadonlyMap<Net, Lowered>, scope: Scope): readonly Node[] {
  switch (kept.k) {
    case "number": {
      const { from, span } = kept.symbol;
      if (from.k === "value") return evaluate([from.of], scope);
      if (from.k === "file") throw new Error(`internal: the header of a file tells ${kept.symbol.id}`);
      return [mark(countRows(evaluate([countedOf(from.rdd)], scope)[0]!, span), span)];
    }
    case "value":
      return evaluate([kept.of], scope);
    case "weight":
      return [nets.get(kept.net)!.weights.get(kept.path)!];
    case "history":
      return nets.get(kept.net)!.history!;
    default:
      return kept satisfies never;
  }
}
/** printed before anything else */
const told = ({ message, span }: Absent): Effect => ({ k: "print", value: { k: "text", text: message }, span });
