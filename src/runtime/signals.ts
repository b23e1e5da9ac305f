/** SIGINT and SIGTERM save and stop, SIGHUP saves; while nothing can be saved, and the second time, they do what they always do. Knows no file. */

export interface Signals {
  /** what the last signal asked for */
  readonly wanted: "save" | "stop" | undefined;
  /** it is done */
  readonly served: () => void;
  /** a loop that can save begins or ends */
  readonly enter: () => void;
  readonly leave: () => void;
  readonly close: () => void;
}
export function listen(note: (text: string) => void): Signals {
  let wanted: Signals["wanted"];
  let inside = 0;
  const deaf = (): void => {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  };
  const stop = (signal: NodeJS.Signals): void => {
    // two in one long step are told of together, when it ends
    if (inside === 0 || wanted === "stop") {
      deaf();
      process.kill(process.pid, signal);
      return;
    }
    wanted = "stop";
    note("saves and stops; once more: stops at once");
    // without a listener the next one ends the process, even in the middle of a kernel
    setImmediate(deaf);
  };
  const save = (): void => {
    if (inside > 0) wanted ??= "save";
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", save);
  return {
    get wanted() {
      return wanted;
    },
    served: () => {
      if (wanted === "save") wanted = undefined;
    },
    enter: () => inside++,
    leave: () => inside--,
    close: () => {
      deaf();
      process.off("SIGHUP", save);
    },
  };
}
/** For a wait in which no listener could run: signals do what they always do, until what this gives is called. */
export function unheard(): () => void {
  const all = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map(name => [name, process.listeners(name)] as const);
  for (const [name] of all) process.removeAllListeners(name);
  return () => {
    for (const [name, own] of all) for (const listener of own) process.on(name, listener);
  };
}
