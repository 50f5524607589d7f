import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../base/errors.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../storage/object_store/memory_store.ts";
import { FaultyStore } from "../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../testing/simulated_environment.ts";
import { type ChainNames, NumberedChain } from "./numbered_chain.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const NAMES: ChainNames = {
  prefix: "chain/",
  pathOf: (number) => `chain/${String(9999 - number).padStart(4, "0")}`,
  numberOf: (path) =>
    /^chain\/[0-9]{4}$/.test(path) ? 9999 - Number(path.slice(6)) : undefined,
};

interface SetUp {
  readonly bucket: MemoryBucket;
  readonly environment: SimulatedEnvironment;
  readonly store: FaultyStore;
  readonly chain: NumberedChain;
}

function setUp(): SetUp {
  const bucket = new MemoryBucket();
  const environment = new SimulatedEnvironment({ seed: 1 });
  const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
    environment,
  });
  const chain = new NumberedChain(store, NAMES, { environment });
  return { bucket, environment, store, chain };
}

Deno.test("the newest object is found with one listing of one key and one read", async () => {
  const { chain, store } = setUp();
  assertEquals(await chain.newest(), undefined);
  for (const number of [1, 2, 3]) {
    const outcome = await chain.create(number, text(`state ${number}`));
    assertEquals(outcome.kind, "created");
  }
  const before = store.requestCount;
  const newest = (await chain.newest())!;
  assertEquals(store.requestCount - before, 2);
  assertEquals([newest.number, newest.bytes], [3, text("state 3")]);
  assert(newest.lastModifiedMs > 0);
  assertEquals((await chain.read(1))?.bytes, text("state 1"));
  assertEquals(await chain.read(4), undefined);
});

Deno.test("names under the prefix that are none of the chain's are passed over", async () => {
  const { bucket, chain } = setUp();
  bucket.set("chain/0000-stray", text("?"), 0);
  assertEquals(await chain.newest(), undefined);
  for (let i = 0; i < 1200; i++) bucket.set(`chain/0001-${i}`, text("?"), 0);
  bucket.set(NAMES.pathOf(7), text("seven"), 0);
  assertEquals((await chain.newest())?.number, 7);
});

Deno.test("of many who create one number, one succeeds, and the others get its bytes", async () => {
  const { environment, chain } = setUp();
  const outcomes = await environment.run(() =>
    Promise.all(
      Array.from({ length: 10 }, (_, i) => chain.create(1, text(`by ${i}`))),
    )
  );
  const created = outcomes.filter(({ kind }) => kind === "created");
  assertEquals(created.length, 1);
  const winner = (await chain.read(1))!.bytes;
  for (const outcome of outcomes) {
    if (outcome.kind === "taken") assertEquals(outcome.bytes, winner);
  }
});

Deno.test("an object that is collected between listing and reading is looked for anew", async () => {
  const { bucket, environment, chain, store } = setUp();
  bucket.set(NAMES.pathOf(1), text("one"), 0);
  const pause = store.pause({ operation: "get", when: "before" });
  const found = environment.run(() => chain.newest());
  await pause.reached;
  bucket.remove(NAMES.pathOf(1));
  bucket.set(NAMES.pathOf(2), text("two"), 0);
  pause.release();
  assertEquals((await found)?.number, 2);
});

Deno.test("objects that keep disappearing are told as unavailable, not for ever", async () => {
  const bucket = new MemoryBucket();
  const inner = new MemoryStore({ bucket });
  let listings = 0;
  const vanishing = {
    address: "memory:",
    get: () => undefined,
    list: () => {
      listings++;
      const object = {
        path: NAMES.pathOf(listings),
        size: 1,
        etag: "e",
        lastModifiedMs: 0,
      };
      return Promise.resolve({ objects: [object], truncated: false });
    },
    put: inner.put.bind(inner),
    head: inner.head.bind(inner),
    delete: inner.delete.bind(inner),
    close: inner.close.bind(inner),
  };
  const chain = new NumberedChain(vanishing, NAMES, {
    environment: new SimulatedEnvironment(),
  });
  const error = await assertRejects(() => chain.newest(), KriyaError);
  assertEquals([error.kind, listings], ["unavailable", 8]);
});
