/**
 * What a client of a simulated process does: commits of several keys, counters
 * raised under a check, range removals, flushes, looks at the present and at
 * held snapshots.
 *
 * Every commit puts `m/<id>`, which no other does, so that the end can tell
 * whether it is there.
 *
 * @module
 */
import { delay, type Environment } from "../../base/environment.ts";
import type { CommitConditions } from "../../storage/engine/commit_pipeline.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { WalMode } from "../../storage/engine/options.ts";
import {
  type BatchRange,
  WriteBatch,
} from "../../storage/engine/write_batch.ts";
import { sortedWrites } from "../support/sorted_writes.ts";
import type { Snapshot } from "../../storage/mvcc/snapshot.ts";
import type { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, text } from "../support/lsm_contents.ts";
import { type History, isExpected } from "./history.ts";

/** A process as its clients see it. */
export interface Client {
  readonly name: string;
  readonly store: LsmStore;
  readonly history: History;
  readonly environment: Environment;
  /** Set when the process ends: no client begins anything more. */
  stopped: boolean;
  /** Is told of every step. */
  readonly onStep: () => void;
}

const STEPS = 25;

/** Works until it has done enough, or is stopped. */
export async function runClient(
  client: Client,
  random: SeededRandom,
): Promise<void> {
  const { environment } = client;
  for (let step = 0; step < STEPS && !client.stopped; step++) {
    client.onStep();
    try {
      await act(client, random);
      if (random.chance(0.2)) await checkTree(client.store, random.chance(0.1));
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
    await delay(environment, random.below(30));
  }
}

async function act(client: Client, random: SeededRandom): Promise<void> {
  const { store } = client;
  const die = random.below(100);
  if (store.readOnly || die < 15) return await look(client, random);
  if (die < 20) {
    await flush(client, random);
  } else if (die < 24) {
    const { deleted } = await store.collectGarbage();
    client.history.trace.push(`${client.name} collected ${deleted}`);
  } else if (die < 27) await checkpoint(client, random);
  else if (die < 40) await raise(client, random);
  else await commit(client, random);
}

/** Fails unless the tree keeps its invariants. */
async function checkTree(store: LsmStore, full: boolean): Promise<void> {
  const damages = await store.check({ full });
  if (damages.length === 0) return;
  throw new Error(`the tree is broken: ${JSON.stringify(damages[0])}`);
}

/** Makes a checkpoint, or drops one. */
async function checkpoint(client: Client, random: SeededRandom): Promise<void> {
  const { store, name } = client;
  const there = store.listCheckpoints();
  if (there.length > 0 && random.chance(0.4)) {
    const dropped = there[random.below(there.length)]!.name;
    // A client of the same process may have been faster.
    await store.dropCheckpoint(dropped).catch((error) => {
      if (error.code !== "42704") throw error;
    });
    return;
  }
  await store.createCheckpoint(`${name}-${random.uint32()}`);
}

/** Flushes into tables, or the log only: what was visible is durable then. */
async function flush(client: Client, random: SeededRandom): Promise<void> {
  const { store, history, name } = client;
  const { epoch } = store.manifest;
  const visible = history.shownBy(name);
  if (random.chance(0.5)) await store.flush();
  else await store.flushWal();
  history.trace.push(`${name} flushed`);
  for (const commit of visible) {
    if (commit.outcome !== "visible") continue;
    history.acknowledge(commit, commit.sequence, name, epoch);
  }
}

async function look(client: Client, random: SeededRandom): Promise<void> {
  const { store, history, name, environment } = client;
  const snapshot: Snapshot = store.snapshot();
  try {
    await history.observe(name, store, snapshot.sequence, random.chance(0.5));
    if (random.chance(0.3)) {
      await delay(environment, random.below(100));
      await history.observe(name, store, snapshot.sequence, random.chance(0.5));
    }
  } finally {
    snapshot.release();
  }
}

async function commit(client: Client, random: SeededRandom): Promise<void> {
  const writes = new Map<string, string | undefined>();
  const value = (): string => "v".repeat(random.below(60));
  for (let i = random.below(4); i >= 0; i--) {
    const key = `k${random.below(30)}`;
    writes.set(key, random.chance(0.2) ? undefined : value());
  }
  const range = random.chance(0.15) ? random.below(30) : undefined;
  const durability = random.pick<WalMode | undefined>(
    [undefined, undefined, "sync", "periodic", "async"],
  );
  await write(client, writes, range, {
    snapshot: Number.MAX_SAFE_INTEGER,
    durability,
  });
}

/** Raises a counter by one, unless somebody else does. */
async function raise(client: Client, random: SeededRandom): Promise<void> {
  const key = `n/${random.below(3)}`;
  const snapshot = client.store.visibleSequence;
  const found = text(await client.store.get(bytes(key), snapshot));
  if (random.chance(0.5)) {
    await delay(client.environment, random.below(40));
    if (client.stopped) return;
  }
  const writes = new Map([[key, String(Number(found ?? "0") + 1)]]);
  await write(client, writes, undefined, { snapshot }, true);
}

/** Every so many commits are as if they were larger than memory. */
const LARGE_EVERY = 60;

function fill(
  batch: WriteBatch,
  writes: ReadonlyMap<string, string | undefined>,
  ranges: readonly BatchRange[],
  checked: boolean,
): void {
  for (const { start, end } of ranges) batch.deleteRange(start, end);
  for (const [key, value] of writes) {
    if (value === undefined) batch.delete(bytes(key), checked);
    else batch.put(bytes(key), bytes(value), checked);
  }
}

async function write(
  client: Client,
  writes: Map<string, string | undefined>,
  range: number | undefined,
  conditions: CommitConditions,
  checked = false,
): Promise<void> {
  const { store, history, name } = client;
  const { epoch } = store.manifest;
  const removed = range === undefined
    ? undefined
    : { start: `k${range}`, end: `k${range + 2}` };
  const commit = history.begin(writes, removed);
  const batch = new WriteBatch();
  const ranges = removed === undefined
    ? []
    : [{ start: bytes(removed.start), end: bytes(removed.end) }];
  const isLarge = commit.id % LARGE_EVERY === 0;
  if (!isLarge) fill(batch, writes, ranges, checked);
  batch.put(bytes(`m/${commit.id}`), bytes(""));
  try {
    const sequence = await store.write(batch, {
      ...conditions,
      sorted: isLarge ? sortedWrites(writes, ranges, checked) : undefined,
    });
    const mode = conditions.durability ?? store.config.walMode;
    if (mode === "sync") history.acknowledge(commit, sequence, name, epoch);
    else history.show(commit, sequence, name);
  } catch (error) {
    if (commit.outcome === "acknowledged") throw error;
    history.fail(commit, error, name);
  }
}
