/**
 * What functions about builds of indexes answer.
 *
 * @module
 */
import type { Nullable } from "../types/data_type.ts";
import type { Answer, Asked } from "./catalog_question.ts";
import type { IndexBuild } from "./index_builds.ts";

/** The oid of the database. */
const DATABASE_ID = 5;

/** What the functions about builds answer. */
export const BUILD_ANSWERS: readonly (readonly [string, Answer])[] = [
  ["pg_index_builds", buildRows],
];

function buildRows({ core }: Asked): Nullable {
  return JSON.stringify([...core.builds].map(rowOf));
}

/** A row of `pg_stat_progress_create_index`. */
function rowOf({ processId, command, index, progress }: IndexBuild): unknown[] {
  return [
    processId,
    DATABASE_ID,
    index?.tableId ?? 0,
    index?.id ?? 0,
    command,
    `building index: ${progress?.phase}`,
    String(progress?.rowsTotal ?? 0),
    String(progress?.rowsDone ?? 0),
  ];
}
