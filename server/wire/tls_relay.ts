/**
 * TLS for connections that begin without: PostgreSQL's clients ask for it in
 * the clear, and Deno cannot turn an accepted connection into one with TLS.
 *
 * ```text
 * client ── TLS ──> listener ── the same bytes ──> TLS listener on loopback
 * ```
 *
 * The second listener takes the handshake and what follows; whoever reaches it
 * from this machine meets the same startup and authentication as anybody.
 *
 * @module
 */
import { KriyaError } from "../../mod.ts";

/** The certificate of a server and its key, in PEM. */
export interface TlsOptions {
  /** The certificate, with those that vouch for it behind it. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** What PostgreSQL calls its protocol in a handshake. */
const PROTOCOL = "postgresql";

/** Speaks TLS for others. */
export class TlsRelay {
  readonly #listener: Deno.TlsListener;

  /**
   * Listens on loopback.
   *
   * @throws {KriyaError} `invalid` for a certificate that is none.
   */
  constructor({ cert, key }: TlsOptions) {
    try {
      this.#listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert,
        key,
        alpnProtocols: [PROTOCOL],
      });
    } catch (error) {
      throw new KriyaError("invalid", "Cannot use the certificate for TLS", {
        cause: error,
      });
    }
  }

  /** The next connection with TLS. */
  accept(): Promise<Deno.Conn> {
    return this.#listener.accept();
  }

  /**
   * Passes on what comes from a client that is about to speak TLS, and what goes
   * back; `begun` came first. Resolves when either has ended.
   */
  async relay(client: Deno.Conn, begun: Uint8Array): Promise<void> {
    const { port } = this.#listener.addr as Deno.NetAddr;
    const inner = await Deno.connect({ hostname: "127.0.0.1", port });
    inner.setNoDelay(true);
    if (begun.length > 0) await writeAll(inner, begun);
    const there = client.readable.pipeTo(inner.writable);
    const back = inner.readable.pipeTo(client.writable);
    await Promise.race([there, back].map((each) => each.catch(() => {})));
    closeQuietly(inner);
    closeQuietly(client);
    await Promise.allSettled([there, back]);
  }

  /** Takes no more connections. */
  close(): void {
    this.#listener.close();
  }
}

/** Closes a connection that may be closed. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}
