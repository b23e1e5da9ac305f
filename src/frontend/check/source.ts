/** Sources: files whose headers say what they hold, and the types that a program writes for them. */
import type { Schema } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import type { Column } from "../../ir/type.ts";
import type * as Ast from "../ast.ts";
import type { CoreElem, LeafType, RddType, Source, Static, TensorType, Tree } from "../core.ts";
import { report } from "../diagnostics/catalogue.ts";
import * as build from "./build.ts";
import { fail, fix, newSymbol, Reported, warn } from "./context.ts";
import { type Dim, relate } from "./dims.ts";
import { type Args, later, orNone, type RddExpr, rddValue, simple, textOf } from "./given.ts";
import { schemaOf, wanted } from "./schema.ts";
import { known } from "./scope.ts";
import { staticOf } from "./static.ts";
import { listOf, shownColumn, table } from "./table.ts";
import { ELEMS, showTensor } from "./types.ts";
import { type Frame, type Given, knownOf, number, recordOf, type Special, tensorValue, type Value } from "./value.ts";
import { integerNamed, writtenTensor } from "./written.ts";

export const columnType = (c: Column): TensorType => {
  const elem: CoreElem =
    c.store === "u32" || c.store === "u16" || c.store === "i8" ? "i32" : c.store === "bf16" ? "f32" : c.store;
  return { k: "tensor", elem, shape: c.shape };
};
function idx(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const labels = orNone(args, "labels");
  const paths = [textOf(f, "path", path), ...(labels.k === "none" ? [] : [textOf(f, "labels", args.get("labels")!)])];
  const schema = schemaOf(f, "idx", paths, {}, [path.span, args.get("labels")?.span ?? path.span]);
  return rowsSource(f, "idx", paths, schema, site);
}
function rowsSource(
  f: Frame,
  format: string,
  paths: readonly string[],
  schema: Schema,
  site: Ast.Expr,
  options: Readonly<Record<string, Static>> = {},
): Value {
  const type = wanted(f, site);
  let columns = schema.columns;
  if (type) columns = chosen(f, type, columns, paths[0]!);
  const row: Tree<LeafType> = {
    k: "record",
    fields: Object.entries(columns).map(([n, c]) => [n, { k: "leaf", of: listOf(c) ?? columnType(c) }] as const),
  };
  const core: RddType = { k: "rdd", row, ...(schema.rows === undefined ? {} : { rows: schema.rows }) };
  const sources = new Map(Object.keys(columns).map(n => [n, `read from ${paths[0]}`] as const));
  const stored = Object.fromEntries(Object.entries(columns).map(([n, c]) => [n, kernelColumn(c)] as const));
  const parts = { format, paths, options, columns: stored, type: core, span: site.span };
  return rddValue(build.source(parts) as RddExpr, sources);
}
/** as kernels have it: of a string its number in the run's table, of an instant its microseconds */
const kernelColumn = (c: Column): Column => ({
  ...c,
  store: c.store === "string" ? "i32" : c.store === "time" ? "i64" : c.store,
});
/** records of fixed size, their fields one behind the other, little endian: only the written type says what they are */
function binary(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const paths = [textOf(f, "path", path)];
  const t = wanted(f, site);
  if (t?.k !== "many" || t.of !== "rdd" || t.item.k !== "recordtype")
    return fail(f, {
      message: "a binary file does not say what it holds",
      span: t?.span ?? path.span,
      help: `let rows: rdd { label: u8, image: u8[3, 32, 32] } = binary(${f.cx.text(path.span)})`,
    });
  const columns = t.item.fields.map(field => {
    const type = writtenTensor(f, field.type, "a field of a binary file");
    const sides = type.shape.filter(d => typeof d === "number");
    if (sides.length < type.shape.length)
      return fail(f, { message: "a field of a binary file has sides that are known when compiling", span: field.span });
    return [field.name.text, { store: type.elem, shape: sides, nullable: false }] as const;
  });
  const layout = columns.map(([name, c]) => [name, c.store, c.shape] as const);
  const options = { columns: layout };
  const schema = schemaOf(f, "binary", paths, options, [path.span]);
  const row: Tree<TensorType> = {
    k: "record",
    fields: columns.map(([n, c]) => [n, { k: "leaf", of: columnType(c) }] as const),
  };
  const core: RddType = { k: "rdd", row, ...(schema.rows === undefined ? {} : { rows: schema.rows }) };
  const all = Object.fromEntries(columns);
  const source = build.source({ format: "binary", paths, options, columns: all, type: core, span: site.span });
  return rddValue(source as RddExpr, new Map(columns.map(([n]) => [n, `read from ${paths[0]}`] as const)));
}
/** the columns that a written type names, in its order */
function chosen(f: Frame, t: Ast.Type, columns: Schema["columns"], path: string): Schema["columns"] {
  if (t.k !== "many" || t.of !== "rdd" || t.item.k !== "recordtype")
    return fail(f, { message: `${path} has rows: its type is rdd { .. }`, span: t.span });
  const all = Object.entries(columns).map(([name, c]) => ({
    name,
    type: shownColumn(c),
  }));
  return Object.fromEntries(
    t.item.fields.map(field => {
      const c = columns[field.name.text];
      if (!c)
        return fail(
          f,
          report.unknownColumn({ name: field.name.text, source: path, columns: all, span: field.name.span }),
        );
      return [field.name.text, c] as const;
    }),
  );
}
/** one tensor of a file; a written type names its sides, else they are constants */
function tensorSource(f: Frame, format: string, path: Given, tensor: Given | undefined, site: Ast.Expr): Value {
  const paths = [textOf(f, "path", path)];
  const name = tensor && textOf(f, "tensor", tensor);
  const options: Readonly<Record<string, Static>> = name === undefined ? {} : { tensor: name };
  const schema = schemaOf(f, format, paths, options, [path.span]);
  const column = name === undefined ? Object.values(schema.columns)[0] : schema.columns[name];
  if (!column) return fail(f, { message: `${paths[0]} has no tensor \`${name}\``, span: tensor?.span ?? path.span });
  const own = columnType(column);
  const parts = {
    format,
    paths,
    options,
    columns: schema.columns,
    span: site.span,
    ...(name === undefined ? {} : { tensor: name }),
  };
  return typed(f, parts, own, wanted(f, site), paths[0]!);
}
type Parts = Omit<Parameters<typeof build.source>[0], "type">;
/** a tensor of a file as its header has it, `own`, or by a written type, which may name its sides; `file`: what it is, for people */
function typed(f: Frame, parts: Parts, own: TensorType, type: Ast.Type | undefined, file: string): Value {
  const of = `read from ${parts.paths[0]}`;
  if (!type) return tensorValue(build.source({ ...parts, type: own }), { source: of });
  if (type.k !== "named" || !ELEMS.includes(type.name.text) || type.optional)
    return fail(f, {
      message: `${file} is ${showTensor(own)}: a tensor has a type like f32[n, m]`,
      span: type.span,
    });
  const dims = type.dims ?? [];
  if (type.name.text !== own.elem || dims.length !== own.shape.length || dims.some(d => d.k === "rest"))
    return fail(f, { message: `${file} is ${showTensor(own)}, not ${f.cx.text(type.span)}`, span: type.span });
  // names that are free become symbols; what is bound already is checked at the start of the run
  const fresh: { axis: number; dim: Dim }[] = [];
  const shape = dims.map((d, axis): Dim => {
    if (d.k !== "dim") throw new Reported();
    const span = d.span;
    if (d.value.k === "ref") {
      const bound = integerNamed(f, d.value);
      if (bound === undefined) {
        const dim = newSymbol(f, d.value.name, span, undefined);
        f.scope.names.set(d.value.name, known(d.value.name, span, number(dim)));
        fresh.push({ axis, dim });
        return dim;
      }
      return agreed(bound, axis, span);
    }
    const k = knownOf(f.cx.evaluate(d.value, f));
    const dim = k?.constant.data[0];
    if (dim === undefined) return fail(f, { message: "a side is an integer", span });
    fix(f, k!.params);
    return agreed(dim, axis, span);
  });
  function agreed(dim: Dim, axis: number, span: Span): Dim {
    const side = own.shape[axis]!;
    const message = `${file} is ${showTensor(own)}, not ${f.cx.text(type!.span)}`;
    if (relate(dim, side) === "different") return fail(f, { message, span });
    if (relate(dim, side) === "unknown") {
      const free = newSymbol(f, f.cx.text(span), span, undefined);
      fresh.push({ axis, dim: free });
      f.cx.checks.push({ a: dim, b: free, message: `\`${f.cx.text(span)}\` differs`, span });
    }
    return dim;
  }
  const source = build.source({ ...parts, type: { ...own, shape } }) as Source;
  for (const { axis, dim } of fresh) f.cx.bind(dim, { k: "file", source, axis });
  return tensorValue(source, { source: of });
}

