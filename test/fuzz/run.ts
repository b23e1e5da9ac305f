/** Runs of the fuzzer: seed after seed, counts of what was compared, a failure shrunk and told with what repeats it. */
import { resetPool } from "../../src/ir/node.ts";
import { type Case, caseText, sizeOfFn } from "./case.ts";
import { ALL_LEVELS, type Compiler, check, compiler, type Failure, type Levels, sameFailure } from "./check.ts";
import { generate } from "./generate.ts";
import { shrink } from "./shrink.ts";

export interface Counts {
  programs: number;
  /** of all results, by the level that all others are compared with */
  elements: number;
  undecided: number;
}
export interface Found {
  readonly seed: number;
  readonly failure: Failure;
  readonly small: Case;
}
export interface Options {
  /** of a failure: how many smaller cases are tried */
  readonly tries?: number;
  readonly compiler?: Compiler;
  /** such a failure has been told already: it is not shrunk */
  readonly known?: (f: Failure) => boolean;
}
const MOST_TRIES = 5000;
export const noCounts = (): Counts => ({ programs: 0, elements: 0, undecided: 0 });
export const share = (c: Counts): number => (c.elements ? c.undecided / c.elements : 0);

/** one program; what is found, if it fails */
export async function fuzz(seed: number, counts: Counts, options: Options = {}): Promise<Found | undefined> {
  resetPool();
  const by = options.compiler ?? compiler;
  const c = generate(seed);
  const { failure, elements, undecided } = await check(c, ALL_LEVELS, by);
  counts.programs++;
  counts.elements += elements;
  counts.undecided += undecided;
  if (!failure) return undefined;
  if (options.known?.(failure)) return { seed, failure, small: c };
  const levels: Levels = {
    kernel: failure.level === "kernel",
    loop: failure.level.startsWith("loop") || failure.kind === "bits",
    gpu: failure.level.startsWith("gpu"),
  };
  let last = failure;
  const fails = async (x: Case): Promise<boolean> => {
    const found = (await check(x, levels, by)).failure;
    const same = sameFailure(found, failure);
    if (same && found) last = found;
    return same;
  };
  const small = await shrink(c, fails, options.tries ?? MOST_TRIES);
  return { seed, failure: last, small };
}
export const told = ({ seed, failure, small }: Found): string =>
  [
    `seed ${seed}: ${failure.level} differs (${failure.kind}), shrunk to ${sizeOfFn(small.main)} nodes`,
    failure.message,
    caseText(small),
    `repeat: node test/fuzz/main.ts --seed ${seed} --count 1`,
  ].join("\n");
export const counted = (c: Counts): string =>
  `${c.programs} programs, ${c.elements} elements compared, ${(100 * share(c)).toFixed(2)} % undecided`;
