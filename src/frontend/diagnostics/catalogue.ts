/** Every message about what a program means: one entry each, a function of typed parameters. The messages of the parser
 *  are in syntax.ts. Knows no AST: types, dims and expressions come as text, as the user wrote them.
 *
 * To add a message: add an entry `name: (p: { ..., span: Span }) => diagnostic("name", "lower case, no blame", p.span, { label, notes, help })`.
 * The message says what is, `help` is one line to paste, `notes` say where else to look. */
import type { Span } from "../../ir/node.ts";
import { diagnostic, didYouMean, listed, type Note, quoted } from "./diagnostic.ts";

export { type Diagnostic, diagnostic, didYouMean, distance, type Note, nearest } from "./diagnostic.ts";

/** the origin of a dim: "16 = div(32 - 1, 2) + 1, from `stride: 2` of conv" */
type Notes = { readonly notes?: readonly Note[] | undefined };
type Help = { readonly help?: string | undefined };

/** a file of one column whose name holds what stands between fields elsewhere was hardly meant to have one */
function delimiterOf(columns: readonly string[]): string | undefined {
  const between = columns.length === 1 ? /[;\t|]/.exec(columns[0]!)?.[0] : undefined;
  return between && `csv("..", delimiter: ${JSON.stringify(between)})`;
}

