/**
 * Whether a bucket keeps the conditions of writes: tried, not looked up.
 *
 * Buckets that do not know `If-None-Match` take the header and overwrite, and
 * then two writers destroy each other's log. So before a store's first write an
 * object beside the database's own is created, if it is not there, and then
 * must refuse to be created and to be replaced under another tag. In a bucket
 * that was used before this costs two requests at once, in a new one three.
 * Nothing that the object holds matters.
 *
 * The end of a multipart upload is tried for itself, before the first object
 * that needs one; where its condition is not kept, objects go up whole.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import { ABSENT, type PutCondition, type PutResult } from "../object_store.ts";
import type { S3Connection } from "./s3_connection.ts";
import { delay } from "../../../base/environment.ts";

/**
 * What stands at this key proves the bucket. No path of ours has a "!", and all
 * sort after it, so it is never the last key of a listing.
 */
export const PROBE_NAME: string = "!probe";

/** Puts a few bytes at the probe's key. */
export type PutProbe = (condition: PutCondition) => Promise<PutResult>;

/** The tag of nothing: in the form of a tag by content. */
const OTHER_TAG: PutCondition = {
  kind: "match",
  etag: '"00000000000000000000000000000000"',
};

/**
 * Refuses a bucket that does not keep conditions.
 *
 * @throws {KriyaError} `invalid` when it does not; `unavailable` when it does
 * not answer; whatever else `put` throws.
 */
export async function probeConditions(
  connection: S3Connection,
  put: PutProbe,
): Promise<void> {
  const again = async (condition: PutCondition): Promise<PutResult> =>
    await insist(connection, () => put(condition));
  const [first, other] = await Promise.all([again(ABSENT), again(OTHER_TAG)]);
  if (other.kind === "stored") throw refusal(connection, "If-Match");
  if (first.kind === "precondition") return;
  const second = await again(ABSENT);
  if (second.kind === "stored") throw refusal(connection, "If-None-Match: *");
  // The first of a new bucket: the tag had no object to differ from.
  const late = await again(OTHER_TAG);
  if (late.kind === "stored") throw refusal(connection, "If-Match");
}

/** Probes may be repeated: which of them stored it does not matter. */
async function insist(
  connection: S3Connection,
  put: () => Promise<PutResult>,
): Promise<PutResult> {
  const { attemptsMax, environment } = connection.config;
  for (let attempt = 1;; attempt++) {
    try {
      return await put();
    } catch (error) {
      const passing = error instanceof KriyaError &&
        error.kind === "unavailable";
      if (!passing || attempt >= attemptsMax) throw error;
    }
    await delay(environment, connection.waitMs(attempt));
  }
}

function refusal(connection: S3Connection, what: string): KriyaError {
  return new KriyaError(
    "invalid",
    `Cannot write in ${connection.address}: the bucket ignores "${what}"`,
    {
      detail:
        "Without conditional writes two writers overwrite each other's commits unnoticed",
      hint:
        "Use a bucket with conditional writes: AWS S3, R2, Tigris, MinIO from 2024 on; reading works all the same with { readOnly: true }",
    },
  );
}
