/** The passes in order, on one page. Their names are the words of the command line and the headings of golden sections. */
import { expand } from "./expand.ts";
import type { Pass } from "./pass.ts";
import { segment } from "./segment.ts";
import { simplify } from "./simplify.ts";

export const passes: readonly Pass[] = [simplify, segment, expand, simplify];
