/**
 * Core: what check leaves of a program and lower reads. Every call is inlined, every known branch taken, every list
 * unrolled, every record erased to its leaves. Expressions are a DAG by identity (a `let` is one node); each has a type
 * whose dims are polynomials, and a span. Functions are per record. Knows nothing of the AST and of GRAPH.
 *
 * Ops that check makes itself, beside the builtins (check/builtins), which are named by their `op`:
 * - lane, operands of one element (check has put `cast` in) and NumPy-broadcast by lower to the shape of the result:
 *   neg add sub mul div mod pow · eq ne lt le gt ge (bool result) · and or not (bool) · where(c, a, b)
 *   `div` is the true quotient of floats; `mod` and `floordiv` floor, also of integers
 * - cast (to the element of the type; towards zero, saturating; u8 is computed as i32)
 * - matmul(a, b): NumPy's `@`
 * - slice{start, step, size: one per axis}(x), reshape(x) (to the shape of the type), stack(x..) (new axis 0, equal types),
 *   broadcast(x) (NumPy's, to the shape of the type), gather{axis}(x, ids) (ids: any rank, i32, inside a `check`)
 * - on rdds, with function `f`: rdd.map, rdd.filter, rdd.sum, rdd.mean, rdd.min, rdd.max, rdd.any, rdd.all (f: one leaf);
 *   without: rdd.take{count}, rdd.split{low, high} (numbers in [0, 1]), rdd.shuffle, rdd.sample{fraction}, rdd.batch{count},
 *   rdd.number{column} (zip_index), rdd.word{column, renewed} (by which sample, shuffle and split choose; `by`: of a key; a split's are not `renewed` in each epoch), rdd.cache, rdd.count, rdd.collect (a tuple: one tensor per leaf), rows(x)
 *   (seed: an i32 argument after the rdd where the user gave one; else --seed)
 * - rdds that an engine makes; keys and values are functions of a row: rdd.flat{f}(d) (f: one list: a row per element),
 *   rdd.join{on: names, how}(a, b) (ir/rel.ts says which columns), rdd.group{ops: of each aggregate}(d) (functions `key`, and of aggregate i
 *   `a<i>`, one leaf in the element of the result (of count none), and `w<i>`, one bool, where only some rows count; columns: the key's under
 *   "key", then "a<i>"),
 *   rdd.distinct(d) (`by` if given), rdd.sort{descending: of each leaf of the key}(d) (`key`: a record, compared leaf by leaf; of what may be
 *   missing first whether it is), rdd.union(a, b), rdd.window{size, stride, by: a column or null}(d); rdd.split has a function `by` where it goes by a
 *   key, one i64, string or time
 * - strings, times and lists, in functions of rows: eq ne lt le gt ge, where, and the builtins of text and time under their names (concat of strings
 *   is `join_text`; numbers and instants as text are `string`; `parse(s)` to the number of its type, `parses{elem}(s)`: whether it is one; parse_time{format}
 *   and parses_time{format} likewise; lower upper trim contains starts_with length substring(s, start, size) take expressions, replace{pattern, by}
 *   matches{pattern} hash{buckets} format_time{format} constants)
 * - lists: list(x..: the leaves of each element in turn), list.slices(x): of a tensor along axis 0, words(s), skip_grams{window}(list): { center, context }, pad_to{n}(list, value): a tensor,
 *   list.map{}, list.filter{}, list.sum{} mean min max any all (function `f` of the leaves of an element; of tensors element by element), list.length,
 *   list.flat{f}: the elements of the lists that f gives, list.part{from, to}(list): numbers, negative ones from the end, `to` may be null, list.concat(a, b),
 *   list.order{descending: of each leaf of the key}(list) (`key`), list.distinct(list) (`by` if given), list.parted(list) (`by`: lists of those of one key, in the order of the keys), list.number{column}(list), list.windows{size, stride}(list),
 *   list.text(list): as it is kept outside of an engine, list.at{leaf}(list, i): a leaf of element i, list.fold{all}(list, state..): a list of the last state, or of all (function `f` of the leaves of a state and of an element)
 * - `lookup(s, table: string[n])`: the place in the table, 0 if it is not there; entry 0 is never found
 * - strings of a collect or a table outside of rows: slice, reshape, concat, gather, where, eq ..
 * - grad{f}(x.., captures inside f): a tuple [results of f.., gradients of result 0 for the params]
 * - rdd.objective{f, moved, rows?}(d, weights..): the mean over the rows of the first leaf of f (of the leaves of a row and the weights), the other leaves, which
 *   hang on rows only through over_batch, and the gradients of the mean for the weights at `moved`: a tuple. `rows`: their number, where f has over_batch
 * - seed(seed), in such a function: the two words of a seed in the trip at hand, by which an engine chooses rows
 * - rdd.query(source, tables..), in a function that is called when the program runs: what an engine makes of a source that is given these tables
 * - train{..}(rows, initial weights.., clip, carry..), in a function that is called when the program runs (inner-train.ts): a tuple of the weights and the columns of
 *   the history, of which history(columns..) makes the rows
 * - over_batch(x), in the loss of a training only: x of every record of the batch, along a new axis 0 of side BATCH (check/dims)
 */
