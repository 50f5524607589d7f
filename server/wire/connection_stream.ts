/**
 * The bytes of a TCP connection. One that breaks off has ended: nobody is left
 * who could be told.
 *
 * @module
 */
import type { ByteStream } from "./message_input.ts";
import { closeQuietly } from "./tls_relay.ts";

/** The bytes of a connection. */
export class ConnectionStream implements ByteStream {
  readonly #conn: Deno.Conn;

  /** The bytes of `conn`. */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(into);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return null;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  close(): void {
    closeQuietly(this.#conn);
  }
}
