/** Ops from rdd to rdd: rows computed (map, rows of a tensor), chosen, ordered, grouped and numbered. Knows nothing of engines. */
import { inline } from "../inline.ts";
import { mix32 } from "../mix32.ts";
import { fn, make, type Node } from "../node.ts";
import type { Chosen, Op, RddValue, TensorValue, Value } from "../op.ts";
import { threefry2x32 } from "../threefry.ts";
import { type Column, numbers, type RddType, showType, type TensorType, tensor } from "../type.ts";
import { tensorOf } from "../value.ts";
import { arity, fnAttr, int, list, need, number, refuse, tensorAt, text } from "./attrs.ts";
import { parameter } from "./build.ts";
import {
  asRdd,
  checkRowFn,
  choose,
  columnTypes,
  compose,
  derive,
  IDENTITY,
  identities,
  overGroup,
  perRow,
  rddAt,
  rowAt,
  rowOf,
  scalar,
  stack,
  visible,
} from "./rows.ts";

/** what all ops over rdds have in common: no gradient flows through rows, and there is no rdd of rdds */
export const overRows: Pick<Op, "grad" | "lift" | "kernel"> = { kernel: { k: "none" }, grad: "none", lift: "none" };
const seedAt = (args: Parameters<Op["type"]>[0], i: number): void => {
  const t = tensorAt(args, i);
  need(t.elem === "u32" && t.shape.length === 1 && t.shape[0] === 2, () => "a seed is u32[2]");
};
/** select(rdd.map{f}(d), seed..)  -->  rdd.map{f}(select(d, seed..)) */
const pushBelow: NonNullable<Op["through"]> = (node, rows) => {
  const [source, ...captures] = rows.args;
  return make(rows.op, [make(node.op, [source!, ...node.args.slice(1)], node.attrs), ...captures], rows.attrs);
};
const withAttrs = (node: Node, args: readonly Node[], attrs: Node["attrs"]): Node =>
  make(node.op, args, { ...node.attrs, ...attrs });

/** results of a Fn over each row, one list per row */
export function eachRow(
  node: Node,
  d: RddValue,
  captures: readonly Value[],
  epoch: number,
  cx: Parameters<Op["eval"]>[2],
): readonly (readonly Value[])[] {
  const { f, identity, source } = perRow(node);
  const columns = visible(rowOf(source)).map(c => d.columns[c]!);
  const ids = identities(d.id);
  return Array.from({ length: d.rows }, (_, i) =>
    cx.call(
      f,
      [...columns.map(c => rowAt(c, i)), ...captures, ...(identity ? [rowAt(ids, i), scalar(epoch)] : [])],
      cx.n,
    ),
  );
}
const isRandom = (node: Node): boolean => node.attrs["identity"] === true;

export const rddMap: Op = {
  ...overRows,
  name: "rdd.map",
  doc: "a row of fn's results for each row; pushed into the readers by segment",
  control: "rows",
  type: (args, attrs): RddType => {
    const [f, columns] = [fnAttr(attrs), list(attrs, "columns")];
    checkRowFn(f, args, attrs["identity"] === true);
    need(columns.length === f.results.length, () => `${columns.length} columns of ${f.results.length} results`);
    const row: Record<string, Column> = {};
    f.results.forEach((r, i) => {
      const t = tensorAt([r.type], 0);
      row[String(columns[i])] = { store: t.elem, shape: numbers(t.shape), nullable: false };
    });
    need(Object.keys(row).length === columns.length, () => `two columns of one name in ${columns.join(", ")}`);
    return { k: "rdd", row, order: rddAt(args, 0).order };
  },
  eval: ([d, ...captures], node, cx) =>
    derive(asRdd(d), isRandom(node), (rows, epoch) => {
      const results = eachRow(node, rows, captures, epoch, cx);
      const columns = list(node.attrs, "columns").map(String);
      const types = perRow(node).f.results.map(r => r.type as TensorType); // by the type rule
      const made = columns.map(
        (c, i) =>
          [
            c,
            stack(
              results.map(r => tensorOf(r[i])),
              types[i]!,
            ),
          ] as const,
      );
      return { ...rows, columns: Object.fromEntries(made) };
    }),
  through: (node, rows) => {
    const both = compose(perRow(node), perRow(rows));
    return withAttrs(node, [both.source, ...both.captures], { fn: both.f, identity: both.identity });
  },
};

