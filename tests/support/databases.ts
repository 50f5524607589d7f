/**
 * For tests of the public API: folders that go away, errors by SQLSTATE.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { KriyaError, SqlError } from "../../mod.ts";

/** Runs `work` with an empty folder, and removes it. */
export async function withFolder<T>(
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "kriyadb-api-" });
  const remove = (): Promise<void> => Deno.remove(folder, { recursive: true });
  try {
    const result = await work(folder);
    await remove();
    return result;
  } catch (error) {
    // Who failed may still write there: its error is what counts.
    await remove().catch(() => {});
    throw error;
  }
}

/** What an {@linkcode SqlError} must say besides its code. */
export interface ExpectedError {
  /** The message. */
  readonly message?: string | RegExp;
  /** The 1-based position. */
  readonly position?: number;
  /** DETAIL. */
  readonly detail?: string;
  /** The constraint. */
  readonly constraint?: string;
}

/** Fails unless `promise` rejects with an SqlError of `code`; gives it. */
export async function rejectsWith(
  promise: PromiseLike<unknown>,
  code: string,
  expected: ExpectedError = {},
): Promise<SqlError> {
  const error = await rejection(promise);
  assert(error instanceof SqlError, `no SqlError: ${describe(error)}`);
  assertEquals(error.code, code, describe(error));
  const { message, position, detail, constraint } = expected;
  if (typeof message === "string") assertEquals(error.message, message);
  else if (message !== undefined) {
    assert(message.test(error.message), error.message);
  }
  if (position !== undefined) assertEquals(error.position, position);
  if (detail !== undefined) assertEquals(error.detail, detail);
  if (constraint !== undefined) assertEquals(error.constraint, constraint);
  return error;
}

/** Fails unless `promise` rejects with a KriyaError of `code`; gives it. */
export async function rejectsWithCode(
  promise: PromiseLike<unknown>,
  code: string,
): Promise<KriyaError> {
  const error = await rejection(promise);
  assert(error instanceof KriyaError, `no KriyaError: ${describe(error)}`);
  assertEquals(error.code, code, describe(error));
  return error;
}

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, got ${Deno.inspect(result)}`);
}

function describe(error: unknown): string {
  return error instanceof KriyaError
    ? `${error.code} ${error.message} ${error.detail ?? ""}`
    : String(error);
}
