/**
 * Bugs that tests put in on purpose, to show that the simulation finds them.
 * None is there unless a test says so, and nothing else may.
 *
 * @module
 */

/**
 * - `fencing`: a writer whose log object met another's goes on as if it were
 *   its own.
 * - `collection`: a collector takes tables that no manifest names yet for
 *   garbage.
 * - `recovery`: an opening that finds its slot taken does not replay what is
 *   there.
 */
export type DeliberateBug = "fencing" | "collection" | "recovery";

let present: DeliberateBug | undefined;

/** Puts a bug in, or takes it out. For tests alone. */
export function putBug(bug: DeliberateBug | undefined): void {
  present = bug;
}

/** Whether a bug was put in. */
export function hasBug(bug: DeliberateBug): boolean {
  return present === bug;
}