const filter: Op = {
  ...overRows,
  name: "rdd.filter",
  doc: "the rows for which fn is true",
  control: "select",
  selection: () => ({ k: "filter" }),
  type: (args, attrs): RddType => {
    const f = fnAttr(attrs);
    checkRowFn(f, args, attrs["identity"] === true);
    const t = tensorAt([f.results[0]!.type], 0);
    need(f.results.length === 1 && t.elem === "bool" && t.shape.length === 0, () => "a filter's fn gives one bool");
    return rddAt(args, 0);
  },
  eval: ([d, ...captures], node, cx) =>
    derive(asRdd(d), isRandom(node), (rows, epoch) => {
      const keep = eachRow(node, rows, captures, epoch, cx).flatMap((r, i) => (tensorOf(r[0]).data[0] ? [i] : []));
      return choose(rows, keep);
    }),
  through: (node, rows) => {
    const both = compose(perRow(node), perRow(rows));
    const chosen = withAttrs(node, [both.source, ...both.captures], { fn: both.f, identity: both.identity });
    return make(rows.op, [chosen, ...rows.args.slice(1)], rows.attrs);
  },
};

/** language 4: the word by which split, sample and shuffle choose and order a row */
function wordsAt(seed: TensorValue, place: number, epoch: number): (id: number) => number {
  const [a, b] = threefry2x32(Number(seed.data[0]), Number(seed.data[1]), place, epoch);
  return id => mix32(mix32(id ^ a) ^ Math.floor(id / 2 ** 32) ^ b);
}
/** positions of the rows of d in the order that `shuffle` gives in an epoch; ties by identity */
export function shuffled(d: RddValue, seed: TensorValue, place: number, epoch: number): readonly number[] {
  const word = wordsAt(seed, place, epoch);
  const words = d.id.map(word);
  return d.id.map((_, i) => i).sort((i, j) => words[i]! - words[j]! || d.id[i]! - d.id[j]!);
}
/** `renewed`: each epoch chooses anew */
function byWord(
  name: string,
  doc: string,
  renewed: boolean,
  keys: readonly string[],
  keep: (node: Node) => (word: number) => boolean,
  selection: (node: Node) => Chosen,
): Op {
  return {
    ...overRows,
    name,
    doc,
    control: "select",
    selection,
    type: (args, attrs) => {
      arity(args, 2);
      seedAt(args, 1);
      for (const k of ["place", ...keys]) number(attrs, k);
      return rddAt(args, 0);
    },
    eval: ([d, seed], node) =>
      derive(asRdd(d), renewed, (rows, epoch) => {
        const [word, kept] = [wordsAt(tensorOf(seed), number(node.attrs, "place"), renewed ? epoch : 0), keep(node)];
        return choose(
          rows,
          rows.id.flatMap((id, i) => (kept(word(id)) ? [i] : [])),
        );
      }),
    through: pushBelow,
  };
}
const split = byWord(
  "rdd.split",
  "the rows whose word lies in [low, high): the same in all epochs, so that what is held out stays held out",
  false,
  ["low", "high"],
  node => {
    const [low, high] = [number(node.attrs, "low"), number(node.attrs, "high")];
    return w => low <= w && w < high;
  },
  node => ({
    k: "split",
    place: number(node.attrs, "place"),
    low: number(node.attrs, "low"),
    high: number(node.attrs, "high"),
  }),
);
const sample = byWord(
  "rdd.sample",
  "the rows whose word lies below fraction * 2^32, others in each epoch",
  true,
  ["fraction"],
  node => {
    const high = number(node.attrs, "fraction") * 2 ** 32;
    return w => w < high;
  },
  node => ({ k: "sample", place: number(node.attrs, "place"), fraction: number(node.attrs, "fraction") }),
);
const shuffle: Op = {
  ...overRows,
  name: "rdd.shuffle",
  doc: "the rows in the order of their words, another in each epoch",
  control: "select",
  selection: node => ({ k: "shuffle", place: number(node.attrs, "place") }),
  type: (args, attrs): RddType => {
    arity(args, 2);
    seedAt(args, 1);
    number(attrs, "place");
    return { ...rddAt(args, 0), order: "key" };
  },
  eval: ([d, seed], node) =>
    derive(asRdd(d), true, (rows, epoch) =>
      choose(rows, shuffled(rows, tensorOf(seed), number(node.attrs, "place"), epoch)),
    ),
  through: pushBelow,
};
const takeRows: Op = {
  ...overRows,
  name: "rdd.take",
  doc: "the first rows",
  control: "select",
  selection: node => ({ k: "take", count: int(node.attrs, "count") }),
  type: (args, attrs) => {
    arity(args, 1);
    need(int(attrs, "count") >= 0, () => "take of fewer than no rows");
    return rddAt(args, 0);
  },
  eval: ([d], node) =>
    derive(asRdd(d), false, rows =>
      choose(
        rows,
        Array.from({ length: Math.min(rows.rows, int(node.attrs, "count")) }, (_, i) => i),
      ),
    ),
  through: pushBelow,
};

