/** What check makes of programs that are right: types, weights and their paths, params, symbols, captures, places. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Expr, inputsOf, leaves, type Op, type Train } from "../../src/frontend/core.ts";
import { checked, core, printed, said, shown, weights } from "./checking.ts";

const program = (name: string): string => readFileSync(new URL(`programs/${name}`, import.meta.url), "utf8");
const digits = 'let d = idx("images", "labels")\n';
const trainOf = (text: string): Train => {
  const net = core(text).nets.find(n => n.k === "train");
  if (net?.k !== "train") throw new Error("no train");
  return net;
};
/** every op that an expression reads, also in functions */
function ops(roots: readonly Expr[]): readonly Op[] {
  const seen = new Set<Expr>();
  const stack = [...roots];
  while (stack.length) {
    const e = stack.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    stack.push(...inputsOf(e));
    if (e.k === "op") for (const f of Object.values(e.fns)) stack.push(...leaves(f.body).map(([, x]) => x));
  }
  return [...seen].filter(e => e.k === "op");
}

describe("the programs in scope", () => {
  test("01: LeNet", () => {
    const c = core(program("01_lenet.hs"));
    expect(c.params).toMatchObject([{ name: "lr", value: 0.01, fixed: false }]);
    expect(c.nets.flatMap(n => n.weights.map(w => w.path))).toEqual(
      ["conv1", "conv2", "dense1", "dense2"].flatMap(l => [`${l}.w`, `${l}.b`]),
    );
    const net = c.nets[0] as Train;
    expect(net).toMatchObject({ k: "train", name: "net", batch: 64, epochs: 4, steps: undefined, shuffle: true });
    expect(net.strategy).toEqual({ name: "average", options: { every: 10 } });
    expect(net.updates[0]!.fn.params.map(p => p.name)).toEqual(["x", "y", ...net.weights.map(w => w.path)]);
    expect(net.updates[0]!.fn.captures).toEqual([]);
    // the learning rate is a param of the run: the optimizer captures it
    expect(net.weights[0]!.optimizer!.step.captures.map(e => e.k)).toEqual(["param"]);
    expect(net.weights[0]!.optimizer!.slots.map(([path]) => path)).toEqual([""]);
    expect(c.effects.map(e => shown(e.value))).toEqual(["f32", "net net"]);
  });
  test("09: a record of models", () => {
    expect(weights(program("09_autoencoder.hs")).filter(w => w.includes(".w"))).toEqual([
      "encode.dense1.w: f32[784, 128]",
      "encode.dense2.w: f32[128, 32]",
      "decode.dense1.w: f32[32, 128]",
      "decode.dense2.w: f32[128, 784]",
    ]);
  });
  test("19: sides that only the files know", () => {
    const c = core(program("19_product.hs"));
    expect(shown(c.effects[0]!.value)).toBe("f32[n, m]");
    expect(c.symbols.map(s => s.name)).toEqual(["n", "k", "k", "m"]);
    expect(c.symbols.every(s => s.from.k === "file")).toBe(true);
    expect(c.checks.map(k => k.message)).toEqual(["`k` differs"]);
  });
  test("22: a loss, an optimizer, a schedule and an initialiser of one's own", () => {
    const text = program("22_custom.hs").replace("print history(net)", 'save net to "a.safetensors"');
    const net = trainOf(text);
    expect(net.weights.map(w => w.path)).toEqual(["dense1.w", "dense1.b", "dense2.w", "dense2.b"]);
    expect(net.updates[0]!.fn.random).toBe(false);
    // the index of the label is checked at run time
    const checks = new Set<string>();
    const stack: Expr[] = leaves(net.updates[0]!.fn.body).map(([, e]) => e);
    while (stack.length) {
      const e = stack.pop()!;
      if (e.k === "check") checks.add(e.message);
      stack.push(...inputsOf(e));
    }
    expect([...checks]).toEqual(["index `y` is out of range: axis 0 has 10"]);
  });
  test("a file of definitions alone", () => {
    expect(core(program("lenet_model.hs")).effects).toEqual([]);
  });
});

