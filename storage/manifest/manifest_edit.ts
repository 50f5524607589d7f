/**
 * From one manifest to the next.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { checkManifest, type Manifest, type ManifestEdit } from "./manifest.ts";
import { setsumAfter } from "./manifest_setsum.ts";

/** What somebody who is not the writer may change. */
export type GuestEdit = Pick<
  ManifestEdit,
  "levels" | "horizon" | "jobs" | "nextJob"
>;

/** The manifest that the writer makes after `before`, with an edit applied. */
export function nextManifest(before: Manifest, edit: ManifestEdit): Manifest {
  const number = before.number + 1;
  return successor(before, { ...before, ...edit, number, byWriter: number });
}

/**
 * The manifest that somebody else makes after `before`: what the writer says of
 * itself (its own last manifest and settled number, whether it closed) stays.
 */
export function guestManifest(before: Manifest, edit: GuestEdit): Manifest {
  return successor(before, { ...before, ...edit, number: before.number + 1 });
}

function successor(before: Manifest, changed: Manifest): Manifest {
  const after = { ...changed, setsum: setsumAfter(before, changed) };
  checkManifest(after);
  checkSuccession(before, after);
  return after;
}

/** Checks invariant 1. */
export function checkSuccession(before: Manifest, after: Manifest): void {
  invariant(after.epoch >= before.epoch, "the epoch goes back");
  invariant(after.sequence >= before.sequence, "the sequence goes back");
  invariant(
    after.replayFrom >= before.replayFrom,
    "the replay point goes back",
  );
  invariant(after.horizon >= before.horizon, "the horizon goes back");
  invariant(
    after.settled >= before.settled || after.epoch > before.epoch,
    "the settled number goes back",
  );
}
