/**
 * The indexes that are being built, for `pg_stat_progress_create_index`.
 *
 * @module
 */
import type { BuildProgress } from "../access/index_access.ts";
import type { IndexEntry } from "../catalog/entries.ts";

/** A build, and how far it is. */
export interface IndexBuild {
  /** The session's number. */
  readonly processId: number;
  /** The statement: `CREATE INDEX`, `REINDEX`. */
  readonly command: string;
  /** The index, and how far it is; absent before it says so. */
  index?: IndexEntry;
  /** What it said last. */
  progress?: BuildProgress;
}

/** Builds under way. */
export class IndexBuilds {
  readonly #builds = new Set<IndexBuild>();

  /** Notes a build of an index. */
  tell(build: IndexBuild, progress: BuildProgress, index: IndexEntry): void {
    build.index = index;
    build.progress = progress;
    this.#builds.add(build);
  }

  /** Forgets a build, noted or not. */
  end(build: IndexBuild): void {
    this.#builds.delete(build);
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<IndexBuild> {
    return this.#builds[Symbol.iterator]();
  }
}
