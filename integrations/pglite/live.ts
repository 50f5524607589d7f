/**
 * `extensions: { live }`: queries whose results are kept up to date, as
 * PGlite's extension has them.
 *
 * Below is the database's own live query: nothing is polled, no trigger is
 * made, and a commit that touches nothing the query reads costs it nothing.
 *
 * @module
 */
import { type LiveQuery as Watched, type Row, SqlError } from "../../mod.ts";
import type { Extension } from "./extension.ts";
import { type Change, changesOf } from "./live_changes.ts";
import type { PGlite } from "./pglite.ts";
import { type AnyRow, fieldOf, type Results, valueOptions } from "./results.ts";

export type { Change } from "./live_changes.ts";

/** The result of a live query. */
export interface LiveQueryResults<T> extends Results<T> {
  /** Rows there are, where `limit` shows some of them. */
  totalCount?: number;
  /** The first row that is shown. */
  offset?: number;
  /** Rows that are shown. */
  limit?: number;
}

/** A query whose result is told of. */
export interface LiveQuery<T> {
  /** The result at first. */
  initialResults: LiveQueryResults<T>;
  /** Tells somebody else too. */
  subscribe: (callback: (results: LiveQueryResults<T>) => void) => void;
  /** Tells one no more; without a callback, or when it was the last, ends. */
  unsubscribe: (
    callback?: (results: LiveQueryResults<T>) => void,
  ) => Promise<void>;
  /** Tells of the result as it is, from another row on if it is said. */
  refresh: (options?: { offset?: number; limit?: number }) => Promise<void>;
}

/** A query whose changes are told of. */
export interface LiveChanges<T = AnyRow> {
  /** The columns of the rows. */
  fields: { name: string; dataTypeID: number }[];
  /** The rows at first, as insertions. */
  initialChanges: Change<T>[];
  /** Tells somebody else too. */
  subscribe: (callback: (changes: Change<T>[]) => void) => void;
  /** Tells one no more; without a callback, or when it was the last, ends. */
  unsubscribe: (callback?: (changes: Change<T>[]) => void) => Promise<void>;
  /** PGlite's; nothing is missed here. */
  refresh: () => Promise<void>;
}

/** What a live query is made of. */
export interface LiveQueryOptions<T = AnyRow> {
  query: string;
  params?: readonly unknown[] | null;
  offset?: number;
  limit?: number;
  callback?: (results: LiveQueryResults<T>) => void;
  signal?: AbortSignal;
}

/** What a live query by key is made of. */
export interface LiveKeyOptions<R> {
  query: string;
  params?: readonly unknown[] | null;
  /** The column that tells rows apart. */
  key: string;
  callback?: (told: R) => void;
  signal?: AbortSignal;
}

/** Runs live queries of a database. */
export class LiveNamespace {
  readonly #pg: PGlite;

  /** Live queries of `pg`. */
  constructor(pg: PGlite) {
    this.#pg = pg;
  }

