/**
 * Types of rows, of the types of their columns.
 *
 * @module
 */
import type { ColumnTypes, TypedColumn } from "./columns.ts";

/** Columns by their names. */
export type Columns = Readonly<Record<string, TypedColumn<ColumnTypes>>>;

/** The types of a column. */
export type TypesOf<C> = C extends TypedColumn<infer T> ? T : never;

/** A value as it is read: perhaps NULL. */
export type HeldOf<T extends ColumnTypes> = T["nullable"] extends false
  ? T["row"]
  : T["row"] | null;

/** A value as it is given: perhaps NULL. */
export type GivenOf<T extends ColumnTypes> = T["nullable"] extends false
  ? T["given"]
  : T["given"] | null;

/** Whether a row may be given without a column. */
type IsOptional<T extends ColumnTypes> = T["optional"] extends true ? true
  : T["nullable"] extends false ? false
  : true;

/** A row as it is read. */
export type RowOfColumns<C extends Columns> = {
  [K in keyof C]: HeldOf<TypesOf<C[K]>>;
};

/** Values of a row that are changed. */
export type UpdateOfColumns<C extends Columns> = {
  [K in keyof C]?: GivenOf<TypesOf<C[K]>>;
};

/** A row as it is inserted. */
export type InsertOfColumns<C extends Columns> =
  & {
    [
      K in keyof C as IsOptional<TypesOf<C[K]>> extends true ? never : K
    ]: GivenOf<TypesOf<C[K]>>;
  }
  & {
    [
      K in keyof C as IsOptional<TypesOf<C[K]>> extends true ? K : never
    ]?: GivenOf<TypesOf<C[K]>>;
  };
