/**
 * One compaction: reads the inputs of a plan, merges them, stores the outputs.
 *
 * It touches nothing but objects: what comes of it is a proposal, which
 * `compaction_edit.ts` turns into an edit of the manifest. So it runs as well
 * beside the writer as in another process. Memory: two pieces of each input, the
 * table that is being built, and one that is being stored.
 *
 * Tables that a range tombstone hides as a whole are not even read.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { ObjectSource } from "../object_store/object_store.ts";
import type {
  BuiltSstable,
  SstableOptions,
} from "../sstable/sstable_builder.ts";
import { HiddenRanges, OlderKeys, type OlderTables } from "./hidden_ranges.ts";
import { InputMerge } from "./input_merge.ts";
import {
  type InputPlace,
  InputStream,
  type OpenInput,
  openInput,
} from "./input_stream.ts";
import { OutputTables } from "./output_tables.ts";
import { bytesOf, type CompactionPlan, inputTables } from "./plan.ts";
import type { Retention } from "./retention.ts";
import { describeTable, pause, SLICE_MS } from "./stored_tables.ts";
import { overlapping, spansOverlap } from "./table_ranges.ts";
import { type FilterCounts, VersionFilter } from "./version_filter.ts";

/** What a job works with. */
export interface CompactionTask {
  /** What to do. */
  readonly plan: CompactionPlan;
  /** What lies below the inputs, see {@linkcode olderThan}. */
  readonly older: OlderTables;
  /** What must be kept. */
  readonly retention: Retention;
  /** Where objects are. */
  readonly objects: ObjectSource;
  /**
   * Stores the bytes of an output; resolves with their path. What is given is
   * not used any more.
   */
  readonly store: (bytes: Uint8Array) => Promise<string>;
  /** How tables are built. */
  readonly table: SstableOptions & { readonly tableBytesMax: number };
  /** The clock. */
  readonly environment: Environment;
  /** Ms that the thread is held at once (default {@linkcode SLICE_MS}). */
  readonly sliceMs?: number | undefined;
  /** Ends the job; its outputs are then garbage. */
  readonly signal?: AbortSignal | undefined;
  /** Is called after every slice. */
  readonly onProgress?: ((progress: CompactionProgress) => void) | undefined;
}

/** How far a job is. */
export interface CompactionProgress {
  /** Bytes of all inputs. */
  readonly inputBytes: number;
  /** Bytes read so far. */
  readonly readBytes: number;
  /** Bytes of the outputs so far. */
  readonly writtenBytes: number;
}

/** What a job made. */
export interface CompactionResult extends CompactionProgress, FilterCounts {
  /** The outputs, in the order of their keys; they are stored. */
  readonly outputs: readonly TableMeta[];
}

/** Runs a job. @throws what keeps it from being done; the signal's reason. */
export async function runCompaction(
  task: CompactionTask,
): Promise<CompactionResult> {
  const job = new CompactionJob(task);
  return await job.run();
}

/** The tables of a tree that hold what is older than a plan's inputs. */
export function olderThan(
  levels: readonly (readonly TableMeta[])[],
  plan: CompactionPlan,
): OlderTables {
  const sorted = levels.slice(plan.outputLevel + 1);
  if (plan.outputLevel > 0) return { sorted, overlapping: [] };
  const inputs = new Set(inputTables(plan).map(({ path }) => path));
  const level0 = levels[0]!;
  const oldest = level0.findLastIndex(({ path }) => inputs.has(path));
  return { sorted, overlapping: level0.slice(oldest + 1) };
}

class CompactionJob {
  readonly #task: CompactionTask;
  readonly #environment: Environment;
  readonly #inputBytes: number;
  #readBytes = 0;
  #writtenBytes = 0;
  readonly #outputs: TableMeta[] = [];
  readonly #built: BuiltSstable[] = [];
  #storing: Promise<void> | undefined;

  constructor(task: CompactionTask) {
    this.#task = task;
    this.#environment = task.environment;
    this.#inputBytes = bytesOf(inputTables(task.plan));
  }

