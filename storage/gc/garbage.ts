/**
 * What is garbage: pure functions of manifests and names.
 *
 * Everything below is judged by one manifest of the chain, the root, which its
 * writer made itself (rule 17), and the manifests of its checkpoints. An
 * object is garbage when neither they nor any later manifest can need it:
 *
 * | object | garbage |
 * | --- | --- |
 * | manifest | below the root, and no checkpoint's |
 * | WAL group | below the root's replay point, and in no checkpoint's range |
 * | fence | never (rule 6) |
 * | table, segment of the writer's own | unnamed, and its number is settled (19) |
 * | … of an older epoch's writer | unnamed |
 * | … of a job | unnamed, and the job is over: given out, and registered neither now nor in a checkpoint (20) |
 * | … of a later epoch | never: the root does not know of it |
 *
 * The chain only goes on from the root, so what is garbage stays garbage; a
 * root that is not the newest manifest finds less, and nothing wrong.
 *
 * @module
 */
import { hasBug } from "../../base/deliberate_bug.ts";
import type {
  CheckpointMeta,
  Manifest,
  TableMeta,
} from "../manifest/manifest.ts";
import {
  parseObjectPath,
  type TableObjectId,
} from "../object_store/object_path.ts";
import { WAL_HEADER_BYTES } from "../wal/wal_format.ts";

/** A checkpoint with the manifest that it pins. */
export interface PinnedManifest {
  /** The checkpoint. */
  readonly checkpoint: CheckpointMeta;
  /** Its manifest. */
  readonly manifest: Manifest;
}

/** What everything is judged by. */
export interface Roots {
  /** The newest manifest that is known to count, and later ones read after. */
  readonly live: readonly [Manifest, ...Manifest[]];
  /** The checkpoints of these, with their manifests. */
  readonly checkpoints: readonly PinnedManifest[];
}

/** An object as a listing or its writer knows it. */
export interface Candidate {
  /** Its path. */
  readonly path: string;
  /** Its size; `undefined` where it is known to be no fence. */
  readonly size: number | undefined;
}

/** Judges objects by roots. */
export class GarbageJudge {
  readonly #newest: Manifest;
  readonly #replayFrom: number;
  readonly #manifestsFrom: number;
  readonly #needed = new Set<string>();
  readonly #manifests = new Set<number>();
  readonly #walRanges: readonly CheckpointMeta[];
  readonly #jobs = new Set<string>();

  /** A judge by `roots`. */
  constructor(roots: Roots) {
    const { live, checkpoints } = roots;
    this.#newest = live.at(-1)!;
    this.#replayFrom = Math.min(...live.map(({ replayFrom }) => replayFrom));
    this.#manifestsFrom = Math.min(...live.map(({ number }) => number));
    const pinned = checkpoints.map(({ manifest }) => manifest);
    for (const manifest of [...live, ...pinned]) {
      for (const path of neededBy(manifest)) this.#needed.add(path);
    }
    for (const { number } of pinned) this.#manifests.add(number);
    // The log that a checkpoint keeps may name tables that no manifest does.
    for (const { jobs } of [...live, ...pinned]) {
      for (const { epoch, job } of jobs) this.#jobs.add(`${epoch}-${job}`);
    }
    this.#walRanges = checkpoints.map(({ checkpoint }) => checkpoint);
  }

  /** The boundary that goes with the roots: all below it is collected. */
  get boundary(): number {
    return this.#manifestsFrom - 1;
  }

  /** Where WAL objects begin to be needed, but for checkpoints. */
  get replayFrom(): number {
    return this.#replayFrom;
  }

  /** Whether the object is garbage. */
  isGarbage({ path, size }: Candidate): boolean {
    const name = parseObjectPath(path);
    switch (name?.kind) {
      case "manifest":
        return name.number < this.#manifestsFrom &&
          !this.#manifests.has(name.number);
      case "wal":
        // Nothing but a fence is as short as one.
        return (size === undefined || size > WAL_HEADER_BYTES) &&
          name.id < this.#replayFrom && !this.#isPinnedWal(name.id);
      case "sst":
      case "vec":
        return !this.#needed.has(path) && this.#isOver(name);
      default:
        return false;
    }
  }

  #isPinnedWal(id: number): boolean {
    return this.#walRanges.some(({ walFrom, walEnd }) =>
      walFrom <= id && id < walEnd
    );
  }

  /** Whether nothing will name the object any more. */
  #isOver({ epoch, job, number }: TableObjectId): boolean {
    const newest = this.#newest;
    if (epoch > newest.epoch) return false;
    if (job !== 0) {
      // It may have been registered after the newest manifest was read.
      const given = epoch < newest.epoch || job < newest.nextJob;
      return given && !this.#jobs.has(`${epoch}-${job}`);
    }
    return epoch < newest.epoch || number < newest.settled ||
      hasBug("collection");
  }
}

/** The paths of the tables and segments that a manifest names. */
export function neededBy(manifest: Manifest): string[] {
  const tables: TableMeta[] = manifest.levels.flat();
  return [...tables, ...manifest.segments].map(({ path }) => path);
}
