/**
 * GRAPH as text: each function once, one node per line, nodes shared by names. parse(print(f)) is f. Knows no op: attributes are printed
 * as what they are.
 *
 *   (graph
 *     (fn @0 ((f32 N 4) (f32 4 2))
 *       (%0 contract x0 x1 (spec "ik,kj->ij"))
 *       (results %0)))
 */
import { paramOf } from "./inline.ts";
import {
  type Attr,
  addSpans,
  type Blob,
  type Fn,
  fn,
  fnsOf,
  leaf,
  make,
  type Node,
  type Span,
  spansOf,
  topological,
} from "./node.ts";
import { allOps, op } from "./ops/index.ts";
import {
  array,
  boolean,
  type Codec,
  isList,
  listOf,
  malformed,
  name,
  number,
  oneOf,
  read,
  record,
  type Sexpr,
  show,
} from "./sexpr.ts";
import {
  type Column,
  type Dim,
  dim,
  type Elem,
  type RddType,
  type Stored,
  showDim,
  type Type,
  tensor,
  tuple,
} from "./type.ts";

/** what stands for functions, blobs and nodes: names when printing, the things when parsing */
interface Names {
  readonly fns: Map<string, Fn>;
  readonly blobs: Map<string, Blob>;
  readonly nameOf: Map<Fn | Blob, string>;
}
const noNames = (): Names => ({ fns: new Map(), blobs: new Map(), nameOf: new Map() });
type C<T> = Codec<T, Names>;

// ---- types

const ELEMS = ["bool", "i32", "u32", "i64", "f16", "f32", "f64"] as const satisfies readonly Elem[];
const STORED = [...ELEMS, "u8", "i8", "u16", "bf16"] as const satisfies readonly Stored[];
const elem = oneOf<Elem>(...ELEMS);
const dimension: C<Dim> = {
  print: d => (typeof d === "number" ? d : showDim(d)),
  parse: s => {
    if (typeof s === "number") return s;
    const m = typeof s === "string" ? /^(-?\d*)N([+-]\d+)?$/.exec(s) : null;
    if (!m) return malformed("a dim", s);
    return dim(m[1] === "" ? 1 : Number(m[1]), Number(m[2] ?? 0));
  },
};
const column: C<readonly [string, Column]> = {
  print: ([key, c]) => [{ text: key }, c.store, c.shape, c.nullable ? "null" : "full"],
  parse: (s, cx) => {
    const [key, store, shape, nullable] = listOf("a column", s);
    return [
      name.parse(key!, cx),
      {
        store: oneOf(...STORED, "string", "time").parse(store!, cx),
        shape: array(number).parse(shape!, cx),
        nullable: oneOf("null", "full").parse(nullable!, cx) === "null",
      },
    ];
  },
};
const order = oneOf<RddType["order"]>("source", "key", "none");
const type: C<Type> = {
  print: (t, cx) => {
    switch (t.k) {
      case "tensor": {
        const dims = t.shape.map(d => dimension.print(d, cx));
        const below: readonly Sexpr[] = t.below === undefined ? [] : [":below", dimension.print(t.below, cx)];
        return dims.length + below.length === 0 ? t.elem : [t.elem, ...dims, ...below];
      }
      case "tuple":
        return ["tuple", ...t.of.map(x => type.print(x, cx))];
      case "rdd":
        return ["rdd", t.order, ...Object.entries(t.row).map(c => column.print(c, cx))];
      default:
        return t satisfies never;
    }
  },
  parse: (s, cx) => {
    if (!isList(s)) return tensor(elem.parse(s, cx));
    const [head, ...rest] = s;
    if (head === "tuple") return tuple(...rest.map(t => type.parse(t, cx)));
    if (head === "rdd")
      return {
        k: "rdd",
        order: order.parse(rest[0]!, cx),
        row: Object.fromEntries(rest.slice(1).map(c => column.parse(c, cx))),
      };
    const at = rest.indexOf(":below");
    const dims = rest.slice(0, at < 0 ? rest.length : at).map(d => dimension.parse(d, cx));
    return tensor(elem.parse(head!, cx), dims, at < 0 ? undefined : dimension.parse(rest[at + 1]!, cx));
  },
};

// ---- attributes

/** numbers, texts, truths and lists as they are; @f a function, #b a blob */
const attr: C<Attr> = {
  print: (a, cx) => {
    switch (typeof a) {
      case "number":
        return a;
      case "string":
        return { text: a };
      case "boolean":
        return boolean.print(a, cx);
      case "object":
        return "k" in a ? cx.nameOf.get(a)! : a.map(x => attr.print(x, cx));
      default:
        return a satisfies never;
    }
  },
  parse: (s, cx) => {
    if (typeof s === "number") return s;
    if (isList(s)) return s.map(x => attr.parse(x, cx));
    if (typeof s === "object" && "text" in s) return s.text;
    if (typeof s !== "string") return malformed("an attribute", s);
    if (s.startsWith("@")) return cx.fns.get(s) ?? malformed("a function that stands above", s);
    if (s.startsWith("#")) return cx.blobs.get(s) ?? malformed("a blob that stands above", s);
    return boolean.parse(s, cx);
  },
};
const span: C<Span> = record<Span, Names>("at", undefined, {
  file: { print: v => ({ text: v }), parse: name.parse },
  start: number,
  end: number,
  line: number,
  column: number,
});

// ---- blobs