function libsvm(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const given = args.get("sparse");
  const sparse = given ? staticOf(f, given.value, given.span, "`sparse`") : false;
  if (typeof sparse !== "boolean") return fail(f, { message: "`sparse` is a bool", span: given!.span });
  const options = sparse ? { sparse } : {};
  const paths = [textOf(f, "path", path)];
  return rowsSource(f, "libsvm", paths, schemaOf(f, "libsvm", paths, options, [path.span]), site, options);
}

/** the lines of a file: rows that are strings */
function lines(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const paths = [textOf(f, "path", path)];
  const { rows } = schemaOf(f, "text", paths, {}, [path.span]);
  const row: Tree<TensorType> = { k: "leaf", of: { k: "tensor", elem: "string", shape: [] } };
  const type: RddType = { k: "rdd", row, ...(rows === undefined ? {} : { rows }) };
  const columns = { "": kernelColumn({ store: "string", shape: [], nullable: false }) };
  return rddValue(build.source({ format: "text", paths, options: {}, columns, type, span: site.span }) as RddExpr);
}
/** pictures of one size; the label is the folder that a picture is in */
function images(f: Frame, args: Args, site: Ast.Expr): Value {
  const [path, size] = [args.get("path")!, args.get("size")!];
  const paths = [textOf(f, "path", path)];
  const given = staticOf(f, size.value, size.span, "`size`");
  const sides = typeof given === "number" ? [given, given] : given;
  if (
    !Array.isArray(sides) ||
    sides.length !== 2 ||
    !sides.every(n => typeof n === "number" && Number.isInteger(n) && n > 0)
  )
    return fail(f, {
      message: "`size` is the height and the width of a picture",
      span: size.span,
      help: "size: [64, 64]",
    });
  const options = { size: sides as readonly number[] }; // as: seen above
  return rowsSource(f, "images", paths, schemaOf(f, "images", paths, options, [path.span]), site, options);
}

