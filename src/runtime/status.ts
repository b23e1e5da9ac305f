/** The status line on stderr: where the run is, rate, loss, time left. Overwritten on a terminal, plain lines elsewhere. Knows no plan. */

export interface Progress {
  /** outer loops first: `epoch 2/4`, `step 300/625` */
  readonly at: readonly { readonly label: string; readonly done: number; readonly of?: number | undefined }[];
  /** what was logged last: loss, val.loss */
  readonly values: Readonly<Record<string, number>>;
  /** records of this loop: done, and in all where that is known */
  readonly records?: number | undefined;
  readonly allRecords?: number | undefined;
  /** of them, those that an earlier run did, or the start of this one */
  readonly earlierRecords?: number | undefined;
  /** for the others */
  readonly seconds: number;
}
export interface Status {
  /** made only where it is shown: most steps are not */
  readonly show: (p: () => Progress) => void;
  /** a pass over the data has ended: its line stays */
  readonly keep: (p: Progress) => void;
  /** a line of its own that stays */
  readonly note: (text: string) => void;
  /** before something else is written to the terminal */
  readonly clear: () => void;
}
export const noStatus: Status = { show: () => {}, keep: () => {}, note: () => {}, clear: () => {} };

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}
/** milliseconds between two lines */
const TERMINAL_EVERY = 100;
const PLAIN_EVERY = 10_000;

/** `now` in milliseconds */
export function statusLine(terminal: Terminal, now: () => number): Status {
  let last = now();
  let shown = false;
  const clear = (): void => {
    if (shown) terminal.write("\r\x1b[K");
    shown = false;
  };
  return {
    show: p => {
      const t = now();
      if (t - last < (terminal.isTTY ? TERMINAL_EVERY : PLAIN_EVERY)) return;
      last = t;
      if (!terminal.isTTY) {
        terminal.write(`${describe(p())}\n`);
        return;
      }
      clear();
      terminal.write(describe(p()).slice(0, (terminal.columns ?? 80) - 1));
      shown = true;
    },
    keep: p => {
      clear();
      terminal.write(`${describe(p)}\n`);
      last = now();
    },
    note: text => {
      clear();
      terminal.write(`${text}\n`);
    },
    clear,
  };
}
export function describe(p: Progress): string {
  const rate = p.seconds > 0 ? ((p.records ?? 0) - (p.earlierRecords ?? 0)) / p.seconds : 0;
  const left = p.allRecords !== undefined && rate > 0 ? (p.allRecords - (p.records ?? 0)) / rate : undefined;
  return [
    ...p.at.map(a => `${a.label} ${a.done}${a.of === undefined ? "" : `/${a.of}`}`),
    ...Object.entries(p.values).map(([name, x]) => `${name} ${Number(x.toPrecision(4))}`),
    ...(p.records === undefined ? [] : [`${short(rate)} records/s`]),
    ...(left !== undefined && left > 0.5 ? [`${duration(left)} left`] : []),
  ].join("  ");
}
const short = (x: number): string =>
  x >= 1e6 ? `${(x / 1e6).toFixed(1)}M` : x >= 1e4 ? `${(x / 1e3).toFixed(1)}k` : x.toFixed(0);
const duration = (s: number): string =>
  s < 90 ? `${s.toFixed(0)} s` : s < 5400 ? `${(s / 60).toFixed(0)} min` : `${(s / 3600).toFixed(1)} h`;
