/** What a class of machines can do per cycle and how much lies near its cores: the numbers that schedules are ranked by. Knows no kernel. */
export interface Profile {
  /** tells it from all others: it is part of what a compiled program is known by */
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
const NUMBERS = Object.keys(AVX2).filter((k): k is Exclude<keyof Profile, "name"> => k !== "name");
/** what a file says; a text: why it is no profile */
export function profileOf(json: unknown): Profile | string {
  if (typeof json !== "object" || json === null) return "it is no record";
  const given = new Map(Object.entries(json));
  const name = given.get("name");
  if (typeof name !== "string" || name === "") return "`name` is missing";
  const wrong = NUMBERS.find(k => !(Number(given.get(k)) > 0));
  if (wrong) return `\`${wrong}\` is no positive number`;
  const unknown = [...given.keys()].find(k => !(k in AVX2));
  if (unknown !== undefined) return `\`${unknown}\` is nothing that a profile says`;
  return { ...AVX2, ...Object.fromEntries(NUMBERS.map(k => [k, Number(given.get(k))])), name };
}
