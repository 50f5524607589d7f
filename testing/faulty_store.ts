/**
 * A store that behaves as a bad bucket does: slow, failing, losing replies,
 * applying writes that it had given up, stalling, dying. For tests, the user's
 * own included.
 *
 * It stands before any other store. What it does to a request is decided by
 * rules (`inject`, `pause`), else by chances and a seed. With the memory store
 * below and a `SimulatedEnvironment`, a run replays from its seed.
 *
 * Invariants:
 * 1. It keeps the rules of stores (`object_store.ts`): a write whose effect may
 *    come, or may have come, is answered with `unavailable` only; a `get` never
 *    gives old or torn bytes; listings are never behind. The one exception is
 *    `falseRefusal`, which real clients have: a conditional put that was tried
 *    again below us is refused by its own object.
 * 2. Bytes are copied before a write waits: the caller may use its buffer again
 *    once it has an answer, although the effect comes later.
 * 3. A request without fault, pause and latency goes straight through: what the
 *    store below answers at once is answered at once.
 *
 * Half of the latency passes before the effect, half after it; bytes are on
 * their way before a put's effect, and after a get's.
 *
 * @module
 */
import {
  delay,
  type Environment,
  systemEnvironment,
} from "../base/environment.ts";
import { KriyaError } from "../base/errors.ts";
import type { MaybePromise } from "../base/maybe_promise.ts";
import type {
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectMeta,
  ObjectStore,
  PutCondition,
  PutResult,
  RequestOptions,
} from "../storage/object_store/object_store.ts";
import {
  drawFault,
  type Fault,
  type FaultChances,
  faultFor,
  type Operation,
  RequestMatcher,
  type RequestPattern,
} from "./fault_script.ts";
import { S3Latency } from "./s3_latency.ts";
import { SeededRandom } from "./seeded_random.ts";

/** From and to, in ms. */
export interface MsRange {
  /** At least. */
  readonly min: number;
  /** Less than (or exactly `min`, if they are equal). */
  readonly max: number;
}

/** Options of a {@linkcode FaultyStore}. */
export interface FaultyStoreOptions {
  /** Decides what is left to chance (default 1). */
  readonly seed?: number | string | undefined;
  /** Clock and timers (default: the system's). */
  readonly environment?: Environment | undefined;
  /** The chance of each fault (default: none). */
  readonly chances?: FaultChances | undefined;
  /**
   * How long a request takes (default: no time): a range, or what was measured
   * of S3, its bytes included (`S3_LATENCY`).
   */
  readonly latencyMs?: MsRange | "s3" | undefined;
  /** How long after its answer a late effect comes (default 0 to 5000 ms). */
  readonly lateMs?: MsRange | undefined;
  /** After so many faults by chance there are no more (default: no end). */
  readonly faultsMax?: number | undefined;
  /** Is told of every request, before anything happens. */
  readonly onRequest?: ((request: RequestEvent) => void) | undefined;
}

/** A request, and what will be done to it. */
export interface RequestEvent {
  /** Its number, from 1. */
  readonly number: number;
  /** What it asks. */
  readonly operation: Operation;
  /** The path, or the prefix of a listing. */
  readonly path: string;
  /** The condition of a put. */
  readonly condition?: PutCondition | undefined;
  /** The fault that it meets. */
  readonly fault?: Fault | undefined;
}

/** A request that is held until the test says how it goes on. */
export interface Pause {
  /** Resolves when a request has come to the pause. */
  readonly reached: Promise<RequestEvent>;
  /** Lets it go on, now or when it comes. */
  release(): void;
  /** Lets it fail as `unavailable`, now or when it comes. */
  fail(): void;
}

interface PauseRule {
  readonly matcher: RequestMatcher;
  readonly when: "before" | "after";
  readonly reach: (event: RequestEvent) => void;
  readonly verdict: Promise<"go" | "fail">;
}

interface Request<T> {
  readonly operation: Operation;
  readonly path: string;
  readonly options: RequestOptions | undefined;
  readonly condition?: PutCondition;
  /** How many bytes are sent. */
  readonly sentBytes?: number;
  /** How many bytes an answer has. */
  readonly bytesOf?: (answer: T) => number;
  /** Makes the effect independent of what the caller may change. */
  readonly keep?: () => void;
  readonly effect: () => MaybePromise<T>;
}

const DEFAULT_LATE_MS: MsRange = { min: 0, max: 5000 };

/**
 * Puts faults between a caller and a store.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { ABSENT } from "../storage/object_store/object_store.ts";
 * import { MemoryStore } from "../storage/object_store/memory_store.ts";
 * import { FaultyStore } from "./faulty_store.ts";
 *
 * const store = new FaultyStore(new MemoryStore());
 * store.inject("lostReply", { operation: "put", prefix: "wal/" });
 * await assertRejects(() => store.put("wal/1", new Uint8Array(3), ABSENT));
 * assertEquals((await store.head("wal/1"))?.size, 3);
 * ```
 */
