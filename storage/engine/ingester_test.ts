import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import {
  batchOf,
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, World } from "../../tests/support/world.ts";
import type { LsmStore } from "./lsm_store.ts";
import { LSM_DEFAULTS } from "./options.ts";
import { WriteBatch } from "./write_batch.ts";

const WAL_PUT = { operation: "put", prefix: "wal/" } as const;

/** Sorted entries `<prefix>00000` …, with values that do not compress. */
function* entries(
  count: number,
  prefix = "k",
  bytesEach = 40,
): Generator<[Uint8Array, Uint8Array]> {
  const random = new SeededRandom(count);
  for (let i = 0; i < count; i++) {
    const key = bytes(prefix + String(i).padStart(5, "0"));
    yield [key, random.fill(new Uint8Array(bytesEach))];
  }
}

async function keysOf(store: LsmStore): Promise<string[]> {
  return (await contentsOf(store)).map(([key]) => key);
}

/** A batch of `count` puts, a deletion and a range. */
function largeBatch(count: number, value: string): WriteBatch {
  const batch = new WriteBatch();
  batch.deleteRange(bytes("r0"), bytes("r9"));
  batch.delete(bytes("gone"));
  for (let i = 0; i < count; i++) {
    batch.put(bytes(`k${String(i).padStart(5, "0")}`), bytes(value));
  }
  return batch;
}

Deno.test("a load of sorted entries is one commit, of tables that are no larger than memtables, and is read like any other", async () => {
  const world = new World();
  const { store, requests } = await world.open({
    memtableBytesMax: 20_000,
    compaction: "off",
  });
  await put(store, { k00001: "before", z: "before" });
  requests.length = 0;
  const sequence = await store.bulkLoad(entries(3000));
  const order = asked(requests).filter((each) => each.startsWith("put"));
  // A job, the tables, the memtable before them, one record; then they are named.
  assertEquals(order[0], "put manifest/");
  assertEquals(order.filter((each) => each === "put wal/").length, 1);
  assert(order.lastIndexOf("put sst/") < order.indexOf("put wal/"));
  assertEquals(store.visibleSequence, sequence);
  await put(store, { k00002: "after" });
  const want = [...entries(3000)].map(([key, value]) => [
    text(key),
    text(value),
  ]);
  want[2]![1] = "after";
  const everything = [...want, ["z", "before"]];
  assertEquals(await contentsOf(store), everything as [string, string][]);
  assertEquals(text(await store.get(bytes("k00001"))), want[1]![1]);
  assertEquals(
    await contentsOf(store, { snapshot: sequence - 1 }),
    [["k00001", "before"], ["z", "before"]],
  );
  await store.flush();
  const tables = store.manifest.levels.flat();
  const loaded = tables.filter(({ commitSequence }) => commitSequence);
  assert(loaded.length >= 7, `${loaded.length} tables`);
  assert(loaded.every(({ size }) => size < 30_000));
  assertEquals(store.manifest.jobs, []);
  const again = await world.open();
  assertEquals(await contentsOf(again.store), everything as [string, string][]);
  await again.store.close();
});

Deno.test("a batch above ingestBytesMin is written as tables, a smaller one to the log", async () => {
  assertEquals(LSM_DEFAULTS.ingestBytesMin, LSM_DEFAULTS.walGroupBytesMax);
  const world = new World();
  const { store } = await world.open({ ingestBytesMin: 5000 });
  await put(store, { gone: "1", r1: "1", r9: "1", k00003: "old" });
  const before = world.paths("sst/").length;
  const visible: number[] = [];
  const sequence = await store.write(largeBatch(300, "v".repeat(30)), {
    onVisible: (sequence) => {
      visible.push(sequence);
      assertEquals(store.visibleSequence, sequence);
      assert(store.get(bytes("k00003")) !== undefined);
    },
  });
  assertEquals(visible, [sequence]);
  assert(world.paths("sst/").length > before);
  for (const path of world.paths("wal/")) {
    assert(world.bucket.object(path)!.bytes.length < 1000, path);
  }
  const want = [
    ...Array.from({ length: 300 }, (_, i) => `k${String(i).padStart(5, "0")}`),
    "r9",
  ];
  assertEquals(await keysOf(store), want);
  assertEquals(text(await store.get(bytes("k00003"))), "v".repeat(30));
  const again = await world.open({ readOnly: true });
  assertEquals(await keysOf(again.store), want);
  await store.close();
});

Deno.test("conditions of a large batch are checked when it joins, and a conflict leaves nothing behind", async () => {
  const world = new World();
  const { store } = await world.open({ ingestBytesMin: 100 });
  const snapshot = await put(store, { k00001: "1" });
  await put(store, { k00001: "2" });
  const checked = new WriteBatch();
  checked.put(bytes("k00001"), bytes("3".repeat(200)), true);
  for (
    const [batch, conditions] of [
      [checked, { snapshot }],
      [largeBatch(20, "x"), { snapshot, unchangedKeys: [bytes("k00001")] }],
    ] as const
  ) {
    const error = await assertRejects(
      () => store.write(batch, conditions),
      KriyaError,
    );
    assertEquals([error.kind, error.code], ["conflict", "40001"]);
  }
  assertEquals(await contentsOf(store), [["k00001", "2"]]);
  assertEquals(store.manifest.jobs, []);
  const now = { snapshot: store.visibleSequence };
  await store.write(largeBatch(20, "x"), now);
  assertEquals((await keysOf(store)).length, 20);
  await store.close();
});

