/** What check makes of tables: strings, instants, lists, values that may be missing; joins, groups, orders, windows, vocabularies. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { showType } from "../../src/frontend/check/types.ts";
import { core, printed, said, weights } from "./checking.ts";

const around = `let people = csv("people.csv")
let orders = parquet("orders.parquet")
let rates = csv("rates.csv")
let series = parquet("series.parquet")
let lines = text("lines.txt")
let pets = images("pets/*.jpg", size: 8)
let names = people |> vocab(.name)
`;
const type = (expression: string): string => printed(`${around}print ${expression}\n`).at(-1)!;
/** of what the function of a map gives of a row of people */
const field = (expression: string): string => {
  const all = type(`people |> map(r => { x: ${expression} })`);
  return /^rdd \{ x: (.*) \}$/s.exec(all)![1]!;
};

describe("values of a row", () => {
  test.each([
    // strings
    ['r.name + "!"', "string"],
    ['"x" + "y"', "string"],
    ['r.name == "Ann"', "bool"],
    ['"Ann" != r.name', "bool"],
    ["r.name < r.name", "bool"],
    ["string(r.id)", "string"],
    ["string(r.income) + r.name", "string"],
    ["string(r.member)", "string"],
    ["string(r.born)", "string"],
    ["f64(r.name)", "f64?"],
    ["i32(r.name)", "i32?"],
    ["i64(r.job)", "i64?"],
    ["bool(r.name)", "bool?"],
    ["f32(r.name) ?? 0", "f32"],
    ["lower(r.name)", "string"],
    ["upper(trim(r.name))", "string"],
    ['replace(r.name, "a+", "b")', "string"],
    ['matches(r.name, "^A")', "bool"],
    ['contains(r.name, "nn")', "bool"],
    ["starts_with(r.name, lower(r.name))", "bool"],
    ["length(r.name)", "i32"],
    ["substring(r.name, 0, 3)", "string"],
    ["substring(r.name, i32(r.income), 3)", "string"],
    ["hash(r.name, 64)", "i32"],
    // values that may be missing
    ["r.job", "string?"],
    ['r.job ?? "none"', "string"],
    ["r.job ?? r.name", "string"],
    ["r.job ?? r.job", "string?"],
    ["r.job == none", "bool"],
    ["none != r.left", "bool"],
    ["r.left ?? r.born", "time"],
    ["r.age ?? r.age ?? 0", "i64"],
    ["if r.member then r.age else none", "i64?"],
    ["if r.member then r.name else none", "string?"],
    ["if r.member then none else 1", "i32?"],
    ['where(r.member, r.name, "x")', "string"],
    ["where(r.member, r.job, r.name)", "string?"],
    ['if r.income > 0 then "rich" else r.name', "string"],
    ["if r.member then { a: r.age, b: 1 } else { a: none, b: 2 }", "{ a: i64?, b: i32 }"],
    // instants
    ["r.born < r.left ?? r.born", "bool"],
    ["year(r.born)", "i32"],
    ["month(r.born) + day(r.born) + weekday(r.born) + hour(r.born)", "i32"],
    ["seconds(r.born)", "f64"],
    ["seconds(r.born) - seconds(r.left ?? r.born)", "f64"],
    ["date(r.born) == r.born", "bool"],
    ['parse_time(r.name, "%Y-%m-%d")', "time?"],
    ['parse_time(r.job, "%Y-%m-%d") ?? r.born', "time"],
    ['format_time(r.born, "%d.%m.%Y")', "string"],
    // lists
    ["words(r.name)", "list string"],
    ["words(r.name) |> map(lower)", "list string"],
    ["words(r.name) |> map(w => { w: w, n: length(w) })", "list { w: string, n: i32 }"],
    ["words(r.name) |> filter(w => length(w) > 3)", "list string"],
    ["words(r.name) |> map(names.index)", "list i32"],
    ["words(r.name) |> count", "i32"],
    ["length(words(r.name))", "i32"],
    ["words(r.name) |> map(length) |> sum", "i32"],
    ["words(r.name) |> mean(length)", "f32"],
    ["words(r.name) |> max(length)", "i32"],
    ['words(r.name) |> any(w => w == "x")', "bool"],
    ["words(r.name) |> map(length) |> pad_to(5)", "i32[5]"],
    ["words(r.name) |> map(w => f32(length(w))) |> pad_to(5, value: -1)", "f32[5]"],
    ["skip_grams(words(r.name), window: 2)", "list { center: string, context: string }"],
    ["[r.name, r.job ?? r.name]", "list string"],
    ['[r.name, "x"]', "list string"],
    ["[{ a: r.name, n: 1 }, { a: lower(r.name), n: i64(2) }]", "list { a: string, n: i64 }"],
    ["skip_grams([r.name, lower(r.name)], 1)", "list { center: string, context: string }"],
    // vocabularies
    ["names.index(r.name)", "i32"],
    ["names.index(r.job)", "i32"],
    ["names.value(names.index(r.name))", "string"],
    ["one_hot(names.index(r.job), names.size)", "f32[names.size]"],
  ])("%s: %s", (e, t) => {
    expect(field(e)).toBe(t);
  });
  test("functions with written types", () => {
    const typed = `fn f(s: string, t: string?, at: time, w: list string) = if t == none then s else lower(s) + string(year(at))
print people |> map(r => f(r.name, r.job, r.born, words(r.name)))
`;
    expect(printed(around + typed).at(-1)).toBe("rdd string");
  });
});

