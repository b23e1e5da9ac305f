/**
 * Random values. The key of a value is the seed, then folded in: the place of the call (first 4 bytes of its sha256),
 * and what exists there of epoch, step, iteration, row lo, row hi (language 4). Bits are those of jax.random.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Node } from "../../ir/node.ts";
import { elemOf } from "../../ir/ops/attrs.ts";
import * as g from "../../ir/ops/index.ts";
import { broadcastTo } from "./lane.ts";
import type { Scope } from "./scope.ts";

/** the u32 word that stands for a place in the program, the same in all trips */
export function placeWord(place: string): number {
  const h = sha256(utf8ToBytes(place.split(".").filter(isName).join(".")));
  return ((h[0]! << 24) | (h[1]! << 16) | (h[2]! << 8) | h[3]!) >>> 0;
}
const isName = (part: string): boolean => !part.startsWith("#");
/** the trips in a place that are written out, from the outermost: 3 in #3.map1.normal1 */
export const tripsIn = (place: string): readonly number[] =>
  place.split(".").flatMap(part => (/^#\d/.test(part) ? [Number(part.slice(1))] : []));
/** epoch, step, and the trips that a place is in, from the outermost: those written out, and those at hand, for which `#` stands */
function timesAt(place: string, time: readonly Node[]): readonly Node[] {
  const marks = place.split(".").filter(part => !isName(part));
  const first = Math.max(0, time.length - marks.filter(m => m === "#").length);
  let next = first;
  const trips = marks.flatMap(m => (m === "#" ? (time[next++] ?? []) : [g.full(Number(m.slice(1)), "u32")]));
  return [...time.slice(0, first), ...trips];
}
const folded = (key: Node, words: readonly Node[]): Node => words.reduce((k, w) => g.foldIn(k, w), key);
/** the seed by which rows are chosen and ordered at a place: another in each trip */
export const seedAt = (place: string, seed: Node | undefined, scope: Scope): Node =>
  folded(seed ? seedWords(seed) : scope.seed(), timesAt(place, scope.when.time));
/** u32[2] of an i32: the words of jax.random.key(seed) */
const seedWords = (seed: Node): Node =>
  g.concat(0, [g.full(0, "u32", [1]), g.reshape([1], g.bitcast("u32", g.cast("i32", seed)))]);

/** the key of the call at `place`; `seed`: the argument of the call, if it has one */
export function keyAt(place: string, seed: Node | undefined, scope: Scope): Node {
  const start = seed ? seedWords(seed) : scope.seed();
  const key = g.foldIn(start, g.full(placeWord(place), "u32"));
  return folded(key, [...timesAt(place, scope.when.time), ...scope.when.row]);
}
/** i32[] or u32[] as a word that fold_in takes */
export const word = (x: Node): Node => (elemOf(x) === "u32" ? x : g.bitcast("u32", x));
/** element i of a u32[2] */
export const wordAt = (i: number, pair: Node): Node => g.reshape([], g.slice([i], [1], [1], pair));

/** jax.random.uniform(key, shape, float32, low, high); low and high of shape [] or of the result's */
export function uniform(key: Node, shape: readonly number[], low: Node, high: Node): Node {
  const bits = g.lane("shr", g.randomBits(shape, key), g.full(9, "u32", shape));
  const one = g.lane("or", bits, g.full(0x3f800000, "u32", shape));
  const u = g.lane("sub", g.bitcast("f32", one), g.full(1, "f32", shape));
  const at = (x: Node): Node => broadcastTo(shape, g.cast("f32", x));
  const scaled = g.lane("add", g.lane("mul", u, g.lane("sub", at(high), at(low))), at(low));
  return g.lane("max", at(low), scaled);
}
/** jax.random.randint(key, shape, low, high, int32): low where the range is empty */
export function randint(key: Node, shape: readonly number[], low: Node, high: Node): Node {
  const at = (x: Node): Node => broadcastTo(shape, x);
  const bits = (i: number): Node => g.randomBits(shape, g.foldIn(key, g.full(i, "u32")));
  const word = (v: number): Node => g.full(v, "u32", shape);
  const empty = g.lane("le", at(high), at(low));
  const span = g.select(empty, word(1), g.bitcast("u32", g.lane("sub", at(high), at(low))));
  const rem = (x: Node): Node => g.lane("rem", x, span);
  const half = rem(word(0x10000));
  const by = rem(g.lane("mul", half, half));
  const offset = rem(g.lane("add", g.lane("mul", rem(bits(0)), by), rem(bits(1))));
  return g.lane("add", at(low), g.bitcast("i32", offset));
}
