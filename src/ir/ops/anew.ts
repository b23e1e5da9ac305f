/** Ops over rdds in which chance advances with the epochs: what stays as it was drawn first, and what is made anew of what is drawn. Knows no engine. */
import { inline } from "../inline.ts";
import { fn, make } from "../node.ts";
import type { Op } from "../op.ts";
import { type Column, numbers, type RddType } from "../type.ts";
import { arity, fnAttr, list, need, tensorAt } from "./attrs.ts";
import { full, parameter } from "./build.ts";
import { overRows, rddMap } from "./rdd.ts";
import { asRdd, atEpoch, checkRowFn, compose, perRow, rddAt } from "./rows.ts";

const freeze: Op = {
  ...overRows,
  name: "rdd.freeze",
  doc: "the rows as they are in epoch 0, in every epoch",
  control: "select",
  selection: () => ({ k: "freeze" }),
  type: args => {
    arity(args, 1);
    return rddAt(args, 0);
  },
  eval: ([d]) => {
    const { epoch: _, ...first } = atEpoch(asRdd(d), 0);
    return first;
  },
  // rdd.freeze(rdd.map{f}(d))  -->  rdd.map{(.., epoch) => f(.., 0)}(rdd.freeze(d))
  through: (node, rows) => {
    const { source, captures, f, identity } = perRow(rows);
    const inputs = f.params.map((p, i) => parameter(i, p));
    const first = fn(f.params, inline(f, identity ? [...inputs.slice(0, -1), full(0, "i32")] : inputs));
    return make(rows.op, [make(node.op, [source], node.attrs), ...captures], { ...rows.attrs, fn: first });
  },
};
const table: Op = {
  ...overRows,
  name: "rdd.table",
  doc: "a row of fn's results for each row, all of them made before anybody reads them",
  control: "select",
  selection: () => ({ k: "table" }),
  type: (args, attrs): RddType => {
    const [f, columns] = [fnAttr(attrs), list(attrs, "columns")];
    checkRowFn(f, args, attrs["identity"] === true);
    need(columns.length === f.results.length, () => `${columns.length} columns of ${f.results.length} results`);
    const row = f.results.map((r, i): readonly [string, Column] => {
      const t = tensorAt([r.type], 0);
      return [String(columns[i]), { store: t.elem, shape: numbers(t.shape), nullable: false }];
    });
    return { k: "rdd", row: Object.fromEntries(row), order: rddAt(args, 0).order };
  },
  eval: (args, node, cx) => rddMap.eval(args, node, cx),
  through: (node, rows) => {
    const both = compose(perRow(node), perRow(rows));
    return make(node.op, [both.source, ...both.captures], { ...node.attrs, fn: both.f, identity: both.identity });
  },
};
const query: Op = {
  ...overRows,
  name: "rdd.query",
  doc: "what an engine makes of the first argument, a source, given the others as tables: another in each epoch",
  control: "select",
  selection: () => ({ k: "query" }),
  type: args => {
    args.forEach((_, i) => void rddAt(args, i));
    return rddAt(args, 0);
  },
  eval: ([d, ...tables]) => {
    const { made } = asRdd(d);
    if (!made) throw new Error("internal: a query of a source that no engine makes");
    const all = tables.map(asRdd);
    const at = (e: number) =>
      made(
        all.map(t => atEpoch(t, e)),
        e,
      );
    return { ...at(0), epoch: at };
  },
};
export const anewOps: readonly Op[] = [freeze, table, query];
