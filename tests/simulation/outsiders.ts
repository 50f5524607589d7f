/**
 * Processes of a simulation that are no writers: collectors and compactors of
 * their own, and readers that pin what they read.
 *
 * @module
 */
import { delay, type Environment } from "../../base/environment.ts";
import {
  compactExternally,
  type ExternalCompactionOptions,
} from "../../storage/engine/external_compaction.ts";
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
import { isExpected } from "./history.ts";
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