import type { Span } from "../ir/node.ts";
import type { Rel } from "../ir/rel.ts";
import type { ParamValue } from "../ir/stage.ts";
import type { Column } from "../ir/type.ts";
import type { Dim } from "./check/dims.ts";

/**
 * As the language names them: u8 computes as i32, and is a type of columns and of what is saved. In kernels a string is an i32, its number in
 * the run's table of strings, which they copy, choose and compare for equality; a time is an i64, microseconds since 1970 began in UTC
 */
export type CoreElem = "bool" | "u8" | "i32" | "i64" | "f16" | "f32" | "f64" | "string" | "time";
export interface TensorType {
  readonly k: "tensor";
  readonly elem: CoreElem;
  readonly shape: readonly Dim[];
  /** of a string that stands for a list outside of an engine */
  readonly list?: ListType;
}
/** a record erased to its leaves; a leaf alone is a row or a value that is no record */
export type Tree<T> =
  | { readonly k: "leaf"; readonly of: T }
  | {
      readonly k: "record";
      readonly fields: readonly (readonly [name: string, value: Tree<T>])[];
      /** it is a value that may be missing: `value`, 0 where it is, and `present`, one bool */
      readonly maybe?: true;
    };
/** a sequence of any length: no kernel reads it */
export interface ListType {
  readonly k: "list";
  readonly of: Tree<LeafType>;
}
/** of a leaf of a row */
export type LeafType = TensorType | ListType;
/** `rows`: their number, where it is known (take, rows of a tensor) */
export interface RddType {
  readonly k: "rdd";
  readonly row: Tree<LeafType>;
  readonly rows?: Dim;
}
export interface TupleType {
  readonly k: "tuple";
  readonly of: readonly TensorType[];
}
export type CoreType = LeafType | RddType | TupleType;

/** an argument known when compiling; dims may still hold symbols */
export type Static =
  | Dim
  | string
  | boolean
  | null
  | readonly Static[]
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, value: Static])[] };

