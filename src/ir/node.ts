/** GRAPH's data: immutable hash-consed nodes, closed functions, attributes, and the pool that makes them. Knows no op. */
import type { Op } from "./op.ts";
import { type Stored, showType, type Type } from "./type.ts";

/** bytes of a constant tensor, plain layout, little endian */
export interface Blob {
  readonly k: "blob";
  readonly store: Stored;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}
/** keyed by sorted name; numbers by their f64 bits, so 0 and -0, NaN and NaN are what they are */
export type Attr = number | string | boolean | readonly Attr[] | Fn | Blob;
export type Attrs = Readonly<Record<string, Attr>>;

/** identity is the object: equal op, args, attrs and type give the same node */
export interface Node {
  readonly k: "node";
  readonly id: number;
  readonly op: Op;
  readonly args: readonly Node[];
  readonly attrs: Attrs;
  readonly type: Type;
}
/** CLOSED: captures are parameters. Parameter i is the leaf `in{i}` of that type. Interned like a node */
export interface Fn {
  readonly k: "fn";
  readonly id: number;
  readonly params: readonly Type[];
  readonly results: readonly Node[];
}
/** a place in a source file: 1-based lines and columns, end exclusive, offsets in UTF-16 units */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

const nodes = new Map<string, Node>();
const fns = new Map<string, Fn>();
const spans = new WeakMap<Node, readonly Span[]>();
let serial = 0;

/** one pool per compile: forgets all nodes and functions */
export function resetPool(): void {
  nodes.clear();
  fns.clear();
}

const bits = new DataView(new ArrayBuffer(8));
function key(a: Attr): string {
  switch (typeof a) {
    case "number":
      bits.setFloat64(0, a);
      return `n${bits.getBigUint64(0).toString(16)}`;
    case "string":
      return `s${a.length}:${a}`;
    case "boolean":
      return a ? "t" : "f";
    case "object":
      if ("k" in a) return a.k === "fn" ? `F${a.id}` : `B${a.store}${a.sha256}`;
      return `[${a.map(key).join(",")}]`;
    default:
      return a satisfies never;
  }
}
const attrsKey = (attrs: Attrs): string =>
  Object.keys(attrs)
    .sort()
    .map(n => `${n}=${key(attrs[n]!)}`)
    .join(";");

/** the node of `op` over `args`; its type by the op's rule, which throws a TypeMismatch */
export function make(op: Op, args: readonly Node[], attrs: Attrs = {}): Node {
  return intern(op, args, attrs, undefined);
}
/** a node whose type nothing tells: in{i}, input{path} */
export function leaf(op: Op, attrs: Attrs, type: Type): Node {
  return intern(op, [], attrs, type);
}
function intern(op: Op, args: readonly Node[], attrs: Attrs, given: Type | undefined): Node {
  const k = `${op.name}(${args.map(a => a.id).join(",")}){${attrsKey(attrs)}}${given ? `${showType(given)}${below(given)}` : ""}`;
  const old = nodes.get(k);
  if (old) return old;
  const type =
    given ??
    op.type(
      args.map(a => a.type),
      attrs,
    );
  const node: Node = { k: "node", id: ++serial, op, args, attrs, type };
  nodes.set(k, node);
  return node;
}
const below = (t: Type): string =>
  t.k === "tensor" && t.below !== undefined ? ` below ${JSON.stringify(t.below)}` : "";

export function fn(params: readonly Type[], results: readonly Node[]): Fn {
  const k = `${params.map(p => showType(p) + below(p)).join(",")}=>${results.map(r => r.id).join(",")}`;
  let f = fns.get(k);
  if (!f) {
    f = { k: "fn", id: ++serial, params, results };
    fns.set(k, f);
  }
  return f;
}

export const spansOf = (n: Node): readonly Span[] => spans.get(n) ?? [];
/** unites: an equal node met twice belongs to both places */
export function addSpans(n: Node, more: readonly Span[]): Node {
  const old = spansOf(n);
  const fresh = more.filter(s => !old.some(o => o.file === s.file && o.start === s.start && o.end === s.end));
  if (fresh.length) spans.set(n, [...old, ...fresh]);
  return n;
}

/** all nodes that the roots reach, arguments first, each once; explicit stack. Does not enter the Fns of attributes */
export function topological(roots: readonly Node[]): readonly Node[] {
  const out: Node[] = [];
  const state = new Map<Node, 1 | 2>();
  const stack: Node[] = [...roots].reverse();
  while (stack.length) {
    const n = stack[stack.length - 1]!;
    const s = state.get(n);
    if (s === 2) {
      stack.pop();
      continue;
    }
    if (s === 1) {
      state.set(n, 2);
      out.push(n);
      stack.pop();
      continue;
    }
    state.set(n, 1);
    for (let i = n.args.length - 1; i >= 0; i--) if (!state.has(n.args[i]!)) stack.push(n.args[i]!);
  }
  return out;
}
export const fnsOf = (n: Node): readonly Fn[] =>
  Object.values(n.attrs).filter((a): a is Fn => typeof a === "object" && "k" in a && a.k === "fn");
