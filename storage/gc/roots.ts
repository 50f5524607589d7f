/**
 * Roots of a collection: read from the store, or from a manifest that is known.
 *
 * | who | requests |
 * | --- | --- |
 * | a collector that knows nothing | LIST of the newest manifest; GET those from its writer's own last one on |
 * | the writer, whose manifest counts | none |
 * | both | GET of each checkpoint's manifest, once |
 *
 * @module
 */
import type { Manifest } from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import type { PinnedManifest, Roots } from "./garbage.ts";

/** Manifests of checkpoints that were read before, by number. */
export type PinnedManifests = Map<number, Manifest>;

/**
 * Roots as the store has them; `undefined` when a manifest goes while it is
 * looked for, or there is none.
 *
 * REQUIRES: the boundary was read before.
 *
 * @throws {KriyaError} `corrupt`, `unavailable`.
 */
export async function readRoots(
  manifests: ManifestStore,
): Promise<Roots | undefined> {
  const { manifest: newest } = await manifests.newest();
  if (newest.number === 0) return undefined;
  const live: [Manifest, ...Manifest[]] = [newest];
  for (let number = newest.number - 1; number >= newest.byWriter; number--) {
    const manifest = await manifests.read(number);
    if (manifest === undefined) return undefined;
    live.unshift(manifest);
  }
  return await withCheckpoints(manifests, live, new Map());
}

/**
 * Roots by a manifest that this process made and that counts; `undefined` when
 * a checkpoint's manifest is gone: somebody else dropped it since.
 *
 * @throws {KriyaError} `corrupt`, `unavailable`.
 */
export function rootsBy(
  manifests: ManifestStore,
  manifest: Manifest,
  known: PinnedManifests,
): Promise<Roots | undefined> {
  return withCheckpoints(manifests, [manifest], known);
}

async function withCheckpoints(
  manifests: ManifestStore,
  live: [Manifest, ...Manifest[]],
  known: PinnedManifests,
): Promise<Roots | undefined> {
  const pinned = new Map<string, PinnedManifest>();
  for (const manifest of live) {
    for (const checkpoint of manifest.checkpoints) {
      const number = checkpoint.manifest;
      if (pinned.has(`${checkpoint.name} ${number}`)) continue;
      const found = known.get(number) ?? await manifests.read(number);
      if (found === undefined) return undefined;
      known.set(number, found);
      pinned.set(`${checkpoint.name} ${number}`, {
        checkpoint,
        manifest: found,
      });
    }
  }
  const checkpoints = [...pinned.values()];
  const numbers = new Set(checkpoints.map(({ manifest }) => manifest.number));
  for (const number of known.keys()) {
    if (!numbers.has(number)) known.delete(number);
  }
  return { live, checkpoints };
}
