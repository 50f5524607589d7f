/**
 * What a thread that runs a plan and those that help it say to each other.
 *
 * | to the worker | says |
 * | --- | --- |
 * | `plan` | a plan begins: what it is, and what it may ask |
 * | `rows` | the slot of that number holds rows |
 * | `end` | there are no more |
 *
 * | from the worker | says |
 * | --- | --- |
 * | `ready` | it hears: what is said before is lost while its modules load |
 * | `chunk` | rows of the result, as bytes |
 * | `done`, `failed` | the plan is over |
 *
 * They share memory for rows, made with the worker and used for all its plans:
 *
 * | part | bytes | |
 * | --- | ---: | --- |
 * | control | 64 | 32-bit numbers for `Atomics`: {@linkcode CONTROL} |
 * | slots | {@linkcode SLOTS} · 256 Ki | see `access/parallel/run_slot.ts` |
 *
 * A slot is filled, said to hold rows, and free again when the worker has copied
 * it and counted it as taken.
 *
 * @module
 */
import { type ErrorKind, KriyaError } from "../../../base/errors.ts";
import { SLOT_BYTES } from "../../access/parallel/run_slot.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DateTimeSettings } from "../../types/datetime_settings.ts";
import type { PlanData } from "./plan_data.ts";

/** Numbers of the control part. */
export const CONTROL = {
  /** Slots that the worker has copied, of the plan that runs. */
  taken: 0,
  /** The number of the plan that is to stop. */
  stop: 1,
} as const;

/** Bytes of the control part. */
export const CONTROL_BYTES = 64;
/** Slots of a worker. */
export const SLOTS = 2;

/** Memory that is shared with a worker. */
export function sharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + SLOTS * SLOT_BYTES);
}

/** Where a slot begins. */
export function slotOffset(slot: number): number {
  return CONTROL_BYTES + slot * SLOT_BYTES;
}

/** A plan, and what it may ask. */
export interface PlanMessage {
  readonly kind: "plan";
  /** The number of the plan. */
  readonly id: number;
  readonly memory: SharedArrayBuffer;
  readonly plan: PlanData;
  /** The values of the plan's parameters, in its order, as bytes. */
  readonly parameters: Uint8Array;
  readonly memoryBytesMax: number;
  readonly transactionTimestamp: number;
  readonly statementTimestamp: number | undefined;
  readonly datetime: DateTimeData | undefined;
}

/** Settings of dates as data: a zone with rules is a name. */
export type DateTimeData = Omit<DateTimeSettings, "zone"> & {
  readonly zone:
    | Extract<DateTimeSettings["zone"], { kind: "fixed" }>
    | string;
};

/** To a worker. */
export type ToWorker =
  | PlanMessage
  | {
    readonly kind: "rows";
    readonly id: number;
    readonly slot: number;
    readonly bytes: number;
  }
  | { readonly kind: "end"; readonly id: number };

/** From a worker. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "chunk"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "done"; readonly id: number }
  | {
    readonly kind: "failed";
    readonly id: number;
    readonly error: ErrorData | "stays";
  };

/** An error as data: a class does not survive the way. */
export interface ErrorData {
  /** Of an error that is none of SQL. */
  readonly kind: ErrorKind | undefined;
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
}

/** An error as data. */
export function errorData(error: unknown): ErrorData {
  if (!(error instanceof KriyaError)) {
    const message = error instanceof Error
      ? error.stack ?? error.message
      : String(error);
    return {
      kind: "internal",
      code: "XX000",
      message,
      detail: undefined,
      hint: undefined,
      position: undefined,
    };
  }
  const { code, message, detail, hint } = error;
  const isSql = error instanceof SqlError;
  return {
    kind: isSql ? undefined : error.kind,
    code,
    message,
    detail,
    hint,
    position: isSql ? error.position : undefined,
  };
}

/** The error that was made data. */
export function errorOf(data: ErrorData): KriyaError {
  const { kind, code, message, detail, hint, position } = data;
  const more = {
    ...detail !== undefined && { detail },
    ...hint !== undefined && { hint },
  };
  return kind === undefined
    ? new SqlError(code, message, {
      ...more,
      ...position !== undefined && { offset: position - 1 },
    })
    : new KriyaError(kind, message, { ...more, code });
}