export const base64 = (bytes: Uint8Array): string => {
  let out = "";
  for (let i = 0; i < bytes.length; i += 8190) out += String.fromCharCode(...bytes.subarray(i, i + 8190));
  return btoa(out);
};
const decode = (s: string): Uint8Array => Uint8Array.from(atob(s), c => c.charCodeAt(0));
const blob: C<Blob> = {
  print: b => ["blob", b.store, b.sha256, { text: base64(b.bytes) }],
  parse: (s, cx) => {
    const [head, store, sha256, bytes] = listOf("a blob", s);
    if (head !== "blob") malformed("a blob", s);
    return {
      k: "blob",
      store: oneOf(...STORED).parse(store!, cx),
      sha256: name.parse(sha256!, cx),
      bytes: decode(name.parse(bytes!, cx)),
    };
  },
};

// ---- functions

/** f after the functions in it, each once; explicit stack */
function innerFirst(root: Fn): readonly Fn[] {
  const out: Fn[] = [];
  const open = new Set<Fn>();
  const stack = [root];
  while (stack.length) {
    const f = stack[stack.length - 1]!;
    const inner = open.has(f) ? [] : topological(f.results).flatMap(fnsOf);
    open.add(f);
    const missing = inner.filter(g => !open.has(g));
    if (missing.length) {
      stack.push(...missing);
      continue;
    }
    stack.pop();
    if (!out.includes(f)) out.push(f);
  }
  return out;
}
const blobsIn = (a: Attr): readonly Blob[] => {
  if (typeof a !== "object") return [];
  if ("k" in a) return a.k === "blob" ? [a] : [];
  return a.flatMap(blobsIn);
};
export interface PrintOptions {
  /** the places of nodes in the source text */
  readonly spans?: boolean;
}

export function print(f: Fn, options: PrintOptions = {}): string {
  const fns = innerFirst(f);
  const blobs = new Map<string, Blob>();
  for (const g of fns)
    for (const n of topological(g.results))
      for (const b of Object.values(n.attrs).flatMap(blobsIn)) blobs.set(`${b.store}${b.sha256}`, b);
  const cx = noNames();
  const lines: string[] = [];
  for (const b of blobs.values()) {
    cx.nameOf.set(b, `#${cx.nameOf.size}`);
    lines.push(show([`#${cx.nameOf.size - 1}`, blob.print(b, cx)], Number.POSITIVE_INFINITY));
  }
  // equal blobs of other nodes go by the same name
  for (const g of fns)
    for (const n of topological(g.results))
      for (const b of Object.values(n.attrs).flatMap(blobsIn))
        cx.nameOf.set(b, cx.nameOf.get(blobs.get(`${b.store}${b.sha256}`)!)!);
  fns.forEach((g, i) => {
    cx.nameOf.set(g, `@${i}`);
    lines.push(printFn(g, `@${i}`, cx, options));
  });
  return `(graph\n  ${lines.join("\n  ")})\n`;
}
function printFn(f: Fn, title: string, cx: Names, options: PrintOptions): string {
  const names = new Map<Node, string>();
  const lines: string[] = [];
  for (const n of topological(f.results)) {
    if (n.op.control === "param") {
      names.set(n, `x${paramOf(n)}`);
      continue;
    }
    names.set(n, `%${lines.length}`);
    const attrs = Object.keys(n.attrs)
      .sort()
      .map((key): Sexpr => [key, attr.print(n.attrs[key]!, cx)]);
    const places = options.spans ? spansOf(n).map(s => span.print(s, cx)) : [];
    const at: readonly Sexpr[] = places.length ? [":at", ...places] : [];
    lines.push(
      show([names.get(n)!, n.op.name, ...n.args.map(a => names.get(a)!), ...attrs, ...at], Number.POSITIVE_INFINITY),
    );
  }
  lines.push(show(["results", ...f.results.map(r => names.get(r)!)]));
  const params = show(
    f.params.map(p => type.print(p, cx)),
    Number.POSITIVE_INFINITY,
  );
  return `(fn ${title} ${params}\n    ${lines.join("\n    ")})`;
}

/** the last function of the text */
export function parse(text: string): Fn {
  const cx = noNames();
  let last: Fn | undefined;
  const [head, ...items] = listOf("a graph", read(text));
  if (head !== "graph") malformed("a graph", head ?? []);
  for (const item of items) {
    const [first, second, ...rest] = listOf("a function or a blob", item);
    if (first !== "fn") {
      cx.blobs.set(name.parse(first!, cx), blob.parse(second!, cx));
      continue;
    }
    last = parseFn(listOf("parameters", rest[0] ?? []), rest.slice(1), cx);
    cx.fns.set(name.parse(second!, cx), last);
  }
  return last ?? malformed("a function", items);
}
function parseFn(params: readonly Sexpr[], lines: readonly Sexpr[], cx: Names): Fn {
  const types = params.map(p => type.parse(p, cx));
  const parameter = allOps().find(o => o.control === "param")!;
  const named = new Map<string, Node>(types.map((t, i) => [`x${i}`, leaf(parameter, { i }, t)]));
  const node = (s: Sexpr): Node =>
    (typeof s === "string" ? named.get(s) : undefined) ?? malformed("a node that stands above", s);
  for (const line of lines) {
    const [key, second, ...rest] = listOf("a node", line);
    if (key === "results") return fn(types, [...(second === undefined ? [] : [second]), ...rest].map(node));
    const to = rest.indexOf(":at");
    const parts = rest.slice(0, to < 0 ? rest.length : to);
    const args = parts.filter(p => !isList(p)).map(node);
    const attrs = Object.fromEntries(
      parts.filter(isList).map(([a, v]) => [name.parse(a!, cx), attr.parse(v!, cx)] as const),
    );
    const made = make(op(name.parse(second!, cx)), args, attrs);
    if (to >= 0)
      addSpans(
        made,
        rest.slice(to + 1).map(s => span.parse(s, cx)),
      );
    named.set(name.parse(key!, cx), made);
  }
  return malformed("results", lines);
}
