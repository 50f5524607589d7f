/**
 * Requests to one bucket through the AWS SDK: each with a timeout, those that
 * may be repeated with bounded retries and jitter.
 *
 * Invariants:
 * 1. The SDK is loaded when the first bucket is opened, and never before.
 * 2. The SDK itself tries once. Who calls says whether a request may be made
 *    again; a conditional write never is.
 * 3. With credentials and region given, the SDK reads no file; all that it
 *    would look up elsewhere is answered here.
 *
 * Deno's `fetch` sends a request a second time when a connection that it had
 * kept open breaks before an answer. So a conditional write may meet its own
 * object, and its caller must take `precondition` for what it is: not an answer
 * about who wrote (`fence/create_once.ts` reads back).
 *
 * @module
 */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { delay } from "../../../base/environment.ts";
import { isTransient, NoAnswerInTime, s3Error } from "./s3_errors.ts";
import type { S3Config } from "./s3_options.ts";

/** The SDK's module. */
export type S3Sdk = typeof import("@aws-sdk/client-s3");

/** A request, and what is done with its answer. */
export interface S3Request<T> {
  /** What is done, for errors: `read`, `write` … */
  readonly action: string;
  /** The object's path, or a prefix. */
  readonly path: string;
  /** Bytes that it moves, about (default 0). */
  readonly bytes?: number | undefined;
  /** Whether it is one more for an object that is put in parts. */
  readonly extra?: boolean | undefined;
  /** Whether it may be made again (default false). */
  readonly repeatable?: boolean | undefined;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Sends it. Whatever it throws becomes the store's error, so answers that
   * are no failures are made results here.
   */
  send(client: S3Client, abort: { abortSignal: AbortSignal }): Promise<T>;
}

const MIB = 1024 * 1024;

/** Requests to a bucket's server. */
export class S3Connection {
  /** The SDK's commands. */
  readonly sdk: S3Sdk;
  /** How the bucket is reached. */
  readonly config: S3Config;
  /** The store's address, for errors. */
  readonly address: string;
  /** What was sent besides what the store was asked. */
  readonly extra: { retry: number; part: number } = { retry: 0, part: 0 };
  readonly #client: S3Client;

  private constructor(
    sdk: S3Sdk,
    client: S3Client,
    config: S3Config,
    address: string,
  ) {
    this.sdk = sdk;
    this.#client = client;
    this.config = config;
    this.address = address;
  }

  /**
   * Loads the SDK and makes a client; asks nothing of the bucket.
   *
   * @throws {KriyaError} `invalid` when the SDK may not be loaded.
   */
  static async open(config: S3Config, address: string): Promise<S3Connection> {
    try {
      const [sdk, { FetchHttpHandler }] = await Promise.all([
        import("@aws-sdk/client-s3"),
        import("@smithy/fetch-http-handler"),
      ]);
      // A bucket that is elsewhere is an error: signed requests go nowhere else.
      const requestHandler = new FetchHttpHandler({
        requestInit: () => ({ redirect: "manual" }),
      });
      const client = new sdk.S3Client({
        ...clientConfig(config),
        requestHandler,
      });
      return new S3Connection(sdk, client, config, address);
    } catch (error) {
      throw s3Error("open", "", address, error);
    }
  }

  /**
   * Makes a request.
   *
   * @throws {KriyaError} as `s3_errors.ts` says, after the last attempt; the
   * signal's reason when it was aborted.
   */
  async run<T>(request: S3Request<T>): Promise<T> {
    if (request.extra) this.extra.part++;
    const { repeatable = false, signal, action, path } = request;
    const { attemptsMax, environment } = this.config;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#attempt(request);
      } catch (error) {
        signal?.throwIfAborted();
        const last = !repeatable || attempt >= attemptsMax;
        if (last || !isTransient(error)) {
          throw s3Error(action, path, this.address, error);
        }
      }
      await delay(environment, this.waitMs(attempt), { signal });
      this.extra.retry++;
    }
  }

  /** How long to wait after an attempt: exponential, jitter over its half. */
  waitMs(attempt: number): number {
    const { backoffMs, backoffMsMax, environment } = this.config;
    const longest = Math.min(backoffMsMax, backoffMs * 2 ** (attempt - 1));
    return longest * (0.5 + environment.random() / 2);
  }

  async #attempt<T>(request: S3Request<T>): Promise<T> {
    const { signal, bytes = 0 } = request;
    signal?.throwIfAborted();
    const { environment, requestTimeoutMs } = this.config;
    const timeoutMs = requestTimeoutMs + 1000 * bytes / MIB;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal!.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    let late: NoAnswerInTime | undefined;
    const timer = environment.setTimer(() => {
      late = new NoAnswerInTime(`no answer in ${Math.round(timeoutMs)} ms`);
      controller.abort(late);
    }, timeoutMs);
    try {
      return await request.send(this.#client, {
        abortSignal: controller.signal,
      });
    } catch (error) {
      throw late ?? error;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Lets go of the client. */
  close(): void {
    this.#client.destroy();
  }
}

function clientConfig(config: S3Config): S3ClientConfig {
  const { endpoint, region, pathStyle, credentials } = config;
  const answers: S3ClientConfig & { disableClockSkewCorrection: boolean } = {
    // Given here so that the SDK looks for none of it in files.
    retryMode: "standard",
    defaultsMode: "standard",
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: [],
    userAgentAppId: () => Promise.resolve(undefined),
    defaultUserAgentProvider: () => Promise.resolve([["kriyadb", "0.1.0"]]),
    disableClockSkewCorrection: false,
  };
  return {
    ...answers,
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    // Older servers and other makers' do not know the SDK's new checksums;
    // every object of ours carries its own.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...endpoint !== undefined && { endpoint },
    ...credentials !== undefined && {
      credentials: credentials as NonNullable<S3ClientConfig["credentials"]>,
    },
  };
}
