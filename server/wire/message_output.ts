/**
 * What a client is sent: messages gathered until there is reason to send them,
 * all with one write.
 *
 * @module
 */
import { BinaryWriter } from "../../mod.ts";
import type { ByteStream } from "./message_input.ts";

/** Bytes that may gather before rows wait for the client. */
const GATHERED_MAX = 64 * 1024;

/** Messages to a client. */
export class MessageOutput extends BinaryWriter {
  readonly #stream: ByteStream;
  #begun = 0;
  #writing: Promise<void> | undefined;

  /** Messages to a stream. */
  constructor(stream: ByteStream) {
    super();
    this.#stream = stream;
  }

  /** Whether so much has gathered that it should be sent. */
  get isFull(): boolean {
    return this.length >= GATHERED_MAX;
  }

  /** Begins a message of a type; {@linkcode end} ends it. */
  begin(type: string): void {
    this.u8(type.charCodeAt(0));
    this.#begun = this.length;
    this.i32(0);
  }

  /** Ends the message that was begun. */
  end(): void {
    this.setI32(this.#begun, this.length - this.#begun);
  }

  /** A message without a body. */
  empty(type: string): void {
    this.u8(type.charCodeAt(0));
    this.i32(4);
  }

  /** Sends what has gathered. @throws what the stream throws. */
  flush(): Promise<void> {
    if (this.length === 0) return this.#writing ?? Promise.resolve();
    const bytes = this.finish();
    this.shrink();
    const before = this.#writing;
    const writing = before === undefined
      ? this.#write(bytes)
      : before.then(() => this.#write(bytes));
    this.#writing = writing;
    const forget = (): void => {
      if (this.#writing === writing) this.#writing = undefined;
    };
    writing.then(forget, forget);
    return writing;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#stream.write(at === 0 ? bytes : bytes.subarray(at));
    }
  }
}
