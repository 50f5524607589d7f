/**
 * The error of a commit that came behind one without an answer.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { DISK_FULL } from "../object_store/file_errors.ts";

/** Nothing of the commit was written, since `error` keeps an earlier one. */
export function notWrittenError(error: KriyaError): KriyaError {
  const { cause } = error;
  if (cause instanceof KriyaError && cause.code === DISK_FULL) {
    return new KriyaError("unavailable", "Cannot commit: the store is full", {
      code: DISK_FULL,
      cause: error,
      detail: cause.message,
      hint: `Nothing was written. ${cause.hint}`,
    });
  }
  return new KriyaError(
    "unavailable",
    "Cannot commit: an earlier commit has no answer from the store yet",
    { cause: error, hint: "Nothing was written; try again later" },
  );
}
