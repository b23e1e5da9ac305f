/** Calls: who is called, what its arguments must be, and the body of a definition inlined. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { advise, marked } from "./advice.ts";
import { all, assign, UNNAMED } from "./arguments.ts";
import { callBuiltin } from "./builtin-call.ts";
import { callChosen } from "./choice.ts";
import { Exhausted, ends, fail } from "./context.ts";
import { mayBeMissing } from "./infix.ts";
import { instancesFor, Missing, noWeights } from "./layer.ts";
import { originsOf } from "./origin.ts";
import { childScope, known, placeOf } from "./scope.ts";
import { fit, type Later } from "./signature.ts";
import { describe } from "./types.ts";
import {
  type Arguments,
  type Closure,
  type Frame,
  type Given,
  type Instances,
  type NetValue,
  POISON,
  type Trainee,
  type Value,
} from "./value.ts";
import type { Fitting } from "./written.ts";

/** a builtin by its name */
export const partial = (f: Frame, name: string): Value | undefined =>
  f.cx.specials.has(name) || f.cx.builtins.has(name)
    ? { k: "builtin", name, builtin: f.cx.builtins.get(name) }
    : name === "pi" || name === "inf" || name === "nan"
      ? { k: "constant", elem: "decimal", shape: [], data: [name === "pi" ? Math.PI : name === "inf" ? Infinity : NaN] }
      : undefined;

export function callValue(f: Frame, callee: Ast.Expr, args: Arguments, site: Ast.Expr): Value {
  return call(f, f.cx.evaluate(callee, f), args, site, callee.span);
}
export function call(f: Frame, v: Value, args: Arguments, site: Ast.Expr, at: Span): Value {
  switch (v.k) {
    case "poison":
      return POISON;
    case "closure":
      return callClosure(f, v, args, site);
    case "builtin": {
      const special = f.cx.specials.get(v.name);
      if (special && (!v.builtin || !special.takes || special.takes(args))) {
        if (!special.poisoned && all(args).some(a => a.value.k === "poison")) return POISON;
        return special.call(f, assign(f, v.name, f.cx.signature(special.signature).params, args, site.span), site);
      }
      if (all(args).some(a => a.value.k === "poison")) return POISON;
      return callBuiltin(f, v.name, v.builtin!, args, site);
    }
    case "native":
      if (args.named.length)
        return fail(f, { message: `${v.name} takes no named arguments`, span: args.named[0]!.whole });
      return v.call(
        args.positional.map(a => a.value),
        f,
        site.span,
        site,
      );
    case "oneOf":
      return callChosen(f, v, args, site, at);
    case "net":
    case "trainee":
      return callNet(f, v, args, site);
    case "constant":
    case "tensor":
    case "text":
    case "none":
    case "record":
    case "list":
    case "rdd":
    case "module":
    case "strategy":
    case "choice":
    case "spelled":
    case "maybe":
    case "cell":
    case "sequence":
    case "group":
      if (all(args).some(a => a.value.k === "poison")) return POISON;
      return fail(f, {
        message: `\`${f.cx.text(at)}\` is no function, it is ${v.k === "rdd" ? "an " : ""}${describe(v)}`,
        span: at,
      });
    default:
      return v satisfies never;
  }
}
function callNet(f: Frame, v: NetValue | Trainee, args: Arguments, site: Ast.Expr): Value {
  const instances: Instances = v.k === "trainee" ? v.instances : instancesFor(f, v);
  try {
    return callClosure(f, v.model, args, site, instances);
  } catch (e) {
    if (!(e instanceof Missing)) throw e;
    return fail(f, {
      message: e.what,
      span: site.span,
      help: "call its layers under `training` and without: the training makes the weights that it meets",
    });
  }
}

const DEEPEST = 200;
const MOST = 300_000;
/** the text of a site that is the user's, where errors inside a prelude body are shown */
const userSpan = (f: Frame, body: Span, site: Span): Span | undefined =>
  f.cx.preludeFiles.has(body.file) ? (f.cx.preludeFiles.has(site.file) ? f.user : site) : undefined;

