/**
 * Processes of a simulation that are no writers: collectors and compactors of
 * their own, readers that pin what they read, and readers that follow.
 *
 * @module
 */
import { delay, type Environment } from "../../base/environment.ts";
import {
  compactExternally,
  type ExternalCompactionOptions,
} from "../../storage/engine/external_compaction.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { Consistency, LsmOptions } from "../../storage/engine/options.ts";
import { collectStore } from "../../storage/gc/collect_store.ts";
import { encodePin } from "../../storage/gc/pin_codec.ts";
import { readBoundary } from "../../storage/manifest/boundary.ts";
import { ManifestStore } from "../../storage/manifest/manifest_store.ts";
import { pinPath } from "../../storage/object_store/object_path.ts";
import {
  ABSENT,
  type ObjectStore,
} from "../../storage/object_store/object_store.ts";
import type { SeededRandom } from "../../testing/seeded_random.ts";
import type { FaultyStore } from "../../testing/faulty_store.ts";
import { type History, isExpected } from "./history.ts";
import type { NeededObjects } from "./needed_objects.ts";

/** What an outsider works with. */
export interface Outsider {
  readonly objects: ObjectStore;
  readonly environment: Environment;
  readonly random: SeededRandom;
  /** Whether the run is over. */
  readonly over: () => boolean;
}

/** Collects again and again; tells how much it deleted. */
export async function runCollector(outsider: Outsider): Promise<number> {
  const { objects, environment, random } = outsider;
  const manifests = new ManifestStore(objects, {
    environment,
    attemptsMax: 2,
  });
  let deleted = 0;
  while (!outsider.over()) {
    await delay(environment, random.below(150));
    try {
      const outcome = await collectStore({
        objects,
        manifests,
        environment,
        attemptsMax: 2,
        inUse: new Set(),
      });
      if (outcome.kind === "collected") deleted += outcome.deleted;
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }
  return deleted;
}

/** Compacts now and then; tells how many jobs it published. */
export async function runCompactor(
  outsider: Outsider,
  options: ExternalCompactionOptions,
): Promise<number> {
  const { objects, environment, random } = outsider;
  let compactions = 0;
  while (!outsider.over()) {
    await delay(environment, random.below(150));
    try {
      await compactExternally(objects, {
        ...options,
        environment,
        full: random.chance(0.3),
        once: random.chance(0.5),
        onProgress: ({ job }) => compactions += job === undefined ? 1 : 0,
      });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }
  return compactions;
}

/** Pins the newest manifest at times; `needed` is told of pins that count. */
export async function runPinner(
  outsider: Outsider,
  needed: NeededObjects,
): Promise<void> {
  const { objects, environment, random } = outsider;
  const manifests = new ManifestStore(objects, {
    environment,
    attemptsMax: 2,
  });
  for (let id = 1; !outsider.over(); id++) {
    await delay(environment, random.below(300));
    try {
      const { manifest } = await manifests.newest();
      if (manifest.number === 0) continue;
      const leaseMs = 50 + random.below(300);
      const sentMs = environment.now();
      const pin = encodePin({ manifest: manifest.number, leaseMs });
      await objects.put(pinPath(`pin-${id}`), pin, ABSENT);
      const { boundary } = await readBoundary(objects);
      if (boundary.number < manifest.number) {
        needed.pins.push({ manifest, untilMs: sentMs + leaseMs });
      }
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }
}

/** How often a reader that follows looks before it closes or dies. */
const LOOKS = 20;

/**
 * Follows the writers, life after life; tells how often it saw more. What it
 * shows never goes back; a strong look shows all that was acknowledged before.
 */
export async function runFollower(
  outsider: Outsider,
  newHandle: () => FaultyStore,
  history: History,
  options: LsmOptions,
): Promise<number> {
  const { environment, random } = outsider;
  let moves = 0;
  for (let life = 1; !outsider.over(); life++) {
    await delay(environment, random.below(200));
    const objects = newHandle();
    try {
      const store = await LsmStore.open(objects, {
        ...options,
        environment,
        readOnly: true,
        consistency: random.pick<Consistency>(
          ["strong", "strong", { boundedMs: 50 }, "snapshot"],
        ),
        pin: random.pick(["auto", "never"]),
        pinLeaseMs: 50 + random.below(400),
      });
      const name = `F${life}`;
      for (let i = 0; i < LOOKS && !outsider.over(); i++) {
        moves += await follow(name, store, history, random);
        await delay(environment, random.below(40));
      }
      if (random.chance(0.5)) await store.close();
    } catch (error) {
      if (!isExpected(error)) throw error;
    } finally {
      objects.crash();
    }
  }
  return moves;
}

/** One look of a reader that follows: 1 if it moved. */
async function follow(
  name: string,
  store: LsmStore,
  history: History,
  random: SeededRandom,
): Promise<number> {
  const shown = store.visibleSequence;
  const before = history.acknowledged();
  const held = random.chance(0.3) ? store.snapshot() : undefined;
  try {
    if (random.chance(0.1)) await store.refresh();
    else await store.catchUp();
    const now = store.visibleSequence;
    if (now < shown) {
      throw new Error(`${name} went back from ${shown} to ${now}`);
    }
    if (store.config.consistency === "strong") {
      const lost = before.find(({ sequence }) => sequence > now);
      if (lost !== undefined) {
        throw new Error(
          `${name} shows ${now} without ${lost.id}, acknowledged`,
        );
      }
    }
    await history.observe(name, store, now, random.chance(0.5));
    if (held !== undefined) {
      await history.observe(name, store, held.sequence);
    }
    return now > shown ? 1 : 0;
  } catch (error) {
    if (!isExpected(error) || error.kind === "closed") throw error;
    return 0;
  } finally {
    held?.release();
  }
}
