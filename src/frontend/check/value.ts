/**
 * The data of check: values (known, a function, or a residual that Core computes), scopes, and where evaluation stands.
 * Knows no rule of the language.
 */
import type { Host } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type * as Ast from "../ast.ts";
import type {
  CoreElem,
  DimCheck,
  Expr,
  LeafType,
  ListType,
  Net,
  Param,
  RddType,
  TensorType,
  Tree,
  Unknown,
} from "../core.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Builtin, Constant } from "./builtin.ts";
import type { Dim } from "./dims.ts";

/** what a residual would be with the given value of the params that it hangs on; using it makes them `fixed` */
export interface Known {
  readonly constant: Constant;
  readonly params: readonly string[];
}
/** where a dim of a result comes from: the sum with its numbers, and the arguments that decided it */
export interface Origin {
  readonly text: string;
  readonly because: string;
  /** as the user wrote it */
  readonly call: string;
  readonly span: Span;
}
/** a residual tensor of numbers or bools */
export interface TensorValue {
  readonly k: "tensor";
  readonly expr: Expr & { readonly type: TensorType };
  readonly known?: Known;
  /** per axis */
  readonly origins?: readonly (Origin | undefined)[];
  /** why it has this element ("read from a.csv"), for messages */
  readonly source?: string;
  /** the function of the prelude whose result it is, for warnings */
  readonly made?: string;
}
export interface RddValue {
  readonly k: "rdd";
  /** of leaves as they are stored: why they have their element ("read from a.csv") */
  readonly sources?: ReadonlyMap<string, string>;
  readonly table?: Table;
  readonly expr: Expr & { readonly type: RddType };
}
export interface Text {
  readonly k: "text";
  readonly text: string;
}
/** text that only the run knows: the characters of a vector of bytes */
export interface Spelled {
  readonly k: "spelled";
  readonly bytes: TensorValue;
}
/** a value that may be missing: 0, "" or no element where it is, and a bool that says where it is there */
export interface Maybe {
  readonly k: "maybe";
  readonly value: TensorValue | Cell | Sequence;
  readonly present: TensorValue;
}
/** a string or an instant that the run knows; one axis of them after collect. No tensor: kernels copy and compare it */
export interface Cell {
  readonly k: "cell";
  readonly expr: Expr & { readonly type: TensorType };
}
/** a sequence of any length, in a row */
export interface Sequence {
  readonly k: "sequence";
  readonly expr: Expr & { readonly type: ListType };
}
/** the records of one key inside of the aggregate of group_by */
export interface Group {
  readonly k: "group";
  /** one record of them */
  readonly row: Value;
  /** which of them count */
  readonly where: TensorValue | undefined;
  readonly sink: Aggregates;
}
/** which words of rows: of their identities, or of a key */
export interface Word {
  readonly place: string;
  readonly seed: readonly Expr[];
  readonly by: Expr | undefined;
  /** a training has others in each epoch */
  readonly renewed: boolean;
}
/** the columns that a group_by computes for each key */
export interface Aggregates {
  /** how deep a function of a record of the group is */
  readonly depth: number;
  /** the rdd, as text */
  readonly over: string;
  /** a column: `op` of `value` over the records for which `where` holds */
  readonly add: (op: string, type: LeafType, value: Expr | undefined, where: Expr | undefined, span: Span) => Expr;
  /** the word of a record, by which split and shuffle choose it: an i64 */
  readonly word: (of: Word, span: Span) => Expr;
  /** the records as a list */
  readonly list: (g: Group, span: Span) => Sequence;
  /** whether one of these reads a column that the group_by computes: it has no place below of another */
  readonly reads: (of: readonly (Expr | undefined)[]) => boolean;
}
/** the file whose columns the fields of a row are, for messages */
export interface Table {
  readonly source: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}
