/**
 * The jobs that are registered in the manifest: those whose tables the log
 * names before a manifest does, and those of compactors in other processes.
 *
 * | kind | who registers it | when it is forgotten |
 * | --- | --- | --- |
 * | `ingest` | the writer | a manifest names its tables, its load fails, or the next writer has flushed |
 * | `compaction` | a guest, with a token | its edit is published, or its time is over |
 *
 * The writer leaves the inputs of others' jobs alone while it can, so that the
 * work is not done twice; it need not: an edit is published only while its job
 * and all its inputs are there.
 *
 * @module
 */
import type { JobMeta, Manifest, TableMeta } from "../manifest/manifest.ts";
import { parseObjectPath } from "../object_store/object_path.ts";

/** The kind of jobs whose tables the log names. */
export const INGEST_JOB = "ingest";

/** The kind of compactions in other processes. */
export const COMPACTION_JOB = "compaction";

/** Whether nobody renewed a job in time. */
export function isAbandoned({ untilMs }: JobMeta, nowMs: number): boolean {
  return untilMs !== undefined && untilMs < nowMs;
}

/**
 * The jobs that stay when a manifest comes to name `ingested`: without those
 * that wrote them, without the ingest jobs of earlier epochs, and without what
 * was abandoned by `nowMs`. What earlier epochs have committed was in the log
 * when this one began, and is named first.
 */
export function jobsAfterFlush(
  { jobs, epoch }: Manifest,
  ingested: readonly TableMeta[],
  nowMs: number,
): readonly JobMeta[] {
  const named = new Set<number>();
  for (const { path } of ingested) {
    const name = parseObjectPath(path);
    if (name?.kind === "sst" && name.epoch === epoch) named.add(name.job);
  }
  return jobs.filter((each) =>
    each.kind === INGEST_JOB
      ? each.epoch === epoch && !named.has(each.job)
      : !isAbandoned(each, nowMs)
  );
}

/** The jobs without one. */
export function jobsWithout(
  { jobs }: Pick<Manifest, "jobs">,
  { job, epoch }: JobMeta,
): readonly JobMeta[] {
  return jobs.filter((each) => each.job !== job || each.epoch !== epoch);
}

/** The tables that jobs of others are about to replace at `nowMs`. */
export function busyInputs(
  { jobs }: Pick<Manifest, "jobs">,
  nowMs: number,
): ReadonlySet<string> {
  return new Set(
    jobs.flatMap((each) => isAbandoned(each, nowMs) ? [] : each.inputs ?? []),
  );
}
