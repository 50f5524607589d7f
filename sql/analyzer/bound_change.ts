/**
 * INSERT, UPDATE, DELETE and MERGE with every name and type resolved.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { TypeRef } from "../types/data_type.ts";
import type {
  BoundCte,
  BoundExpression,
  BoundFrom,
  BoundQuery,
  BoundTarget,
  BoundValues,
  ResultField,
  TableRelation,
} from "./bound_expression.ts";

/** What every bound statement has. */
export interface BoundCommon {
  /** The types of the parameters, `$1` first. */
  readonly parameterTypes: readonly TypeRef[];
  /**
   * Whether a plan of it may run again: not when it depends on the time of its
   * analysis (`'now'`).
   */
  readonly cacheable: boolean;
}

/** The relation numbers of a row as it was and as it is, in RETURNING. */
export interface RowImages {
  readonly old: number;
  readonly new: number;
}

/** Rows that come from outside, when the statement runs. */
export interface BoundExternal {
  readonly kind: "external";
  readonly types: readonly TypeRef[];
}

/** ON CONFLICT. */
export interface BoundConflict {
  /** The unique indexes that a row can conflict in. */
  readonly arbiters: readonly IndexEntry[];
  /** DO UPDATE; absent: DO NOTHING. */
  readonly update: BoundConflictUpdate | undefined;
}

/** ON CONFLICT DO UPDATE: over the row that is there, and `excluded`. */
export interface BoundConflictUpdate {
  /** The relation number of the row that was to be inserted. */
  readonly excluded: number;
  readonly assignments: readonly BoundAssignment[];
  readonly where: BoundExpression | undefined;
}

/** INSERT. */
export interface BoundInsert extends BoundCommon {
  readonly kind: "insert";
  readonly table: TableEntry;
  /** Where the rows come from; absent: one row of defaults. */
  readonly source: BoundValues | BoundQuery | BoundExternal | undefined;
  /** The relation number of the source's columns. */
  readonly sourceRelation: number;
  /** The relation number of the row itself in `returning` and `conflict`. */
  readonly newRelation: number;
  /** A value for every column of the table, over the source's columns. */
  readonly assigned: readonly BoundExpression[];
  /** Which of the new rows are inserted, over them; absent: all. */
  readonly where: BoundExpression | undefined;
  readonly conflict: BoundConflict | undefined;
  readonly ctes: readonly BoundCte[];
  readonly images: RowImages;
  readonly returning: readonly BoundTarget[];
  /** The fields of RETURNING. */
  readonly fields: readonly ResultField[];
}

/** A column that UPDATE sets. */
export interface BoundAssignment {
  /** The position in the table's columns. */
  readonly column: number;
  readonly expression: BoundExpression;
}

/** UPDATE. */
export interface BoundUpdate extends BoundCommon {
  readonly kind: "update";
  /** The table that changes. */
  readonly from: TableRelation;
  /** Its rows; of a view with INSTEAD OF triggers, those of its query. */
  readonly rows: BoundFrom;
  /** What else is read. */
  readonly using: BoundFrom | undefined;
  readonly ctes: readonly BoundCte[];
  readonly where: BoundExpression | undefined;
  readonly assignments: readonly BoundAssignment[];
  readonly images: RowImages;
  /** The table's relation number stands for the new row. */
  readonly returning: readonly BoundTarget[];
  readonly fields: readonly ResultField[];
}

/** DELETE. */
export interface BoundDelete extends BoundCommon {
  readonly kind: "delete";
  /** The table that changes. */
  readonly from: TableRelation;
  /** Its rows; of a view with INSTEAD OF triggers, those of its query. */
  readonly rows: BoundFrom;
  /** What else is read. */
  readonly using: BoundFrom | undefined;
  readonly ctes: readonly BoundCte[];
  readonly where: BoundExpression | undefined;
  readonly images: RowImages;
  /** The table's relation number stands for the old row. */
  readonly returning: readonly BoundTarget[];
  readonly fields: readonly ResultField[];
}

/** A WHEN of MERGE. */
export interface BoundMergeClause {
  /** Which pairs of rows it is for. */
  readonly match: "matched" | "bySource" | "byTarget";
  readonly condition: BoundExpression | undefined;
  readonly action: BoundMergeAction;
}

/** What a WHEN of MERGE does. */
export type BoundMergeAction =
  | { readonly kind: "nothing" }
  | { readonly kind: "delete" }
  | {
    readonly kind: "update";
    readonly assignments: readonly BoundAssignment[];
  }
  | {
    readonly kind: "insert";
    /** A value for every column of the table. */
    readonly assigned: readonly BoundExpression[];
  };

/** MERGE. */
export interface BoundMerge extends BoundCommon {
  readonly kind: "merge";
  /** The table that changes. */
  readonly from: TableRelation;
  /** Its rows; of a view with INSTEAD OF triggers, those of its query. */
  readonly rows: BoundFrom;
  readonly source: BoundFrom;
  readonly condition: BoundExpression;
  readonly clauses: readonly BoundMergeClause[];
  readonly ctes: readonly BoundCte[];
  readonly images: RowImages;
  /** The relation number of `merge_action()` in RETURNING. */
  readonly actionRelation: number;
  /** The table's relation number stands for the new row, the old if deleted. */
  readonly returning: readonly BoundTarget[];
  readonly fields: readonly ResultField[];
}

/** What is known of a statement before all of its parameters are. */
type Unfinished<T extends BoundCommon> = Omit<T, keyof BoundCommon>;

/** A statement that changes a table. */
export type BoundChange =
  | Unfinished<BoundInsert>
  | Unfinished<BoundUpdate>
  | Unfinished<BoundDelete>
  | Unfinished<BoundMerge>;
