/**
 * One phase at a time for a team of threads over shared memory. The leader opens a phase; whoever comes claims items of its own share, the
 * same in all phases of as many items, so that it finds in its own cache what it wrote or read before; then what is left of the others'. The leader closes it and waits for those inside. Who comes late finds it closed and nobody waits for him, so a thread that the
 * system has not scheduled costs at most the items that it holds. Knows no plan and no WebAssembly.
 *
 * Waiting is a short spin, then the futex of Atomics.wait: a spin alone collapses where threads outnumber cores, a futex alone costs
 * 18 us per phase (shared/facts/wasm.md 2.4).
 */

/** words of the control block, a cache line apart */
const [GENERATION, OPEN, ACTIVE, ASLEEP, LEADER_WAITS, STOP, FAILED] = [0, 16, 32, 48, 64, 80, 96];
/** what is being done: read by whoever is inside, written while nobody is */
const [PHASE, ITEMS, RECORDS, CHUNK, SHARES] = [112, 113, 114, 115, 116];
const TEXT = 128;
const TEXT_WORDS = 64;
/** per share its first item that nobody has claimed, each in a cache line of its own */
const NEXT = TEXT + TEXT_WORDS;
const LINE = 16;
/** some 30 us */
const SPINS = 20_000;

export type Control = Int32Array<SharedArrayBuffer>;
/** for so many threads, the leader among them */
export const makeControl = (threads: number): Control =>
  new Int32Array(new SharedArrayBuffer(4 * (NEXT + LINE * threads)));

/** a phase by its number, so many items of it, over so many records */
export interface Work {
  readonly phase: number;
  readonly items: number;
  readonly records: number;
}
/** does the items [from, to) */
export type Do = (phase: number, from: number, to: number, records: number) => void;

/** the leader's side: opens, works, waits for the others; `deadline` in milliseconds. Gives what went wrong in another thread */
export function lead(c: Control, w: Work, threads: number, run: Do, deadline: number): string | undefined {
  Atomics.store(c, PHASE, w.phase);
  Atomics.store(c, ITEMS, w.items);
  Atomics.store(c, RECORDS, w.records);
  // claims get dearer with their number, the wait for the last item with their size
  Atomics.store(c, CHUNK, Math.max(1, Math.floor(w.items / (threads * 16))));
  const shares = Math.max(1, Math.min(threads, w.items));
  Atomics.store(c, SHARES, shares);
  for (let s = 0; s < shares; s++) Atomics.store(c, NEXT + LINE * s, firstOf(s, shares, w.items));
  Atomics.store(c, OPEN, 1);
  Atomics.add(c, GENERATION, 1);
  if (Atomics.load(c, ASLEEP) > 0) Atomics.notify(c, GENERATION);
  try {
    claim(c, 0, run);
  } finally {
    Atomics.store(c, OPEN, 0);
    if (!alone(c, deadline)) failed(c, `no end within ${deadline / 1000} s`);
  }
  return Atomics.load(c, FAILED) ? textOf(c) : undefined;
}
/** after it no thread touches the control block's phase again */
export function stop(c: Control): void {
  Atomics.store(c, STOP, 1);
  Atomics.add(c, GENERATION, 1);
  Atomics.notify(c, GENERATION);
}
/** the side of thread `number`, from 1: joins phases until `stop` */
export function serve(c: Control, number: number, run: Do): void {
  for (let seen = 0; ; ) {
    seen = later(c, seen);
    if (Atomics.load(c, STOP)) return;
    Atomics.add(c, ACTIVE, 1);
    // the leader writes the next work only when nobody is inside: what stands there now is that of the phase that is open
    if (Atomics.load(c, OPEN))
      try {
        claim(c, number, run);
      } catch (e) {
        failed(c, String(e));
      }
    if (Atomics.sub(c, ACTIVE, 1) === 1 && Atomics.load(c, LEADER_WAITS)) Atomics.notify(c, ACTIVE);
  }
}

const firstOf = (share: number, shares: number, items: number): number => Math.floor((share * items) / shares);
/** thread `number`: its own share, then those behind it, then those before */
function claim(c: Control, number: number, run: Do): void {
  const [phase, items, records, chunk, shares] = [c[PHASE]!, c[ITEMS]!, c[RECORDS]!, c[CHUNK]!, c[SHARES]!];
  for (let i = 0; i < shares; i++) {
    const share = (number + i) % shares;
    const end = firstOf(share + 1, shares, items);
    const next = NEXT + LINE * share;
    // a share that is empty is only looked at: others may still write beside it
    while (Atomics.load(c, next) < end) {
      const from = Atomics.add(c, next, chunk);
      if (from < end) run(phase, from, Math.min(from + chunk, end), records);
    }
  }
}
/** a generation other than `seen` */
function later(c: Control, seen: number): number {
  for (let i = 0; i < SPINS; i++) {
    const now = Atomics.load(c, GENERATION);
    if (now !== seen) return now;
  }
  // the leader looks at ASLEEP after it has written GENERATION, so one of both sees the other
  Atomics.add(c, ASLEEP, 1);
  Atomics.wait(c, GENERATION, seen);
  Atomics.sub(c, ASLEEP, 1);
  return Atomics.load(c, GENERATION);
}
/** nobody is inside; false: not within `deadline` milliseconds */
function alone(c: Control, deadline: number): boolean {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(c, ACTIVE) === 0) return true;
  Atomics.store(c, LEADER_WAITS, 1);
  const until = performance.now() + deadline;
  for (;;) {
    const inside = Atomics.load(c, ACTIVE);
    const left = until - performance.now();
    if (inside === 0 || left <= 0) {
      Atomics.store(c, LEADER_WAITS, 0);
      return inside === 0;
    }
    Atomics.wait(c, ACTIVE, inside, left);
  }
}

// ---- the first failure, as text in the control block

function failed(c: Control, message: string): void {
  if (Atomics.compareExchange(c, FAILED, 0, 1) !== 0) return;
  const bytes = new TextEncoder().encode(message).subarray(0, 4 * TEXT_WORDS);
  new Uint8Array(c.buffer, 4 * TEXT).set(bytes);
}
function textOf(c: Control): string {
  const bytes = new Uint8Array(c.buffer, 4 * TEXT).slice();
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
