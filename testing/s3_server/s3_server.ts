/**
 * A server of the S3 protocol in this process, for tests: over objects in
 * memory, on loopback, with signatures checked, and with faults.
 *
 * It answers as MinIO does, status and code, in what databases ask of a bucket;
 * `tests/s3/server_parity_test.ts` runs the same requests against both. Not
 * there: versions, copies, access rules, signatures in the query, TLS.
 *
 * Invariants:
 * 1. A request takes effect in one turn, when all of it is there; a fault says
 *    before that whether it does.
 * 2. Bodies have an end: a request of more than 256 MiB is refused.
 * 3. What is thrown in here is answered with 500, and ends no test.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import http from "node:http";
import type { AddressInfo } from "node:net";
import {
  delay,
  type Environment,
  systemEnvironment,
} from "../../base/environment.ts";
import { MemoryBucket } from "../../storage/object_store/memory_store.ts";
import {
  type Operation,
  RequestMatcher,
  type RequestPattern,
} from "../fault_script.ts";
import { SeededRandom } from "../seeded_random.ts";
import {
  drawHttpFault,
  type HttpFault,
  type HttpFaultChances,
  isWithoutEffect,
} from "./http_fault.ts";
import {
  decodeChunks,
  refusalReply,
  type S3Call,
  S3Refusal,
  type S3Reply,
} from "./s3_message.ts";
import { operate } from "./s3_operations.ts";
import { checkSignature, type S3ServerCredentials } from "./s3_signature.ts";
import { ServedBucket } from "./served_bucket.ts";

/** Options of an {@linkcode S3Server}. */
export interface S3ServerOptions {
  /**
   * The buckets there are: names of new ones, or objects in memory by name
   * (default: none; clients may make some).
   */
  readonly buckets?:
    | readonly string[]
    | Readonly<Record<string, MemoryBucket>>
    | undefined;
  /** Whose requests are taken (default: a key of its own). */
  readonly credentials?: S3ServerCredentials | undefined;
  /**
   * Whether `If-None-Match` and `If-Match` of writes are kept (default true);
   * `whole`: of whole objects, but not where an upload in parts is completed.
   */
  readonly conditionalWrites?: boolean | "whole" | undefined;
  /** Decides what is left to chance (default 1). */
  readonly seed?: number | string | undefined;
  /** The chance of each fault (default: none). */
  readonly chances?: HttpFaultChances | undefined;
  /** How late the answer of a `slow` request is, in ms (default 50). */
  readonly slowMs?: number | undefined;
  /** Is told of every request when it was answered, or dropped. */
  readonly onRequest?: ((request: HttpEvent) => void) | undefined;
  /** The dates of objects, and timers (default: the system's). */
  readonly environment?: Environment | undefined;
}

/** A request, and what became of it. */
export interface HttpEvent {
  /** `GET`, `PUT` … */
  readonly method: string;
  /** The bucket. */
  readonly bucket: string;
  /** The key, or the prefix of a listing. */
  readonly key: string;
  /** What was asked; requests of uploads in parts are puts. */
  readonly operation: Operation;
  /** The status; 0 when the connection was broken. */
  readonly status: number;
  /** The fault that it met. */
  readonly fault: HttpFault | undefined;
  /**
   * One more than the highest round of the requests that were answered before
   * it came: what came at once has one round. Round trips in a row, that is,
   * where answers take longer (`slow`) than a client needs to ask on.
   */
  readonly round: number;
}

const CREDENTIALS: S3ServerCredentials = {
  accessKeyId: "kriyadb",
  secretAccessKey: "kriyadb-secret",
};

/** Most bytes of one request. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;

/**
 * An S3 server on loopback.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { open } from "@kriyadb/kriyadb";
 * import { S3Server } from "@kriyadb/kriyadb/testing";
 *
 * await using server = await S3Server.start({ buckets: ["words"] });
 * const { endpoint, credentials } = server;
 * await using db = await open("s3://words/en", {
 *   s3: { endpoint, credentials },
 * });
 * const { rows } = await db.query("SELECT 1 AS one");
 * assertEquals(rows, [{ one: 1 }]);
 * ```
 */
