/**
 * Reading and writing bytes: fixed little-endian numbers, varints, and byte
 * strings with their length before them.
 *
 * | form | bytes |
 * | --- | --- |
 * | `u8` `u16` `u32` `f32` `f64` | fixed, little-endian |
 * | `u64` | 8 bytes little-endian; a `number` up to 2^53 - 1 here |
 * | `varint` | LEB128, 7 bits a byte, low first; at most 8 bytes, up to 2^53 - 1 |
 * | `bytes` | varint length, then the bytes |
 * | `string` | as `bytes`, UTF-8 |
 *
 * A {@linkcode ByteReader} treats its input as hostile: every read checks the
 * bounds and throws a `KriyaError` of kind `corrupt` that names the source and
 * the offset.
 *
 * @module
 */
import { KriyaError } from "./errors.ts";
import { invariant } from "./invariant.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The UTF-8 bytes of `text`. */
export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 `bytes`; throws a `TypeError` if they are not UTF-8. */
export function utf8Decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Orders two byte strings as unsigned bytes, a prefix before what it begins:
 * negative, zero or positive.
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < n; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Orders `length` bytes of two views, four at a time: most begin alike. */
export function compareViews(
  a: DataView,
  aStart: number,
  b: DataView,
  bStart: number,
  length: number,
): number {
  const words = length & ~3;
  let i = 0;
  for (; i < words; i += 4) {
    const order = a.getUint32(aStart + i) - b.getUint32(bStart + i);
    if (order !== 0) return order;
  }
  for (; i < length; i++) {
    const order = a.getUint8(aStart + i) - b.getUint8(bStart + i);
    if (order !== 0) return order;
  }
  return 0;
}

/** Bytes of a key's head. */
const HEAD_BYTES = 6;

/**
 * Six bytes from `at` as a number, zeros from `end` on: keys are in the order of
 * their heads, and those of one head in any.
 */
export function headAt(view: DataView, at: number, end: number): number {
  if (end - at >= HEAD_BYTES) {
    return view.getUint32(at) * 0x1_0000 + view.getUint16(at + 4);
  }
  let head = 0;
  for (let i = 0; i < HEAD_BYTES; i++) {
    head = head * 256 + (at + i < end ? view.getUint8(at + i) : 0);
  }
  return head;
}

/** Stretches up to this length are copied faster byte by byte. */
const SHORT_BYTES = 40;

