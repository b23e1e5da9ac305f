/** What must hold of a closed function at each stage of the passes: one table. Knows no op but by its record. */
import { paramOf } from "./inline.ts";
import { type Fn, fnsOf, type Node, topological } from "./node.ts";
import { TypeMismatch } from "./op.ts";
import { sameType, showType, type Type } from "./type.ts";

/** after lowering; after segment: no rows are computed but in batches; after expand: no function is applied but by batches; for kernels: tensors only */
export type Form = "source" | "segmented" | "expanded" | "kernel";
export interface Problem {
  readonly check: string;
  readonly message: string;
  readonly node: Node;
}
export interface Scope {
  readonly f: Fn;
  readonly form: Form;
  /** may dims have an N in them */
  readonly records: boolean;
}
interface Check {
  readonly name: string;
  readonly doc: string;
  /** what is wrong, or undefined */
  readonly run: (node: Node, scope: Scope) => string | undefined;
}

const isParam = (n: Node): boolean => n.op.control === "param";
const hasRecords = (t: Type): boolean => {
  switch (t.k) {
    case "tensor":
      return t.shape.some(d => typeof d !== "number");
    case "tuple":
      return t.of.some(hasRecords);
    case "rdd":
      return false;
    default:
      return t satisfies never;
  }
};
const hasRdd = (t: Type): boolean => t.k === "rdd" || (t.k === "tuple" && t.of.some(hasRdd));

const checks: readonly Check[] = [
  {
    name: "types",
    doc: "a node's type is what its op's rule gives",
    run: node => {
      if (isParam(node)) return undefined;
      try {
        const type = node.op.type(
          node.args.map(a => a.type),
          node.attrs,
        );
        return sameType(type, node.type) ? undefined : `has ${showType(node.type)}, its rule gives ${showType(type)}`;
      } catch (e) {
        if (e instanceof TypeMismatch) return e.message;
        throw e;
      }
    },
  },
  {
    name: "closed",
    doc: "every parameter read is one of the function's, with its type",
    run: (node, { f }) => {
      if (!isParam(node)) return undefined;
      const p = f.params[paramOf(node)];
      if (!p) return `parameter ${paramOf(node)} of ${f.params.length}`;
      return sameType(p, node.type) ? undefined : `${showType(node.type)} where the parameter is ${showType(p)}`;
    },
  },
  {
    name: "form",
    doc: "segment leaves no computed rows, expand no map, grad, call and nothing that decomposes, kernels no rdd",
    run: (node, { form }) => {
      const control = node.op.control;
      if (form === "source") return undefined;
      if (control === "rows") return "rows are computed after segment";
      if (form === "segmented") return undefined;
      if (control === "map" || control === "grad" || control === "call") return "a function is applied after expand";
      if (node.op.decompose) return "is no primitive after expand";
      return form === "kernel" && hasRdd(node.type) ? "an rdd in a kernel" : undefined;
    },
  },
  {
    name: "records",
    doc: "N stands only in functions over a batch of records",
    run: (node, { records }) =>
      !records && hasRecords(node.type) ? `${showType(node.type)} outside a batch` : undefined,
  },
];

/** all problems of f and of the functions in it, in order. `records`: may f itself have dims with N */
export function verify(f: Fn, form: Form, records = true): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<Fn>();
  const stack: Scope[] = [{ f, form, records }];
  for (let scope = stack.pop(); scope; scope = stack.pop()) {
    if (seen.has(scope.f)) continue;
    seen.add(scope.f);
    for (const node of topological(scope.f.results)) {
      for (const check of checks) {
        const message = check.run(node, scope);
        if (message !== undefined) problems.push({ check: check.name, message: `${node.op.name}: ${message}`, node });
      }
      for (const g of fnsOf(node)) stack.push({ f: g, form, records: true });
    }
  }
  return problems;
}
/** throws an internal error that names the pass and the first problems */
export function assertValid(f: Fn, form: Form, after: string, records = true): void {
  const problems = verify(f, form, records);
  if (problems.length === 0) return;
  const lines = problems.slice(0, 5).map(p => `  ${p.check}: ${p.message}`);
  throw new Error(`internal: after ${after} the graph is wrong:\n${lines.join("\n")}`);
}
