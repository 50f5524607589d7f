/**
 * What the catalog knows of constraints that are no index: CHECK and FOREIGN
 * KEY. Their table's entry has them.
 *
 * @module
 */
import type { ReferentialAction } from "../parser/constraint_syntax.ts";
import {
  booleanAt,
  type Fields,
  idAt,
  idsAt,
  optional,
  textAt,
  wordAt,
} from "./stored_fields.ts";

/** A CHECK. */
export interface CheckEntry {
  /** Its name, unlike that of any other constraint of the table. */
  readonly name: string;
  /** The condition as deparsed SQL, over the table's columns. */
  readonly sql: string;
  /** Whether rows from before it may break it: NOT VALID. */
  readonly notValid?: boolean | undefined;
  /** Whether any row may: NOT ENFORCED. */
  readonly notEnforced?: boolean | undefined;
  /** What COMMENT says of it. */
  readonly comment?: string | undefined;
  /** Whether it does not hold for the tables that inherit: NO INHERIT. */
  readonly noInherit?: boolean | undefined;
  /** From how many parents the table has it (coninhcount); absent: none. */
  readonly inheritCount?: number | undefined;
  /** Whether it is there for its parents alone; absent: it was written. */
  readonly onlyInherited?: boolean | undefined;
}

/** A FOREIGN KEY. Columns are told by their numbers. */
export interface ForeignKeyEntry {
  /** Its name, unlike that of any other constraint of the table. */
  readonly name: string;
  /** The columns that refer. */
  readonly columns: readonly number[];
  /** The table that they refer to. */
  readonly referencedId: number;
  /** Its columns, in the order of `columns`. */
  readonly referencedColumns: readonly number[];
  /** The unique index over them. */
  readonly indexId: number;
  /** Whether the last column is a PERIOD; absent: no. */
  readonly period?: boolean | undefined;
  /** MATCH FULL. */
  readonly matchFull: boolean;
  /** ON DELETE. */
  readonly onDelete: ReferentialAction;
  /** ON UPDATE. */
  readonly onUpdate: ReferentialAction;
  /** The columns that ON DELETE SET … sets; empty: all. */
  readonly setColumns: readonly number[];
  /** Whether SET CONSTRAINTS may put off the check. */
  readonly deferrable: boolean;
  /** Whether it is put off to COMMIT unless SET CONSTRAINTS says otherwise. */
  readonly initiallyDeferred: boolean;
  /** Whether rows from before it may break it: NOT VALID. */
  readonly notValid?: boolean | undefined;
  /** Whether any row may: NOT ENFORCED. */
  readonly notEnforced?: boolean | undefined;
  /** What COMMENT says of it. */
  readonly comment?: string | undefined;
  /** The name it has in the partitioned table that it comes from. */
  readonly parentName?: string | undefined;
}

const ACTIONS: readonly ReferentialAction[] = [
  "no_action",
  "restrict",
  "cascade",
  "set_null",
  "set_default",
];

/** Reads a stored CHECK. */
export function decodeCheck(fields: Fields): CheckEntry {
  return {
    name: textAt(fields, "name"),
    sql: textAt(fields, "sql"),
    ...optionsOf(fields),
    ...flagOf(fields, "noInherit"),
    ...flagOf(fields, "onlyInherited"),
    ...optional(
      "inheritCount",
      fields["inheritCount"],
      () => idAt(fields, "inheritCount"),
    ),
  };
}

/** Reads a stored FOREIGN KEY. */
export function decodeForeignKey(fields: Fields): ForeignKeyEntry {
  return {
    name: textAt(fields, "name"),
    columns: idsAt(fields, "columns"),
    referencedId: idAt(fields, "referencedId"),
    referencedColumns: idsAt(fields, "referencedColumns"),
    indexId: idAt(fields, "indexId"),
    matchFull: booleanAt(fields, "matchFull"),
    onDelete: wordAt(fields, "onDelete", ACTIONS),
    onUpdate: wordAt(fields, "onUpdate", ACTIONS),
    setColumns: idsAt(fields, "setColumns"),
    deferrable: booleanAt(fields, "deferrable"),
    initiallyDeferred: booleanAt(fields, "initiallyDeferred"),
    ...optionsOf(fields),
    ...flagOf(fields, "period"),
    ...optional(
      "parentName",
      fields["parentName"],
      () => textAt(fields, "parentName"),
    ),
  };
}

function optionsOf(
  fields: Fields,
): Pick<CheckEntry, "notValid" | "notEnforced" | "comment"> {
  return {
    ...optional(
      "notValid",
      fields["notValid"],
      () => booleanAt(fields, "notValid"),
    ),
    ...optional(
      "notEnforced",
      fields["notEnforced"],
      () => booleanAt(fields, "notEnforced"),
    ),
    ...optional("comment", fields["comment"], () => textAt(fields, "comment")),
  };
}

function flagOf<K extends string>(
  fields: Fields,
  name: K,
): { readonly [Key in K]?: boolean } {
  return optional(name, fields[name], () => booleanAt(fields, name));
}