interface Base {
  readonly id: number;
  readonly span: Span;
  /** how many functions deep it depends on a parameter or on chance; 0: outside of all functions */
  readonly depth: number;
}
/** tensor constant: one value for all elements, or all of them, row-major; bool 0 and 1; i32 may hold dims; a string is its place in `CoreProgram.texts` */
export interface Const extends Base {
  readonly k: "const";
  readonly type: TensorType;
  readonly value: Dim | readonly Dim[];
}
/** a `param` of the program that is no compile-time constant */
export interface ParamLeaf extends Base {
  readonly k: "param";
  readonly type: TensorType;
  readonly name: string;
}
/** a parameter of a Fn; identity is the object. `name` is the path of the leaf ("image", "a.b"; "" for a bare row) */
export interface Var extends Base {
  readonly k: "var";
  readonly type: LeafType;
  readonly name: string;
}
export interface Op extends Base {
  readonly k: "op";
  readonly type: CoreType;
  readonly op: string;
  readonly args: readonly Expr[];
  readonly attrs: Readonly<Record<string, Static>>;
  readonly fns: Readonly<Record<string, Fn>>;
  /** of dims and literals alone, scalars without a type: a number of f64 that is rounded where a typed value reads it */
  readonly exact?: true;
  /** of an op of chance: the path of the call in the program; the key is fold_in of what exists at the place (language 4) */
  readonly place?: string;
  /** of the op `train`: what it is beside its args and functions (inner-train.ts) */
  readonly net?: Train;
}
/** one tensor of a tuple */
export interface Get extends Base {
  readonly k: "get";
  readonly type: TensorType;
  readonly of: Expr;
  readonly index: number;
}
/** `of` where it lies in [low, high), else a fault of this place at the end of the step; integers */
export interface Check extends Base {
  readonly k: "check";
  readonly type: TensorType;
  readonly of: Expr;
  readonly low: Dim;
  readonly high: Dim;
  readonly message: string;
}
/** the value that a weight of a net has after its init, load or train */
export interface WeightLeaf extends Base {
  readonly k: "weight";
  readonly type: TensorType;
  readonly net: Net;
  readonly path: string;
}
/** rows of files (type rdd), or the one tensor of a file (npy; `tensor` of a safetensors file) */
export interface Source extends Base {
  readonly k: "source";
  readonly type: RddType | TensorType;
  readonly format: string;
  readonly paths: readonly string[];
  readonly options: Readonly<Record<string, Static>>;
  /** as stored, by leaf path; empty for a tensor */
  readonly columns: Readonly<Record<string, Column>>;
  readonly tensor?: string;
  /** what an engine makes of files and of values computed before: format "engine", `columns` are its result's */
  readonly query?: Rel;
  /**
   * what `given` values of the query are, by number: tensors, which a stage before this one computes; or an rdd, as often as it has columns, which are
   * these values: a table that this stage makes
   */
  readonly given?: readonly Expr[];
  /** a training has it made in each epoch, with what chance gives there */
  readonly anew?: true;
}
/** the rows of a training's epochs: their columns are `Train.columns` */
export interface HistoryLeaf extends Base {
  readonly k: "history";
  readonly type: RddType;
  readonly net: Train;
}
export type Expr = Const | ParamLeaf | Var | Op | Get | Check | WeightLeaf | HistoryLeaf | Source;

/**
 * A function per record. `captures`: every expression from outside that the body reads, by identity, except constants
 * (a Const, or ops of nothing else), which the body holds itself: bind params and captures, then walk the body.
 */
export interface Fn {
  readonly params: readonly Var[];
  readonly captures: readonly Expr[];
  readonly body: Tree<Expr>;
  /** reads chance or is per row of an epoch: it needs the row's identity */
  readonly random: boolean;
  readonly span: Span;
}

