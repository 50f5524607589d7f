/**
 * The operations of the server: what a request that was let in does, and what
 * it is answered.
 *
 * | request | operation |
 * | --- | --- |
 * | `PUT`, `HEAD`, `DELETE /bucket` | make, look at, remove a bucket |
 * | `GET /bucket?list-type=2` | a page of a listing |
 * | `POST /bucket?delete` | delete several objects |
 * | `GET`, `HEAD`, `PUT`, `DELETE /bucket/key` | an object; ranges and conditions |
 * | `POST /bucket/key?uploads` | begin an upload in parts |
 * | `PUT /bucket/key?partNumber&uploadId` | a part |
 * | `POST`, `DELETE /bucket/key?uploadId` | complete it, abort it |
 *
 * An operation takes effect in the turn in which it is made, as one step.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ObjectBody } from "../../storage/object_store/object_store.ts";
import { listBucket } from "./s3_listing.ts";
import {
  element,
  elements,
  emptyReply,
  type S3Call,
  S3Refusal,
  type S3Reply,
  unescapeXml,
  xmlReply,
} from "./s3_message.ts";
import { type PartName, ServedBucket } from "./served_bucket.ts";
import { MemoryBucket } from "../../storage/object_store/memory_store.ts";

/** What the operations work on. */
export interface ServedBuckets {
  /** The buckets by name. */
  readonly buckets: Map<string, ServedBucket>;
  /**
   * Whether conditions of writes are kept; a server may not know them, or not
   * know those of uploads in parts (`whole`).
   */
  readonly conditionalWrites: boolean | "whole";
  /** The server's date. */
  readonly nowMs: number;
}

/**
 * Does what a request asks.
 *
 * @throws {S3Refusal} when it may not be done.
 */
export function operate(served: ServedBuckets, call: S3Call): S3Reply {
  if (call.bucket === "") throw notImplemented();
  if (call.key === "") return operateOnBucket(served, call);
  const bucket = bucketOf(served, call);
  const { method, query } = call;
  if (call.headers.has("x-amz-copy-source")) throw notImplemented();
  const upload = query.get("uploadId");
  switch (method) {
    case "GET":
    case "HEAD":
      if (upload !== null) throw notImplemented();
      return getObject(bucket, call);
    case "PUT":
      checkDigest(call);
      return upload === null
        ? putObject(served, bucket, call)
        : putPart(bucket, call, upload);
    case "DELETE":
      if (upload === null) bucket.remove(call.key);
      else bucket.abort(call.key, upload);
      return emptyReply(204);
    case "POST":
      if (query.has("uploads")) return beginUpload(bucket, call);
      if (upload !== null) return complete(served, bucket, call, upload);
  }
  throw new S3Refusal(
    405,
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
  );
}

function notImplemented(): S3Refusal {
  return new S3Refusal(
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
  );
}

function bucketOf(served: ServedBuckets, call: S3Call): ServedBucket {
  const bucket = served.buckets.get(call.bucket);
  if (bucket !== undefined) return bucket;
  throw new S3Refusal(
    404,
    "NoSuchBucket",
    "The specified bucket does not exist",
  );
}

function operateOnBucket(served: ServedBuckets, call: S3Call): S3Reply {
  const { method, bucket: name, query } = call;
  if (method === "PUT") {
    if (served.buckets.has(name)) {
      throw new S3Refusal(
        409,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
      );
    }
    served.buckets.set(name, new ServedBucket(new MemoryBucket()));
    return emptyReply(200, { location: `/${name}` });
  }
  const bucket = bucketOf(served, call);
  if (method === "HEAD") return emptyReply(200);
  if (method === "DELETE") {
    if (!bucket.isEmpty) {
      throw new S3Refusal(
        409,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty",
      );
    }
    served.buckets.delete(name);
    return emptyReply(204);
  }
  if (method === "POST" && query.has("delete")) return deleteAll(bucket, call);
  if (method !== "GET" || query.get("list-type") !== "2") {
    throw notImplemented();
  }
  return listBucket(name, bucket, query);
}

function deleteAll(bucket: ServedBucket, call: S3Call): S3Reply {
  const xml = new TextDecoder().decode(call.body);
  const keys = elements(xml, "Key").map(unescapeXml);
  for (const key of keys) bucket.remove(key);
  const quiet = elements(xml, "Quiet")[0] === "true";
  const deleted = keys.map((key) =>
    `<Deleted>${element("Key", key)}</Deleted>`
  );
  return xmlReply(200, "DeleteResult", quiet ? "" : deleted.join(""));
}

