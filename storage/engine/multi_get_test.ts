import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import { bytes, put, text } from "../../tests/support/lsm_contents.ts";
import { asked, World } from "../../tests/support/world.ts";
import { WriteBatch } from "./write_batch.ts";

const OPTIONS = {
  flushIntervalMs: 0,
  blockBytes: 300,
  compaction: "off",
} as const;

const keyOf = (n: number): string => `row${String(n).padStart(4, "0")}`;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      keys: fc.array(fc.nat(60), { minLength: 1, maxLength: 20 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("delete" as const, "deleteRange" as const),
      keys: fc.array(fc.nat(60), { minLength: 2, maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("flush" as const),
      keys: fc.constant<number[]>([]),
    }),
  },
);

Deno.test("getMany gives what get gives, for keys in any order, twice, absent, at every snapshot", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25, size: "max" }),
      fc.array(fc.nat(70), { maxLength: 60, size: "max" }),
      fc.constantFrom(0, 2000, 2 ** 24),
      fc.boolean(),
      async (steps, wanted, cacheBytesMax, reopened) => {
        const world = new World();
        const writer = await world.open({ ...OPTIONS, cacheBytesMax });
        let value = 0;
        for (const { kind, keys } of steps) {
          const batch = new WriteBatch();
          if (kind === "flush") {
            await writer.store.flush();
            continue;
          }
          if (kind === "deleteRange") {
            const [start, end] = keys.map((n) => bytes(keyOf(n)));
            batch.deleteRange(start!, end!);
          } else {
            for (const n of keys) {
              if (kind === "delete") batch.delete(bytes(keyOf(n)));
              else batch.put(bytes(keyOf(n)), bytes(`${value++}`));
            }
          }
          await writer.store.write(batch);
        }
        if (reopened) await writer.store.flush();
        const { store } = reopened
          ? await world.open({ ...OPTIONS, readOnly: true, cacheBytesMax })
          : writer;
        const keys = wanted.map((n) => bytes(keyOf(n)));
        for (const back of [0, 1, 4]) {
          const snapshot = Math.max(0, store.visibleSequence - back);
          const found = await store.getMany(keys, snapshot);
          const one: (string | undefined)[] = [];
          for (const key of keys) {
            one.push(text(await store.get(key, snapshot)));
          }
          assertEquals(found.map(text), one);
        }
        await store.close();
        if (store !== writer.store) await writer.store.close();
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("[K-053, K-055] keys side by side come in one request, the second time in none, and absent ones in none", async () => {
  const world = new World();
  const writer = await world.open(OPTIONS);
  await put(
    writer.store,
    Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [keyOf(n), `value ${n}`]),
    ),
  );
  await writer.store.flush();
  await writer.store.close();
  const { store, requests } = await world.open({ ...OPTIONS, readOnly: true });
  requests.length = 0;
  const keys = Array.from({ length: 100 }, (_, n) => bytes(keyOf(100 + n)));
  const found = await store.getMany(keys);
  assertEquals(text(found[99]), "value 199");
  // All blocks that are wanted; the opening has read the table's metadata.
  assertEquals(asked(requests), ["get sst/"]);
  const again = store.getMany(keys);
  assert(!isPromise(again));
  assertEquals(again, found);
  assertEquals(store.getMany([bytes("a"), bytes("z")]), [undefined, undefined]);
  assertEquals(requests.length, 1);
  assertEquals(store.getMany([]), []);
  await store.close();
});

Deno.test("getMany fails as get does: closed, too old, corrupt", async () => {
  const world = new World();
  const { store } = await world.open(OPTIONS);
  await put(store, { a: "1" });
  await store.flush();
  const { path } = store.manifest.levels[0]![0]!;
  world.bucket.remove(path);
  const reader = await world.open({ ...OPTIONS, readOnly: true });
  const missing = await assertRejects(
    async () => await reader.store.getMany([bytes("a")]),
    KriyaError,
    "missing",
  );
  assertEquals(missing.kind, "corrupt");
  await store.close();
  const closed = await assertRejects(
    async () => await store.getMany([bytes("a")]),
    KriyaError,
  );
  assertEquals(closed.kind, "closed");
});
