/** The machine's measured peak: fused multiply-adds in 12 registers, of 128 bits or of pairs that become one of 256. Knows no program. */
import { assemble } from "../codegen/wasm/module.ts";
import { affine, type Block, type Buf, fresh, type LoopKernel, prim, type Stmt, ty } from "../ir/loop.ts";
import { instantiate } from "../runtime/wasm.ts";

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
/** GFLOP/s of one thread: the best of many short rounds, so it may be asked again and again */
export function peakMeter(build: "relaxed" | "simd"): () => number {
  const region = { base: 65536 };
  const regions = { state: region, step: region, staging: region };
  const widths = [4, 8] as const;
  const { phase } = instantiate(
    assemble({ kernels: widths.map(chains), phases: [], regions, build, exportKernels: true }),
    2 * 65536,
  );
  const runs = widths.map(lanes => {
    // a kernel's parameters, where a phase's stand in the type
    const f = phase(`peak${lanes}`) as unknown as (...a: readonly number[]) => void;
    return () => {
      const t = process.hrtime.bigint();
      f(1, 0, 1, 65536, 65536);
      return (ROUNDS * CHAINS * lanes * 2) / Number(process.hrtime.bigint() - t);
    };
  });
  return () => Math.max(...Array.from({ length: 100 }, () => runs.map(run => run())).flat());
}
