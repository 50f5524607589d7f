/**
 * Uploads in parts: for objects that one request would carry too slowly.
 *
 * The condition is on the request that completes the upload, so that the object
 * appears whole or not at all. That request is made once: its outcome, when no
 * answer comes, is the caller's to read back. An upload that fails is aborted;
 * what even then stays behind (the process died) the bucket's own rule for
 * incomplete uploads removes.
 *
 * @module
 */
import type { PutCondition, PutResult } from "../object_store.ts";
import type { S3Connection } from "./s3_connection.ts";
import { isMissing, isPrecondition, WrongAnswer } from "./s3_errors.ts";

/** An object to upload. */
export interface S3Upload {
  /** The bucket. */
  readonly bucket: string;
  /** The object's key. */
  readonly key: string;
  /** The object's path, for errors. */
  readonly path: string;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** What must hold when it is completed. */
  readonly condition: PutCondition;
  /** Gives up when aborted. */
  readonly signal: AbortSignal | undefined;
}

/** Most parts that buckets take. */
const PARTS_MAX = 10_000;

/** The header of a condition, as the SDK names it. */
export function conditionHeader(
  condition: PutCondition,
): { IfNoneMatch: "*" } | { IfMatch: string } {
  return condition.kind === "absent"
    ? { IfNoneMatch: "*" }
    : { IfMatch: condition.etag };
}

/**
 * Uploads an object in parts, several at once.
 *
 * @throws {KriyaError} as a store's `put`.
 */
export async function putInParts(
  connection: S3Connection,
  upload: S3Upload,
): Promise<PutResult> {
  const { bucket, key, path, signal } = upload;
  const { sdk } = connection;
  const target = { Bucket: bucket, Key: key };
  const uploadId = await connection.run({
    action: "begin to write",
    path,
    extra: true,
    signal,
    repeatable: true,
    async send(client, abort): Promise<string> {
      const { UploadId } = await client.send(
        new sdk.CreateMultipartUploadCommand(target),
        abort,
      );
      if (!UploadId) throw new WrongAnswer("an upload without id");
      return UploadId;
    },
  });
  try {
    const tags = await uploadParts(connection, upload, uploadId);
    return await complete(connection, upload, uploadId, tags);
  } catch (error) {
    await abort(connection, upload, uploadId);
    throw error;
  }
}

async function uploadParts(
  connection: S3Connection,
  { bucket, key, path, bytes, signal }: S3Upload,
  uploadId: string,
): Promise<string[]> {
  const { sdk, config } = connection;
  const partBytes = Math.max(
    config.partBytes,
    Math.ceil(bytes.length / PARTS_MAX),
  );
  const count = Math.max(1, Math.ceil(bytes.length / partBytes));
  const tags = new Array<string>(count);
  // The first part that fails stops the others.
  const stop = new AbortController();
  const either = signal === undefined
    ? stop.signal
    : AbortSignal.any([signal, stop.signal]);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const part = bytes.subarray(index * partBytes, (index + 1) * partBytes);
      tags[index] = await connection.run({
        action: `write part ${index + 1} of`,
        path,
        extra: true,
        bytes: part.length,
        signal: either,
        repeatable: true,
        async send(client, abort): Promise<string> {
          const { ETag } = await client.send(
            new sdk.UploadPartCommand({
              Bucket: bucket,
              Key: key,
              UploadId: uploadId,
              PartNumber: index + 1,
              Body: part,
            }),
            abort,
          );
          if (!ETag) throw new WrongAnswer("a part without tag");
          return ETag;
        },
      });
    }
  };
  const lanes = Math.min(count, config.partsInFlightMax);
  const first: { error?: unknown } = {};
  await Promise.all(
    Array.from({ length: lanes }, () =>
      lane().catch((error) => {
        if (!stop.signal.aborted) first.error = error;
        stop.abort(error);
      })),
  );
  if (stop.signal.aborted) throw first.error;
  return tags;
}

async function complete(
  connection: S3Connection,
  { bucket, key, path, bytes, condition, signal }: S3Upload,
  uploadId: string,
  tags: readonly string[],
): Promise<PutResult> {
  const { sdk } = connection;
  const result = await connection.run<PutResult>({
    action: "write",
    path,
    bytes: bytes.length,
    signal,
    async send(client, abort): Promise<PutResult> {
      try {
        const { ETag } = await client.send(
          new sdk.CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: {
              Parts: tags.map((tag, i) => ({ ETag: tag, PartNumber: i + 1 })),
            },
            ...conditionHeader(condition),
          }),
          abort,
        );
        if (!ETag) throw new WrongAnswer("an object without tag");
        return { kind: "stored", etag: ETag };
      } catch (error) {
        const gone = condition.kind === "match" && isMissing(error);
        if (isPrecondition(error) || gone) return { kind: "precondition" };
        throw error;
      }
    },
  });
  if (result.kind === "precondition") {
    await abort(connection, { bucket, key, path }, uploadId);
  }
  return result;
}

/** Drops the parts; that it fails changes nothing for the caller. */
async function abort(
  connection: S3Connection,
  { bucket, key, path }: Pick<S3Upload, "bucket" | "key" | "path">,
  uploadId: string,
): Promise<void> {
  const { sdk } = connection;
  await connection.run({
    action: "give up writing",
    path,
    repeatable: true,
    async send(client, signal): Promise<void> {
      await client.send(
        new sdk.AbortMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
        }),
        signal,
      );
    },
  }).catch(() => {});
}
