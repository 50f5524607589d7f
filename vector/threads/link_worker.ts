/**
 * A thread that links: takes the next node of the order, links it, and again.
 *
 * @module
 */
import { CONTROL, type LinkTask, type ThreadKernels } from "./messages.ts";

/** What of a Worker's global scope is used. */
interface WorkerScope {
  onmessage: ((event: { readonly data: LinkTask }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }): void => {
  const words = new Int32Array(data.memory.buffer, data.control, 5);
  Atomics.add(words, CONTROL.begun, 1);
  try {
    link(data, words);
  } finally {
    Atomics.add(words, CONTROL.gone, 1);
  }
};

function link(task: LinkTask, words: Int32Array): void {
  const { module, memory, order, levels, entry, efConstruction } = task;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as ThreadKernels;
  kernels.setup(...task.setup);
  kernels.setupGraph(...task.setupGraph);
  kernels.setEntry(entry, task.entryLevel);
  kernels.setLocks(task.locks);
  while (Atomics.load(words, CONTROL.stop) === 0) {
    const node = order[Atomics.add(words, CONTROL.next, 1)];
    if (node === undefined) return;
    if (node !== entry) kernels.insert(node, levels[node]!, efConstruction);
    Atomics.add(words, CONTROL.done, 1);
  }
}