  /** Runs a query, and tells of its result whenever it has changed. */
  async query<T = AnyRow>(
    query: string | LiveQueryOptions<T>,
    params?: readonly unknown[] | null,
    callback?: (results: LiveQueryResults<T>) => void,
  ): Promise<LiveQuery<T>> {
    const asked: LiveQueryOptions<T> = typeof query === "object"
      ? query
      : { query, params: params ?? null, ...callback && { callback } };
    let { offset, limit } = asked;
    if ((offset === undefined) !== (limit === undefined)) {
      throw new SqlError("22023", "offset and limit must be provided together");
    }
    const shown = (rows: readonly T[]): LiveQueryResults<T> => ({
      ...resultOf(watcher.live, rows),
      ...limit !== undefined && {
        rows: rows.slice(offset, offset! + limit),
        totalCount: rows.length,
        offset: offset!,
        limit,
      },
    });
    const watcher = new Watcher<T, LiveQueryResults<T>>(shown);
    const first = await watcher.start(this.#pg, asked);
    return {
      initialResults: first,
      ...watcher.handles(),
      refresh: (options = {}) => {
        ({ offset = offset, limit = limit } = options);
        return watcher.tell();
      },
    };
  }

  /** Runs a query, and tells what came, went and changed by its key. */
  async changes<T = AnyRow>(
    query: string | LiveKeyOptions<Change<T>[]>,
    params?: readonly unknown[] | null,
    key?: string,
    callback?: (changes: Change<T>[]) => void,
  ): Promise<LiveChanges<T>> {
    const asked = keyOptions(query, params, key, callback);
    let before: readonly T[] = [];
    const watcher = new Watcher<T, Change<T>[]>((rows) => {
      const changes = changesOf(before, rows, asked.key);
      before = rows;
      return changes;
    });
    const first = await watcher.start(this.#pg, asked);
    return {
      fields: watcher.live.fields.map(fieldOf),
      initialChanges: first,
      ...watcher.handles(),
      refresh: () => Promise.resolve(),
    };
  }

  /** As `query`; PGlite's way to have less work with large results. */
  async incrementalQuery<T = AnyRow>(
    query: string | LiveKeyOptions<LiveQueryResults<T>>,
    params?: readonly unknown[] | null,
    key?: string,
    callback?: (results: LiveQueryResults<T>) => void,
  ): Promise<LiveQuery<T>> {
    const { key: _, ...asked } = keyOptions(query, params, key, callback);
    return await this.query<T>(asked);
  }
}

/** PGlite's live queries: `extensions: { live }`, then `pg.live`. */
export const live: Extension<LiveNamespace> = {
  name: "Live Queries",
  setup: (pg: PGlite) =>
    Promise.resolve({ namespaceObj: new LiveNamespace(pg) }),
};

/** A live query, and who is told of what it gives. */
class Watcher<T, R> {
  readonly #form: (rows: readonly T[]) => R;
  readonly #callbacks = new Set<(told: R) => void>();
  #live: Watched<T> | undefined;

  /** What is told is made of the rows by `form`. */
  constructor(form: (rows: readonly T[]) => R) {
    this.#form = form;
  }

  /** The query below. */
  get live(): Watched<T> {
    return this.#live!;
  }

  /** Runs it, and tells of the result. */
  async start(pg: PGlite, { query, params, callback, signal }: {
    readonly query: string;
    readonly params?: readonly unknown[] | null;
    readonly callback?: (told: R) => void;
    readonly signal?: AbortSignal;
  }): Promise<R> {
    await pg.waitReady;
    if (callback !== undefined) this.#callbacks.add(callback);
    let started = false;
    this.#live = await pg.kriya.live<T & Row>(
      query,
      params ?? [],
      () => started ? this.tell() : undefined,
      { ...valueOptions({}, {}), ...signal && { signal } },
    ) as unknown as Watched<T>;
    started = true;
    const first = this.#form(this.live.rows);
    for (const each of this.#callbacks) each(first);
    return first;
  }

  /** Tells everybody of the result as it is. */
  tell(): Promise<void> {
    const told = this.#form(this.live.rows);
    for (const each of [...this.#callbacks]) each(told);
    return Promise.resolve();
  }

  /** How one is told, and told no more. */
  handles(): {
    subscribe: (callback: (told: R) => void) => void;
    unsubscribe: (callback?: (told: R) => void) => Promise<void>;
  } {
    return {
      subscribe: (callback) => void this.#callbacks.add(callback),
      unsubscribe: async (callback) => {
        if (callback === undefined) this.#callbacks.clear();
        else this.#callbacks.delete(callback);
        if (this.#callbacks.size === 0) await this.live.close();
      },
    };
  }
}

function resultOf<T>(
  live: Watched<T>,
  rows: readonly T[],
): LiveQueryResults<T> {
  return {
    rows: [...rows],
    fields: live.fields.map(fieldOf),
    command: "SELECT",
    affectedRows: 0,
    rowCount: rows.length,
  };
}

function keyOptions<R>(
  query: string | LiveKeyOptions<R>,
  params: readonly unknown[] | null | undefined,
  key: string | undefined,
  callback: ((told: R) => void) | undefined,
): LiveKeyOptions<R> {
  const options = typeof query === "object" ? query : {
    query,
    params: params ?? null,
    key: key!,
    ...callback && { callback },
  };
  if (!options.key) {
    throw new SqlError("22023", "key is required for changes queries");
  }
  return options;
}
