/**
 * Every store of ours, and one of a user's own, under the one suite.
 *
 * @module
 */
import {
  type Environment,
  systemEnvironment,
  type Timer,
} from "../../base/environment.ts";
import { CachedStore } from "../../storage/cache/cached_store.ts";
import { FileStore } from "../../storage/object_store/file_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import type { ObjectStore } from "../../storage/object_store/object_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { objectStoreSuite, type StoreUnderTest } from "./object_store_suite.ts";
import { type UserObjects, UserStore } from "./user_store.ts";

objectStoreSuite({
  name: "memory",
  proves: "[K-104] ",
  open(): Promise<StoreUnderTest> {
    const bucket = new MemoryBucket();
    return Promise.resolve({
      store: new MemoryStore({ bucket }),
      again: () => Promise.resolve(new MemoryStore({ bucket })),
      dispose: () => Promise.resolve(),
    });
  },
});

objectStoreSuite({
  name: "metered over memory",
  open(): Promise<StoreUnderTest> {
    const bucket = new MemoryBucket();
    const again = (): ObjectStore =>
      new MeteredStore(new MemoryStore({ bucket }));
    return Promise.resolve({
      store: again(),
      again: () => Promise.resolve(again()),
      dispose: () => Promise.resolve(),
    });
  },
});

objectStoreSuite({
  name: "a user's own store",
  proves: "[K-105] ",
  open(): Promise<StoreUnderTest> {
    const objects: UserObjects = { list: [], writes: 0 };
    return Promise.resolve({
      store: new UserStore(objects),
      again: () => Promise.resolve(new UserStore(objects)),
      dispose: () => Promise.resolve(),
    });
  },
});

/** Timers that fire at once, so that latency costs no time. */
const instant: Environment = {
  ...systemEnvironment,
  setTimer(callback: () => void): Timer {
    queueMicrotask(callback);
    return { cancel: () => {} };
  },
};

for (const slow of [false, true]) {
  objectStoreSuite({
    name: `faulty without faults${slow ? ", slow" : ""}, over memory`,
    open(): Promise<StoreUnderTest> {
      const bucket = new MemoryBucket();
      const again = (): ObjectStore =>
        new FaultyStore(new MemoryStore({ bucket }), {
          environment: instant,
          ...slow && { latencyMs: { min: 1, max: 5 } },
        });
      return Promise.resolve({
        store: again(),
        again: () => Promise.resolve(again()),
        dispose: () => Promise.resolve(),
      });
    },
  });
}

for (const everything of [false, true]) {
  objectStoreSuite({
    name: `disk cache${everything ? " of all paths" : ""}, over memory`,
    // What another process removed may still be read, see its header.
    except: [
      "a deleted table is gone for a handle that was reading it",
      ...everything
        ? ["delete removes, for every handle, and the name is free again"]
        : [],
    ],
    async open(): Promise<StoreUnderTest> {
      const bucket = new MemoryBucket();
      const again = (): Promise<ObjectStore> =>
        CachedStore.open(new MemoryStore({ bucket }), new MemoryStore(), {
          bytesMax: 100_000,
          chunkBytes: 1000,
          ...everything && { keeps: (path) => !/^(gc|pins)\//.test(path) },
        });
      return {
        store: await again(),
        again,
        dispose: () => Promise.resolve(),
      };
    },
  });
}

objectStoreSuite({
  name: "file",
  async open(): Promise<StoreUnderTest> {
    const folder = await Deno.makeTempDir({ prefix: "kriya-store-" });
    const store = await FileStore.open(folder);
    return {
      store,
      again: () => FileStore.open(new URL(store.address)),
      dispose: () => Deno.remove(folder, { recursive: true }),
    };
  },
});
