/** Kernels cut for a GPU by hand: invocations in lanes of a workgroup, slices in shared memory. */
import type { Kernel, Nest, Schedule } from "../../src/ir/kernel.ts";
import { retarget } from "../../src/ir/kernel-walk.ts";
import { plain } from "../../src/ir/layout.ts";
import * as K from "./kernels.ts";
import { N, nest, single } from "./kernels.ts";

const flat = (k: Kernel): Kernel => retarget(k, t => ({ ...t, layout: { ...plain(t.shape), halo: t.layout.halo } }));
const dense = { n: N, ci: 13, co: 20 };
const conv = { n: N, h: 4, w: 4, ci: 4, co: 8, k: 3, p: 1, BO: 4 };
const window = "n:1@grid oy:1@grid ox:16@grid co:32@grid ox:4@lane co:4@lane";
const CASES: readonly (readonly [string, Kernel, Nest])[] = [
  [
    "dense forward",
    K.denseForward(dense, true)[0],
    nest("co", 4, "n:32@grid co:32@grid n:4@lane co:4@lane | ci:16 =x =w ci:1"),
  ],
  [
    "dense dX",
    K.denseInput(dense, true)[0],
    nest("ci", 4, "n:32@grid ci:32@grid n:4@lane ci:4@lane | co:16 =dy =w co:1"),
  ],
  ["dense dW", K.plainWeight(dense)[0], nest("co", 4, "ci:32@grid co:32@grid ci:4@lane co:4@lane | n:16 =x =dy n:1")],
  ["conv forward", K.convForward(conv)[0], nest("co", 4, `${window} | ky:1 kx.ci:16 =x =w kx.ci:1`)],
  [
    "conv forward, no halo",
    K.convForward({ ...conv, halo: false })[0],
    nest("co", 4, `${window} | ky:1 kx:1 ci:16 =x =w ci:1`),
  ],
  [
    "conv dX",
    K.convInput({ ...conv, ci: 5 })[0],
    nest("ci", 4, "n:1@grid iy:1@grid ix:16@grid ci:32@grid ix:4@lane ci:4@lane | ky:1 kx:1 co:16 =dy =w co:1"),
  ],
];
export const GROUPS: readonly (readonly [title: string, Kernel, Schedule])[] = CASES.map(([title, k, n]) => [
  title,
  flat(k),
  single(n),
]);
