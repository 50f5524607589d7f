import { assertEquals } from "@std/assert";
import { MemoryStore } from "../object_store/memory_store.ts";
import type {
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectMeta,
  ObjectStore,
  PutCondition,
  PutResult,
} from "../object_store/object_store.ts";
import { LsmStore } from "./lsm_store.ts";
import { WriteBatch } from "./write_batch.ts";

/** A store that answers later, and notes what is asked for in which turn. */
class LateStore implements ObjectStore {
  readonly address = "late:";
  /** Requests, in turns that wait for one another. */
  readonly asked: string[][] = [];
  /** Whether a table is missing when it is first asked for. */
  hidesOnce = false;
  readonly #inner = new MemoryStore();
  #turn: string[] | undefined;

  async #later(what: string): Promise<void> {
    if (this.#turn === undefined) {
      this.#turn = [];
      this.asked.push(this.#turn);
      setTimeout(() => this.#turn = undefined, 10);
    }
    this.#turn.push(what);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }

  async get(
    path: string,
    options?: GetOptions,
  ): Promise<ObjectBody | undefined> {
    await this.#later(`get ${path.split("/")[0]}`);
    if (path.startsWith("sst/") && this.hidesOnce) {
      this.hidesOnce = false;
      return undefined;
    }
    return this.#inner.get(path, options);
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    await this.#later(`list ${prefix}`);
    return await this.#inner.list(prefix, options);
  }

  head(path: string): Promise<ObjectMeta | undefined> {
    return this.#inner.head(path);
  }

  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
  ): Promise<PutResult> {
    return this.#inner.put(path, bytes, condition);
  }

  delete(path: string): Promise<void> {
    return this.#inner.delete(path);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

const key = new TextEncoder().encode("key");

async function filled(): Promise<LateStore> {
  const objects = new LateStore();
  const store = await LsmStore.open(objects);
  for (const flushes of [true, false]) {
    const batch = new WriteBatch();
    batch.put(flushes ? key : new Uint8Array([1]), key);
    await store.write(batch);
    if (flushes) await store.flush();
  }
  await store.close();
  objects.asked.length = 0;
  return objects;
}

Deno.test("a reader asks for the log beside the manifests, and for tables beside the log", async () => {
  const objects = await filled();
  const store = await LsmStore.open(objects, { readOnly: true, pin: "never" });
  assertEquals(await store.get(key), key);
  const turns = objects.asked.map((turn) => [...new Set(turn)].toSorted());
  assertEquals(turns.slice(0, 3), [
    ["list manifest/", "list wal/"],
    ["get manifest"],
    ["get sst", "get wal"],
  ]);
  await store.close();
});

Deno.test("a table that was not there when it was asked for ahead is read again", async () => {
  const objects = await filled();
  objects.hidesOnce = true;
  const store = await LsmStore.open(objects, { readOnly: true, pin: "never" });
  assertEquals(await store.get(key), key);
  await store.close();
});
