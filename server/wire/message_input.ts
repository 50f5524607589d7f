/**
 * What a client sends, message by message.
 *
 * | size | field |
 * | ---: | --- |
 * | 1 | type; the first message of a connection has none |
 * | 4 | length, of itself and what follows |
 * | n | body |
 *
 * Bytes are read only when no whole message is left: a client that sends faster
 * than it is served waits. They are hostile: a length is checked before it is
 * believed, and room is made as bytes come, not as they are announced.
 *
 * @module
 */
import { SqlError } from "../../mod.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Bytes from and to a client. */
export interface ByteStream {
  /** Reads some bytes; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some bytes; resolves with how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it; pending reads and writes fail. */
  close(): void;
}

/** Room for a client that sends little. */
const ROOM_START = 8192;

/** Types of messages that a client may send. */
const TYPES: ReadonlySet<number> = new Set(
  Array.from("BCDEFHPQSXcdfp", (type) => type.charCodeAt(0)),
);

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Messages of a client. */
export class MessageInput {
  readonly #stream: ByteStream;
  readonly #bytesMax: number;
  #buffer = new Uint8Array(ROOM_START);
  #view = new DataView(this.#buffer.buffer);
  /** What is read and not yet a message: from here up to there. */
  #start = 0;
  #end = 0;
  /** Where in the message reading is, and where it ends. */
  #at = 0;
  #stop = 0;
  #filling: Promise<boolean> | undefined;
  /** The type of the message, as a character code. */
  type = 0;

  /** Messages of at most `bytesMax` bytes. */
  constructor(stream: ByteStream, bytesMax: number) {
    this.#stream = stream;
    this.#bytesMax = bytesMax;
  }

  /** Whether bytes are there that are not a message yet. */
  get hasRest(): boolean {
    return this.#end > this.#start;
  }

  /**
   * Takes the next message, if all of it is there.
   *
   * @throws {ProtocolError}
   */
  next(): boolean {
    const at = this.#start;
    if (this.#end - at < 5) {
      if (this.#end > at) checkType(this.#buffer[at]!);
      return false;
    }
    const type = this.#buffer[at]!;
    checkType(type);
    const length = this.#lengthAt(at + 1, this.#bytesMax);
    if (this.#end - at < 1 + length) return false;
    this.type = type;
    this.#at = at + 5;
    this.#stop = this.#start = at + 1 + length;
    return true;
  }

  /**
   * Takes a message without a type, as the first of a connection is.
   *
   * @throws {ProtocolError}
   */
  nextUntyped(bytesMax: number): boolean {
    const at = this.#start;
    if (this.#end - at < 4) return false;
    const length = this.#lengthAt(at, bytesMax);
    if (this.#end - at < length) return false;
    this.#at = at + 4;
    this.#stop = this.#start = at + length;
    return true;
  }

  /** The first byte that is there; -1 if there is none. */
  peek(): number {
    return this.#start < this.#end ? this.#buffer[this.#start]! : -1;
  }

  /** All bytes that are there, taken as they are. */
  takeAll(): Uint8Array {
    const bytes = this.#buffer.slice(this.#start, this.#end);
    this.#start = this.#end = 0;
    return bytes;
  }

  #lengthAt(at: number, bytesMax: number): number {
    const length = this.#view.getInt32(at);
    if (length >= 4 && length <= bytesMax) return length;
    throw new ProtocolError("invalid message length");
  }

  /**
   * Reads more bytes; whether there were any. What was read of a message is
   * valid until then. Asked twice at once, it reads once.
   */
  fill(): Promise<boolean> {
    return this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
  }

  async #fill(): Promise<boolean> {
    this.#makeRoom();
    const count = await this.#stream.read(this.#buffer.subarray(this.#end));
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  #makeRoom(): void {
    const length = this.#end - this.#start;
    if (length === 0) {
      this.#start = this.#end = 0;
      if (this.#buffer.length > 4 * ROOM_START) this.#resize(ROOM_START);
      return;
    }
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = length;
    }
    if (length === this.#buffer.length) this.#resize(length * 2);
  }

  #resize(size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#stop) {
      throw malformed("insufficient data left in message");
    }
    this.#at = at + count;
    return at;
  }

  /** How many bytes of the message are left. */
  get left(): number {
    return this.#stop - this.#at;
  }

  /** A byte. */
  u8(): number {
    return this.#buffer[this.#take(1)]!;
  }

  /** 16 bits, signed. */
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** 16 bits, which count something. */
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** 32 bits, signed. */
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** 32 bits, not signed. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** Bytes; valid until {@linkcode MessageInput.fill}. */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    const at = this.#take(count);
    return this.#buffer.subarray(at, at + count);
  }

  /** Text of `count` bytes. */
  text(count: number): string {
    return decodeText(this.bytes(count));
  }

  /** Text up to a zero. */
  string(): string {
    const end = this.#buffer.indexOf(0, this.#at);
    if (end < 0 || end >= this.#stop) {
      throw malformed("invalid string in message");
    }
    const text = decodeText(this.#buffer.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  /** Refuses bytes that are left in the message. */
  finish(): void {
    if (this.#at !== this.#stop) {
      throw malformed("invalid message format");
    }
  }
}

/** A message that is whole, and says nothing that makes sense. */
function malformed(message: string): SqlError {
  return new SqlError("08P01", message);
}

function checkType(type: number): void {
  if (TYPES.has(type)) return;
  throw new ProtocolError(`invalid frontend message type ${type}`);
}

/** Text that is short and ASCII is sooner read byte by byte. */
const SHORT_TEXT = 24;

function decodeText(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= SHORT_TEXT) {
    let text = "";
    let i = 0;
    for (; i < length; i++) {
      const byte = bytes[i]!;
      if (byte > 127) break;
      text += String.fromCharCode(byte);
    }
    if (i === length) return text;
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new SqlError("22021", 'invalid byte sequence for encoding "UTF8"');
  }
}
