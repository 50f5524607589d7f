import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import {
  batchOf,
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, type Process, World } from "../../tests/support/world.ts";
import { decodeWal, WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import { parseWalPath } from "../object_store/object_path.ts";
import { WriteBatch } from "./write_batch.ts";

const WAL_PUT = { operation: "put", prefix: "wal/" } as const;

/** A batch of every kind of write: puts, a deletion, a range. */
function everyKind(): WriteBatch {
  const batch = new WriteBatch();
  batch.deleteRange(bytes("r1"), bytes("r3"));
  batch.put(bytes("new"), bytes("1"));
  batch.put(bytes("old"), bytes("2"));
  batch.delete(bytes("gone"));
  return batch;
}

const BEFORE = { gone: "1", old: "1", r1: "1", r2: "1" };
const WANT_BEFORE: [string, string][] = Object.entries(BEFORE);
const WANT_AFTER: [string, string][] = [["new", "1"], ["old", "2"]];

Deno.test("[K-031, K-080, L-180] a write of any kind is in the log before it is in the memtable", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  await put(store, BEFORE);
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const answer = objects.pause({ ...WAL_PUT, when: "after" });
  const visible = store.visibleSequence;
  const committed = store.write(everyKind());
  await held.reached;
  // The log does not have it: nor has the memtable.
  assertEquals(await contentsOf(store), WANT_BEFORE);
  assertEquals(store.visibleSequence, visible);
  held.release();
  await answer.reached;
  // The log has it, and the writer does not know yet.
  assertEquals(await contentsOf(store), WANT_BEFORE);
  const reader = await world.open({ readOnly: true });
  assertEquals(await contentsOf(reader.store), WANT_AFTER);
  answer.release();
  assertEquals(await committed, visible + 1);
  assertEquals(await contentsOf(store), WANT_AFTER);
  await store.close();
});

Deno.test("[K-031, K-082] a crash between log and memtable: the log has it, and it is replayed", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  await put(store, BEFORE);
  objects.inject("crashAfter", WAL_PUT);
  await assertRejects(() => store.write(everyKind()), KriyaError, "died");
  assertEquals(await contentsOf(store), WANT_BEFORE);
  const again = await world.open();
  assertEquals(await contentsOf(again.store), WANT_AFTER);
  await again.store.close();
});

Deno.test("[K-031] a PUT that fails leaves nothing behind, in memory or in the log", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  await put(store, BEFORE);
  objects.inject("crashBefore", WAL_PUT);
  await assertRejects(() => store.write(everyKind()), KriyaError);
  assertEquals(await contentsOf(store), WANT_BEFORE);
  const again = await world.open();
  assertEquals(await contentsOf(again.store), WANT_BEFORE);
  await again.store.close();
});

/** A store whose next commit gets no answer, although it takes effect. */
async function unanswered(world: World): Promise<Process> {
  const process = await world.open({ attemptsMax: 2, walBreakerFailures: 0 });
  await put(process.store, { a: "1" });
  process.objects.inject("lostReply", WAL_PUT);
  process.objects.setChances({ fail: 1 });
  const error = await assertRejects(
    () => put(process.store, { b: "unknown" }),
    KriyaError,
  );
  assertEquals([error.kind, error.code], ["unavailable", "08007"]);
  return process;
}

Deno.test("a commit without an answer is 08007, is not seen, and those after it are certainly not written", async () => {
  const world = new World();
  await world.run(async () => {
    const process = await unanswered(world);
    const { store } = process;
    assertEquals(await contentsOf(store), [["a", "1"]]);
    for (let i = 0; i < 3; i++) {
      const error = await assertRejects(
        () => put(store, { c: `${i}` }),
        KriyaError,
      );
      assertEquals([error.kind, error.code], ["unavailable", "58000"]);
      assert(error.hint?.startsWith("Nothing was written"));
    }
    assertEquals(await contentsOf(store), [["a", "1"]]);
    process.objects.setChances({});
    const last = await put(store, { d: "2" });
    // Settled first, in its place before the later one.
    assertEquals(await contentsOf(store), [
      ["a", "1"],
      ["b", "unknown"],
      ["d", "2"],
    ]);
    assertEquals(store.visibleSequence, last);
    const reader = await world.open({ readOnly: true });
    assertEquals(await contentsOf(reader.store), await contentsOf(store));
    await store.close();
  });
});

