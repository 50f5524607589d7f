/**
 * The store in a bucket that misbehaves: what each fault of HTTP becomes, what
 * is tried again and what is not.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ErrorKind, KriyaError } from "../../base/errors.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import {
  ABSENT,
  type PutResult,
} from "../../storage/object_store/object_store.ts";
import { S3Store } from "../../storage/object_store/s3/s3_store.ts";
import type { S3Options } from "../../storage/object_store/s3/s3_options.ts";
import type { HttpFault } from "../../testing/s3_server/http_fault.ts";
import {
  type HttpEvent,
  S3Server,
  type S3ServerOptions,
} from "../../testing/s3_server/s3_server.ts";
import { patternBytes, text } from "../conformance/object_store_support.ts";

const MIB = 1024 * 1024;

/** A store on a server of its own, and what was asked of it. */
class Bucket implements AsyncDisposable {
  private constructor(
    readonly server: S3Server,
    readonly store: S3Store,
    readonly events: HttpEvent[],
  ) {}

  static async open(
    options: S3Options = {},
    serverOptions: S3ServerOptions = {},
  ): Promise<Bucket> {
    const events: HttpEvent[] = [];
    const server = await S3Server.start({
      buckets: ["faults"],
      onRequest: (event) => events.push(event),
      ...serverOptions,
    });
    const store = await S3Store.open("s3://faults/db", {
      endpoint: server.endpoint,
      credentials: server.credentials,
      backoffMs: 1,
      backoffMsMax: 2,
      ...options,
    });
    return new Bucket(server, store, events);
  }

  /** Writes once, so that the bucket is proven, and forgets the requests. */
  async warm(): Promise<this> {
    await this.store.put("warm", text("warm"), ABSENT);
    this.events.length = 0;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    await this.server.close();
  }
}

async function failure(
  kind: ErrorKind,
  call: () => PromiseLike<unknown> | unknown,
): Promise<KriyaError> {
  const error = await assertRejects(async () => await call(), KriyaError);
  assertEquals(error.kind, kind, error.message);
  return error;
}

const BEFORE: HttpFault[] = ["slowDown", "error", "conflict", "expired"];
const AFTER: HttpFault[] = ["lateError", "gateway"];

Deno.test("a conditional write that meets a fault is sent once, outcome unknown", async () => {
  await using bucket = await Bucket.open();
  await bucket.warm();
  const { server, store, events } = bucket;
  for (const fault of [...BEFORE, ...AFTER]) {
    server.inject(fault, { operation: "put", prefix: `db/wal/${fault}` });
    const path = `wal/${fault}`;
    await failure("unavailable", () => store.put(path, text(fault), ABSENT));
    assertEquals(events.filter((e) => e.operation === "put").length, 1, fault);
    const found = await store.get(path);
    assertEquals(found !== undefined, AFTER.includes(fault), fault);
    events.length = 0;
  }
});

Deno.test("a connection that breaks under a write never becomes a wrong answer", async () => {
  await using bucket = await Bucket.open();
  await bucket.warm();
  const { server, store } = bucket;
  for (const fault of ["reset", "lateReset"] as const) {
    // Always: the client's runtime sends a request again on its own.
    const prefix = `db/wal/${fault}`;
    server.inject(fault, { operation: "put", prefix, times: 100 });
    const path = `wal/${fault}`;
    await failure("unavailable", () => store.put(path, text(fault), ABSENT));
    const found = await store.get(path);
    assertEquals(found !== undefined, fault !== "reset", fault);
  }
  for (const fault of ["lateReset", "truncated"] as const) {
    const path = `wal/once-${fault}`;
    server.inject(fault, { operation: "put", prefix: `db/${path}` });
    let result: PutResult | undefined;
    try {
      result = await store.put(path, text("x"), ABSENT);
    } catch (error) {
      assert(error instanceof KriyaError && error.kind === "unavailable");
    }
    // Its own object may refuse the second sending; "stored" would be wrong.
    assert(result === undefined || result.kind === "precondition");
    assertEquals((await store.get(path))?.bytes, text("x"));
  }
});

