/** What an op is: one record with its signature, meaning, gradient, lifting and kernel. Passes ask the record and never name an op. */
import type { Index, Item, Val as KernelVal, Phase } from "./kernel.ts";
import type { IndexMap } from "./map.ts";
import type { Attrs, Blob, Fn, Node } from "./node.ts";
import type { Selection } from "./plan.ts";
import type { Dim, Type } from "./type.ts";

/** the arguments do not fit the op; `message` is in the IR's terms */
export class TypeMismatch extends Error {}
/** thrown by a grad rule: with these attributes there is no gradient. `message`: through what, as a person says it */
export class NoGradient extends Error {}

/** a tensor's elements in row-major order; i64 as bigint, everything else as number (bool 0 or 1) */
export interface TensorValue {
  readonly k: "tensor";
  readonly shape: readonly number[];
  readonly data: Float64Array | BigInt64Array;
}
export interface TupleValue {
  readonly k: "tuple";
  readonly of: readonly Value[];
}
/** columns over `rows` rows in the order of the rdd; `id`: the number of each row in its source, which keys chance */
export interface RddValue {
  readonly k: "rdd";
  readonly rows: number;
  readonly columns: Readonly<Record<string, TensorValue>>;
  readonly id: readonly number[];
  /** what the rdd is in epoch e, where chance in it advances with the epochs of a training; absent: the same in all */
  readonly epoch?: (e: number) => RddValue;
  /** of a source that an engine makes of tables: what it is for these tables in epoch e */
  readonly made?: (tables: readonly RddValue[], e: number) => RddValue;
}
export type Value = TensorValue | TupleValue | RddValue;

/** n: the number of records of the Fn being evaluated; call: evaluates a closed Fn */
export interface EvalContext {
  readonly n: number;
  readonly call: (f: Fn, args: readonly Value[], n: number) => readonly Value[];
  readonly fault: (site: number, record: number) => void;
  /** f's results, then the gradients of the first for the parameters `wrt`: differentiation is a pass, so the caller lends it */
  readonly gradient?: (f: Fn, wrt: readonly number[]) => Fn;
}

/**
 * A value in f64 beside at least the distance of any correct result in the element. undecided: which side of a comparison, a jump or an
 * overflow it lies on is not known either, so only its type and count are.
 */
export interface Bounded {
  readonly value: TensorValue;
  readonly error: Float64Array;
  readonly undecided: Uint8Array;
}
export type BoundRule = (args: readonly Bounded[], node: Node, cx: EvalContext) => Bounded;

/**
 * Reverse rule. `cotangents`: one per result of the node (a tensor op has one); undefined where nothing flows.
 * Returns one cotangent per argument; undefined where nothing flows back. Built from differentiable nodes only, so grad(grad(f)) works.
 */
export type GradRule = (node: Node, cotangents: readonly (Node | undefined)[]) => readonly (Node | undefined)[];
/** vmap rule: args[i] has a leading dim `n` where mapped[i]; the result gets one, too. At least one argument is mapped */
export type LiftRule = (node: Node, args: readonly Node[], mapped: readonly boolean[], n: Dim) => Node;
/** whether a node with these arguments mapped lifts, where not all do; `inside`: whether a Fn lifts with these parameters mapped */
export type LiftsRule = (
  node: Node,
  mapped: readonly boolean[],
  inside: (f: Fn, mapped: readonly boolean[]) => boolean,
) => boolean;

/** What a node is to the kernel builder (passes/fuse) */
export type KernelRule =
  /** an index map over argument 0: absorbed into the reader's access. rowMajor: keeps the row-major order (reshape), so a stored argument is the result in another shape */
  | { readonly k: "view"; readonly map: (node: Node) => IndexMap; readonly rowMajor?: boolean }
  /** a value computed at each point from the coordinates and its arguments at the same point: full, iota, n, casts, lane ops. `cheap`: cloned into every reader */
  | { readonly k: "point"; readonly cheap: boolean; readonly value: (node: Node, cx: KernelContext) => KernelVal }
  /** phases of its own */
  | { readonly k: "phases"; readonly build: (node: Node, cx: KernelContext) => readonly Phase[] }
  /** no kernel: these bytes lie in memory before the first step */
  | { readonly k: "stored"; readonly bytes: (node: Node) => Blob }
  /** no kernel: in, get, control; the schedule knows its form from the record's `control` */
  | { readonly k: "none" };
export interface KernelContext {
  /** argument i at these coordinates, one Index per dim of the argument: views and cheap points are absorbed here */
  readonly read: (i: number, at: readonly Index[]) => KernelVal;
  /** coordinate d of the point being computed (point rules) */
  readonly at: readonly Index[];
  /** stores into the result at these coordinates */
  readonly out: (at: readonly Index[], value: KernelVal) => Item;
}

/** a Selection of the plan, less the feeds it is made from and the place of the seed, which is argument 1 */
type Distributed<S> = S extends { readonly from: number } ? Omit<S, "from" | "seed" | "tables"> : never;
export type Chosen = Distributed<Selection>;

/** how the schedule treats a node that is no kernel */
export type Control =
  | "param" // in{i}
  | "get"
  | "call" // inlined before fuse
  | "map"
  | "grad"
  | "batches" // a loop over batches of an rdd
  | "loop" // a loop over states
  | "clock" // the time
  | "select" // an rdd op that only chooses and orders rows
  | "rows"; // an rdd op that computes rows (rdd.map); gone after segment

export interface Op {
  readonly name: string;
  readonly doc: string;
  /** throws TypeMismatch */
  readonly type: (args: readonly Type[], attrs: Attrs) => Type;
  /** the meaning: f64 inside, rounded to the element at the end */
  readonly eval: (args: readonly Value[], node: Node, cx: EvalContext) => Value;
  /** absent: the result is exact where all arguments are, else undecided */
  readonly bound?: BoundRule;
  readonly grad: "none" | "zero" | GradRule;
  /** "none": the records are gone through one by one */
  readonly lift: "none" | LiftRule;
  /** absent: unless `lift` is "none" */
  readonly lifts?: LiftsRule;
  readonly kernel: KernelRule;
  readonly control?: Control;
  /** of control "select": how the rows of argument 0 are chosen */
  readonly selection?: (node: Node) => Chosen;
  /** of an op that reads the rows of argument 0: the same value where `rows`, with control "rows", is argument 0, reading what `rows` is made from */
  readonly through?: (node: Node, rows: Node) => Node;
  /** present unless the op is a primitive: the same value from simpler nodes */
  readonly decompose?: (node: Node) => Node;
  /** the same of several nodes of this op with one argument 0, none of which depends on another: they share what they read */
  readonly decomposeAll?: (nodes: readonly Node[]) => readonly Node[];
  /** a random well-typed application to some of `given` for the fuzzer, or undefined where none fits */
  readonly sample?: (rng: Rng, given: readonly Node[]) => Node | undefined;
}
/** a seeded generator: `int(n)` in [0, n), `pick` one of a list, `normal` a standard normal */
export interface Rng {
  readonly int: (n: number) => number;
  readonly pick: <T>(xs: readonly T[]) => T;
  readonly normal: () => number;
}