Deno.test("a commit without an answer is settled by itself, and becomes visible", async () => {
  const world = new World();
  await world.run(async () => {
    const process = await unanswered(world);
    const { store, requests } = process;
    await world.environment.advance(100);
    const before = requests.length;
    process.objects.setChances({});
    await world.environment.advance(900);
    assertEquals(await contentsOf(store), [["a", "1"], ["b", "unknown"]]);
    // One PUT, refused, and one GET that finds our bytes.
    assertEquals(asked(requests.slice(before)), ["put wal/", "get wal/"]);
    requests.length = 0;
    await world.environment.advance(3_600_000);
    assertEquals(requests, []);
    await store.close();
  });
});

Deno.test("tries to settle grow rarer, and end with the store", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, requests } = await unanswered(world);
    const count = async (ms: number): Promise<number> => {
      requests.length = 0;
      await world.environment.advance(ms);
      return requests.filter(({ operation }) => operation === "put").length;
    };
    // Waits of 0.5 to 1, 1 to 2, 2 to 4 … 15 to 30 s; two attempts a try.
    assert(await count(10_000) <= (1 + 4) * 2);
    await count(600_000);
    const late = await count(600_000);
    assert(late >= 20 * 2 && late <= 40 * 2, `${late}`);
    await assertRejects(() => store.close(), KriyaError).catch(() => {});
    requests.length = 0;
    await world.environment.advance(3_600_000);
    assertEquals(requests, []);
  });
});

Deno.test("a commit whose checked key an unsettled one writes conflicts", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  const snapshot = store.visibleSequence;
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const first = put(store, { k: "1", "m/1": "1" });
  await held.reached;
  const second = put(store, { l: "1" }); // Gathers.
  const checks: [WriteBatch, Parameters<typeof store.write>[1]][] = [];
  for (const key of ["k", "l"]) {
    const batch = new WriteBatch();
    batch.put(bytes(key), bytes("2"), true);
    checks.push([batch, { snapshot }]);
  }
  checks.push([batchOf({ x: "1" }), { snapshot, unchangedKeys: [bytes("l")] }]);
  checks.push([batchOf({ x: "1" }), {
    snapshot,
    unchangedRanges: [{ start: bytes("m"), end: bytes("n") }],
  }]);
  for (const [batch, conditions] of checks) {
    const error = await assertRejects(
      () => store.write(batch, conditions),
      KriyaError,
    );
    assertEquals([error.kind, error.code], ["conflict", "40001"]);
  }
  held.release();
  await Promise.all([first, second]);
  await store.close();
});

Deno.test("what happens while blocks are read for a check is looked at again", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({}, { exclusive: true }, {
      latencyMs: { min: 10, max: 20 },
    });
    const snapshot = await put(store, { k: "1" });
    await put(store, { other: "1" });
    await store.flush();
    const slow = new WriteBatch();
    slow.put(bytes("k"), bytes("slow"), true);
    // Its check has to read the table, which is newer than the snapshot, and
    // finds nothing.
    const slowly = store.write(slow, { snapshot });
    const quick = put(store, { k: "quick" });
    const error = await assertRejects(() => slowly, KriyaError);
    assertEquals(error.kind, "conflict");
    await quick;
    assertEquals(text(await store.get(bytes("k"))), "quick");
    await store.close();
  });
});

Deno.test("beforeJoin may fill in values; onVisible comes in order, in the turn in which the commit is seen", async () => {
  const world = new World();
  const { store } = await world.open();
  const seen: string[] = [];
  const commits = Array.from({ length: 5 }, (_, i) => {
    const batch = batchOf({ [`k${i}`]: "?" });
    const { payload, valueStarts } = batch.seal();
    return store.write(batch, {
      snapshot: Number.MAX_SAFE_INTEGER,
      beforeJoin: () => payload[valueStarts[0]!] = 0x30 + i,
      onVisible: (sequence) => {
        const value = text(store.get(bytes(`k${i}`)) as Uint8Array);
        const next = store.get(bytes(`k${i + 1}`));
        seen.push(`${sequence}: ${value}, next ${next}`);
        assertEquals(store.visibleSequence, sequence);
      },
    });
  });
  const sequences = await Promise.all(commits);
  assertEquals(
    seen,
    sequences.map((sequence, i) => `${sequence}: ${i}, next undefined`),
  );
  const again = await world.open();
  assertEquals(text(await again.store.get(bytes("k3"))), "3");
  await again.store.close();
});

