/**
 * Checkpoints: manifests that are kept, with all that they need, under a name.
 *
 * A checkpoint is one edit of the manifest, which pins itself: its tables and
 * segments, and the log from its replay point to the sequence that was durable
 * when the edit was made. Nothing is flushed or copied, so it takes as long as
 * a small PUT, and commits go on. Whoever opens it sees that moment exactly.
 *
 * Objects go when the last checkpoint that needs them is dropped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LsmStore, MemoryBucket, MemoryStore, WriteBatch } from "../mod.ts";
 *
 * const bucket = new MemoryBucket();
 * const store = await LsmStore.open(new MemoryStore({ bucket }));
 * await store.createCheckpoint("empty");
 * const batch = new WriteBatch();
 * batch.put(new Uint8Array([1]), new Uint8Array([2]));
 * await store.write(batch);
 * const then = await LsmStore.open(new MemoryStore({ bucket }), {
 *   checkpoint: "empty",
 * });
 * assertEquals(await then.get(new Uint8Array([1])), undefined);
 * await then.close();
 * await store.close();
 * ```
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type {
  CheckpointMeta,
  Manifest,
  ManifestEdit,
} from "../manifest/manifest.ts";
import type { CommitPipeline } from "./commit_pipeline.ts";
import type { Publisher } from "./publisher.ts";

/** The most checkpoints that a database has at once. */
export const CHECKPOINTS_MAX = 1000;

/** The longest name of a checkpoint, in characters. */
export const CHECKPOINT_NAME_LENGTH_MAX = 200;

/** What a checkpoint is made with. */
export interface CheckpointHost {
  /** Knows what is in the log. */
  readonly pipeline: Pick<
    CommitPipeline,
    "flushWal" | "durable" | "unsettledWalId"
  >;
  /** Publishes the edit. */
  readonly publisher: Pick<Publisher, "publish">;
  /** The clock. */
  readonly environment: Environment;
}

/** What is durable at the moment of an edit. */
interface DurablePoint {
  /** The highest sequence that is in the log. */
  readonly sequence: number;
  /** The first WAL id that is not. */
  readonly walEnd: number;
  /** The clock: ms since the epoch. */
  readonly nowMs: number;
}

/**
 * Makes a checkpoint of what is visible now, or a little more.
 *
 * @throws {KriyaError} `invalid` (`42602`, `42710`, `54000`); `fenced`;
 * `unavailable`.
 */
export async function createCheckpoint(
  name: string,
  { pipeline, publisher, environment }: CheckpointHost,
): Promise<CheckpointMeta> {
  checkCheckpointName(name);
  // What was acknowledged before it was durable is part of it.
  await pipeline.flushWal();
  const edit = createCheckpointEdit(name, () => ({
    sequence: pipeline.durable,
    walEnd: pipeline.unsettledWalId,
    nowMs: Math.max(0, Math.floor(environment.now())),
  }));
  return findCheckpoint(await publisher.publish(edit), name);
}

/**
 * Refuses what is no name.
 *
 * @throws {KriyaError} `invalid` (`42602`).
 */
function checkCheckpointName(name: string): void {
  const good = typeof name === "string" && name.isWellFormed() &&
    name.length > 0 && name.length <= CHECKPOINT_NAME_LENGTH_MAX;
  if (good) return;
  throw new KriyaError("invalid", "Not a name of a checkpoint", {
    code: "42602",
    hint: `Give 1 to ${CHECKPOINT_NAME_LENGTH_MAX} characters`,
  });
}

/**
 * The edit that makes a checkpoint of the manifest that it makes.
 *
 * @throws {KriyaError} `invalid`: `42710` when the name is taken, `54000` when
 * there are too many.
 */
function createCheckpointEdit(
  name: string,
  point: () => DurablePoint,
): (manifest: Manifest) => ManifestEdit {
  return (manifest) => {
    const { checkpoints, replayFrom } = manifest;
    if (checkpoints.some((checkpoint) => checkpoint.name === name)) {
      throw new KriyaError(
        "invalid",
        `Cannot create the checkpoint "${name}": there is one of that name`,
        { code: "42710" },
      );
    }
    if (checkpoints.length >= CHECKPOINTS_MAX) {
      throw new KriyaError(
        "invalid",
        `Cannot create the checkpoint "${name}": there are ${checkpoints.length}`,
        { code: "54000", hint: "Drop some that are not needed" },
      );
    }
    const { sequence, walEnd, nowMs } = point();
    const checkpoint: CheckpointMeta = {
      name,
      manifest: manifest.number + 1,
      sequence,
      walFrom: replayFrom,
      walEnd: Math.max(walEnd, replayFrom),
      createdMs: nowMs,
    };
    return { checkpoints: [...checkpoints, checkpoint] };
  };
}

/**
 * The edit that drops a checkpoint.
 *
 * @throws {KriyaError} `invalid` (`42704`) when there is none of that name.
 */
export function dropCheckpointEdit(
  name: string,
): (manifest: Manifest) => ManifestEdit {
  return (manifest) => {
    const dropped = findCheckpoint(manifest, name);
    return {
      checkpoints: manifest.checkpoints.filter((each) => each !== dropped),
    };
  };
}

/**
 * The checkpoint of that name.
 *
 * @throws {KriyaError} `invalid` (`42704`) when there is none.
 */
export function findCheckpoint(
  manifest: Manifest,
  name: string,
): CheckpointMeta {
  const found = manifest.checkpoints.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new KriyaError("invalid", `There is no checkpoint "${name}"`, {
    code: "42704",
  });
}
