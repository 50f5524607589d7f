/**
 * A writer that is paused at any of its requests, before or after its effect,
 * while others take over, write, merge and collect; then it goes on. It never
 * acknowledges what the others do not have, never publishes, and deletes nothing
 * that is needed. What it had acknowledged before is there.
 *
 * The others are three, one after the other: so the zombie's manifest, its claim
 * and the slots around its fence were collected in between.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { fsck } from "../../storage/engine/fsck.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore, type RequestEvent } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { AppendOnlyStore } from "../support/append_only_store.ts";
import { bytes, contentsOf, put, text } from "../support/lsm_contents.ts";
import { NeededObjects } from "../simulation/needed_objects.ts";

const OPTIONS: LsmOptions = {
  flushIntervalMs: 0,
  gcIntervalMs: 0,
  compaction: "off",
  attemptsMax: 4,
};

/** What a writer was told. */
interface Told {
  readonly key: string;
  readonly sequence: number;
  /** Whether that was after it had been taken over. */
  readonly late: boolean;
}

/** A bucket that watches over itself. */
class Watched {
  readonly bucket = new MemoryBucket();
  readonly environment = new SimulatedEnvironment({ seed: 1 });
  readonly #needed = new NeededObjects(this.bucket);
  readonly #guard = new AppendOnlyStore(this.#memory());

  constructor() {
    this.#guard.deletions.mayDelete = (path) =>
      this.#needed.checkDeletion(path, this.environment.now());
  }

  #memory(): MemoryStore {
    const { bucket, environment } = this;
    return new MemoryStore({ bucket, environment });
  }

  handle(onRequest?: (event: RequestEvent) => void): FaultyStore {
    const guarded = new AppendOnlyStore(this.#memory(), this.#guard);
    const { environment } = this;
    return new FaultyStore(guarded, { environment, onRequest });
  }

  open(objects: FaultyStore): Promise<LsmStore> {
    const { environment } = this;
    return LsmStore.open(objects, { ...OPTIONS, environment, takeover: true });
  }

  newestManifest(): number {
    return this.#needed.newest()?.number ?? 0;
  }
}

/** All that a writer does, in a row: every kind of request is among it. */
async function live(
  watched: Watched,
  objects: FaultyStore,
  told: (key: string, sequence: number) => void,
): Promise<void> {
  const store = await watched.open(objects);
  let count = 0;
  const commit = async (): Promise<void> => {
    const key = `z${count++}`;
    told(key, await put(store, { [key]: key, shared: key }));
  };
  await commit();
  await commit();
  await store.flush();
  await commit();
  await store.createCheckpoint("kept");
  await commit();
  await store.compact();
  await store.collectGarbage();
  await commit();
  await store.dropCheckpoint("kept");
  await store.flush();
  await store.collectGarbage();
  await commit();
  await store.close();
}

/** Others take over; resolves with the last, open. */
async function takeOver(watched: Watched): Promise<LsmStore> {
  for (let i = 0;; i++) {
    const store = await watched.open(watched.handle());
    await put(store, { [`other${i}`]: "x", shared: `other${i}` });
    await store.compact();
    await store.collectGarbage();
    await put(store, { [`other${i}b`]: "x" });
    if (i === 2) return store;
  }
}

/** Pauses at the `nth` request; `false` if there were fewer. */
async function pausedAt(
  nth: number,
  when: "before" | "after",
): Promise<boolean> {
  const watched = new Watched();
  return await watched.environment.run(async () => {
    const objects = watched.handle();
    const pause = objects.pause({ nth, when });
    const told: Told[] = [];
    let late = false;
    const living = live(
      watched,
      objects,
      (key, sequence) => told.push({ key, sequence, late }),
    ).catch(() => {});
    const reached = await Promise.race([
      pause.reached.then(() => true),
      living.then(() => false),
    ]);
    if (!reached) return false;
    const last = await takeOver(watched);
    const before = await contentsOf(last);
    const manifest = watched.newestManifest();
    late = true;
    pause.release();
    await Promise.race([living, delay(watched.environment, 60_000)]);
    await delay(watched.environment, 1000);
    assertEquals(watched.newestManifest(), manifest, "it published");
    assertEquals(await contentsOf(last), before);
    for (const { key, sequence, late } of told) {
      const value = text(await last.get(bytes(key)));
      assertEquals(value, key, `${key}, acknowledged${late ? " late" : ""}`);
      assert(sequence <= last.visibleSequence);
    }
    // The one group that may be acknowledged late is one that was replayed.
    assert(told.filter(({ late }) => late).length <= 1);
    await put(last, { after: "x" });
    await last.compact();
    await last.collectGarbage();
    await last.close();
    const again = await watched.open(watched.handle());
    assertEquals(await contentsOf(again), [["after", "x"], ...before]);
    await again.compact();
    await again.collectGarbage();
    await again.close();
    const report = await fsck(watched.handle());
    assert(report.ok, JSON.stringify(report));
    return true;
  });
}

/** The request with which a writer claims its epoch: until then it is none. */
async function claimNumber(): Promise<number> {
  const watched = new Watched();
  let claim = 0;
  const objects = watched.handle(({ number, operation, path }) => {
    const claims = operation === "put" && path.startsWith("manifest/");
    if (claim === 0 && claims) claim = number;
  });
  await watched.environment.run(() => live(watched, objects, () => {}));
  return claim;
}

for (const when of ["before", "after"] as const) {
  Deno.test(`[K-100, K-101] a zombie writer, paused ${when} the effect of each of its requests, does no harm when it goes on`, async () => {
    const first = await claimNumber() + (when === "before" ? 1 : 0);
    let nth = first;
    while (await pausedAt(nth, when)) nth++;
    assert(nth > first + 30, `only ${nth - first} requests`);
  });
}