/** `who`: the column in which each group has the identities of its rows, u32[count, 2]; absent: nobody asks */
const batch: Op = {
  ...overRows,
  name: "rdd.batch",
  doc: "count consecutive rows as one, known by its first; an incomplete last group is dropped",
  control: "select",
  selection: node => ({ k: "batch", count: int(node.attrs, "count"), ...whoOf(node) }),
  type: (args, attrs): RddType => {
    arity(args, 1);
    const [d, count] = [rddAt(args, 0), int(attrs, "count")];
    need(count > 0, () => `batch of ${count} rows`);
    const row: Record<string, Column> = {};
    for (const [name, c] of Object.entries(d.row)) row[name] = { ...c, shape: [count, ...c.shape] };
    if (attrs["who"] !== undefined) {
      const who = text(attrs, "who");
      need(row[who] === undefined, () => `there is a column ${who} already`);
      row[who] = { store: "u32", shape: [count, 2], nullable: false };
    }
    return { ...d, row };
  },
  eval: ([d], node) =>
    derive(asRdd(d), false, rows => {
      const count = int(node.attrs, "count");
      const groups = Math.floor(rows.rows / count);
      const whole = choose(
        rows,
        Array.from({ length: groups * count }, (_, i) => i),
      );
      const { who } = whoOf(node);
      const all = who === undefined ? whole.columns : { ...whole.columns, [who]: identities(whole.id) };
      const columns = Object.entries(all).map(
        ([name, t]) => [name, { ...t, shape: [groups, count, ...t.shape.slice(1)] }] as const,
      );
      const id = Array.from({ length: groups }, (_, g) => rows.id[g * count]!);
      return { k: "rdd", rows: groups, columns: Object.fromEntries(columns), id };
    }),
  // rdd.batch(rdd.map{f}(d))  -->  rdd.map{map{f}}(rdd.batch(d)); where f draws, each row still does so under its own identity
  through: (node, rows) => {
    const inner = perRow(rows);
    const { who: asked } = whoOf(node);
    const isAsked = inner.identity || asked !== undefined;
    let who = "who";
    while (rowOf(inner.source)[who]) who += "'";
    const groups = withAttrs(node, [inner.source], isAsked ? { who } : {});
    const names = visible(rowOf(groups));
    const own = [...columnTypes(rowOf(groups)), ...inner.captures.map(c => c.type)];
    const params = [...own, ...(inner.identity ? IDENTITY : [])];
    const inputs = params.map((p, i) => parameter(i, p));
    const [ids, epoch] = [inputs[names.indexOf(who)], inputs.at(-1)];
    const columns = inputs.slice(0, names.length).filter(x => x !== ids);
    const captures = inputs.slice(names.length, own.length);
    const made = overGroup(inner, columns, captures, inner.identity ? [ids!, epoch!] : []);
    const f = fn(params, asked === undefined ? made : [...made, ids!]);
    const all = [...list(rows.attrs, "columns"), ...(asked === undefined ? [] : [asked])];
    return withAttrs(rows, [groups, ...inner.captures], { fn: f, columns: all });
  },
};
const whoOf = ({ attrs }: Node): { readonly who?: string } =>
  attrs["who"] === undefined ? {} : { who: text(attrs, "who") };
