/**
 * One bucket of the server: objects over the memory store's, with tags as S3
 * makes them, and uploads in parts.
 *
 * A tag is the MD5 of the bytes; of an upload in parts the MD5 of the parts'
 * MD5s, a dash, and how many there were. So the same bytes have the same tag, as
 * in real buckets.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { MemoryBucket } from "../../storage/object_store/memory_store.ts";
import type {
  ObjectBody,
  ObjectMeta,
} from "../../storage/object_store/object_store.ts";
import { S3Refusal } from "./s3_message.ts";

/** A part of an upload. */
interface Part {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Part>;
}

/** A part as the request that completes an upload names it. */
export interface PartName {
  /** Its number, from 1. */
  readonly number: number;
  /** Its tag. */
  readonly etag: string;
}

/** Bytes of a part at least, the last excepted. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

function md5(bytes: Uint8Array): Uint8Array {
  return createHash("md5").update(bytes).digest();
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** The objects and uploads of one bucket. */
export class ServedBucket {
  readonly #objects: MemoryBucket;
  readonly #etags = new WeakMap<ObjectBody, string>();
  readonly #uploads = new Map<string, Upload>();
  #uploadCount = 0;

  /** Serves the objects of a bucket in memory. */
  constructor(objects: MemoryBucket) {
    this.#objects = objects;
  }

  /** How many uploads have begun and not ended. */
  get uploadCount(): number {
    return this.#uploads.size;
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.#objects.objectCount === 0;
  }

  /** Every key, in order. */
  keys(): readonly string[] {
    return this.#objects.paths();
  }

  /** The object at a key. */
  object(key: string): ObjectBody | undefined {
    const object = this.#objects.object(key);
    return object && { ...object, etag: this.#etagOf(object) };
  }

  /** What listings say of an object that is there. */
  meta(key: string): ObjectMeta {
    return this.object(key)!;
  }

  /** Tags are made when they are asked for: others may write the bucket too. */
  #etagOf(object: ObjectBody): string {
    let etag = this.#etags.get(object);
    if (etag === undefined) {
      etag = `"${hex(md5(object.bytes))}"`;
      this.#etags.set(object, etag);
    }
    return etag;
  }

  /** Puts an object, whatever is there; returns its tag. */
  put(key: string, bytes: Uint8Array, nowMs: number, etag?: string): string {
    const object = this.#objects.set(key, bytes, nowMs);
    if (etag !== undefined) this.#etags.set(object, etag);
    return this.#etagOf(object);
  }

  /** Removes an object, if there is one. */
  remove(key: string): void {
    this.#objects.remove(key);
  }

  /** Begins an upload; returns its id. */
  begin(key: string): string {
    const id = `upload-${++this.#uploadCount}`;
    this.#uploads.set(id, { key, parts: new Map() });
    return id;
  }

  #upload(key: string, id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.key !== key) {
      throw new S3Refusal(
        404,
        "NoSuchUpload",
        "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
      );
    }
    return upload;
  }

  /** Keeps a part, in place of one with its number; returns its tag. */
  putPart(key: string, id: string, number: number, bytes: Uint8Array): string {
    const upload = this.#upload(key, id);
    if (!Number.isInteger(number) || number < 1 || number > 10_000) {
      throw new S3Refusal(
        400,
        "InvalidArgument",
        "Part number must be an integer between 1 and 10000, inclusive",
      );
    }
    const etag = `"${hex(md5(bytes))}"`;
    upload.parts.set(number, { bytes: bytes.slice(), etag });
    return etag;
  }

  /** Whether there is such an upload. */
  checkUpload(key: string, id: string): void {
    this.#upload(key, id);
  }

  /** Makes the object of the parts; returns its tag. */
  complete(
    key: string,
    id: string,
    names: readonly PartName[],
    nowMs: number,
  ): string {
    const { parts } = this.#upload(key, id);
    if (names.length === 0) {
      throw new S3Refusal(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema.",
      );
    }
    const chosen = names.map(({ number, etag }) => {
      const part = parts.get(number);
      if (part === undefined || bare(part.etag) !== bare(etag)) {
        throw new S3Refusal(
          400,
          "InvalidPart",
          "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        );
      }
      return part;
    });
    if (
      names.some(({ number }, i) => i > 0 && number <= names[i - 1]!.number)
    ) {
      throw new S3Refusal(
        400,
        "InvalidPartOrder",
        "The list of parts was not in ascending order.",
      );
    }
    for (const { bytes } of chosen.slice(0, -1)) {
      if (bytes.length < PART_BYTES_MIN) {
        throw new S3Refusal(
          400,
          "EntityTooSmall",
          "Your proposed upload is smaller than the minimum allowed object size.",
        );
      }
    }
    const digest = md5(joined(chosen.map(({ bytes }) => md5(bytes))));
    this.#uploads.delete(id);
    return this.put(
      key,
      joined(chosen.map(({ bytes }) => bytes)),
      nowMs,
      `"${hex(digest)}-${chosen.length}"`,
    );
  }

  /** Drops an upload and its parts, if it is there. */
  abort(key: string, id: string): void {
    if (this.#uploads.get(id)?.key === key) this.#uploads.delete(id);
  }
}

function bare(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
