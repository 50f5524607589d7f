/**
 * What a transaction says to others when it commits: NOTIFY, LISTEN, UNLISTEN.
 *
 * The same notification twice in a transaction is one, as in PostgreSQL.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";

/** How many a transaction may have. */
const PENDING_MAX = 1_000_000;

/** Something that commits with the transaction. */
export type PendingNotification =
  | {
    readonly kind: "notify";
    readonly channel: string;
    readonly payload: string;
    /** The number of the session that sends it. */
    readonly processId: number;
  }
  /** Calls back at the commit: a session that listens, or does not any more. */
  | { readonly kind: "listen"; readonly apply: () => void };

/** What a transaction says when it commits. */
export class PendingNotifications {
  readonly #pending: PendingNotification[] = [];
  /** The notifications among them. */
  readonly #known = new Set<string>();

  /** In the order they were given. */
  get pending(): readonly PendingNotification[] {
    return this.#pending;
  }

  /** Adds one, unless it is there. @throws {SqlError} `54000`. */
  add(notification: PendingNotification): void {
    if (this.#pending.length >= PENDING_MAX) {
      throw new SqlError("54000", "too many notifications in the NOTIFY queue");
    }
    if (notification.kind === "notify") {
      const key = keyOf(notification);
      if (this.#known.has(key)) return;
      this.#known.add(key);
    }
    this.#pending.push(notification);
  }

  /** A mark to go back to. */
  mark(): number {
    return this.#pending.length;
  }

  /** Takes back what was added after `mark`. */
  returnTo(mark: number): void {
    for (const each of this.#pending.splice(mark)) {
      if (each.kind === "notify") this.#known.delete(keyOf(each));
    }
  }
}

function keyOf(
  { channel, payload }: PendingNotification & { readonly kind: "notify" },
): string {
  return `${channel}\0${payload}`;
}
