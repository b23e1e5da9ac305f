/** Each clause of language.md 8, what is an error or a warning when compiling, has a golden that shows what is said; so has each of the fifteen mistakes of errors.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../golden/errors");
/** clause, golden, its message */
const CLAUSES: readonly (readonly [string, string, string])[] = [
  ["unknown name", "unknown_names", "error: no name `imges` here"],
  ["unknown field", "unknown_fields_and_options", "error: no field `nme` in r"],
  ["unknown argument", "15_unknown_argument", "error: conv has no argument `kernel_size`"],
  ["unknown option", "unknown_fields_and_options", 'error: `how` of join cannot be "iner"'],
  ["did you mean", "unknown_names", "did you mean `images`?"],
  ["wrong number of arguments", "wrong_number_of_arguments", "error: f takes 2 arguments, 3 are given"],
  ["dims that differ", "dims_that_differ", "error: shapes differ in `@`: f32[2] and f32[3]"],
  ["type mixes", "type_mixes", "error: `+` needs numbers, this is bool"],
  ["`T?` used as T", "04_missing_value", "error: r.speed may be missing (i64?), and `/` needs a number"],
  ["a chain", "10_chain_of_comparisons", "error: comparisons do not chain"],
  [
    "an rdd inside a per-record lambda",
    "07_rdd_in_a_lambda",
    "error: `users` is an rdd and cannot be read for each record of `orders`",
  ],
  ["weight outside a layer", "parts_of_layers_outside_of_one", "error: `weight` outside a layer"],
  ["state outside a layer", "parts_of_layers_outside_of_one", "error: `state` outside a layer"],
  ["training outside a layer", "parts_of_layers_outside_of_one", "error: `training` outside a layer"],
  ["a layer in a fn", "layers_where_none_can_be", "error: dense is a layer: a fn cannot hold its weights"],
  ["a layer in map over an rdd", "layers_where_none_can_be", "error: dense is a layer: it has no weights yet"],
  [
    "next hangs on a record",
    "state_of_a_record",
    "error: the next value of the state counted1.seen hangs on one record",
  ],
  ["over_batch without a batch", "over_batch_without_a_batch", "error: `over_batch` without a batch"],
  ["a loss that is no scalar", "13_loss_per_class", "error: the loss of one record must be one number"],
  ["a loss that no weight influences", "loss_without_weights", "error: no weight of Score influences the loss"],
  ["argmax before the loss", "14_loss_without_gradient", "influences the loss: `argmax` has a zero gradient"],
  ["join columns of two types", "joins", "error: `cost` is f64 in people and f32 in prices"],
  ["colliding names", "joins", "error: both sides of the join have a column `speed`"],
  ["strings in a tensor", "strings_in_a_tensor", "error: a tensor holds numbers, r.name is string"],
  ["recursion", "recursion", "error: `f` calls itself"],
  ["an import with effects", "imports_with_effects_and_cycles", "error: an imported file has no effects: `print`"],
  ["a file that does not exist", "missing_file", "error: cannot read no_such_file.npy: no such file"],
  ["columns that differ", "written_type_and_table_differ", "error: no column `price` in ../data/table.csv"],
  ["a type that differs", "written_type_and_file_differ", "is f32[3, 4], not f32[4, 4]"],
  ["an unreachable --set", "param_that_does_not_exist", "error: --set learning_rate: the program has no param"],
  ["an unused training", "warning_of_an_unused_training", "warning: nothing uses this training of net"],
  ["softmax before cross_entropy", "warning_of_softmax_before_the_loss", "warning: `softmax` before `cross_entropy`"],
  ["relu as the last layer", "warning_of_relu_before_the_loss", "warning: `relu` as the last layer of a classifier"],
];

test.each(CLAUSES)("%s: %s", (_, name, message) => {
  const text = readFileSync(join(folder, `${name}.hs`), "utf8");
  const said = text.slice(text.indexOf("\n//= "));
  expect(said).toContain(message);
});
test("each of the fifteen mistakes of errors.md has a golden", () => {
  const numbered = new Set(readdirSync(folder).flatMap(f => /^(\d\d)_/.exec(f)?.[1] ?? []));
  expect([...numbered].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
});
