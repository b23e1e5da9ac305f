/** The passes in order, on one page. Their names are the words of the command line and the headings of golden sections. */

import { expand } from "./expand.ts";
import type { Pass } from "./pass.ts";
import { prune } from "./prune.ts";
import { segment } from "./segment.ts";
import { simplify } from "./simplify.ts";
import { defer } from "./trips/defer.ts";
import { unite } from "./unite.ts";

export const passes: readonly Pass[] = [simplify, segment, expand, unite, prune, simplify, defer];
/** what `plan` runs, by parts of the program: a body of a loop is fused and scheduled as a whole, a kernel is tiled and emitted by itself */
export const planPasses: readonly { readonly name: string; readonly doc: string }[] = [
  { name: "fuse", doc: "GRAPH --> KERNELs: views into accesses, lanes behind what they read" },
  {
    name: "schedule",
    doc: "KERNELs --> phases: which share an item, which share rows and run strip by strip, and where their results lie",
  },
  { name: "tile", doc: "KERNEL --> its Schedule: panels, register tiles, packs" },
  { name: "emit", doc: "KERNEL + Schedule --> LOOP" },
  { name: "memory", doc: "names --> bytes of regions, shared by what is not alive together" },
];
