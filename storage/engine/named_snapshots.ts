/**
 * Snapshots with names: positions that stay readable in the open store, until
 * they are dropped.
 *
 * Making one publishes a manifest that says its name and a sequence; nothing is
 * copied. From then on no merge drops a version that is seen from there, here
 * or in a compactor elsewhere: `retainFrom` of later manifests is at or below
 * it. So a snapshot that is kept for long keeps every version since.
 *
 * A checkpoint (`checkpoints.ts`) keeps the objects of one moment instead, and
 * is read by opening it.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type {
  Manifest,
  ManifestEdit,
  NamedSnapshot,
} from "../manifest/manifest.ts";
import type { LsmStore } from "./lsm_store.ts";

/** The most named snapshots that a database has at once. */
export const NAMED_SNAPSHOTS_MAX = 1000;

/** The longest name, in characters. */
export const SNAPSHOT_NAME_LENGTH_MAX = 200;

/**
 * Gives a name to what is visible now, or a little more.
 *
 * @throws {KriyaError} `invalid` (`42602`, `42710`, `54000`); `fenced`;
 * `unavailable`.
 */
export async function createNamedSnapshot(
  name: string,
  store: LsmStore,
): Promise<NamedSnapshot> {
  checkName(name);
  // What was acknowledged before it was durable is part of it.
  await store.flushWal();
  // Held until the manifest holds it: no merge may begin above it meanwhile.
  const held = store.snapshotAt(store.durableSequence);
  try {
    const snapshot = {
      name,
      sequence: held.sequence,
      createdMs: Math.max(0, Math.floor(store.config.environment.now())),
    };
    let again = false;
    await store.publish((manifest) => {
      // The answer to an earlier attempt may have been lost.
      const known = manifest.snapshots.find((each) => each.name === name);
      if (again && known !== undefined && isSame(known, snapshot)) return {};
      again = true;
      return withSnapshot(manifest, snapshot);
    });
    return snapshot;
  } finally {
    held.release();
  }
}

/** @throws {KriyaError} `invalid`: `42710`, `54000`. */
function withSnapshot(
  { snapshots }: Manifest,
  snapshot: NamedSnapshot,
): ManifestEdit {
  const { name } = snapshot;
  if (snapshots.some((each) => each.name === name)) {
    throw new KriyaError("invalid", `snapshot "${name}" already exists`, {
      code: "42710",
    });
  }
  if (snapshots.length >= NAMED_SNAPSHOTS_MAX) {
    throw new KriyaError(
      "invalid",
      `Cannot create the snapshot "${name}": there are ${snapshots.length}`,
      { code: "54000", hint: "Drop some that are not needed" },
    );
  }
  return { snapshots: [...snapshots, snapshot] };
}

function isSame(one: NamedSnapshot, other: NamedSnapshot): boolean {
  return one.sequence === other.sequence && one.createdMs === other.createdMs;
}

/**
 * Drops a snapshot: what only it sees goes with later merges.
 *
 * @throws {KriyaError} `invalid` (`42704`) when there is none; `fenced`;
 * `unavailable`.
 */
export async function dropNamedSnapshot(
  name: string,
  store: LsmStore,
): Promise<void> {
  const dropped = findNamedSnapshot(store.manifest, name);
  await store.publish(({ snapshots }) => ({
    snapshots: snapshots.filter((each) =>
      each.name !== name || !isSame(each, dropped)
    ),
  }));
}

/**
 * The snapshot of that name.
 *
 * @throws {KriyaError} `invalid` (`42704`) when there is none.
 */
export function findNamedSnapshot(
  { snapshots }: Pick<Manifest, "snapshots">,
  name: string,
): NamedSnapshot {
  const found = snapshots.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new KriyaError("invalid", `snapshot "${name}" does not exist`, {
    code: "42704",
  });
}

/** @throws {KriyaError} `invalid` (`42602`). */
function checkName(name: string): void {
  const good = typeof name === "string" && name.isWellFormed() &&
    name.length > 0 && name.length <= SNAPSHOT_NAME_LENGTH_MAX;
  if (good) return;
  throw new KriyaError("invalid", "Not a name of a snapshot", {
    code: "42602",
    hint: `Give 1 to ${SNAPSHOT_NAME_LENGTH_MAX} characters`,
  });
}
