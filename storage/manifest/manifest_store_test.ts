import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { FaultyStore, type RequestEvent } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { boundaryBytes, tableMeta } from "../../tests/support/manifests.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { GC_BOUNDARY_PATH, manifestPath } from "../object_store/object_path.ts";
import type { Manifest, ManifestEdit } from "./manifest.ts";
import { encodeManifest } from "./manifest_codec.ts";
import { describeWriter, ManifestStore } from "./manifest_store.ts";

const A = "aa".repeat(16);
const B = "bb".repeat(16);

interface SetUp {
  readonly bucket: MemoryBucket;
  readonly environment: SimulatedEnvironment;
  readonly store: FaultyStore;
  readonly manifests: ManifestStore;
  readonly requests: RequestEvent[];
}

function setUp(bucket = new MemoryBucket()): SetUp {
  const environment = new SimulatedEnvironment({ seed: 1 });
  const requests: RequestEvent[] = [];
  const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
    environment,
    onRequest: (event) => requests.push(event),
  });
  const manifests = new ManifestStore(store, { environment, attemptsMax: 3 });
  return { bucket, environment, store, manifests, requests };
}

/** An edit that adds a table to level 0, unless it is there. */
function adding(path: string): (base: Manifest) => ManifestEdit {
  return ({ levels: [level0 = [], ...others] }) => ({
    levels: level0.some((table) => table.path === path)
      ? [level0, ...others]
      : [[tableMeta(path, "a", "b"), ...level0], ...others],
  });
}

const paths = ({ levels }: Manifest): string[] =>
  levels[0]!.map(({ path }) => path);

Deno.test("an empty store has the empty manifest, and a claim makes the first", async () => {
  const { manifests, bucket } = setUp();
  const { manifest, lastModifiedMs } = await manifests.newest();
  assertEquals([manifest.number, lastModifiedMs], [0, 0]);
  const claimed = (await manifests.claim(manifest, A, "host 1"))!;
  assertEquals([claimed.number, claimed.epoch, claimed.writerId], [1, 1, A]);
  assertEquals(claimed.closed, false);
  const newest = await manifests.newest();
  assertEquals(newest.manifest, claimed);
  assert(newest.lastModifiedMs > 0);
  assertEquals(bucket.paths(), [manifestPath(1)]);
  assertEquals(describeWriter(claimed), `writer ${A} (host 1) of epoch 1`);
});

