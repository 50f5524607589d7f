import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { AppendOnlyStore } from "../../tests/support/append_only_store.ts";
import { World } from "../../tests/support/world.ts";
import { Memtable } from "../memtable/memtable.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../mvcc/merging_scan.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { parseObjectPath } from "../object_store/object_path.ts";
import { LsmStore } from "./lsm_store.ts";
import type { LsmOptions } from "./options.ts";
import { WriteBatch } from "./write_batch.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

const SMALL: LsmOptions = {
  compaction: "off",
  memtableBytesMax: 2000,
  blockBytes: 256,
  flushIntervalMs: 0,
  takeover: true,
};

async function scanAll(
  store: LsmStore,
  options: Parameters<LsmStore["scan"]>[0] = {},
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  const scan = store.scan(options);
  for (let run = await scan.next(); run; run = await scan.next()) {
    const order = Array.from({ length: run.count }, (_, i) => i);
    for (const i of order) {
      found.push([
        text(run.keys.subarray(run.keyStarts[i], run.keyEnds[i]))!,
        text(run.values.subarray(run.valueStarts[i], run.valueEnds[i]))!,
      ]);
    }
  }
  return found;
}

type Operation =
  | { kind: "put"; key: string; value: string }
  | { kind: "delete"; key: string }
  | { kind: "range"; start: string; end: string };

type Step =
  | { kind: "write"; operations: Operation[] }
  | { kind: "flush" }
  | { kind: "reopen" }
  | { kind: "crash" }
  | { kind: "snapshot" }
  | { kind: "scan"; start: string; end: string; reverse: boolean };

const key = fc.integer({ min: 0, max: 60 }).map((n) => `k${n}`);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      key,
      value: fc.string({ maxLength: 80, size: "max" }).map((s) =>
        s.toWellFormed()
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("delete" as const), key }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("range" as const),
      start: key,
      end: key,
    }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      operations: fc.array(operation, {
        minLength: 1,
        maxLength: 12,
        size: "max",
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "flush" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "snapshot" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("scan" as const),
      start: key,
      end: key,
      reverse: fc.boolean(),
    }),
  },
);

function applyToModel(
  model: Map<string, string>,
  operations: Operation[],
): Map<string, string> {
  const next = new Map(model);
  for (const operation of operations) {
    if (operation.kind === "put") next.set(operation.key, operation.value);
    else if (operation.kind === "delete") next.delete(operation.key);
    else {
      for (const key of [...next.keys()]) {
        if (key >= operation.start && key < operation.end) next.delete(key);
      }
    }
  }
  return next;
}

function batchOf(operations: Operation[]): WriteBatch {
  const batch = new WriteBatch();
  for (const operation of operations) {
    if (operation.kind === "put") {
      batch.put(bytes(operation.key), bytes(operation.value));
    } else if (operation.kind === "delete") batch.delete(bytes(operation.key));
    else batch.deleteRange(bytes(operation.start), bytes(operation.end));
  }
  return batch;
}

function sorted(model: Map<string, string>): [string, string][] {
  return [...model].sort((a, b) => compareBytes(bytes(a[0]), bytes(b[0])));
}

Deno.test("[K-012, K-015, K-019, K-030, K-054, K-056, K-070, K-082, L-020, L-178] LsmStore agrees with a sorted map through writes, flushes, reopens and crashes, and changes no object", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40, size: "max" }),
      async (steps) => {
        const bucket = new MemoryBucket();
        const first = new AppendOnlyStore(new MemoryStore({ bucket }));
        const open = (): Promise<LsmStore> =>
          LsmStore.open(
            new AppendOnlyStore(new MemoryStore({ bucket }), first),
            SMALL,
          );
        let store = await open();
        let model = new Map<string, string>();
        let held: { sequence: number; model: Map<string, string> }[] = [];
        for (const step of steps) {
          switch (step.kind) {
            case "write":
              await store.write(batchOf(step.operations));
              model = applyToModel(model, step.operations);
              break;
            case "flush":
              await store.flush();
              break;
            case "reopen":
              await store.close();
              store = await open();
              break;
            case "crash":
              store = await open();
              break;
            case "snapshot":
              held.push({ sequence: store.visibleSequence, model });
              if (held.length > 3) held = held.slice(1);
              break;
            case "scan": {
              const { start, end, reverse } = step;
              const expected = sorted(model).filter(([key]) =>
                key >= start && key < end
              );
              if (reverse) expected.reverse();
              assertEquals(
                await scanAll(store, {
                  start: bytes(start),
                  end: bytes(end),
                  reverse,
                }),
                expected,
              );
            }
          }
        }
        for (
          const view of [{ sequence: store.visibleSequence, model }, ...held]
        ) {
          const expected = sorted(view.model);
          const snapshot = view.sequence;
          assertEquals(await scanAll(store, { snapshot }), expected);
          assertEquals(
            await scanAll(store, { snapshot, reverse: true }),
            expected.toReversed(),
          );
          for (let n = 0; n <= 60; n++) {
            assertEquals(
              text(await store.get(bytes(`k${n}`), snapshot)),
              view.model.get(`k${n}`),
            );
          }
        }
        await store.flush();
        // What a writer that crashed had uploaded may be named by nobody.
        const named = store.manifest.levels.flat().map(({ path }) => path);
        const own = bucket.paths().filter((path) => {
          const name = parseObjectPath(path);
          return name?.kind === "sst" && name.epoch === store.manifest.epoch;
        });
        assert(named.every((path) => bucket.object(path) !== undefined));
        assertEquals(own.filter((path) => !named.includes(path)), []);
        await store.close();
      },
    ),
    { numRuns: 150, endOnFailure: true },
  );
});

