/** Which weights a safetensors file has, by its header, before anything runs. Knows nothing of training. */
import { type Host, HostError, type Schema } from "../../ir/host.ts";
import type { Span } from "../../ir/node.ts";
import { sameShape } from "../../ir/type.ts";
import type { Load } from "../core.ts";
import { diagnostic, nearest } from "../diagnostics/catalogue.ts";
import { refuse } from "./limit.ts";
import type { InFile } from "./train.ts";

/** a weight that `load(.., partial: true)` did not find as it is */
export interface Absent {
  readonly message: string;
  readonly span: Span;
}
/** a weight is taken from the file if it is there with that shape; else it is an error, or with `partial` initialised and told */
export function fileOf(host: Host, absent: Absent[]): InFile {
  const headers = new Map<Load, Schema>();
  return (net, weight, type) => {
    let header = headers.get(net);
    if (!header) {
      header = headerOf(host, net);
      headers.set(net, header);
    }
    const column = header.columns[weight.path];
    const wrong = !column
      ? `${net.path} has no tensor \`${weight.path}\``
      : !sameShape(column.shape, type.shape)
        ? `\`${weight.path}\` is [${column.shape.join(", ")}] in ${net.path} and [${type.shape.join(", ")}] in ${net.name}`
        : column.store !== type.elem
          ? `\`${weight.path}\` is ${column.store} in ${net.path} and ${type.elem} in ${net.name}`
          : undefined;
    if (wrong === undefined) return true;
    if (net.partial) {
      absent.push({ message: `${wrong}: initialised`, span: net.span });
      return false;
    }
    const near = column ? undefined : nearest(weight.path, Object.keys(header.columns));
    return refuse(
      diagnostic("load", wrong, net.span, {
        notes: [{ message: "the weight is declared here", span: weight.span }],
        help: near ? `the file has \`${near}\`` : "load(.., partial: true) initialises what the file does not have",
      }),
    );
  };
}
function headerOf(host: Host, net: Load): Schema {
  try {
    return host.schema(net.format, [net.path], {});
  } catch (e) {
    if (!(e instanceof HostError)) throw e;
    return refuse(diagnostic("file", e.message, net.span));
  }
}