Deno.test("reads, listings and deletes are tried again until they succeed", async () => {
  const faults: HttpFault[] = [
    "slowDown",
    "error",
    "lateError",
    "gateway",
    "reset",
    "lateReset",
    "truncated",
    "slow",
  ];
  await using bucket = await Bucket.open({}, { slowMs: 5 });
  await bucket.warm();
  const { server, store, events } = bucket;
  const bytes = patternBytes(5000, 3);
  await store.put("sst/a", bytes, ABSENT);
  for (const fault of faults) {
    events.length = 0;
    for (const operation of ["get", "head", "list", "delete"] as const) {
      server.inject(fault, { operation, times: 2 });
    }
    assertEquals((await store.get("sst/a"))?.bytes, bytes, fault);
    assertEquals((await store.head("sst/a"))?.size, 5000, fault);
    assertEquals((await store.list("sst/")).objects.length, 1, fault);
    await store.delete("sst/none");
    const tries = events.filter(({ operation }) => operation === "get").length;
    assert(fault === "slow" ? tries === 1 : tries === 3, `${fault} ${tries}`);
  }
});

Deno.test("a range that is not the one asked for is never believed", async () => {
  await using bucket = await Bucket.open();
  const { server, store } = await bucket.warm();
  const bytes = patternBytes(1000, 4);
  await store.put("sst/a", bytes, ABSENT);
  const ranges = [
    { offset: 0, length: 1000 },
    { offset: 10, length: 20 },
    { suffix: 7 },
  ];
  for (const range of ranges) {
    server.inject("wrongRange", { operation: "get" });
    const body = await store.get("sst/a", { range });
    const [start, end] = "suffix" in range
      ? [993, 1000]
      : [range.offset, range.offset + range.length];
    assertEquals(body?.bytes, bytes.subarray(start, end));
    server.inject("wrongRange", { operation: "get", times: 4 });
    await failure("unavailable", () => store.get("sst/a", { range }));
  }
});

Deno.test("retries end, and the error says what the bucket said", async () => {
  await using bucket = await Bucket.open({ attemptsMax: 3 });
  const { server, store, events } = await bucket.warm();
  server.inject("slowDown", { operation: "get", times: 1000 });
  const error = await failure("unavailable", () => store.get("sst/a"));
  assertEquals(
    error.message,
    'Cannot read "sst/a" in s3://faults/db: 503 SlowDown',
  );
  assertEquals(error.detail, "Please reduce your request rate.");
  assertEquals(events.length, 3);
});

Deno.test("a server that does not answer is given up, a caller that gives up gets its reason", async () => {
  await using bucket = await Bucket.open({
    requestTimeoutMs: 400,
    attemptsMax: 1,
  });
  const { server, store } = await bucket.warm();
  server.inject("stall", { operation: "put", prefix: "db/wal/" });
  const put = (path: string, signal?: AbortSignal): Promise<PutResult> =>
    store.put(path, text("x"), ABSENT, { signal });
  const error = await failure("unavailable", () => put("wal/1"));
  assert(error.message.includes("no answer in 400 ms"), error.message);
  // The effect had come: only reading back tells.
  assertEquals((await store.get("wal/1"))?.size, 1);

  server.inject("stall", { operation: "put", prefix: "db/wal/2" });
  const controller = new AbortController();
  const reason = new DOMException("enough", "AbortError");
  const waiting = put("wal/2", controller.signal);
  controller.abort(reason);
  assertEquals(await assertRejects(() => waiting), reason);

  server.inject("stall", { operation: "get", prefix: "db/wal/2" });
  const reader = new AbortController();
  const reading = store.get("wal/2", { signal: reader.signal });
  reader.abort(reason);
  assertEquals(await assertRejects(async () => await reading), reason);
});

