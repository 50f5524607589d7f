import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { MemoryStore } from "./memory_store.ts";
import { MeteredStore } from "./metered_store.ts";
import { ABSENT } from "./object_store.ts";
import { RequestLedger } from "./request_ledger.ts";

Deno.test("a ledger counts what its own work asks, through everything that it waits for", async () => {
  const store = new MeteredStore(new MemoryStore());
  const [one, other] = [new RequestLedger(), new RequestLedger()];
  const work = (path: string) => async (): Promise<void> => {
    await store.put(path, new Uint8Array(5), ABSENT);
    await nextTurn();
    await store.get(path);
  };
  await Promise.all([one.run(work("a")), other.run(work("b")), store.get("c")]);
  for (const ledger of [one, other]) {
    const { get, put } = ledger.counts;
    assertEquals([get, put, ledger.bytesRead, ledger.bytesWritten], [
      1,
      1,
      5,
      5,
    ]);
  }
  assertEquals(store.snapshot().get, 3);
  assertEquals(RequestLedger.current(), undefined);
});

Deno.test("what a piece of work leaves behind is neither counted nor refused", async () => {
  const store = new MeteredStore(new MemoryStore());
  const ledger = new RequestLedger(1);
  let left: Promise<unknown> | undefined;
  await ledger.run(async () => {
    await store.get("a");
    left = nextTurn().then(() => store.list(""));
  });
  await left;
  assertEquals(ledger.requests, 1);
  assertEquals(store.snapshot().list, 1);
});

Deno.test("a budget refuses reads, never writes, and says what to do", async () => {
  const store = new MeteredStore(new MemoryStore());
  const ledger = new RequestLedger(2);
  ledger.step(() => void store.get("a"));
  await ledger.step(() => store.put("b", new Uint8Array(1), ABSENT));
  const error = assertThrows(
    () => ledger.step(() => store.get("b")),
    KriyaError,
  );
  assertEquals(error.code, "53400");
  await assertRejects(() => ledger.step(() => store.head("b")), KriyaError);
  await assertRejects(() => ledger.step(() => store.list("")), KriyaError);
  await ledger.step(() => store.delete("b"));
  ledger.close();
  ledger.close();
  await ledger.step(async () => await store.get("a"));
});