const around = `param p = 3
param q = 0.5
param on = true
let t = normal([2, 3])
let v = normal([3])
let i = randint(0, 5, [4])
let j = randint(0, 5)
let d = idx("images", "labels")
fn twice(x, f) = f(f(x))
`;
describe("types", () => {
  test.each([
    // literals take the type of their neighbour
    ["1 + 2", "i32 = 3"],
    ["1.5", "f32 = 1.5"],
    ["0.1", "f32 = 0.10000000149011612"],
    ["5 / 2", "f32 = 2.5"],
    ["f64(1) * 0.5", "f64 = 0.5"],
    ["f64(1) * 0.1", "f64 = 0.1"],
    ["f16(1) * 0.5", "f16 = 0.5"],
    ["i64(3) * 0.5", "f64 = 1.5"],
    ["i32(3) * 0.5", "f32 = 1.5"],
    ["f16(3) * 2", "f16 = 6"],
    ["i * 2", "i32[4]"],
    ["i * 2.5", "f32[4]"],
    ["t * 2", "f32[2, 3]"],
    ["[1, 2.5]", "f32[2] = [1,2.5]"],
    ["[]", "i32[0] = []"],
    // promotion
    ["u8(3) + u8(4)", "i32 = 7"],
    ["i32(1) + i64(2)", "i64 = 3"],
    ["i64(1) / 2", "f64 = 0.5"],
    ["i / 2", "f32[4]"],
    ["i64(i) / 2", "f64[4]"],
    ["t + f64(1)", "f64[2, 3]"],
    ["i + t[0, 0]", "f32[4]"],
    ["t * p", "f32[2, 3]"],
    ["2 ^ 3", "i32 = 8"],
    ["v ^ 2", "f32[3]"],
    ["-7 % 3", "i32 = 2"],
    ["div(-7, 2)", "i32 = -4"],
    ["-2 ^ 2", "i32 = -4"],
    ["sqrt(i)", "f32[4]"],
    ["abs(i)", "i32[4]"],
    ["minimum(i, 2.5)", "f32[4]"],
    ["where(t > 0, 1, 0)", "i32[2, 3]"],
    ["where(t > 0, t, 0)", "f32[2, 3]"],
    ["sum(t > 0)", "i32"],
    ["mean(t > 0)", "f32"],
    ["mean(i)", "f32"],
    ["mean(i64(i))", "f64"],
    ["1 == 1.0", "bool = 1"],
    ["true and not false", "bool = 1"],
    ["i % 2 == 0 and t[0, 0] > 0", "bool[4]"],
    ["i32(2.7)", "i32 = 2"],
    ["i32(-2.7)", "i32 = -2"],
    ["i32(3e9)", "i32 = 2147483647"],
    ["u8(300)", "u8 = 255"],
    // shapes
    ["t + [1, 2, 3]", "f32[2, 3]"],
    ["unsqueeze(v, 1) + v", "f32[3, 3]"],
    ["t @ v", "f32[2]"],
    ["v @ v", "f32"],
    ["t @ transpose(t)", "f32[2, 2]"],
    ["[[1, 2], [3, 4]] @ [1, 2]", "i32[2]"],
    ["t[0]", "f32[3]"],
    ["t[-1, 1]", "f32"],
    ["t[:, 0]", "f32[2]"],
    ["t[..., 0]", "f32[2]"],
    ["t[:, 1:]", "f32[2, 2]"],
    ["t[0:-1]", "f32[1, 3]"],
    ["v[j]", "f32"],
    ["v[i]", "f32[4]"],
    ["t[:, i]", "f32[2, 4]"],
    ["[5, 6, 7][1]", "i32 = 6"],
    ["shape(t)", "i32[2] = [2,3]"],
    ["shape(t)[0] * 2", "i32 = 4"],
    ["zeros(shape(t))", "f32[2, 3]"],
    ["full([2, p], 1)", "i32[2, 3]"],
    ["reshape(t, [3, -1])", "f32[3, 2]"],
    ["concat([t, t], axis: 1)", "f32[2, 6]"],
    ["concat([v, [1, 2]])", "f32[5]"],
    ["[t, t]", "f32[2, 2, 3]"],
    ["[v, [1, 2]]", "list [f32[3], i32[2] = [1,2]]"],
    // records, lists, functions
    ["{ a: 1, b: { c: t } }", "{ a: i32 = 1, b: { c: f32[2, 3] } }"],
    ["{ ...{ a: 1, b: 2 }, b: t }", "{ a: i32 = 1, b: f32[2, 3] }"],
    ['pick({ a: 1, b: 2, c: 3 }, "c", "a")', "{ c: i32 = 3, a: i32 = 1 }"],
    ['drop({ a: 1, b: 2 }, "b")', "{ a: i32 = 1 }"],
    ["vector({ a: 1, b: t, c: on })", "f32[8]"],
    ['["a", "b"] |> map(x => x + "c")', 'list ["ac", "bc"]'],
    ["[1, 2, 3] |> map(x => x * 2)", "i32[3] = [2,4,6]"],
    ["t |> map(r => { s: sum(r), r: r })", "{ s: f32[2], r: f32[2, 3] }"],
    ["grid({ a: [1, 2], b: [3, 4] }) |> map(h => h.a * h.b)", "list [i32 = 3, i32 = 4, i32 = 6, i32 = 8]"],
    ["twice(t, x => x * 2)", "f32[2, 3]"],
    ["twice(2, x => x * 2)", "i32 = 8"],
    ["grad(x => sum(x^2))(v)", "f32[3]"],
    ["value_and_grad(r => sum(r.a * r.b))({ a: v, b: v })", "{ value: f32, grad: { a: f32[3], b: f32[3] } }"],
    ["repeat(v, 3, x => x + 1)", "f32[3]"],
    ["{ let f = x => x + 1  f(f(1)) }", "i32 = 3"],
    // branches
    ["if on then t else v", "f32[2, 3]"],
    ["if 1 > 2 then foo else v", "f32[3]"],
    ["if j > 2 then v else -v", "f32[3]"],
    ["if j > 2 then 1 else 0.5", "f32"],
    ["if j > 2 then { a: 1 } else { a: 2 }", "{ a: i32 }"],
    // rdds
    ["d |> map(r => { x: r.image / 255, r.label })", "rdd { x: f32[28, 28], label: u8 }"],
    ["d |> map(.image)", "rdd u8[28, 28]"],
    ["d |> take(3) |> collect", "{ image: u8[3, 28, 28], label: u8[3] }"],
    ["d |> filter(r => r.label > 3) |> count", "i32"],
    ["d |> mean(.label)", "f32"],
    ["d |> mean(r => r.label == 3)", "f32"],
    ["d |> max(.label)", "i32"],
    ["d |> sum(r => one_hot(r.label, 10))", "f32[10]"],
    ["d |> split({ a: 0.9 })", "{ a: rdd { image: u8[28, 28], label: u8 } }"],
    ["d |> batch(10) |> take(1)", "rdd { image: u8[10, 28, 28], label: u8[10] }"],
    ["d |> zip_index", "rdd { image: u8[28, 28], label: u8, index: i64 }"],
    ["rows(t) |> map(x => x * 2) |> collect", "f32[2, 3]"],
    ['npy("wide.npy")', "f64[6, 4]"],
  ])("%s is %s", (text, type) => {
    expect(printed(`${around}print ${text}\n`)).toEqual([type]);
  });
});