const numbered: Op = {
  ...overRows,
  name: "rdd.number",
  doc: "one more column: the position of each row",
  control: "select",
  selection: node => ({ k: "number", column: text(node.attrs, "column") }),
  type: (args, attrs): RddType => {
    arity(args, 1);
    const [d, column] = [rddAt(args, 0), text(attrs, "column")];
    need(d.row[column] === undefined, () => `there is a column ${column} already`);
    return { ...d, row: { ...d.row, [column]: { store: "i64", shape: [], nullable: false } } };
  },
  eval: ([d], node) =>
    derive(asRdd(d), false, rows => {
      const data = BigInt64Array.from({ length: rows.rows }, (_, i) => BigInt(i));
      const positions: TensorValue = { k: "tensor", shape: [rows.rows], data };
      return { ...rows, columns: { ...rows.columns, [text(node.attrs, "column")]: positions } };
    }),
  // rdd.number(rdd.map{f}(d))  -->  rdd.map{(.., i) => (f(..), i)}(rdd.number(d))
  through: (node, rows) => {
    const inner = perRow(rows);
    let column = text(node.attrs, "column");
    while (rowOf(inner.source)[column]) column += "'";
    const source = withAttrs(node, [inner.source], { column });
    const own = columnTypes(rowOf(inner.source));
    const params = [...own, tensor("i64"), ...inner.f.params.slice(own.length)];
    const inputs = params.map((p, i) => parameter(i, p));
    const position = inputs[own.length]!;
    const results = inline(
      inner.f,
      inputs.filter(x => x !== position),
    );
    const columns = [...list(rows.attrs, "columns"), text(node.attrs, "column")];
    return withAttrs(rows, [source, ...inner.captures], { fn: fn(params, [...results, position]), columns });
  },
};
const rows: Op = {
  ...overRows,
  name: "rdd.rows",
  doc: "the slices of tensors along axis 0, a column of each",
  type: (args, attrs): RddType => {
    const names = list(attrs, "columns").map(String);
    need(args.length > 0 && names.length === args.length, () => "rows need a column per tensor");
    const parts = args.map((_, i) => tensorAt(args, i));
    const row = parts.map((t, i) => {
      const [count, ...shape] = numbers(t.shape);
      if (count === undefined) return refuse("rows of a scalar");
      need(count === parts[0]!.shape[0], () => `rows of ${showType(parts[0]!)} and ${showType(t)}`);
      return [names[i]!, { store: t.elem, shape, nullable: false }] as const;
    });
    return { k: "rdd", row: Object.fromEntries(row), order: "source" };
  },
  eval: (xs, node) => {
    const parts = xs.map(x => tensorOf(x));
    const id = Array.from({ length: parts[0]!.shape[0]! }, (_, i) => i);
    const columns = Object.fromEntries(list(node.attrs, "columns").map((n, i) => [String(n), parts[i]!]));
    return { k: "rdd", rows: id.length, columns, id };
  },
};

export const rddOps: readonly Op[] = [rddMap, filter, split, shuffle, sample, takeRows, batch, numbered, rows];
