/**
 * CREATE and ALTER SEQUENCE with names resolved.
 *
 * @module
 */
import type { ColumnEntry } from "../../catalog/entries.ts";
import type {
  SequenceEntry,
  SequenceOwner,
  SequenceRange,
} from "../../catalog/sequence_entry.ts";

/** What options say. */
export interface SequenceChoice {
  readonly range: SequenceRange;
  /** The number that RESTART goes to, if it is there. */
  readonly restart: bigint | undefined;
}

/** The sequence that a column of CREATE TABLE gets. */
export interface ColumnSequence {
  readonly range: SequenceRange;
  /** Whether it is an identity column; absent: serial. */
  readonly identity: ColumnEntry["identity"];
  /** The name that is given to it; absent: the usual one. */
  readonly path: readonly string[] | undefined;
}

/** CREATE SEQUENCE. */
export interface BoundCreateSequence {
  readonly kind: "create_sequence";
  readonly schema: string;
  readonly name: string;
  readonly range: SequenceRange;
  readonly owner: SequenceOwner | undefined;
  /** Whether the name is taken, under IF NOT EXISTS. */
  readonly exists: boolean;
}

/** ALTER SEQUENCE. */
export interface BoundAlterSequence {
  readonly kind: "alter_sequence";
  /** Absent: there is none, under IF EXISTS. */
  readonly sequence: SequenceEntry | undefined;
  /** The name, for the notice. */
  readonly name: string;
  /** What the options give for a sequence that stands at `last`. */
  readonly choose: (last: bigint) => SequenceChoice;
  /** What OWNED BY says; absent: nothing. */
  readonly owner: { readonly column: SequenceOwner | undefined } | undefined;
}
