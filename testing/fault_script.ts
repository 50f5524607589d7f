/**
 * Which request meets which fault: rules that a test writes, and chances that a
 * seed decides.
 *
 * | fault | effect | what the caller sees |
 * | --- | --- | --- |
 * | `fail` | none | `unavailable` |
 * | `torn` | none: half of the bytes were sent | `unavailable` |
 * | `conflict` | none: the 409 of a bucket to concurrent writes | `unavailable` |
 * | `lostReply` | at once | `unavailable` |
 * | `late` | at some time after the answer, if its condition holds then | `unavailable` |
 * | `falseRefusal` | at once: a client below tried again and met its own object | `precondition` |
 * | `stall` | when the test lets it go | the answer, then |
 * | `crashBefore` | none | nothing more: the handle is dead |
 * | `crashAfter` | at once | nothing more: the handle is dead |
 *
 * Reads know `fail`, `stall` and the crashes; another fault that is meant for
 * one is `fail`. `falseRefusal` is for conditional puts; for other writes it is
 * `lostReply`.
 *
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";

/** What a request asks. */
export type Operation = "get" | "head" | "put" | "delete" | "list";

/** A fault of the table above. */
export type Fault =
  | "fail"
  | "torn"
  | "conflict"
  | "lostReply"
  | "late"
  | "falseRefusal"
  | "stall"
  | "crashBefore"
  | "crashAfter";

/** Faults that come by chance. */
export type RandomFault = Exclude<Fault, "crashBefore" | "crashAfter">;

/** The chance of each fault, in [0, 1]; what is left out never comes. */
export type FaultChances = Readonly<Partial<Record<RandomFault, number>>>;

/** Which requests a rule is for. */
export interface RequestPattern {
  /** The operation (default: any). */
  readonly operation?: Operation | undefined;
  /** What the path begins with (default: any). */
  readonly prefix?: string | undefined;
  /** The first request it is for, counted among those that match (default 1). */
  readonly nth?: number | undefined;
  /** How many in a row, from the `nth` on (default 1). */
  readonly times?: number | undefined;
}

/** A pattern, and how many matching requests it has seen. */
export class RequestMatcher {
  readonly #pattern: RequestPattern;
  #seen = 0;

  /** A matcher that has seen no request yet. */
  constructor(pattern: RequestPattern) {
    this.#pattern = pattern;
  }

  /** Whether the rule is for this request, which it counts if it matches. */
  takes(operation: Operation, path: string): boolean {
    const { operation: only, prefix = "", nth = 1, times = 1 } = this.#pattern;
    if (only !== undefined && only !== operation) return false;
    if (!path.startsWith(prefix)) return false;
    this.#seen++;
    return this.#seen >= nth && this.#seen < nth + times;
  }
}

const WRITE_FAULTS: readonly RandomFault[] = [
  "fail",
  "torn",
  "conflict",
  "lostReply",
  "late",
  "falseRefusal",
  "stall",
];

/** Draws a fault; one number is drawn per request, whatever the chances. */
export function drawFault(
  random: SeededRandom,
  chances: FaultChances,
): Fault | undefined {
  let left = random.next();
  for (const fault of WRITE_FAULTS) {
    const chance = chances[fault] ?? 0;
    if (left < chance) return fault;
    left -= chance;
  }
  return undefined;
}

/** The fault as this operation knows it. */
export function faultFor(
  fault: Fault | undefined,
  operation: Operation,
): Fault | undefined {
  switch (fault) {
    case "torn":
    case "conflict":
      return operation === "put" ? fault : "fail";
    case "falseRefusal":
      if (operation === "put") return fault;
      return operation === "delete" ? "lostReply" : "fail";
    case "lostReply":
    case "late":
      return operation === "put" || operation === "delete" ? fault : "fail";
    default:
      return fault;
  }
}
