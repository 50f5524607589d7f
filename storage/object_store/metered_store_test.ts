import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isPromise } from "../../base/maybe_promise.ts";
import { MemoryStore } from "./memory_store.ts";
import { MeteredStore } from "./metered_store.ts";
import { ABSENT, type ObjectStore } from "./object_store.ts";

Deno.test("MeteredStore counts every request by kind, and bytes that moved", async () => {
  const store = new MeteredStore(new MemoryStore());
  await store.put("a/1", new Uint8Array(100), ABSENT);
  await store.put("a/1", new Uint8Array(70), ABSENT);
  await store.get("a/1");
  await store.get("a/1", { range: { offset: 10, length: 20 } });
  await store.get("a/2");
  await store.head("a/1");
  await store.list("a/", { limit: 1 });
  await store.list("a/");
  await store.delete("a/1");
  const want = {
    get: 3,
    head: 1,
    put: 2,
    delete: 1,
    list: 2,
    failed: 0,
    bytesRead: 120,
    bytesWritten: 100,
    retry: 0,
    part: 0,
  };
  assertEquals(store.snapshot(), want);
  assertEquals(store.reset(), want);
  assertEquals(new Set(Object.values(store.snapshot())), new Set([0]));
});

Deno.test("MeteredStore tells what the store below sends besides", () => {
  const extra = { retry: 2, part: 0 };
  const store = new MeteredStore(new MemoryStore(), () => extra);
  assertEquals(store.snapshot().retry, 2);
  store.reset();
  extra.retry++;
  extra.part += 4;
  const { retry, part } = store.snapshot();
  assertEquals([retry, part], [1, 4]);
});

Deno.test("MeteredStore counts failures, thrown and rejected", async () => {
  const store = new MeteredStore(new MemoryStore());
  assertThrows(() => store.get("../a"));
  await assertRejects(() => store.head("../a"));
  await assertRejects(() => store.put("../a", new Uint8Array(1), ABSENT));
  await assertRejects(() => store.list("/"));
  const { failed, bytesWritten, put } = store.snapshot();
  assertEquals([failed, put, bytesWritten], [4, 1, 0]);
});

Deno.test("MeteredStore leaves answers synchronous that are", async () => {
  const memory = new MemoryStore();
  await memory.put("a", new Uint8Array([1]), ABSENT);
  const store = new MeteredStore(memory);
  assert(!isPromise(store.get("a")));
  assertEquals(store.snapshot().bytesRead, 1);
  const slow: ObjectStore = {
    address: "slow:",
    get: (path, options) => Promise.resolve(memory.get(path, options)),
    head: (path) => memory.head(path),
    put: (path, bytes, condition) => memory.put(path, bytes, condition),
    delete: (path) => memory.delete(path),
    list: (prefix) => memory.list(prefix),
    close: () => memory.close(),
  };
  const metered = new MeteredStore(slow);
  const body = metered.get("a");
  assert(isPromise(body));
  await body;
  assertEquals(metered.snapshot().bytesRead, 1);
});
