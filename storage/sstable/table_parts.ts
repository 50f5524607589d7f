/**
 * Ranges of a table's object, and errors that name them.
 *
 * @module
 */
import { KriyaError, sqlStateOf } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { ObjectBody, ObjectSource } from "../object_store/object_store.ts";

/**
 * Bytes [offset, offset + length) of a table.
 *
 * @throws {KriyaError} `corrupt` when the object ends before them, or is
 * missing.
 */
export function readPart(
  store: ObjectSource,
  path: string,
  offset: number,
  length: number,
): MaybePromise<Uint8Array> {
  const check = (body: ObjectBody | undefined): Uint8Array => {
    if (body === undefined) {
      throw new KriyaError(
        "corrupt",
        `Cannot read "${path}": the object is missing`,
      );
    }
    if (body.bytes.length !== length) throw cutShort(path, offset);
    return body.bytes;
  };
  const explain = (error: unknown): never => {
    // A range that begins past the end is not one; what has a code of its own
    // (collected, one request too many) is told.
    const short = error instanceof KriyaError && error.kind === "invalid" &&
      error.code === sqlStateOf("invalid");
    throw short ? cutShort(path, offset) : error;
  };
  try {
    const body = store.get(path, { range: { offset, length } });
    return isPromise(body) ? body.then(check, explain) : check(body);
  } catch (error) {
    return explain(error);
  }
}

/** An error of kind `corrupt` at a byte of a table. */
export function corruptAt(
  path: string,
  offset: number,
  what: string,
): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read "${path}" at byte ${offset}: ${what}`,
  );
}

function cutShort(path: string, offset: number): KriyaError {
  return corruptAt(path, offset, "the object is cut short");
}
