/** Small instances of the kernels of a training step, with their schedules. */
import * as K from "./kernels.ts";
import { N } from "./kernels.ts";

export const CASES: readonly (readonly [string, () => K.Pair])[] = [
  ["conv forward", () => K.convForward({ n: N, h: 3, w: 4, ci: 4, co: 8, k: 3, p: 1, BO: 4 }, true)],
  ["conv forward, 25 taps unrolled", () => K.convForward({ n: N, h: 7, w: 7, ci: 1, co: 7, k: 5, p: 0, BO: 7 })],
  ["conv forward, tail block", () => K.convForward({ n: N, h: 4, w: 4, ci: 4, co: 11, k: 3, p: 0, BO: 4 })],
  ["conv forward, no halo", () => K.convForward({ n: N, h: 3, w: 4, ci: 4, co: 8, k: 3, p: 1, BO: 4, halo: false })],
  ["conv dX + mask", () => K.convInput({ n: N, h: 3, w: 4, ci: 7, co: 6, k: 3, p: 1, BO: 4 }, true)],
  ["conv dX no pad", () => K.convInput({ n: N, h: 6, w: 6, ci: 3, co: 5, k: 3, p: 0, BO: 5 })],
  ["conv dW dot", () => K.convWeight({ n: N, h: 4, w: 3, ci: 2, co: 10, k: 3, p: 1, BO: 5, KT: 2, CT: 5, R: 3 })],
  [
    "conv dW, one channel",
    () => K.convWeight({ n: N, h: 6, w: 6, ci: 1, co: 4, k: 5, p: 0, BO: 4, KT: 5, CT: 2, R: 2 }),
  ],
  ["dense forward", () => K.denseForward({ n: N, ci: 13, co: 20 }, true)],
  ["dense dX", () => K.denseInput({ n: N, ci: 13, co: 20 }, true)],
  ["dense dW + momentum", () => K.denseWeight({ n: N, ci: 13, co: 20 })],
  ["dense dW, dot form", () => K.denseWeight({ n: N, ci: 13, co: 20 }, "dot")],
  ["dense dW, plain weights", () => K.plainWeight({ n: N, ci: 13, co: 20 })],
  ["unpool", () => K.unpool({ n: N, h: 8, w: 8, ci: 2, co: 5, k: 3, p: 1, BO: 5 })],
  ["bias sum", () => K.biasSum({ n: N, h: 8, w: 8, ci: 2, co: 6, k: 3, p: 1, BO: 5 })],
  ["bias of dense", () => K.biasDense({ n: N, co: 20 })],
  ["update", () => K.update({ n: N, count: 48 })],
  ["transpose", () => K.transpose({ n: N, c: 20 })],
  ["softmax loss", () => K.softmaxLoss({ n: N, c: 10, scale: 1 / 32 })],
  ["conv + pool", () => K.convPool({ n: N, h: 4, w: 6, ci: 2, co: 5, k: 3, p: 1, BO: 5 }, true)],
];