export class S3Server {
  /** Whose requests are taken. */
  readonly credentials: S3ServerCredentials;
  readonly #options: S3ServerOptions;
  readonly #environment: Environment;
  readonly #buckets = new Map<string, ServedBucket>();
  readonly #random: SeededRandom;
  readonly #rules: { matcher: RequestMatcher; fault: HttpFault }[] = [];
  readonly #stop = new AbortController();
  readonly #server: http.Server;
  #chances: HttpFaultChances;
  #port = 0;
  #requestCount = 0;
  #roundAnswered = 0;

  private constructor(options: S3ServerOptions) {
    this.#options = options;
    this.credentials = options.credentials ?? CREDENTIALS;
    this.#environment = options.environment ?? systemEnvironment;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#chances = options.chances ?? {};
    const buckets = options.buckets ?? [];
    const entries: [string, MemoryBucket][] = isNames(buckets)
      ? buckets.map((name) => [name, new MemoryBucket()])
      : Object.entries(buckets);
    for (const [name, objects] of entries) {
      this.#buckets.set(name, new ServedBucket(objects));
    }
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Starts a server on a free port of loopback. */
  static async start(options: S3ServerOptions = {}): Promise<S3Server> {
    const server = new S3Server(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, "127.0.0.1", () => resolve());
    });
    server.#port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  /** The address to give to clients, with path style. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How many requests came. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** How many uploads in parts are under way in a bucket. */
  uploadCount(bucket: string): number {
    return this.#buckets.get(bucket)?.uploadCount ?? 0;
  }

  /** Has the requests that match meet `fault`; the prefix is one of keys. */
  inject(fault: HttpFault, pattern: RequestPattern = {}): void {
    this.#rules.push({ matcher: new RequestMatcher(pattern), fault });
  }

  /** Changes the chances of faults from now on; `{}` is calm. */
  setChances(chances: HttpFaultChances): void {
    this.#chances = chances;
  }

  /** Breaks all connections and stops. */
  async close(): Promise<void> {
    this.#stop.abort();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const call = await readCall(request);
    if (call === undefined) return void response.destroy();
    this.#requestCount++;
    const round = this.#roundAnswered + 1;
    const operation = operationOf(call);
    const key = operation === "list"
      ? call.query.get("prefix") ?? ""
      : call.key;
    const fault = this.#fault(operation, key);
    const reply = fault !== undefined && isWithoutEffect(fault)
      ? refusalReply(call, FAULT_REFUSALS[fault] ?? FAULT_REFUSALS["error"]!)
      : this.#carryOut(call);
    const { method, bucket } = call;
    const status = await this.#send(call, reply, fault, response);
    this.#roundAnswered = Math.max(this.#roundAnswered, round);
    this.#options.onRequest?.({
      method,
      bucket,
      key,
      operation,
      status,
      fault,
      round,
    });
  }

  #fault(operation: Operation, key: string): HttpFault | undefined {
    // Every rule counts the request, and the first that takes it decides.
    const [rule] = this.#rules.filter(({ matcher }) =>
      matcher.takes(operation, key)
    );
    const drawn = drawHttpFault(this.#random, this.#chances);
    return rule?.fault ?? drawn;
  }

  #carryOut(call: S3Call): S3Reply {
    const { conditionalWrites = true } = this.#options;
    const nowMs = this.#environment.now();
    try {
      checkSignature(call, this.credentials, nowMs);
      const buckets = this.#buckets;
      return operate({ buckets, conditionalWrites, nowMs }, unframed(call));
    } catch (error) {
      if (error instanceof S3Refusal) return refusalReply(call, error);
      const message = error instanceof Error ? error.message : String(error);
      return refusalReply(call, new S3Refusal(500, "InternalError", message));
    }
  }

  /** Sends the answer, or what the fault makes of it; returns the status. */
  async #send(
    call: S3Call,
    reply: S3Reply,
    fault: HttpFault | undefined,
    response: http.ServerResponse,
  ): Promise<number> {
    switch (fault) {
      case "reset":
      case "lateReset":
        response.socket?.destroy();
        return 0;
      case "stall":
        await stopped(this.#stop.signal);
        return 0;
      case "slow":
        await delay(this.#environment, this.#options.slowMs ?? 50, {
          signal: this.#stop.signal,
        }).catch(() => {});
        break;
      case "lateError":
        return write(
          call,
          refusalReply(call, FAULT_REFUSALS["error"]!),
          response,
        );
      case "gateway":
        return write(call, GATEWAY_PAGE, response);
      case "truncated":
        return await this.#sendHalf(call, reply, response);
      case "wrongRange":
        return write(call, shifted(reply), response);
    }
    return write(call, reply, response);
  }

  async #sendHalf(
    call: S3Call,
    reply: S3Reply,
    response: http.ServerResponse,
  ): Promise<number> {
    const { status, headers, body } = reply;
    if (call.method !== "HEAD" && body.length > 1) {
      response.writeHead(status, {
        ...headers,
        "content-length": String(body.length),
      });
      response.write(body.subarray(0, body.length >>> 1));
      // The half has to be on its way before the connection breaks.
      await delay(this.#environment, 2);
    }
    response.socket?.destroy();
    return 0;
  }
}

