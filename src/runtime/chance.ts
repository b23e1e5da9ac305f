/** The row function (language.md 4): which rows split, sample and shuffle take, and in which order. Knows no feed. */
import { mix32 } from "../ir/mix32.ts";
import { threefry2x32 } from "../ir/threefry.ts";
import { argsort, isAscending, pick } from "./sort.ts";

export type SeedWords = readonly [hi: number, lo: number];
/** the two words of a seed, high first: the key of `jax.random.key(seed)` for seeds of 64 bits */
export const seedWords = (seed: number): SeedWords => [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0];

/** a word per identity: mix32(mix32(lo ^ a) ^ hi ^ b), hi = 0 below 2^32 rows; (a, b) = threefry of (seed; place, epoch) */
export function rowWords(ids: Uint32Array, seed: SeedWords, place: number, epoch: number): Uint32Array {
  const [a, b] = threefry2x32(...seed, place, epoch);
  const out = new Uint32Array(ids.length);
  for (let i = 0; i < out.length; i++) out[i] = mix32(mix32(ids[i]! ^ a) ^ b);
  return out;
}
/** positions in `ids`, ordered by word, ties by identity */
export function shuffled(ids: Uint32Array, seed: SeedWords, place: number, epoch: number): Uint32Array {
  const words = rowWords(ids, seed, place, epoch);
  if (isAscending(ids)) return argsort(words);
  const byIdentity = argsort(ids);
  return pick(byIdentity, argsort(pick(words, byIdentity)));
}
/** positions in `ids` whose word lies in [low, high); the bounds are numbers in [0, 2^32] */
export function between(words: Uint32Array, low: number, high: number): Uint32Array {
  const out = new Uint32Array(words.length);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    out[count] = i;
    count += word >= low && word < high ? 1 : 0;
  }
  return out.slice(0, count);
}
