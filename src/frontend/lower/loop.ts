/** iterate, fold and scan as GRAPH: a loop over states; few trips one behind the other. */
import type { Node } from "../../ir/node.ts";
import { elemOf, shapeAt } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { tensor } from "../../ir/type.ts";
import type { Expr, Fn, Op } from "../core.ts";
import { apply, bindCaptures, closing, extent, type Scope } from "./scope.ts";

/** up to so many trips are written out: a loop costs more than it saves */
const FEW = 4;

interface Parts {
  readonly f: Fn;
  readonly until: Fn | undefined;
  readonly times: number;
  readonly all: boolean;
  readonly states: readonly Node[];
  readonly xs: readonly Node[];
}

export function loop(e: Op, args: readonly Node[], scope: Scope): Node {
  const count = Number(e.attrs["states"]);
  const parts: Parts = {
    f: e.fns["f"]!,
    until: e.fns["until"],
    times: extent(e.attrs["times"] as Parameters<typeof extent>[0], scope.building, e.span), // as: a Dim by check
    all: e.attrs["all"] === true,
    states: args.slice(0, count),
    xs: args.slice(count),
  };
  return parts.times > FEW ? looped(parts, scope) : together(written(parts, scope));
}
/** a tuple of nodes, as an op with a tuple gives them */
function together(nodes: readonly Node[]): Node {
  const own = closing();
  const inside = nodes.map(n => own.capture(n));
  return g.call(own.close(inside), own.captured);
}

/** the trips one behind the other */
function written(p: Parts, scope: Scope): readonly Node[] {
  let now = p.states;
  let done: Node | undefined;
  const rows: (readonly Node[])[] = [];
  for (let i = 0; i < p.times; i++) {
    const at: Scope = { ...scope, when: { ...scope.when, time: [...scope.when.time, g.full(i, "u32")] } };
    const slices = p.xs.map(x => slice(x, i));
    const next = apply(p.f, [...now, ...slices], at);
    const old = now;
    const held = done;
    now = held ? next.map((n, k) => g.select(g.broadcast(shapeAt(n), [], held), old[k]!, n)) : next;
    rows.push(now);
    if (p.until) {
      const ends = apply(p.until, [...old, ...next], at)[0]!;
      done = done ? g.lane("or", done, ends) : ends;
    }
  }
  if (!p.all) return now;
  return p.states.map((s, k) =>
    rows.length
      ? g.concat(
          0,
          rows.map(r => g.reshape([1, ...shapeAt(s)], r[k]!)),
        )
      : g.full(0, elemOf(s), [0, ...shapeAt(s)]),
  );
}
const slice = (x: Node, i: number): Node => g.reshape(shapeAt(x).slice(1), g.sliceAxis(0, i, 1, 1, x));

/** the loop op: states, the trip, and all states where they are wanted, each at its place */
function looped(p: Parts, scope: Scope): Node {
  const own = closing();
  const state = (n: Node): Node => own.parameter(tensor(elemOf(n), shapeAt(n)));
  const rows = p.all ? p.states.map(s => g.full(0, elemOf(s), [p.times, ...shapeAt(s)])) : [];
  const zero = g.full(0, "i32");
  const now = p.states.map(state);
  const filled = rows.map(state);
  const trip = state(zero);
  const slices = p.xs.map(x => {
    const inside = own.capture(x);
    const row = g.gather(0, 0, inside, g.reshape([1], trip));
    return g.reshape(shapeAt(x).slice(1), row);
  });
  const values = new Map<Expr, Node>();
  for (const f of [p.f, p.until]) if (f) bindCaptures(f, scope, own, values);
  const random = p.f.random || p.until?.random === true;
  const seed = random ? own.capture(scope.seed()) : undefined;
  const inner: Scope = {
    ...scope,
    values,
    seed: () => seed ?? scope.seed(),
    when: {
      time: [...scope.when.time.map(t => (random ? own.capture(t) : t)), g.bitcast("u32", trip)],
      row: scope.when.row.map(t => (random ? own.capture(t) : t)),
    },
  };
  const next = apply(p.f, [...now, ...slices], inner);
  const kept = filled.map((all, k) => {
    const shape = shapeAt(all);
    const here = g.lane("eq", g.iota("i32", shape, 0), g.broadcast(shape, [], trip));
    const value = g.broadcast(
      shape,
      shapeAt(next[k]!).map((_, d) => d + 1),
      next[k]!,
    );
    return g.select(here, value, all);
  });
  const ends = p.until ? apply(p.until, [...now, ...next], inner) : [];
  const after = [...next, ...kept, g.lane("add", trip, g.full(1, "i32"))];
  const names = after.map((_, i) => `${i}`);
  const attrs: g.LoopAttrs = {
    body: own.close([...after, ...ends]),
    trip: p.times,
    states: after.length,
    until: ends.length > 0,
    label: "iteration",
    logs: [],
    names,
  };
  const node = g.loop(attrs, [...p.states, ...rows, zero], own.captured);
  return p.all ? together(p.states.map((_, i) => g.get(p.states.length + i, node))) : node;
}
