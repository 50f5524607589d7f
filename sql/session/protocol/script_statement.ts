/**
 * One statement of a text that a client sent.
 *
 * @module
 */
import type { ParsedStatement } from "../../parser/parser.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** A statement of a script, not yet prepared. */
export class ScriptStatement {
  /** Its text. */
  readonly text: string;
  /** What it says, if that had to be found out. */
  readonly parsed: ParsedStatement | undefined;
  /** The OIDs of types that its parameters are declared with; 0: none. */
  readonly declared: readonly number[] | undefined;
  readonly #kind: string | undefined;

  /** A statement; `kind` is given where it was not parsed. */
  constructor(
    text: string,
    facts: {
      readonly parsed?: ParsedStatement | undefined;
      readonly declared?: readonly number[] | undefined;
      readonly kind?: string | undefined;
    },
  ) {
    this.text = text;
    this.parsed = facts.parsed;
    this.declared = facts.declared;
    this.#kind = facts.kind;
  }

  /** What kind of statement it is: `select`, `begin`, `copy`, `empty` … */
  get kind(): string {
    if (this.parsed === undefined) return this.#kind ?? "empty";
    try {
      return this.parsed.syntax.kind;
    } catch (error) {
      // What is not supported is told when it is its turn.
      if (error instanceof SqlError) return "unsupported";
      throw error;
    }
  }
}