export class FaultyStore implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  readonly #environment: Environment;
  readonly #random: SeededRandom;
  readonly #options: FaultyStoreOptions;
  readonly #s3: S3Latency | undefined;
  readonly #rules: { matcher: RequestMatcher; fault: Fault }[] = [];
  readonly #pauses: PauseRule[] = [];
  readonly #stalled = new Set<() => void>();
  readonly #waiting = new Set<(error: KriyaError) => void>();
  #chances: FaultChances;
  #requestCount = 0;
  #faultCount = 0;
  #lateCount = 0;
  #crashed = false;

  /** Puts faults before `inner`. */
  constructor(inner: ObjectStore, options: FaultyStoreOptions = {}) {
    this.#inner = inner;
    this.address = inner.address;
    this.#environment = options.environment ?? systemEnvironment;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#options = options;
    this.#s3 = options.latencyMs === "s3"
      ? new S3Latency(this.#random, this.#environment)
      : undefined;
    this.#chances = options.chances ?? {};
  }

  /** How many requests there were. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** How many of them met a fault. */
  get faultCount(): number {
    return this.#faultCount;
  }

  /** How many writes that were answered may still take effect. */
  get lateCount(): number {
    return this.#lateCount;
  }

  /** How many requests stall. */
  get stalledCount(): number {
    return this.#stalled.size;
  }

  /** Whether the handle is dead. */
  get crashed(): boolean {
    return this.#crashed;
  }

  /** Changes the chances of faults from now on; `{}` is calm. */
  setChances(chances: FaultChances): void {
    this.#chances = chances;
  }

  /** Has the requests that match meet `fault`. */
  inject(fault: Fault, pattern: RequestPattern = {}): void {
    this.#rules.push({ matcher: new RequestMatcher(pattern), fault });
  }

  /**
   * Holds the requests that match, before or after their effect, until the
   * pause is let go. One that fails before its effect has none.
   */
  pause(
    pattern: RequestPattern & { readonly when: "before" | "after" },
  ): Pause {
    let reach: (event: RequestEvent) => void = () => {};
    let decide: (verdict: "go" | "fail") => void = () => {};
    const reached = new Promise<RequestEvent>((resolve) => reach = resolve);
    const verdict = new Promise<"go" | "fail">((resolve) => decide = resolve);
    const matcher = new RequestMatcher(pattern);
    this.#pauses.push({ matcher, when: pattern.when, reach, verdict });
    return {
      reached,
      release: () => decide("go"),
      fail: () => decide("fail"),
    };
  }

  /** Lets every request go on that stalls now. */
  releaseStalled(): void {
    for (const release of [...this.#stalled]) release();
  }

  /**
   * The process that uses this handle dies: every call on it that is under way
   * or comes later fails with `closed`. Requests that are under way were sent:
   * each takes effect or not, as chance decides, and late effects still come.
   */
  crash(): void {
    this.#crashed = true;
    for (const kill of [...this.#waiting]) kill(this.#dead());
    this.releaseStalled();
  }

  #dead(): KriyaError {
    return new KriyaError("closed", `The process of this handle died`);
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    const effect = (): MaybePromise<ObjectBody | undefined> =>
      this.#inner.get(path, withoutSignal(options));
    const bytesOf = (body?: ObjectBody): number => body?.bytes.length ?? 0;
    return this.#send({ operation: "get", path, options, bytesOf, effect });
  }

  async head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    const effect = (): Promise<ObjectMeta | undefined> =>
      this.#inner.head(path);
    return await this.#send({ operation: "head", path, options, effect });
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    let body = bytes;
    return await this.#send({
      operation: "put",
      path,
      options,
      condition,
      sentBytes: bytes.length,
      keep: () => body = bytes.slice(),
      effect: () => this.#inner.put(path, body, condition),
    });
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    const effect = (): Promise<void> => this.#inner.delete(path);
    return await this.#send({ operation: "delete", path, options, effect });
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    const effect = (): Promise<ListPage> =>
      this.#inner.list(prefix, withoutSignal(options));
    return await this.#send({
      operation: "list",
      path: prefix,
      options,
      effect,
    });
  }

  async close(): Promise<void> {
    if (!this.#crashed) await this.#inner.close();
  }

  #send<T>(request: Request<T>): MaybePromise<T> {
    if (this.#crashed) throw this.#dead();
    request.options?.signal?.throwIfAborted();
    const event = this.#plan(request);
    this.#options.onRequest?.(event);
    const { operation, path } = request;
    const pauses = this.#pauses.filter(({ matcher }) =>
      matcher.takes(operation, path)
    );
    const latencyMs = this.#latencyMs(operation);
    const plain = event.fault === undefined && pauses.length === 0;
    if (plain && latencyMs === 0) return request.effect();
    request.keep?.();
    return this.#outlive(
      this.#run(request, event, pauses, latencyMs / 2),
      request.options?.signal,
    );
  }

  /** How long a request takes without its bytes. */
  #latencyMs(operation: Operation): number {
    const { latencyMs } = this.#options;
    if (this.#s3 !== undefined) return this.#s3.requestMs(operation);
    if (latencyMs === undefined || latencyMs === "s3") return 0;
    return latencyMs.max === 0 ? 0 : this.#random.between(latencyMs);
  }

  #plan<T>(request: Request<T>): RequestEvent {
    const { operation, path, condition } = request;
    const number = ++this.#requestCount;
    // Every rule counts the request, and the first that takes it decides.
    const [rule] = this.#rules.filter(({ matcher }) =>
      matcher.takes(operation, path)
    );
    const drawn = drawFault(this.#random, this.#chances);
    const allowed = this.#faultCount < (this.#options.faultsMax ?? Infinity);
    const chosen = rule?.fault ?? (allowed ? drawn : undefined);
    const fault = faultFor(chosen, operation);
    if (fault !== undefined) this.#faultCount++;
    return { number, operation, path, condition, fault };
  }

  /** The answer of `work`, unless the caller dies or gives up before it. */
  #outlive<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => finish(() => reject(signal!.reason));
      const kill = (error: KriyaError): void => finish(() => reject(error));
      const finish = (settle: () => void): void => {
        this.#waiting.delete(kill);
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      this.#waiting.add(kill);
      signal?.addEventListener("abort", onAbort, { once: true });
      work.then(
        (value) => finish(() => resolve(value)),
        (error) => finish(() => reject(error)),
      );
    });
  }

  async #run<T>(
    request: Request<T>,
    event: RequestEvent,
    pauses: readonly PauseRule[],
    halfMs: number,
  ): Promise<T> {
    const { sentBytes = 0, bytesOf } = request;
    await this.#pass(halfMs, sentBytes);
    await this.#hold(pauses, "before", event);
    if (event.fault === "stall") await this.#stall();
    // It was sent; that its sender died does not stop it for certain.
    if (this.#crashed && this.#random.chance(0.5)) throw this.#dead();
    const value = await this.#apply(request, event);
    await this.#hold(pauses, "after", event);
    await this.#pass(halfMs, bytesOf?.(value) ?? 0);
    return value;
  }

  /** Half of a request's time passes, and bytes with it. */
  async #pass(halfMs: number, bytes: number): Promise<void> {
    const ms = halfMs + (bytes > 0 ? this.#s3?.carryMs(bytes) ?? 0 : 0);
    if (ms > 0) await delay(this.#environment, ms);
  }

  async #hold(
    pauses: readonly PauseRule[],
    when: "before" | "after",
    event: RequestEvent,
  ): Promise<void> {
    for (const pause of pauses) {
      if (pause.when !== when) continue;
      pause.reach(event);
      const verdict = await pause.verdict;
      if (verdict === "fail") throw unavailable(event, `failed ${when}`);
    }
  }

  #stall(): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        this.#stalled.delete(release);
        resolve();
      };
      this.#stalled.add(release);
    });
  }

  async #apply<T>(request: Request<T>, event: RequestEvent): Promise<T> {
    switch (event.fault) {
      case undefined:
      case "stall":
        return await request.effect();
      case "fail":
        throw unavailable(event, "no answer");
      case "torn":
        throw unavailable(event, "the connection broke");
      case "conflict":
        throw unavailable(event, "409 a conflicting operation is under way");
      case "lostReply":
        await request.effect();
        throw unavailable(event, "the answer was lost");
      case "late":
        this.#applyLater(request);
        throw unavailable(event, "timeout");
      case "falseRefusal": {
        await request.effect();
        const refused: PutResult = { kind: "precondition" };
        return refused as T;
      }
      case "crashBefore":
        this.crash();
        throw this.#dead();
      case "crashAfter":
        await request.effect();
        this.crash();
        throw this.#dead();
    }
  }

  #applyLater<T>(request: Request<T>): void {
    const range = this.#options.lateMs ?? DEFAULT_LATE_MS;
    this.#lateCount++;
    this.#environment.setTimer(() => {
      this.#lateCount--;
      // Nobody is left to hear of an error.
      Promise.resolve(request.effect()).catch(() => {});
    }, this.#random.between(range));
  }
}

function unavailable(event: RequestEvent, why: string): KriyaError {
  const { operation, path, number } = event;
  return new KriyaError(
    "unavailable",
    `Cannot ${operation} "${path}": ${why}`,
    { detail: `Request ${number} met an injected fault.` },
  );
}

/** The options for the store below: a sent request is not called back. */
function withoutSignal<T extends RequestOptions>(
  options: T | undefined,
): T | undefined {
  return options?.signal === undefined
    ? options
    : { ...options, signal: undefined };
}