describe("signatures", () => {
  test.each([
    ["fn f(a: int, b: int[2] = a) = a + b", "f(3)", "i32[2] = 6"],
    ["fn f(a: float[...s, k], b: float[...s]) -> float[...s] = sum(a, axis: -1) + b", "f(t, t[:, 0])", "f32[2]"],
    ["fn f(a: float[2 * n], b: float[n]) = n", "f(zeros([4]), zeros([2]))", "i32 = 2"],
    ["fn f(b: float[2 * n], a: float[n]) -> float[div(n, 2)] = a[0:div(n, 2)]", "f(zeros([8]), zeros([4]))", "f32[2]"],
    ["fn f(a: { x: f64, y: int }) = a.x", "f({ x: 1, y: 2, z: 3 })", "f64 = 1"],
    ["fn f(a: f32?) = if a == none then 1 else 2", "f(none)", "i32 = 1"],
    ["fn f(a: i32) = a", "f(u8(3))", "i32 = 3"],
    ["fn f(a, b = a + 1, c = b) = c", "f(1)", "i32 = 2"],
    ["fn f(a, b = 2) = a - b", "f(b: 5, a: 1)", "i32 = -4"],
    ["fn f(a: number, b: number) = a", "f(f64(1), 2)", "f64 = 1"],
    ["fn map(x) = x + 1", "map(1)", "i32 = 2"],
    ["fn f(shape) = shape", "f(3)", "i32 = 3"],
  ])("%s: %s is %s", (definition, text, type) => {
    expect(printed(`${around}${definition}\nprint ${text}\n`)).toEqual([type]);
  });
});

