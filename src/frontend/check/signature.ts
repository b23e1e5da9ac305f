/** Written types against values: dims are bound or checked, literals typed, u8 widened; nothing else converts. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, TensorType } from "../core.ts";
import { type Note, report } from "../diagnostics/catalogue.ts";
import { cast } from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, fix, limit, Reported, unsureDim } from "./context.ts";
import { type Dim, productOf, relate, sameDims } from "./dims.ts";
import { known, lookup } from "./scope.ts";
import { describe, ELEMS, isFloat, isInteger, showShape, showTensor, typed } from "./types.ts";
import {
  type Closure,
  type Frame,
  isCallable,
  knownOf,
  number,
  POISON,
  recordOf,
  type TensorValue,
  typeOf,
  type Value,
} from "./value.ts";

/** what an argument or result is, for messages */
export interface Fitting {
  /** "x" of "dense", or the whole of what is fitted */
  readonly formal: string;
  readonly callee: string;
  /** the callee as the user wrote it, where that is another name: `net` of LeNet */
  readonly call?: string;
  readonly closure?: Closure | undefined;
  /** of the argument as the user wrote it */
  readonly span: Span;
  readonly type: Ast.Type;
  /** the result of a function: dims without a meaning yet bind silently */
  readonly result?: boolean;
}
/** checks of dims that wait until all names are bound */
export type Later = (() => void)[];

const CLASSES = ["int", "float", "number"];

/** the value as the type wants it; `f.scope` takes the dims that it binds; `formals`: names that are no dims to bind */
export function fit(f: Frame, v: Value, t: Ast.Type, at: Fitting, later: Later, formals: ReadonlySet<string>): Value {
  if (v.k === "poison") return POISON;
  switch (t.k) {
    case "named":
      return fitNamed(f, v, t, at, later, formals);
    case "recordtype":
      return fitRecord(f, v, t, at, later, formals);
    case "many":
      return fitMany(f, v, t, at);
    default:
      return t satisfies never;
  }
}
function fitRecord(
  f: Frame,
  v: Value,
  t: Ast.RecordType,
  at: Fitting,
  later: Later,
  formals: ReadonlySet<string>,
): Value {
  if (v.k !== "record") return cannot(f, v, at);
  const out = new Map(v.fields);
  for (const field of t.fields) {
    const own = v.fields.get(field.name.text);
    if (own === undefined)
      return fail(
        f,
        report.unknownField({
          name: field.name.text,
          of: `what ${at.callee} gets as ${at.formal}`,
          fields: [...v.fields.keys()],
          span: at.span,
        }),
      );
    out.set(
      field.name.text,
      fit(f, own, field.type, { ...at, formal: `${at.formal}.${field.name.text}`, type: field.type }, later, formals),
    );
  }
  return recordOf(out);
}
function fitMany(f: Frame, v: Value, t: Ast.ManyType, at: Fitting): Value {
  if (t.of === "rdd" && v.k !== "rdd") return cannot(f, v, at);
  if (t.of === "list" && v.k !== "list" && v.k !== "constant" && v.k !== "tensor") return cannot(f, v, at);
  return v;
}
function fitNamed(
  f: Frame,
  v: Value,
  t: Ast.NamedType,
  at: Fitting,
  later: Later,
  formals: ReadonlySet<string>,
): Value {
  const name = t.name.text;
  if (name === "string") {
    if (v.k === "text" || (v.k === "none" && t.optional)) return v;
    return cannot(f, v, at);
  }
  if (name === "time") return limit(f, "a time in a signature", "leave the type out", t.span);
  if (!ELEMS.includes(name) && !CLASSES.includes(name))
    return fail(f, {
      message: `no type \`${name}\``,
      span: t.name.span,
      notes: [
        {
          message: `types: ${ELEMS.join(", ")}, string, time, rdd T, list T, { a: T }; in a signature int, float, number`,
        },
      ],
    });
  if (t.optional) {
    if (v.k === "none") return v;
    if (v.k !== "constant" && v.k !== "tensor") return cannot(f, v, at);
  } else if (v.k === "none" || (v.k !== "constant" && v.k !== "tensor")) return cannot(f, v, at);
  const elem = elementFor(f, v, name);
  if (elem === undefined) return wrongElement(f, v, at, name);
  const typed = inElement(v, elem, at.span);
  return fitShape(f, typed, t, at, later, formals);
}
/** the element that the argument becomes; undefined: it cannot. A literal stays one where the class leaves it open */
function elementFor(f: Frame, v: Constant | TensorValue, name: string): Constant["elem"] | undefined {
  const own = v.k === "constant" ? v.elem : v.expr.type.elem;
  if (name === "int") return isInteger(own) ? (own === "u8" ? "i32" : own) : undefined;
  if (name === "float" || name === "number") {
    const fits = (e: Constant["elem"]): boolean => (name === "float" ? isFloat(e) : e !== "bool");
    const bound = f.classes.get(name);
    if (own === "int" || own === "decimal") {
      if (bound === undefined) return name === "float" ? "decimal" : own;
      return own === "decimal" && !isFloat(bound) ? undefined : bound;
    }
    const wide = own === "u8" ? "i32" : own;
    if (!fits(wide) || (bound !== undefined && bound !== wide)) return undefined;
    f.classes.set(name, wide as CoreElem);
    return wide;
  }
  const want = name as CoreElem;
  if (own === want) return own;
  if (own === "int") return want === "bool" ? undefined : want;
  if (own === "decimal") return isFloat(want) ? want : undefined;
  return own === "u8" && want === "i32" ? "i32" : undefined;
}
function inElement(v: Constant | TensorValue, elem: Constant["elem"], span: Span): Constant | TensorValue {
  if (v.k === "constant")
    return v.elem === elem ? v : elem === "int" || elem === "decimal" ? { ...v, elem } : typed(v, elem, span);
  if (v.expr.type.elem === elem) return v;
  return { ...v, expr: cast(v.expr, elem as CoreElem, span) as TensorValue["expr"] };
}

