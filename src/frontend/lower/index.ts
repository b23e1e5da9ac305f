/**
 * Core -> GRAPH: one stage of a program as one closed function, its inputs, its effects. Records are gone already; here
 * functions become closed Fns, chance gets its keys, `train` its body. Knows nothing of the AST and of what runs later.
 */

import type { Host } from "../../ir/host.ts";
import { fn, type Node } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { Effect, Input, Site, Stage } from "../../ir/stage.ts";
import { type Type, tensor } from "../../ir/type.ts";
import type { CoreProgram, Expr, Net } from "../core.ts";
import { checkDims, mostRows } from "./dims.ts";
import { lowerExpr } from "./expr.ts";
import { type Absent, fileOf } from "./file.ts";
import { outputs, shown } from "./output.ts";
import { addInput, type Building, evaluate, graphType, NEVER, type Scope } from "./scope.ts";
import { type Lowered, lowerNet, needsOf } from "./train.ts";

export { fileDims } from "./dims.ts";
export { Refusal } from "./limit.ts";

/** `dims`: numbers of the program's symbols by id; `host` shows the headers of weight files. Throws a Refusal */
export function lower(program: CoreProgram, dims: ReadonlyMap<string, number>, host: Host): Stage {
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
    lower(e: Expr, scope: Scope): Node {
      if (e.k === "weight") return nets.get(e.net)!.weights.get(e.path)!;
      if (e.k === "history") return nets.get(e.net)!.history!;
      if (e.k !== "param") return lowerExpr(e, scope);
      let p = params.get(e.name);
      if (!p) {
        const type = graphType(e.type, building, e.span);
        const param = program.params.find(q => q.name === e.name);
        const value = Number(param?.value);
        p = param?.fixed
          ? g.full(value, type.elem)
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
  const absent: Absent[] = [];
  const inFile = fileOf(host, absent);
  for (const net of program.nets) {
    evaluate(needsOf(net), scope);
    const history = program.histories.some(h => h === net);
    nets.set(net, lowerNet(net, history, scope, inFile));
  }
  evaluate(
    program.effects.flatMap(e => shown(e.value)),
    scope,
  );
  const out = outputs(
    program,
    scope,
    n => nets.get(n)!.weights,
    rdd => mostRows(rdd, id => dims.get(id), host),
  );
  return { inputs, main: fn(types, out.results), effects: [...absent.map(told), ...out.effects], sites };
}
/** printed before anything else */
const told = ({ message, span }: Absent): Effect => ({ k: "print", value: { k: "text", text: message }, span });
