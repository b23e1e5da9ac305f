/** Params that are tensors: their elements are an input of the run, their sides are known when compiling. Knows nothing of single numbers. */
import { listIn } from "../../ir/list-text.ts";
import type * as Ast from "../ast.ts";
import type { TensorType } from "../core.ts";
import * as build from "./build.ts";
import type { Constant } from "./builtin.ts";
import { fail, Reported } from "./context.ts";
import { numberIn } from "./number.ts";
import { schemaOf } from "./schema.ts";
import { fit, type Later } from "./signature.ts";
import { columnType } from "./source.ts";
import { describe, isFloat, range, showTensor, Unfit, unfit } from "./types.ts";
import { type Frame, isTensor, knownOf, settled, type TensorValue, tensorValue, typeOf, type Value } from "./value.ts";
import { integerNamed, isName } from "./written.ts";

export interface Setting {
  readonly f: Frame;
  /** in which its type and its default are read */
  readonly frame: Frame;
  readonly item: Ast.Param;
  readonly name: string;
  /** the text of --set */
  readonly given: string | undefined;
  /** its sides decide what names in its type mean: it is fixed when compiling */
  readonly isOpen: boolean;
}
/** whether the param is a tensor with axes; `v`: its default */
export const hasAxes = (item: Ast.Param, v: Value): boolean =>
  (isTensor(v) && typeOf(v).shape.length > 0) ||
  (item.type?.k === "named" && (item.type.dims?.length ?? 0) > 0 && (isTensor(v) || v.k === "none"));
/** whether a dim of a written type has no number yet */
export const isFree = (f: Frame, d: Ast.Dim): boolean =>
  d.k === "rest" || (isName(d) && integerNamed(f, d.value) === undefined);
/** a value by the written type of a param, where there is one */
export function fitted(frame: Frame, item: Ast.Param, v: Value, span: Ast.Span): Value {
  if (!item.type) return v;
  const later: Later = [];
  const at = { formal: item.name.text, callee: "param", span, type: item.type };
  const out = fit({ ...frame, classes: new Map(), rests: new Map() }, v, item.type, at, later, new Set());
  for (const compare of later) compare();
  return out;
}
/** `v`: its default, or none; undefined: it has no value */
export function tensorParam(s: Setting, v: Value): Value | undefined {
  const { f, item, name, given, isOpen } = s;
  const own = item.value ? literalOf(s, v) : undefined;
  const isFile = given?.endsWith(".npy") === true;
  const literal = given === undefined ? own : isFile ? undefined : givenList(s, given, own);
  if (!literal && !isFile) return undefined;
  const type = literal ? typeIn(literal) : fileType(s, given!, own);
  const data = literal?.data as readonly number[] | undefined; // as: literalOf has looked
  const wrong = data?.find(d => unfit(d, type.elem));
  if (wrong !== undefined)
    return fail(f, {
      message: `${wrong} in \`${name}\` is no ${type.elem}, which is from ${range(type.elem)}`,
      span: item.span,
    });
  const isLike = own !== undefined && own.shape.join() === type.shape.join();
  f.cx.params.set(name, {
    name,
    type,
    value: data ?? given!,
    ...(isLike ? { own: own.data as readonly number[] } : {}), // as: literalOf has looked
    fixed: isOpen,
    span: item.span,
  });
  if (isOpen) f.cx.fixed.add(name);
  const leaf = build.paramLeaf(name, type, item.name.span);
  if (!literal || !data) return tensorValue(leaf);
  const rounded = type.elem === "f32" ? data.map(Math.fround) : data;
  return tensorValue(leaf, { known: { constant: { ...literal, elem: type.elem, data: rounded }, params: [name] } });
}
const typeIn = (c: Constant): TensorType => ({ k: "tensor", elem: settled(c.elem), shape: c.shape });
function literalOf({ f, item }: Setting, v: Value): Constant {
  const k = knownOf(v)?.constant;
  if (k?.data.every(d => typeof d === "number")) return k;
  return fail(f, {
    message: `the default of a param is known when compiling, this is ${describe(v)}`,
    span: item.value?.span ?? item.span,
  });
}
const another = ({ f, item, name }: Setting, given: string, wanted: string, v: Constant | TensorValue): never =>
  fail(f, { message: `--set ${name}=${given}: \`${name}\` is ${wanted}, this is ${describe(v)}`, span: item.span });
const outOfRange = ({ f, item, name }: Setting, given: string, { message }: Unfit): never =>
  fail(f, { message: `--set ${name}=${given}: ${message}`, span: item.span });
/** by its written type, whose message would speak of an argument */
function givenByType(s: Setting, given: string, v: Constant | TensorValue): Value {
  const { diagnostics } = s.f.cx;
  const before = diagnostics.length;
  try {
    return fitted(s.frame, s.item, v, s.item.span);
  } catch (e) {
    if (e instanceof Unfit) return outOfRange(s, given, e);
    if (!(e instanceof Reported)) throw e;
    diagnostics.length = before;
    return another(s, given, s.f.cx.text(s.item.type!.span), v); // as: who asks has one
  }
}
/** a list of --set, or one number for all elements, by the written type, else by that of the default */
function givenList(s: Setting, given: string, own: Constant | undefined): Constant {
  const { item } = s;
  const list = listOf(s, given);
  if (item.type) return literalOf(s, givenByType(s, given, list));
  const like = own!; // as: without a type there is a default
  const wanted = settled(like.elem);
  const isOne = list.shape.length === 0;
  const isIn =
    list.elem === wanted || (list.elem === "int" && wanted !== "bool") || (list.elem === "decimal" && isFloat(wanted));
  if (!isIn || (!isOne && list.shape.join() !== like.shape.join()))
    return another(s, given, showTensor(typeIn(like)), list);
  return { ...like, elem: wanted, data: isOne ? like.data.map(() => list.data[0]!) : list.data };
}
/** numbers or bools as a literal of the language has them */
function listOf({ f, item, name }: Setting, given: string): Constant {
  const found = listIn(given) ?? { shape: [], items: [given.trim()] };
  const isBool = found.items.length > 0 && found.items.every(x => x === "true" || x === "false");
  const data = found.items.map(x => {
    const n = isBool ? Number(x === "true") : numberIn(x, true);
    if (n !== undefined) return n;
    const what = "a list of numbers, as [1, 2], or the path of a .npy file";
    return fail(f, { message: `--set ${name}=${given}: \`${name}\` takes ${what}`, span: item.span });
  });
  const elem = isBool ? "bool" : /[.e]|inf|nan/i.test(given) ? "decimal" : "int";
  return { k: "constant", elem, shape: found.shape, data };
}
/** what a file's header says, by the written type, else as the default is */
function fileType(s: Setting, path: string, own: Constant | undefined): TensorType {
  const { f, item } = s;
  const [column] = Object.values(schemaOf(f, "npy", [path], {}, [item.span]).columns);
  const type = columnType(column!); // as: npy has one
  const found = tensorValue(build.paramLeaf(s.name, type, item.span), { source: `read from ${path}` });
  if (item.type) return typeOf(givenByType(s, path, found) as typeof found); // as: a tensor stays one
  const like = typeIn(own!); // as: without a type there is a default
  if (showTensor(type) === showTensor(like)) return type;
  return another(s, path, showTensor(like), found);
}
