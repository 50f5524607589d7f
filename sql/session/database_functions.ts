/**
 * The functions that the database itself answers: `lsm_s3_status()`,
 * `lsm_s3_flush()`, `lsm_recall(index, k, samples)` and its segments.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Nullable } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";
import { recallOfSegments } from "./segment_recall.ts";
import type { Settings } from "./settings.ts";
import {
  clusteredIndexStatus,
  recallOf,
  vectorIndexStatus,
} from "./vector_functions.ts";

/** The version of the library, the same as in deno.json. */
export const VERSION = "0.1.0";

/**
 * Answers a function by name.
 *
 * @throws {SqlError} `42883` when there is none.
 */
export async function databaseFunction(
  core: DatabaseCore,
  settings: Settings,
  name: string,
  args: readonly Nullable[],
): Promise<Nullable> {
  switch (name) {
    case "lsm_s3_status":
      return JSON.stringify(databaseStatus(core, settings));
    case "lsm_recall":
      return await recallOf(core, args);
    case "lsm_recall_segments":
      return JSON.stringify(await recallOfSegments(core, args));
    case "lsm_s3_flush":
      await core.flush();
      return "flushed";
    default:
      throw new SqlError("42883", `function ${name}() does not exist`);
  }
}

/** What a database holds and does, with its settings. */
export function databaseStatus(
  core: DatabaseCore,
  settings: Settings,
): Record<string, unknown> {
  const indexes = [
    ...[...core.hnsw.states].map(([storageId, state]) =>
      vectorIndexStatus(storageId, state, core.store.oldestSnapshot)
    ),
    ...[...core.ivf.states].map(([storageId, state]) =>
      clusteredIndexStatus(storageId, state)
    ),
  ];
  return {
    version: VERSION,
    address: core.store.objects.address,
    settings: Object.fromEntries(
      settings.all()
        .filter(({ definition }) => definition.name.startsWith("lsm_"))
        .map(({ definition, value }) => [definition.name, value]),
    ),
    store: core.store.status(),
    requests: core.requests(),
    vectorIndexes: indexes,
    cachedPlans: core.plans.count,
    workers: core.extensions.workers.statuses,
  };
}