function callClosure(f: Frame, c: Closure, args: Arguments, site: Ast.Expr, net?: Instances): Value {
  if (f.calls >= DEEPEST)
    return fail(f, {
      message: "calls nest too deep: does a function call itself?",
      span: site.span,
      help: "every call is inlined: write iterate, scan or repeat",
    });
  if (++f.cx.inlined > MOST) throw new Exhausted(`this program inlines more than ${MOST} calls`, f.user ?? site.span);
  const name = c.name ?? UNNAMED;
  const layer = (c.kind === "layer" || c.kind === "model") && net === undefined;
  const own = args.named.find(a => a.name.text === "name");
  const takesName = layer && own !== undefined && !c.formals.some(p => p.name.text === "name");
  const left = takesName ? { ...args, named: args.named.filter(a => a !== own) } : args;
  const shown: readonly Ast.Formal[] = layer
    ? [
        ...c.formals,
        {
          k: "formal",
          name: { text: "name", span: c.span },
          type: undefined,
          value: { k: "none", span: c.span },
          span: c.span,
        },
      ]
    : c.formals;
  const instances =
    net ??
    (layer ? newInstance(f, c, site, takesName ? own : undefined) : c.kind === "lambda" ? c.instances : undefined);
  const assigned = assign(f, name, c.formals, left, site.span, shown);
  const scope = childScope(c.scope);
  const frame: Frame = {
    ...f,
    scope,
    place: placeOf(f, site),
    root: c.body,
    instances,
    outside: net
      ? "program"
      : c.kind === "fn"
        ? "fn"
        : c.kind === "lambda"
          ? f.outside === "rdd"
            ? "rdd"
            : c.outside
          : f.outside,
    classes: new Map(),
    rests: new Map(),
    user: userSpan(f, c.body.span, site.span),
    calls: f.calls + 1,
    wanted: undefined,
    naming: undefined,
  };
  // a signature is read where it was written, its errors belong to the call
  const outer: Frame = { ...frame, user: f.user ?? (f.cx.preludeFiles.has(site.span.file) ? f.user : site.span) };
  if (!fitArguments(outer, c, name, f.cx.text(site.k === "call" ? site.callee.span : site.span), assigned)) {
    return POISON;
  }
  const body = f.cx.evaluate(c.body, frame);
  advise(outer, c, assigned);
  if (!c.result || body.k === "poison") return marked(f, c, body);
  const later: Later = [];
  const at: Fitting = { formal: "", callee: name, closure: c, span: c.body.span, type: c.result, result: true };
  const out = fit({ ...frame, scope }, body, c.result, at, later, new Set());
  for (const l of later) l();
  const origins = out.k === "tensor" ? originsOf(frame, c, assigned, site.span) : undefined;
  return marked(f, c, origins && out.k === "tensor" ? { ...out, origins } : out);
}
function newInstance(f: Frame, c: Closure, site: Ast.Expr, name: Given | undefined): Instances {
  if (!f.instances || f.outside === "rdd") return noWeights(f, c, site);
  if (name && name.value.k === "none") return instancesFor(f, { ...f.instances, closure: c, site, name: undefined });
  if (name && name.value.k !== "text")
    return fail(f, { message: `\`name\` is a string, this is ${describe(name.value)}`, span: name.span });
  return instancesFor(f, {
    ...f.instances,
    closure: c,
    site,
    name: name?.value.k === "text" ? name.value.text : undefined,
  });
}
/** binds every formal in `f.scope`; false where one is wrong */
function fitArguments(f: Frame, c: Closure, name: string, call: string, assigned: ReadonlyMap<string, Given>): boolean {
  const formals = new Set(c.formals.map(p => p.name.text));
  const later: Later = [];
  let right = true;
  for (const p of c.formals) {
    const given = assigned.get(p.name.text);
    const bind = (): Value => {
      const v = given ? given.value : f.cx.evaluate(p.value!, f);
      // the prelude computes with numbers: what may be missing is said where the user gives it
      if (given && v.k === "maybe" && f.cx.preludeFiles.has(c.span.file) && !f.cx.preludeFiles.has(given.span.file))
        return mayBeMissing(f, v, {
          op: name,
          needs: "a number",
          span: given.span,
          rest: () => `${name}(${f.cx.text(given.span)} ?? 0)`,
        });
      if (v.k === "poison" || !p.type) return v;
      if (!given && v.k === "none") return v;
      const at: Fitting = {
        formal: p.name.text,
        callee: name,
        call,
        closure: c,
        span: given?.span ?? p.value!.span,
        type: p.type,
      };
      return fit(f, v, p.type, at, later, formals);
    };
    let v: Value;
    try {
      v = bind();
    } catch (error) {
      if (!ends(f, error)) throw error;
      v = POISON;
    }
    if (v.k === "poison" && p.type) right = false;
    f.scope.names.set(p.name.text, known(p.name.text, p.name.span, v));
  }
  if (!right) return false;
  for (const l of later) l();
  return true;
}
