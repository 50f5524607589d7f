/**
 * A bucket and the processes that use it, in simulated time: what tests of the
 * engine need to fail, stall and count requests.
 *
 * @module
 */
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import type { AdmissionFacts } from "../../storage/engine/recovery.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import {
  FaultyStore,
  type FaultyStoreOptions,
  type RequestEvent,
} from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";

/** One process: a store, and the requests that it makes. */
export interface Process {
  readonly store: LsmStore;
  /** What stands before the bucket. */
  readonly objects: FaultyStore;
  /** The requests so far; set `length` to 0 to count anew. */
  readonly requests: RequestEvent[];
}

/** A bucket, and time. */
export class World {
  readonly bucket: MemoryBucket;
  readonly environment: SimulatedEnvironment;

  /** A world with an empty bucket, or with this one. */
  constructor(bucket: MemoryBucket = new MemoryBucket(), seed = 1) {
    this.bucket = bucket;
    this.environment = new SimulatedEnvironment({ seed });
  }

  /** A handle on the bucket that notes its requests. */
  handle(
    options: FaultyStoreOptions = {},
  ): { readonly objects: FaultyStore; readonly requests: RequestEvent[] } {
    const { bucket, environment } = this;
    const requests: RequestEvent[] = [];
    const objects = new FaultyStore(new MemoryStore({ bucket, environment }), {
      environment,
      onRequest: (event) => requests.push(event),
      ...options,
    });
    return { objects, requests };
  }

  /** Opens a store as a process of its own would. */
  async open(
    options: LsmOptions = {},
    facts: AdmissionFacts = { exclusive: false },
    faults: FaultyStoreOptions = {},
  ): Promise<Process> {
    const { objects, requests } = this.handle(faults);
    const { environment } = this;
    const store = await LsmStore.open(
      objects,
      { environment, takeover: true, ...options },
      facts,
    );
    return { store, objects, requests };
  }

  /** Runs `task`, letting as much time pass as it waits for. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return this.environment.run(task);
  }

  /** The paths under a prefix. */
  paths(prefix: string): string[] {
    return this.bucket.paths().filter((path) => path.startsWith(prefix));
  }
}

/** What requests ask, in short: `put wal/`, `get sst/` … */
export function asked(requests: readonly RequestEvent[]): string[] {
  return requests.map(({ operation, path }) =>
    `${operation} ${path.slice(0, path.indexOf("/") + 1)}`
  );
}
