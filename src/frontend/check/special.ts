/** Builtins that are more than an operation on tensors: of records, functions and shapes. Those of rdds are in rdd.ts. */
import type * as Ast from "../ast.ts";
import { type Expr, inputsOf, leaves, mapTree, type TensorType, type Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { apply, functionOf, tensorsOf, typeTree, valueOfTree } from "./apply.ts";
import * as build from "./build.ts";
import { fail, placed, Reported } from "./context.ts";
import { addDims, type Dim, productOf } from "./dims.ts";
import { FOLDED } from "./fold.ts";
import { type Args, callableOf, countOf, dimOf, shown, simple, textOf } from "./given.ts";
import { mayBeMissing } from "./infix.ts";
import { toExpr, truth, where } from "./operate.ts";
import { instanceOf, placeOf } from "./scope.ts";
import { select } from "./select.ts";
import { staticOf } from "./static.ts";
import { textInTensor } from "./text-in-tensor.ts";
import { describe, isFloat, isInteger } from "./types.ts";
import {
  bool,
  type Frame,
  type Given,
  integers,
  isCallable,
  isTensor,
  knownOf,
  number,
  POISON,
  type RecordValue,
  recordOf,
  type Special,
  type Strategy,
  settled,
  tensorValue,
  text,
  typeOf,
  type Value,
} from "./value.ts";

const tensorOf = (f: Frame, name: string, g: Given): Parameters<typeof typeOf>[0] => {
  if (isTensor(g.value)) return g.value;
  if (g.value.k === "poison") throw new Reported();
  return fail(f, {
    message: `${name} takes a tensor, this is ${g.value.k === "rdd" ? "an " : ""}${describe(g.value)}`,
    span: g.span,
  });
};

// --- shapes

const shape = simple("shape(x)", (f, args) => integers(typeOf(tensorOf(f, "shape", args.get("x")!)).shape));
const size = simple("size(x)", (f, args) => number(productOf(typeOf(tensorOf(f, "size", args.get("x")!)).shape)));
const isFunction = simple("is_function(x)", (_, args) => {
  const v = args.get("x")!.value;
  return v.k === "poison" ? POISON : bool(isCallable(v));
});
const isRdd = simple("is_rdd(x)", (_, args) => {
  const v = args.get("x")!.value;
  return v.k === "poison" ? POISON : bool(v.k === "rdd" || v.k === "group" || v.k === "sequence");
});
const isList = simple("is_list(x)", (_, args) => {
  const v = args.get("x")!.value;
  return v.k === "poison" ? POISON : bool(v.k === "group" || v.k === "sequence");
});
const whereOf = simple("where(c, a, b)", (f, args, site) => {
  const [c, a, b] = ["c", "a", "b"].map(n => args.get(n)!);
  if ([c, a, b].some(g => g!.value.k === "poison")) return POISON;
  const condition = truth(f, "where", c!.value, c!.span);
  const one = select(f, condition, a!.value, b!.value, site.span, "where");
  if (one) return one;
  return where(f, condition, tensorOf(f, "where", a!), tensorOf(f, "where", b!), site.span, "where");
});

/** the text that bytes spell */
const utf8 = simple("utf8(x)", (f, args, site) => {
  const g = args.get("x")!;
  const v = tensorOf(f, "utf8", g);
  const t = typeOf(v);
  if (t.shape.length !== 1 || !isInteger(t.elem))
    return fail(f, { message: `utf8 takes a vector of bytes, this is ${describe(v)}`, span: g.span });
  const known = v.k === "constant" ? v.data : undefined;
  if (known?.every(d => typeof d === "number")) return text(new TextDecoder().decode(Uint8Array.from(known)));
  const bytes = tensorValue(toExpr(v, settled(v.k === "constant" ? v.elem : t.elem), site.span));
  return { k: "spelled", bytes };
});

// --- records

function recordGiven(f: Frame, name: string, g: Given): RecordValue {
  if (g.value.k === "record") return g.value;
  if (g.value.k === "poison") throw new Reported();
  return fail(f, {
    message: `${name} takes a record, this is ${g.value.k === "rdd" ? "an " : ""}${describe(g.value)}`,
    span: g.span,
    ...(g.value.k === "rdd" ? { help: `${shown(f, g.span)} |> map(r => ${name}(r, ..))` } : {}),
  });
}
function fieldsNamed(f: Frame, r: RecordValue, args: Args): readonly string[] {
  return ["a", "b", "c"].flatMap(n => {
    const g = args.get(n);
    if (!g || g.value.k === "none") return [];
    const name = textOf(f, n, g);
    if (r.fields.has(name)) return [name];
    return fail(
      f,
      report.unknownField({ name, of: shown(f, args.get("r")!.span), fields: [...r.fields.keys()], span: g.span }),
    );
  });
}
const pick = simple("pick(r, a, b = none, c = none)", (f, args) => {
  const r = recordGiven(f, "pick", args.get("r")!);
  return recordOf(fieldsNamed(f, r, args).map(n => [n, r.fields.get(n)!] as const));
});
const drop = simple("drop(r, a, b = none, c = none)", (f, args) => {
  const r = recordGiven(f, "drop", args.get("r")!);
  const gone = fieldsNamed(f, r, args);
  return recordOf([...r.fields].filter(([n]) => !gone.includes(n)));
});
/** all numbers, bools and tensors of a record, in order, as one f32 vector */
const vector = simple("vector(r)", (f, args, site) => {
  const g = args.get("r")!;
  const r = recordGiven(f, "vector", g);
  for (const [name, v] of r.fields) {
    const all = shown(f, g.span);
    const what = all.startsWith("{") || all === "this" ? name : `${all}.${name}`;
    if (v.k === "text" || v.k === "cell" || (v.k === "maybe" && v.value.k === "cell"))
      return textInTensor(f, g.span, v, what, name);
    if (v.k === "maybe")
      return mayBeMissing(f, v, {
        op: "vector",
        needs: "numbers",
        span: g.span,
        what,
        rest: () => `${name}: ${what === name ? "x" : what} ?? 0`,
      });
  }
  const parts = leaves(tensorsOf(f, r, g.span, "what vector joins")).map(([, e]) => {
    const flat = productOf((e.type as TensorType).shape);
    const one = build.cast(e, "f32", site.span);
    return build.op("reshape", [one], { k: "tensor", elem: "f32", shape: [flat] }, site.span);
  });
  const side = parts.reduce<Dim>((n, e) => addDims(n, e.type.k === "tensor" ? e.type.shape[0]! : 0), 0);
  if (!parts.length) return fail(f, { message: "vector of a record without fields", span: g.span });
  return tensorValue(
    build.op("concat", parts, { k: "tensor", elem: "f32", shape: [side] }, site.span, { attrs: { axis: 0 } }),
  );
});
/** every combination of the elements of the fields, the last field fastest */
const grid = simple("grid(r)", (f, args) => {
  const g = args.get("r")!;
  const r = recordGiven(f, "grid", g);
  let out: (readonly (readonly [string, Value])[])[] = [[]];
  for (const [name, v] of r.fields) {
    const k = isTensor(v) ? knownOf(v)?.constant : undefined;
    const items: readonly Value[] | undefined =
      v.k === "list"
        ? v.items
        : k && k.shape.length === 1
          ? k.data.map(d => ({ ...k, shape: [], data: [d] }))
          : undefined;
    if (!items)
      return fail(f, {
        message: `\`${name}\` of grid is a list that is known when compiling, this is ${describe(v)}`,
        span: g.span,
      });
    out = out.flatMap(fields => items.map(x => [...fields, [name, x] as const]));
    if (out.length > FOLDED) return fail(f, { message: `grid has more than ${FOLDED} combinations`, span: g.span });
  }
  return { k: "list", items: out.map(fields => recordOf(fields)) };
});

// --- control

function repeat(f: Frame, args: Args, site: Ast.Expr): Value {
  const fn = callableOf(f, "repeat", args.get("f")!);
  const times = countOf(f, "times", args.get("times")!, 0, "iterate(x, f, times: n) is not unrolled");
  if (times > FOLDED)
    return fail(f, { message: `repeat is unrolled: ${times} times is too often`, span: args.get("times")!.span });
  let x = args.get("x")!.value;
  const place = placeOf(f, site);
  for (let i = 0; i < times; i++) {
    const inner: Frame = { ...f, place: `${place}.${i}` };
    const own = repeated(inner, fn, site, i);
    x = apply(own.frame, own.fn, [x], args.get("f")!.span, site);
    if (x.k === "poison") return POISON;
  }
  return x;
}
/** the function of one round: its layers are instances below `repeat1.3` */
function repeated(f: Frame, fn: Value, site: Ast.Expr, i: number): { frame: Frame; fn: Value } {
  const around = fn.k === "closure" && fn.kind === "lambda" ? fn.instances : f.instances;
  if (!around || fn.k !== "closure") return { frame: f, fn };
  const prefix = `${instanceOf(around, site, "repeat", undefined)}.${i}`;
  if (fn.kind === "lambda") return { frame: f, fn: { ...fn, instances: { ...around, prefix, root: fn.body } } };
  const nowhere: Ast.Expr = { k: "none", span: site.span };
  return { frame: { ...f, instances: { ...around, prefix, root: nowhere } }, fn };
}
/** `grad(f)`, `value_and_grad(f)`: of a scalar f, for its first argument; further arguments are constants to it */
function gradient(name: string, both: boolean): readonly [string, Special] {
  return simple(`${name}(f)`, (f, args) => {
    const given = args.get("f")!;
    const fn = callableOf(f, name, given);
    const call = (values: readonly Value[], at: Frame, span: Ast.Span, site: Ast.Expr): Value => {
      const [first, ...rest] = values;
      if (!first) return fail(at, { message: `the gradient of a function needs its first argument`, span });
      const x = tensorsOf(at, first, span, `what ${name} goes for`);
      for (const [, e] of leaves(x))
        if (!isFloat((e.type as TensorType).elem))
          return fail(at, { message: `a gradient is for floats, this is ${describe(first)}`, span });
      const curried: Value = {
        k: "native",
        name: "f",
        call: ([v], inner) =>
          at.cx.call(
            inner,
            fn,
            { positional: [v!, ...rest].map(value => ({ value, span, whole: span })), named: [] },
            site,
            span,
          ),
      };
      const made = functionOf(at, curried, typeTree(x), span, site, "the function of a gradient");
      const body = made.body;
      const t = body.k === "leaf" ? (body.of.type as TensorType) : undefined;
      if (body.k !== "leaf" || !t || t.shape.length || !isFloat(t.elem))
        return fail(at, {
          message: `${name} needs a function that gives one float, this gives ${describe(valueOfTree(body))}`,
          span: given.span,
          help: "mean(..) or sum(..)",
        });
      smooth(at, body.of, at.depth + 1, span);
      const types = leaves(x).map(([, e]) => e.type as TensorType);
      const node = build.op(
        "grad",
        leaves(x).map(([, e]) => e),
        { k: "tuple", of: [t, ...types] },
        span,
        { fns: { f: made.fn(body) } },
      );
      let i = 1;
      const slopes = valueOfTree(mapTree(x, e => build.get(node, i++, e.type as TensorType, span)) as Tree<never>);
      return both
        ? recordOf([
            ["value", tensorValue(build.get(node, 0, t, span))],
            ["grad", slopes],
          ])
        : slopes;
    };
    return { k: "native", name: `${name}(${shown(f, given.span)})`, call };
  });
}

const TABLES: Readonly<Record<string, string>> = {
  "rdd.join": "a join",
  "rdd.group": "group_by",
  "rdd.sort": "sort_by",
  "rdd.distinct": "distinct",
  "rdd.flat": "flat_map",
  "rdd.window": "a window of rows",
  "rdd.union": "union",
  train: "a training",
};
/** no engine has a gradient: what hangs on a parameter of the function goes through none */
function smooth(f: Frame, body: Expr, depth: number, span: Ast.Span): void {
  const seen = new Set<Expr>();
  const stack = [body];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e) || e.depth < depth) continue;
    seen.add(e);
    const what = e.k === "op" ? (TABLES[e.op] ?? (e.op.startsWith("list") ? "a list" : undefined)) : undefined;
    if (what) {
      const notes = [{ message: "differentiated here", span }];
      fail(f, report.notDifferentiable({ what, span: placed(f, e.span), notes }));
    }
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const fn of Object.values(e.fns)) stack.push(...leaves(fn.body).map(([, x]) => x));
  }
}

