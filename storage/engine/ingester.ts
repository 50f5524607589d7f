/**
 * Commits whose writes are tables: loads of sorted entries, and batches that are
 * too large for the log.
 *
 * 1. A job is registered in the manifest: from then on no collector takes its
 *    objects, whoever it belongs to (`docs/decisions/001-protocol-model.md`).
 * 2. The tables are stored.
 * 3. One WAL record names them; that is the commit. Before it is written every
 *    memtable becomes a table, so that it is the first record of the log.
 * 4. The next manifest names the tables and forgets the job, in one publish with
 *    the replay point behind the record.
 *
 * A job without a commit is forgotten when its load fails, or by the next
 * writer.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import type {
  JobMeta,
  Manifest,
  ManifestEdit,
  TableMeta,
} from "../manifest/manifest.ts";
import { sstPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { nextTurn } from "../../base/environment.ts";
import { conflict } from "./commit_checks.ts";
import type { CommitConditions } from "./commit_conditions.ts";
import type { CommitPipeline } from "./commit_pipeline.ts";
import type { Ingested } from "./commit_queue.ts";
import { INGEST_JOB } from "./registered_jobs.ts";
import {
  encodeIngest,
  ingestedMeta,
  type IngestedTable,
} from "./ingest_record.ts";
import type { LsmConfig } from "./options.ts";
import { SortedTableWriter } from "./sorted_table_writer.ts";
import { checkSortedWrites } from "./sorted_checks.ts";
import type { SortedWrites } from "./sorted_writes.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";
import { findInBatch, type SealedBatch, WriteBatch } from "./write_batch.ts";

/** Keys with their values, in the order of the keys' bytes. */
export type SortedEntries =
  | Iterable<readonly [Uint8Array, Uint8Array]>
  | AsyncIterable<readonly [Uint8Array, Uint8Array]>;

/** What the ingester needs of the store. */
export interface IngestHost {
  /** The settings. */
  config(): LsmConfig;
  /** Where tables go. */
  readonly objects: ObjectStore;
  /** The commits. */
  readonly pipeline: CommitPipeline;
  /** What reads look at now. */
  state(): TreeState;
  /** Keeps the tables of `state` until `reading` settles. */
  holding<T>(state: TreeState, reading: Promise<T>): Promise<T>;
  /** The lowest sequence that tables answer exactly. */
  horizon(): number;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Publishes an edit of the manifest. */
  publish(edit: (manifest: Manifest) => ManifestEdit): Promise<Manifest>;
}

/** Commits tables. */
export class Ingester {
  readonly #host: IngestHost;
  readonly #writers = new Set<SortedTableWriter>();

  /** An ingester into the store of `host`. */
  constructor(host: IngestHost) {
    this.#host = host;
  }