describe("literals are folded", () => {
  test.each([
    ['"a" + "b"', '"ab"'],
    ['"a" < "b"', "bool = 1"],
    ['"B" >= "a"', "bool = 0"],
    // by code points, not by UTF-16 units
    ['"\\u{1F600}" > "\\u{FF5E}"', "bool = 1"],
    ['upper("ab")', '"AB"'],
    ['trim("  x ")', '"x"'],
    ['contains("abc", "bc")', "bool = 1"],
    ['starts_with("abc", "bc")', "bool = 0"],
    ['length("a\\u{1F600}")', "i32 = 2"],
    ['substring("hello", 1, 3)', '"ell"'],
    ["string(12)", '"12"'],
    ["string(0.1)", '"0.1"'],
    ["string(f64(1) / 3)", '"0.3333333333333333"'],
    ['f64("3.5")', "f64 = 3.5"],
    ['i32(" 12 ") ?? 0', "i32 = 12"],
    ['i32("12.5") == none', "bool = 1"],
    ['replace("banana", "a+", "o")', '"bonono"'],
    ['matches("banana", "^b.*a$")', "bool = 1"],
    ['hash("banana", 10)', "i32 = 6"],
    ['parse_time("2025-02-30", "%Y-%m-%d") == none', "bool = 1"],
    ['format_time(parse_time("2025-03-02", "%Y-%m-%d") ?? first(people).born, "%d.%m.%y")', '"02.03.25"'],
    ["string(true)", '"true"'],
    ['words(" a  bc ")', 'list ["a", "bc"]'],
    ['count(words("a b"))', "i32 = 2"],
    ['skip_grams(words("a b c"), 1) |> count', "i32 = 4"],
    ["pad_to([1, 2], 4)", "i32[4] = [1,2,0,0]"],
    ["pad_to([1, 2, 3], 2)", "i32[2] = [1,2]"],
    ["pad_to([1.5], 3, value: -1)", "f32[3] = [1.5,-1,-1]"],
    ["pad_to([[1, 2], [3, 4]], 1)", "i32[1, 2] = [1,2]"],
    ['["a", "b"] |> flat_map(s => [s, upper(s)])', 'list ["a", "A", "b", "B"]'],
    ["[[1, 2], [3]] |> flat_map(x => x)", "list [i32 = 1, i32 = 2, i32 = 3]"],
  ])("%s is %s", (e, t) => {
    expect(type(e)).toBe(t);
  });
});

