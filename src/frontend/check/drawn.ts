/**
 * Records that chance chooses or puts in order: sample, shuffle, split. Of an rdd and of a group it goes by the words of the rows (language 4), of a list in a
 * row by a number that is drawn for each element.
 */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { Expr, Fn, Tree } from "../core.ts";
import { apply, cellsOf, functionOf, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, Reported } from "./context.ts";
import { type Args, callableOf, orNone, perRecord, rddOf, rddOp, seedArgument, simple } from "./given.ts";
import { isInside, mapGroup, only, recordsOf } from "./group.ts";
import { binary, logic } from "./operate.ts";
import { placeOf } from "./scope.ts";
import { asSequence, filterSequence, mapSequence } from "./sequence.ts";
import { ordered } from "./sequence-order.ts";
import { staticOf } from "./static.ts";
import { describe, isInteger } from "./types.ts";
import {
  type Arguments,
  type Frame,
  type Given,
  type Group,
  type Native,
  number,
  type RddValue,
  recordOf,
  type Sequence,
  type Special,
  tensorValue,
  type Value,
} from "./value.ts";

/** the records of one value: those in a part of [0, 1) of the numbers that chance gives them, and all in the order of these */
interface Draws {
  readonly between: (low: number, high: number, span: Span) => Value;
  readonly inOrder: (span: Span) => Value;
}
interface Drawing {
  readonly f: Frame;
  readonly name: string;
  readonly args: Args;
  readonly site: Ast.Expr;
  /** of split: rows of one key go together */
  readonly by?: Given | undefined;
}
function drawsOf(c: Drawing): Draws {
  const of = c.args.get("d")!;
  if (of.value.k === "group" && !isInside(c.f, of.value)) return ofGroup(of.value, c);
  const list = of.value.k === "sequence" || of.value.k === "group" ? asSequence(c.f, of.value, of.span) : undefined;
  return list ? ofList(list, c) : ofRdd(of, c);
}
function ofRdd(of: Given, { f, name, args, site, by }: Drawing): Draws {
  const d = rddOf(f, name, of);
  const seed = seedArgument(f, args);
  const place = placeOf(f, site);
  const fns = by ? { by: splitKey(f, d, of, by, site) } : {};
  const type = { k: "rdd", row: d.expr.type.row } as const;
  return {
    between: (low, high, span) => {
      const attrs = name === "sample" ? { fraction: high } : { low, high };
      return rddOp(`rdd.${name}`, d, type, span, { attrs, place, fns, depth: f.depth }, seed);
    },
    inOrder: span => rddOp("rdd.shuffle", d, d.expr.type, span, { place, depth: f.depth }, seed),
  };
}
/** by the words of the rows, as of an rdd */
function ofGroup(g: Group, { f, name, args, site, by }: Drawing): Draws {
  const key = by && keyIn(f, g, by, site);
  const seed = seedArgument(f, args);
  if (key && g.sink.reads([key])) return beforeGroups(f, "by", by);
  if (g.sink.reads(seed)) return beforeGroups(f, "seed", args.get("seed")!);
  const word = tensorValue(
    g.sink.word({ place: placeOf(f, site), seed, by: key, renewed: name !== "split" }, site.span),
  );
  const named: Native = {
    k: "native",
    name: "record",
    call: ([value]) =>
      recordOf([
        ["value", value!],
        ["word", word],
      ]),
  };
  return {
    between: (low, high, span) => only(f, g, within(f, word, wordAt(low), wordAt(high), span), span),
    inOrder: span => {
      const list = asSequence(f, mapGroup(f, g, { value: named, span, whole: span }, site), span)!; // as: a group is a list
      return sorted(f, list, field("word"), field("value"), site);
    },
  };
}
/** rows get their words before there are groups of them */
const beforeGroups = (f: Frame, name: string, g: Given): never =>
  fail(f, {
    message: `\`${name}\` hangs on the group, and chance gives the rows their numbers before they are grouped`,
    span: g.whole,
    help:
      name === "by"
        ? "a field of the record, or a function of such"
        : "one number for all groups: each record has a draw of its own",
  });
