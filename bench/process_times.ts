/**
 * The CPU time of processes that work for a side: a server of several
 * processes, a client that is a program. Linux says it in `/proc`.
 *
 * @module
 */

/** What one tick of the kernel's accounts is. */
const TICK_MS = 10;

/** Where its fields are, counted behind the name, which is in parentheses. */
const PARENT = 1;
const USER = 11;
const CHILDREN_SYSTEM = 14;

/** The fields of a process behind its name; `undefined`: it has ended. */
function fieldsOf(pid: number | string): string[] | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** The time of a process, and of those children that have ended. */
function ticksOf(fields: readonly string[]): number {
  return fields.slice(USER, CHILDREN_SYSTEM + 1)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** The CPU time of a process and all its children, ended or not. */
export function treeCpuMs(pid: number): number {
  let ticks = ticksOf(fieldsOf(pid) ?? []);
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = fieldsOf(name);
    if (Number(fields?.[PARENT]) === pid) ticks += ticksOf(fields!);
  }
  return ticks * TICK_MS;
}

/** The CPU time of this process's children that have ended. */
export function endedChildrenCpuMs(): number {
  const ticks = fieldsOf("self")?.slice(USER + 2, CHILDREN_SYSTEM + 1) ?? [];
  return ticks.reduce((sum, each) => sum + Number(each), 0) * TICK_MS;
}
