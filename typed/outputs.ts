/**
 * What a query gives besides plain columns: aggregates and distances.
 *
 * @module
 */
import type { ColumnTypes } from "./columns.ts";
import { type Metric, METRICS } from "./metrics.ts";
import type { HeldOf } from "./rows.ts";

/** The columns that a query may name, as `alias.column`, with their types. */
export type Scope = Readonly<Record<string, ColumnTypes>>;

/** What is computed. */
export type OutputKind =
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "distance";

/** Something computed from a column, or from rows. */
export class Output<Kind extends OutputKind, Name extends string> {
  /** What is computed. */
  readonly kind: Kind;
  /** Of which column; nothing for the count of rows. */
  readonly column: Name | undefined;
  /** Its SQL, from that of its column; values are added to the list. */
  readonly write: (column: string, values: unknown[]) => string;

  /** Used by {@linkcode count} and the functions beside it. */
  constructor(
    kind: Kind,
    column: Name | undefined,
    write: (column: string, values: unknown[]) => string,
  ) {
    this.kind = kind;
    this.column = column;
    this.write = write;
  }
}

/** How many rows; with a column, in how many of them it is not NULL. */
export function count<Name extends string = never>(
  column?: Name,
): Output<"count", Name> {
  return new Output(
    "count",
    column,
    (name) => column === undefined ? "count(*)" : `count(${name})`,
  );
}

/** The sum of a column; NULL over no rows. */
export function sum<Name extends string>(column: Name): Output<"sum", Name> {
  return new Output("sum", column, (name) => `sum(${name})`);
}

/** The mean of a column, as float8; NULL over no rows. */
export function avg<Name extends string>(column: Name): Output<"avg", Name> {
  return new Output("avg", column, (name) => `avg(${name})::float8`);
}

/** The least value of a column; NULL over no rows. */
export function min<Name extends string>(column: Name): Output<"min", Name> {
  return new Output("min", column, (name) => `min(${name})`);
}

/** The greatest value of a column; NULL over no rows. */
export function max<Name extends string>(column: Name): Output<"max", Name> {
  return new Output("max", column, (name) => `max(${name})`);
}

/** How far a column's vectors are from one: ordered by it, the nearest first. */
export function distance<Name extends string>(
  column: Name,
  vector: readonly number[] | Float32Array,
  metric: Metric = "cosine",
): Output<"distance", Name> {
  return new Output(
    "distance",
    column,
    (name, values) => `${name} ${METRICS[metric]} $${values.push(vector)}`,
  );
}

/** The columns of a scope whose values are of a type. */
type NamesOf<S extends Scope, Value> =
  & { [K in keyof S]: S[K]["row"] extends Value ? K : never }[keyof S]
  & string;

/** What may be selected from a scope. */
export type Selectable<S extends Scope> =
  | (keyof S & string)
  | Output<"count", keyof S & string>
  | Output<"min" | "max", NamesOf<S, string | number | bigint | Date>>
  | Output<"sum" | "avg", NamesOf<S, string | number | bigint>>
  | Output<"distance", NamesOf<S, Float32Array>>;

/** The sum of integers is an int8, that of int8 and numeric is numeric. */
type SumOf<V> = [V] extends [number] ? number | bigint : string;

type ComputedOf<Kind, T extends ColumnTypes> = Kind extends "sum"
  ? SumOf<T["row"]> | null
  : Kind extends "avg" ? number | null
  : Kind extends "min" | "max" ? T["row"] | null
  : T["nullable"] extends false ? number
  : number | null;

/** The type of what is selected. */
export type SelectedOf<S extends Scope, X> = X extends keyof S ? HeldOf<S[X]>
  : X extends Output<infer Kind, infer Name> ? Kind extends "count" ? number
    : Name extends keyof S ? ComputedOf<Kind, S[Name]>
    : never
  : never;
