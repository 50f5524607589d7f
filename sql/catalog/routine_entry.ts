/**
 * Functions, procedures and aggregates in the catalog, and how their rows are read.
 *
 * Types are kept by OID: those of a table's rows have the table's, which may be
 * made after the function is read. `body` is the text in AS, or that of RETURN
 * and BEGIN ATOMIC with its names resolved, which then needs what it names.
 *
 * @module
 */
import { type AggregateParts, decodeAggregate } from "./aggregate_entry.ts";
import type { EntryCommon } from "./entry_common.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  isInteger,
  isRecord,
  listAt,
  optional,
  textAt,
  wordAt,
} from "./stored_fields.ts";

/** A type by its OID. */
export interface StoredType {
  readonly oid: number;
  readonly typmod: number;
}

/** How a parameter is given, or gives. */
export type ParameterMode = "in" | "out" | "inout" | "variadic" | "table";

/** A parameter of a routine. */
export interface RoutineParameter {
  /** The name; empty where it has none. */
  readonly name: string;
  readonly mode: ParameterMode;
  readonly type: StoredType;
  /** The expression of its default. */
  readonly defaultSql?: string | undefined;
}

/** The languages that routines are written in; aggregates in none. */
export type RoutineLanguage = "sql" | "plpgsql" | "internal";

/** A function, a procedure or an aggregate. */
export interface RoutineEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "routine";
  /** The schema. */
  readonly schema: string;
  readonly routine: "function" | "procedure" | "aggregate";
  readonly language: RoutineLanguage;
  readonly parameters: readonly RoutineParameter[];
  /** The type of the result; `void` where there is none. */
  readonly returns: StoredType;
  /** Whether it gives rows. */
  readonly returnsSet: boolean;
  readonly body: string;
  /** Whether the body was written as SQL, not as a text. */
  readonly atomic: boolean;
  readonly strict: boolean;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  readonly parallel: "unsafe" | "restricted" | "safe";
  readonly cost: number;
  readonly rows: number;
  /** Settings while it runs: names and values. */
  readonly config: readonly (readonly [string, string])[];
  /** How it is computed, if it is an aggregate. */
  readonly aggregate?: AggregateParts | undefined;
}

/** Whether a caller gives the parameter. */
export function isInput({ mode }: RoutineParameter): boolean {
  return mode === "in" || mode === "inout" || mode === "variadic";
}

/** The parameters that a caller gives. */
export function inputsOf(
  { parameters }: Pick<RoutineEntry, "parameters">,
): readonly RoutineParameter[] {
  return parameters.filter(isInput);
}

/** The parameters that are columns of the result. */
export function outputsOf(
  { parameters }: Pick<RoutineEntry, "parameters">,
): readonly RoutineParameter[] {
  return parameters.filter(({ mode }) =>
    mode === "out" || mode === "inout" || mode === "table"
  );
}

/** What tells routines of one name apart: the types of what is given. */
export function signatureOf(entry: Pick<RoutineEntry, "parameters">): string {
  return inputsOf(entry).map(({ type }) => type.oid).join(" ");
}

const MODES: readonly ParameterMode[] = [
  "in",
  "out",
  "inout",
  "variadic",
  "table",
];

/** Reads the fields of a routine's row. */
export function decodeRoutine(
  fields: Fields,
): Omit<RoutineEntry, keyof EntryCommon> {
  return {
    kind: "routine",
    schema: textAt(fields, "schema"),
    routine: wordAt(fields, "routine", ["function", "procedure", "aggregate"]),
    language: wordAt(fields, "language", ["sql", "plpgsql", "internal"]),
    parameters: listAt(fields, "parameters").map((each): RoutineParameter => ({
      name: textAt(each, "name"),
      mode: wordAt(each, "mode", MODES),
      type: decodeStoredType(each["type"]),
      ...optional(
        "defaultSql",
        each["defaultSql"],
        () => textAt(each, "defaultSql"),
      ),
    })),
    returns: decodeStoredType(fields["returns"]),
    returnsSet: booleanAt(fields, "returnsSet"),
    body: textAt(fields, "body"),
    atomic: booleanAt(fields, "atomic"),
    strict: booleanAt(fields, "strict"),
    volatility: wordAt(fields, "volatility", [
      "immutable",
      "stable",
      "volatile",
    ]),
    securityDefiner: booleanAt(fields, "securityDefiner"),
    leakproof: booleanAt(fields, "leakproof"),
    parallel: wordAt(fields, "parallel", ["unsafe", "restricted", "safe"]),
    cost: numberAt(fields, "cost"),
    rows: numberAt(fields, "rows"),
    config: configOf(fields["config"]),
    ...optional(
      "aggregate",
      fields["aggregate"],
      () => decodeAggregate(fields["aggregate"]),
    ),
  };
}

/** Reads a type that is kept by its OID. */
export function decodeStoredType(value: unknown): StoredType {
  if (!isRecord(value)) throw corrupt("a routine has no type");
  const { typmod } = value;
  if (!isInteger(typmod)) throw corrupt("a modifier is no number");
  return { oid: idAt(value, "oid"), typmod };
}

function numberAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number") throw corrupt(`"${name}" is no number`);
  return value;
}

function configOf(value: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(value)) throw corrupt("a routine has no settings");
  return value.map((each: unknown): readonly [string, string] => {
    if (!Array.isArray(each)) throw corrupt("a setting is no pair");
    const [name, text] = each as unknown[];
    if (typeof name !== "string" || typeof text !== "string") {
      throw corrupt("a setting is no pair of texts");
    }
    return [name, text];
  });
}