function fitShape(
  f: Frame,
  v: Constant | TensorValue,
  t: Ast.NamedType,
  at: Fitting,
  later: Later,
  formals: ReadonlySet<string>,
): Value {
  const shape = typeOf(v).shape;
  const dims = t.dims ?? [];
  if (shape.length === 0 && dims.length > 0 && !dims.some(d => d.k === "rest")) {
    const all = shapeNow(f, dims);
    if (all && knownOf(v)) return spread(v, all);
    if (!all) return wrongShape(f, v, at);
  }
  const rest = dims.findIndex(d => d.k === "rest");
  if (rest < 0 ? shape.length !== dims.length : shape.length < dims.length - 1) return wrongShape(f, v, at);
  const after = rest < 0 ? 0 : dims.length - rest - 1;
  for (let i = 0; i < (rest < 0 ? dims.length : rest); i++) fitDim(f, v, dims[i]!, shape[i]!, i, at, later, formals);
  if (rest >= 0) {
    const d = dims[rest]! as Ast.Dim & { k: "rest" };
    const name = `...${d.name?.text ?? ""}`;
    const part = shape.slice(rest, shape.length - after);
    const bound = f.rests.get(name);
    if (bound === undefined) f.rests.set(name, part);
    else if (!sameDims(bound, part)) {
      if (bound.length !== part.length || bound.some((b, i) => relate(b, part[i]!) === "different"))
        return wrongShape(f, v, at);
      bound.forEach((b, i) => {
        if (relate(b, part[i]!) === "unknown") unsureDim(f, b, part[i]!, mismatch(f, v, at), at.span);
      });
    }
  }
  for (let i = 0; i < after; i++) {
    const axis = shape.length - after + i;
    fitDim(f, v, dims[rest + 1 + i]!, shape[axis]!, axis, at, later, formals);
  }
  return v;
}
/** a number given for a tensor of known shape */
function spread(v: Constant | TensorValue, shape: readonly Dim[]): Value {
  const k = knownOf(v)!;
  const size = productOf(shape);
  if (typeof size !== "number") return v;
  const constant: Constant = {
    ...k.constant,
    shape: shape as readonly number[],
    data: Array.from({ length: size }, () => k.constant.data[0]!),
  };
  if (v.k === "constant") return constant;
  return { ...v, known: { ...k, constant } };
}
const isName = (d: Ast.Dim): d is Ast.Dim & { k: "dim"; value: Ast.Ref } => d.k === "dim" && d.value.k === "ref";
function fitDim(
  f: Frame,
  v: Constant | TensorValue,
  d: Ast.Dim,
  given: Dim,
  axis: number,
  at: Fitting,
  later: Later,
  formals: ReadonlySet<string>,
): void {
  if (d.k !== "dim") return;
  const compare = (): void => {
    const want = dimOf(f, d.value);
    const r = relate(want, given);
    if (r === "different") wrongShape(f, v, at, axis);
    if (r === "unknown") unsureDim(f, want, given, mismatch(f, v, at), at.span);
  };
  if (isName(d)) {
    const name = d.value.name;
    if (formals.has(name) && !f.scope.names.has(name)) {
      later.push(compare);
      return;
    }
    if (integerNamed(f, d.value) === undefined) {
      f.scope.names.set(name, known(name, d.span, number(given)));
      return;
    }
    compare();
  } else later.push(compare);
}
/** the integer that a name means here; undefined: it is free to be bound */
export function integerNamed(f: Frame, ref: Ast.Ref): Dim | undefined {
  const b = lookup(f.scope, ref.name, ref.span);
  if (!b) return undefined;
  const v = b.value();
  const k = knownOf(v);
  if (k?.constant.shape.length !== 0 || !isInteger(k.constant.elem)) return undefined;
  fix(f, k.params);
  return k.constant.data[0]!;
}
/** a dim of a written type: an integer, known when compiling */
export function dimOf(f: Frame, e: Ast.Expr): Dim {
  const v = f.cx.evaluate(e, f);
  return integerOf(f, v, e.span, "a dim");
}
/** an integer known when compiling, maybe with symbols */
export function integerOf(f: Frame, v: Value, span: Span, what: string): Dim {
  if (v.k === "poison") throw new Reported();
  const k = knownOf(v);
  if (k && k.constant.shape.length === 0 && isInteger(k.constant.elem)) {
    fix(f, k.params);
    return k.constant.data[0]!;
  }
  if (v.k === "tensor" && v.expr.type.shape.length === 0 && isInteger(v.expr.type.elem))
    return fail(f, { message: `${what} must be known when compiling, this is computed by the program`, span });
  return fail(f, { message: `${what} is an integer, this is ${describe(v)}`, span });
}
/** the shape that written dims are now; undefined while a name in them is free */
export function shapeNow(f: Frame, dims: readonly Ast.Dim[]): readonly Dim[] | undefined {
  const out: Dim[] = [];
  for (const d of dims) {
    if (d.k === "rest") {
      const r = f.rests.get(`...${d.name?.text ?? ""}`);
      if (!r) return undefined;
      out.push(...r);
    } else if (isName(d)) {
      const n = integerNamed(f, d.value);
      if (n === undefined) return undefined;
      out.push(n);
    } else out.push(dimOf(f, d.value));
  }
  return out;
}
/** the tensor type that is written, everything in it known; a class that inputs left open is f32 */
export function writtenTensor(f: Frame, t: Ast.Type, what: string): TensorType {
  if (t.k !== "named" || t.optional || (!ELEMS.includes(t.name.text) && !CLASSES.includes(t.name.text)))
    return fail(f, { message: `${what} is a tensor: f32[n, m]`, span: t.span });
  const name = t.name.text;
  const elem = ELEMS.includes(name) ? (name as CoreElem) : name === "int" ? "i32" : (f.classes.get(name) ?? "f32");
  const shape = shapeNow(f, t.dims ?? []);
  if (!shape) {
    const free = (t.dims ?? []).find(d => d.k === "rest" || (isName(d) && integerNamed(f, d.value) === undefined));
    const shown = free ? f.cx.text(free.span) : "a dim";
    return fail(f, { message: `\`${shown}\` has no value here`, span: free?.span ?? t.span });
  }
  return { k: "tensor", elem, shape };
}

