/**
 * One run: processes that open, write, read, flush, stall, die and take each
 * other's place on one bad bucket, in simulated time. The seed decides all of
 * it, so that it replays exactly.
 *
 * A process lives for a while; then it closes, dies at whatever it is waiting
 * for, or becomes a zombie: it stays as it is, its requests under way, and goes
 * on when it is let go. Meanwhile others open, by taking over or by waiting for
 * the lease. Up to three live at once, each with some clients. Beside them
 * collectors and compactors of their own, readers that pin, and readers that
 * follow (`outsiders.ts`).
 *
 * What must be true is in `history.ts`; that no object ever changes, and none
 * that is needed is deleted (`needed_objects.ts`), is checked below the faults,
 * by `AppendOnlyStore`. At the end, all garbage is gone.
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import type { ExternalCompactionOptions } from "../../storage/engine/external_compaction.ts";
import { fsck } from "../../storage/engine/fsck.ts";
import { decodePin } from "../../storage/gc/pin_codec.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { LsmOptions } from "../../storage/engine/options.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import {
  GC_BOUNDARY_PATH,
  PIN_PREFIX,
  WAL_PREFIX,
} from "../../storage/object_store/object_path.ts";
import { WAL_HEADER_BYTES } from "../../storage/wal/wal_format.ts";
import { FaultyStore, type MsRange } from "../../testing/faulty_store.ts";
import type { FaultChances } from "../../testing/fault_script.ts";
import type { SeededRandom } from "../../testing/seeded_random.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { AppendOnlyStore } from "../support/append_only_store.ts";
import { History, isExpected } from "./history.ts";
import { NeededObjects } from "./needed_objects.ts";
import {
  type Outsider,
  runCollector,
  runCompactor,
  runFollower,
  runPinner,
} from "./outsiders.ts";
import { type Client, runClient } from "./workload.ts";

/** How a run went. */
export interface RunReport {
  readonly acknowledged: number;
  /** Visible, and never durable as far as anybody was told. */
  readonly visible: number;
  readonly refused: number;
  /** Refused by the breaker, without a request. */
  readonly stopped: number;
  readonly unknown: number;
  readonly lives: number;
  readonly steps: number;
  readonly faults: number;
  readonly tables: number;
  readonly collected: number;
  readonly checkpoints: number;
  readonly compactions: number;
  /** Steps of compactors that were no writers. */
  readonly compactedOutside: number;
  /** How often readers that follow saw more. */
  readonly followed: number;
  /** What happened, in order. */
  readonly trace: readonly string[];
}

const LIVES = 10;
const LEASE_MS = 400;
const CALM: MsRange = { min: 0, max: 0 };
const SLOW: MsRange = { min: 0, max: 5 };
const SLOWER: MsRange = { min: 0, max: 40 };

/** What differs from run to run. */
interface Climate {
  readonly chances: FaultChances;
  readonly latencyMs: MsRange | "s3";
  readonly options: LsmOptions;
}

function climateOf(random: SeededRandom): Climate {
  const bad = random.pick([0, 0.02, 0.08, 0.2]);
  return {
    chances: {
      fail: bad * random.next(),
      lostReply: bad * random.next(),
      late: bad * random.next(),
      falseRefusal: bad * random.next(),
      conflict: bad * random.next() / 2,
      torn: bad * random.next() / 2,
      stall: random.chance(0.3) ? bad / 10 : 0,
    },
    latencyMs: random.pick([CALM, CALM, SLOW, SLOW, SLOWER, SLOWER, "s3"]),
    options: {
      memtableBytesMax: random.pick([300, 1500, 100_000]),
      ingestBytesMin: random.pick([120, 1_000_000, 1_000_000]),
      walMode: random.pick(["sync", "sync", "periodic", "async"]),
      walPeriodMs: random.pick([1, 30, 300]),
      walBufferBytesMax: random.pick([200, 2000, 1_000_000]),
      stallTimeoutMs: random.pick([50, 4000]),
      walObjectsMax: random.pick([3, 20, 512]),
      walGroupBytesMax: random.pick([100, 1000, 100_000]),
      flushIntervalMs: random.pick([0, 50, 5000]),
      flushBytesMin: random.pick([1, 1000]),
      blockBytes: random.pick([64, 500]),
      cacheBytesMax: random.pick([0, 2000, 1_000_000]),
      attemptsMax: random.pick([2, 4, 8]),
      walBreakerFailures: random.pick([0, 1, 3, 8]),
      walProbeMs: random.pick([5, 50, 1000]),
      ...compactionOf(random),
      leaseMs: LEASE_MS,
      gcIntervalMs: random.pick([0, 20, 200]),
      gcObjectsMin: random.pick([1, 6]),
    },
  };
}

