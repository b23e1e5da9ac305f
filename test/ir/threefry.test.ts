/** Bits against the known answers of Random123 and against jax 0.10.2 (jax_threefry_partitionable, its default). */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/ir/interp.ts";
import { mix32 } from "../../src/ir/mix32.ts";
import { fn } from "../../src/ir/node.ts";
import { foldIn, full, parameter, randomBits } from "../../src/ir/ops/index.ts";
import { threefry2x32 } from "../../src/ir/threefry.ts";
import { N, tensor } from "../../src/ir/type.ts";
import { tensorOf, tensorValue } from "../../src/ir/value.ts";

describe("threefry2x32, 20 rounds", () => {
  // counter, key, result: "threefry2x32 20" of kat_vectors in Random123
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x243f6a88, 0x85a308d3],
      [0x13198a2e, 0x03707344],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)("counter %j, key %j", ([c0, c1], [k0, k1], want) => {
    expect(threefry2x32(k0, k1, c0, c1)).toEqual(want);
  });
});

/** of jax.random.key(0), key(42), and key(2^40 + 7) with 64-bit seeds */
const JAX = [
  {
    key: [0, 0],
    bits: [4070199207, 4202968722, 1427181096, 2012915765, 2447653815, 710830403, 1332275837],
    fold0: [1797259609, 2579123966],
    fold123: [2247515013, 2545468385],
    fold4e9: [630905120, 2387907625],
  },
  {
    key: [0, 42],
    bits: [2098992034, 2919706841, 2646866425, 2409546199, 1935504149, 2516274904, 321304473],
    fold0: [1832780943, 270669613],
    fold123: [2238821533, 719561804],
    fold4e9: [4151844817, 2174040936],
  },
  {
    key: [256, 7],
    bits: [2750142779, 3384506105, 3184410855, 2030317087, 4169675960, 493420782, 541117480],
    fold0: [2775665504, 110793307],
    fold123: [856161309, 4099071103],
    fold4e9: [320675873, 4249324480],
  },
];
const key = parameter(0, tensor("u32", [2]));
const run = (x: ReturnType<typeof randomBits>, k: readonly number[]): number[] => {
  const [v] = evaluate(fn([key.type], [x]), [tensorValue("u32", [2], k)], 1);
  return Array.from(tensorOf(v).data, Number);
};
describe.each(JAX)("jax.random with key $key", ({ key: k, bits, fold0, fold123, fold4e9 }) => {
  it("bits of any shape are words of one row-major counter", () => {
    expect(run(randomBits([7], key), k)).toEqual(bits);
    expect(run(randomBits([2, 3], key), k)).toEqual(bits.slice(0, 6));
    expect(run(randomBits([], key), k)).toEqual(bits.slice(0, 1));
  });
  it("fold_in gives new keys", () => {
    expect(run(foldIn(key, full(0, "u32")), k)).toEqual(fold0);
    expect(run(foldIn(key, full(123, "u32")), k)).toEqual(fold123);
    expect(run(foldIn(key, full(4000000000, "u32")), k)).toEqual(fold4e9);
  });
});
it("bits far from the beginning: the last of a million with jax.random.key(3)", () => {
  expect(run(randomBits([1000003], key), [0, 3]).slice(-3)).toEqual([1683017379, 864142695, 215707253]);
});
it("a key per record gives each record what its key alone gives", () => {
  const keys = parameter(0, tensor("u32", [N, 2]));
  const values = tensorValue(
    "u32",
    [3, 2],
    JAX.flatMap(j => j.key),
  );
  const [v] = evaluate(fn([keys.type], [randomBits([7], keys)]), [values], 3);
  expect(Array.from<number | bigint>(tensorOf(v).data)).toEqual(JAX.flatMap(j => j.bits));
});
it("mix32 is a bijection that moves zero only to zero", () => {
  const seen = new Set(Array.from({ length: 65536 }, (_, i) => mix32(i * 65537)));
  expect(seen.size).toBe(65536);
  expect(mix32(0)).toBe(0);
  expect([mix32(1), mix32(0xffffffff)].every(x => Number.isInteger(x) && x >= 0 && x < 2 ** 32)).toBe(true);
});
