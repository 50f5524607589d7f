/**
 * The store in a bucket of S3, or of a server that speaks its protocol.
 *
 * | call | request |
 * | --- | --- |
 * | `get` | GET, with `Range` |
 * | `head` | HEAD |
 * | `put` | PUT with `If-None-Match: *` or `If-Match`; above 16 MiB an upload in parts |
 * | `delete` | DELETE |
 * | `list` | LIST (version 2) with `start-after` |
 *
 * Invariants:
 * 1. Conditions are the bucket's own, never a read before a write. The bucket
 *    is shown to keep them before the first write (`conditional_probe.ts`); a
 *    store that only reads writes nothing.
 * 2. A `put` is sent once. What is not a plain answer is `unavailable`.
 * 3. Tags are kept as given, quotes and all. Dates are whole seconds: those of
 *    listings, which are finer in some buckets, are cut.
 * 4. An answer is checked before it is believed: its range is the one asked
 *    for, it has all its bytes, a tag and a date; listings are listings and
 *    ascend; that nothing is there is said in the bucket's own words.
 * 5. Keys below the prefix that are no paths of ours are not seen.
 *
 * @module
 */
import type {
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { KriyaError } from "../../../base/errors.ts";
import {
  OBJECT_PATH_LENGTH_MAX,
  PIN_PREFIX,
  validatePath,
} from "../object_path.ts";
import type { ExtraRequests } from "../metered_store.ts";
import type {
  ByteRange,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectMeta,
  ObjectStore,
  PutCondition,
  PutResult,
  RequestOptions,
} from "../object_store.ts";
import {
  checkRange,
  checkSignal,
  closedError,
  listRequest,
  resolveRange,
} from "../request.ts";
import { PROBE_NAME, probeConditions } from "./conditional_probe.ts";
import { formatS3Address, parseS3Address } from "./s3_address.ts";
import type { S3Address } from "./s3_address.ts";
import { S3Connection } from "./s3_connection.ts";
import {
  isMissing,
  isMissingHead,
  isPastEnd,
  isPrecondition,
  WrongAnswer,
} from "./s3_errors.ts";
import { conditionHeader, putInParts } from "./s3_multipart.ts";
import { s3Config, type S3Options } from "./s3_options.ts";

const MIB = 1024 * 1024;

/**
 * A store in a bucket.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { S3Server } from "../../../testing/s3_server/s3_server.ts";
 * import { S3Store } from "./s3_store.ts";
 *
 * await using server = await S3Server.start({ buckets: ["words"] });
 * const { endpoint, credentials } = server;
 * const store = await S3Store.open("s3://words/en", { endpoint, credentials });
 * await store.put("a/b", new Uint8Array([1, 2, 3]), { kind: "absent" });
 * const body = await store.get("a/b", { range: { suffix: 1 } });
 * assertEquals(body?.bytes, new Uint8Array([3]));
 * await store.close();
 * ```
 */
export class S3Store implements ObjectStore {
  readonly address: string;
  readonly #place: S3Address;
  readonly #connection: S3Connection;
  /** What was sent besides what it was asked. */
  readonly extra: ExtraRequests;
  #proof: Promise<void> | undefined;
  #partsProof: Promise<boolean> | undefined;
  #closed = false;

  private constructor(place: S3Address, connection: S3Connection) {
    this.address = connection.address;
    this.#place = place;
    this.#connection = connection;
    this.extra = connection.extra;
  }

  /**
   * Makes a store of the address `s3://bucket/prefix`. The bucket is not asked
   * before the first call.
   *
   * @throws {KriyaError} `invalid` for an address or options that are none.
   */
  static async open(
    address: string,
    options: S3Options = {},
  ): Promise<S3Store> {
    const place = parseS3Address(address, options.bucket);
    const config = s3Config(place.bucket, options);
    const connection = await S3Connection.open(config, formatS3Address(place));
    return new S3Store(place, connection);
  }

  /** The server that is asked; `undefined` for AWS's own. */
  get endpoint(): string | undefined {
    return this.#connection.config.endpoint;
  }

  /** The bucket. */
  get bucket(): string {
    return this.#place.bucket;
  }

  /** The region of the bucket. */
  get region(): string {
    return this.#connection.config.region;
  }

  #check(path: string | undefined, options: RequestOptions | undefined): void {
    if (this.#closed) throw closedError(this.address);
    if (path !== undefined) validatePath(path);
    checkSignal(options);
  }

  #target(path: string): { Bucket: string; Key: string } {
    const { bucket, keyPrefix } = this.#place;
    return { Bucket: bucket, Key: keyPrefix + path };
  }

  async get(
    path: string,
    options?: GetOptions,
  ): Promise<ObjectBody | undefined> {
    this.#check(path, options);
    const range = options?.range;
    checkRange(path, range);
    const { sdk } = this.#connection;
    const found = await this.#connection.run({
      action: "read",
      path,
      bytes: range === undefined ? 16 * MIB : bytesOf(range),
      signal: options?.signal,
      repeatable: true,
      send: async (client, abort) => {
        const command = new sdk.GetObjectCommand({
          ...this.#target(path),
          ...range !== undefined && { Range: rangeHeader(range) },
        });
        try {
          return await bodyOf(path, range, await client.send(command, abort));
        } catch (error) {
          if (isMissing(error)) return undefined;
          if (isPastEnd(error)) return "past end";
          throw error;
        }
      },
    });
    return found === "past end" ? await this.#pastEnd(path, options) : found;
  }

  /** Nothing at the end of an object: an error, or all of an empty one. */
  async #pastEnd(
    path: string,
    options: GetOptions | undefined,
  ): Promise<ObjectBody | undefined> {
    const meta = await this.head(path, { signal: options?.signal });
    if (meta === undefined) return undefined;
    const { start, end } = resolveRange(path, meta.size, options?.range);
    if (start === end) return { ...meta, bytes: new Uint8Array(0) };
    throw new KriyaError(
      "unavailable",
      `Cannot read "${path}" in ${this.address}: it changed while it was read`,
    );
  }

  async head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    this.#check(path, options);
    const { sdk } = this.#connection;
    return await this.#connection.run({
      action: "look at",
      path,
      signal: options?.signal,
      repeatable: true,
      send: async (client, abort) => {
        const command = new sdk.HeadObjectCommand(this.#target(path));
        try {
          const output = await client.send(command, abort);
          return metaOf(path, output.ContentLength, output);
        } catch (error) {
          if (isMissingHead(error)) return undefined;
          throw error;
        }
      },
    });
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    this.#check(path, options);
    // A reader's pin is comfort, whatever the bucket makes of its condition.
    if (!path.startsWith(PIN_PREFIX)) await this.#prove();
    this.#check(path, options);
    const signal = options?.signal;
    const large = bytes.length > this.#connection.config.multipartBytesMin;
    if (!large || !await this.#proveParts()) {
      return await this.#putWhole(path, bytes, condition, signal);
    }
    const { Bucket: bucket, Key: key } = this.#target(path);
    const upload = { bucket, key, path, bytes, condition, signal };
    return await putInParts(this.#connection, upload);
  }

  async #putWhole(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    signal?: AbortSignal,
  ): Promise<PutResult> {
    const { sdk } = this.#connection;
    return await this.#connection.run<PutResult>({
      action: "write",
      path,
      bytes: bytes.length,
      signal,
      send: async (client, abort) => {
        const command = new sdk.PutObjectCommand({
          ...this.#target(path),
          Body: bytes,
          ContentLength: bytes.length,
          ...conditionHeader(condition),
        });
        try {
          const { ETag } = await client.send(command, abort);
          if (!ETag) throw new WrongAnswer("an object without tag");
          return { kind: "stored", etag: ETag };
        } catch (error) {
          // Of an object that is not there, buckets say 404 rather than 412.
          const gone = condition.kind === "match" && isMissing(error);
          if (isPrecondition(error) || gone) return { kind: "precondition" };
          throw error;
        }
      },
    });
  }

  /**
   * Begins to prove the bucket now, beside what else is asked of it, rather
   * than before the first write; that waits for it, and fails if it failed.
   */
  expectWrites(): void {
    this.#prove().catch(() => {});
  }

  /** Settles once the bucket was seen to keep conditions; tried again if not. */
  #prove(): Promise<void> {
    this.#proof ??= probeConditions(
      this.#connection,
      (condition) => this.#putWhole(PROBE_NAME, new Uint8Array(1), condition),
    ).catch((error) => {
      this.#proof = undefined;
      throw error;
    });
    return this.#proof;
  }

  /** Whether uploads in parts keep conditions too; `#prove` comes first. */
  #proveParts(): Promise<boolean> {
    const { bucket, keyPrefix } = this.#place;
    this.#partsProof ??= putInParts(this.#connection, {
      bucket,
      key: keyPrefix + PROBE_NAME,
      path: PROBE_NAME,
      bytes: new Uint8Array(1),
      condition: { kind: "absent" },
      signal: undefined,
    }).then(
      ({ kind }) => kind === "precondition",
      (error) => {
        if (error instanceof KriyaError && error.kind === "invalid") {
          return false;
        }
        this.#partsProof = undefined;
        throw error;
      },
    );
    return this.#partsProof;
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    this.#check(path, options);
    const { sdk } = this.#connection;
    await this.#connection.run({
      action: "delete",
      path,
      signal: options?.signal,
      repeatable: true,
      send: async (client, abort) => {
        const command = new sdk.DeleteObjectCommand(this.#target(path));
        try {
          await client.send(command, abort);
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      },
    });
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    this.#check(undefined, options);
    const { startAfter, limit } = listRequest(prefix, options);
    const { keyPrefix } = this.#place;
    let after = startAfter === "" ? undefined : keyPrefix + startAfter;
    for (;;) {
      const page = await this.#listPage(prefix, after, limit, options?.signal);
      const objects = page.objects.filter(({ path }) => isPath(path));
      const last = page.objects.at(-1);
      if (objects.length > 0 || !page.truncated || last === undefined) {
        return { objects, truncated: page.truncated };
      }
      // A page of keys that are not ours: each moves on by one key at least.
      after = keyPrefix + last.path;
    }
  }

  async #listPage(
    prefix: string,
    after: string | undefined,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<ListPage> {
    const { sdk } = this.#connection;
    const { bucket, keyPrefix } = this.#place;
    return await this.#connection.run({
      action: "list",
      path: prefix,
      signal,
      repeatable: true,
      async send(client, abort): Promise<ListPage> {
        const output = await client.send(
          new sdk.ListObjectsV2Command({
            Bucket: bucket,
            Prefix: keyPrefix + prefix,
            MaxKeys: limit,
            ...after !== undefined && { StartAfter: after },
          }),
          abort,
        );
        const objects: ObjectMeta[] = [];
        let last = after ?? "";
        for (const entry of output.Contents ?? []) {
          const { Key: key = "", Size } = entry;
          if (!key.startsWith(keyPrefix + prefix) || key <= last) {
            throw new WrongAnswer("a listing that is not in order");
          }
          last = key;
          objects.push(metaOf(key.slice(keyPrefix.length), Size, entry));
        }
        const truncated = output.IsTruncated;
        if (truncated === undefined) throw new WrongAnswer("no listing");
        if (objects.length > limit || (truncated && objects.length === 0)) {
          throw new WrongAnswer("a page of the wrong size");
        }
        return { objects, truncated };
      },
    });
  }

  close(): Promise<void> {
    if (!this.#closed) this.#connection.close();
    this.#closed = true;
    return Promise.resolve();
  }
}

