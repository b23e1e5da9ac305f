/** Kernels that do nothing but multiply and add, in 12 registers, of 128 bits or of pairs that become one of 256: a machine's peak. Knows no machine. */
import { affine, type Block, type Buf, fresh, type LoopKernel, prim, type Stmt, ty } from "./loop.ts";

const ROUNDS = 2000;
const CHAINS = 12;
/** x[c] = fma(a, b, x[c]) for 12 chains */
function chains(lanes: 4 | 8): LoopKernel {
  const f32 = ty("f32", lanes);
  const buf = (name: string, extent: number, space: Buf["space"]): Buf => ({ name, store: "f32", extent, space });
  const memory = buf("memory", lanes * CHAINS, "param");
  const sums = buf("sums", lanes * CHAINS, "reg");
  const load = (b: Buf, c: number): Extract<Stmt, { k: "store" }>["value"] => ({
    k: "load",
    buf: b,
    at: affine(lanes * c),
    ty: f32,
  });
  const all = Array.from({ length: CHAINS }, (_, c) => c);
  const [x, y] = [fresh("x", f32), fresh("y", f32)];
  const round: Block = all.map(c => ({
    k: "store",
    buf: sums,
    at: affine(lanes * c),
    value: prim("fma", f32, x, y, load(sums, c)),
  }));
  const iv = fresh("round", ty("i32"), ROUNDS);
  const body: Block = [
    { k: "let", to: x, value: load(memory, 0) },
    { k: "let", to: y, value: load(memory, 1) },
    ...all.map<Stmt>(c => ({ k: "store", buf: sums, at: affine(lanes * c), value: load(memory, c) })),
    { k: "for", iv, from: [affine(0)], to: [affine(ROUNDS)], step: 1, as: "loop", body: round },
    ...all.map<Stmt>(c => ({ k: "store", buf: memory, at: affine(lanes * c), value: load(sums, c) })),
  ];
  const item = fresh("item", ty("i32"));
  return {
    name: `peak${lanes}`,
    params: [memory],
    grid: [{ iv: item, to: 1 }],
    group: [],
    body: [{ k: "alloc", buf: sums, body }],
  };
}
/** each with one parameter: `bytes` of it, and operations per call */
export const PEAK = ([4, 8] as const).map(lanes => ({
  kernel: chains(lanes),
  bytes: 4 * lanes * CHAINS,
  flops: 2 * ROUNDS * CHAINS * lanes,
}));