describe("weights", () => {
  const model = (body: string): string =>
    `layer block(x: float[n], k) -> float[n] = x |> dense(k) |> relu |> dense(n)
model M(x: f32[3]) -> f32[3] = ${body}
save init(M) to "m.safetensors"
`;
  const paths = (body: string): readonly string[] =>
    weights(model(body)).flatMap(w => (w.includes(".w:") ? [w.slice(0, w.indexOf(":"))] : []));
  test.each([
    ["x |> dense(4) |> dense(3)", ["dense1.w", "dense2.w"]],
    ["x |> block(5) |> block(6)", ["block1.dense1.w", "block1.dense2.w", "block2.dense1.w", "block2.dense2.w"]],
    ['x |> dense(4, name: "in") |> dense(3)', ["in.w", "dense1.w"]],
    ["x |> repeat(2, h => h |> dense(3)) |> dense(3)", ["repeat1.0.dense1.w", "repeat1.1.dense1.w", "dense1.w"]],
    ["x |> repeat(2, block)", []],
    ["{ let e = y => y |> dense(3)  e(x) - e(x + 1) }", ["dense1.w"]],
    // a weight that no branch uses does not exist, and numbers follow the text
    ["if true then x |> dense(3) else x |> dense(4) |> dense(3)", ["dense1.w"]],
    ["{ let b = x |> dense(3)  let a = x |> dense(3)  a + b }", ["dense2.w", "dense1.w"]],
  ])("%s has %j", (body, expected) => {
    if (expected.length) expect(paths(body)).toEqual(expected);
    else expect(checked(model(body)).diagnostics.map(d => d.message)).toEqual(["block needs `k`"]);
  });
  test("bias: false makes no weight", () => {
    expect(weights(model("x |> dense(3, bias: false)"))).toEqual(["dense1.w: f32[3, 3]"]);
  });
  test("shapes of a convolution, with groups", () => {
    const text = `model M(x: f32[4, 8, 8]) -> f32[6, 8, 8] = x |> conv(6, kernel: [3, 1], pad: [1, 0], groups: 2)
save init(M) to "m.safetensors"
`;
    expect(weights(text)).toEqual(["conv1.w: f32[6, 2, 3, 1]", "conv1.b: f32[6]"]);
  });
  test("a training goes on from the weights of a net", () => {
    const text = `model M(x: f32[3]) -> f32[3] = x |> dense(3)
let a = init(M)
let b = train(a, rows(normal([5, 3])), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1)
save b to "m.safetensors"
`;
    expect(trainOf(text).weights.map(w => w.init.k)).toEqual(["weight", "weight"]);
  });
  test("`training` is true in the loss alone", () => {
    const text = `model M(x: f32[3]) -> f32[3] = if training then x |> dense(3) else dense(x, 3) * 2
let b = train(M, rows(normal([5, 3])), (m, x) => mse(m(x), x), sgd(0.1), epochs: 1)
save b to "m.safetensors"
`;
    const net = trainOf(text);
    // the net is called where training is false: it has the weights of both branches
    expect(net.weights.map(w => w.path)).toEqual(["dense1.w", "dense1.b", "dense2.w", "dense2.b"]);
    const loss = net.updates[0]!.fn;
    const read = new Set<Expr>();
    const stack = leaves(loss.body).map(([, e]) => e);
    for (let e = stack.pop(); e; e = stack.pop()) {
      read.add(e);
      stack.push(...inputsOf(e));
    }
    expect(net.weights.map(w => read.has(w.at))).toEqual([true, true, false, false]);
  });
});

