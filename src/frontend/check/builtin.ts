/**
 * What a starred name of the prelude is to check: one record. The records lie in check/builtins/*, one file per family;
 * those that take functions, rdds, models or names of columns are part of check itself (check/special.ts), because they
 * are more than a typed operation on tensors. Knows nothing of GRAPH: `op` is the name under which lower finds the rest.
 */
import type { CoreElem, Static, TensorType, Tree } from "../core.ts";
import type { Dim } from "./dims.ts";

/**
 * A number, bool or tensor known when compiling. "int" and "decimal" are literals that still take the type of their
 * neighbour. Elements may be dims where elem is int or i32. Row-major; bool is 0 and 1.
 */
export interface Constant {
  readonly k: "constant";
  readonly elem: CoreElem | "int" | "decimal";
  readonly shape: readonly number[];
  readonly data: readonly Dim[];
}

/** a call whose arguments fit the signature: what `result` and `foldCall` may ask */
export interface BuiltinCall {
  /** the type of a tensor argument (also of a constant, after its literal was typed); for a `list` argument of each */
  readonly type: (formal: string) => TensorType;
  readonly types: (formal: string) => readonly TensorType[];
  /** true where the argument is there: not left out, not none */
  readonly has: (formal: string) => boolean;
  /** a `fixed` argument: number, dim, string, bool, null (none), lists of these */
  readonly fixed: (formal: string) => Static;
  /** a `fixed` argument as an integer; as a list of dims (a number is a list of one); throws the diagnostic */
  readonly integer: (formal: string) => number;
  readonly dims: (formal: string) => readonly Dim[];
  /** an axis in [0, rank); negative counts from the end; throws the diagnostic */
  readonly axis: (formal: string, rank: number) => number;
  /** an error of this call, at that argument if given: "slice reaches 34, axis 1 has 32" */
  readonly fail: (message: string, formal?: string, help?: string) => never;
}

export interface Builtin {
  /** key of its lowering, and the `op` of its Core node */
  readonly op: string;
  /**
   * In the language's own syntax: `one_hot(i: int[...], n: int) -> f32[..., n]`. A formal without a type takes any tensor.
   * `list` before a type takes a list or, as its slices along axis 0, a tensor. Without `->` the result is `lane`'s or `result`'s.
   * float, number: one type at all occurrences, operands are promoted to it; int: any integer type, each on its own.
   */
  readonly signature: string;
  /** formals that must be known when compiling: they reach lower as `attrs`, not as `args` */
  readonly fixed?: readonly string[];
  /**
   * The operands (all formals that are not fixed) are promoted to one element type and broadcast together, as operators do.
   * same: the result has that type; float: integers become f32 (i64: f64) first; bool: result is bool.
   */
  readonly lane?: "same" | "float" | "bool";
  /** per element of constants, for `lane`; foldDims where an argument holds a symbol (div, maximum) */
  readonly fold?: (...x: readonly number[]) => number;
  readonly foldDims?: (...x: readonly Dim[]) => Dim | undefined;
  /** a constant of constants, for what is no lane op: concat of shapes, range of a small number */
  readonly foldCall?: (
    call: BuiltinCall,
    args: Readonly<Record<string, Constant | readonly Constant[]>>,
  ) => Constant | undefined;
  /** the type of the result, where the signature cannot say it: one tensor, or a record of tensors (top_k) */
  readonly result?: (call: BuiltinCall) => TensorType | Tree<TensorType>;
  /** draws: the node gets its place, `seed` (an operand where given) comes last in args, and it is evaluated per record */
  readonly random?: true;
  /** its gradient is zero (argmax, floor, comparisons): message 14 names it */
  readonly flat?: true;
  /** what to write instead: it is known, its arguments are bound, and its use ends in a Limit */
  readonly notBuilt?: string;
}
