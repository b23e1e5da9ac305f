/**
 * Where Core expressions become GRAPH nodes: one scope per GRAPH function, and what a stage collects while it is built
 * (inputs, sites). Knows no op; walks Core with an explicit stack.
 */
import { addSpans, fn as closeGraph, type Fn as GraphFn, type Node, type Span, spansOf } from "../../ir/node.ts";
import * as g from "../../ir/ops/index.ts";
import type { Input, Site } from "../../ir/stage.ts";
import {
  type Elem,
  type Dim as GraphDim,
  type TensorType as GraphTensor,
  dim as graphDim,
  type Type,
  tensor,
} from "../../ir/type.ts";
import { type Dim, isBatch, showDim, substitute, symbolsOf } from "../check/dims.ts";
import { type CoreElem, type Expr, type Fn, inputsOf, leaves, type TensorType, tablesOf } from "../core.ts";
import { diagnostic } from "../diagnostics/catalogue.ts";
import { limit, refuse } from "./limit.ts";

/** what is the same in all functions of a stage */
export interface Building {
  readonly dims: ReadonlyMap<string, number>;
  readonly inputs: Input[];
  readonly types: Type[];
  readonly sites: Site[];
  /** numbers that are not rounded yet (lower/exact.ts) */
  readonly exact: Map<Expr, number>;
  readonly lower: (e: Expr, scope: Scope) => Node;
}
/** what chance depends on in a function, u32[] each, folded into the key in this order */
export interface When {
  /** epoch, step, iterations */
  readonly time: readonly Node[];
  /** lo, hi */
  readonly row: readonly Node[];
}
export const NEVER: When = { time: [], row: [] };
/** one GRAPH function under construction */
export interface Scope {
  readonly building: Building;
  readonly values: Map<Expr, Node>;
  /** u32[2]: the two words of --seed */
  readonly seed: () => Node;
  readonly when: When;
}

/** the number that a dim is in this stage */
export function extent(d: Dim, b: Building, span: Span): number {
  const n = substitute(d, id => b.dims.get(id));
  if (typeof n === "number") return n;
  if (onRecords(n))
    return refuse(
      diagnostic(
        "dims",
        `a number is needed here, and ${showDim(n)} is another one in each step: the last of an epoch may have fewer records`,
        span,
        { help: "sum, mean, max, @, sort and what goes element by element take over_batch as it is" },
      ),
    );
  const open = symbolsOf(n)
    .map(s => `\`${s.name}\``)
    .join(" and ");
  return limit(
    `a dim that is known only when data has been seen (${showDim(d)}, by ${open})`,
    "write the number, or read it from the header of a file",
    span,
  );
}
const onRecords = (...all: readonly Dim[]): boolean => all.some(d => symbolsOf(d).some(s => isBatch(s.id)));
/** the side of a GRAPH tensor: a number, or inside of a step what hangs on the number of records */
export function side(d: Dim, b: Building, span: Span): GraphDim {
  const n = substitute(d, id => b.dims.get(id));
  if (typeof n === "number" || !onRecords(n)) return extent(n, b, span);
  // a multiple of it and a number: at a few numbers of records div(batch, 7) looks like one, too
  const isPlain = n.terms.every(
    ({ atoms }) => atoms.length <= 1 && atoms.every(a => a.k === "symbol" || !onRecords(a.a, a.b)),
  );
  if (!isPlain)
    return refuse(
      diagnostic("dims", `a side of ${showDim(n)}, of a step with any number of records`, span, {
        help: "keep the axis of over_batch as it is",
      }),
    );
  const at = (records: number): number =>
    extent(
      substitute(n, id => (isBatch(id) ? records : undefined)),
      b,
      span,
    );
  const zero = at(0);
  return graphDim(at(1) - zero, zero);
}
export const graphElem = (e: CoreElem): Elem => (e === "u8" || e === "string" ? "i32" : e === "time" ? "i64" : e);
export const graphType = (t: TensorType, b: Building, span: Span): GraphTensor =>
  tensor(
    graphElem(t.elem),
    t.shape.map(d => side(d, b, span)),
  );
