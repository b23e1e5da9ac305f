/** Core of a small program as text: what `explain --level core` shows. */
import { expect, test } from "vitest";
import { coreText, weightsText } from "../../src/frontend/core-text.ts";
import { core } from "./checking.ts";

test("a training, a function with captures, a check, a symbol", () => {
  const program = core(`param lr = 0.1
let a: f32[n, 4] = npy("a.npy")
model M(x: f32[4]) -> f32 = x |> dense(1) |> reshape([])
let net = train(M, rows(a), loss: (m, x) => m(x)^2, optimizer: { init: w => {}, step: (w, g, s, t) => { w: w - lr * g, s: s } },
  batch: 8, steps: 5, shuffle: false)
let scale = mean(a)
print score = rows(a) |> mean(x => net(x * scale))
print rows(a) |> map(x => a[i32(x[0])]) |> take(2)
save net to "m.safetensors"
`);
  expect(weightsText(program)).toBe("dense1.w: f32[4, 1]\ndense1.b: f32[1]\n");
  expect(coreText(program)).toMatchInlineSnapshot(`
    "param lr: f32 = 0.1
    %1 = const -1.095445156097412: f32
    %2 = const 1.095445156097412: f32
    %3 = uniform(%1, %2, shape: [4, 1], seed: none) at net.train1.M.dense1.w.init.uniform1: f32[4, 1]
    %4 = const 0: f32[1]
    %5 = source npy "a.npy": f32[n, 4]
    %6 = rows(%5): rdd f32[4]
    %7 = param lr: f32
    train net#1 over %6 batch 8 steps 5 all_reduce() at net.train1
      dense1.w: f32[4, 1] = %3
      dense1.b: f32[1] = %4
      loss (it.8: f32[4], dense1.w.9: f32[4, 1], dense1.b.10: f32[1])
        %11 = matmul(it.8, dense1.w.9): f32[1]
        %12 = add(%11, dense1.b.10): f32[1]
        %13 = reshape(%12, shape: []): f32
        %14 = const 2: f32
        %15 = pow(%13, %14): f32
        => { loss: %15, next: { } }
      init f32[4, 1] (it.16: f32[4, 1])
        => { }
      step f32[4, 1] (w.17: f32[4, 1], g.18: f32[4, 1], step.19: i32, epoch.20: i32) with %7
        %21 = mul(%7, g.18): f32[4, 1]
        %22 = sub(w.17, %21): f32[4, 1]
        => { w: %22, s: { } }
      init f32[1] (it.23: f32[1])
        => { }
      step f32[1] (w.24: f32[1], g.25: f32[1], step.26: i32, epoch.27: i32) with %7
        %28 = mul(%7, g.25): f32[1]
        %29 = sub(w.24, %28): f32[1]
        => { w: %29, s: { } }
    symbol n = axis 0 of a.npy
    %30 = rows(%5): rdd f32[4]
    %31 = mean(%5, axis: none): f32
    %32 = weight dense1.w of net#1: f32[4, 1]
    %33 = weight dense1.b of net#1: f32[1]
    %34 = rdd.mean(%30): f32
      f (it.35: f32[4]) with %31, %32, %33
        %36 = mul(it.35, %31): f32[4]
        %37 = matmul(%36, %32): f32[1]
        %38 = add(%37, %33): f32[1]
        %39 = reshape(%38, shape: []): f32
        => %39
    print score = %34
    %40 = rows(%5): rdd f32[4]
    %41 = rdd.map(%40): rdd f32[4]
      f (it.42: f32[4]) with %5
        %43 = slice(it.42, start: [0], step: [1], size: [1]): f32[1]
        %44 = reshape(%43): f32
        %45 = cast(%44): i32
        %46 = check %45 in [0, n): i32
        %47 = gather(%5, %46, axis: 0): f32[4]
        => %47
    %48 = rdd.take(%41, count: 2): rdd f32[4]
    print %48
    save net net#1 to "m.safetensors"
    "
  `);
});

test("the weights of several nets stand below their places, those of a sweep once for each form", () => {
  const program =
    core(`layer wide(x: float[n], units: int) -> float[5] = x |> dense(units, bias: false) |> dense(5, bias: false)
model Small(x: f32[4]) -> f32[2] = x |> dense(2, bias: false)
let first = init(Small)
let tried = [3, 6, 3] |> map(n => train(x => wide(x, n), rows(zeros([8, 4])), loss: (m, x) => sum(m(x)), optimizer: sgd(0.1), steps: 1))
save first to "first.safetensors"
print tried |> map(net => sum(net([1.0, 2.0, 3.0, 4.0])))
`);
  expect(weightsText(program)).toBe(`Small (a.hs:3:13)
dense1.w: f32[4, 2]

the model (a.hs:4:35)
wide1.dense1.w: f32[4, 3]
wide1.dense2.w: f32[3, 5]

the model (a.hs:4:35)
wide1.dense1.w: f32[4, 6]
wide1.dense2.w: f32[6, 5]
`);
});