describe("the programs of the design", () => {
  const program = (name: string): string => readFileSync(new URL(`programs/${name}`, import.meta.url), "utf8");
  test("03: a vocabulary decides a side of a weight", () => {
    const text = program("03_tabular.hs");
    expect(weights(text)).toEqual([
      "embedding1.w: f32[cities.size, 16]",
      "dense1.w: f32[jobs.size + 19, 64]",
      "dense1.b: f32[64]",
      "dense2.w: f32[64, 1]",
      "dense2.b: f32[1]",
    ]);
    expect(core(text).symbols.map(s => s.name)).toEqual(["jobs.size", "cities.size"]);
    expect(printed(text)).toEqual(["f64"]);
  });
  test("06: words to pairs of numbers", () => {
    const text = program("06_word2vec.hs");
    expect(weights(text)).toEqual(["input.vectors: f32[terms.size, 100]", "output.vectors: f32[terms.size, 100]"]);
    const net = core(text).nets.find(n => n.k === "train");
    expect(net?.k === "train" && showType(net.rows.type)).toBe("rdd { center: i32, context: i32 }");
  });
  test("12: a tensor with an entry per page", () => {
    expect(printed(program("12_pagerank.hs"))).toEqual(["rdd { page: string, rank: f32 }"]);
  });
  test("14: joins, groups, scores", () => {
    expect(printed(program("14_etl.hs"))).toEqual([
      "rdd { user: i64, spent: f64, age: i32, score: f32 }",
      "rdd { user: i64, spent: f64, age: i32, score: f32 }",
    ]);
  });
  test("16: a class per folder of pictures", () => {
    const texts = {
      "a.hs": program("16_transfer.hs").replace("pets.onnx", "pets.safetensors"),
      "resnet.hs": program("resnet.hs"),
    };
    expect(core(texts).nets[0]!.weights.at(-1)).toMatchObject({ path: "head.b" });
    expect(showType(core(texts).nets[0]!.weights.at(-1)!.type)).toBe("f32[breeds.size]");
  });
});