function isPath(path: string): boolean {
  if (path.length > OBJECT_PATH_LENGTH_MAX) return false;
  try {
    validatePath(path);
    return true;
  } catch {
    return false;
  }
}

function bytesOf(range: ByteRange): number {
  const bytes = "suffix" in range ? range.suffix : range.length;
  return Math.min(bytes, 1024 * MIB);
}

function rangeHeader(range: ByteRange): string {
  if ("suffix" in range) return `bytes=-${range.suffix}`;
  const last = range.offset + range.length - 1;
  return `bytes=${range.offset}-${Number.isSafeInteger(last) ? last : ""}`;
}

interface Described {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

function metaOf(
  path: string,
  size: number | undefined,
  { ETag, LastModified }: Described,
): ObjectMeta {
  const ms = LastModified?.getTime() ?? Number.NaN;
  const good = size !== undefined && Number.isSafeInteger(size) && size >= 0;
  if (!ETag || !good || Number.isNaN(ms)) {
    throw new WrongAnswer(`"${path}" comes without size, tag or date`);
  }
  const lastModifiedMs = Math.floor(ms / 1000) * 1000;
  return { path, size, etag: ETag, lastModifiedMs };
}

async function bodyOf(
  path: string,
  range: ByteRange | undefined,
  output: GetObjectCommandOutput,
): Promise<ObjectBody> {
  const bytes = await bytesOfBody(output);
  const given = givenRange(output, bytes.length);
  if (bytes.length !== given.end - given.start) {
    throw new WrongAnswer(
      `${bytes.length} bytes came of ${given.end - given.start}`,
    );
  }
  const meta = metaOf(path, given.size, output);
  const wanted = resolveRange(path, given.size, range);
  if (wanted.start === given.start && wanted.end === given.end) {
    return { ...meta, bytes };
  }
  const whole = given.start === 0 && given.end === given.size;
  if (output.ContentRange !== undefined || !whole) {
    throw new WrongAnswer(
      `bytes ${given.start} to ${given.end} came, not ${wanted.start} to ${wanted.end}`,
    );
  }
  // A server that does not know ranges sends everything.
  return { ...meta, bytes: bytes.slice(wanted.start, wanted.end) };
}

async function bytesOfBody({ Body }: GetObjectCommandOutput): Promise<
  Uint8Array
> {
  if (Body === undefined) return new Uint8Array(0);
  // The runtime collects a stream several times faster than the SDK.
  if (Body instanceof ReadableStream) {
    return new Uint8Array(await new Response(Body).arrayBuffer());
  }
  return await Body.transformToByteArray();
}

function givenRange(
  { ContentRange, ContentLength }: HeadObjectCommandOutput,
  length: number,
): { start: number; end: number; size: number } {
  if (ContentRange === undefined) {
    const size = ContentLength ?? length;
    return { start: 0, end: size, size };
  }
  // Of an empty object MinIO gives the bytes "0--1/0".
  const match = /^bytes (\d+)-(-?\d+)\/(\d+)$/.exec(ContentRange);
  if (match === null) throw new WrongAnswer("a range that is none");
  const [start, last, size] = match.slice(1).map(Number) as [
    number,
    number,
    number,
  ];
  return { start, end: last + 1, size };
}