Deno.test("[K-034, K-035, K-036] a flush freezes the memtable and lands in level 0", async () => {
  const bucket = new MemoryBucket();
  const store = await LsmStore.open(new MemoryStore({ bucket }));
  await store.write(batchOf([{ kind: "put", key: "a", value: "1" }]));
  assertEquals(store.status().levels, []);
  await store.flush();
  assertEquals(store.status().levels.map(({ level }) => level), [0]);
  assertEquals(store.status().unflushedBytes, 0);
  assertEquals(store.manifest.levels[0]!.length, 1);
  const path = store.manifest.levels[0]![0]!.path;
  assertEquals((await new MemoryStore({ bucket }).head(path))?.path, path);
  assertEquals(text(await store.get(bytes("a"))), "1");
  await store.close();
});

Deno.test("[L-093, L-103] write refuses a batch whose checked key changed since its snapshot", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const snapshot = store.visibleSequence;
  await store.write(batchOf([{ kind: "put", key: "a", value: "1" }]));
  for (const flushed of [false, true]) {
    if (flushed) await store.flush();
    const late = new WriteBatch();
    late.put(bytes("a"), bytes("2"), true);
    const error = await assertRejects(
      () => store.write(late, { snapshot }),
      KriyaError,
    );
    assertEquals(error.code, "40001");
    const other = new WriteBatch();
    other.put(bytes("b"), bytes("2"));
    await assertRejects(
      () => store.write(other, { snapshot, unchangedKeys: [bytes("a")] }),
      KriyaError,
    );
    await assertRejects(
      () =>
        store.write(other, {
          snapshot,
          unchangedRanges: [{ start: bytes("a"), end: bytes("b") }],
        }),
      KriyaError,
    );
  }
  const fine = new WriteBatch();
  fine.put(bytes("a"), bytes("2"), true);
  await store.write(fine, { snapshot: store.visibleSequence });
  assertEquals(text(await store.get(bytes("a"))), "2");
  await store.close();
});

Deno.test("of two batches that join together and write one checked key, one conflicts", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const snapshot = store.visibleSequence;
  const attempts = Array.from({ length: 10 }, (_, i) => {
    const batch = new WriteBatch();
    batch.put(bytes("k"), bytes(`${i}`), true);
    return store.write(batch, { snapshot });
  });
  const outcomes = await Promise.allSettled(attempts);
  assertEquals(
    outcomes.filter(({ status }) => status === "fulfilled").length,
    1,
  );
  assertEquals(text(await store.get(bytes("k"))), "0");
  await store.close();
});

Deno.test("[L-050] a hundred commits of one turn share a WAL object, a lone one takes one", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const before = store.status().walObjects;
  await Promise.all(
    Array.from(
      { length: 100 },
      (_, i) =>
        store.write(batchOf([{ kind: "put", key: `k${i}`, value: "v" }])),
    ),
  );
  assertEquals(store.status().walObjects - before, 1);
  await store.write(batchOf([{ kind: "put", key: "x", value: "v" }]));
  assertEquals(store.status().walObjects - before, 2);
  await store.close();
});

Deno.test("[K-100, K-025] a writer that was taken over cannot commit, flush or publish, and still reads", async () => {
  const bucket = new MemoryBucket();
  const old = await LsmStore.open(new MemoryStore({ bucket }));
  await old.write(batchOf([{ kind: "put", key: "a", value: "1" }]));
  await assertRejects(
    () => LsmStore.open(new MemoryStore({ bucket })),
    KriyaError,
    "it is in use",
  ).then((error) => assertEquals(error.code, "55006"));
  const next = await LsmStore.open(new MemoryStore({ bucket }), {
    takeover: true,
  });
  const error = await assertRejects(
    () => old.write(batchOf([{ kind: "put", key: "a", value: "2" }])),
    KriyaError,
  );
  assertEquals(error.kind, "fenced");
  await assertRejects(() => old.flush(), KriyaError);
  assertEquals(text(await old.get(bytes("a"))), "1");
  assertEquals(text(await next.get(bytes("a"))), "1");
  await next.write(batchOf([{ kind: "put", key: "a", value: "3" }]));
  await old.close();
  await next.close();
});

