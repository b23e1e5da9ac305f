/** Arguments against the types of a signature: dims are bound or checked, literals typed, u8 widened; nothing else converts. */
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import { parameters } from "./apply.ts";
import { cast } from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, unsureDim } from "./context.ts";
import { type Dim, productOf, relate, sameDims } from "./dims.ts";
import { cellElem } from "./infix.ts";
import { cannot, mismatch, wrongElement, wrongShape } from "./misfit.ts";
import { known } from "./scope.ts";
import { ELEMS, isFloat, isInteger, typed } from "./types.ts";
import { type Frame, knownOf, number, POISON, recordOf, type TensorValue, typeOf, type Value } from "./value.ts";
import { CLASSES, dimOf, type Fitting, integerNamed, isName, shapeNow } from "./written.ts";

/** checks of dims that wait until all names are bound */
export type Later = (() => void)[];

/** the value as the type wants it; `f.scope` takes the dims that it binds; `formals`: names that are no dims to bind */
export function fit(f: Frame, v: Value, t: Ast.Type, at: Fitting, later: Later, formals: ReadonlySet<string>): Value {
  if (v.k === "poison") return POISON;
  switch (t.k) {
    case "named":
      return fitNamed(f, v, t, at, later, formals);
    case "recordtype":
      return fitRecord(f, v, t, at, later, formals);
    case "many":
      return fitMany(f, v, t, at, later, formals);
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
/** each element fits; what is known when compiling is fitted one by one */
function fitMany(f: Frame, v: Value, t: Ast.ManyType, at: Fitting, later: Later, formals: ReadonlySet<string>): Value {
  const one = { ...at, type: t.item };
  const list = t.of === "list";
  if (list && v.k === "list") return { k: "list", items: v.items.map(x => fit(f, x, t.item, one, later, formals)) };
  if (list && (v.k === "constant" || v.k === "tensor")) return v;
  const row = list && v.k === "sequence" ? v.expr.type.of : !list && v.k === "rdd" ? v.expr.type.row : undefined;
  const records = row?.k === "record" && !row.maybe;
  if (!row || records !== (t.item.k === "recordtype")) return cannot(f, v, at);
  fit(f, parameters(row, f.depth + 1, at.span).value, t.item, one, later, formals);
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
  if (name === "string" || name === "time") {
    if (cellElem(v) === name || (v.k === "none" && t.optional)) return v;
    if (v.k === "maybe" && t.optional && cellElem(v.value) === name) return v;
    return cannot(f, v, at);
  }
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
    if (v.k === "none" || (v.k === "maybe" && v.value.k !== "sequence" && v.value.expr.type.elem === name)) return v;
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
