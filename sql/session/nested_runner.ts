/**
 * Statements that routines run which are no queries: definitions, settings.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { QueryResult } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** Prepares and runs a statement in the transaction of another. */
export type NestedRunner = (
  settings: Settings,
  request: RunRequest,
  text: string,
) => MaybePromise<QueryResult<unknown>>;
