/** What a pass is, and the verdict of the level it leaves. The pipeline, not the pass, verifies, times, prints. Knows no pass. */
import type { Stage } from "../ir/stage.ts";

/** rewrites GRAPH; a pass that changes nothing returns the same object */
export interface Pass {
  readonly name: string;
  /** one line, and before --> after */
  readonly doc: string;
  /** which forms may stand before and after: rdd.map and friends, map/grad/call, or only what kernels know */
  readonly from: Level;
  readonly to: Level;
  readonly run: (stage: Stage) => Stage;
}
/** source: as lowered; segmented: no rdd.map; expanded: no map, grad, call, aggregate either */
export type Level = "source" | "segmented" | "expanded";
