/** What a class of machines can do per cycle and how much lies near its cores: the numbers that schedules are ranked by. Knows no kernel. */
export interface Profile {
  readonly name: string;
  /** bytes of a vector register, after V8 has paired 128-bit operations */
  readonly vectorBytes: number;
  /** vector registers that a kernel may use */
  readonly registers: number;
  /** operations and loads of whole vectors per cycle */
  readonly operations: number;
  readonly loads: number;
  /** cycles until the result of an operation can be used */
  readonly latency: number;
  /** of the cache that a core has for itself */
  readonly cacheBytes: number;
  /** of the cache nearest to it */
  readonly nearBytes: number;
  /** points that one thread computes, bytes that it moves from beyond its caches, in a microsecond */
  readonly pointRate: number;
  readonly byteRate: number;
}
/** x86 with AVX2 and FMA: V8 keeps one of its 16 registers (facts/wasm.md 2.3) */
export const AVX2: Profile = {
  name: "avx2",
  vectorBytes: 32,
  registers: 15,
  operations: 2,
  loads: 2,
  latency: 4,
  cacheBytes: 1 << 20,
  nearBytes: 32 << 10,
  pointRate: 30_000,
  byteRate: 20_000,
};
