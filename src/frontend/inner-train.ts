/**
 * A training in a function that is called when the program runs, as one op of Core: its args and functions are all that it hangs on, its result the
 * weights, then the columns of its history. Knows no loss and no optimizer.
 */
import * as build from "./check/build.ts";
import type { Dim } from "./check/dims.ts";
import type { Expr, Fn, Init, Op, Train, TupleType } from "./core.ts";

/** the most epochs that it makes: each makes a step at least */
export const epochsAtMost = (net: Train): Dim => net.epochs ?? net.steps!;

/** the name among its functions of the loss of an update */
export const lossName = (update: number): string => `loss${update}`;
/** by name, in an order of their own */
function functionsOf(net: Train): Readonly<Record<string, Fn>> {
  const own = ([name, f]: readonly [string, Fn | undefined]): readonly (readonly [string, Fn])[] =>
    f ? [[name, f]] : [];
  return Object.fromEntries([
    ...net.updates.map((u, i) => [lossName(i), u.fn] as const),
    ...net.weights.flatMap(({ optimizer: o }, i) =>
      o
        ? ([
            [`init${i}`, o.init],
            [`step${i}`, o.step],
          ] as const)
        : [],
    ),
    ...own(["start", net.whole?.init]),
    ...own(["next", net.whole?.step]),
    ...own(["measure", net.measure]),
    ...own(["by", net.by]),
    ...own(["stop", net.stop]),
  ]);
}
/** the training, made at that depth in each call of the function around */
export function inner(net: Train, depth: number): Train {
  const args = [net.rows, ...net.weights.map(w => w.init), ...(net.clip ? [net.clip] : []), ...(net.carry ?? [])];
  const most = epochsAtMost(net);
  const of = [...net.weights.map(w => w.type), ...net.columns.map(([, t]) => ({ ...t, shape: [most, ...t.shape] }))];
  const type: TupleType = { k: "tuple", of };
  const attrs = { batch: net.batch, epochs: net.epochs ?? null, steps: net.steps ?? null };
  const op = build.op("train", args, type, net.span, { attrs, fns: functionsOf(net), depth, place: net.place, net });
  return { ...net, made: of.map((t, i) => build.get(op, i, t, net.span)) };
}
/** weights as initialisers make them, in each call */
export const innerInit = (net: Init): Init => ({
  ...net,
  made: net.weights.map(w => build.op("broadcast", [build.cast(w.init, w.type.elem)], w.type, w.span)),
});
/** the training of such an op, of the parts that the op has now */
export function netOf(e: Op): Train {
  const net = e.net!;
  const [rows, ...rest] = e.args as readonly [Expr, ...Expr[]];
  const inits = rest.slice(0, net.weights.length);
  const more = rest.slice(inits.length);
  const f = (name: string): Fn => e.fns[name]!;
  return {
    ...net,
    rows,
    weights: net.weights.map((w, i) => ({
      ...w,
      init: inits[i]!,
      ...(w.optimizer ? { optimizer: { ...w.optimizer, init: f(`init${i}`), step: f(`step${i}`) } } : {}),
    })),
    updates: net.updates.map((u, i) => ({ ...u, fn: f(lossName(i)) })),
    ...(net.clip ? { clip: more[0]! } : {}),
    ...(net.carry ? { carry: net.clip ? more.slice(1) : more } : {}),
    ...(net.whole ? { whole: { ...net.whole, init: f("start"), step: f("next") } } : {}),
    ...(net.measure ? { measure: f("measure") } : {}),
    ...(net.by ? { by: f("by") } : {}),
    ...(net.stop ? { stop: f("stop") } : {}),
  };
}
