/** What is said where a value does not fit its written type: messages 2, 3, 9 of errors.md and their like. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import { type Note, report } from "../diagnostics/catalogue.ts";
import type { Constant } from "./builtin.ts";
import { fail } from "./context.ts";
import { type Dim, relate } from "./dims.ts";
import { describe, ELEMS, showShape, showTensor } from "./types.ts";
import {
  type Closure,
  type Frame,
  isCallable,
  knownOf,
  type Maybe,
  type TensorValue,
  typeOf,
  type Value,
} from "./value.ts";
import { type Fitting, integerNamed, isName } from "./written.ts";

/** the written type with the numbers that are known: f32[28, 28] for float[h, w] */
function showWritten(f: Frame, t: Ast.Type): string {
  if (t.k !== "named" || !t.dims) return f.cx.text(t.span);
  const parts = t.dims.map(d => {
    if (d.k === "rest") return f.cx.text(d.span);
    if (!isName(d)) return f.cx.text(d.span);
    const n = integerNamed(f, d.value);
    return n === undefined ? d.value.name : showShape([n]).slice(1, -1);
  });
  return `${t.name.text}[${parts.join(", ")}]`;
}
export const mismatch = (f: Frame, v: Value, at: Fitting): string =>
  at.result
    ? `${at.callee} returns ${f.cx.text(at.type.span)}, its body is ${describe(v)}`
    : `${at.formal}: ${f.cx.text(at.type.span)} of ${at.callee} cannot take ${f.cx.text(at.span)}: ${describe(v)}`;
const declared = (f: Frame, at: Fitting): Span | undefined =>
  at.closure && !f.cx.preludeFiles.has(at.type.span.file) ? at.closure.span : undefined;

export function cannot(f: Frame, v: Value, at: Fitting): never {
  if (v.k === "rdd" && at.closure && at.type.k !== "many")
    return fail(f, {
      message: `${at.callee} takes one ${showWritten(f, at.type)}, this is an ${describe(v)}`,
      span: at.span,
      help: `${f.cx.text(at.span)} |> map(x => ${at.call ?? at.callee}(x))          models are written for one record; the batch is added for you`,
    });
  if (at.result) return fail(f, { message: mismatch(f, v, at), span: at.closure?.body.span ?? at.span });
  const text = f.cx.text(at.span);
  const wanted = at.type.k === "named" && !at.type.dims?.length ? at.type.name.text : undefined;
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
      help: v.k === "maybe" && wanted !== undefined ? present(v, text, wanted) : undefined,
    }),
  );
}
/** where one number is wanted: what stands there if it is missing, and the element */
function present(v: Maybe, text: string, wanted: string): string | undefined {
  if (v.value.k !== "tensor" || !ELEMS.includes(wanted)) return undefined;
  const there = `${text} ?? 0`;
  const own = v.value.expr.type.elem;
  return `${own === wanted ? there : `${wanted}(${there})`}, or drop_missing before it`;
}
export function wrongElement(f: Frame, v: Constant | TensorValue, at: Fitting, name: string): never {
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
export function wrongShape(f: Frame, v: Constant | TensorValue, at: Fitting, axis?: number): never {
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
  const less = whole && shape.length === dims.length - 1 && dims.slice(1).every((d, i) => fitsDim(f, d, shape[i]!));
  const own = !c?.body.span.file.startsWith("prelude/");
  if (less && own && first && isName(first))
    return fail(
      f,
      report.batchDeclared({
        param: at.formal,
        takes: f.cx.text(t.span),
        argument: f.cx.text(at.span),
        given: describe(v),
        declared: t.span,
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
      help: less && !own ? `unsqueeze(${f.cx.text(at.span)}, 0)` : undefined,
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
