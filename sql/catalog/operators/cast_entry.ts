/**
 * Casts of the database in its catalog, and how their rows are read.
 *
 * A cast has no name: its two types tell it from others. The field `name` has
 * their OIDs.
 *
 * @module
 */
import type { EntryCommon } from "../entry_common.ts";
import { type Fields, idAt, optional, wordAt } from "../stored_fields.ts";
import { type CalledFunction, decodeCalled } from "./operator_entry.ts";

/** A cast from one type to another. */
export interface CastEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "cast";
  /** Where casts are: in no schema that can be named. */
  readonly schema: "";
  /** The OID of the type it takes. */
  readonly source: number;
  /** The OID of the type it gives. */
  readonly target: number;
  /** Where it applies by itself. */
  readonly context: "implicit" | "assignment" | "explicit";
  /**
   * How values are converted: by a function, by the text form, or not at all,
   * since both types have the same values.
   */
  readonly method: "function" | "inout" | "binary";
  /** The function. */
  readonly function?: CalledFunction | undefined;
  /** How many arguments the function takes: the value, its modifier, whether
   * it was asked for. */
  readonly argumentCount?: number | undefined;
}

/** The name of a cast's entry. */
export function castName(source: number, target: number): string {
  return `${source} ${target}`;
}

/** Reads the fields of a cast's row. */
export function decodeCast(fields: Fields): Omit<CastEntry, keyof EntryCommon> {
  return {
    kind: "cast",
    schema: "",
    source: idAt(fields, "source"),
    target: idAt(fields, "target"),
    context: wordAt(fields, "context", ["implicit", "assignment", "explicit"]),
    method: wordAt(fields, "method", ["function", "inout", "binary"]),
    ...optional(
      "function",
      fields["function"],
      () => decodeCalled(fields["function"]),
    ),
    ...optional(
      "argumentCount",
      fields["argumentCount"],
      () => idAt(fields, "argumentCount"),
    ),
  };
}
