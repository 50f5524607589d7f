/**
 * Syntax of definitions of operators and casts.
 *
 * @module
 */
import type { RelationName } from "./expression_syntax.ts";
import type {
  AggregateOption,
  RoutineName,
  RoutineTypeName,
} from "./routine_syntax.ts";

/** An option of CREATE and ALTER OPERATOR. */
export interface OperatorOption extends AggregateOption {
  /** The names of an operator: `OPERATOR(s.=)`. */
  readonly operator?: RelationName | undefined;
  /** Whether it says NONE. */
  readonly isNone?: boolean | undefined;
}

/** An operator by its symbol and its operands' types. */
export interface OperatorTarget {
  readonly name: RelationName;
  /** Absent: NONE. */
  readonly left: RoutineTypeName | undefined;
  /** Absent: NONE, which no operator has. */
  readonly right: RoutineTypeName | undefined;
}

/** A cast by its types. */
export interface CastTarget {
  readonly source: RoutineTypeName;
  readonly target: RoutineTypeName;
}

/** `CREATE OPERATOR` */
export interface CreateOperatorSyntax {
  readonly kind: "create_operator";
  readonly name: RelationName;
  readonly options: readonly OperatorOption[];
}

/** `ALTER OPERATOR`, `COMMENT ON OPERATOR` */
export interface AlterOperatorSyntax {
  readonly kind: "alter_operator";
  readonly operator: OperatorTarget;
  readonly action:
    | { readonly kind: "set_schema"; readonly schema: string }
    | { readonly kind: "owner" }
    | { readonly kind: "comment"; readonly text: string | undefined }
    | { readonly kind: "options"; readonly options: readonly OperatorOption[] };
}

/** `DROP OPERATOR` */
export interface DropOperatorSyntax {
  readonly kind: "drop_operator";
  readonly operators: readonly OperatorTarget[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** `CREATE CAST` */
export interface CreateCastSyntax {
  readonly kind: "create_cast";
  readonly cast: CastTarget;
  readonly context: "implicit" | "assignment" | "explicit";
  readonly method: "function" | "inout" | "binary";
  readonly function: RoutineName | undefined;
}

/** `COMMENT ON CAST` */
export interface CommentCastSyntax {
  readonly kind: "comment_cast";
  readonly cast: CastTarget;
  readonly text: string | undefined;
}

/** `DROP CAST` */
export interface DropCastSyntax {
  readonly kind: "drop_cast";
  readonly cast: CastTarget;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** A statement about operators or casts. */
export type OperatorStatement =
  | CreateOperatorSyntax
  | AlterOperatorSyntax
  | DropOperatorSyntax
  | CreateCastSyntax
  | CommentCastSyntax
  | DropCastSyntax;
