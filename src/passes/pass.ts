/** What a pass is, and the verdict of the level it leaves. The pipeline, not the pass, verifies, times, prints. Knows no pass. */
import type { Stage } from "../ir/stage.ts";
import type { Form } from "../ir/verify.ts";

/** rewrites GRAPH; a pass that changes nothing returns the same object */
export interface Pass {
  readonly name: string;
  /** one line, and before --> after */
  readonly doc: string;
  /** which forms may stand before and after: rdd.map and friends, map/grad/call, or only what kernels know */
  readonly from: Form;
  readonly to: Form;
  readonly run: (stage: Stage) => Stage;
}
