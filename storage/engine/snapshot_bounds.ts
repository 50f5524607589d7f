/**
 * Which sequences can be read: from the horizon up, and not what was taken
 * back.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";

/** The bounds of one store. */
export class SnapshotBounds {
  /** What is above was taken back, after other writers took over. */
  cutBackTo = Infinity;

  /** The sequence of a snapshot that can be read; throws as `check` does. */
  sequenceOf(snapshot: Snapshot | number, horizon: number): number {
    const sequence = typeof snapshot === "number"
      ? snapshot
      : snapshot.sequence;
    this.check(sequence, horizon);
    return sequence;
  }

  /**
   * Checks that `sequence` can be read.
   *
   * @throws {KriyaError} `invalid` (`72000`) below the horizon; `fenced` above
   * what was taken back.
   */
  check(sequence: number, horizon: number = 0): void {
    if (sequence < horizon) {
      throw new KriyaError("invalid", "Cannot read: snapshot is too old", {
        code: "72000",
        detail: `Sequence ${sequence} is below the horizon ${horizon}.`,
      });
    }
    if (sequence <= this.cutBackTo) return;
    throw new KriyaError(
      "fenced",
      "Cannot read: the snapshot sees commits that were not durable when another writer took over",
      {
        detail:
          `Sequence ${sequence} is above the last durable one, ${this.cutBackTo}.`,
        hint: "Take a new snapshot",
      },
    );
  }
}