// --- messages

/** the written type with the numbers that are known: f32[28, 28] for float[h, w] */
export function showWritten(f: Frame, t: Ast.Type): string {
  if (t.k !== "named" || !t.dims) return f.cx.text(t.span);
  const parts = t.dims.map(d => {
    if (d.k === "rest") return f.cx.text(d.span);
    if (!isName(d)) return f.cx.text(d.span);
    const n = integerNamed(f, d.value);
    return n === undefined ? d.value.name : showShape([n]).slice(1, -1);
  });
  return `${t.name.text}[${parts.join(", ")}]`;
}
const mismatch = (f: Frame, v: Value, at: Fitting): string =>
  at.result
    ? `${at.callee} returns ${f.cx.text(at.type.span)}, its body is ${describe(v)}`
    : `${at.formal}: ${f.cx.text(at.type.span)} of ${at.callee} cannot take ${f.cx.text(at.span)}: ${describe(v)}`;
const declared = (f: Frame, at: Fitting): Span | undefined =>
  at.closure && !f.cx.preludeFiles.has(at.type.span.file) ? at.closure.span : undefined;

function cannot(f: Frame, v: Value, at: Fitting): never {
  if (v.k === "rdd" && at.closure)
    return fail(f, {
      message: `${at.callee} takes one ${showWritten(f, at.type)}, this is an ${describe(v)}`,
      span: at.span,
      help: `${f.cx.text(at.span)} |> map(x => ${at.call ?? at.callee}(x))          models are written for one record; the batch is added for you`,
    });
  if (at.result) return fail(f, { message: mismatch(f, v, at), span: at.closure?.body.span ?? at.span });
  const name = isCallable(v) && v.k === "closure" && v.name ? v.name : f.cx.text(at.span);
  return fail(
    f,
    report.cannotTake({
      param: at.formal,
      takes: f.cx.text(at.type.span),
      argument: name,
      given: describe(v),
      declared: declared(f, at),
      span: at.span,
    }),
  );
}
function wrongElement(f: Frame, v: Constant | TensorValue, at: Fitting, name: string): never {
  if (at.result) return fail(f, { message: mismatch(f, v, at), span: at.closure?.body.span ?? at.span });
  const bound = f.classes.get(name);
  const elem = ELEMS.includes(name) ? name : (bound ?? (name === "float" ? "f32" : name === "int" ? "i32" : "f32"));
  const takes = bound ? showTensor({ k: "tensor", elem: bound, shape: typeOf(v).shape }) : showWritten(f, at.type);
  const shown = f.cx.text(at.span);
  const fromSource = v.k === "tensor" && v.source ? v.source : undefined;
  const own = typeOf(v).elem;
  return fail(
    f,
    report.narrowing({
      callee:
        at.closure && at.closure.kind === "model" && at.closure.formals.length === 1
          ? at.callee
          : `\`${at.formal}\` of ${at.callee}`,
      takes,
      given: describe(v),
      origin: fromSource && `${own}: ${fromSource}`,
      help: `${elem}(${shown})${fromSource ? `, or write the type of the source: let rows: rdd { ${shown.split(".").pop()}: ${takes} } = ...` : ""}`,
      span: at.span,
    }),
  );
}
function originNote(v: Constant | TensorValue, axis: number | undefined): readonly Note[] {
  const o = axis === undefined || v.k === "constant" ? undefined : v.origins?.[axis];
  return o ? [{ message: `${o.text}, from ${o.because}`, span: o.span }] : [];
}
function wrongShape(f: Frame, v: Constant | TensorValue, at: Fitting, axis?: number): never {
  const t = at.type as Ast.NamedType;
  const dims = t.dims ?? [];
  const shape = typeOf(v).shape;
  if (at.result)
    return fail(f, {
      message: `${at.callee} returns ${showWritten(f, t)}, its body is ${describe(v)}`,
      span: at.closure?.body.span ?? at.span,
      ...(axis === undefined ? {} : { label: `axis ${axis} is ${showShape([shape[axis]!]).slice(1, -1)}` }),
      notes: originNote(v, axis),
    });
  const c = at.closure;
  const isModel = c && (c.kind === "model" || c.kind === "layer");
  const whole = dims.every(d => d.k === "dim") && isModel;
  // 2: one axis more than is declared, the rest fits
  if (whole && shape.length === dims.length + 1 && dims.every((d, i) => fitsDim(f, d, shape[i + 1]!)))
    return fail(
      f,
      report.batchGiven({
        callee: at.callee,
        call: at.call ?? at.callee,
        takes: showWritten(f, t),
        given: describe(v),
        axis: 0,
        records: showShape([shape[0]!]).slice(1, -1),
        argument: f.cx.text(at.span),
        span: at.span,
      }),
    );
  // 3: one axis more is declared than there is
  const first = dims[0];
  if (
    whole &&
    first &&
    isName(first) &&
    shape.length === dims.length - 1 &&
    dims.slice(1).every((d, i) => fitsDim(f, d, shape[i]!))
  )
    return fail(
      f,
      report.batchDeclared({
        param: at.formal,
        takes: f.cx.text(t.span),
        argument: f.cx.text(at.span),
        given: describe(v),
        declared: c.span,
        dim: first.value.name,
        without: headWithout(f, c, first.value.name),
        span: at.span,
      }),
    );
  return fail(
    f,
    report.cannotTake({
      param: at.formal,
      takes: showWritten(f, t),
      argument: f.cx.text(at.span),
      given: describe(v),
      declared: declared(f, at),
      label: axis === undefined ? undefined : `axis ${axis} is ${showShape([shape[axis]!]).slice(1, -1)}`,
      span: at.span,
    }),
  );
}
function fitsDim(f: Frame, d: Ast.Dim, given: Dim): boolean {
  if (d.k !== "dim") return false;
  if (isName(d)) {
    const n = integerNamed(f, d.value);
    return n === undefined || relate(n, given) !== "different";
  }
  const v = f.cx.evaluate(d.value, f);
  const k = knownOf(v);
  return k !== undefined && k.constant.shape.length === 0 && relate(k.constant.data[0]!, given) !== "different";
}
/** the head of a definition as text, a dim left out of all its types: model LeNet(x: f32[28, 28]) -> f32[10] */
function headWithout(f: Frame, c: Closure, dim: string): string {
  const strip = (t: Ast.Type): string => {
    if (t.k !== "named" || !t.dims) return f.cx.text(t.span);
    const kept = t.dims.filter(d => !(isName(d) && d.value.name === dim));
    return `${t.name.text}${kept.length ? `[${kept.map(d => f.cx.text(d.span)).join(", ")}]` : ""}${t.optional ? "?" : ""}`;
  };
  const formals = c.formals.map(
    p => `${p.name.text}${p.type ? `: ${strip(p.type)}` : ""}${p.value ? ` = ${f.cx.text(p.value.span)}` : ""}`,
  );
  return `${c.kind} ${c.name}(${formals.join(", ")})${c.result ? ` -> ${strip(c.result)}` : ""}`;
}
