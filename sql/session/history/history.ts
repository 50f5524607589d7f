/**
 * The past of a database: for how long it is kept, which moments have names,
 * and transactions that read it.
 *
 * @module
 */
import { delay } from "../../../base/environment.ts";
import type { KriyaError } from "../../../base/errors.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import {
  createNamedSnapshot,
  dropNamedSnapshot,
  findNamedSnapshot,
} from "../../../storage/engine/named_snapshots.ts";
import type { NamedSnapshot } from "../../../storage/manifest/manifest.ts";
import { ManifestStore } from "../../../storage/manifest/manifest_store.ts";
import type { Snapshot } from "../../../storage/mvcc/snapshot.ts";
import { answersPast } from "../../access/hnsw_past.ts";
import type { HnswMethod } from "../../access/hnsw_index.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import { CommitClock } from "../../catalog/commit_clock.ts";
import { PastCatalogs } from "../../catalog/past_catalogs.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { TypeRegistry } from "../../types/type_registry.ts";

/** The setting that says for how long versions are kept. */
export const RETENTION_SETTING = "version_retention";

/** A moment of the past. */
export type PastMoment =
  /** A time: ms since the epoch. */
  | { readonly kind: "time"; readonly ms: number }
  /** A snapshot's name. */
  | { readonly kind: "snapshot"; readonly name: string };

/** A moment that can be read. */
export interface PastView {
  /** Holds it. */
  readonly snapshot: Snapshot;
  /** The catalog of then. */
  readonly catalog: CatalogState;
}

/** What the past is read from. */
export interface HistoryHost {
  readonly store: LsmStore;
  readonly catalog: Catalog;
  readonly types: TypeRegistry;
  readonly hnsw: HnswMethod;
}

/** The past of one database. */
export class History {
  readonly #host: HistoryHost;
  readonly #catalogs: PastCatalogs;
  /** When commits were made. */
  readonly clock: CommitClock;

  /** The past of the database that `host` has. */
  constructor(host: HistoryHost) {
    this.#host = host;
    this.#catalogs = new PastCatalogs(host.store, host.types);
    this.clock = new CommitClock(host.store);
  }

  /** The snapshots with names, the oldest first. */
  get snapshots(): readonly NamedSnapshot[] {
    return this.#host.store.manifest.snapshots;
  }

  /** For how long versions are kept, in ms. */
  get retentionMs(): number {
    return this.#host.store.manifest.versionRetentionMs;
  }

  /** Keeps versions for `ms` from now on; 0: only as long as somebody reads. */
  async retain(ms: number): Promise<void> {
    const { store } = this.#host;
    // Times are known for as long as versions are kept, not for longer.
    if (ms === 0) await this.clock.stop();
    await store.publish(() => ({ versionRetentionMs: ms }));
    if (ms > 0) await this.clock.start();
  }

  /**
   * Gives what is committed now a name.
   *
   * @throws {KriyaError} `42710`, `42602`, `54000`.
   */
  createSnapshot(name: string): Promise<NamedSnapshot> {
    return createNamedSnapshot(name, this.#host.store);
  }

  /** @throws {KriyaError} `42704` when there is none of that name. */
  dropSnapshot(name: string): Promise<void> {
    return dropNamedSnapshot(name, this.#host.store);
  }

  /**
   * A moment of the past, held until its snapshot is released.
   *
   * @throws {KriyaError} `72000` when it is not kept any more, `22023` for the
   * future, `42704` for a name that there is not.
   */
  async open(moment: PastMoment): Promise<PastView> {
    const snapshot = moment.kind === "time"
      ? await this.#atTime(moment.ms)
      : await this.#atName(moment.name);
    try {
      const { store, catalog, hnsw } = this.#host;
      const present = {
        catalog: catalog.committed,
        manifest: store.manifest,
        open: hnsw.states,
      };
      const { sequence } = snapshot;
      const then = await this.#catalogs.at(
        sequence,
        present.catalog,
        (index, table) => answersPast(index, table, sequence, present),
      );
      return { snapshot, catalog: then };
    } catch (error) {
      snapshot.release();
      throw error;
    }
  }

  /** The catalog as of a sequence that the caller holds, for its rows. */
  catalogAt(sequence: number): Promise<CatalogState> {
    const { committed } = this.#host.catalog;
    return this.#catalogs.at(sequence, committed, () => true);
  }

  async #atTime(ms: number): Promise<Snapshot> {
    const { store } = this.#host;
    const now = store.config.environment.now();
    if (ms > now) {
      throw new SqlError(
        "22023",
        "AS OF SYSTEM TIME: cannot specify timestamp in the future",
        { detail: `${new Date(ms).toISOString()} is yet to come.` },
      );
    }
    if (store.follows) await this.#followTo(ms);
    // Held while it is looked for, so that what is found can be held.
    const { horizon } = store.manifest;
    const held = store.snapshotAt(horizon);
    try {
      const to = store.visibleSequence;
      const sequence = await this.clock.sequenceAt(ms, { from: horizon, to });
      if (sequence === undefined) throw tooOld(ms, this.retentionMs);
      return store.snapshotAt(sequence);
    } finally {
      held.release();
    }
  }

  /** Lets a reader see what was committed by then. */
  async #followTo(ms: number): Promise<void> {
    const { store } = this.#host;
    const { consistency, environment } = store.config;
    if (consistency === "snapshot") return;
    const ageMs = store.status().replica?.ageMs ?? Infinity;
    if (environment.now() - ageMs < ms) await store.refresh();
  }

  async #atName(name: string): Promise<Snapshot> {
    const { store } = this.#host;
    let from: Pick<HistoryManifest, "snapshots"> = store.manifest;
    const isKnown = from.snapshots.some((each) => each.name === name);
    if (store.follows && !isKnown) {
      // A manifest without a commit behind it is not met by following.
      await store.refresh();
      const { environment, attemptsMax } = store.config;
      const options = { environment, attemptsMax };
      const manifests = new ManifestStore(store.objects, options);
      from = (await manifests.newest()).manifest;
    }
    const { sequence } = findNamedSnapshot(from, name);
    // What it shows may be on its way to a reader.
    for (let n = 0; sequence > store.visibleSequence && n < FOLLOW_MAX; n++) {
      await store.refresh();
      await delay(store.config.environment, 0);
    }
    return store.snapshotAt(sequence);
  }
}

/** What of a manifest names moments. */
type HistoryManifest = Pick<LsmStore["manifest"], "snapshots">;

/** How often a reader looks for what a snapshot shows. */
const FOLLOW_MAX = 3;

function tooOld(ms: number, retentionMs: number): KriyaError {
  return new SqlError("72000", "snapshot too old", {
    detail: retentionMs === 0
      ? "Versions are not kept."
      : `What was at ${
        new Date(ms).toISOString()
      } is not kept any more, or was not yet.`,
    hint:
      `ALTER SYSTEM SET ${RETENTION_SETTING} = '1h' keeps versions for an hour from then on; CREATE SNAPSHOT keeps one moment.`,
  });
}
