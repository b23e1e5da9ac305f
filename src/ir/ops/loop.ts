/** A loop over states: training by epochs, and whatever else repeats outside of records. Knows no model, loss or history. */
import type { Op, Value } from "../op.ts";
import { sameType, showType, type TensorType, type Type, tensor, tuple } from "../type.ts";
import { tensorOf } from "../value.ts";
import { flags, fnAttr, int, list, need, refuse, text } from "./attrs.ts";
import { carriedOn, gradLoop, liftLoop } from "./loop-rules.ts";
import { checkParams } from "./rows.ts";

const plain = (t: Type): TensorType =>
  t.k === "tensor" ? tensor(t.elem, t.shape) : refuse(`${showType(t)} where a tensor is carried`);

const type: Op["type"] = (args, attrs) => {
  const body = fnAttr(attrs, "body");
  const [states, until, logs] = [int(attrs, "states"), attrs["until"] === true, list(attrs, "logs")];
  need(int(attrs, "trip") >= 0 || until, () => "a loop without an end");
  need(list(attrs, "names").length === states, () => "a loop needs a name per state");
  if (attrs["overwritten"] !== undefined)
    need(flags(attrs, "overwritten").length === states, () => "a loop needs a flag per state");
  text(attrs, "label");
  for (const name of ["checkpoint", "checkpointName"]) if (attrs[name] !== undefined) text(attrs, name);
  const carried = args.slice(0, states).map(plain);
  checkParams(body, [...carried, ...args.slice(states)]);
  for (const p of body.params.slice(0, states))
    need(p.k === "tensor" && p.below === undefined, () => `state ${showType(p)} with a bound that it may break`);
  const results = body.results.map(r => r.type);
  const after = states + (until ? 1 : 0);
  need(results.length === after + logs.length, () => `a body of ${results.length} results for ${states} states`);
  carried.forEach((s, i) => {
    need(sameType(s, results[i]!), () => `state ${i} is ${showType(s)}, its next ${showType(results[i]!)}`);
  });
  if (until) need(sameType(results[states]!, tensor("bool")), () => "the end of a loop is no bool");
  for (const t of results.slice(after)) need(sameType(t, tensor("f32")), () => `a log is ${showType(t)}, not f32`);
  return tuple(...carried);
};

const loop: Op = {
  name: "loop",
  doc: "states carried from trip to trip: a tuple",
  control: "loop",
  type,
  eval: (args, node, cx) => {
    const [count, trips] = [int(node.attrs, "states"), int(node.attrs, "trip")];
    let states: readonly Value[] = args.slice(0, count);
    for (let made = 0, ends = false; (trips < 0 || made < trips) && !ends; made++) {
      const results = cx.call(fnAttr(node.attrs, "body"), [...states, ...args.slice(count)], cx.n);
      states = results.slice(0, count);
      ends = node.attrs["until"] === true && tensorOf(results[count]).data[0] !== 0;
    }
    return { k: "tuple", of: states };
  },
  grad: gradLoop,
  lift: liftLoop,
  lifts: (node, mapped, inside) => inside(fnAttr(node.attrs, "body"), carriedOn(node, mapped)),
  kernel: { k: "none" },
};

export const loopOps: readonly Op[] = [loop];
