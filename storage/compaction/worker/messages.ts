/**
 * What a store and its compaction Worker say to each other.
 *
 * The Worker merges; the store reads and writes objects for it, so any store
 * will do, with whatever credentials, faults and counters it has.
 *
 * | from the store | says |
 * | --- | --- |
 * | `run` | a job begins |
 * | `answer` | what a `get` or a `store` gave |
 *
 * | from the Worker | says |
 * | --- | --- |
 * | `ready` | it hears: what is said before is lost while its modules load |
 * | `get` | bytes of an object are wanted |
 * | `store` | bytes of an output are to be stored |
 * | `progress` | how far the job is |
 * | `done`, `failed` | the job is over |
 *
 * Bytes change hands, they are not copied, but for what a store gave: that may
 * be the store's own.
 *
 * @module
 */
import { type ErrorKind, KriyaError } from "../../../base/errors.ts";
import type { ByteRange, ObjectBody } from "../../object_store/object_store.ts";
import type {
  CompactionProgress,
  CompactionResult,
  CompactionTask,
} from "../compaction_job.ts";

/** The parts of a task that are data. */
export type TaskData = Pick<
  CompactionTask,
  "plan" | "older" | "retention" | "table"
>;

/** From the store to the Worker. */
export type ToWorker =
  | { readonly kind: "run"; readonly task: TaskData }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer };

/** What came of a request. */
export type Answer =
  | { readonly kind: "value"; readonly value: ObjectBody | string | undefined }
  | { readonly kind: "error"; readonly error: PlainError };

/** From the Worker to the store. */
export type FromWorker =
  | { readonly kind: "ready" }
  | {
    readonly kind: "get";
    readonly id: number;
    readonly path: string;
    readonly range: ByteRange | undefined;
  }
  | { readonly kind: "store"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "progress"; readonly progress: CompactionProgress }
  | { readonly kind: "done"; readonly result: CompactionResult }
  | { readonly kind: "failed"; readonly error: PlainError };

/** An error as data: a class does not survive the way. */
export interface PlainError {
  /** What a `KriyaError` says the caller can do. */
  readonly kind: ErrorKind;
  /** Its message. */
  readonly message: string;
  /** Its SQLSTATE. */
  readonly code?: string;
  /** More about the circumstances. */
  readonly detail?: string;
  /** What to do. */
  readonly hint?: string;
}

/** An error as data. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof KriyaError)) {
    const message = error instanceof Error
      ? error.stack ?? error.message
      : String(error);
    return { kind: "internal", message };
  }
  const { kind, message, code, detail, hint } = error;
  return {
    kind,
    message,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The error that was made data. */
export function errorOf({ kind, message, ...options }: PlainError): KriyaError {
  return new KriyaError(kind, message, options);
}