describe("tables", () => {
  test.each([
    ["lines", "rdd string"],
    ["pets", "rdd { image: u8[3, 8, 8], label: string, path: string }"],
    // joins: the columns of a, then those of b but `on`
    [
      'orders |> join(people |> map(r => { r.id, r.name, r.age }), on: "id")',
      "rdd { order: i64, id: i64, price: f64, pieces: i32, at: time, name: string, age: i64? }",
    ],
    [
      'people |> map(r => { r.name, r.age }) |> join(rates, on: "name", how: "left")',
      "rdd { name: string, age: i64?, rate: f64? }",
    ],
    [
      'people |> map(r => { r.name, r.id }) |> join(rates, on: "name", how: "full")',
      "rdd { name: string, id: i64?, rate: f64? }",
    ],
    ['rates |> join(people, on: "name", how: "semi")', "rdd { name: string, rate: f64 }"],
    ['rates |> join(people, on: ["name"], how: "anti")', "rdd { name: string, rate: f64 }"],
    [
      'people |> map(r => { r.name, r.id, a: { x: r.income } }) |> join(people |> map(r => { r.id, r.name, b: { y: r.income, z: r.age } }), on: ["id", "name"], how: "left")',
      "rdd { name: string, id: i64, a: { x: f64 }, b: { y: f64?, z: i64? } }",
    ],
    ['rename(rates, { rate: "other", name: "who" })', "rdd { who: string, other: f64 }"],
    // groups: .x gives x, a record its fields, anything else `key`
    ["people |> group_by(.job, g => { n: count(g) })", "rdd { job: string?, n: i32 }"],
    [
      "people |> group_by(.job, g => { v: var(g, .income), q: quantile(g, 0.5, .income) })",
      "rdd { job: string?, v: f64, q: f64 }",
    ],
    ["people |> group_by(.job, g => { n: max_by(g, .income).name })", "rdd { job: string?, n: string }"],
    [
      "people |> group_by(.job, g => { n: g |> sort_by(.age) |> first })",
      "rdd { job: string?, n: { id: i64, name: string, job: string?, age: i64?, income: f64, born: time, left: time?, member: bool } }",
    ],
    [
      "people |> group_by(.job, g => { n: g |> sort_by(.id) |> take(2) |> map(.id) })",
      "rdd { job: string?, n: list i64 }",
    ],
    [
      "people |> group_by(.job, g => { n: g |> map(r => { r.id, w: words(r.name) }) })",
      "rdd { job: string?, n: list { id: i64, w: list string } }",
    ],
    [
      "people |> group_by(.job, g => { n: g |> group_by(.member, h => { m: count(h) }) })",
      "rdd { job: string?, n: list { member: bool, m: i32 } }",
    ],
    [
      "people |> group_by(.job, g => { n: g |> flat_map(r => words(r.name)) |> distinct |> count })",
      "rdd { job: string?, n: i32 }",
    ],
    ["people |> group_by(.job, g => { n: fold(map(g, .id), 0, (s, x) => s + x) })", "rdd { job: string?, n: i64 }"],
    ["people |> group_by(.job, g => { n: window(map(g, .income), 2) })", "rdd { job: string?, n: list f64[2] }"],
    [
      "series |> group_by(.store, g => { n: sum(g, .shelf), m: var(g, .shelf) })",
      "rdd { store: string, n: f32[3], m: f32[3] }",
    ],
    ["people |> map(r => words(r.name)[0])", "rdd string"],
    ["people |> map(r => words(r.name)[1:-1])", "rdd list string"],
    ["people |> map(r => words(r.name) |> map(words))", "rdd list list string"],
    [
      "people |> map(r => words(r.name) |> map(w => { w, n: length(w) }) |> sort_by(.n) |> zip_index)",
      "rdd list { w: string, n: i32, index: i64 }",
    ],
    ['people |> map(r => ["a", "b"][i32(r.id) % 2])', "rdd string"],
    ["people |> map(r => max(words(r.name)))", "rdd string"],
    ['people |> map(r => scan(words(r.name), "", (s, w) => s + w))', "rdd list string"],
    ["people |> group_by(r => r.name, g => { n: count(g) })", "rdd { name: string, n: i32 }"],
    [
      "people |> group_by(r => { r.name, born: year(r.born) }, g => { n: count(g) })",
      "rdd { name: string, born: i32, n: i32 }",
    ],
    ["people |> group_by(r => length(r.name), g => { n: count(g) })", "rdd { key: i32, n: i32 }"],
    [
      "people |> group_by(.job, g => { n: count(g), members: sum(g, .member), share: mean(g, .member), age: mean(g, .age), first: first(g).name, last: max(g, .born), old: min(g, .age), any: any(g, .member), all: all(g, r => r.income > 0), kinds: count_distinct(g, .name) })",
      "rdd { job: string?, n: i32, members: i32, share: f32, age: f64, first: string, last: time, old: i64, any: bool, all: bool, kinds: i32 }",
    ],
    [
      "people |> group_by(.job, g => { x: sum(g, .income) / count(g), y: count(g |> filter(.member)) })",
      "rdd { job: string?, x: f64, y: i32 }",
    ],
    [
      "people |> group_by(.job, g => { x: g |> map(r => r.income * 2) |> sum, s: max(g, .name) })",
      "rdd { job: string?, x: f64, s: string }",
    ],
    [
      "people |> group_by(.job, g => { f: first(g), i: names.index(first(g).name) })",
      "rdd { job: string?, f: { id: i64, name: string, job: string?, age: i64?, income: f64, born: time, left: time?, member: bool }, i: i32 }",
    ],
    ["people |> distinct |> count", "i32"],
    ["rates |> distinct(by: .name)", "rdd { name: string, rate: f64 }"],
    ["rates |> distinct(by: r => { r.name, x: r.rate > 1 })", "rdd { name: string, rate: f64 }"],
    ["rates |> sort_by(.rate, descending: true) |> take(3)", "rdd { name: string, rate: f64 }"],
    ["people |> sort_by(.age) |> map(.id)", "rdd i64"],
    ["rates |> take(names.size) |> collect", "{ name: string[names.size], rate: f64[names.size] }"],
    ["rates |> union(rates |> map(r => { r.rate, name: lower(r.name) }))", "rdd { name: string, rate: f64 }"],
    ["lines |> flat_map(words)", "rdd string"],
    ["lines |> map(s => words(lower(s))) |> flat_map(w => w)", "rdd string"],
    ["lines |> flat_map(s => skip_grams(words(s), window: 1))", "rdd { center: string, context: string }"],
    ["rows([1.0, 2.0]) |> flat_map(x => [x, -x])", "rdd f32"],
    ["rates |> flat_map(r => [{ r.name, k: 1 }, { r.name, k: 2 }])", "rdd { name: string, k: i32 }"],
    [
      "series |> map(r => { r.store, r.sold, r.shelf }) |> window(7, by: .store)",
      "rdd { store: string, sold: f32[7], shelf: f32[7, 3] }",
    ],
    [
      'series |> map(r => { r.store, r.sold }) |> window(7, stride: 2, by: "store")',
      "rdd { store: string, sold: f32[7] }",
    ],
    ["rows([1.0, 2.0, 3.0]) |> window(2)", "rdd f32[2]"],
    ["rates |> repartition(4) |> cache", "rdd { name: string, rate: f64 }"],
    ["lines |> zip_index", "rdd { value: string, index: i64 }"],
    ["people |> drop_missing |> map(r => { r.job, r.age, r.left })", "rdd { job: string, age: i64, left: time }"],
    ["(people |> split({ a: 0.5, b: 0.5 }, by: .id)).a |> count", "i32"],
    ["(people |> split({ a: 0.5, b: 0.5 }, by: .name)).b |> map(.id)", "rdd i64"],
    // actions
    ["count_distinct(people, .job)", "i32"],
    ["count_distinct(lines)", "i32"],
    ["names.counts", "i32[names.size]"],
    ["names.value(0)", "string"],
    ["rows([1, 2]) |> map(names.value)", "rdd string"],
    ["vocab(people, .job, min_count: 2, max: 100).counts", "i32[vocab.size]"],
    ["is_function((lines |> vocab).index)", "bool = 1"],
    ["first(people).name", "string"],
    ["first(rates)", "{ name: string, rate: f64 }"],
    ["rates |> max_by(.rate)", "{ name: string, rate: f64 }"],
    ["collect(rates)", "{ name: string[rows], rate: f64[rows] }"],
    ["collect(rates |> take(2)).name", "string[2]"],
    ["(people |> max_by(.age)).name", "string"],
    ["(people |> min_by(.income)).id", "i64"],
    ["rates |> map(.rate) |> reduce(maximum)", "f64"],
    [
      "rates |> map(r => { a: r.rate, b: 1 }) |> reduce((x, y) => { a: x.a * y.a, b: x.b + y.b })",
      "{ a: f64, b: i32 }",
    ],
    ["[[1, 2], [3, 4]] * i32(rows([1]) |> count) |> reduce((a, b) => a + b)", "i32[2]"],
    [
      "describe(people)",
      "{ id: { mean: f64, std: f64, min: i64, max: i64 }, age: { mean: f64, std: f64, min: i64, max: i64 }, income: { mean: f64, std: f64, min: f64, max: f64 } }",
    ],
    ["max(people, .born)", "time"],
    ["min(people, .left)", "time"],
    ["mean(people, .age)", "f64"],
    ["moments(people, .age)", "{ mean: f64, std: f64 }"],
    ["var(people, .income)", "f64"],
    ["auc(people, .income, .member)", "f64"],
    ["mean(people, r => names.index(r.name) == 1)", "f32"],
  ])("%s", (e, t) => {
    expect(type(e)).toBe(t);
  });
});

