/**
 * Rows: an rdd becomes a feed, a chain of selections over a source; a function over rows reads its columns through the selection of
 * the batch at hand. Knows no loop and no phase.
 */

import { paramOf } from "../../ir/inline.ts";
import type { Index, Tensor, Val } from "../../ir/kernel.ts";
import { constant, indexVal } from "../../ir/kernel-walk.ts";
import { plain } from "../../ir/layout.ts";
import { type Fn, type Node, topological } from "../../ir/node.ts";
import { int, prim } from "../../ir/ops/kernel-build.ts";
import { rowOf, visible } from "../../ir/ops/rows.ts";
import type { Buffer, Feed, Selection } from "../../ir/plan.ts";
import type { RddType, TensorType } from "../../ir/type.ts";
import type { Given } from "../fuse/index.ts";
import type { Draft, DraftArg } from "./draft.ts";

/**
 * the feed of an rdd, made from feeds that are there; a tensor argument of its node, as `stored` has it, is the source of its rows or the seed of its
 * choice. `made`: by which steps of its own its rows come, a pass over those that it is made from
 */
export function feedOf(
  n: Node,
  feeds: ReadonlyMap<Node, number>,
  stored: (n: Node) => Tensor,
  draft: Draft,
): { readonly feed: number; readonly made: "filter" | "table" | undefined } {
  const [from, ...tables] = n.args.flatMap(a => (a.type.k === "rdd" ? feeds.get(a)! : []));
  const columns = (n.type as RddType).row; // the caller saw that it is one
  const add = (f: Omit<Feed<string>, "columns">): number => draft.feeds.push({ ...f, columns }) - 1;
  if (from === undefined) {
    const rows = Object.keys(columns).map((name, i): readonly [string, Buffer<string>] => {
      const of = n.args[i]!;
      if (of.type.k !== "tensor") throw new Error(`internal: plan: ${n.op.name} makes rows of no tensor`);
      const t = stored(of);
      return [name, draft.buffers[draft.buffer(t.name, t, of.type)]!];
    });
    return { feed: add({ source: { rows: Object.fromEntries(rows) }, selection: { k: "all" } }), made: undefined };
  }
  const chosen = n.op.selection?.(n);
  if (!chosen) throw new Error(`internal: plan: ${n.op.name} selects no rows`);
  const seed = "place" in chosen ? { seed: pinned(stored(n.args[1]!), draft) } : {};
  const given = chosen.k === "query" ? { tables } : {};
  const selection = { ...chosen, ...seed, ...given, from } as Selection<string>; // as: spreading a union loses which member it is
  const made = chosen.k === "filter" || chosen.k === "table" ? chosen.k : undefined;
  return { feed: add({ source: draft.feeds[from]!.source, selection }), made };
}
/** the feeds that a feed is made from */
const fromFeeds = ({ selection: s }: Pick<Feed<string>, "selection">): readonly number[] =>
  s.k === "all" ? [] : s.k === "query" ? [s.from, ...s.tables] : [s.from];
/** a feed that rows come from; `frozen`: as it is in epoch 0 */
export interface Behind {
  readonly feed: number;
  readonly frozen: boolean;
}
/** what the rows of a feed come from, bottom up, and itself. A table is there once; a filter may be another one for each who reads it, and comes again */
export function behind(feed: number, all: readonly Pick<Feed<string>, "selection">[]): readonly Behind[] {
  const out: Behind[] = [];
  const tables = new Set<string>();
  const stack = [{ feed, frozen: false, leaving: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { frozen, leaving } = top;
    const of = all[top.feed]!;
    if (leaving) {
      out.push({ feed: top.feed, frozen });
      continue;
    }
    if (of.selection.k === "table") {
      const key = `${top.feed} ${frozen}`;
      if (tables.has(key)) continue;
      tables.add(key);
    }
    stack.push({ ...top, leaving: true });
    const isFrozen = frozen || of.selection.k === "freeze";
    for (const f of fromFeeds(of).toReversed()) stack.push({ feed: f, frozen: isFrozen, leaving: false });
  }
  return out;
}
/** the player reads it at any time */
export function pinned(t: Tensor, draft: Draft): string {
  draft.state(t.name, t.store, t.shape);
  return t.name;
}

/** the parameters of a function over rows: columns gathered by the selection, and at `row` the rows' identities u32[N, 2] */
export function givenRows(
  body: Fn,
  rdd: Node,
  feed: number,
  row: number,
  draft: Draft,
  given: Map<Node, Given>,
  args: Map<string, DraftArg>,
): void {
  const columns = visible(rowOf(rdd));
  const endless = (name: string, store: Tensor["store"], shape: TensorType["shape"], arg: DraftArg): Tensor => {
    const whole = [Number.POSITIVE_INFINITY, ...shape];
    args.set(name, arg);
    return { name, store, shape: whole, layout: plain(whole) };
  };
  const word = (k: "selection" | "identity"): Tensor =>
    endless(`feed${feed}.${k}`, "u32", [], draft.pointer({ k, feed }));
  for (const [i, p] of paramsOf(body)) {
    const name = columns[i];
    if (name !== undefined) {
      const { store, shape } = rowOf(rdd)[name]!;
      const pointer = draft.pointer({ k: "column", feed, column: name });
      const t = endless(
        `feed${feed}.column.${name}`,
        store === "string" || store === "time" ? "i64" : store,
        shape,
        pointer,
      );
      const selection = word("selection");
      given.set(p, at => read(t, [gathered(read(selection, [at[0]!])), ...at.slice(1)]));
    } else if (i === row) {
      const ids = word("identity");
      // hi is 0: rows are fewer than 2^32
      given.set(p, at => prim("select", prim("eq", indexVal(at[1]!), int(0)), u32(0), read(ids, [at[0]!])));
    }
  }
}
const read = (of: Tensor, index: readonly Index[]): Val => ({ k: "read", from: { of, index } });
const gathered = (gather: Val): Index => ({ ...constant(0), gather });
const u32 = (value: number): Val => ({ k: "const", value, elem: "u32" });

/** the parameters that a result depends on, by their place */
export const paramsOf = (f: Fn): ReadonlyMap<number, Node> =>
  new Map(topological(f.results).flatMap(n => (n.op.control === "param" ? [[paramOf(n), n]] : [])));
