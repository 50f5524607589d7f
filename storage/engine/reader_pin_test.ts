import { assertEquals, assertRejects } from "@std/assert";
import { delay, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, type Process, World } from "../../tests/support/world.ts";
import { decodePin } from "../gc/pin_codec.ts";
import { FileStore } from "../object_store/file_store.ts";
import { LsmStore } from "./lsm_store.ts";
import type { LsmOptions } from "./options.ts";

const LEASE_MS = 1000;
const READER: LsmOptions = {
  readOnly: true,
  consistency: "snapshot",
  pinLeaseMs: LEASE_MS,
};
const QUIET: LsmOptions = {
  compaction: "off",
  gcIntervalMs: 0,
  flushIntervalMs: 0,
};

/** The manifests that pins name. */
function pinned(world: World): number[] {
  return world.paths("pins/").map((path) =>
    decodePin(world.bucket.object(path)!.bytes, path).manifest
  );
}

/** Uses a reader, and lets what it does in the background happen. */
async function use(world: World, { store }: Process): Promise<void> {
  await store.catchUp();
  await world.environment.advance(1);
}

Deno.test("[L-256, Y-221] a reader that is used pins what it reads, writes nothing else, and deletes it at the close", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  await store.flush();
  const before = world.bucket.paths();
  const reader = await world.open(READER);
  assertEquals(reader.store.status().replica?.pin, "none");
  assertEquals(world.bucket.paths(), before);
  await use(world, reader);
  assertEquals(pinned(world), [store.manifest.number]);
  assertEquals(reader.store.status().replica?.pin, "held");
  await put(store, { a: "2" });
  await store.compact();
  await store.collectGarbage();
  // What it has opened nothing of yet is still there.
  assertEquals(await contentsOf(reader.store), [["a", "1"]]);
  await reader.store.refresh();
  await world.environment.advance(1);
  assertEquals(text(await reader.store.get(bytes("a"))), "2");
  assertEquals(pinned(world), [reader.store.manifest.number]);
  const writes = reader.requests.filter(({ operation }) =>
    operation === "put" || operation === "delete"
  );
  assertEquals(new Set(asked(writes)), new Set(["put pins/"]));
  await reader.store.close();
  assertEquals(world.paths("pins/"), []);
  await store.close();
});

Deno.test("a pin is renewed while the reader is used, and lapses when it is not", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const reader = await world.open(READER);
  await use(world, reader);
  const date = (): number | undefined =>
    world.paths("pins/").map((path) =>
      world.bucket.object(path)!.lastModifiedMs
    )[0];
  const first = date()!;
  for (let i = 0; i < 4; i++) {
    await use(world, reader);
    await world.environment.advance(300);
  }
  assertEquals(date()! - first > 500, true);
  const { requests } = reader;
  await world.environment.advance(600);
  requests.length = 0;
  await world.environment.advance(10 * LEASE_MS);
  assertEquals(requests, []);
  assertEquals(reader.store.status().replica?.pin, "none");
  // Collectors remove it; the next use puts it again.
  world.bucket.remove(world.paths("pins/")[0]!);
  await use(world, reader);
  assertEquals(reader.store.status().replica?.pin, "held");
  // What is held keeps it alive by itself.
  const held = reader.store.snapshot();
  await world.environment.advance(5 * LEASE_MS);
  assertEquals(reader.store.status().replica?.pin, "held");
  held.release();
  await reader.store.close();
  await store.close();
});

Deno.test("a pin whose answer was lost is found again, one that nobody answers is tried later", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const reader = await world.open(READER);
  reader.objects.inject("lostReply", { operation: "put", prefix: "pins/" });
  await use(world, reader);
  assertEquals(reader.store.status().replica?.pin, "none");
  reader.requests.length = 0;
  await use(world, reader);
  assertEquals(reader.requests, []); // Not at once.
  await world.environment.advance(LEASE_MS * 0.02);
  await use(world, reader);
  assertEquals(reader.store.status().replica?.pin, "held");
  assertEquals(world.paths("pins/").length, 1);
  await reader.store.close();
  assertEquals(world.paths("pins/"), []);
  await store.close();
});

Deno.test("[L-256, Y-221] a reader that may not write reads all the same, unpinned", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-pin-" });
  try {
    const writer = await LsmStore.open(await FileStore.open(folder), QUIET);
    await put(writer, { a: "1" });
    for (const [readOnly, pin] of [[true, "forbidden"], ["pins", "held"]]) {
      const objects = await FileStore.open(folder, {
        readOnly: readOnly as true | "pins",
      });
      const reader = await LsmStore.open(objects, {
        readOnly: true,
        consistency: "strong",
      });
      await reader.catchUp();
      await put(writer, { a: String(pin) });
      await reader.catchUp();
      assertEquals(text(await reader.get(bytes("a"))), pin);
      const state = (): unknown => reader.status().replica?.pin;
      // It is put in the background.
      for (let i = 0; i < 400 && state() === "none"; i++) {
        await delay(systemEnvironment, 5);
      }
      assertEquals(state(), pin);
      const pins = async (): Promise<number> =>
        (await writer.objects.list("pins/")).objects.length;
      assertEquals(await pins(), pin === "held" ? 1 : 0);
      await assertRejects(
        () => objects.delete("wal/00000000000000000001"),
        KriyaError,
      );
      await reader.close();
      assertEquals(await pins(), 0);
    }
    await writer.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
