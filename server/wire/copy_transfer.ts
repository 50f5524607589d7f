/**
 * COPY between client and session: the data of COPY … FROM STDIN as the session
 * asks for them, the rows of COPY … TO STDOUT as the client takes them.
 *
 * @module
 */
import { type CopyDescription, SqlError } from "../../mod.ts";
import type { MessageInput } from "./message_input.ts";
import type { MessageOutput } from "./message_output.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Tells the client that data follow, or are expected. */
export function writeCopyResponse(
  output: MessageOutput,
  { direction, columnCount, binary }: CopyDescription,
): void {
  const format = binary ? 1 : 0;
  output.begin(direction === "from" ? "G" : "H");
  output.u8(format);
  output.i16(columnCount);
  for (let i = 0; i < columnCount; i++) output.i16(format);
  output.end();
}

/** What takes the rows of COPY … TO STDOUT. */
export function copySink(
  output: MessageOutput,
): (bytes: Uint8Array) => Promise<void> | undefined {
  return (bytes) => {
    output.begin("d");
    output.raw(bytes);
    output.end();
    return output.isFull ? output.flush() : undefined;
  };
}

const COPY_DATA = "d".charCodeAt(0);
const COPY_DONE = "c".charCodeAt(0);
const COPY_FAIL = "f".charCodeAt(0);
const FLUSH = "H".charCodeAt(0);
const SYNC = "S".charCodeAt(0);

/** What a client sends for COPY … FROM STDIN, read as fast as it is taken. */
export class CopyData implements AsyncIterableIterator<Uint8Array> {
  readonly #input: MessageInput;
  #done = false;

  /** Of the messages that follow. */
  constructor(input: MessageInput) {
    this.#input = input;
  }

  /** The bytes of the next message. @throws {SqlError} `57014` on CopyFail. */
  async next(): Promise<IteratorResult<Uint8Array>> {
    const input = this.#input;
    for (;;) {
      if (this.#done) return { done: true, value: undefined };
      if (!input.next()) {
        if (!await input.fill()) {
          this.#done = true;
          throw new ProtocolError(
            "unexpected EOF on client connection with an open transaction",
            "08006",
          );
        }
        continue;
      }
      const bytes = this.#take();
      if (bytes !== undefined) return { done: false, value: bytes };
    }
  }

  /** What comes later is no data any more. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#done = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Uint8Array | undefined {
    const input = this.#input;
    switch (input.type) {
      case COPY_DATA:
        return input.bytes(input.left).slice();
      case COPY_DONE:
        this.#done = true;
        return undefined;
      case COPY_FAIL:
        this.#done = true;
        throw new SqlError(
          "57014",
          `COPY from stdin failed: ${input.string()}`,
        );
      case FLUSH:
      case SYNC:
        // A client may send these with the request, before it knows.
        return undefined;
      default:
        this.#done = true;
        throw new ProtocolError(
          `unexpected message type 0x${
            input.type.toString(16).toUpperCase().padStart(2, "0")
          } during COPY from stdin`,
        );
    }
  }
}
