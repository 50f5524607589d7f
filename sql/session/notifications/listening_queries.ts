/**
 * Statements on a session, and being told of NOTIFY.
 *
 * @module
 */
import { quoteIdentifier } from "../../parser/quote.ts";
import type { QueryOptions } from "../queryable.ts";
import { SessionQueries } from "../session_queries.ts";
import type { Session } from "../session.ts";
import type { Notification } from "./notification_hub.ts";
import type {
  NotificationCallback,
  SessionNotifications,
} from "./session_notifications.ts";

/** Is told what was sent on one channel. */
export type ListenCallback = (
  payload: string,
  notification: Notification,
) => void;

/** Who listens to a channel, and how the session tells them. */
interface ChannelCallbacks {
  readonly callbacks: Set<ListenCallback>;
  readonly tell: NotificationCallback;
}

/** Runs statements on a session that can listen. */
export abstract class ListeningQueries extends SessionQueries {
  readonly #notifications: SessionNotifications;
  readonly #channels = new Map<string, ChannelCallbacks>();

  /** Statements on `session`. */
  constructor(session: Session, defaults: QueryOptions) {
    super(session, defaults);
    this.#notifications = session.settings.objects.notifications;
  }

  /**
   * Calls `callback` for what NOTIFY sends on a channel, from any session of
   * this database in this process, once it has committed. A name without double
   * quotes is in lower case, as in SQL.
   *
   * Runs LISTEN: within a transaction of the session it begins with its COMMIT.
   *
   * @returns what ends it.
   *
   * @throws {SqlError}
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * const heard = Promise.withResolvers<string>();
   * const unlisten = await db.listen("news", heard.resolve);
   * await db.query("SELECT pg_notify('news', 'it rains')");
   * assertEquals(await heard.promise, "it rains");
   * await unlisten();
   * ```
   */
  async listen(
    channel: string,
    callback: ListenCallback,
  ): Promise<() => Promise<void>> {
    const name = channelName(channel);
    const known = this.#channels.get(name);
    if (known !== undefined) known.callbacks.add(callback);
    else this.#add(name, callback);
    try {
      await this.query(`LISTEN ${quoteIdentifier(name)}`);
    } catch (error) {
      this.#remove(name, callback);
      throw error;
    }
    return () => this.unlisten(channel, callback);
  }

  /**
   * Ends what {@linkcode ListeningQueries.listen} began: for one callback, or
   * for all of a channel.
   */
  async unlisten(channel: string, callback?: ListenCallback): Promise<void> {
    const name = channelName(channel);
    if (this.#remove(name, callback)) {
      await this.query(`UNLISTEN ${quoteIdentifier(name)}`);
    }
  }

  /**
   * Calls `callback` for everything that the session hears: on the channels of
   * `listen`, and of LISTEN. What it returns ends that.
   */
  onNotification(callback: NotificationCallback): () => void {
    this.#notifications.addCallback(callback);
    return () => this.#notifications.removeCallback(callback);
  }

  #add(name: string, callback: ListenCallback): void {
    const callbacks = new Set([callback]);
    const tell = (notification: Notification): void => {
      if (notification.channel !== name) return;
      for (const each of [...callbacks]) {
        queueMicrotask(() => each(notification.payload, notification));
      }
    };
    this.#channels.set(name, { callbacks, tell });
    this.#notifications.addCallback(tell);
  }

  /** Whether nobody is left. */
  #remove(name: string, callback: ListenCallback | undefined): boolean {
    const channel = this.#channels.get(name);
    if (channel === undefined) return callback === undefined;
    const { callbacks, tell } = channel;
    if (callback === undefined) callbacks.clear();
    else callbacks.delete(callback);
    if (callbacks.size > 0) return false;
    this.#channels.delete(name);
    this.#notifications.removeCallback(tell);
    return true;
  }
}

/** A channel's name as SQL reads it. */
function channelName(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  return quoted?.replaceAll('""', '"') ?? text.toLowerCase();
}
