/** print and save: what is shown, and where it goes. Knows formats by their extension only. */
import type * as Ast from "../ast.ts";
import { type Effect, type Expr, type LeafType, leaves, type Output, type TensorType, type Tree } from "../core.ts";
import * as build from "./build.ts";
import { fail, limit, Reported } from "./context.ts";
import { textOf } from "./given.ts";
import { toExpr } from "./operate.ts";
import { onThisMachine } from "./schema.ts";
import { describe, showType } from "./types.ts";
import { type Frame, isTensor, type RddValue, type Sequence, settled, type Value } from "./value.ts";

export function print(f: Frame, item: Ast.Print): Effect {
  const v = f.cx.evaluate(item.value, f);
  const value = output(f, v, item.value.span);
  const rows = taken(value);
  const label = item.label?.text;
  return {
    k: "print",
    ...(label === undefined ? {} : { label }),
    value,
    ...(rows === undefined ? {} : { rows }),
    span: item.span,
  };
}
/** who takes more than one can look at saves them */
const MOST_ROWS = 1000;
function taken(o: Output): number | undefined {
  const count = o.k === "tensor" && o.of.k === "op" && o.of.op === "rdd.take" ? o.of.attrs["count"] : undefined;
  return typeof count === "number" ? Math.min(count, MOST_ROWS) : undefined;
}
function output(f: Frame, v: Value, span: Ast.Span): Output {
  switch (v.k) {
    case "constant":
    case "tensor": {
      const e = toExpr(v, settled(v.k === "constant" ? v.elem : v.expr.type.elem), span);
      return { k: "tensor", of: e };
    }
    case "rdd":
      return { k: "tensor", of: v.expr };
    case "text":
      return { k: "text", text: v.text };
    case "none":
      return { k: "text", text: "none" };
    case "record":
      return { k: "record", fields: [...v.fields].map(([n, x]) => [n, output(f, x, span)] as const) };
    case "list":
      return { k: "list", of: v.items.map(x => output(f, x, span)) };
    case "net":
      return v.prefix === "" ? { k: "net", net: v.net } : { k: "net", net: v.net, part: v.prefix };
    case "maybe": {
      const of = v.value.k === "sequence" ? textOfList(v.value) : v.value.expr;
      return { k: "tensor", of, present: v.present.expr };
    }
    case "cell":
      return { k: "tensor", of: v.expr };
    case "sequence":
      return { k: "tensor", of: textOfList(v) };
    case "group":
      throw new Error("internal: a value of a row outside of rows");
    case "spelled":
      return { k: "utf8", of: v.bytes.expr };
    case "oneOf":
      return { k: "oneOf", index: v.index.expr, of: v.items.map(x => output(f, x, span)) };
    case "poison":
      throw new Reported();
    case "closure":
    case "builtin":
    case "native":
    case "trainee":
    case "module":
    case "strategy":
    case "choice":
      return fail(f, {
        message: `${describe(v)} is no data: it cannot be printed or saved`,
        span,
        help: v.k === "closure" || v.k === "builtin" ? "call it: f(x)" : undefined,
      });
    default:
      return v satisfies never;
  }
}

/** a list outside of rows is shown as the text that it is kept as */
const textOfList = ({ expr }: Sequence): Expr =>
  build.op("list.text", [expr], { k: "tensor", elem: "string", shape: [], list: expr.type }, expr.span);

