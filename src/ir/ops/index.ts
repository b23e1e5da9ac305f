/** The registry of all GRAPH ops, and their constructors. Import ops from here: it fills the table. */
import { aggregateOps } from "./aggregate.ts";
import { anewOps } from "./anew.ts";
import { batchesOps } from "./batches.ts";
import { clockOps } from "./clock.ts";
import { contractOps } from "./contract.ts";
import { controlOps } from "./control.ts";
import { indexOps } from "./index-ops.ts";
import { laneOps } from "./lane.ts";
import { leafOps } from "./leaf.ts";
import { loopOps } from "./loop.ts";
import { randomOps } from "./random.ts";
import { rddOps } from "./rdd.ts";
import { reduceOps } from "./reduce.ts";
import { register } from "./registry.ts";
import { sliceOps } from "./slice.ts";
import { viewOps } from "./view.ts";

for (const ops of [
  leafOps,
  laneOps,
  viewOps,
  sliceOps,
  reduceOps,
  contractOps,
  indexOps,
  controlOps,
  randomOps,
  rddOps,
  anewOps,
  aggregateOps,
  batchesOps,
  loopOps,
  clockOps,
])
  register(ops);

export { elemOf, shapeAt, shapeAttr, typeOf } from "./attrs.ts";
export * from "./build.ts";
export * from "./loop-build.ts";
export * from "./rdd-build.ts";
export { allOps, op } from "./registry.ts";