/** Mostly every version is kept, so that the end can tell all of them. */
function compactionOf(random: SeededRandom): LsmOptions {
  return {
    compaction: random.pick(["leveled", "leveled", "size-tiered", "off"]),
    l0CompactionTrigger: random.pick([2, 4]),
    l0StopTrigger: random.pick([5, 24]),
    levelBaseBytes: random.pick([600, 3000]),
    levelSizeRatio: random.pick([2, 10]),
    tableBytesMax: random.pick([200, 1000]),
    versionRetentionMs: random.pick([0, Number.MAX_SAFE_INTEGER]),
    stallTimeoutMs: 300,
  };
}

/** How tables are made and the tree is shaped. */
function tableOptions(
  {
    compaction,
    l0CompactionTrigger,
    levelBaseBytes,
    levelSizeRatio,
    tableBytesMax,
    blockBytes,
    attemptsMax,
  }: LsmOptions,
): ExternalCompactionOptions {
  return {
    compaction,
    l0CompactionTrigger,
    levelBaseBytes,
    levelSizeRatio,
    tableBytesMax,
    blockBytes,
    attemptsMax,
  };
}

/** How long a run is. */
export interface RunLength {
  /** Steps of clients after which nobody opens any more (default: 10 lives). */
  readonly steps?: number | undefined;
}

/** Runs a seed. @throws what was broken. */
export async function simulate(
  seed: number | string,
  length: RunLength = {},
): Promise<RunReport> {
  const simulation = new Simulation(seed, length);
  return await simulation.run();
}

class Simulation {
  readonly #environment: SimulatedEnvironment;
  readonly #random: SeededRandom;
  readonly #bucket = new MemoryBucket();
  readonly #guard: AppendOnlyStore;
  readonly #history = new History();
  readonly #climate: Climate;
  readonly #zombies: FaultyStore[] = [];
  readonly #needed = new NeededObjects(this.#bucket);
  #collected = 0;
  #checkpoints = 0;
  #lives = 0;
  #steps = 0;
  readonly #stepsMax: number | undefined;
  #faults = 0;
  #compactions = 0;
  #compactedOutside = 0;
  #followed = 0;
  /** The first thing that was found to be wrong. */
  #broken: unknown;