function isNames(
  buckets: readonly string[] | Readonly<Record<string, MemoryBucket>>,
): buckets is readonly string[] {
  return Array.isArray(buckets);
}

const FAULT_REFUSALS: Readonly<Record<string, S3Refusal>> = {
  slowDown: new S3Refusal(503, "SlowDown", "Please reduce your request rate."),
  error: new S3Refusal(
    500,
    "InternalError",
    "We encountered an internal error, please try again.",
  ),
  conflict: new S3Refusal(
    409,
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
  ),
  expired: new S3Refusal(
    400,
    "ExpiredToken",
    "The provided token has expired.",
  ),
  denied: new S3Refusal(403, "AccessDenied", "Access Denied."),
};

const GATEWAY_PAGE: S3Reply = {
  status: 502,
  headers: { "content-type": "text/html" },
  body: new TextEncoder().encode(
    "<html><head><title>502</title></head><body><h1>Bad Gateway</h1><hr></body></html>",
  ),
};

function write(
  call: S3Call,
  { status, headers, body }: S3Reply,
  response: http.ServerResponse,
): number {
  const withBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...withBody && { "content-length": String(body.length) },
  });
  response.end(call.method === "HEAD" || !withBody ? undefined : body);
  return status;
}

/** Another range of the same length, where the answer is a range. */
function shifted(reply: S3Reply): S3Reply {
  const range = reply.headers["content-range"];
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? "");
  if (reply.status !== 206 || match === null) return reply;
  const [first, last, size] = match.slice(1).map(Number) as [
    number,
    number,
    number,
  ];
  const by = first > 0 ? -1 : 1;
  return {
    ...reply,
    headers: {
      ...reply.headers,
      "content-range": `bytes ${first + by}-${last + by}/${size + 1}`,
    },
  };
}

async function readCall(
  request: http.IncomingMessage,
): Promise<S3Call | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      if (length > BODY_BYTES_MAX) return undefined;
    }
  } catch {
    return undefined; // The client went away in the middle of it.
  }
  const [rawPath = "/", rawQuery = ""] = splitOnce(request.url ?? "/", "?");
  const [bucket = "", key = ""] = splitOnce(rawPath.slice(1), "/");
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    headers.set(name, Array.isArray(value) ? value.join(",") : value ?? "");
  }
  return {
    method: request.method ?? "GET",
    rawPath,
    rawQuery,
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(key),
    query: new URLSearchParams(rawQuery),
    headers,
    body: new Uint8Array(Buffer.concat(chunks)),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The call with the body that its frames carry. */
function unframed(call: S3Call): S3Call {
  const payload = call.headers.get("x-amz-content-sha256") ?? "";
  if (!payload.startsWith("STREAMING-")) return call;
  return { ...call, body: decodeChunks(call.body) };
}

function operationOf({ method, key }: S3Call): Operation {
  if (method === "GET") return key === "" ? "list" : "get";
  if (method === "HEAD") return "head";
  return method === "DELETE" ? "delete" : "put";
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
