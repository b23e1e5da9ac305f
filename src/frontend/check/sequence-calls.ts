/** Builtins of rdds that go over the list of a row, or the records of a group, as well. Knows what each takes, not what it does. */
import { Reported } from "./context.ts";
import { asSequence } from "./sequence.ts";
import { foldsOfLists } from "./sequence-fold.ts";
import { joinsOfLists } from "./sequence-join.ts";
import { ofLists } from "./sequence-order.ts";
import { tablesOfLists } from "./sequence-tables.ts";
import type { Special, Value } from "./value.ts";

/** a builtin that has columns of groups of its own */
const OF_GROUPS: ReadonlySet<string> = new Set(["first", "count_distinct", "sample", "shuffle", "split"]);
/** what goes along an axis of texts as of numbers */
const ALONG: ReadonlySet<string> = new Set(["map", "fold", "scan"]);
/** a builtin whose list is known when compiling unless the run makes it */
const isOfRun = (name: string, v: Value): boolean =>
  v.k === "sequence" ||
  (v.k === "group" && !OF_GROUPS.has(name)) ||
  (v.k === "cell" && v.expr.type.shape.length > 0 && !ALONG.has(name));

export function withLists(specials: readonly (readonly [string, Special])[]): ReadonlyMap<string, Special> {
  return new Map(
    specials.map(([name, special]) => {
      const ofList = ofLists.get(name) ?? foldsOfLists.get(name) ?? tablesOfLists.get(name) ?? joinsOfLists.get(name);
      if (!ofList) return [name, special] as const;
      const call: Special["call"] = (f, args, site) => {
        const [first] = [...args.values()];
        if (!first || !isOfRun(name, first.value)) return special.call(f, args, site);
        if ([...args.values()].some(g => g.value.k === "poison")) throw new Reported();
        return ofList(f, asSequence(f, first.value, first.span)!, args, site);
      };
      return [name, { ...special, call }] as const;
    }),
  );
}
