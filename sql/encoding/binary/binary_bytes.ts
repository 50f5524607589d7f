/**
 * Numbers in network order, as the binary form of values has them: what writes
 * and what reads them.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { hexOf } from "../../types/js_value.ts";
import { invalidUtf8 } from "../../types/type_error.ts";

/** `22P03`: bytes that are no value. */
export function badBinary(): SqlError {
  return new SqlError("22P03", "incorrect binary data format");
}

const ENCODER = new TextEncoder();

/** Characters up to which a text is written one by one. */
const SHORT_TEXT = 32;

/** Bytes that a writer has room for at first, and that it keeps. */
const ROOM_START = 64;
const ROOM_KEPT = 256 * 1024;

/** Writes bytes one behind the other. */
export class BinaryWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(ROOM_START);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }

  /** A byte. */
  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  /** 16 bits, signed or not. */
  i16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  /** 32 bits, signed or not. */
  i32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  /** 64 bits. */
  i64(value: number | bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, BigInt(value));
  }

  /** A float of 32 bits. */
  f32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value);
  }

  /** A float of 64 bits. */
  f64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Text in UTF-8. */
  text(value: string): void {
    const { length } = value;
    const at = this.#reserve(length * 3);
    const bytes = this.#bytes;
    if (length < SHORT_TEXT) {
      // What is short and ASCII is sooner copied than encoded.
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 127) break;
        bytes[at + i] = code;
      }
      if (i === length) {
        this.#length = at + length;
        return;
      }
    }
    this.#length = at +
      ENCODER.encodeInto(value, bytes.subarray(at)).written;
  }

  /** Text in UTF-8 behind its length. */
  sizedText(value: string): void {
    const at = this.#reserve(4);
    this.text(value);
    this.#view.setInt32(at, this.#length - at - 4);
  }

  /** Text in UTF-8 and a zero. */
  zeroEnded(value: string): void {
    this.text(value);
    this.u8(0);
  }

  /** What `write` writes, behind its length. */
  sized(write: () => void): void {
    const at = this.#reserve(4);
    write();
    this.#view.setInt32(at, this.#length - at - 4);
  }

  /** Puts 32 bits where something was written before. */
  setI32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** Forgets what was written behind `length` bytes. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** What was written; valid until more is. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written, and the room for much. */
  shrink(): void {
    this.#length = 0;
    if (this.#bytes.length <= ROOM_KEPT) return;
    this.#bytes = new Uint8Array(ROOM_START);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written, in an array of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
  }
}

/** Reads bytes one behind the other; they are hostile. */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number): number {
    if (count < 0 || count > this.left) {
      throw new SqlError("08P01", "insufficient data left in message");
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  /** A byte. */
  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** 16 bits, signed. */
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** 32 bits, signed. */
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** 32 bits, not signed. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** 64 bits, signed. */
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** A float of 32 bits. */
  f32(): number {
    return this.#view.getFloat32(this.#take(4));
  }

  /** A float of 64 bits. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next bytes, valid as long as those that are read. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** All that is left, as text. */
  text(): string {
    return utf8Decode(this.raw(this.left));
  }

  /** Text up to a zero. */
  zeroEnded(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw badBinary();
    const text = utf8Decode(this.raw(end - this.#at));
    this.#at++;
    return text;
  }

  /** The bytes behind a length; `undefined` for NULL. */
  sized(): Uint8Array | undefined {
    const length = this.i32();
    if (length === -1) return undefined;
    return this.raw(length);
  }

  /** Refuses bytes that are left. */
  end(): void {
    if (this.left > 0) throw badBinary();
  }
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes in UTF-8. */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    throw invalidUtf8(badSequence(bytes));
  }
}

/** The bytes that should be the first character that is none: `0xc3 0x28`. */
function badSequence(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const length = first >= 0xf0 && first < 0xf8
      ? 4
      : first >= 0xe0 && first < 0xf0
      ? 3
      : first >= 0xc0 && first < 0xe0
      ? 2
      : 1;
    const sequence = bytes.subarray(at, at + length);
    try {
      STRICT.decode(sequence);
    } catch {
      return Array.from(sequence, (byte) => `0x${hexOf(Uint8Array.of(byte))}`)
        .join(" ");
    }
    at += length;
  }
  return "";
}
