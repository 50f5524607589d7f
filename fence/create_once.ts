/**
 * Creating an object exactly once, with an answer that can be trusted.
 *
 * A conditional PUT whose reply is lost leaves its outcome unknown: it may have
 * taken effect, may take effect later, or never. So whatever comes back that is
 * not a plain success, the path is read: our bytes there mean success, somebody
 * else's mean that we lost, and nothing there means to try again with the same
 * path and the same bytes. Because the bytes never change and the condition is
 * "absent", a late effect of an earlier attempt is the same success.
 *
 * REQUIRES: the bytes hold something that no other writer would write at the
 * path (a writer's id).
 *
 * @module
 */
import { equalBytes } from "../base/bytes.ts";
import { delay, type Environment } from "../base/environment.ts";
import { KriyaError } from "../base/errors.ts";
import {
  ABSENT,
  type ObjectStore,
} from "../storage/object_store/object_store.ts";

/** What became of the creation. */
export type CreateOutcome =
  /** The object is there, with our bytes. */
  | { readonly kind: "created" }
  /** Somebody else's object is there. */
  | { readonly kind: "taken"; readonly bytes: Uint8Array };

/** How long {@linkcode createOnce} keeps trying. */
export interface CreateOnceOptions {
  /** Clock and chance for the waits between attempts. */
  readonly environment: Environment;
  /** Attempts before it gives up (default 8). */
  readonly attemptsMax?: number | undefined;
  /** The first wait, in ms; each is twice the one before (default 25). */
  readonly backoffMs?: number | undefined;
  /** The longest wait, in ms (default 2000). */
  readonly backoffMsMax?: number | undefined;
  /**
   * Is told of every attempt after which the outcome is unknown, or the object
   * is not there; false ends the attempts (default: all are made).
   */
  readonly onFailure?: ((error: KriyaError) => boolean) | undefined;
}

/**
 * Creates the object at `path` unless there is one.
 *
 * @throws {KriyaError} `unavailable` with SQLSTATE `08007` when the outcome is
 * still unknown after the last attempt: the object may exist, or come to
 * exist, and only the same call with the same bytes may follow.
 */
export async function createOnce(
  store: ObjectStore,
  path: string,
  bytes: Uint8Array,
  options: CreateOnceOptions,
): Promise<CreateOutcome> {
  const attemptsMax = options.attemptsMax ?? 8;
  let cause: unknown;
  let attempt = 1;
  for (;; attempt++) {
    try {
      const result = await store.put(path, bytes, ABSENT);
      if (result.kind === "stored") return { kind: "created" };
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      cause = error;
    }
    try {
      const found = await store.get(path);
      if (found !== undefined) {
        return equalBytes(found.bytes, bytes)
          ? { kind: "created" }
          : { kind: "taken", bytes: found.bytes };
      }
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      cause = error;
    }
    const goesOn = options.onFailure?.(cause as KriyaError) ?? true;
    if (!goesOn || attempt >= attemptsMax) break;
    await delay(options.environment, waitMs(attempt, options));
  }
  const { message, hint } = cause as KriyaError;
  throw new KriyaError(
    "unavailable",
    `Cannot create "${path}" in ${store.address}: outcome unknown after ${
      attempt === 1 ? "an attempt" : `${attempt} attempts`
    }`,
    {
      code: "08007",
      cause,
      detail: `The last answer was: ${message}`,
      hint: hint ??
        "The write may have taken effect; it is settled when the store answers again",
    },
  );
}

function isUnavailable(error: unknown): boolean {
  return error instanceof KriyaError && error.kind === "unavailable";
}

/** Exponential, with jitter over its upper half. */
function waitMs(attempt: number, options: CreateOnceOptions): number {
  const longest = Math.min(
    options.backoffMsMax ?? 2000,
    (options.backoffMs ?? 25) * 2 ** (attempt - 1),
  );
  return longest * (0.5 + options.environment.random() / 2);
}