Deno.test("a read-only store sees what is committed, leaves no trace and refuses to write", async () => {
  const bucket = new MemoryBucket();
  const writer = await LsmStore.open(new MemoryStore({ bucket }));
  await writer.write(batchOf([{ kind: "put", key: "a", value: "1" }]));
  await writer.flush();
  await writer.write(batchOf([{ kind: "put", key: "b", value: "2" }]));
  const objects = bucket.objectCount;
  const reader = await LsmStore.open(new MemoryStore({ bucket }), {
    readOnly: true,
  });
  assertEquals(await scanAll(reader), [["a", "1"], ["b", "2"]]);
  assertThrows(
    () => reader.write(batchOf([{ kind: "put", key: "c", value: "" }])),
    KriyaError,
    "read-only",
  );
  await reader.close();
  assertEquals(bucket.objectCount, objects);
  await writer.close();
});

Deno.test("edits of the manifest are published one after the other, each on the one before", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, requests } = await world.open({}, { exclusive: true }, {
      latencyMs: { min: 5, max: 10 },
    });
    requests.length = 0;
    const published = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        store.publish(({ jobs }) => ({
          jobs: [...jobs, { job: i, epoch: 1, kind: "test" }],
        }))),
    );
    assertEquals(published.map(({ jobs }) => jobs.length), [1, 2, 3, 4, 5]);
    assertEquals(store.manifest, published[4]);
    const puts = requests.filter(({ operation }) => operation === "put");
    assertEquals(puts.length, 5);
    await store.close();
  });
});

Deno.test("[K-100] a writer that learns from the manifest that it was taken over writes no more to the log", async () => {
  const world = new World();
  const old = await world.open();
  await old.store.write(batchOf([{ kind: "put", key: "a", value: "1" }]));
  const next = await world.open();
  const error = await assertRejects(() => old.store.flush(), KriyaError);
  assertEquals(error.kind, "fenced");
  assertEquals(old.store.readOnly, true);
  old.requests.length = 0;
  await assertRejects(
    () => old.store.write(batchOf([{ kind: "put", key: "b", value: "1" }])),
    KriyaError,
  );
  assertEquals(old.requests, []);
  assertEquals(await scanAll(next.store), [["a", "1"]]);
  await next.store.close();
  await old.store.close();
});

Deno.test("a scan sees the writes of an overlay up to where it was opened, over what is committed", async () => {
  const store = await LsmStore.open(new MemoryStore());
  await store.write(batchOf([
    { kind: "put", key: "a", value: "committed" },
    { kind: "put", key: "b", value: "committed" },
    { kind: "put", key: "c", value: "committed" },
  ]));
  const memtable = new Memtable();
  const write = (n: number, key: string, value?: string): void =>
    memtable.insert(
      bytes(key),
      bytes(value ?? ""),
      OVERLAY_SEQUENCE + n,
      value === undefined ? KIND_DELETE : KIND_PUT,
    );
  write(0, "a", "first");
  write(1, "b");
  write(2, "a", "second");
  write(3, "d", "new");
  const at = (n: number, reverse = false): Promise<[string, string][]> =>
    scanAll(store, {
      overlay: { memtable, snapshot: OVERLAY_SEQUENCE + n },
      reverse,
    });
  assertEquals(await at(0), [
    ["a", "first"],
    ["b", "committed"],
    ["c", "committed"],
  ]);
  const last: [string, string][] = [
    ["a", "second"],
    ["c", "committed"],
    ["d", "new"],
  ];
  assertEquals(await at(3), last);
  assertEquals(await at(3, true), last.toReversed());
  assertEquals((await scanAll(store)).length, 3);
  await store.close();
});

Deno.test("a snapshot below the horizon is refused, never answered wrongly", async () => {
  const store = await LsmStore.open(new MemoryStore());
  for (const value of ["1", "2", "3"]) {
    await store.write(batchOf([{ kind: "put", key: "a", value }]));
  }
  await store.flush();
  await store.publish(() => ({ horizon: 2 }));
  const error = assertThrows(() => store.get(bytes("a"), 1), KriyaError);
  assertEquals([error.kind, error.code], ["invalid", "72000"]);
  assertThrows(() => store.scan({ snapshot: 1 }), KriyaError, "too old");
  assertEquals(text(await store.get(bytes("a"), 2)), "2");
  await store.close();
});