  async run(): Promise<CompactionResult> {
    const { plan, older, retention, signal, table } = this.#task;
    const place = this.#place();
    const opened = await this.#openTombstones(place);
    const ranges = new HiddenRanges(
      opened.flatMap(({ reader }) => reader.tombstones),
      older,
      retention,
    );
    const outputs = new OutputTables(
      {
        ...table,
        expectedBytes: Math.ceil(
          Math.min(this.#inputBytes, table.tableBytesMax) * 1.1 + 4096,
        ),
        grandparents: plan.grandparents,
        single: plan.outputLevel === 0,
      },
      ranges,
      (built) => this.#built.push(built),
    );
    const filter = new VersionFilter(
      retention,
      ranges,
      new OlderKeys(older),
      outputs,
    );
    const merge = new InputMerge(await this.#streams(place, opened, ranges));
    try {
      await this.#merge(merge, filter);
      outputs.finish();
      while (this.#built.length > 0) await this.#storeNext();
      await this.#storing;
    } catch (error) {
      await this.#storing?.catch(() => {});
      throw error;
    }
    signal?.throwIfAborted();
    return { ...this.#progress(), ...filter.counts, outputs: this.#outputs };
  }

  #place(): InputPlace {
    const { objects, signal } = this.#task;
    return { objects, signal, onRead: (bytes) => this.#readBytes += bytes };
  }

  #progress(): CompactionProgress {
    return {
      inputBytes: this.#inputBytes,
      readBytes: this.#readBytes,
      writtenBytes: this.#writtenBytes,
    };
  }

  /** Opens the inputs that have range tombstones. */
  async #openTombstones(place: InputPlace): Promise<OpenInput[]> {
    const opened: OpenInput[] = [];
    for (const meta of inputTables(this.#task.plan)) {
      if (meta.tombstoneCount > 0) opened.push(await openInput(place, meta));
    }
    return opened;
  }

  /** A stream for every run among the inputs. */
  async #streams(
    place: InputPlace,
    opened: readonly OpenInput[],
    ranges: HiddenRanges,
  ): Promise<InputStream[]> {
    const known = new Map(opened.map((input) => [input.meta.path, input]));
    const streams: InputStream[] = [];
    for (const { level, tables } of this.#task.plan.inputs) {
      const inputs: OpenInput[] = [];
      for (const meta of tables) {
        if (ranges.hidesTable(meta)) continue;
        this.#task.signal?.throwIfAborted();
        inputs.push(
          known.get(meta.path) ?? await openInput(place, meta),
        );
      }
      if (level === 0) {
        for (const input of inputs) {
          streams.push(new InputStream(place, [input]));
        }
      } else streams.push(new InputStream(place, inputs));
    }
    return streams;
  }

  async #merge(merge: InputMerge, filter: VersionFilter): Promise<void> {
    const { signal, onProgress, sliceMs = SLICE_MS } = this.#task;
    const environment = this.#environment;
    let sliceStart = environment.monotonicMs();
    let sinceLook = 0;
    for (;;) {
      const next = merge.next();
      if (!(isPromise(next) ? await next : next)) return;
      const count = merge.to - merge.from;
      filter.take(merge.block, merge.from, merge.to);
      sinceLook += count;
      while (this.#built.length > 0) await this.#storeNext();
      // The clock is asked now and then only.
      if (sinceLook < 256) continue;
      sinceLook = 0;
      if (environment.monotonicMs() - sliceStart > sliceMs) {
        onProgress?.(this.#progress());
        await pause(environment);
        sliceStart = environment.monotonicMs();
      }
      signal?.throwIfAborted();
    }
  }

  /** Begins to store the next output, once the one before is stored. */
  async #storeNext(): Promise<void> {
    await this.#storing;
    const built = this.#built.shift()!;
    const { store, signal } = this.#task;
    signal?.throwIfAborted();
    const described = describeTable(built);
    const storing = store(built.bytes).then((path) => {
      this.#outputs.push({ path, ...described });
      this.#writtenBytes += described.size;
    });
    storing.catch(() => {});
    this.#storing = storing;
  }
}

/** Whether outputs of a plan would overlap tables that stay in their level. */
export function overlapsOthers(
  others: readonly TableMeta[],
  outputs: readonly TableMeta[],
): boolean {
  return outputs.some((output) =>
    overlapping(others, output).some((table) => spansOverlap(table, output))
  );
}