  /** Bytes of the tables that are being built. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const writer of this.#writers) bytes += writer.bufferedBytes;
    return bytes;
  }

  /**
   * Commits entries, all of them or none; resolves with the sequence.
   *
   * @throws {KriyaError} `invalid` when keys are out of order; what `write` may
   * throw.
   */
  load(entries: SortedEntries, conditions: CommitConditions): Promise<number> {
    const nothing = new WriteBatch().seal();
    return this.#withJob(async (job) => {
      const writer = this.#writer(job);
      const tables = await this.#fill(
        writer,
        () => addAll(writer, entries, conditions.signal),
      );
      if (tables.length === 0) {
        await this.#forget(job);
        return this.#host.pipeline.visible;
      }
      return await this.#host.pipeline.commitTables(
        nothing,
        conditions,
        (sequence) => this.#open(tables, sequence),
      );
    });
  }

  /** Commits a batch: through the log, or as tables if it is large. */
  commit(batch: SealedBatch, conditions: CommitConditions): Promise<number> {
    const { sorted } = conditions;
    if (sorted !== undefined) {
      return this.#commitSorted(batch, sorted, conditions);
    }
    if (batch.payload.length <= this.#host.config().ingestBytesMin) {
      return this.#host.pipeline.commit(batch, conditions);
    }
    return this.#withJob((job) =>
      this.#host.pipeline.commitTables(batch, conditions, async (sequence) => {
        const writer = this.#writer(job);
        const tables = await this.#fill(
          writer,
          () => writer.addBatch(batch, conditions.signal),
        );
        return await this.#open(tables, sequence);
      })
    );
  }

  /**
   * Commits a batch and what is larger than memory together, as tables, which
   * are stored before anybody is kept from committing.
   */
  async #commitSorted(
    batch: SealedBatch,
    writes: SortedWrites,
    conditions: CommitConditions,
  ): Promise<number> {
    const { pipeline } = this.#host;
    const { snapshot, signal } = conditions;
    let since = Math.max(snapshot ?? Infinity, conditions.lockedSince ?? 0);
    const look = async (): Promise<void> => {
      if (writes.hasChecked && snapshot! < this.#host.horizon()) {
        throw conflict();
      }
      const looked = pipeline.visible;
      if (looked <= since) return;
      await this.#check(writes, since, signal);
      since = looked;
    };
    if (snapshot !== undefined) await look();
    const skip = (keys: Uint8Array, start: number, end: number): boolean =>
      findInBatch(batch, keys, start, end) >= 0;
    return await this.#withJob(async (job) => {
      const writer = this.#writer(job);
      const stored = await this.#fill(
        writer,
        () => writer.addSorted(writes, skip, signal),
      );
      return await pipeline.commitTables(
        batch,
        conditions,
        async (sequence) => {
          const last = this.#writer(job, stored.length + 1);
          const own = await this.#fill(last, () => last.addBatch(batch));
          return await this.#open([...stored, ...own], sequence);
        },
        snapshot === undefined ? undefined : look,
      );
    });
  }

  /** Checks keys since a sequence against the tree as it is now. */
  #check(
    writes: SortedWrites,
    since: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const state = this.#host.state();
    const pause = async (): Promise<void> => {
      await nextTurn();
      signal?.throwIfAborted();
    };
    const checking = checkSortedWrites(writes, { state, since, pause });
    return this.#host.holding(state, checking);
  }

  async #withJob(work: (job: JobMeta) => Promise<number>): Promise<number> {
    this.#host.pipeline.checkOpen();
    let job: JobMeta | undefined;
    await this.#host.publish(({ epoch, nextJob, jobs }) => {
      job = { job: nextJob, epoch, kind: INGEST_JOB };
      return { jobs: [...jobs, job], nextJob: nextJob + 1 };
    });
    try {
      return await work(job!);
    } catch (error) {
      // Where the outcome is unknown the log may come to name the tables.
      const unknown = error instanceof KriyaError && error.code === "08007";
      if (!unknown) await this.#forget(job!).catch(() => {});
      throw error;
    }
  }

  async #forget({ job, epoch }: JobMeta): Promise<void> {
    await this.#host.publish(({ jobs }) => ({
      jobs: jobs.filter((each) => each.job !== job || each.epoch !== epoch),
    }));
  }

  /** A writer of tables of a job, the first of which has the number `first`. */
  #writer({ epoch, job }: JobMeta, first = 1): SortedTableWriter {
    let number = first;
    return new SortedTableWriter({
      config: this.#host.config(),
      objects: this.#host.objects,
      nextPath: () => sstPath({ epoch, job, number: number++ }),
    });
  }

  /** The tables of a writer that `fill` fills. */
  async #fill(
    writer: SortedTableWriter,
    fill: () => Promise<void>,
  ): Promise<readonly IngestedTable[]> {
    this.#writers.add(writer);
    try {
      await fill();
      return await writer.finish();
    } finally {
      this.#writers.delete(writer);
    }
  }

  async #open(
    tables: readonly IngestedTable[],
    sequence: number,
  ): Promise<Ingested> {
    const opened: OpenTable[] = [];
    for (const table of tables) {
      const open = this.#host.openTable(ingestedMeta(table, sequence));
      const reader = open.reader();
      if (isPromise(reader)) await reader;
      opened.push(open);
    }
    return { tables: opened, record: encodeIngest(tables) };
  }
}

async function addAll(
  writer: SortedTableWriter,
  entries: SortedEntries,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (Symbol.asyncIterator in entries) {
    for await (const [key, value] of entries) {
      signal?.throwIfAborted();
      const added = writer.add(key, value);
      if (added !== undefined) await added;
    }
    return;
  }
  for (const [key, value] of entries) {
    const added = writer.add(key, value);
    if (added === undefined) continue;
    await added;
    signal?.throwIfAborted();
  }
}
