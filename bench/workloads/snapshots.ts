/**
 * What a snapshot costs who reads at it, and what a session costs that does
 * nothing.
 *
 * @module
 */
import type { LimitWorkload, Side, Workload } from "../harness.ts";
import { KvEntries } from "../kv_engines.ts";
import { randomNumbers } from "../random.ts";

const ENTRIES = 100_000;
const GETS = 20_000;
/** Entries that were written again after the snapshot was taken. */
const REWRITTEN = 10_000;

/** Gets at a snapshot, or of what is newest, of the same store in memory. */
class GetSide implements Side {
  readonly #atSnapshot: boolean;
  readonly #entries = new KvEntries(ENTRIES);
  readonly #random = randomNumbers(4);
  #get: ((key: Uint8Array) => unknown) | undefined;
  #close: (() => Promise<void>) | undefined;

  constructor(atSnapshot: boolean) {
    this.#atSnapshot = atSnapshot;
  }

  async setup(): Promise<string> {
    const { LsmStore, MemoryStore, WriteBatch } = await import(
      "../../storage/mod.ts"
    );
    const store = await LsmStore.open(new MemoryStore());
    const { keys } = this.#entries;
    const put = async (from: number, to: number): Promise<void> => {
      const batch = new WriteBatch();
      for (let i = from; i < to; i++) {
        batch.put(keys[i]!, this.#entries.value(i));
      }
      await store.write(batch);
    };
    for (let i = 0; i < ENTRIES; i += 1000) await put(i, i + 1000);
    const snapshot = store.snapshot();
    await put(0, REWRITTEN);
    const sequence = snapshot.sequence;
    this.#get = this.#atSnapshot
      ? (key) => store.get(key, sequence)
      : (key) => store.get(key);
    this.#close = async () => {
      snapshot.release();
      await store.close();
    };
    await this.round();
    return `${ENTRIES} entries in memory, a tenth written again since`;
  }

  async round(): Promise<number> {
    const { keys } = this.#entries;
    for (let i = 0; i < GETS; i++) {
      const got = this.#get!(keys[Math.floor(this.#random() * ENTRIES)]!);
      const value = got instanceof Promise ? await got : got;
      if ((value as Uint8Array).length !== 100) throw new Error("lost");
    }
    return GETS;
  }

  async close(): Promise<void> {
    await this.#close!();
  }
}

/** Gets at a snapshot beside gets of what is newest. */
export const snapshotGet: Workload = {
  name: "txn-snapshot-get",
  unit: "gets/s",
  peers: { newest: { name: "newest", target: 1 / 1.1 } },
  sides: {
    ours: () => new GetSide(true),
    newest: () => new GetSide(false),
  },
};

const SESSIONS = 2000;

/** Bytes of the heap after all that is garbage was collected. */
function heapBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) gc!();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** Memory of a session that has run something and waits. */
export const idleSession: LimitWorkload = {
  name: "txn-idle-session",
  unit: "bytes",
  limit: 10_240,
  turns: 3,
  measure: async () => {
    const { open } = await import("../../mod.ts");
    const db = await open("memory:");
    await db.exec("CREATE TABLE items (id int PRIMARY KEY, name text)");
    const use = async (count: number): Promise<unknown[]> => {
      const sessions = [];
      for (let i = 0; i < count; i++) {
        const session = db.session();
        await session.query("BEGIN");
        await session.query("SELECT * FROM items WHERE id = $1", [i]);
        await session.query("INSERT INTO items VALUES ($1, 'a')", [i]);
        await session.query("ROLLBACK");
        sessions.push(session);
      }
      return sessions;
    };
    const kept = [await use(SESSIONS)];
    const before = heapBytes();
    kept.push(await use(SESSIONS));
    const bytes = (heapBytes() - before) / SESSIONS;
    if (kept.length !== 2) throw new Error("lost");
    await db.close();
    return bytes;
  },
};
