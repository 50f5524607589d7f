/**
 * What can go wrong between a client and a bucket, at the level of HTTP, and
 * which request it happens to.
 *
 * | fault | effect | what the client sees |
 * | --- | --- | --- |
 * | `slow` | yes | the answer, `slowMs` later |
 * | `stall` | yes | nothing, until the server stops |
 * | `slowDown` | none | 503 `SlowDown` |
 * | `error` | none | 500 `InternalError` |
 * | `lateError` | yes | 500 `InternalError` |
 * | `gateway` | yes | 502 with a page of HTML, as proxies make them |
 * | `conflict` | none | 409 `ConditionalRequestConflict` |
 * | `expired` | none | 400 `ExpiredToken` |
 * | `denied` | none | 403 `AccessDenied` |
 * | `reset` | none | the connection breaks |
 * | `lateReset` | yes | the connection breaks before the answer |
 * | `truncated` | yes | the connection breaks within the body |
 * | `wrongRange` | yes | 206 with another range than was asked for |
 *
 * `truncated` of an answer without body is `lateReset`; `wrongRange` of
 * anything but a part of an object is no fault. Clients send a request again
 * when a connection breaks that they had kept open: one `reset` may pass
 * unseen, and one `lateReset` of a conditional write may come back as a
 * refusal.
 *
 * @module
 */
import type { SeededRandom } from "../seeded_random.ts";

/** A fault of the table above. */
export type HttpFault =
  | "slow"
  | "stall"
  | "slowDown"
  | "error"
  | "lateError"
  | "gateway"
  | "conflict"
  | "expired"
  | "denied"
  | "reset"
  | "lateReset"
  | "truncated"
  | "wrongRange";

/** Every fault. */
export const HTTP_FAULTS: readonly HttpFault[] = [
  "slow",
  "stall",
  "slowDown",
  "error",
  "lateError",
  "gateway",
  "conflict",
  "expired",
  "reset",
  "lateReset",
  "truncated",
  "wrongRange",
  "denied",
];

/** The chance of each fault, in [0, 1]; what is left out never comes. */
export type HttpFaultChances = Readonly<Partial<Record<HttpFault, number>>>;

/** Draws a fault; one number is drawn per request, whatever the chances. */
export function drawHttpFault(
  random: SeededRandom,
  chances: HttpFaultChances,
): HttpFault | undefined {
  let left = random.next();
  for (const fault of HTTP_FAULTS) {
    const chance = chances[fault] ?? 0;
    if (left < chance) return fault;
    left -= chance;
  }
  return undefined;
}

/** Whether the request is not carried out. */
export function isWithoutEffect(fault: HttpFault | undefined): boolean {
  return fault === "slowDown" || fault === "error" || fault === "conflict" ||
    fault === "expired" || fault === "denied" || fault === "reset";
}
