/**
 * Linking the nodes of a graph in several threads, which share its memory.
 *
 * The node on the highest layer is linked first and is the entry point of all;
 * the others follow in their random order, each by the thread that is free.
 * While two nodes are linked at a time neither finds the other, so the graph is
 * another one in each run; its recall is the same
 * (`docs/decisions/048-vector-builds.md`).
 *
 * This thread does nothing meanwhile but look how far they are: its queries are
 * answered. Who stops the work ends the threads, within a node's linking.
 *
 * @module
 */
import { mayStartWorker } from "../../base/permission.ts";
import {
  type HeadPlace,
  placeHead,
  setupArguments,
} from "../hnsw/segment_layout.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import { NONE } from "../kernels/kernels.ts";
import type { SlicedWork } from "../segments/sliced_task.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type LinkTask,
  LOCK_BYTES,
} from "./messages.ts";

/** Nodes from which on threads are worth their start. */
const NODES_MIN = 2000;

const WORKER_URL = new URL("./link_worker.ts", import.meta.url);

/** Threads that run now, of all builds. */
let running = 0;

/** What is linked, and how. */
export interface LinkOptions {
  /** The nodes, in the order in which they are taken. */
  readonly order: Uint32Array;
  /** The highest layer of each node of the graph. */
  readonly levels: Uint8Array;
  /** Search width while building. */
  readonly efConstruction: number;
  /** Threads, at most. */
  readonly threads: number;
  /** How far the whole work is when so many of the nodes are linked. */
  progressAt(linked: number): number;
}

/** Whether `threads` would be used for a graph of so many nodes. */
export function wantsThreads(threads: number, nodes: number): boolean {
  return threads > 0 && nodes >= NODES_MIN && mayStartWorker(WORKER_URL);
}

/**
 * Links nodes in threads, yielding the share that is; gives false if that
 * cannot be, and nothing is linked.
 *
 * REQUIRES: nothing was linked yet; codes are there, if there are to be any.
 */
export function* linkInThreads(
  memory: SegmentMemory,
  options: LinkOptions,
): SlicedWork<boolean> {
  const { order, levels } = options;
  const module = memory.kernels.shared;
  const free = (globalThis.navigator?.hardwareConcurrency ?? 1) - running;
  const threads = Math.min(options.threads, free);
  if (
    module === undefined || threads < 1 || !wantsThreads(threads, order.length)
  ) return false;
  const entry = highest(memory, options);
  if (entry === undefined) return false;
  const { kernels } = memory;
  kernels.insert(entry, levels[entry]!, options.efConstruction);
  const { control, tasks } = prepare(memory, module, entry, {
    ...options,
    threads,
  });
  const words = new Int32Array(kernels.memory.buffer, control, 5);
  const crew = new Crew(tasks);
  try {
    for (;;) {
      if (crew.hasFailed) Atomics.store(words, CONTROL.stop, 1);
      // One that begins later finds that it is to stop, and writes nothing.
      const begun = crew.hasFailed
        ? Atomics.load(words, CONTROL.begun)
        : threads;
      if (Atomics.load(words, CONTROL.gone) >= begun) break;
      const done = Atomics.load(words, CONTROL.done);
      yield { waitsAt: options.progressAt(done) };
    }
  } finally {
    Atomics.store(words, CONTROL.stop, 1);
    crew.end();
  }
  if (Atomics.load(words, CONTROL.done) === order.length) return true;
  unlink(memory);
  return false;
}

/** The node on the highest layer that has a direction. */
function highest(
  memory: SegmentMemory,
  { order, levels }: LinkOptions,
): number | undefined {
  let best: number | undefined;
  for (const node of order) {
    if (best !== undefined && levels[node]! <= levels[best]!) continue;
    if (!memory.isNowhere(node)) best = node;
  }
  return best;
}

/** Makes room for the threads, and says what each is to do. */
function prepare(
  memory: SegmentMemory,
  module: WebAssembly.Module,
  entry: number,
  { order, levels, efConstruction, threads }: LinkOptions,
): { readonly control: number; readonly tasks: readonly LinkTask[] } {
  const { form, graph } = memory;
  const place = (at: number): HeadPlace =>
    placeHead(form.strideMax, efConstruction, graph.m, at);
  const headBytes = place(0).rows;
  const ownBytes = headBytes + 64 * Math.ceil(graph.count / 64);
  const shared = CONTROL_BYTES + LOCK_BYTES;
  const control = memory.reserveTail(shared + threads * ownBytes);
  const tasks = Array.from({ length: threads }, (_, i): LinkTask => {
    const head = place(control + shared + i * ownBytes);
    const rows = memory.rowOffset(0);
    return {
      module,
      memory: memory.kernels.memory as unknown as WebAssembly.Memory,
      control,
      locks: control + CONTROL_BYTES,
      setup: setupArguments(
        form,
        memory.stride,
        { ...head, rows },
        efConstruction,
      ),
      setupGraph: [
        graph.count,
        graph.m,
        graph.level0,
        graph.upper,
        graph.upperAt,
        graph.duplicates,
        // The head ends where rows would begin.
        head.rows,
      ],
      entry,
      entryLevel: levels[entry]!,
      order,
      levels,
      efConstruction,
    };
  });
  return { control, tasks };
}

/** Lets everything be linked again. */
function unlink({ kernels, bytes, graph }: SegmentMemory): void {
  const { count, duplicates } = graph;
  kernels.setEntry(NONE, -1);
  bytes.fill(0xff, duplicates, duplicates + 4 * count);
}

/** Workers, each with its task. */
class Crew {
  readonly #workers: Worker[] = [];
  /** Whether one has failed. */
  hasFailed = false;

  constructor(tasks: readonly LinkTask[]) {
    for (const task of tasks) {
      const worker = new Worker(WORKER_URL, {
        type: "module",
        name: "linking",
      });
      running++;
      this.#workers.push(worker);
      worker.onerror = (event): void => {
        event.preventDefault();
        this.hasFailed = true;
      };
      worker.postMessage(task);
    }
  }

  /** Ends all. */
  end(): void {
    for (const worker of this.#workers.splice(0)) {
      worker.terminate();
      running--;
    }
  }
}
