/**
 * A Worker that answers questions about a database, reading through the cache
 * that it shares with others; see `shared_readers.ts`.
 *
 * @module
 */
import { open } from "../../mod.ts";

/** What it is asked. */
export interface Question {
  /** The database. */
  readonly address: string;
  /** The handle of the cache. */
  readonly cache: SharedArrayBuffer;
  /** The query. */
  readonly text: string;
}

/** What it says. */
export interface Answer {
  /** The rows. */
  readonly rows: readonly Record<string, unknown>[];
  /** Bytes that it had to read from the bucket. */
  readonly bytesRead: number;
}

/** What a Worker has, as far as it is used. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Question>) => void;
  postMessage(message: Answer | { readonly error: string }): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { address, cache, text } }) => {
  try {
    await using db = await open(address, {
      readOnly: true,
      sharedCache: cache,
    });
    const { rows } = await db.query(text);
    const { bytesRead } = db.status().requests as { bytesRead: number };
    scope.postMessage({ rows, bytesRead });
  } catch (error) {
    scope.postMessage({ error: String(error) });
  }
};