export interface RecordValue {
  readonly k: "record";
  readonly table?: Table | undefined;
  readonly fields: ReadonlyMap<string, Value>;
}
export interface ListValue {
  readonly k: "list";
  readonly items: readonly Value[];
}
/** a lambda or a definition with the scope and the instances it was written in */
export interface Closure {
  readonly k: "closure";
  readonly kind: "lambda" | "fn" | "layer" | "model";
  readonly name: string | undefined;
  readonly formals: readonly Ast.Formal[];
  readonly result: Ast.Type | undefined;
  readonly body: Ast.Expr;
  readonly scope: Scope;
  /** of a lambda: what the layers that it calls belong to */
  readonly instances: Instances | undefined;
  /** where the lambda stands, if there are no instances: see Frame */
  readonly outside: Frame["outside"];
  readonly span: Span;
}
export interface BuiltinValue {
  readonly k: "builtin";
  readonly name: string;
  readonly builtin: Builtin | undefined;
}
/** a function that a builtin made: grad(f) */
export interface Native {
  readonly k: "native";
  readonly name: string;
  readonly call: (args: readonly Value[], frame: Frame, span: Span, site: Ast.Expr) => Value;
}
/** a model with weights; `prefix`: its key in a record of models */
export interface NetValue {
  readonly k: "net";
  readonly net: Net;
  readonly model: Closure;
  readonly prefix: string;
}
/** one model of a train in progress, as `m` of its loss */
export interface Trainee {
  readonly k: "trainee";
  readonly model: Closure;
  readonly instances: Instances;
}
export interface Module {
  readonly k: "module";
  readonly name: string;
  readonly scope: Scope;
}
export interface Strategy {
  readonly k: "strategy";
  readonly name: string;
  readonly options: Readonly<Record<string, Dim | boolean>>;
}
/** for_weights: an optimizer by the path of the weight */
export interface Choice {
  readonly k: "choice";
  readonly pattern: string;
  readonly use: Value;
  readonly otherwise: Value;
  readonly span: Span;
}
/** items[index], an i32, of values that are no numbers of one type */
export interface OneOf {
  readonly k: "oneOf";
  readonly index: TensorValue;
  readonly items: readonly Value[];
}
/** wrong already, and reported: nothing more is said about it */
export interface Poison {
  readonly k: "poison";
}
export const POISON: Poison = { k: "poison" };
export const NONE: Value = { k: "none" };
export type Value =
  | Constant
  | Text
  | { readonly k: "none" }
  | RecordValue
  | ListValue
  | TensorValue
  | RddValue
  | Closure
  | BuiltinValue
  | Native
  | NetValue
  | Trainee
  | Module
  | Strategy
  | Choice
  | OneOf
  | Spelled
  | Maybe
  | Cell
  | Sequence
  | Group
  | Poison;

export const number = (value: Dim, elem: Constant["elem"] = "int"): Constant => ({
  k: "constant",
  elem,
  shape: [],
  data: [value],
});
export const bool = (value: boolean): Constant => ({ k: "constant", elem: "bool", shape: [], data: [value ? 1 : 0] });
export const text = (text: string): Text => ({ k: "text", text });
export const integers = (data: readonly Dim[]): Constant => ({
  k: "constant",
  elem: "int",
  shape: [data.length],
  data,
});
export const recordOf = (fields: Iterable<readonly [string, Value]>): RecordValue => ({
  k: "record",
  fields: new Map(fields),
});
export const tensorValue = (expr: Expr, more: Omit<TensorValue, "k" | "expr"> = {}): TensorValue => ({
  k: "tensor",
  expr: expr as TensorValue["expr"],
  ...more,
});
export const cellValue = (expr: Expr): Cell => ({ k: "cell", expr: expr as Cell["expr"] }); // as: of elem string or time
export const isCallable = (v: Value): boolean =>
  v.k === "closure" ||
  v.k === "builtin" ||
  v.k === "native" ||
  v.k === "net" ||
  v.k === "trainee" ||
  (v.k === "oneOf" && v.items.every(isCallable));

/** the element of a literal that stands alone */
export const settled = (e: Constant["elem"]): CoreElem => (e === "int" ? "i32" : e === "decimal" ? "f32" : e);
/** the type that a constant or residual has, a literal standing alone */
export const typeOf = (v: Constant | TensorValue): TensorType =>
  v.k === "tensor" ? v.expr.type : { k: "tensor", elem: settled(v.elem), shape: v.shape };
export const isTensor = (v: Value): v is Constant | TensorValue => v.k === "constant" || v.k === "tensor";
/** the constant that a value is, or would be by the present value of the params */
export const knownOf = (v: Value): Known | undefined =>
  v.k === "constant" ? { constant: v, params: [] } : v.k === "tensor" ? v.known : undefined;
/** the constant that a value is whatever the params are */
export const settledValue = (v: Value): Value =>
  v.k === "tensor" && v.known && v.known.params.length === 0 ? v.known.constant : v;
export const treeOf = (v: Value): Tree<Value> =>
  v.k === "record"
    ? { k: "record", fields: [...v.fields].map(([n, f]) => [n, treeOf(f)] as const) }
    : v.k === "maybe"
      ? {
          k: "record",
          fields: [["value", treeOf(v.value)] as const, ["present", treeOf(v.present)] as const],
          maybe: true,
        }
      : { k: "leaf", of: v };

// --- names