Deno.test("commits before, while and after a large one are all there, in their order, at every moment and after a reopen", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new SeededRandom(seed);
    const world = new World(undefined, seed);
    await world.run(async () => {
      const { store } = await world.open(
        {
          ingestBytesMin: 300,
          memtableBytesMax: random.pick([200, 2000, 100_000]),
          walMode: random.pick(["sync", "periodic", "async"]),
        },
        { exclusive: true },
        { latencyMs: { min: 0, max: 20 } },
      );
      const last = new Map<string, { sequence: number; value: string }>();
      const client = async (name: number): Promise<void> => {
        for (let i = 0; i < 12; i++) {
          const writes: Record<string, string> = {};
          const value = `${name}.${i}`;
          const large = random.chance(0.2) ? "x".repeat(400) : "";
          for (let n = random.below(4); n >= 0; n--) {
            writes[`k${random.below(20)}`] = value + large;
          }
          const sequence = await put(store, writes);
          for (const key of Object.keys(writes)) {
            if ((last.get(key)?.sequence ?? 0) > sequence) continue;
            last.set(key, { sequence, value: writes[key]! });
          }
          if (random.chance(0.1)) await store.flush();
        }
      };
      await Promise.all([client(1), client(2), client(3)]);
      const want = [...last].map(([key, { value }]): [string, string] => [
        key,
        value,
      ]).toSorted(([a], [b]) => a < b ? -1 : 1);
      assertEquals(await contentsOf(store), want, `seed ${seed}`);
      await store.flushWal();
      const reader = await world.open({ readOnly: true });
      assertEquals(await contentsOf(reader.store), want, `seed ${seed}`);
      await store.close();
      const again = await world.open();
      assertEquals(await contentsOf(again.store), want, `seed ${seed}`);
    });
  }
});

Deno.test("[K-082] a crash at any request of a load leaves all of it or nothing, whatever is collected meanwhile", async () => {
  let all = 0;
  let nothing = 0;
  for (let nth = 1; nth < 30; nth++) {
    for (const fault of ["crashBefore", "crashAfter"] as const) {
      const world = new World(undefined, nth);
      const first = await world.open({
        memtableBytesMax: 5000,
        compaction: "off",
      });
      await put(first.store, { before: "1" });
      first.objects.inject(fault, { nth });
      const acknowledged = await first.store.bulkLoad(entries(400)).then(
        () => true,
        () => false,
      );
      first.objects.crash();
      const next = await world.open({ compaction: "off" });
      const found = await keysOf(next.store);
      const said = `${fault} ${nth}`;
      assert(
        found.length === 401 || (found.length === 1 && !acknowledged),
        said,
      );
      if (found.length === 1) nothing++;
      else all++;
      await put(next.store, { after: "1" });
      await next.store.flush();
      assertEquals(next.store.manifest.jobs, [], said);
      await next.store.collectGarbage();
      await next.store.close();
      const last = await world.open({ compaction: "off" });
      assertEquals((await keysOf(last.store)).length, found.length + 1, said);
      const named = last.store.manifest.levels.flat().map(({ path }) => path);
      assertEquals(world.paths("sst/"), named.toSorted(), said);
    }
  }
  assert(all > 10 && nothing > 10, `${all} ${nothing}`);
});

Deno.test("a load whose outcome is unknown may come, with its tables; nothing else commits before", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({ attemptsMax: 2 });
    await put(store, { before: "1" });
    objects.inject("lostReply", WAL_PUT);
    objects.inject("fail", { operation: "get", prefix: "wal/", times: 4 });
    const error = await assertRejects(
      () => store.bulkLoad(entries(100)),
      KriyaError,
    );
    assertEquals(error.code, "08007");
    assertEquals(await keysOf(store), ["before"]);
    await put(store, { after: "1" });
    assertEquals((await keysOf(store)).length, 102);
    await store.close();
    const again = await world.open();
    assertEquals((await keysOf(again.store)).length, 102);
  });
});

Deno.test("keys out of order, empty or too long are refused, an abort ends a load, an empty one commits nothing", async () => {
  const world = new World();
  const { store } = await world.open();
  const bad: [string, [Uint8Array, Uint8Array][]][] = [
    ["not in order", [[bytes("b"), bytes("")], [bytes("a"), bytes("")]]],
    ["not in order", [[bytes("a"), bytes("")], [bytes("a"), bytes("")]]],
    ["Cannot load a key", [[bytes(""), bytes("")]]],
    ["Cannot load a key", [[new Uint8Array(70_000), bytes("")]]],
  ];
  for (const [message, list] of bad) {
    const error = await assertRejects(
      () => store.bulkLoad(list),
      KriyaError,
      message,
    );
    assertEquals(error.kind, "invalid");
  }
  const abort = new AbortController();
  async function* slow(): AsyncGenerator<[Uint8Array, Uint8Array]> {
    for (const entry of entries(10)) {
      yield await Promise.resolve(entry);
      abort.abort(new Error("enough"));
    }
  }
  await assertRejects(
    () => store.bulkLoad(slow(), { signal: abort.signal }),
    Error,
    "enough",
  );
  const before = store.visibleSequence;
  assertEquals(await store.bulkLoad([]), before);
  assertEquals(await contentsOf(store), []);
  assertEquals(store.manifest.jobs, []);
  await store.write(batchOf({ a: "1" }));
  await store.close();
});
