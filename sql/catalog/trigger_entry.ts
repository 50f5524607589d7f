/**
 * Triggers in the catalog, and how their rows are read.
 *
 * @module
 */
import type { EntryCommon } from "./entry_common.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  idsAt,
  isRecord,
  optional,
  textAt,
  wordAt,
} from "./stored_fields.ts";

/** What a trigger waits for. */
export type TriggerEvent = "insert" | "update" | "delete" | "truncate";

/** A trigger. */
export interface TriggerEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "trigger";
  /** The schema: its table's. */
  readonly schema: string;
  /** The table's or view's `id`. */
  readonly tableId: number;
  /** The function's `id`. */
  readonly routineId: number;
  readonly timing: "before" | "after" | "instead";
  readonly events: readonly TriggerEvent[];
  /** FOR EACH ROW. */
  readonly forEachRow: boolean;
  /** UPDATE OF: columns by their numbers; absent: any. */
  readonly columns?: readonly number[] | undefined;
  /** WHEN, over `old` and `new`. */
  readonly whenSql?: string | undefined;
  readonly args: readonly string[];
  /** When it fires, as ALTER TABLE says. */
  readonly enabled: "origin" | "disabled" | "replica" | "always";
  /** When a constraint trigger fires. */
  readonly constraint?: TriggerDeferral | undefined;
  /** REFERENCING: what the rows of the statement are called. */
  readonly oldTable?: string | undefined;
  readonly newTable?: string | undefined;
  /** The trigger of the partitioned table that it comes from. */
  readonly parentId?: number | undefined;
}

/** When a constraint trigger fires. */
export interface TriggerDeferral {
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

const EVENTS: readonly TriggerEvent[] = [
  "insert",
  "update",
  "delete",
  "truncate",
];

/** Reads the fields of a trigger's row. */
export function decodeTrigger(
  fields: Fields,
): Omit<TriggerEntry, keyof EntryCommon> {
  const { constraint } = fields;
  return {
    kind: "trigger",
    schema: textAt(fields, "schema"),
    tableId: idAt(fields, "tableId"),
    routineId: idAt(fields, "routineId"),
    timing: wordAt(fields, "timing", ["before", "after", "instead"]),
    events: textsOf(fields["events"]).map((each) => {
      const event = EVENTS.find((known) => known === each);
      if (event === undefined) throw corrupt("a trigger waits for nothing");
      return event;
    }),
    forEachRow: booleanAt(fields, "forEachRow"),
    ...optional("columns", fields["columns"], () => idsAt(fields, "columns")),
    ...optional("whenSql", fields["whenSql"], () => textAt(fields, "whenSql")),
    args: textsOf(fields["args"]),
    enabled: wordAt(fields, "enabled", [
      "origin",
      "disabled",
      "replica",
      "always",
    ]),
    ...optional("constraint", constraint, () => {
      if (!isRecord(constraint)) throw corrupt("a trigger's time is no record");
      return {
        deferrable: booleanAt(constraint, "deferrable"),
        initiallyDeferred: booleanAt(constraint, "initiallyDeferred"),
      };
    }),
    ...optional(
      "oldTable",
      fields["oldTable"],
      () => textAt(fields, "oldTable"),
    ),
    ...optional(
      "newTable",
      fields["newTable"],
      () => textAt(fields, "newTable"),
    ),
    ...optional("parentId", fields["parentId"], () => idAt(fields, "parentId")),
  };
}

function textsOf(value: unknown): readonly string[] {
  if (
    !Array.isArray(value) || value.some((each) => typeof each !== "string")
  ) throw corrupt("a list of texts is none");
  return value as readonly string[];
}
