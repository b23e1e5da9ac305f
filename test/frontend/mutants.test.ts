/** Programs with a token lost, doubled, swapped or replaced: each is compiled or refused with a message, never worse. Seeded. */
import { expect, test } from "vitest";
import { check } from "../../src/frontend/check/index.ts";
import { fileDims, lower, Refusal } from "../../src/frontend/lower/index.ts";
import { type Host, HostError, type Schema } from "../../src/ir/host.ts";
import { resetPool } from "../../src/ir/node.ts";
import type { Column } from "../../src/ir/type.ts";
import { verify } from "../../src/ir/verify.ts";
import { mutant, randomOf, wordsOf } from "../fuzz/mutate.ts";
import { prelude } from "./checking.ts";
import { programs } from "./programs.ts";

const column = (store: Column["store"], ...shape: number[]): Column => ({ store, shape, nullable: false });
function schema(format: string, paths: readonly string[]): Schema {
  const labels = paths.length > 1 ? { label: column("u8") } : {};
  if (format === "idx") return { rows: 1000, columns: { image: column("u8", 28, 28), ...labels } };
  if (format === "binary") return { rows: 500, columns: {} };
  throw new HostError(`${paths[0]} does not exist`);
}
const hostOf = (program: string): Host => ({
  schema,
  text: path => {
    const text = path === "a.hs" ? program : programs.find(p => p.name === path)?.text;
    if (text === undefined) throw new HostError(`${path} does not exist`);
    return text;
  },
});
const two = `let d = idx("a") |> map(r => flatten(r.image) / 255)
model D(x: f32[4]) -> f32 = { state m: f32[4] = 0 then mean(over_batch(x), axis: 0)
  let h = scan(range(3), zeros([4]), (s, i) => s + x * i)
  sum(h[-1] + m) + x |> dense(1) |> sum }
let net = train({ g: x => reshape(x[0:4], [1, 4]) |> gru(4) |> flatten, d: D }, d,
  loss: { d: (m, x) => m.d(m.g(x)), g: (m, x) => -m.d(m.g(x)) }, clip: 1.0, epochs: 3, by: e => e.loss.g, keep: "best",
  optimizer: for_weights("g.*", adam(cosine(0.1, 10)), otherwise: sgd(0.1, momentum: 0.9)), freeze: ["d.m"])
let best = grid({ a: [1, 2] }) |> map(h => { ...h, s: sum(normal([3])) * h.a }) |> max_by(.s)
print best.a
print iterate(1.0, x => x / 2, times: 10, until: (a, b) => b < 0.1)
print top_k(sort(normal([5])), 2).values
save history(net) to "h.csv"
`;
const chosen = ["02_cifar10", "09_autoencoder", "17_sweep", "21_resnet", "22_custom", "23_monitoring"];
const texts = [...chosen.map(n => programs.find(p => p.name === `${n}.hs`)!.text), two];
const words = texts.flatMap(wordsOf).filter(w => w.trim());

function compiled(program: string): boolean {
  resetPool();
  const host = hostOf(program);
  const { core, diagnostics } = check("a.hs", host, { prelude });
  if (!core) {
    expect(diagnostics.length, program).toBeGreaterThan(0);
    return false;
  }
  try {
    expect(verify(lower(core, fileDims(core, host), host).main, "source", false), program).toEqual([]);
  } catch (e) {
    if (!(e instanceof Refusal)) throw new Error(`${(e as Error).message} in\n${program}`, { cause: e });
  }
  return true;
}

test.each(texts.map((t, i) => [[...chosen, "two models"][i]!, t] as const))("%s compiles", (_, text) => {
  expect(compiled(text)).toBe(true);
});
test.each([1, 2])("mutants, seed %i", seed => {
  const random = randomOf(seed);
  const count = 80;
  const mutants = Array.from({ length: count }, () => mutant(texts[random(texts.length)]!, words, random));
  const right = mutants.map(compiled).filter(Boolean).length;
  expect(right).toBeLessThan(count);
});
