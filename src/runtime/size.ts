/** Sizes that depend on the number of records at hand, for the runtime. Knows no plan step. */
export { sizeAt } from "../ir/plan-walk.ts";