/** extensions of files, and what each can hold */
const FORMATS: Readonly<Record<string, { readonly holds: (v: Value) => boolean; readonly what: string }>> = {
  npy: { holds: v => v.k === "tensor" || v.k === "constant", what: "a tensor" },
  npz: {
    holds: v => v.k === "record" && v.fields.size > 0 && [...v.fields.values()].every(isTensor),
    what: "a record of tensors",
  },
  csv: { holds: v => v.k === "rdd", what: "an rdd" },
  parquet: { holds: v => v.k === "rdd", what: "an rdd" },
  json: { holds: v => v.k === "rdd", what: "an rdd" },
  arrow: { holds: v => v.k === "rdd", what: "an rdd" },
  txt: {
    holds: v =>
      v.k === "text" ||
      v.k === "spelled" ||
      (v.k === "cell" && isString(v.expr.type)) ||
      (v.k === "rdd" && isString(v.expr.type.row)),
    what: "a string or an rdd of strings",
  },
  safetensors: { holds: v => isNets(v), what: "a net" },
};
const isString = (t: Tree<LeafType> | TensorType): boolean =>
  t.k === "leaf"
    ? t.of.k === "tensor" && isString(t.of)
    : t.k === "tensor" && t.elem === "string" && t.shape.length === 0;
const isNets = (v: Value): boolean =>
  v.k === "net" ||
  (v.k === "oneOf" && v.items.every(isNets)) ||
  (v.k === "record" && v.fields.size > 0 && [...v.fields.values()].every(isNets));
const LATER: Readonly<Record<string, string>> = {
  onnx: "the net to .safetensors",
  caffemodel: "the net to .safetensors",
};
export function save(f: Frame, item: Ast.Save): Effect {
  const v = f.cx.evaluate(item.value, f);
  const p = f.cx.evaluate(item.path, f);
  const path = textOf(f, "to", { value: p, span: item.path.span, whole: item.path.span });
  if (v.k === "poison") throw new Reported();
  const at = item.path.span;
  onThisMachine(f, path, at);
  const folder = path.endsWith("/");
  const format = /\.([A-Za-z0-9]+)\/*$/.exec(path)?.[1] ?? "";
  const known = FORMATS[format];
  if (!known) {
    const instead = LATER[format];
    if (instead) return limit(f, `saving .${format}`, instead, at);
    return fail(f, {
      message: `no format for ${JSON.stringify(path)}`,
      span: at,
      ...(folder ? { help: JSON.stringify(path.replace(/\/+$/, ".parquet/")) } : {}),
      notes: [
        {
          message:
            ".npy holds a tensor, .npz a record of tensors, .csv, .parquet, .arrow and .json an rdd, .safetensors a net, .txt a string or an rdd of strings",
        },
      ],
    });
  }
  if (v.k === "rdd" && format === "csv") noTensors(f, v, item.value.span, path);
  if (v.k === "closure" && v.kind === "model")
    return fail(f, {
      message: `${v.name} is a model: it has no weights to save`,
      span: item.value.span,
      help: `what train(${v.name}, ..) returned`,
    });
  if (!known.holds(v)) {
    const fits = Object.entries(FORMATS).find(([, x]) => x.holds(v));
    return fail(f, {
      message: `.${format} holds ${known.what}, this is ${describe(v)}`,
      span: item.value.span,
      ...(fits ? { help: `save .. to ${JSON.stringify(path.replace(/\.[^.]+$/, `.${fits[0]}`))}` } : {}),
    });
  }
  if (folder && v.k !== "rdd")
    return fail(f, {
      message: `a folder holds the parts of an rdd, this is ${describe(v)}`,
      span: item.value.span,
      help: `save .. to ${JSON.stringify(path.replace(/\/+$/, ""))}`,
    });
  return { k: "save", path, format, value: output(f, v, item.value.span), span: item.span };
}
/** a cell of a csv holds one value */
function noTensors(f: Frame, v: RddValue, span: Ast.Span, path: string): void {
  for (const [name, t] of leaves(v.expr.type.row)) {
    if (t.k === "tensor" && t.shape.length === 0) continue;
    fail(f, {
      message: `a cell of .csv holds one value, ${name ? `\`${name}\`` : "a row"} is ${showType(t)}`,
      span,
      help: `save .. to ${JSON.stringify(path.replace(/\.csv$/, ".parquet"))}, or a map to the numbers in it`,
    });
  }
}
