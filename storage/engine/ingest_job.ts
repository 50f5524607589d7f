/**
 * The jobs whose tables are named by the log before a manifest names them.
 *
 * @module
 */
import type { JobMeta, Manifest, TableMeta } from "../manifest/manifest.ts";
import { parseObjectPath } from "../object_store/object_path.ts";

/** Their kind. */
export const INGEST_JOB = "ingest";

/**
 * The jobs that stay when a manifest comes to name `ingested`: without those
 * that wrote them, and without the ingest jobs of earlier epochs. What those
 * have committed was in the log when this epoch began, and is named first.
 */
export function jobsAfterFlush(
  { jobs, epoch }: Manifest,
  ingested: readonly TableMeta[],
): readonly JobMeta[] {
  const named = new Set<number>();
  for (const { path } of ingested) {
    const name = parseObjectPath(path);
    if (name?.kind === "sst" && name.epoch === epoch) named.add(name.job);
  }
  return jobs.filter((each) =>
    each.kind !== INGEST_JOB ||
    (each.epoch === epoch && !named.has(each.job))
  );
}
