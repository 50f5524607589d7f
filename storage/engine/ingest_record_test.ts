import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { walPath } from "../object_store/object_path.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { ABSENT } from "../object_store/object_store.ts";
import { WalEncoder } from "../wal/wal_format.ts";
import { decodeIngest, encodeIngest } from "./ingest_record.ts";
import { LsmStore } from "./lsm_store.ts";
import { WriteBatch } from "./write_batch.ts";

const TABLES = [1, 2].map((n) => ({
  path: `sst/${n}`,
  size: 1000 * n,
  metaOffset: 900 * n,
  entryCount: 10,
  deletionCount: 2,
  tombstoneCount: n - 1,
  firstKey: Uint8Array.of(n, 0),
  lastKey: Uint8Array.of(n, 255),
  prefixes: [{ prefix: n * 1000, entries: 10, deletions: 2, bytes: 99 }],
}));

Deno.test("decodeIngest reads back what encodeIngest wrote", () => {
  assertEquals(decodeIngest(encodeIngest(TABLES), "wal/1"), TABLES);
});

Deno.test("decodeIngest refuses payloads that are cut short or changed", () => {
  const payload = encodeIngest(TABLES);
  for (let length = 0; length < payload.length; length++) {
    assertThrows(
      () => decodeIngest(payload.subarray(0, length), "wal/1"),
      KriyaError,
      "wal/1",
    );
  }
  const [first] = TABLES;
  assertThrows(
    () => decodeIngest(encodeIngest([{ ...first!, metaOffset: 2000 }]), "w"),
    KriyaError,
    "bad table",
  );
});

Deno.test("tables that the log names behind other commits are damage", async () => {
  const bucket = new MemoryBucket();
  const objects = new MemoryStore({ bucket });
  const store = await LsmStore.open(objects);
  const batch = new WriteBatch();
  batch.put(Uint8Array.of(1), Uint8Array.of(1));
  const sequence = await store.write(batch);
  const id = store.status().walObjects + store.manifest.replayFrom;
  const { epoch, writerId } = store.manifest;
  const group = new WalEncoder();
  group.add(sequence + 1, "ingest", encodeIngest(TABLES));
  await objects.put(
    walPath(id),
    group.finish({ epoch, writerId }, id),
    ABSENT,
  );
  const error = await assertRejects(
    () => LsmStore.open(objects, { readOnly: true }),
    KriyaError,
    "behind other commits",
  );
  assertEquals(error.kind, "corrupt");
});
