/**
 * What a store says that cannot be used as it was asked.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** The store at `address` is closed. */
export function storeClosed(address: string): KriyaError {
  return new KriyaError(
    "closed",
    `Cannot use the store in ${address}: it is closed`,
  );
}

/** The store at `address` takes no writes. */
export function storeReadOnly(address: string): KriyaError {
  return new KriyaError(
    "invalid",
    `Cannot write to ${address}: it was opened read-only`,
    { code: "25006" },
  );
}
