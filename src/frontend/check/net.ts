/** Nets without a training: weights as the initialisers make them, or from a file. */
import type * as Ast from "../ast.ts";
import type { Init, Net, Weight } from "../core.ts";
import { innerInit } from "../inner-train.ts";
import * as build from "./build.ts";
import { fail, limit, Reported } from "./context.ts";
import { historyRow } from "./epoch.ts";
import { type Args, type RddExpr, rddValue, seedArgument, simple, textOf } from "./given.ts";
import { collector, nameOf, netsLike, type Part, partsOf, visit } from "./model.ts";
import { onThisMachine } from "./schema.ts";
import { placeOf } from "./scope.ts";
import { staticOf } from "./static.ts";
import { describe } from "./types.ts";
import type { Frame, Given, Special, Value } from "./value.ts";

function made(
  f: Frame,
  g: Given,
  what: string,
  site: Ast.Expr,
  seed: Value | undefined,
): { weights: readonly Weight[]; parts: readonly Part[] } {
  const parts = partsOf(f, g, what);
  const depth = f.depth + 1;
  const store = collector("net", f.depth, (path, type, span) => build.variable(path, type, depth, span));
  const inner: Frame = { ...f, place: placeOf(f, site), seed };
  for (const p of parts) {
    if (p.from) return fail(f, { message: `${what} takes a model, this has weights already`, span: g.span });
    const instances = { prefix: p.key, root: p.model.body, store };
    const v = visit(inner, p.model, instances, g.span, site);
    // a net without the weights that are wrong would lack them wherever it is called
    if (v?.k === "poison") throw new Reported();
    if (!v)
      return fail(f, {
        message: `${what} needs a model with full types, this is ${describe(p.model)}`,
        span: g.span,
        help: "model Name(x: f32[28, 28]) -> f32[10] = ..",
      });
  }
  return { weights: store.weights.map(({ at: _, ...w }) => w), parts };
}
function init(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("model")!;
  const seed = args.get("seed");
  seedArgument(f, args);
  const { weights, parts } = made(f, g, "init", site, seed && seed.value.k !== "none" ? seed.value : undefined);
  const net: Init = { k: "init", id: build.nextId(), name: nameOf(parts), weights, span: site.span };
  if (f.depth > 0) return netsLike(g.value, innerInit(net), parts);
  f.cx.nets.push(net);
  return netsLike(g.value, net, parts);
}
function load(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("model")!;
  const path = textOf(f, "path", args.get("path")!);
  const at = args.get("path")!.span;
  onThisMachine(f, path, at);
  const p = args.get("partial");
  const partial = p ? staticOf(f, p.value, p.span, "`partial`") : false;
  if (typeof partial !== "boolean")
    return fail(f, { message: `\`partial\` is true or false, this is ${describe(p!.value)}`, span: p!.span });
  const format = /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? "";
  if (["onnx", "caffemodel"].includes(format)) return limit(f, `reading .${format}`, "a .safetensors file", at);
  if (format !== "safetensors")
    return fail(f, { message: `load reads .safetensors, this is ${JSON.stringify(path)}`, span: at });
  const { weights, parts } = made(f, g, "load", site, undefined);
  const net: Net = {
    k: "load",
    id: build.nextId(),
    name: nameOf(parts),
    path,
    format,
    partial,
    weights,
    span: site.span,
  };
  f.cx.nets.push(net);
  return netsLike(g.value, net, parts);
}
/** a row per epoch */
function history(f: Frame, args: Args, site: Ast.Expr): Value {
  const g = args.get("net")!;
  const nets = g.value.k === "record" ? [...g.value.fields.values()] : [g.value];
  const net = nets[0]?.k === "net" ? nets[0].net : undefined;
  if (nets.some(n => n.k === "poison")) throw new Reported();
  if (!net || nets.some(n => n.k !== "net" || n.net !== net))
    return fail(f, { message: `history takes a net that train made, this is ${describe(g.value)}`, span: g.span });
  if (net.k !== "train")
    return fail(f, { message: `${net.name} was not trained here: it has no history`, span: g.span });
  const type = { k: "rdd", row: historyRow(net) } as const;
  if (net.made) {
    const columns = net.made.slice(net.weights.length);
    // nothing ends it before
    const rows = net.epochs === undefined || net.stop || net.whole ? {} : { rows: net.epochs };
    return rddValue(build.op("history", columns, { ...type, ...rows }, site.span, { net }) as RddExpr);
  }
  return rddValue(build.historyLeaf(net, type, site.span));
}
export const netSpecials: readonly (readonly [string, Special])[] = [
  simple("history(net)", history),
  simple("init(model, seed = none)", init),
  simple("load(model, path, partial = false)", load),
];