describe("params", () => {
  const text = `param depth = 2
param lr: f64 = 1
param to = "x.npy"
param flag = false
let v = normal([3])
save if flag then v else v[0:depth] to "out/" + to
print lr
`;
  test("are inputs of the run until a dim, a branch or a path needs them", () => {
    expect(core(text).params.map(p => [p.name, p.value, p.fixed])).toEqual([
      ["depth", 2, true],
      ["lr", 1, false],
      ["to", "x.npy", true],
      ["flag", 0, true],
    ]);
  });
  test("are replaced by --set", () => {
    const c = core(text, { depth: "1", lr: "0.5", to: "y.npy", flag: "true" });
    expect(c.params.map(p => p.value)).toEqual([1, 0.5, "y.npy", 1]);
    expect(c.effects[0]).toMatchObject({ path: "out/y.npy" });
    expect(shown(c.effects[0]!.value)).toBe("f32[3]");
  });
  test.each([
    ["depth", "99999999999", "`depth` is i32, from -2147483648 to 2147483647"],
    ["depth", "1.5", "`depth` is i32"],
    ["depth", "inf", "`depth` is i32"],
    ["depth", "0x10", "`depth` is i32"],
    ["depth", "", "`depth` is i32"],
    ["rate", "1e39", "`rate` is f32, from -3.4028235e+38 to 3.4028235e+38"],
    ["lr", "Infinity", "`lr` is f64"],
    ["lr", "0,5", "`lr` is f64"],
  ])("refuse --set %s=%s", (name, value, why) => {
    expect(said(`${text}param rate = 0.5\n`, { [name]: value })).toContain(`--set ${name}=${value}: ${why}\n`);
  });
  test.each([
    ["inf", Infinity],
    ["-inf", -Infinity],
    ["nan", Number.NaN],
    ["1_0.5e-1", 1.05],
  ])("take --set lr=%s", (value, is) => {
    expect(core(text, { lr: value }).params.find(p => p.name === "lr")!.value).toBe(is);
  });
});

test("imports: relative to the file, params by the name of the file, definitions by their module", () => {
  const c = core(
    {
      "main/a.hs":
        'import "lib/b.hs"\nmodel M(x: f32[3]) -> f32[2] = x |> b.wide(2)\nsave init(M) to "m.safetensors"\nprint b.two\n',
      "main/lib/b.hs":
        'import "../c.hs"\nparam width = 4\nlayer wide(x: float[n], k) -> float[k] = x |> dense(width) |> dense(k)\nlet two = c.one + 1\n',
      "main/c.hs": "let one = 1\n",
    },
    { "b.width": "7" },
  );
  expect(c.nets[0]!.weights.map(w => w.path)).toEqual([
    "wide1.dense1.w",
    "wide1.dense1.b",
    "wide1.dense2.w",
    "wide1.dense2.b",
  ]);
  expect(c.nets[0]!.weights[0]!.type.shape).toEqual([3, 7]);
  expect(shown(c.effects[1]!.value)).toBe("i32 = 2");
});

describe("symbols", () => {
  test("the number of rows of an rdd is a dim", () => {
    const c = core(`${digits}let n = d |> filter(r => r.label > 3) |> count\nprint zeros([n, 2])\n`);
    expect(c.effects.map(e => shown(e.value))).toEqual(["f32[n, 2]"]);
    expect(c.symbols).toMatchObject([{ name: "n", from: { k: "value" } }]);
  });
  test("collect of rows that nobody counted", () => {
    const c = core(`${digits}let some = d |> filter(r => r.label > 3) |> map(.label) |> collect\nprint some + some\n`);
    expect(c.effects.map(e => shown(e.value))).toEqual(["i32[some_rows]"]);
  });
  test("what is undecided is checked when it is known", () => {
    const c = core('let a: f32[n, k] = npy("a.npy")\nlet b: f32[m, l] = npy("b.npy")\nprint a[0] + b[:, 0]\n');
    expect(c.checks.map(k => k.message)).toEqual(["shapes differ in `+`: f32[k] and f32[m]"]);
  });
});