// --- strategies and optimizers that are no functions

function strategy(signature: string): readonly [string, Special] {
  const name = signature.slice(0, signature.indexOf("("));
  return simple(signature, (f, args) => {
    const options: Record<string, Dim | boolean> = {};
    for (const [n, g] of args) {
      if (n === "every") options[n] = dimOf(f, n, g);
      else {
        const s = staticOf(f, g.value, g.span, `\`${n}\` of ${name}`);
        if (n === "alpha" ? typeof s !== "number" : typeof s !== "boolean")
          return fail(f, {
            message: `\`${n}\` of ${name} is ${n === "alpha" ? "a number" : "true or false"}, this is ${describe(g.value)}`,
            span: g.span,
          });
        options[n] = s as number | boolean;
      }
    }
    return { k: "strategy", name, options } satisfies Strategy;
  });
}
export const otherSpecials: readonly (readonly [string, Special])[] = [
  shape,
  size,
  isFunction,
  isRdd,
  isList,
  utf8,
  whereOf,
  pick,
  drop,
  vector,
  grid,
  simple("repeat(x, times, f)", repeat),
  gradient("grad", false),
  gradient("value_and_grad", true),
  strategy("all_reduce()"),
  strategy("average(every)"),
  strategy("easgd(every, alpha = 0.1, adaptive = false)"),
];
