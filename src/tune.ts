/**
 * `hsc tune`: what schedules are ranked by, measured on this machine and written beside the cache. What is not measured is as in the
 * profile that comes along. A tuned program is cut, and so summed, in an order of its own. Knows no schedule.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { AVX2, type Profile } from "./passes/profile.ts";
import { peaks } from "./peak.ts";
import { sha256 } from "./runtime/bundle.ts";
import { cacheFolder } from "./runtime/cache.ts";
import { forgetTuned, keepTuned } from "./runtime/tuned.ts";

/** a pair of vectors becomes one if that is so much faster */
const PAIRED = 1.4;
/** bytes that no cache holds, copied */
const COPIED = 1 << 26;
const ROUNDS = 8;

/** writes the profile, or takes it away; gives what is to be said */
export function tune(reset: boolean): string {
  const folder = cacheFolder(process.env);
  if (reset) {
    forgetTuned(folder);
    return `compiled for ${AVX2.name} from now on`;
  }
  const [wide, narrow] = [true, false].map(w => Math.max(...peaks(w).map(f => f()))) as [number, number]; // as many
  const cache = cacheOf(2);
  const numbers = {
    ...AVX2,
    vectorBytes: wide > PAIRED * narrow ? 32 : 16,
    cacheBytes: cache ?? AVX2.cacheBytes,
    nearBytes: cacheOf(0) ?? AVX2.nearBytes,
    // an elementwise program has a few operations per point
    pointRate: round((1000 * Math.max(narrow, wide)) / 4),
    byteRate: round(copyRate()),
  };
  const profile: Profile = { ...numbers, name: `tuned-${sha256(JSON.stringify(numbers)).slice(0, 8)}` };
  const path = keepTuned(folder, `${JSON.stringify(profile, undefined, 1)}\n`);
  return [
    JSON.stringify(profile, undefined, 1),
    `multiply-adds: ${narrow.toFixed(1)} GFLOP/s in 128 bits, ${wide.toFixed(1)} in 256; copies: ${(numbers.byteRate / 1000).toFixed(1)} GB/s`,
    ...(cache ? [] : [`the size of a core's own cache is not told here: as ${AVX2.name}`]),
    `written to ${path}: compiled for it from now on (hsc tune --reset)`,
  ].join("\n");
}
/** two digits: a second measurement gives the same profile more often than not */
const round = (x: number): number => Number(x.toPrecision(2));

/** bytes read and written in a microsecond, by the best of some copies */
function copyRate(): number {
  const [from, to] = [new Uint8Array(COPIED).fill(1), new Uint8Array(COPIED)];
  let best = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    to.set(from);
    best = Math.max(best, (2 * COPIED) / (1000 * (performance.now() - started)));
  }
  return best;
}
/** bytes of a cache that a core has for itself, where the system tells: 0 for the nearest one, of data, 2 for the one behind it */
function cacheOf(index: 0 | 2): number | undefined {
  try {
    if (process.platform === "darwin") {
      const name = index ? "hw.perflevel0.l2cachesize" : "hw.perflevel0.l1dcachesize";
      return Number(execFileSync("sysctl", ["-n", name], { encoding: "utf8" })) || undefined;
    }
    const size = readFileSync(`/sys/devices/system/cpu/cpu0/cache/index${index}/size`, "utf8");
    const parts = /^(\d+)([KM])/.exec(size);
    return parts ? Number(parts[1]) * (parts[2] === "M" ? 1 << 20 : 1 << 10) : undefined;
  } catch {
    return undefined;
  }
}
