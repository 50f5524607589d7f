/**
 * The statements that change tables, as plain data: INSERT, UPDATE, DELETE,
 * MERGE and what they have in common.
 *
 * @module
 */
import type {
  Expression,
  FromItem,
  PartStep,
  RelationName,
  SelectSyntax,
  TargetSyntax,
  WithSyntax,
} from "./expression_syntax.ts";

/** RETURNING. */
export interface ReturningSyntax {
  readonly returning: readonly TargetSyntax[];
  /** `WITH (OLD AS o, NEW AS n)` */
  readonly aliases: readonly ImageAlias[];
}

/** What RETURNING calls a row as it was or as it is. */
export interface ImageAlias {
  readonly image: "old" | "new";
  readonly name: string;
  readonly offset: number;
}

/** `ON CONFLICT …` */
export interface ConflictSyntax {
  readonly target: ConflictTarget | undefined;
  /** DO UPDATE; else DO NOTHING. */
  readonly update: boolean;
  readonly assignments: readonly AssignmentSyntax[];
  readonly where: Expression | undefined;
  readonly offset: number;
}

/** `(columns) WHERE …` or `ON CONSTRAINT name`. */
export interface ConflictTarget {
  readonly constraint: string | undefined;
  /** Columns by name, and expressions. */
  readonly elements: readonly (string | Expression)[];
  readonly where: Expression | undefined;
  readonly offset: number;
}

/** `INSERT INTO …` */
export interface InsertSyntax extends WithSyntax, ReturningSyntax {
  readonly kind: "insert";
  readonly relation: RelationName;
  readonly alias: string | undefined;
  readonly columns: readonly NamedColumn[];
  /** Absent: DEFAULT VALUES. */
  readonly source: SelectSyntax | ExternalRowsSyntax | undefined;
  /** OVERRIDING SYSTEM VALUE, OVERRIDING USER VALUE. */
  readonly overriding: "system" | "user" | undefined;
  readonly conflict: ConflictSyntax | undefined;
}

/** Rows that come from outside: COPY … FROM. */
export interface ExternalRowsSyntax {
  readonly kind: "external_rows";
  /** Whether a value may be DEFAULT. */
  readonly defaults: boolean;
  /** Over the row to be inserted. */
  readonly where: Expression | undefined;
}

/** A column that a statement names. */
export interface NamedColumn {
  readonly name: string;
  readonly offset: number;
  /** The part that is named of it in INSERT: `column.field`; else absent. */
  readonly steps?: readonly PartStep[];
}

/** `column = value` in UPDATE. */
export interface AssignmentSyntax {
  readonly column: NamedColumn;
  /** `column[1]`, `column.field`: the part that is assigned to; else absent. */
  readonly steps?: readonly PartStep[];
  readonly value: Expression;
  /** Where `(a, b) = (1)` has more or fewer values than columns; else absent. */
  readonly mismatchOffset?: number;
  /** Present under `(a, b) = (SELECT …)`: `value` is one of its columns. */
  readonly part?: AssignedPart;
}

/** A column of `(a, b) = (SELECT …)`. */
export interface AssignedPart {
  readonly query: SelectSyntax;
  /** Which column of the query it is. */
  readonly index: number;
  /** How many it must have. */
  readonly count: number;
  readonly offset: number;
}

/** `UPDATE …` */
export interface UpdateSyntax extends WithSyntax, ReturningSyntax {
  readonly kind: "update";
  readonly relation: RelationName;
  readonly alias: string | undefined;
  readonly assignments: readonly AssignmentSyntax[];
  readonly from: readonly FromItem[];
  readonly where: Expression | undefined;
  /** WHERE CURRENT OF: the cursor; `where` is absent then. */
  readonly currentOf?: string | undefined;
}

/** `DELETE FROM …` */
export interface DeleteSyntax extends WithSyntax, ReturningSyntax {
  readonly kind: "delete";
  readonly relation: RelationName;
  readonly alias: string | undefined;
  /** USING */
  readonly from: readonly FromItem[];
  readonly where: Expression | undefined;
  /** WHERE CURRENT OF: the cursor; `where` is absent then. */
  readonly currentOf?: string | undefined;
}

/** A WHEN of MERGE. */
export interface MergeClause {
  /** Which pairs of rows it is for. */
  readonly match: "matched" | "bySource" | "byTarget";
  readonly condition: Expression | undefined;
  readonly action: MergeAction;
}

/** What a WHEN of MERGE does. */
export type MergeAction =
  | { readonly kind: "nothing" }
  | { readonly kind: "delete" }
  | {
    readonly kind: "update";
    readonly assignments: readonly AssignmentSyntax[];
  }
  | {
    readonly kind: "insert";
    readonly columns: readonly NamedColumn[];
    readonly overriding: "system" | "user" | undefined;
    /** Absent: DEFAULT VALUES. */
    readonly values: readonly Expression[] | undefined;
  };

/** `MERGE INTO …` */
export interface MergeSyntax extends WithSyntax, ReturningSyntax {
  readonly kind: "merge";
  readonly relation: RelationName;
  readonly alias: string | undefined;
  readonly source: FromItem;
  readonly on: Expression;
  readonly clauses: readonly MergeClause[];
}

/** A statement that changes a table. */
export type ChangeSyntax =
  | InsertSyntax
  | UpdateSyntax
  | DeleteSyntax
  | MergeSyntax;