/** words are whole numbers below 2^32 */
const wordAt = (share: number): Value => number(Math.ceil(share * 2 ** 32), "i64");
/** by a number for each element */
function ofList(list: Sequence, { f, name, args, site, by }: Drawing): Draws {
  if (by)
    return fail(f, {
      message: `\`by\` of ${name} is of the rows of an rdd and the records of a group, this is ${describe(list)}`,
      span: by.whole,
    });
  const seed = args.get("seed");
  const own: Arguments["named"] =
    seed && seed.value.k !== "none" ? [{ ...seed, name: { text: "seed", span: seed.span } }] : [];
  const draw: Native["call"] = (_, at) =>
    at.cx.call(
      at,
      { k: "builtin", name: "uniform", builtin: at.cx.builtins.get("uniform") },
      { positional: [], named: own },
      site,
      site.span,
    );
  return {
    between: (low, high, span) => {
      const is: Native["call"] = (x, at, where, call) =>
        within(at, draw(x, at, where, call), number(low, "f32"), number(high, "f32"), span);
      return filterSequence(f, list, { value: { k: "native", name, call: is }, span, whole: span }, site);
    },
    inOrder: () => sorted(f, list, { k: "native", name, call: draw }, same, site),
  };
}
const field = (name: string): Native => ({
  k: "native",
  name,
  call: ([x]) => (x?.k === "record" ? x.fields.get(name)! : x!),
});
const same: Native = { k: "native", name: "value", call: ([x]) => x! };
const sorted = (f: Frame, list: Sequence, key: Value, of: Value, site: Ast.Expr): Value => {
  const given = (value: Value): Given => ({ value, span: site.span, whole: site.span });
  return mapSequence(f, ordered(f, list, given(key), false, site), given(of), site);
};
/** low <= x < high */
function within(f: Frame, x: Value, low: Value, high: Value, span: Span): Value {
  const at = { span, a: span, b: span };
  return logic(f, "and", binary(f, ">=", x, low, at), binary(f, "<", x, high, at), at);
}

const sample: Special["call"] = (f, args, site) => {
  const draws = drawsOf({ f, name: "sample", args, site });
  const g = args.get("fraction")!;
  const fraction = staticOf(f, g.value, g.span, "`fraction`");
  if (typeof fraction !== "number" || fraction < 0 || fraction > 1)
    return fail(f, { message: "`fraction` is a number from 0 to 1", span: g.span });
  return draws.between(0, fraction, site.span);
};
const shuffle: Special["call"] = (f, args, site) => drawsOf({ f, name: "shuffle", args, site }).inOrder(site.span);
const split: Special["call"] = (f, args, site) => {
  const by = orNone(args, "by").k === "none" ? undefined : args.get("by");
  if (by) callableOf(f, "`by` of split", by);
  const draws = drawsOf({ f, name: "split", args, site, by });
  const parts = args.get("parts")!;
  if (parts.value.k === "poison") throw new Reported();
  if (parts.value.k !== "record" || parts.value.fields.size === 0)
    return fail(f, {
      message: `\`parts\` is a record of shares, this is ${describe(parts.value)}`,
      span: parts.span,
      help: "split({ train: 0.8, test: 0.2 })",
    });
  let low = 0;
  const out = [...parts.value.fields].map(([name, v]) => {
    const share = staticOf(f, v, parts.span, `the share of \`${name}\``);
    if (typeof share !== "number" || share < 0 || share > 1)
      return fail(f, { message: `the share of \`${name}\` is a number from 0 to 1`, span: parts.span });
    const high = low + share;
    if (high > 1 + 1e-9)
      return fail(f, { message: `the shares add up to ${Number(high.toPrecision(6))}: more than 1`, span: parts.span });
    // shares like 0.7 + 0.1 + 0.2 leave no row behind
    const part = draws.between(low, Math.abs(high - 1) < 1e-9 ? 1 : high, parts.span);
    low = high;
    return [name, part] as const;
  });
  return recordOf(out);
};

/** rows of one key go together: its two words decide */
function splitKey(f: Frame, d: RddValue, of: Given, g: Given, site: Ast.Expr): Fn {
  const made = functionOf(perRecord(f, of), g.value, d.expr.type.row, g.span, site, "a key", d);
  return made.fn({ k: "leaf", of: keyOf(f, made.body, made.result, g) });
}
function keyIn(f: Frame, of: Group, g: Given, site: Ast.Expr): Expr {
  const inner = recordsOf(f, of);
  const v = apply(inner, g.value, [of.row], g.span, site);
  if (v.k === "poison") throw new Reported();
  return keyOf(inner, cellsOf(inner, v, g.span, "a key"), v, g);
}
function keyOf(f: Frame, body: Tree<Expr>, result: Value, g: Given): Expr {
  const e = body.k === "leaf" ? body.of : undefined;
  const t = e?.type;
  if (!e || t?.k !== "tensor" || t.shape.length || !(t.elem === "string" || t.elem === "time" || isInteger(t.elem)))
    return fail(f, {
      message: `\`by\` of split is one integer, string or time, this is ${describe(valueOfTree(body))}`,
      span: g.span,
      ...(result.k === "maybe"
        ? {
            help: `drop_missing before it, or r => ${/^\.\w+$/.test(f.cx.text(g.span)) ? `r${f.cx.text(g.span)}` : ".."} ?? ..`,
          }
        : {}),
    });
  return t.elem === "u8" || t.elem === "i32" ? build.cast(e, "i64", g.span) : e;
}
export const drawnSpecials: readonly (readonly [string, Special])[] = [
  simple("split(d, parts, by = none, seed = none)", split),
  simple("shuffle(d, seed = none)", shuffle),
  simple("sample(d, fraction, seed = none)", sample),
];
