/**
 * Listings, version 2: pages in byte order with prefix, delimiter, start-after
 * and continuation.
 *
 * A continuation is the last key of the page before, or the last common prefix,
 * in base64; whoever uses it must not rely on that.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { element, S3Refusal, type S3Reply, xmlReply } from "./s3_message.ts";
import type { ServedBucket } from "./served_bucket.ts";

const KEYS_MAX = 1000;

/** The highest character there is: after every key that goes on. */
const AFTER_ALL = "\u{10ffff}";

interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  /** Keys after this only; a common prefix stands for all its keys. */
  readonly after: string;
  readonly limit: number;
}

/**
 * Answers a listing.
 *
 * @throws {S3Refusal} `InvalidArgument`.
 */
export function listBucket(
  name: string,
  bucket: ServedBucket,
  query: URLSearchParams,
): S3Reply {
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const encoded = query.get("encoding-type") === "url";
  const listing: Listing = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    after: token === null ? startAfter : keyOfToken(token),
    limit: limitOf(query.get("max-keys")),
  };
  const { keys, prefixes, last } = page(bucket.keys(), listing);
  const shown = (text: string): string =>
    encoded ? encodeURIComponent(text).replaceAll("%2F", "/") : text;
  const contents = keys.map((key) => {
    const { size, etag, lastModifiedMs } = bucket.meta(key);
    return "<Contents>" + element("Key", shown(key)) +
      element("LastModified", new Date(lastModifiedMs).toISOString()) +
      element("ETag", etag) + element("Size", size) +
      element("StorageClass", "STANDARD") + "</Contents>";
  });
  const common = prefixes.map((prefix) =>
    `<CommonPrefixes>${element("Prefix", shown(prefix))}</CommonPrefixes>`
  );
  return xmlReply(
    200,
    "ListBucketResult",
    [
      element("Name", name),
      element("Prefix", shown(listing.prefix)),
      listing.delimiter && element("Delimiter", shown(listing.delimiter)),
      startAfter && element("StartAfter", shown(startAfter)),
      token === null ? "" : element("ContinuationToken", token),
      last === undefined
        ? ""
        : element("NextContinuationToken", tokenOfKey(last)),
      encoded ? element("EncodingType", "url") : "",
      element("KeyCount", keys.length + prefixes.length),
      element("MaxKeys", listing.limit),
      element("IsTruncated", String(last !== undefined)),
      ...contents,
      ...common,
    ].join(""),
  );
}

function page(all: readonly string[], listing: Listing): {
  keys: string[];
  prefixes: string[];
  last: string | undefined;
} {
  const { prefix, delimiter, after, limit } = listing;
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const key of all) {
    if (!key.startsWith(prefix) || key <= after) continue;
    if (prefixes.length > 0 && key.startsWith(prefixes.at(-1)!)) continue;
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const common = key.slice(0, at + delimiter.length);
    if (at >= 0 && after.startsWith(common) && after.endsWith(AFTER_ALL)) {
      continue;
    }
    if (limit === 0) break;
    if (keys.length + prefixes.length === limit) {
      return { keys, prefixes, last };
    }
    if (at < 0) keys.push(last = key);
    else {
      prefixes.push(common);
      last = common + AFTER_ALL;
    }
  }
  return { keys, prefixes, last: undefined };
}

function limitOf(text: string | null): number {
  const limit = text === null ? KEYS_MAX : Number(text);
  if (Number.isInteger(limit) && limit >= 0) return Math.min(limit, KEYS_MAX);
  throw new S3Refusal(
    400,
    "InvalidArgument",
    "Argument maxKeys must be an integer between 0 and 2147483647",
  );
}

function tokenOfKey(key: string): string {
  return Buffer.from(key, "utf8").toString("base64");
}

function keyOfToken(token: string): string {
  const key = Buffer.from(token, "base64").toString("utf8");
  if (key !== "") return key;
  throw new S3Refusal(
    400,
    "InvalidArgument",
    "The continuation token provided is incorrect",
  );
}