function getObject(bucket: ServedBucket, call: S3Call): S3Reply {
  const object = bucket.object(call.key);
  if (object === undefined) {
    throw new S3Refusal(404, "NoSuchKey", "The specified key does not exist.");
  }
  const ifMatch = call.headers.get("if-match");
  if (ifMatch !== undefined && !tagsMatch(ifMatch, object)) {
    throw precondition();
  }
  const headers = {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    etag: object.etag,
    "last-modified": new Date(object.lastModifiedMs).toUTCString(),
  };
  const ifNoneMatch = call.headers.get("if-none-match");
  if (ifNoneMatch !== undefined && tagsMatch(ifNoneMatch, object)) {
    return emptyReply(304, headers);
  }
  const range = call.headers.get("range");
  const span = range === undefined ? undefined : spanOf(range, object.size);
  if (span === undefined) {
    return { status: 200, headers, body: object.bytes };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      "content-range": `bytes ${span.start}-${span.end - 1}/${object.size}`,
    },
    body: object.bytes.subarray(span.start, span.end),
  };
}

/** The bytes of a range; `undefined` for a header that says none. */
function spanOf(
  header: string,
  size: number,
): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const suffix = Number(last);
    if (suffix === 0) throw invalidRange(size);
    return { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) throw invalidRange(size);
  return { start, end };
}

function invalidRange(size: number): S3Refusal {
  return new S3Refusal(
    416,
    "InvalidRange",
    "The requested range is not satisfiable",
    { "content-range": `bytes */${size}` },
  );
}

function tagsMatch(header: string, object: ObjectBody): boolean {
  if (header.trim() === "*") return true;
  const bare = (tag: string): string => tag.trim().replace(/^"|"$/g, "");
  return header.split(",").some((tag) => bare(tag) === bare(object.etag));
}

function precondition(): S3Refusal {
  return new S3Refusal(
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
  );
}

/** Refuses a write whose condition does not hold. */
function checkCondition(
  served: ServedBuckets,
  bucket: ServedBucket,
  call: S3Call,
): void {
  if (!served.conditionalWrites) return;
  const object = bucket.object(call.key);
  const ifNoneMatch = call.headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (object !== undefined && tagsMatch(ifNoneMatch, object)) {
      throw precondition();
    }
  }
  const ifMatch = call.headers.get("if-match");
  if (ifMatch === undefined) return;
  if (object === undefined) {
    throw new S3Refusal(404, "NoSuchKey", "The specified key does not exist.");
  }
  if (!tagsMatch(ifMatch, object)) throw precondition();
}

function checkDigest(call: S3Call): void {
  const given = call.headers.get("content-md5");
  if (given === undefined) return;
  const digest = createHash("md5").update(call.body).digest("base64");
  if (digest === given) return;
  throw new S3Refusal(
    400,
    "BadDigest",
    "The Content-Md5 you specified did not match what we received.",
  );
}

function putObject(
  served: ServedBuckets,
  bucket: ServedBucket,
  call: S3Call,
): S3Reply {
  checkCondition(served, bucket, call);
  const etag = bucket.put(call.key, call.body, served.nowMs);
  return emptyReply(200, { etag });
}

function putPart(bucket: ServedBucket, call: S3Call, id: string): S3Reply {
  const number = Number(call.query.get("partNumber") ?? "NaN");
  return emptyReply(200, {
    etag: bucket.putPart(call.key, id, number, call.body),
  });
}

function beginUpload(bucket: ServedBucket, call: S3Call): S3Reply {
  const id = bucket.begin(call.key);
  return xmlReply(
    200,
    "InitiateMultipartUploadResult",
    element("Bucket", call.bucket) + element("Key", call.key) +
      element("UploadId", id),
  );
}

function complete(
  served: ServedBuckets,
  bucket: ServedBucket,
  call: S3Call,
  id: string,
): S3Reply {
  bucket.checkUpload(call.key, id);
  if (served.conditionalWrites === true) checkCondition(served, bucket, call);
  const xml = new TextDecoder().decode(call.body);
  const names = elements(xml, "Part").map((part): PartName => ({
    number: Number(elements(part, "PartNumber")[0]),
    etag: unescapeXml(elements(part, "ETag")[0] ?? ""),
  }));
  const etag = bucket.complete(call.key, id, names, served.nowMs);
  return xmlReply(
    200,
    "CompleteMultipartUploadResult",
    element("Location", call.rawPath) + element("Bucket", call.bucket) +
      element("Key", call.key) + element("ETag", etag),
  );
}