/** one for each that a person gets wrong */
const wrong: readonly string[] = [
  // message 4
  "people |> map(r => r.age / 2)",
  'people |> map(r => r.job + "x")',
  "people |> map(r => lower(r.job))",
  "people |> map(r => year(r.left))",
  "people |> filter(r => r.left < r.born)",
  'people |> filter(r => r.job == "x")',
  "people |> map(r => vector({ r.age }))",
  "people |> map(r => [r.income, r.age])",
  "people |> map(r => r.name ?? 1)",
  "people |> map(r => r.job ?? 1)",
  "people |> map(r => -r.age)",
  "people |> map(r => log1p(r.age))",
  // message 5
  "people |> map(r => vector({ r.income, r.name }))",
  "people |> map(r => [r.income, r.name])",
  "people |> map(r => [r.born, r.income])",
  "people |> map(r => pad_to(words(r.name), 3))",
  "lines |> map(s => one_hot(s, 3))",
  "sum(people, .name)",
  "max(people, .name)",
  "mean(people, .born)",
  "people |> map(r => sum(words(r.name)))",
  // message 6
  "people |> map(.nmae)",
  'people |> join(rates, on: "nme")',
  // message 7
  "people |> map(p => rates |> filter(r => r.name == p.name))",
  "people |> group_by(.job, g => { n: count(g), m: count(rates) })",
  "people |> map(p => p.income + count(rates))",
  // strings and instants
  "people |> map(r => r.name * 2)",
  "people |> map(r => r.name + 1)",
  "people |> map(r => r.name == 1)",
  'people |> map(r => r.born == "2025-01-01")',
  "people |> map(r => r.born - r.born)",
  "people |> map(r => r.born + 1)",
  "people |> map(r => i64(r.born))",
  "people |> map(r => sqrt(r.name))",
  "people |> map(r => lower(r.income))",
  "people |> map(r => year(r.name))",
  "people |> map(r => if r.member then r.name else 1)",
  "people |> map(r => none)",
  'people |> map(r => matches(r.name, "("))',
  "people |> map(r => matches(r.name, r.name))",
  "people |> map(r => hash(r.name, 0))",
  "lower(people)",
  "string(people)",
  "string([1, 2])",
  "length([1, 2])",
  "names.index(3)",
  'names.value("x")',
  // lists
  "people |> map(r => [r.name, 1])",
  "people |> map(r => [r.name, { a: 1 }])",
  "people |> map(r => words(r.name) |> filter(length))",
  "people |> map(r => words(r.name)) |> collect",
  "pad_to([1, 2], 4, value: [1])",
  "people |> map(r => skip_grams(r.name, 2))",
  // joins
  'people |> join(orders |> map(r => { id: i32(r.id) }), on: "id")',
  'people |> join(people, on: "id")',
  'people |> join(rates, on: "name", how: "outer")',
  'people |> join(rates, on: ["name", "name"])',
  "people |> join(rates, on: 3)",
  'people |> join(people |> map(r => { r.age, x: 1 }), on: "age")',
  'lines |> join(rates, on: "name")',
  'series |> join(series |> map(r => { r.shelf }), on: "shelf")',
  'rename(rates, { rate: "name" })',
  'rename(rates, { rte: "x" })',
  // groups
  "people |> group_by(.job, g => count(g))",
  "people |> group_by(.job, g => { job: count(g) })",
  "people |> group_by(.job, g => { n: sum(g, .name) })",
  "series |> group_by(.shelf, g => { n: count(g) })",
  "people |> group_by(.job)",
  // other transforms
  "rates |> union(people)",
  "series |> distinct",
  "series |> sort_by(.shelf)",
  "[3, 1, 2] |> sort_by(x => x)",
  "rates |> sort_by(.rate, descending: 1)",
  "people |> flat_map(.age)",
  "series |> window(7)",
  "people |> window(7, by: .job)",
  "series |> map(r => { r.sold, r.store }) |> window(7, by: r => r.sold + 1)",
  "rates |> window(2, axis: 1)",
  "series |> batch(2)",
  "people |> split({ a: 1 }, by: .income)",
  "people |> split({ a: 1 }, by: .job)",
  "vocab(people)",
  "vocab(people, .id)",
  "vocab(people, r => words(r.name))",
  "people |> reduce((a, b) => a.name)",
  'rates |> map(.rate) |> reduce((a, b) => "x")',
  'images("pets/*.jpg", size: [1, 2, 3])',
  'text("nothing.txt")',
  // trainings, and statistics of groups
  "train(x => dense(x, 1), lines |> map(s => { w: words(s), x: [1.0] }), loss: (m, r) => sum(m(r.x)), optimizer: sgd(0.1), epochs: 1)",
  // signatures
  "{ let f = s => lower(s)\n f(3) }",
  // gradients
  "grad(w => people |> map(r => { r.name, v: r.income * w }) |> group_by(.name, g => { s: sum(g, .v) }) |> sum(.s))(f64(1))",
  'grad(w => orders |> map(r => { r.id, v: r.price * w }) |> join(people |> map(r => { r.id }), on: "id") |> sum(.v))(f64(1))',
];
test("what is wrong", async () => {
  const one = (e: string): string => {
    const text = said(`${around}print ${e}\n`);
    expect(text, e).not.toBe("");
    return `===== ${e}\n${text}\n`;
  };
  await expect(wrong.map(one).join("\n")).toMatchFileSnapshot("./tables-errors.txt");
});
test("saving", () => {
  const to = (e: string, path: string): string => said(`${around}save ${e} to "${path}"\n`);
  expect(to("lines", "a.txt")).toBe("");
  expect(to("first(lines)", "a.txt")).toBe("");
  expect(to("people", "a.csv")).toBe("");
  expect(to("lines |> map(words)", "a.csv")).toContain("a cell of .csv holds one value, a row is list string");
  expect(to("people", "a.txt")).toContain(".txt holds a string or an rdd of strings");
});
