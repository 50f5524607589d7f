/**
 * Sequences as they are written: CREATE, ALTER, and the options that identity
 * columns share with them.
 *
 * @module
 */
import type { RelationName, TypeName } from "./expression_syntax.ts";

/** An option of a sequence. */
export type SequenceOption =
  & {
    /** Where it stands. */
    readonly offset: number;
  }
  & (
    | { readonly name: "as"; readonly type: TypeName }
    | {
      readonly name:
        | "increment"
        | "start"
        | "restart"
        | "minvalue"
        | "maxvalue"
        | "cache";
      /** Absent: RESTART alone, NO MINVALUE, NO MAXVALUE. */
      readonly value: bigint | undefined;
    }
    | { readonly name: "cycle"; readonly on: boolean }
    | {
      readonly name: "owned_by";
      /** The parts of a column's name; `none` alone for OWNED BY NONE. */
      readonly path: readonly string[];
    }
    | { readonly name: "sequence_name"; readonly path: readonly string[] }
  );

/** `CREATE SEQUENCE …` */
export interface CreateSequenceSyntax {
  readonly kind: "create_sequence";
  readonly relation: RelationName;
  readonly options: readonly SequenceOption[];
  readonly ifNotExists: boolean;
}

/** `ALTER SEQUENCE …` */
export interface AlterSequenceSyntax {
  readonly kind: "alter_sequence";
  readonly relation: RelationName;
  readonly options: readonly SequenceOption[];
  readonly ifExists: boolean;
}
