/**
 * Syntax of functions, procedures and triggers: their definitions, CALL, DO.
 *
 * @module
 */
import type {
  CallSyntax,
  Expression,
  RelationName,
  TypeName,
} from "./expression_syntax.ts";

/** A type of a parameter or a result: a type's name, or a column's `%TYPE`. */
export interface RoutineTypeName {
  readonly name: TypeName;
  /** `schema.table.column%TYPE`: the names; absent: a type's name. */
  readonly column?: readonly string[] | undefined;
  readonly setOf: boolean;
}

/** A parameter. */
export interface RoutineParameterSyntax {
  readonly name: string | undefined;
  readonly mode: "default" | "in" | "out" | "inout" | "variadic" | "table";
  readonly type: RoutineTypeName;
  readonly default: Expression | undefined;
  readonly offset: number;
}

/** An option of CREATE and ALTER FUNCTION. */
export type RoutineOption =
  | { readonly name: "language"; readonly value: string }
  | {
    readonly name: "volatility";
    readonly value: "immutable" | "stable" | "volatile";
  }
  | { readonly name: "strict"; readonly value: boolean }
  | { readonly name: "security"; readonly value: boolean }
  | { readonly name: "leakproof"; readonly value: boolean }
  | { readonly name: "window"; readonly value: boolean }
  | { readonly name: "parallel"; readonly value: string }
  | { readonly name: "cost"; readonly value: number }
  | { readonly name: "rows"; readonly value: number }
  | { readonly name: "support"; readonly value: string }
  | { readonly name: "as"; readonly value: readonly string[] }
  | {
    readonly name: "set";
    readonly setting: string;
    /** `undefined`: RESET; a setting of ALL names all. */
    readonly value: string | undefined;
  };

/** `CREATE FUNCTION`, `CREATE PROCEDURE` */
export interface CreateRoutineSyntax {
  readonly kind: "create_routine";
  readonly routine: "function" | "procedure";
  readonly replace: boolean;
  readonly name: RelationName;
  readonly parameters: readonly RoutineParameterSyntax[];
  readonly returns: RoutineTypeName | undefined;
  readonly options: readonly RoutineOption[];
  /** What stands in RETURN or BEGIN ATOMIC … END, as statements. */
  readonly body: string | undefined;
}

/** An option of CREATE AGGREGATE. */
export interface AggregateOption {
  readonly name: string;
  /** The text of a word or a string. */
  readonly text: string | undefined;
  /** The names of a function or a type. */
  readonly type: RoutineTypeName | undefined;
}

/** `CREATE AGGREGATE` */
export interface CreateAggregateSyntax {
  readonly kind: "create_aggregate";
  readonly replace: boolean;
  readonly name: RelationName;
  /** Absent: the old form, where an option says it. */
  readonly parameters: readonly RoutineParameterSyntax[] | undefined;
  /** Whether it has WITHIN GROUP. */
  readonly isOrdered: boolean;
  readonly options: readonly AggregateOption[];
}

/** A routine by its name and perhaps the types of its arguments. */
export interface RoutineName {
  readonly name: RelationName;
  /** The types of what is given; absent: the name is enough. */
  readonly types: readonly RoutineTypeName[] | undefined;
}

/** Which routines a statement speaks of. */
export type RoutineWord = "function" | "procedure" | "aggregate" | "routine";

/** `DROP FUNCTION`, `DROP PROCEDURE`, `DROP ROUTINE` */
export interface DropRoutineSyntax {
  readonly kind: "drop_routine";
  readonly word: RoutineWord;
  readonly names: readonly RoutineName[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** `ALTER FUNCTION` and its kin. */
export interface AlterRoutineSyntax {
  readonly kind: "alter_routine";
  readonly word: RoutineWord;
  readonly name: RoutineName;
  readonly action:
    | { readonly kind: "rename"; readonly name: string }
    | { readonly kind: "set_schema"; readonly schema: string }
    | { readonly kind: "owner" }
    | { readonly kind: "comment"; readonly text: string | undefined }
    | { readonly kind: "options"; readonly options: readonly RoutineOption[] };
}

/** `CALL` */
export interface CallProcedureSyntax {
  readonly kind: "call_procedure";
  readonly call: CallSyntax;
}

/** `DO` */
export interface DoSyntax {
  readonly kind: "do";
  readonly language: string;
  readonly body: string;
}

/** `CREATE TRIGGER` */
export interface CreateTriggerSyntax {
  readonly kind: "create_trigger";
  readonly replace: boolean;
  readonly constraint: boolean;
  readonly name: string;
  readonly relation: RelationName;
  readonly timing: "before" | "after" | "instead";
  readonly events: readonly ("insert" | "update" | "delete" | "truncate")[];
  /** UPDATE OF. */
  readonly columns: readonly string[];
  readonly forEachRow: boolean;
  readonly when: Expression | undefined;
  readonly oldTable: string | undefined;
  readonly newTable: string | undefined;
  readonly routine: RelationName;
  readonly args: readonly string[];
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

/** `DROP TRIGGER` */
export interface DropTriggerSyntax {
  readonly kind: "drop_trigger";
  readonly name: string;
  readonly relation: RelationName;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** `ALTER TRIGGER … RENAME`, `ALTER TABLE … ENABLE TRIGGER`, COMMENT. */
export interface AlterTriggerSyntax {
  readonly kind: "alter_trigger";
  /** Absent: all of the table's. */
  readonly name: string | undefined;
  readonly relation: RelationName;
  readonly action:
    | { readonly kind: "rename"; readonly name: string }
    | { readonly kind: "comment"; readonly text: string | undefined }
    | {
      readonly kind: "enable";
      readonly enabled: "origin" | "disabled" | "replica" | "always";
    };
}
