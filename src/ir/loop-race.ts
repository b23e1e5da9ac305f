/**
 * Which invocation of a GPU touched which element, and whether another may touch it now. Invocations of a workgroup are ordered by its
 * barriers, and only in its own memory; workgroups by nothing. Knows no expression.
 *
 * WebGPU: workgroupBarrier() makes writes to workgroup memory visible, not those to storage buffers.
 */

/** one invocation: its number in all, its workgroup's */
export interface Agent {
  readonly id: number;
  readonly group: number;
}
export interface Watch {
  /** all invocations of a workgroup met */
  readonly barrier: () => void;
  /** what is wrong with the access; undefined: nothing */
  readonly read: (data: object, element: number, by: Agent) => string | undefined;
  readonly write: (data: object, element: number, by: Agent) => string | undefined;
  readonly atomic: (data: object, element: number, by: Agent) => string | undefined;
}
interface Access {
  readonly id: number;
  readonly group: number;
  readonly phase: number;
}
/** reads: the last ones of two invocations, and the first workgroup that read at all */
interface Cell {
  written?: Access & { readonly atomic: boolean };
  last?: Access;
  other?: Access;
  firstGroup?: number;
}

/** `storage`: the buffers that barriers do not order */
export function watch(storage: ReadonlySet<object>): Watch {
  const cells = new WeakMap<object, Map<number, Cell>>();
  let phase = 0;
  const cell = (data: object, element: number): Cell => {
    let of = cells.get(data);
    if (!of) cells.set(data, (of = new Map()));
    let c = of.get(element);
    if (!c) of.set(element, (c = {}));
    return c;
  };
  const now = (data: object, by: Agent): Access => ({ ...by, phase: storage.has(data) ? 0 : phase });
  const clash = (a: Access | undefined, b: Access): boolean =>
    !!a && a.id !== b.id && (a.group !== b.group || a.phase === b.phase);
  const says = (a: string, b: string): string => `${a} by one invocation and ${b} by another without a barrier between`;
  function read(data: object, element: number, by: Agent): string | undefined {
    const [c, me] = [cell(data, element), now(data, by)];
    if (clash(c.written, me)) return says("written", "read");
    if (c.last && c.last.id !== me.id) c.other = c.last;
    c.last = me;
    c.firstGroup ??= me.group;
    return undefined;
  }
  function write(data: object, element: number, by: Agent, atomic: boolean): string | undefined {
    const [c, me] = [cell(data, element), now(data, by)];
    if (!(atomic && c.written?.atomic) && clash(c.written, me)) return says("written", "written");
    if (clash(c.last, me) || clash(c.other, me) || (c.firstGroup !== undefined && c.firstGroup !== me.group))
      return says("read", "written");
    c.written = { ...me, atomic };
    return undefined;
  }
  return {
    barrier: () => {
      phase++;
    },
    read,
    write: (data, element, by) => write(data, element, by, false),
    atomic: (data, element, by) => write(data, element, by, true),
  };
}
