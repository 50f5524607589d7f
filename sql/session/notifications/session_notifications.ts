/**
 * What a session listens to, and whom it tells.
 *
 * @module
 */
import type { PendingNotifications } from "../../transaction/pending_notifications.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  Listener,
  Notification,
  NotificationHub,
} from "./notification_hub.ts";

/** Bytes of a channel's name, and of a payload. */
const CHANNEL_BYTES_MAX = 63;
const PAYLOAD_BYTES_MAX = 7999;

/** Is told of a notification. */
export type NotificationCallback = (notification: Notification) => void;

/** The notifications of one session. */
export class SessionNotifications implements Listener {
  #hub: NotificationHub | undefined;
  readonly #channels = new Set<string>();
  readonly #callbacks = new Set<NotificationCallback>();
  #waiting: Notification[] = [];
  #busy = false;
  #planned = false;

  /** The channels it listens to, in the order it began. */
  get channels(): readonly string[] {
    return [...this.#channels];
  }

  listensTo(channel: string): boolean {
    return this.#channels.has(channel);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  take(notification: Notification): void {
    if (this.#callbacks.size === 0) return;
    this.#waiting.push(notification);
    this.#plan();
  }

  /** A transaction of the session begins, or has ended. */
  set busy(busy: boolean) {
    this.#busy = busy;
    if (!busy) this.#plan();
  }

  /** Tells, when nothing else runs. */
  #plan(): void {
    if (this.#busy || this.#planned || this.#waiting.length === 0) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.#busy) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) this.#tell(each);
    });
  }

  /** One that throws does not keep it from the others. */
  #tell(notification: Notification): void {
    for (const callback of [...this.#callbacks]) {
      queueMicrotask(() => callback(notification));
    }
  }

  /** Adds somebody to tell. */
  addCallback(callback: NotificationCallback): void {
    this.#callbacks.add(callback);
  }

  /** Forgets somebody. */
  removeCallback(callback: NotificationCallback): void {
    this.#callbacks.delete(callback);
  }

  /** LISTEN, when the transaction commits. @throws {SqlError} `22023`. */
  listen(
    hub: NotificationHub,
    pending: PendingNotifications,
    channel: string,
  ): void {
    checkChannel(channel);
    pending.add({
      kind: "listen",
      apply: () => {
        this.#hub = hub;
        this.#channels.add(channel);
        hub.add(this);
      },
    });
  }

  /** UNLISTEN, when the transaction commits; without a channel, of all. */
  unlisten(pending: PendingNotifications, channel: string | undefined): void {
    const apply = (): void => {
      if (channel === undefined) this.close();
      else this.#channels.delete(channel);
    };
    pending.add({ kind: "listen", apply });
  }

  /** Listens to nothing any more. */
  close(): void {
    this.#channels.clear();
    this.#waiting = [];
    this.#hub?.remove(this);
  }
}

/** NOTIFY, when the transaction commits. @throws {SqlError} `22023`. */
export function notify(
  pending: PendingNotifications,
  { channel, payload, processId }: Notification,
): void {
  checkChannel(channel);
  if (new TextEncoder().encode(payload).length > PAYLOAD_BYTES_MAX) {
    throw new SqlError("22023", "payload string too long");
  }
  pending.add({ kind: "notify", channel, payload, processId });
}

function checkChannel(channel: string): void {
  if (channel === "") {
    throw new SqlError("22023", "channel name cannot be empty");
  }
  if (new TextEncoder().encode(channel).length > CHANNEL_BYTES_MAX) {
    throw new SqlError("22023", "channel name too long");
  }
}