export const report = {
  /** what parses and means something, but is not built yet; `instead` says what to write now */
  limit: (p: { what: string; instead: string; span: Span } & Notes) =>
    diagnostic("limit", `${p.what} is not built yet`, p.span, { severity: "limit", help: p.instead, notes: p.notes }),

  // --- errors.md 1 to 15; 10, 11, 12 and the last part of 15 are in syntax.ts

  /** 1. `axis` with the two extents, or ranks as `label` */
  shapesDiffer: (
    p: { op: string; left: string; right: string; label?: string | undefined; span: Span } & Notes & Help,
  ) => diagnostic("shapesDiffer", `shapes differ in ${quoted(p.op)}: ${p.left} and ${p.right}`, p.span, p),
  /** 2. `callee` the model, `call` what is written before `(..)`; `argument` as written */
  batchGiven: (p: {
    callee: string;
    call: string;
    takes: string;
    given: string;
    axis: number;
    records: string;
    argument: string;
    span: Span;
  }) =>
    diagnostic("batchGiven", `${p.callee} takes one ${p.takes}, this is ${p.given}`, p.span, {
      label: `axis ${p.axis} has ${p.records} records`,
      help: `${p.argument} |> map(x => ${p.call}(x))          models are written for one record; the batch is added for you`,
    }),
  /** 3. a batch dim in the model: `declared` is the type of the parameter, `without` the head to write */
  batchDeclared: (p: {
    param: string;
    takes: string;
    argument: string;
    given: string;
    declared: Span;
    dim: string;
    without: string;
    span: Span;
  }) =>
    diagnostic("batchDeclared", `${p.param}: ${p.takes} cannot take ${p.argument}: ${p.given}`, p.span, {
      notes: [{ message: "declared here", span: p.declared }],
      help: `leave ${p.dim} out: ${p.without}`,
    }),
  /** the same without a batch dim: any argument that does not fit the type of a parameter */
  cannotTake: (
    p: {
      param: string;
      takes: string;
      argument: string;
      given: string;
      declared?: Span | undefined;
      label?: string | undefined;
      span: Span;
    } & Help,
  ) =>
    diagnostic("cannotTake", `${p.param}: ${p.takes} cannot take ${p.argument}: ${p.given}`, p.span, {
      label: p.label,
      notes: p.declared ? [{ message: "declared here", span: p.declared, line: true }] : [],
      help: p.help,
    }),
  /** 4. `needs`: "a number" */
  mayBeMissing: (p: { what: string; type: string; op: string; needs: string; span: Span } & Help) =>
    diagnostic("mayBeMissing", `${p.what} may be missing (${p.type}), and ${quoted(p.op)} needs ${p.needs}`, p.span, p),
  /** 5. */
  textInTensor: (p: { what: string; type: string; span: Span } & Help) =>
    diagnostic("textInTensor", `a tensor holds numbers, ${p.what} is ${p.type}`, p.span, p),
  /** 6. `source`: "churn.csv"; `columns`: all that there are */
  unknownColumn: (p: {
    name: string;
    source: string;
    columns: readonly { name: string; type: string }[];
    span: Span;
  }) =>
    diagnostic("unknownColumn", `no column ${quoted(p.name)} in ${p.source}`, p.span, {
      label: didYouMean(
        p.name,
        p.columns.map(c => c.name),
      ),
      notes: [{ message: `columns: ${p.columns.map(c => `${c.name} ${c.type}`).join(", ")}` }],
      help: delimiterOf(p.columns.map(c => c.name)),
    }),
  /** 7. `inner` is read for each record of `outer` */
  rddInLambda: (p: { inner: string; outer: string; span: Span } & Help) =>
    diagnostic(
      "rddInLambda",
      `${quoted(p.inner)} is an rdd and cannot be read for each record of ${quoted(p.outer)}`,
      p.span,
      p,
    ),
  /** 8. */
  noWeights: (p: { model: string; span: Span }) =>
    diagnostic("noWeights", `${p.model} is a model: it has no weights yet`, p.span, {
      help: `call what train(${p.model}, ..) returned, load(${p.model}, "file.safetensors") or init(${p.model})`,
    }),
  /** 9. `origin`: "f64: read from a.csv as decimal numbers" */
  narrowing: (
    p: { callee: string; takes: string; given: string; origin?: string | undefined; span: Span } & Help & Notes,
  ) => diagnostic("narrowing", `${p.callee} takes ${p.takes}, this is ${p.given}`, p.span, { ...p, label: p.origin }),
  /** 13. */
  lossNotScalar: (p: { type: string; span: Span } & Help) =>
    diagnostic("lossNotScalar", `the loss of one record must be one number, this is ${p.type}`, p.span, p),
  /** 14. `cause` has a zero gradient */
  noGradient: (p: { model: string; cause: string; span: Span } & Help) =>
    diagnostic(
      "noGradient",
      `no weight of ${p.model} influences the loss: ${quoted(p.cause)} has a zero gradient`,
      p.span,
      p,
    ),
  /** found by autodiff. `what`: "the max of an rdd" */
  notDifferentiable: (p: { what: string | undefined; span: Span } & Notes) =>
    diagnostic("notDifferentiable", `no gradient flows through ${p.what ?? "this"}`, p.span, {
      notes: p.notes,
      help: "stop_gradient(..) of it where none is meant; sum and mean of an rdd have one",
    }),
  /** 15. `signature` as in the prelude: "conv(x, filters, kernel, stride = 1)"; `candidates`: the names of its arguments */
  unknownArgument: (p: {
    callee: string;
    name: string;
    candidates: readonly string[];
    signature: string;
    span: Span;
  }) =>
    diagnostic("unknownArgument", `${p.callee} has no argument ${quoted(p.name)}`, p.span, {
      label: didYouMean(p.name, p.candidates),
      notes: [{ message: p.signature }],
    }),

  // --- names

  unknownName: (p: { name: string; candidates: Iterable<string>; span: Span } & Help) =>
    diagnostic("unknownName", `no name ${quoted(p.name)} here`, p.span, {
      label: didYouMean(p.name, p.candidates),
      help: p.help,
    }),
  /** `of`: "r", "the record"; `fields`: all that there are */
  unknownField: (p: { name: string; of: string; fields: readonly string[]; span: Span } & Help) =>
    diagnostic("unknownField", `no field ${quoted(p.name)} in ${p.of}`, p.span, {
      label: didYouMean(p.name, p.fields),
      notes: p.fields.length ? [{ message: `fields: ${p.fields.join(", ")}` }] : [],
      help: p.help,
    }),
  unknownOption: (p: { of: string; value: string; options: readonly string[]; span: Span }) =>
    diagnostic("unknownOption", `${p.of} cannot be ${JSON.stringify(p.value)}`, p.span, {
      label: didYouMean(p.value, p.options),
      notes: [
        {
          message: `it is ${listed(
            p.options.map(o => JSON.stringify(o)),
            "or",
          )}`,
        },
      ],
    }),
  unusedLet: (p: { name: string; span: Span }) =>
    diagnostic("unusedLet", `${quoted(p.name)} is never used`, p.span, { help: `leave it out, or use it below` }),
} as const;
