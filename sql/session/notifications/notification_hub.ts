/**
 * LISTEN and NOTIFY between the sessions of an open database.
 *
 * A notification is delivered when the transaction that sent it has committed,
 * in the order of commits, to every session that listens then. A session in a
 * transaction gets it when that has ended.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { PendingNotification } from "../../transaction/pending_notifications.ts";

/** How many notifications may wait for a session. */
export const WAITING_MAX = 100_000;

/** What NOTIFY sent. */
export interface Notification {
  /** The channel's name. */
  readonly channel: string;
  /** The text that was sent; empty if none was. */
  readonly payload: string;
  /** The number of the session that sent it: its `pg_backend_pid()`. */
  readonly processId: number;
}

/** A session that may listen. */
export interface Listener {
  /** Whether it listens to a channel. */
  listensTo(channel: string): boolean;
  /** Notifications that wait for it. */
  readonly waiting: number;
  /** Takes a notification. */
  take(notification: Notification): void;
}

/** Where notifications go. */
export class NotificationHub {
  readonly #listeners = new Set<Listener>();

  /** Adds a listener. */
  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Forgets a listener. */
  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /**
   * What delivers what a transaction sends, to be called once it has committed,
   * and doing nothing when it is called again; `undefined` if it sends nothing.
   *
   * @throws {SqlError} `54000` when there is no room for it.
   */
  delivery(transaction: Transaction): (() => void) | undefined {
    if (!transaction.hasNotifications) return undefined;
    let pending = transaction.checks.notifications.pending;
    this.#requireRoom(pending);
    return () => {
      this.#deliver(pending);
      pending = [];
    };
  }

  #requireRoom(pending: readonly PendingNotification[]): void {
    for (const { waiting } of this.#listeners) {
      if (waiting + pending.length > WAITING_MAX) {
        throw new SqlError(
          "54000",
          "too many notifications in the NOTIFY queue",
          { hint: "A session that listens is in a transaction for long." },
        );
      }
    }
  }

  #deliver(pending: readonly PendingNotification[]): void {
    // A session that begins to listen gets what it sends with that.
    for (const each of pending) if (each.kind === "listen") each.apply();
    for (const each of pending) {
      if (each.kind !== "notify") continue;
      const { channel, payload, processId } = each;
      for (const listener of this.#listeners) {
        if (!listener.listensTo(channel)) continue;
        listener.take({ channel, payload, processId });
      }
    }
  }
}
