/**
 * A client of PostgreSQL's protocol that says whatever a test wants, right or
 * wrong, and shows what it is answered.
 *
 * @module
 */
import { BinaryWriter } from "../../mod.ts";

/** A message of the server. */
export interface ServerMessage {
  readonly type: string;
  readonly body: Uint8Array;
}

const decoder = new TextDecoder();

/** The bytes of a message of a client. */
export function message(
  type: string,
  write: (body: BinaryWriter) => void = () => {},
): Uint8Array {
  const writer = new BinaryWriter();
  if (type !== "") writer.u8(type.charCodeAt(0));
  const at = writer.length;
  writer.i32(0);
  write(writer);
  writer.setI32(at, writer.length - at);
  return writer.finish();
}

/** The first message of a session. */
export function startup(
  parameters: Record<string, string> = {},
): Uint8Array {
  return message("", (body) => {
    body.i32(3 << 16);
    const all = { user: "postgres", database: "postgres", ...parameters };
    for (const [name, value] of Object.entries(all)) {
      body.zeroEnded(name);
      body.zeroEnded(value);
    }
    body.u8(0);
  });
}

/** Messages of the extended protocol that run a text once. */
export function parseBindExecute(
  text: string,
  options: { readonly name?: string; readonly rowsMax?: number } = {},
): Uint8Array[] {
  const { name = "", rowsMax = 0 } = options;
  return [
    message("P", (body) => {
      body.zeroEnded(name);
      body.zeroEnded(text);
      body.i16(0);
    }),
    message("B", (body) => {
      body.zeroEnded("");
      body.zeroEnded(name);
      body.i16(0);
      body.i16(0);
      body.i16(0);
    }),
    message("E", (body) => {
      body.zeroEnded("");
      body.i32(rowsMax);
    }),
  ];
}

/** Sync. */
export const SYNC: Uint8Array = message("S");

/** A simple query. */
export function query(text: string): Uint8Array {
  return message("Q", (body) => body.zeroEnded(text));
}

/** A connection. */
export class WireClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  #bytes = new Uint8Array();
  /** The number of the server's session, and what proves it. */
  processId = 0;
  secret = 0;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects, and says nothing. */
  static async connect(port: number): Promise<WireClient> {
    return new WireClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Connects, and comes in. */
  static async open(
    port: number,
    parameters: Record<string, string> = {},
  ): Promise<WireClient> {
    const client = await WireClient.connect(port);
    await client.send(startup(parameters));
    const messages = await client.until("Z");
    const key = messages.find(({ type }) => type === "K")!;
    const view = new DataView(key.body.buffer, key.body.byteOffset);
    client.processId = view.getInt32(0);
    client.secret = view.getInt32(4);
    return client;
  }

  /** Sends bytes with one write. */
  async send(...parts: Uint8Array[]): Promise<void> {
    const bytes = new Uint8Array(
      parts.reduce((sum, part) => sum + part.length, 0),
    );
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#conn.write(bytes.subarray(sent));
    }
  }

  /** The next bytes; `undefined` once the server has closed. */
  async bytes(): Promise<Uint8Array | undefined> {
    const into = new Uint8Array(65_536);
    try {
      const count = await this.#conn.read(into);
      return count === null ? undefined : into.subarray(0, count);
    } catch {
      return undefined;
    }
  }

  /** The next message; `undefined` once the server has closed. */
  async next(): Promise<ServerMessage | undefined> {
    for (;;) {
      const bytes = this.#bytes;
      if (bytes.length >= 5) {
        const length = 1 +
          new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
        if (bytes.length >= length) {
          this.#bytes = bytes.subarray(length);
          const type = String.fromCharCode(bytes[0]!);
          return { type, body: bytes.subarray(5, length) };
        }
      }
      const more = await this.bytes();
      if (more === undefined) return undefined;
      const all = new Uint8Array(bytes.length + more.length);
      all.set(bytes);
      all.set(more, bytes.length);
      this.#bytes = all;
    }
  }

  /** The messages up to one of a type, or to the end. */
  async until(type: string): Promise<ServerMessage[]> {
    const messages: ServerMessage[] = [];
    for (;;) {
      const next = await this.next();
      if (next === undefined) return messages;
      messages.push(next);
      if (next.type === type) return messages;
    }
  }

  /** Sends, and shows what is answered up to ReadyForQuery. */
  async ask(...parts: Uint8Array[]): Promise<string[]> {
    await this.send(...parts);
    return shown(await this.until("Z"));
  }

  /** Asks the server to stop what this client does. */
  async cancel(port: number, secret: number = this.secret): Promise<void> {
    using other = await WireClient.connect(port);
    await other.send(message("", (body) => {
      body.i32(80_877_102);
      body.i32(this.processId);
      body.i32(secret);
    }));
    await other.bytes();
  }

  /** Says that nothing more will come. */
  async endOfRequests(): Promise<void> {
    await this.#conn.closeWrite().catch(() => {});
  }

  /** Bytes that came and are no message. */
  get left(): number {
    return this.#bytes.length;
  }

  /** Goes without a word. */
  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed.
    }
  }
}

/**
 * Messages as a test reads them: `T`, `D 1|NULL`, `C SELECT 1`, `E 42601
 * message`, `Z I`.
 */
export function shown(messages: readonly ServerMessage[]): string[] {
  return messages.filter(({ type }) => type !== "S").map(({ type, body }) => {
    switch (type) {
      case "D":
        return `D ${rowOf(body).join("|")}`;
      case "C":
        return `C ${decoder.decode(body.subarray(0, -1))}`;
      case "E":
        return `E ${fieldOf(body, "C")} ${fieldOf(body, "M")}`;
      case "Z":
        return `Z ${decoder.decode(body)}`;
      default:
        return type;
    }
  });
}

/** A field of an error or a notice. */
export function fieldOf(body: Uint8Array, letter: string): string | undefined {
  return decoder.decode(body).split("\0")
    .find((field) => field.startsWith(letter))?.slice(1);
}

function rowOf(body: Uint8Array): string[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const values: string[] = [];
  let at = 2;
  for (let left = view.getInt16(0); left > 0; left--) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) values.push("NULL");
    else {
      values.push(decoder.decode(body.subarray(at, at + length)));
      at += length;
    }
  }
  return values;
}
