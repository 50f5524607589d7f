/**
 * The storage engine alone beside native key-value engines: 500000 entries of
 * 16-byte keys and 100-byte values in a folder of their own.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder } from "../cache.ts";
import type { Side, Workload } from "../harness.ts";
import {
  installKvPeers,
  type KvEngine,
  KvEntries,
  openClassicLevel,
  type OpenKv,
  openLmdb,
  openOurKv,
  openSlate,
} from "../kv_engines.ts";
import { randomNumbers, shuffled } from "../random.ts";

const ENTRIES = 500_000;
const BATCH = 1000;

/** A folder that nobody else uses; gone when the side closes. */
function newFolder(): string {
  return Deno.makeTempDirSync({ dir: dataFolder(), prefix: "kv-" });
}

async function load(engine: KvEngine, order: Uint32Array): Promise<void> {
  for (let i = 0; i < order.length; i += BATCH) {
    await engine.putBatch(order.subarray(i, i + BATCH));
  }
  await engine.settle();
}

function orderOf(kind: "sequential" | "random", count: number): Uint32Array {
  return kind === "random"
    ? shuffled(count, randomNumbers(5))
    : Uint32Array.from({ length: count }, (_, i) => i);
}

/** Loads a new database every round. */
class PutSide implements Side {
  readonly #open: OpenKv;
  readonly #kind: "sequential" | "random";
  readonly #entries = new KvEntries(ENTRIES);
  readonly #order: Uint32Array;

  constructor(open: OpenKv, kind: "sequential" | "random") {
    this.#open = open;
    this.#kind = kind;
    this.#order = orderOf(kind, ENTRIES);
  }

  setup(): Promise<string> {
    return Promise.resolve(
      `${ENTRIES} entries, ${this.#kind}, batches of ${BATCH}, flushed and compacted at the end`,
    );
  }

  async round(): Promise<number> {
    const folder = newFolder();
    const engine = await this.#open(join(folder, "db"), this.#entries);
    await load(engine, this.#order);
    await engine.close();
    await Deno.remove(folder, { recursive: true });
    return ENTRIES;
  }

  async close(): Promise<void> {}
}

/** What is done with a database that was loaded in random order. */
abstract class LoadedSide implements Side {
  readonly #open: OpenKv;
  readonly #count: number;
  readonly #folder = newFolder();
  protected readonly entries: KvEntries;
  protected engine: KvEngine | undefined;

  constructor(open: OpenKv, count = ENTRIES) {
    this.#open = open;
    this.#count = count;
    this.entries = new KvEntries(count);
  }

  async setup(): Promise<string> {
    this.engine = await this.#open(join(this.#folder, "db"), this.entries);
    await load(this.engine, orderOf("random", this.#count));
    await this.warm(this.engine);
    return `${this.#count} entries`;
  }

  protected async warm(_engine: KvEngine): Promise<void> {}

  abstract round(): Promise<number>;

  async close(): Promise<void> {
    await this.engine?.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const GETS = 50_000;

class GetSide extends LoadedSide {
  readonly #random = randomNumbers(9);

  protected override async warm(engine: KvEngine): Promise<void> {
    await engine.scan();
    await this.round();
  }

  async round(): Promise<number> {
    const engine = this.engine!;
    for (let i = 0; i < GETS; i++) {
      const got = engine.get(Math.floor(this.#random() * ENTRIES));
      const value = got instanceof Promise ? await got : got;
      if ((value as Uint8Array).length !== 100) throw new Error("lost");
    }
    return GETS;
  }
}

class ScanSide extends LoadedSide {
  protected override async warm(): Promise<void> {
    await this.round();
  }

  async round(): Promise<number> {
    const count = await this.engine!.scan();
    if (count !== ENTRIES) throw new Error(`${count} entries`);
    return count;
  }
}

const DURABLE_ENTRIES = 20_000;
const IN_FLIGHT = 100;

class DurableSide extends LoadedSide {
  #next = 0;

  async round(): Promise<number> {
    const engine = this.engine!;
    await Promise.all(
      Array.from(
        { length: IN_FLIGHT },
        () => engine.putDurable(this.#next++ % DURABLE_ENTRIES),
      ),
    );
    return IN_FLIGHT;
  }
}

function sides(
  make: (open: OpenKv) => Side,
  peers: readonly string[],
): Workload["sides"] {
  const opens: Record<string, OpenKv> = {
    "classic-level": openClassicLevel,
    lmdb: openLmdb,
    slatedb: openSlate,
  };
  return Object.fromEntries([
    ["ours", () => make(openOurKv)],
    ...peers.map((name) => [name, () => make(opens[name]!)]),
  ]);
}

function workload(
  name: string,
  targets: Readonly<Record<string, number>>,
  make: (open: OpenKv) => Side,
  clock: Workload["clock"] = "cpu",
): Workload {
  return {
    name,
    unit: "entries/s",
    clock,
    peers: Object.fromEntries(
      Object.entries(targets).map(([peer, target]) => [peer, {
        name: peer,
        target,
        // Its package loads another one by its bare name.
        ...(peer === "slatedb" ? { ownModules: true } : {}),
      }]),
    ),
    sides: sides(make, Object.keys(targets)),
    prepare: installKvPeers,
  };
}

/** The workloads. */
export const kv: readonly Workload[] = [
  workload(
    "kv-put-random",
    { "classic-level": 1 },
    (open) => new PutSide(open, "random"),
  ),
  workload(
    "kv-put-sequential",
    { "classic-level": 0.8 },
    (open) => new PutSide(open, "sequential"),
  ),
  workload(
    "kv-get",
    { "classic-level": 1.5 },
    (open) => new GetSide(open),
  ),
  workload(
    "kv-scan",
    { "classic-level": 2, lmdb: 1 },
    (open) => new ScanSide(open),
  ),
  workload(
    "kv-put-durable",
    { "classic-level": 2, lmdb: 2, slatedb: 2 },
    (open) => new DurableSide(open, DURABLE_ENTRIES),
    "wall",
  ),
];
