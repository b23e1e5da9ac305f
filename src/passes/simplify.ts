/** The pass that applies all rules. Knows no op: the rules ask the records. */
import type { Fn } from "../ir/node.ts";
import { type Rule, rewrite } from "../ir/rewrite.ts";
import type { Pass } from "./pass.ts";
import { laneRules } from "./rules/lane.ts";
import { sumRules } from "./rules/sum.ts";
import { viewRules } from "./rules/view.ts";

export const rules: readonly Rule[] = [...viewRules, ...laneRules, ...sumRules];
/** those that change no bit */
export const exactRules: readonly Rule[] = rules.filter(r => r.law.same === "exact");

/** f with the rules applied; f itself where none applies. strict: only rules that change no bit */
export const simplifyFn = (f: Fn, strict = false): Fn => rewrite(f, strict ? exactRules : rules);

export const simplify: Pass = {
  name: "simplify",
  doc: "add(mul(x, full{1}), reshape{[2, 3]}(reshape{[6]}(y)))  -->  add(x, y): all rules, to a fixed point",
  from: "source",
  to: "source",
  run: stage => {
    const main = simplifyFn(stage.main);
    return main === stage.main ? stage : { ...stage, main };
  },
};