export interface Weight {
  readonly path: string;
  readonly type: TensorType;
  /** the value at the start, outside of all functions */
  readonly init: Expr;
  /** it is no weight but state: the step says what it becomes, no optimizer */
  readonly state?: true;
  readonly span: Span;
}
/** weights as the initialisers make them; the places of chance lie in `init` of each weight */
export interface Init {
  readonly k: "init";
  readonly id: number;
  readonly name: string;
  readonly weights: readonly Weight[];
  /** in a function that is called when the program runs: what the weights are there */
  readonly made?: readonly Expr[];
  readonly span: Span;
}
/** weights from a file; `partial`: a weight that is missing or has another shape is initialised, and said */
export interface Load {
  readonly k: "load";
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly format: string;
  readonly partial: boolean;
  readonly weights: readonly Weight[];
  readonly made?: undefined;
  readonly span: Span;
}
/** a weight or state under training: `at` stands for it in the loss */
export interface TrainWeight extends Weight {
  readonly at: Var;
  /** absent: nothing updates it (`freeze`, a model without a loss), or it is state */
  readonly optimizer?: Optimizer;
}
/** per type of weight; `slots` are the leaves of its state s */
export interface Optimizer {
  /** params: w */
  readonly init: Fn;
  /** params: w, g, slots.., t.step and t.epoch (i32); body: { w, s }, s with the leaves of `slots` in order */
  readonly step: Fn;
  readonly slots: readonly (readonly [path: string, type: TensorType])[];
}
/** one update of a step; the updates of a step follow each other */
export interface Update {
  /** in a record of losses; "" where there is one loss */
  readonly key: string;
  /**
   * params: the leaves of a row, those of `carry`, then `at` of each weight; body: { loss, next, carry }: one float scalar, by
   * path what states become, which hangs on records only through `over_batch`, and what is carried on. The step's loss is the
   * mean over the batch
   */
  readonly fn: Fn;
  /** paths of the weights that it updates */
  readonly weights: readonly string[];
}
/** a step that goes over all rows, several times if it likes */
export interface Whole {
  /** the leaves of what it keeps from step to step */
  readonly slots: readonly (readonly [path: string, type: TensorType])[];
  /** paths of the weights that it updates */
  readonly moved: readonly string[];
  /** params: the weights; body: the slots */
  readonly init: Fn;
  /** params: the weights, the slots; body: { loss, ends, next, slots }: the loss of the new weights, whether there is no better one, and by path what changes */
  readonly step: Fn;
}
export interface Train {
  readonly k: "train";
  readonly id: number;
  readonly name: string;
  readonly weights: readonly TrainWeight[];
  /** type rdd */
  readonly rows: Expr;
  readonly updates: readonly Update[];
  /** what each of `batch` streams of rows carries from step to step: its values where an epoch begins */
  readonly carry?: readonly Expr[];
  /** the norm to which all gradients of an update together are cut */
  readonly clip?: Expr;
  readonly batch: Dim;
  readonly epochs: Dim | undefined;
  readonly steps: Dim | undefined;
  readonly shuffle: boolean;
  /** in place of `updates`, of which there are none, and of batches */
  readonly whole?: Whole;
  /** params: `at` of each weight; body: the columns `val.*` of the epoch's row */
  readonly measure?: Fn;
  /** of the row of an epoch: epoch, step, loss (or a loss per key), seconds, val.* */
  readonly columns: readonly (readonly [path: string, type: TensorType])[];
  /** params: the columns; body: one float scalar, least in the best epoch */
  readonly by?: Fn;
  /** params: the columns of this epoch, then of the best; body: one bool */
  readonly stop?: Fn;
  readonly keep: "last" | "best";
  readonly checkpoint?: string;
  readonly strategy: { readonly name: string; readonly options: Readonly<Record<string, Static>> };
  /** of the order of the rows */
  readonly place: string;
  /** in a function that is called when the program runs: the weights there, then the columns of the history */
  readonly made?: readonly Expr[];
  readonly span: Span;
}
export type Net = Init | Load | Train;

/** what is printed or saved */
export type Output =
  /** `present`, one bool: whether the scalar `of` is there */
  | { readonly k: "tensor"; readonly of: Expr; readonly present?: Expr }
  | { readonly k: "text"; readonly text: string }
  | { readonly k: "record"; readonly fields: readonly (readonly [name: string, value: Output])[] }
  | { readonly k: "list"; readonly of: readonly Output[] }
  /** `part`: of a record of models the one of that key, whose weights have their names without it */
  | { readonly k: "net"; readonly net: Net; readonly part?: string }
  /** a vector of integers that are bytes */
  | { readonly k: "utf8"; readonly of: Expr }
  /** of[index]; index is an i32 */
  | { readonly k: "oneOf"; readonly index: Expr; readonly of: readonly Output[] };
export type Effect =
  /** `rows`: of a table that says itself how many are taken, so many are shown */
  | {
      readonly k: "print";
      readonly label?: string;
      readonly value: Output;
      readonly rows?: number;
      readonly span: Span;
    }
  | {
      readonly k: "save";
      readonly path: string;
      readonly format: string;
      readonly value: Output;
      readonly span: Span;
    };

