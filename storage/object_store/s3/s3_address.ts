/**
 * Addresses of databases in buckets: `s3://bucket/prefix`.
 *
 * The prefix may be empty and may end with a slash; an object's key is the
 * prefix, a slash, and the object's path. A bucket that the address leaves out
 * (`s3:///prefix`) comes from the options.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import { OBJECT_PATH_LENGTH_MAX, validatePath } from "../object_path.ts";

/** Where in which bucket. */
export interface S3Address {
  /** The bucket's name. */
  readonly bucket: string;
  /** What keys begin with: empty, or ends with a slash. */
  readonly keyPrefix: string;
}

/** Longest key that buckets take, in bytes. */
const KEY_LENGTH_MAX = 1024;

const ADDRESS = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Takes an address apart.
 *
 * @throws {KriyaError} `invalid`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseS3Address } from "./s3_address.ts";
 *
 * assertEquals(parseS3Address("s3://words/en/"), {
 *   bucket: "words",
 *   keyPrefix: "en/",
 * });
 * ```
 */
export function parseS3Address(
  address: string,
  otherBucket?: string,
): S3Address {
  // What stands before an "@" may be a password: the address is not shown.
  if (address.includes("@")) {
    throw new KriyaError("invalid", "Not an address of a bucket", {
      hint: "Keys go into credentials, not into the address",
    });
  }
  const match = ADDRESS.exec(address);
  if (match === null) throw notAddress(address);
  const bucket = match[1] || otherBucket;
  if (bucket === undefined || !BUCKET.test(bucket)) throw notAddress(address);
  const prefix = (match[2] ?? "").replace(/(?<=.)\/$/, "");
  if (prefix === "") return { bucket, keyPrefix: "" };
  validatePath(prefix);
  if (prefix.length + 1 + OBJECT_PATH_LENGTH_MAX > KEY_LENGTH_MAX) {
    throw notAddress(address);
  }
  return { bucket, keyPrefix: `${prefix}/` };
}

/** The address as text. */
export function formatS3Address({ bucket, keyPrefix }: S3Address): string {
  return `s3://${bucket}/${keyPrefix}`.replace(/\/$/, "");
}

function notAddress(address: string): KriyaError {
  return new KriyaError(
    "invalid",
    `Not an address of a bucket: ${JSON.stringify(address.slice(0, 200))}`,
    {
      hint:
        'For example "s3://bucket/prefix"; a bucket has 3 to 63 of a-z, 0-9, "." and "-"',
    },
  );
}