export function tensorOf(e: Expr): TensorType {
  if (e.type.k !== "tensor") throw new Error(`internal: lower met a ${e.type.k} where a tensor is needed`);
  return e.type;
}

/** parameter of `main` for an input of the stage */
export function addInput(b: Building, input: Input, type: Type): Node {
  b.inputs.push(input);
  b.types.push(type);
  return g.parameter(b.inputs.length - 1, type);
}
export function siteOf(b: Building, span: Span, message: string): number {
  const i = b.sites.findIndex(s => s.message === message && s.span.file === span.file && s.span.start === span.start);
  return i >= 0 ? i : b.sites.push({ span, message }) - 1;
}

/** the nodes of expressions; every node that is made for an expression gets its span */
export function evaluate(roots: readonly Expr[], scope: Scope): readonly Node[] {
  const stack = [...roots].reverse();
  while (stack.length) {
    const e = stack[stack.length - 1]!;
    if (scope.values.has(e)) {
      stack.pop();
      continue;
    }
    // the tensors that an engine is given a stage before has computed
    const open = (e.k === "source" ? tablesOf(e) : inputsOf(e)).filter(i => !scope.values.has(i));
    if (open.length) {
      for (let i = open.length - 1; i >= 0; i--) stack.push(open[i]!);
      continue;
    }
    stack.pop();
    scope.values.set(e, mark(scope.building.lower(e, scope), e.span));
  }
  return roots.map(r => scope.values.get(r)!);
}
/** gives the span to the node and to those behind it that have none */
export function mark(root: Node, span: Span): Node {
  const stack = [...root.args];
  addSpans(root, [span]);
  while (stack.length) {
    const n = stack.pop()!;
    if (spansOf(n).length) continue;
    addSpans(n, [span]);
    stack.push(...n.args);
  }
  return root;
}
export const nodeOf = (e: Expr, scope: Scope): Node => {
  const v = scope.values.get(e);
  if (!v) throw new Error("internal: an argument was not lowered before its reader");
  return v;
};

/** the body of a function with nodes for its parameters, in a scope where the captures have nodes; results by leaf */
export function apply(f: Fn, args: readonly Node[], scope: Scope): readonly Node[] {
  const values = new Map<Expr, Node>();
  for (const [i, p] of f.params.entries()) values.set(p, args[i]!);
  for (const c of f.captures) values.set(c, nodeOf(c, scope));
  return evaluate(
    leaves(f.body).map(([, e]) => e),
    { ...scope, values },
  );
}

/** a GRAPH function under construction: parameters in the order in which they are asked for */
export interface Closing {
  /** a parameter of that type; gives the node inside */
  readonly parameter: (type: Type) => Node;
  /** a node of the scope outside as a parameter; once per node */
  readonly capture: (outside: Node) => Node;
  /** the nodes outside that the captures stand for, in order */
  readonly captured: readonly Node[];
  readonly close: (results: readonly Node[]) => GraphFn;
}
export function closing(): Closing {
  const types: Type[] = [];
  const captured: Node[] = [];
  const inside = new Map<Node, Node>();
  const parameter = (type: Type): Node => {
    types.push(type);
    return g.parameter(types.length - 1, type);
  };
  return {
    parameter,
    capture: outside => {
      let p = inside.get(outside);
      if (!p) {
        p = addSpans(parameter(outside.type), spansOf(outside));
        inside.set(outside, p);
        captured.push(outside);
      }
      return p;
    },
    captured,
    close: results => closeGraph(types, results),
  };
}
/** binds the captures of a Core function inside a closing function */
export function bindCaptures(f: Fn, outside: Scope, into: Closing, values: Map<Expr, Node>): void {
  for (const c of f.captures) values.set(c, into.capture(nodeOf(c, outside)));
}
