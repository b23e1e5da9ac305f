/** How a pass is run by the pipeline, as passes that run others see it. Knows no pass. */

/** runs one pass under its name; `show`: what it made, as text of its level; `given`: what it was given, where that is not what the pass before it made */
export type Trace = <T>(pass: string, run: () => T, show: (made: T) => string, given?: () => string) => T;
export const untraced: Trace = (_, run) => run();
