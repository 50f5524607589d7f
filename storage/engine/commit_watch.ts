/**
 * Who wants to know that there is more to read: that commits became visible, or
 * durable, or that the store is closed.
 *
 * @module
 */

/** The watchers of one store. */
export class CommitWatch {
  readonly #watchers = new Set<() => void>();

  /** Calls `watcher` whenever there may be more, until what it gives is called. */
  add(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Tells all of them. */
  notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