/** `fixed`: it decided a dim, a schema or a branch; else it is an input of the stage and `value` its value */
export interface Param {
  readonly name: string;
  readonly type: TensorType | { readonly k: "string" };
  /** of a tensor its elements row-major, or the path of a .npy file that has them */
  readonly value: ParamValue;
  /** what the program says; absent: it must be given */
  readonly own?: ParamValue;
  readonly fixed: boolean;
  readonly span: Span;
}
/** where a symbol's number comes from: an axis of a source's one tensor, the number of rows of an rdd, an integer value */
export interface Unknown {
  readonly id: string;
  readonly name: string;
  readonly from:
    | { readonly k: "file"; readonly source: Source; readonly axis: number }
    | { readonly k: "rows"; readonly rdd: Expr }
    | { readonly k: "value"; readonly of: Expr };
  readonly span: Span;
}
/** two dims that could not be decided when compiling: checked once, when their symbols are numbers, to be equal, or, with `least`, that a is b or more */
export interface DimCheck {
  readonly a: Dim;
  readonly b: Dim;
  readonly least?: true;
  readonly message: string;
  readonly span: Span;
}
export interface CoreProgram {
  readonly file: string;
  readonly params: readonly Param[];
  readonly symbols: readonly Unknown[];
  readonly checks: readonly DimCheck[];
  /** those that effects need, in the order of the text */
  readonly nets: readonly Net[];
  /** those whose history is read */
  readonly histories: readonly Train[];
  readonly effects: readonly Effect[];
  /** strings that constants are, by number: they come first in the run's table of strings */
  readonly texts: readonly string[];
}

/** the leaves of a tree with their paths: "a.b"; "" for a bare leaf */
export function leaves<T>(t: Tree<T>, path = ""): readonly (readonly [path: string, leaf: T])[] {
  if (t.k === "leaf") return [[path, t.of]];
  return t.fields.flatMap(([n, v]) => leaves(v, path ? `${path}.${n}` : n));
}
export function mapTree<T, U>(t: Tree<T>, f: (leaf: T, path: string) => U, path = ""): Tree<U> {
  if (t.k === "leaf") return { k: "leaf", of: f(t.of, path) };
  const fields = t.fields.map(([n, v]) => [n, mapTree(v, f, path ? `${path}.${n}` : n)] as const);
  return t.maybe ? { k: "record", fields, maybe: true } : { k: "record", fields };
}
export function tensorLeaf(t: LeafType): TensorType {
  if (t.k === "list") throw new Error("internal: a list where a tensor is needed");
  return t;
}
/** ops whose result has as many rows as their rdd */
const KEEP_ROWS: ReadonlySet<string> = new Set(["rdd.map", "rdd.shuffle", "rdd.number", "rdd.word", "rdd.cache"]);
/** what to count instead of an rdd: nothing that its number of rows does not hang on */
export function countedOf(rdd: Expr): Expr {
  let e = rdd;
  while (e.k === "op" && KEEP_ROWS.has(e.op)) e = e.args[0]!;
  return e;
}
/** the rdds that a source is made of in its own stage */
export const tablesOf = ({ given = [] }: Source): readonly Expr[] => [
  ...new Set(given.filter(e => e.type.k === "rdd" && !isOpen(e))),
];
/** the format of a source that stands for a table, which the op `rdd.query` of the source that is given it has */
export const OPEN = "table";
const isOpen = (e: Expr): boolean => e.k === "source" && e.format === OPEN;
/** the expressions that an expression reads directly, the captures of its functions among them */
export const inputsOf = (e: Expr): readonly Expr[] => {
  switch (e.k) {
    case "op":
      return [...e.args, ...Object.values(e.fns).flatMap(f => f.captures)];
    case "get":
    case "check":
      return [e.of];
    case "const":
    case "param":
    case "var":
    case "weight":
    case "history":
      return [];
    case "source":
      return e.given ?? [];
    default:
      return e satisfies never;
  }
};
/** all functions of a training, each once; `of` says what each is */
export function fnsOfTrain(net: Train): readonly (readonly [of: string, Fn])[] {
  const out = new Map<Fn, string>();
  const add = (of: string, f: Fn | undefined): void => {
    if (f && !out.has(f)) out.set(f, of);
  };
  for (const u of net.updates) add(u.key === "" ? "loss" : `loss ${u.key}`, u.fn);
  for (const w of net.weights) {
    add("init", w.optimizer?.init);
    add("step", w.optimizer?.step);
  }
  add("start", net.whole?.init);
  add("next", net.whole?.step);
  add("measure", net.measure);
  add("by", net.by);
  add("stop", net.stop);
  return [...out].map(([f, of]) => [of, f]);
}
