/**
 * Every name of the prelude that the language has is called by a program whose results are compared: a golden or an example with a section
 * `run`, a program of the documentation with what it prints, a case of an oracle; and a table says by what its value is held. Names that a
 * program defines itself do not count. All that is missing is what ends in a limit.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { specials } from "../../src/frontend/check/index.ts";
import { parse } from "../../src/frontend/parser.ts";
import { readGolden } from "../golden/runner/file.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).sort();

/** the names of language.md 9, as they stand there: families in front, signatures between semicolons */
function languageNames(): readonly string[] {
  const text = read("test/frontend/prelude-names.txt").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const out: string[] = [];
  let depth = 0;
  let entry = "";
  for (const c of text) {
    if (c === "(" || c === "[" || c === "{") depth++;
    if (c === ")" || c === "]" || c === "}") depth--;
    if (depth > 0) continue;
    if (c === ")") out.push(/(\w+)$/.exec(entry)![1]!);
    entry += c;
  }
  const constants = /constants +([\w, ]+)/.exec(text)![1]!;
  return [...out, ...constants.split(/,\s*/).map(c => c.trim())];
}

/** programs whose results are compared, each with where it stands */
function* programs(): Generator<readonly [at: string, text: string]> {
  for (const f of [...files("test/golden/**/*.hs"), ...files("examples/*.hs")]) {
    const text = read(f);
    if (!text.includes("\n//= ")) continue;
    const { program, sections } = readGolden(text);
    if (sections.some(s => s.head.split(" ")[0] === "run" && s.body.trim() !== "")) yield [f, program];
  }
  for (const f of files("docs/*.md"))
    for (const [, program] of read(f).matchAll(/^```hs\n([\s\S]*?)^```$\n+```text\n/gm)) yield [f, program!];
  for (const f of files("test/frontend/*-oracle.json"))
    for (const c of JSON.parse(read(f)) as readonly { readonly program: string }[]) yield [f, c.program]; // as: its form
}

/** names that are called, or handed on as functions; but none that the program defines */
function used(text: string, at: string): ReadonlySet<string> {
  const { program, diagnostics } = parse(text, at);
  expect(
    diagnostics.filter(d => d.severity === "error").map(d => d.message),
    at,
  ).toEqual([]);
  const refs = new Set<string>();
  const own = new Set<string>();
  const stack: unknown[] = [program];
  while (stack.length) {
    const x = stack.pop();
    if (Array.isArray(x)) stack.push(...x);
    else if (typeof x === "object" && x !== null) {
      const node = x as { readonly k?: unknown; readonly name?: unknown };
      if (node.k === "ref") refs.add(String(node.name));
      else if (
        typeof node.name === "object" &&
        node.name !== null &&
        "text" in node.name &&
        node.k !== undefined &&
        node.k !== "arg" &&
        node.k !== "field"
      )
        own.add(String(node.name.text));
      stack.push(...Object.values(x));
    }
  }
  return new Set([...refs].filter(n => !own.has(n)));
}

const names = languageNames();
test("the names of the language are read", () => {
  expect(names.length).toBeGreaterThan(250);
  for (const n of ["csv", "map", "adam", "top_k", "parse_time", "bool", "nan", "inverse_matrix"])
    expect(names).toContain(n);
});
/** where values are held to something foreign: each name at one file, which says it */
const HELD: Readonly<Record<string, string>> = {
  // JAX
  "test/oracle/layers.test.ts": `dense conv conv1d conv_transpose embedding layer_norm group_norm rms_norm attention prelu max_pool global_avg_pool lrn
    leaky_relu elu gelu silu sigmoid tanh softplus softmax log_softmax cross_entropy binary_cross_entropy mse mae huber hinge kl_divergence l2 nll triplet
    einsum cumsum norm var std logsumexp roll flip concat load`,
  "test/oracle/nets.test.ts": `train sgd adam adamw adagrad rmsprop adadelta for_weights step_decay exponential inverse cosine polynomial piecewise
    batch_norm dropout rnn gru lstm all_reduce`,
  "test/oracle/chance.test.ts": `uniform normal bernoulli randint permutation sample shuffle split take zip_index rows init he zeros_init constant_init
    uniform_init normal_init bilinear xavier`,
  // its first steps by test/oracle/programs.py
  "test/frontend/programs/03_tabular.hs": "standardize",
  "test/frontend/training-oracle.json": "lbfgs over_batch history",
  // NumPy, JAX
  "test/oracle/edges.py": `relu abs floor ceil round exp log log1p expm1 sqrt rsqrt sin cos erf minimum maximum clamp isnan is_function where max min argmax
    argmin sort argsort top_k solve inverse_matrix orthonormalize value_and_grad stop_gradient grad i32 f32 f16 pi inf`,
  "test/frontend/prelude-oracle.json": `constant avg_pool sign div reshape transpose unsqueeze squeeze expand stack slice pad tile zeros ones full range eye
    one_hot tril causal_mask gather scatter_add outer dot sum mean prod map choice flatten window`,
  // scikit-learn, NumPy
  "test/oracle/metrics.test.ts": `auc confusion f1 rmse quantile min_by max_by repartition npy u8 bool i64 collect`,
  "test/golden/language/spread_of_rows.hs": "describe count_distinct",
  "test/golden/language/statistics_of_groups.hs": "moments",
  "test/golden/language/sums_by_key.hs": "sum_by mean_by count_by",
  "test/golden/language/rows_of_a_tensor.hs": "filter any all count",
  "test/golden/language/batches_of_rows.hs": "batch",
  "test/golden/language/gradient_descent_by_hand.hs": "iterate",
  "test/golden/language/shapes_of_tensors.hs": "shape size",
  // DuckDB
  "test/golden/language/groups_are_rdds.hs": "distinct union first sort_by fold scan reduce flat_map words lower",
  "test/golden/language/names_in_quotes.hs": "group_by csv",
  "test/runtime/table-programs.test.ts": "parquet json cache drop_missing images text utf8",
  "test/runtime/join-tensors.test.ts": "join",
  // files of other programs
  "test/golden/language/files_of_tables.hs": "arrow npz bytes",
  "test/runtime/formats.test.ts": "idx safetensors binary",
  "test/runtime/sparse.test.ts": "length pad_to libsvm",
};
/** worked out by hand, in goldens: texts, instants, records, and what says nothing of a number */
const BY_HAND: Readonly<Record<string, string>> = {
  functions_of_text: "upper trim replace matches contains starts_with substring",
  functions_of_time: "parse_time format_time year month day weekday hour seconds date",
  constants_and_casts: "hash nan string f64",
  lists_in_rows: "skip_grams",
  vocabularies: "vocab",
  records: "pick drop vector",
  names_of_columns: "rename",
  a_net_per_setting: "grid",
  layers_share_and_repeat: "repeat",
  strategies_on_one_rank: "average easgd",
  functions_of_one_element: "lerp",
  initialisers: "orthogonal",
  metrics: "top_k_accuracy",
};
test("each is called by a program whose results are compared", () => {
  const where = new Map<string, string>();
  for (const [at, text] of programs()) for (const n of used(text, at)) if (!where.has(n)) where.set(n, at);
  const refused = names.filter(n => specials.get(n)?.notBuilt);
  expect(names.filter(n => !where.has(n))).toEqual(refused);
});
test("the value of each is held to something foreign, or worked out by hand", () => {
  const listed: string[] = [];
  const own = new Map<string, ReadonlySet<string>>();
  for (const [at, text] of programs()) own.set(at, new Set([...(own.get(at) ?? []), ...used(text, at)]));
  const tables = {
    ...HELD,
    ...Object.fromEntries(Object.entries(BY_HAND).map(([n, v]) => [`test/golden/language/${n}.hs`, v])),
  };
  for (const [at, list] of Object.entries(tables)) {
    const text = read(at);
    // where programs can be read they must call it; in other files no method is meant
    const says = (n: string): boolean => own.get(at)?.has(n) ?? new RegExp(`(?<![.\\w])${n}\\b`).test(text);
    const all = list.split(/\s+/);
    const silent = all.filter(n => !says(n));
    expect.soft(silent, at).toEqual([]);
    listed.push(...all);
  }
  expect(listed.toSorted()).toEqual([...new Set(names)].filter(n => !specials.get(n)?.notBuilt).toSorted());
});