Deno.test("[L-113] a group takes batches up to its limit; one that is larger has an object of its own", async () => {
  const world = new World();
  const { store } = await world.open({
    walGroupBytesMax: 1000,
    walCompression: "none",
  });
  const sizes = [100, 5000, 400, 400, 400, 10, 2000, 300, 300, 300];
  await Promise.all(
    sizes.map((size, i) => put(store, { [`k${i}`]: "v".repeat(size) })),
  );
  const groups: number[][] = [];
  for (const path of world.paths("wal/")) {
    const { bytes: object } = world.bucket.object(path)!;
    const { fence, records } = decodeWal(object, parseWalPath(path)!, path);
    if (fence) continue;
    groups.push(records.map(({ payload }) => payload.length));
    const payloads = records.reduce(
      (sum, { payload }) => sum + payload.length,
      0,
    );
    assert(records.length === 1 || payloads <= 1000);
    assert(object.length >= WAL_HEADER_BYTES + payloads);
  }
  assertEquals(groups.map((group) => group.length), [1, 1, 2, 2, 1, 3]);
  const again = await world.open();
  const found = await contentsOf(again.store);
  assertEquals(found.map(([, value]) => value.length), sizes);
  await again.store.close();
});

Deno.test("[K-100, K-101] a writer that is fenced in the middle of a group acknowledges nothing of it, nor of those behind", async () => {
  for (const when of ["before", "after"] as const) {
    const world = new World();
    const old = await world.open();
    await put(old.store, { a: "1" });
    const held = old.objects.pause({ ...WAL_PUT, when });
    const first = put(old.store, { b: "old" });
    await held.reached;
    const gathering = ["c", "d", "e"].map((key) =>
      put(old.store, { [key]: "old" })
    );
    const next = await world.open();
    const outcomes = Promise.allSettled([first, ...gathering]);
    held.release();
    const [own, ...others] = await outcomes;
    // What the new one has replayed may be acknowledged, and nothing else.
    const replayed = when === "after";
    assertEquals(own!.status, replayed ? "fulfilled" : "rejected");
    for (const outcome of replayed ? others : [own!, ...others]) {
      assert(outcome.status === "rejected");
      assertEquals((outcome.reason as KriyaError).kind, "fenced");
    }
    const want: [string, string][] = replayed
      ? [["a", "1"], ["b", "old"]]
      : [["a", "1"]];
    assertEquals(await contentsOf(next.store), want);
    assertEquals(old.store.readOnly, true);
    const error = await assertRejects(
      () => put(old.store, { f: "old" }),
      KriyaError,
    );
    assertEquals([error.kind, error.code], ["fenced", "57P01"]);
    await put(next.store, { z: "new" });
    // It still reads what it had.
    assertEquals(text(await old.store.get(bytes("a"))), "1");
    for (const { requests } of [old, next]) {
      const puts = requests.filter(({ operation }) => operation === "put");
      assert(puts.every(({ condition }) => condition !== undefined));
    }
    await old.store.close();
    await next.store.close();
  }
});

Deno.test("a closed store settles what had joined and takes nothing more", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({}, { exclusive: true }, {
      latencyMs: { min: 5, max: 9 },
    });
    const joined = put(store, { a: "1" });
    const closing = store.close();
    assertThrows(() => put(store, { b: "1" }), KriyaError, "it is closed");
    await joined;
    await closing;
    await store.close();
    assertThrows(() => store.get(bytes("a")), KriyaError, "it is closed");
    assertThrows(() => store.scan(), KriyaError, "it is closed");
    await assertRejects(() => store.flush(), KriyaError, "it is closed");
    const reader = await world.open({ readOnly: true });
    assertEquals(await contentsOf(reader.store), [["a", "1"]]);
    assertEquals(reader.store.manifest.closed, true);
  });
});

Deno.test("an empty batch is a commit, and an error that is no answer's stops the writer", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  const before = store.visibleSequence;
  assertEquals(await store.write(new WriteBatch()), before + 1);
  const inner = objects.put.bind(objects);
  objects.put = () => Promise.reject(new TypeError("a bug in a store"));
  await assertRejects(() => put(store, { a: "1" }), TypeError);
  objects.put = inner;
  // Whether it was written is not known: nothing may follow it.
  await assertRejects(() => put(store, { a: "2" }), TypeError);
  assertEquals(store.readOnly, true);
  await store.close();
});
