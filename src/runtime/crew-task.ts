/** What a module does for a task of the crew: it says so once, when a thread imports it. Knows no task. */
import type { MessagePort } from "node:worker_threads";

/** what a task is given: its data, and its end of a channel */
export type Take = (data: never, port: MessagePort) => void;
let said: Take | undefined;

export function taking(take: Take): void {
  said = take;
}
/** by the module that was imported last */
export function taken(): Take {
  if (!said) throw new Error("internal: a task that nobody takes");
  return said;
}
