/**
 * A thread that writes and reads few keys of a shared table as fast as it can;
 * this module is both what starts it and what it runs.
 *
 * @module
 */
import {
  KEY_WORDS,
  SharedTable,
  type TableShape,
} from "../../storage/cache/shared/shared_table.ts";

/** What a thread is to do. */
export interface HammerTask {
  /** The table's memory … */
  readonly memory: SharedArrayBuffer;
  /** … and shape. */
  readonly shape: TableShape;
  /** Which keys it takes, and when. */
  readonly seed: number;
  /** How often. */
  readonly rounds: number;
}

/** What it saw. */
export interface HammerReport {
  /** Reads whose bytes were not all of one write to that key. */
  readonly torn: number;
  /** Reads that found something. */
  readonly hits: number;
  /** Writes that were done. */
  readonly writes: number;
}

const KEYS = 24;

/** Runs a task in a Worker of its own. */
export async function hammer(task: HammerTask): Promise<HammerReport> {
  const worker = new Worker(import.meta.url, {
    type: "module",
    name: "hammer",
  });
  try {
    return await new Promise<HammerReport>((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
  }
}

function run({ memory, shape, seed, rounds }: HammerTask): HammerReport {
  const table = new SharedTable(memory, 0, shape);
  let random = seed;
  let torn = 0;
  let hits = 0;
  let writes = 0;
  for (let round = 0; round < rounds; round++) {
    random = (random * 48271) % 0x7fff_ffff;
    const n = (random >> 8) % KEYS;
    const key = new Int32Array(KEY_WORDS).fill(n + 1);
    key[0] = n;
    if (random % 3 === 0) {
      // All bytes are the key's, so many of them that a copy takes a while.
      const bytes = new Uint8Array(1000 + random % 3000).fill(n);
      if (table.write(key, bytes) !== "refused") writes++;
      continue;
    }
    const bytes = table.read(key);
    if (bytes === undefined) continue;
    hits++;
    if (bytes.length < 1000 || bytes.some((byte) => byte !== n)) torn++;
  }
  return { torn, hits, writes };
}

/** What a Worker has, as far as it is used. */
interface WorkerScope {
  readonly name: string;
  onmessage: (event: MessageEvent<HammerTask>) => void;
  postMessage(report: HammerReport): void;
}

const scope = globalThis as unknown as WorkerScope;
if (scope.name === "hammer") {
  scope.onmessage = ({ data }) => scope.postMessage(run(data));
}