Deno.test("large objects go up in parts, whole or not at all", async () => {
  await using bucket = await Bucket.open({
    multipartBytesMin: 6 * MIB,
    partBytes: 5 * MIB,
  });
  const { server, store, events } = await bucket.warm();
  const bytes = patternBytes(13 * MIB + 5, 6);
  const stored = await store.put("sst/a", bytes, ABSENT);
  assert(stored.kind === "stored" && stored.etag.endsWith('-3"'));
  const body = await store.get("sst/a");
  assertEquals(body?.bytes.length, bytes.length);
  assert(body!.bytes.every((byte, i) => byte === bytes[i]));
  assertEquals(body?.etag, stored.etag);
  const again = await store.put("sst/a", bytes, ABSENT);
  assertEquals(again.kind, "precondition");
  const { etag } = stored;
  const match = { kind: "match", etag: `${etag}0` } as const;
  assertEquals((await store.put("sst/a", bytes, match)).kind, "precondition");

  // A part that fails is tried again, and only it.
  events.length = 0;
  server.inject("slowDown", { operation: "put", prefix: "db/sst/b", nth: 2 });
  assertEquals((await store.put("sst/b", bytes, ABSENT)).kind, "stored");
  assertEquals(events.length, 1 + 3 + 1 + 1);

  // The last request is made once.
  server.inject("error", { operation: "put", prefix: "db/sst/c", nth: 5 });
  await failure("unavailable", () => store.put("sst/c", bytes, ABSENT));
  assertEquals(await store.head("sst/c"), undefined);
  server.inject("lateError", { operation: "put", prefix: "db/sst/d", nth: 5 });
  await failure("unavailable", () => store.put("sst/d", bytes, ABSENT));
  assertEquals((await store.head("sst/d"))?.size, bytes.length);

  // Parts that never get through.
  const all = { operation: "put", prefix: "db/sst/e", nth: 3, times: 100 };
  server.inject("slowDown", { ...all, operation: "put" });
  await failure("unavailable", () => store.put("sst/e", bytes, ABSENT));
  assertEquals(await store.head("sst/e"), undefined);
  assertEquals(server.uploadCount("faults"), 0);
});

Deno.test("where completing an upload keeps no condition, large objects go up whole", async () => {
  await using bucket = await Bucket.open(
    { multipartBytesMin: MIB },
    { conditionalWrites: "whole" },
  );
  const { store, events } = await bucket.warm();
  const bytes = patternBytes(2 * MIB, 8);
  const stored = await store.put("sst/a", bytes, ABSENT);
  assert(stored.kind === "stored" && !stored.etag.includes("-"));
  assertEquals((await store.put("sst/a", bytes, ABSENT)).kind, "precondition");
  const puts = events.filter(({ key }) => key === "db/sst/a");
  assertEquals(puts.map(({ method }) => method), ["PUT", "PUT"]);
});

Deno.test("an upload in parts that its caller gives up leaves nothing", async () => {
  await using bucket = await Bucket.open({
    multipartBytesMin: 6 * MIB,
    partBytes: 5 * MIB,
  });
  const { server, store, events } = await bucket.warm();
  const bytes = patternBytes(11 * MIB, 7);
  await store.put("sst/a", bytes, ABSENT); // Proves the parts.
  server.inject("stall", { operation: "put", prefix: "db/sst/b", nth: 3 });
  const controller = new AbortController();
  const reason = new DOMException("enough", "AbortError");
  const waiting = store.put("sst/b", bytes, ABSENT, {
    signal: controller.signal,
  });
  // With a part there, the store knows of the upload that it has begun.
  const hasPart = (): boolean =>
    events.some(({ key, method }) => key === "db/sst/b" && method === "PUT");
  for (let i = 0; i < 400 && !hasPart(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(server.uploadCount("faults"), 1);
  controller.abort(reason);
  assertEquals(await assertRejects(() => waiting), reason);
  assertEquals(server.uploadCount("faults"), 0);
  assertEquals(await store.head("sst/b"), undefined);
});

Deno.test("what is sent again, and for uploads in parts, is counted", async () => {
  await using server = await S3Server.start({ buckets: ["words"] });
  const { endpoint, credentials } = server;
  const store = await S3Store.open("s3://words/db", {
    endpoint,
    credentials,
    multipartBytesMin: 5 * 1024 * 1024,
    partBytes: 5 * 1024 * 1024,
    backoffMs: 1,
  });
  const meter = new MeteredStore(store, () => store.extra);
  await meter.put("a", new Uint8Array(1), ABSENT);
  assertEquals([meter.snapshot().retry, meter.snapshot().part], [0, 0]);
  server.inject("slowDown", { operation: "get", prefix: "db/a", times: 2 });
  await meter.get("a");
  assertEquals([meter.snapshot().get, meter.snapshot().retry], [1, 2]);
  await meter.put("b", new Uint8Array(11 * 1024 * 1024), ABSENT);
  // The probe of uploads in parts: begun, and one part; then these: three.
  assertEquals([meter.snapshot().put, meter.snapshot().part], [2, 2 + 1 + 3]);
  await meter.close();
});