/** all tensors of a file, by name, or those of the written type */
function npz(f: Frame, args: Args, site: Ast.Expr): Value {
  const path = args.get("path")!;
  const paths = [textOf(f, "path", path)];
  const { columns, unread = {} } = schemaOf(f, "npz", paths, {}, [path.span]);
  const tensor = (name: string, column: Column, type?: Ast.Type): readonly [string, Value] => {
    const parts = { format: "npz", paths, options: { tensor: name }, columns, tensor: name, span: site.span };
    return [name, typed(f, parts, columnType(column), type, `\`${name}\` of ${paths[0]}`)];
  };
  const type = wanted(f, site);
  if (!type) {
    for (const [name, why] of Object.entries(unread))
      warn(
        f,
        `\`${name}\` is left out: ${why}`,
        path.span,
        `a written type names what is read: let z: { .. } = npz(..)`,
      );
    return recordOf(Object.entries(columns).map(([name, c]) => tensor(name, c)));
  }
  if (type.k !== "recordtype")
    return fail(f, { message: `${paths[0]} has tensors by name: its type is { name: f32[n, m] }`, span: type.span });
  return recordOf(
    type.fields.map(({ name, type }) => {
      const column = columns[name.text];
      if (column) return tensor(name.text, column, type);
      const why = Object.hasOwn(unread, name.text) ? unread[name.text] : undefined;
      if (why !== undefined) return fail(f, { message: why, span: name.span });
      const all = Object.entries(columns).map(([n, c]) => ({ name: n, type: shownColumn(c) }));
      return fail(f, report.unknownColumn({ name: name.text, source: paths[0]!, columns: all, span: name.span }));
    }),
  );
}
export const sourceSpecials: readonly (readonly [string, Special])[] = [
  simple("idx(path, labels = none)", idx),
  simple("binary(path)", binary),
  simple("npz(path)", npz),
  simple("bytes(path)", (f, args, site) => tensorSource(f, "bytes", args.get("path")!, undefined, site)),
  simple("npy(path)", (f, args, site) => tensorSource(f, "npy", args.get("path")!, undefined, site)),
  simple("safetensors(path, tensor)", (f, args, site) =>
    tensorSource(f, "safetensors", args.get("path")!, args.get("tensor"), site),
  ),
  simple('csv(path, header = true, delimiter = ",", missing = none, quote = "\\"")', (f, args, site) =>
    table(f, "csv", args, site),
  ),
  simple("json(path)", (f, args, site) => table(f, "json", args, site)),
  simple("parquet(path)", (f, args, site) => table(f, "parquet", args, site)),
  simple("libsvm(path, sparse = false)", libsvm),
  simple("arrow(path)", (f, args, site) => table(f, "arrow", args, site)),
  simple("text(path)", lines),
  simple("images(path, size)", images),
  later("lmdb(path)", "images(..) of the pictures in a folder"),
];