/** `after`: the offset in its file from which the name is seen; undefined: everywhere (parameters, the prelude) */
export interface Binding {
  readonly name: string;
  readonly span: Span;
  readonly after: number | undefined;
  /** of a definition: the whole of it */
  readonly whole?: Span;
  readonly value: () => Value;
}
export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
}

// --- where evaluation stands

/** where weights come from: made for a net, or read from one */
export interface Store {
  /** true in the loss of `train`: what `training` is */
  readonly training: boolean;
  /** a model looked at alone, its sides unknown: what hangs on them is not wrong yet */
  readonly alone: boolean;
  /** how many functions deep the net is made */
  readonly depth: number;
  /** `init` makes the first value, at that depth; `state`: it is no weight */
  readonly weight: (path: string, type: TensorType, span: Span, init: () => Expr, state?: true) => Expr;
  /** in a loss: what states become after the step, by path; and the variables of all weights and states */
  readonly step?: { readonly next: Map<string, Expr>; readonly own: ReadonlySet<Expr> };
  /** the call that made the instance of a path: another one of the same name is an error */
  readonly sites: Map<string, Ast.Expr>;
}
/** what the layers called in a text belong to; `root`: the text in which calls of one name are counted */
export interface Instances {
  readonly prefix: string;
  readonly root: Ast.Expr;
  readonly store: Store;
}
export interface Frame {
  readonly cx: Cx;
  readonly scope: Scope;
  /** how many functions of Core deep */
  readonly depth: number;
  /** path of the call in the program (language 4), and the text in which its calls are counted */
  readonly place: string;
  readonly root: Ast.Expr;
  readonly instances: Instances | undefined;
  /** why there are none: in a fn, per record of an rdd, or outside of everything */
  readonly outside: "program" | "fn" | "rdd";
  /** how deep the function is that sees one record of a batch: the loss of a training */
  readonly batch: number | undefined;
  /** the rdd whose records the function sees, as text */
  readonly over: string | undefined;
  /** the fields of such a record */
  readonly overFields?: readonly string[];
  /** what `float` and `number` are in the signature around */
  readonly classes: Map<string, CoreElem>;
  /** what `...`, `...s` are there */
  readonly rests: Map<string, readonly Dim[]>;
  /** the user's call, while evaluation is in a prelude file: there its errors are shown */
  readonly user: Span | undefined;
  /** how deep calls are inlined */
  readonly calls: number;
  /** the argument `seed:` of the init around */
  readonly seed: Value | undefined;
  /** the written type of the `let` whose value this is, for sources; and the name */
  readonly wanted: { readonly type: Ast.Type; readonly site: Ast.Expr } | undefined;
  readonly naming: string | undefined;
}

export interface Cx {
  readonly host: Host;
  readonly texts: Map<string, string>;
  readonly diagnostics: Diagnostic[];
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly prelude: Scope;
  readonly preludeFiles: ReadonlySet<string>;
  readonly params: Map<string, Param>;
  readonly fixed: Set<string>;
  /** `from` undefined: of a model that is looked at without data */
  readonly symbols: Map<string, Omit<Unknown, "from"> & { readonly from: Unknown["from"] | undefined }>;
  readonly checks: DimCheck[];
  /** how many calls were inlined: a program that doubles at each call would never end */
  inlined: number;
  readonly nets: Net[];
  readonly specials: ReadonlyMap<string, Special>;
  readonly text: (span: Span) => string;
  readonly signature: (text: string) => Ast.Signature;
  /** the evaluator itself: the files of check that it uses know it from here */
  readonly evaluate: (e: Ast.Expr, f: Frame) => Value;
  readonly call: (f: Frame, v: Value, args: Arguments, site: Ast.Expr, at: Span) => Value;
  readonly stack: (f: Frame, items: readonly (Constant | TensorValue)[], span: Span) => Value;
  /** where the number of a new symbol comes from */
  readonly bind: (symbol: Dim, from: Unknown["from"]) => void;
}

// --- arguments of a call

export interface Given {
  readonly value: Value;
  /** of the value */
  readonly span: Span;
  readonly name?: Ast.Name | undefined;
  /** with its name */
  readonly whole: Span;
}
export interface Arguments {
  readonly positional: readonly Given[];
  readonly named: readonly (Given & { readonly name: Ast.Name })[];
}
/** a builtin that is part of check; `takes`: whether it is this one, where a builtin on tensors has the same name */
export interface Special {
  readonly signature: string;
  readonly takes?: (args: Arguments) => boolean;
  /** it says more about its other arguments where one is wrong already */
  readonly poisoned?: true;
  /** it is known, its arguments are bound, and its use ends in a Limit */
  readonly notBuilt?: true;
  readonly call: (f: Frame, args: ReadonlyMap<string, Given>, site: Ast.Expr) => Value;
}