/** Copies `from[start, end)` to `to`, beginning at `at`. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  if (end - start > SHORT_BYTES) {
    to.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start; i < end; i++) to[at++] = from[i]!;
}

/** Whether two byte strings are equal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Bytes that a length takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A growing byte buffer with a cursor at its end. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  /**
   * Creates an empty writer with room for `capacity` bytes (default 256), or
   * in given memory; it gets other memory when that is full.
   */
  constructor(memory: number | Uint8Array<ArrayBuffer> = 256) {
    this.#bytes = typeof memory === "number" ? new Uint8Array(memory) : memory;
    this.#view = viewOf(this.#bytes);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /**
   * What was written, without a copy: valid until the next write or `reset`.
   */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * All of the writer's memory, for code that fills what `reserve` gave it:
   * valid until the next `reserve` or write.
   */
  get memory(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** A view of {@linkcode ByteWriter.memory}, valid as long. */
  get memoryView(): DataView<ArrayBuffer> {
    return this.#view;
  }

  /** Takes back what was written from `length` on. */
  truncate(length: number): void {
    invariant(length <= this.#length, "truncate past the end");
    this.#length = length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    if (length > SHORT_BYTES) return this.#bytes.slice(0, length);
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) copy[i] = this.#bytes[i]!;
    return copy;
  }

  /** Forgets what was written and keeps the memory. */
  reset(): void {
    this.#length = 0;
  }

  /** Makes room for `count` more bytes; returns the offset of the first. */
  reserve(count: number): number {
    const start = this.#length;
    const end = start + count;
    if (end > this.#bytes.length) {
      let capacity = Math.max(64, this.#bytes.length);
      while (capacity < end) capacity *= 2;
      const bytes = new Uint8Array(capacity);
      bytes.set(this.#bytes.subarray(0, start));
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    this.#length = end;
    return start;
  }

  /** Writes an unsigned 8-bit number. */
  u8(value: number): void {
    const at = this.reserve(1);
    this.#bytes[at] = value;
  }

  /** Writes an unsigned 16-bit number. */
  u16(value: number): void {
    const at = this.reserve(2);
    this.#view.setUint16(at, value, true);
  }

  /** Writes an unsigned 32-bit number. */
  u32(value: number): void {
    const at = this.reserve(4);
    this.#view.setUint32(at, value, true);
  }

  /** Overwrites four bytes at `at`, which must be written already. */
  setU32(at: number, value: number): void {
    invariant(at + 4 <= this.#length, "setU32 past the end");
    this.#view.setUint32(at, value, true);
  }

  /** Writes a safe non-negative integer as 64 bits. */
  u64(value: number): void {
    invariant(
      Number.isSafeInteger(value) && value >= 0,
      "u64 takes a safe non-negative integer",
    );
    const at = this.reserve(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** Writes a 32-bit float. */
  f32(value: number): void {
    const at = this.reserve(4);
    this.#view.setFloat32(at, value, true);
  }

  /** Writes a 64-bit float. */
  f64(value: number): void {
    const at = this.reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Writes a safe non-negative integer as a varint. */
  varint(value: number): void {
    invariant(
      Number.isSafeInteger(value) && value >= 0,
      "varint takes a safe non-negative integer",
    );
    const at = this.reserve(8);
    const bytes = this.#bytes;
    let n = at;
    while (value > 0x7fff_ffff) {
      bytes[n++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value > 0x7f) {
      bytes[n++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[n++] = value;
    this.#length = n;
  }

  /** Writes bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Writes `value[start, end)` as it is. */
  rawRange(value: Uint8Array, start: number, end: number): void {
    const at = this.reserve(end - start);
    copyBytes(value, start, end, this.#bytes, at);
  }

  /** Writes bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Writes UTF-8 text with its length in bytes before it. */
  string(value: string): void {
    this.bytes(utf8Encode(value));
  }
}

/** A cursor over bytes that are not trusted. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #source: string;
  readonly #end: number;
  #offset: number;

  /**
   * Reads `bytes` from `start` (default 0) to `end` (default the length);
   * `source` names them in errors, for example an object's path.
   */
  constructor(
    bytes: Uint8Array,
    source: string,
    start = 0,
    end: number = bytes.length,
  ) {
    invariant(
      start >= 0 && start <= end && end <= bytes.length,
      "ByteReader out of bounds",
    );
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
    this.#source = source;
    this.#end = end;
    this.#offset = start;
  }

  /** The offset of the next read. */
  get offset(): number {
    return this.#offset;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** An error of kind `corrupt` that names the source and the offset. */
  corrupt(what: string, offset: number = this.#offset): KriyaError {
    return new KriyaError(
      "corrupt",
      `Cannot read "${this.#source}" at byte ${offset}: ${what}`,
    );
  }

  #take(count: number): number {
    const at = this.#offset;
    if (count > this.#end - at) {
      throw this.corrupt(
        `${count} bytes wanted, ${this.#end - at} left`,
      );
    }
    this.#offset = at + count;
    return at;
  }

  /** Reads an unsigned 8-bit number. */
  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** Reads an unsigned 16-bit number. */
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** Reads an unsigned 32-bit number. */
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads a 64-bit number; one over 2^53 - 1 is corrupt. */
  u64(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high > 0x1f_ffff) throw this.corrupt("number too large", at);
    return high * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  /** Reads a 32-bit float. */
  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** Reads a 64-bit float. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Reads a varint; one over 2^53 - 1 or over 8 bytes is corrupt. */
  varint(): number {
    const start = this.#offset;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 128;
    }
    throw this.corrupt("bad varint", start);
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    this.#take(count);
  }

  /** Reads `count` bytes: a view of the input, not a copy. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Reads bytes with their length before them: a view, not a copy. */
  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  /** Reads UTF-8 text with its length before it. */
  string(): string {
    const at = this.#offset;
    const bytes = this.bytes();
    try {
      return utf8Decode(bytes);
    } catch {
      throw this.corrupt("text is not UTF-8", at);
    }
  }

  /** Fails as corrupt unless everything was read. */
  expectEnd(): void {
    if (this.remaining > 0) {
      throw this.corrupt(`${this.remaining} bytes left over`);
    }
  }
}