describe("functions of records", () => {
  test("capture what they read from outside, but no constants", () => {
    const c = core(
      `${digits}param q = 0.5\nlet v = normal([28])\nprint d |> mean(r => sum(r.image * v * q * 2 + zeros([28])))\n`,
    );
    const mean = ops(
      c.effects.map(e => (e.value.k === "tensor" ? e.value.of : undefined)).filter(e => e !== undefined),
    ).find(o => o.op === "rdd.mean")!;
    const fn = mean.fns["f"]!;
    expect(fn.params.map(p => p.name)).toEqual(["image", "label"]);
    expect(fn.captures.map(e => e.k).sort()).toEqual(["op", "param"]);
    expect(fn.random).toBe(false);
  });
  test("that draw are told so, and two draws have two places", () => {
    const c = core(`${digits}save d |> map(r => uniform([2]) + uniform([2])) |> take(3) |> collect to "x.npy"\n`);
    const all = ops(c.effects.map(e => (e.value.k === "tensor" ? e.value.of : undefined)).filter(e => e !== undefined));
    expect(all.find(o => o.op === "rdd.map")!.fns["f"]!.random).toBe(true);
    const places = all.filter(o => o.op === "uniform").map(o => o.place);
    expect(places.sort()).toEqual(["save1.map1.uniform1", "save1.map1.uniform2"]);
  });
  test("weights start at places of their own", () => {
    const text = `layer two(x: float[n], init = he()) -> float[n] = {
  weight a: float[n, n] = init
  weight b: float[n, n] = init
  x @ a @ b
}
model M(x: f32[3]) -> f32[3] = x |> two |> two
save init(M) to "m.safetensors"
`;
    const places = core(text).nets[0]!.weights.map(w => ops([w.init]).find(o => o.op === "uniform")!.place);
    expect(new Set(places).size).toBe(4);
  });
});

test("a training that nothing uses is a warning", () => {
  const { core: made, diagnostics } = checked(`${digits}let net = train(x => x |> flatten |> dense(10), d,
  loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: adam(), epochs: 1)
print 1
`);
  expect(diagnostics.map(x => [x.severity, x.message])).toEqual([
    ["warning", "nothing uses this training of net: it will not run"],
  ]);
  expect(made!.nets).toEqual([]);
});

describe("size", () => {
  test("long chains do not nest", () => {
    const long = `print 1${" + 1".repeat(20000)}\n`;
    expect(printed(long)).toEqual(["i32 = 20001"]);
    const steps = `let x = normal([3])\nprint x${" |> relu".repeat(3000)}\n`;
    expect(printed(steps)).toEqual(["f32[3]"]);
  });
  test("many rounds", () => {
    expect(printed("print repeat(normal([3]), 2000, x => x + 1)\n")).toEqual(["f32[3]"]);
  });
});

describe("warnings", () => {
  test.each([
    ["softmax", "`softmax` before `cross_entropy`"],
    ["relu", "`relu` as the last layer of a classifier"],
  ])("%s before a classifier's loss", (last, message) => {
    const { core: made, diagnostics } =
      checked(`${digits}model M(x: f32[28, 28]) -> f32[10] = x |> flatten |> dense(10) |> ${last}
let net = train(M, d, loss: (m, r) => cross_entropy(m(r.image / 255), r.label), optimizer: adam(), epochs: 1)
save net to "m.safetensors"
`);
    expect(diagnostics.map(d => [d.severity, d.message, d.span.line])).toEqual([["warning", message, 3]]);
    expect(made).toBeDefined();
  });
});
test("a written type in a block binds names that are seen below it", () => {
  expect(printed("let x = normal([2, 3])\nprint { let y: f32[n, m] = x  let z = n * m  reshape(y, [z]) }\n")).toEqual([
    "f32[6]",
  ]);
});

test("names in definitions that nothing calls mean something", () => {
  const unknown = (text: string): readonly string[] =>
    checked(`${text}\nprint 1\n`).diagnostics.map(d => `${d.message} at ${d.span.start}`);
  expect(unknown("fn f(x: float[n, ...s], k = n) = { let y: f32[m] = x\n map(y, u => u * k + m + n) }")).toEqual([]);
  expect(unknown("layer g(x) = if training then x else { state m: f32[3] = 0 then m + x\n m }")).toEqual([]);
  expect(unknown("fn f(x) = x + y")).toEqual(["no name `y` here at 14"]);
  expect(unknown("fn f(x, k = q) = if true then x else denze(x)").length).toBe(2);
  expect(unknown("fn f(x) = g(x)\nfn g(x) = x")).toEqual(["`g` is defined below at 10"]);
  expect(unknown("fn f(x) = f(x)")).toEqual(["`f` calls itself at 10"]);
});
