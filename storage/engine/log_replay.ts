/**
 * From objects of the log to memtables: what opening does once, and a reader
 * that follows the writer goes on doing.
 *
 * Invariants:
 * 1. The memtables hold exactly the records that were replayed and that the
 *    manifest's tables do not have.
 * 2. Sequences rise, epochs do not fall, and behind a torn object there is a
 *    fence or nothing: everything else is damage.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { fencedError } from "../../fence/fenced_error.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { Memtable } from "../memtable/memtable.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { decodeWal, type WalObject } from "../wal/wal_format.ts";
import { listWal, readWal, type WalEntry } from "../wal/wal_reader.ts";
import { applyBatch } from "./apply_batch.ts";
import type { FrozenMemtable } from "./flusher.ts";
import {
  decodeIngest,
  ingestedMeta,
  type IngestedTable,
} from "./ingest_record.ts";
import type { LsmConfig } from "./options.ts";
import { decodeBatch } from "./write_batch.ts";

/** How a log is replayed. */
export interface LogReplayOptions {
  /** The settings. */
  readonly config: LsmConfig;
  /** Bytes of keys and values at which a memtable is frozen. */
  readonly memtableBytesMax: number;
  /** Who opens, if it is a writer: a higher epoch ends the opening. */
  readonly writer?: WriterIdentity | undefined;
}

/** What a replay found. */
export interface ReplayedLog {
  /** The manifest from whose replay point on the log was replayed. */
  readonly manifest: Manifest;
  /** The end of what was in the log. */
  readonly memtable: Memtable;
  /** What was before that, in full memtables, the oldest first. */
  readonly frozen: readonly FrozenMemtable[];
  /** The highest committed sequence. */
  readonly sequence: number;
}

/** The log from a manifest's replay point on, as far as it was replayed. */
export class LogReplay {
  readonly #store: ObjectStore;
  readonly #options: LogReplayOptions;
  #manifest: Manifest;
  #memtable = new Memtable();
  #frozen: FrozenMemtable[] = [];
  #sequence: number;
  #nextId: number;
  #epoch = 0;
  /** The path of the object before, if it was torn. */
  #torn: string | undefined;

  /** Nothing yet. */
  constructor(
    store: ObjectStore,
    manifest: Manifest,
    options: LogReplayOptions,
  ) {
    this.#store = store;
    this.#manifest = manifest;
    this.#options = options;
    this.#sequence = manifest.sequence;
    this.#nextId = manifest.replayFrom;
  }

  /** What was found. */
  get result(): ReplayedLog {
    return {
      manifest: this.#manifest,
      memtable: this.#memtable,
      frozen: [...this.#frozen],
      sequence: this.#sequence,
    };
  }

  /** The id after the last object that was replayed. */
  get nextId(): number {
    return this.#nextId;
  }

  /**
   * Replays every object that is there before `end`, as a listing tells; the id
   * after the last.
   */
  async run(
    { end = Infinity, listing }: {
      readonly end?: number;
      readonly listing?: readonly WalEntry[] | undefined;
    } = {},
  ): Promise<number> {
    const { replayFrom } = this.#manifest;
    const listed = listing ?? await listWal(this.#store, replayFrom);
    const entries = listed.filter(({ id }) => id < end);
    const { config } = this.#options;
    const objects = readWal(this.#store, replayFrom, entries, config);
    for await (const object of objects) this.apply(object);
    return this.#nextId;
  }

  /** Replays the object `bytes` of id `id`, the one after the last. */
  add(bytes: Uint8Array, id: number): void {
    this.apply(decodeWal(bytes, id, walPath(id), this.#options.config));
  }

  /** Replays `object`, the one after the last. */
  apply(object: WalObject): void {
    const path = walPath(object.id);
    this.#checkPlace(object, path);
    for (const record of object.records) {
      if (record.sequence <= this.#sequence) {
        throw new KriyaError(
          "corrupt",
          `Cannot replay "${path}": sequence ${record.sequence} after ${this.#sequence}`,
        );
      }
      this.#sequence = record.sequence;
      if (record.kind === "ingest") {
        this.#ingest(decodeIngest(record.payload, path), object.id);
        continue;
      }
      const batch = decodeBatch(record.payload, path);
      applyBatch(this.#memtable, batch, record.sequence);
    }
    this.#nextId = object.id + 1;
    this.#freezeIfFull();
  }

  /**
   * Goes on from a newer manifest: what is in its tables is forgotten here. The
   * memtables that were given out before stay as they were.
   */
  coverBy(manifest: Manifest): void {
    const { sequence, replayFrom } = manifest;
    this.#manifest = manifest;
    this.#frozen = this.#frozen.filter(({ log }) => log.sequence > sequence)
      .map((frozen) => ({
        ...frozen,
        memtable: frozen.memtable.after(sequence),
      }));
    this.#memtable = this.#memtable.after(sequence);
    this.#sequence = Math.max(this.#sequence, sequence);
    if (replayFrom <= this.#nextId) return;
    this.#nextId = replayFrom;
    this.#torn = undefined;
  }

  /** Takes over tables: the first thing in the log, see `ingester.ts`. */
  #ingest(tables: readonly IngestedTable[], id: number): void {
    const sequence = this.#sequence;
    if (!this.#memtable.isEmpty || this.#frozen.length > 0) {
      throw new KriyaError(
        "corrupt",
        `Cannot replay "${walPath(id)}": it names tables behind other commits`,
      );
    }
    const ingested = tables.map((table) => ingestedMeta(table, sequence));
    const log = { replayFrom: id + 1, sequence };
    this.#frozen.push({ memtable: new Memtable(), log, ingested });
  }

  /** A long log is many memtables: they are flushed once the store is open. */
  #freezeIfFull(): void {
    const memtable = this.#memtable;
    if (memtable.contentBytes < this.#options.memtableBytesMax) return;
    if (memtable.isEmpty) return;
    memtable.freeze();
    const log = { replayFrom: this.#nextId, sequence: this.#sequence };
    this.#frozen.push({ memtable, log });
    this.#memtable = new Memtable();
  }

  /** Whether an object may stand where it does: epochs, and what was torn. */
  #checkPlace(object: WalObject, path: string): void {
    if (this.#torn !== undefined && !object.fence) {
      throw new KriyaError(
        "corrupt",
        `Cannot replay "${this.#torn}": it is cut short, and "${path}" follows it`,
      );
    }
    this.#torn = object.torn ? path : undefined;
    if (object.writer === undefined) return;
    const { epoch, writerId } = object.writer;
    if (epoch < this.#epoch) {
      throw new KriyaError(
        "corrupt",
        `Cannot replay "${path}": epoch ${epoch} after epoch ${this.#epoch}`,
      );
    }
    this.#epoch = epoch;
    const { writer } = this.#options;
    if (writer !== undefined && epoch > writer.epoch) {
      const owner = `writer ${writerId} of epoch ${epoch}`;
      throw fencedError(this.#store.address, owner);
    }
  }
}
