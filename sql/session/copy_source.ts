/**
 * What COPY … FROM can read, as text or bytes piece by piece.
 *
 * @module
 */
import { utf8Encode } from "../../base/bytes.ts";
import { SqlError } from "../errors/sql_error.ts";

/** Data for COPY … FROM STDIN. */
export type CopySource =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/**
 * The text of a source. Ends with the signal's reason when it is aborted, also
 * while it waits.
 *
 * @throws {SqlError} `22021` for bytes that are not UTF-8, or a zero.
 */
export async function* textOf(
  source: CopySource,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  if (typeof source === "string") {
    refuseZero(source);
    yield source;
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const pieces = source instanceof Uint8Array
    ? [source]
    : abortable(source, signal);
  for await (const piece of pieces) {
    const text = typeof piece === "string" ? piece : decode(decoder, piece);
    refuseZero(text);
    if (text.length > 0) yield text;
  }
  const rest = decode(decoder, undefined);
  if (rest.length > 0) yield rest;
}

/** The bytes of a source; ends as {@linkcode textOf} does. */
export async function* bytesOf(
  source: CopySource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (typeof source === "string") {
    yield utf8Encode(source);
    return;
  }
  const pieces = source instanceof Uint8Array
    ? [source]
    : abortable(source, signal);
  for await (const piece of pieces) {
    yield typeof piece === "string" ? utf8Encode(piece) : piece;
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined
      ? decoder.decode()
      : decoder.decode(bytes, { stream: true });
  } catch {
    throw new SqlError("22021", 'invalid byte sequence for encoding "UTF8"');
  }
}

function refuseZero(text: string): void {
  if (!text.includes("\0")) return;
  throw new SqlError(
    "22021",
    'invalid byte sequence for encoding "UTF8": 0x00',
  );
}

/** The pieces of a source until the signal is aborted. */
async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = signal === undefined
    ? undefined
    : new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), {
        once: true,
      });
    });
  aborted?.catch(() => {});
  let isDone = false;
  try {
    for (;;) {
      const next = iterator.next();
      const { done, value } =
        await (aborted === undefined ? next : Promise.race([next, aborted]));
      if (done === true) {
        isDone = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