  constructor(seed: number | string, length: RunLength) {
    this.#stepsMax = length.steps;
    this.#environment = new SimulatedEnvironment({ seed });
    this.#random = this.#environment.forkRandom();
    this.#guard = new AppendOnlyStore(this.#memory());
    this.#guard.deletions.mayDelete = (path) => {
      this.#collected++;
      try {
        this.#needed.checkDeletion(path, this.#environment.now());
      } catch (error) {
        this.#broken ??= error;
        throw error;
      }
    };
    this.#climate = climateOf(this.#random);
  }

  #memory(): MemoryStore {
    const environment = this.#environment;
    return new MemoryStore({ bucket: this.#bucket, environment });
  }

  run(): Promise<RunReport> {
    return this.#environment.run(async () => {
      const slots = 1 + this.#random.below(3);
      let over = false;
      const outsiders = this.#outsiders(() => over).catch((error) =>
        this.#broken ??= error
      );
      await Promise.all(
        Array.from({ length: slots }, (_, i) => this.#slot(i)),
      );
      over = true;
      await this.#before(outsiders, 5000);
      for (const zombie of this.#zombies) {
        zombie.releaseStalled();
        if (this.#random.chance(0.5)) await this.#wait(50);
        zombie.crash();
      }
      // What was sent late comes now, or never.
      await this.#wait(10_000);
      if (this.#broken !== undefined) throw this.#broken;
      return await this.#end();
    });
  }

  /** Collectors and pinning readers, as many as chance wants. */
  async #outsiders(over: () => boolean): Promise<void> {
    const running: Promise<unknown>[] = [];
    const outsider = (): Outsider => {
      const random = this.#random.fork();
      const objects = this.#handle(random);
      return { objects, environment: this.#environment, random, over };
    };
    for (let i = this.#random.below(3); i > 0; i--) {
      running.push(runCollector(outsider()));
    }
    if (this.#random.chance(0.4)) {
      const compacting = runCompactor(outsider(), {
        ...tableOptions(this.#climate.options),
        jobLeaseMs: this.#random.pick([20, 300, 5000]),
      });
      running.push(compacting.then((count) => this.#compactedOutside += count));
    }
    for (let i = this.#random.below(3); i > 0; i--) {
      const each = outsider();
      const following = runFollower(
        each,
        () => this.#handle(each.random),
        this.#history,
        this.#climate.options,
      );
      running.push(following.then((count) => this.#followed += count));
    }
    if (this.#random.chance(0.3)) {
      running.push(runPinner(outsider(), this.#needed));
    }
    await Promise.all(running);
  }

  /** One life after the other, until all are lived. */
  async #slot(slot: number): Promise<void> {
    await this.#wait(this.#random.below(100) * slot);
    while (!this.#isOver()) {
      const name = `${"ABC"[slot]}${++this.#lives}`;
      try {
        await this.#live(name);
      } catch (error) {
        this.#broken ??= error;
      }
    }
  }

  #isOver(): boolean {
    if (this.#broken !== undefined) return true;
    return this.#stepsMax === undefined
      ? this.#lives >= LIVES
      : this.#steps >= this.#stepsMax;
  }

  async #live(name: string): Promise<void> {
    const random = this.#random.fork();
    const objects = this.#handle(random);
    const store = await this.#open(name, objects, random);
    if (store === undefined) return;
    const client: Client = {
      name,
      store,
      history: this.#history,
      environment: this.#environment,
      stopped: false,
      onStep: () => this.#steps++,
    };
    const count = 1 + random.below(3);
    const working = Promise.all(
      Array.from({ length: count }, () => runClient(client, random.fork())),
    ).catch((error) => this.#broken ??= error);
    await Promise.race([working, this.#wait(20 + random.below(600))]);
    client.stopped = true;
    await this.#finish(name, store, objects, working, random);
  }

  #handle(random: SeededRandom): FaultyStore {
    const { chances, latencyMs } = this.#climate;
    const objects = new FaultyStore(
      new AppendOnlyStore(this.#memory(), this.#guard),
      {
        environment: this.#environment,
        seed: random.uint32(),
        chances,
        latencyMs,
        lateMs: { min: 0, max: 1500 },
        onRequest: ({ fault }) => {
          if (fault !== undefined) this.#faults++;
        },
      },
    );
    if (random.chance(0.4)) {
      const fault = random.chance(0.5) ? "crashBefore" : "crashAfter";
      objects.inject(fault, { nth: 1 + random.below(60) });
    }
    return objects;
  }

  /** Opens a store; `undefined` if it cannot, or stalls. */
  async #open(
    name: string,
    objects: FaultyStore,
    random: SeededRandom,
  ): Promise<LsmStore | undefined> {
    const readOnly = random.chance(0.15);
    const takeover = random.chance(0.6);
    for (let attempt = 1; attempt <= 10; attempt++) {
      const before = this.#history.acknowledged();
      try {
        const opening = LsmStore.open(objects, {
          ...this.#climate.options,
          environment: this.#environment,
          readOnly,
          pinLeaseMs: LEASE_MS,
          takeover,
          writerName: name,
        });
        const store = await this.#before(opening, 3000);
        if (store === undefined) break;
        await this.#before(this.#history.opened(name, store, before), 3000);
        return store;
      } catch (error) {
        if (!isExpected(error)) throw error;
        this.#history.trace.push(`${name} cannot open: ${error.code}`);
        if (error.kind === "closed") break;
        await this.#wait(random.below(LEASE_MS));
      }
    }
    objects.crash();
    return undefined;
  }

  async #finish(
    name: string,
    store: LsmStore,
    objects: FaultyStore,
    working: Promise<unknown>,
    random: SeededRandom,
  ): Promise<void> {
    this.#compactions += store.status().compaction?.compactions ?? 0;
    const way = random.below(4);
    if (way === 0) {
      this.#history.trace.push(`${name} becomes a zombie`);
      this.#zombies.push(objects);
      return;
    }
    if (way === 1) {
      const closing = store.close().then(() => true, (error) => {
        if (!isExpected(error)) throw error;
        return false;
      });
      const closed = await this.#before(closing, 3000);
      this.#history.trace.push(`${name} closes: ${closed}`);
    }
    objects.crash();
    await this.#before(working, 1000);
  }

  /** The end: a good bucket, and all that clients were told is true. */
  async #end(): Promise<RunReport> {
    const store = await LsmStore.open(
      new AppendOnlyStore(this.#memory(), this.#guard),
      {
        ...this.#climate.options,
        environment: this.#environment,
        takeover: true,
        compaction: "off",
      },
    );
    for (const { name, sequence } of store.listCheckpoints()) {
      const then = await LsmStore.open(this.#memory(), {
        environment: this.#environment,
        checkpoint: name,
      });
      await this.#history.observe(name, then, sequence, true);
      await then.close();
      this.#checkpoints++;
    }
    await this.#history.opened("end", store, this.#history.acknowledged());
    await this.#history.check(store);
    const named = store.manifest.levels.flat();
    const missing = named.find(({ path }) => !this.#bucket.object(path));
    if (missing !== undefined) throw new Error(`${missing.path} is missing`);
    await store.flush();
    await this.#history.check(store);
    await store.compact();
    await store.collectGarbage();
    this.#checkNoGarbage();
    const report = await fsck(this.#memory());
    if (!report.ok || report.orphanCount > 0) {
      throw new Error(`fsck finds ${JSON.stringify(report)}`);
    }
    await this.#history.check(store);
    await store.close();
    const count = (outcome: string): number =>
      this.#history.commits.filter((commit) => commit.outcome === outcome)
        .length;
    if (count("pending") > 0) throw new Error("a client was never told");
    return {
      acknowledged: count("acknowledged"),
      visible: count("visible"),
      refused: count("refused"),
      stopped:
        this.#history.trace.filter((line) => line.endsWith(": 58030")).length,
      unknown: count("unknown"),
      lives: this.#lives,
      steps: this.#steps,
      faults: this.#faults,
      tables: named.length,
      collected: this.#collected,
      checkpoints: this.#checkpoints,
      compactions: this.#compactions,
      compactedOutside: this.#compactedOutside,
      followed: this.#followed,
      trace: this.#history.trace,
    };
  }

  /**
   * Nothing is there but what is needed, fences, the boundary, and pins that
   * held when it was moved last: they go when it is moved next.
   */
  #checkNoGarbage(): void {
    const needed = this.#needed.paths();
    for (const path of needed) {
      if (!this.#bucket.object(path)) throw new Error(`"${path}" is missing`);
    }
    const movedMs = this.#bucket.object(GC_BOUNDARY_PATH)?.lastModifiedMs ?? 0;
    for (const path of this.#bucket.paths()) {
      const { bytes, lastModifiedMs } = this.#bucket.object(path)!;
      const fence = path.startsWith(WAL_PREFIX) &&
        bytes.length === WAL_HEADER_BYTES;
      if (needed.has(path) || fence || path === GC_BOUNDARY_PATH) continue;
      const held = path.startsWith(PIN_PREFIX) &&
        lastModifiedMs + decodePin(bytes, path).leaseMs >= movedMs;
      if (held) continue;
      throw new Error(`"${path}" is garbage, and was not collected`);
    }
  }

  #wait(ms: number): Promise<void> {
    return delay(this.#environment, ms);
  }

  /** What comes within `ms`, else `undefined`. */
  async #before<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    promise.catch(() => {});
    return await Promise.race([promise, this.#wait(ms).then(() => undefined)]);
  }
}