Deno.test("[K-016, K-100, K-101] of many who claim at once one wins each epoch, by put-if-absent alone", async () => {
  const { environment, bucket, requests, store } = setUp();
  const epochs: number[] = [];
  await environment.run(async () => {
    const claimants = Array.from({ length: 8 }, async (_, i) => {
      const manifests = new ManifestStore(store, { environment });
      const id = String(i).padStart(32, "0");
      for (;;) {
        const { manifest } = await manifests.newest();
        const claimed = await manifests.claim(manifest, id, "");
        if (claimed === undefined) continue;
        epochs.push(claimed.epoch);
        return;
      }
    });
    await Promise.all(claimants);
  });
  assertEquals(epochs.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(bucket.objectCount, 8);
  const puts = requests.filter(({ operation }) => operation === "put");
  assert(puts.every(({ condition }) => condition?.kind === "absent"));
});

Deno.test("a claim whose reply is lost is found to be ours", async () => {
  for (const fault of ["lostReply", "late", "falseRefusal"] as const) {
    const { environment, store, manifests, bucket } = setUp();
    await environment.run(async () => {
      const { manifest } = await manifests.newest();
      store.inject(fault, { operation: "put" });
      const claimed = await manifests.claim(manifest, A, "");
      assertEquals(claimed?.epoch, 1);
      await environment.advance(10_000);
      assertEquals(bucket.objectCount, 1);
    });
  }
});

Deno.test("publish makes its edit anew on what a compactor of the epoch published", async () => {
  const { environment, manifests, bucket } = setUp();
  await environment.run(async () => {
    const { manifest } = await manifests.newest();
    const claimed = (await manifests.claim(manifest, A, ""))!;
    const writer = { epoch: 1, writerId: A };
    // Two publishers know the same manifest; neither edit gets lost.
    const first = await manifests.publish(writer, claimed, adding("sst/1"));
    const second = await manifests.publish(writer, claimed, adding("sst/2"));
    assertEquals([first.number, second.number], [2, 3]);
    assertEquals(paths(second), ["sst/2", "sst/1"]);
    assertEquals((await manifests.newest()).manifest, second);
  });
  assertEquals(bucket.objectCount, 3);
});

Deno.test("publish by a writer that was taken over is fenced, and says by whom", async () => {
  const { environment, manifests, bucket } = setUp();
  await environment.run(async () => {
    const { manifest } = await manifests.newest();
    const claimed = (await manifests.claim(manifest, A, ""))!;
    await manifests.claim(claimed, B, "host 2");
    const error = await assertRejects(
      () =>
        manifests.publish(
          { epoch: 1, writerId: A },
          claimed,
          adding("sst/1"),
        ),
      KriyaError,
    );
    assertEquals(error.kind, "fenced");
    assertEquals(error.detail, `The owner is writer ${B} (host 2) of epoch 2.`);
  });
  assertEquals(bucket.objectCount, 2);
});

Deno.test("a publish without an answer may be made again, and counts once", async () => {
  const { environment, store, manifests } = setUp();
  await environment.run(async () => {
    const { manifest } = await manifests.newest();
    const claimed = (await manifests.claim(manifest, A, ""))!;
    const writer = { epoch: 1, writerId: A };
    store.inject("lostReply", { operation: "put" });
    store.inject("fail", { operation: "get", times: 3 });
    store.inject("fail", { operation: "put", times: 2 });
    const error = await assertRejects(
      () => manifests.publish(writer, claimed, adding("sst/1")),
      KriyaError,
    );
    assertEquals(error.code, "08007");
    const again = await manifests.publish(writer, claimed, adding("sst/1"));
    assertEquals(paths(again), ["sst/1"]);
    assertEquals(paths((await manifests.newest()).manifest), ["sst/1"]);
  });
});

Deno.test("what was created in a place that was collected does not count", async () => {
  const { environment, manifests, bucket, requests } = setUp();
  await environment.run(async () => {
    const { manifest } = await manifests.newest();
    const claimed = (await manifests.claim(manifest, A, ""))!;
    const writer = { epoch: 1, writerId: A };
    // Below the new number the boundary is no obstacle, at it it is.
    bucket.set(GC_BOUNDARY_PATH, boundaryBytes(1), 0);
    const second = await manifests.publish(writer, claimed, adding("sst/1"));
    bucket.set(GC_BOUNDARY_PATH, boundaryBytes(3), 0);
    requests.length = 0;
    const error = await assertRejects(
      () => manifests.publish(writer, second, adding("sst/2")),
      KriyaError,
    );
    assertEquals(error.kind, "fenced");
    // The boundary is read after the manifest is there.
    assertEquals(requests.map(({ operation }) => operation), ["put", "get"]);
    assertEquals(await manifests.isCollected(second), true);
    await assertRejects(() => manifests.confirm(claimed), KriyaError);
  });
});

Deno.test("a manifest under another's number, and a damaged one, are corrupt", async () => {
  const { environment, manifests, bucket } = setUp();
  await environment.run(async () => {
    const { manifest } = await manifests.newest();
    const claimed = (await manifests.claim(manifest, A, ""))!;
    bucket.set(manifestPath(2), encodeManifest(claimed), 0);
    const error = await assertRejects(() => manifests.newest(), KriyaError);
    assertEquals(error.kind, "corrupt");
    assert(error.message.includes(manifestPath(2)));
    bucket.set(manifestPath(2), bytes("nonsense"), 0);
    await assertRejects(() => manifests.newest(), KriyaError, "Cannot read");
  });
});
