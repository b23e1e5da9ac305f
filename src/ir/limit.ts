/** What is right and hsc cannot do yet, as a pass or a rule of an op finds it: a message with its places. Knows no message. */
import { type Node, type Span, spansOf } from "./node.ts";

/** `what` is not built yet; `instead`: what to write now */
export class Limit extends Error {
  readonly what: string;
  readonly instead: string;
  /** absent: the place is not known */
  readonly spans: readonly Span[];
  constructor(what: string, instead: string, at?: Node | readonly Span[]) {
    super(`limit: ${what} is not built yet: ${instead}`);
    this.what = what;
    this.instead = instead;
    this.spans = !at ? [] : "k" in at ? spansOf(at) : at;
  }
}
