/**
 * What a store tells of itself while it runs: names that alerts are set on,
 * how often each has happened, and who wants to hear.
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";

/** The names of events. */
export const STORE_EVENT_NAMES = [
  "WAL write failed",
  "WAL writes stopped",
  "WAL writes resumed",
  "vector index rebuilt",
  "plan estimate off",
] as const;

/**
 * What happened: an attempt to write the log had no answer, or was refused;
 * commits are refused from now on; commits are taken again; an index of vectors
 * had a damaged object, and was made again from its rows; a statement found far
 * more or fewer rows than it was planned for.
 */
export type StoreEventName = typeof STORE_EVENT_NAMES[number];

/** Something that happened in a store. */
export interface StoreEvent {
  /** What. */
  readonly name: StoreEventName;
  /** When, in ms since the epoch. */
  readonly at: number;
  /** Attempts at the log in a row that had failed then. */
  readonly failuresInRow: number;
  /** More about it, in words. */
  readonly detail?: string | undefined;
  /** What was met; absent when it went well. */
  readonly error?: KriyaError | undefined;
}

/** Hears of events; called in a turn of its own, what it throws is its own. */
export type StoreEventListener = (event: StoreEvent) => void;

/** Counts events and passes them on. */
export class StoreEvents {
  readonly #counts = new Map<StoreEventName, number>();
  readonly #listeners: StoreEventListener[] = [];

  /** How often each has happened. */
  get counts(): Readonly<Record<StoreEventName, number>> {
    return Object.fromEntries(
      STORE_EVENT_NAMES.map((name) => [name, this.#counts.get(name) ?? 0]),
    ) as Record<StoreEventName, number>;
  }

  /** Calls `listener` from now on. */
  listen(listener: StoreEventListener): void {
    this.#listeners.push(listener);
  }

  /** It happened. */
  tell(event: StoreEvent): void {
    this.#counts.set(event.name, (this.#counts.get(event.name) ?? 0) + 1);
    for (const listener of this.#listeners) {
      queueMicrotask(() => listener(event));
    }
  }
}
