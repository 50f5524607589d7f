/**
 * Runs workloads: ours and its peers side by side, and puts the numbers in one
 * form.
 *
 * Each side is a process of its own, all pinned to one core where the system
 * allows it (`taskset`), so that engines with threads get one core as well.
 * They take turns, in the order ours, peers and back, so that what disturbs
 * the machine disturbs all. A turn repeats the workload's round for at least
 * 300 ms of CPU time; its value is operations by the CPU time of the whole
 * process, all its threads. The median of the turns is reported.
 *
 * @module
 */
import { SideProcess, type Turn } from "./side_process.ts";

/** One engine at one workload; lives in a process of its own. */
export interface Side {
  /** Makes ready; the text says with what settings, for people. */
  setup(): Promise<string>;
  /** Does the work once; resolves with the number of operations. */
  round(): Promise<number>;
  /** The CPU time so far of other processes that work for it. */
  otherCpuMs?(): number;
  /** Lets go of what it holds. */
  close(): Promise<void>;
}

/** An engine to compare with. */
export interface Peer {
  /** Its name in the results. */
  readonly name: string;
  /** The least ratio of ours to it that we want. */
  readonly target: number;
  /** Whether its packages must be found in its own `node_modules`. */
  readonly ownModules?: boolean | undefined;
}

/** Something to measure. */
export interface Workload {
  /** Its name. */
  readonly name: string;
  /** What a value counts: `rows/s`. */
  readonly unit: string;
  /** What is divided by: CPU time (the default), or the clock for the disk's. */
  readonly clock?: "cpu" | "wall" | undefined;
  /** The peers, by the names of their sides. */
  readonly peers: Readonly<Record<string, Peer>>;
  /** Makes a side: `ours`, or one of the peers'. */
  readonly sides: Readonly<Record<string, () => Side>>;
  /** Fetches data and peers, before any side starts. */
  prepare?(): Promise<void>;
}

/** What is measured once per process, and should stay below a limit. */
export interface LimitWorkload {
  /** Its name. */
  readonly name: string;
  /** What a value counts: `ms` by the clock, say. */
  readonly unit: string;
  /** What is still good. */
  readonly limit: number;
  /** Processes that measure; the median counts (default 5). */
  readonly turns?: number | undefined;
  /** Runs in a new process every time; resolves with the value. */
  readonly measure: () => Promise<number>;
  /** Fetches data, and fills the database. */
  prepare?(): Promise<void>;
}

/** One line of `--json`. A ratio over 1 is better for us. */
export interface BenchResult {
  readonly bench: string;
  readonly workload: string;
  readonly ours: number;
  readonly peer: string;
  readonly peerValue: number;
  readonly unit: string;
  readonly ratio: number;
  readonly target: number;
}

/** A side, wherever it runs. */
export interface RunningSide {
  /** Makes it ready; resolves with its settings. */
  setup(): Promise<string>;
  /** Has it work for a while. */
  turn(): Promise<Turn>;
  /** Has it measure its one value. */
  measure(): Promise<number>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts a side of a workload. */
export type StartSide = (
  workload: string,
  side: string,
  ownModules?: boolean,
) => RunningSide;

/** How many turns each side gets. */
const TURNS = 5;

/** Runs a workload; one result a peer. */
export async function runWorkload(
  bench: string,
  workload: Workload,
  note: (text: string) => void,
  start: StartSide = SideProcess.start,
): Promise<BenchResult[]> {
  await workload.prepare?.();
  const names = ["ours", ...Object.keys(workload.peers)];
  const sides: RunningSide[] = [];
  try {
    for (const name of names) {
      const side = start(
        workload.name,
        name,
        workload.peers[name]?.ownModules,
      );
      sides.push(side);
      note(`${workload.name}: ${name}: ${await side.setup()}`);
    }
    const values = await takeTurns(sides, workload.clock ?? "cpu");
    const ours = values[0]!;
    return Object.values(workload.peers).map(({ name, target }, i) => ({
      bench,
      workload: workload.name,
      ours,
      peer: name,
      peerValue: values[i + 1]!,
      unit: workload.unit,
      ratio: ours / values[i + 1]!,
      target,
    }));
  } finally {
    for (const side of sides) await side.stop();
  }
}

/** Operations per second, the median of each side's turns. */
async function takeTurns(
  sides: readonly RunningSide[],
  clock: "cpu" | "wall",
): Promise<number[]> {
  const values = new Map(sides.map((side) => [side, [] as number[]]));
  // Not counted: the first turn compiles.
  for (const side of sides) await side.turn();
  for (let turn = 0; turn < TURNS; turn++) {
    const order = turn % 2 === 0 ? sides : sides.toReversed();
    for (const side of order) {
      const { operations, cpuMs, wallMs } = await side.turn();
      const ms = clock === "cpu" ? cpuMs : wallMs;
      values.get(side)!.push(operations / ms * 1000);
    }
  }
  return sides.map((side) => median(values.get(side)!));
}

/**
 * Runs a workload that has a limit, each time in a new process that has all
 * cores, as a user's would: V8 compiles beside it, and pinned it would wait for
 * that.
 */
export async function runLimit(
  bench: string,
  workload: LimitWorkload,
  start: StartSide = SideProcess.startUnpinned,
): Promise<BenchResult[]> {
  await workload.prepare?.();
  const values: number[] = [];
  for (let turn = 0; turn < (workload.turns ?? TURNS); turn++) {
    const side = start(workload.name, "ours");
    try {
      values.push(await side.measure());
    } finally {
      await side.stop();
    }
  }
  const ours = median(values);
  return [{
    bench,
    workload: workload.name,
    ours,
    peer: "limit",
    peerValue: workload.limit,
    unit: workload.unit,
    ratio: workload.limit / ours,
    target: 1,
  }];
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
