/**
 * The prepared statements of a session: what PREPARE gave a name.
 *
 * They are kept as they were written and with the types of their parameters;
 * plans come from the plan cache, so that they follow the catalog.
 *
 * @module
 */
import type { ResultField } from "../../analyzer/bound_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { PrepareSyntax } from "../../parser/syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { PlanChoices } from "../plan_choices.ts";

/** How many a session may have. */
const STATEMENTS_MAX = 100_000;

/** A prepared statement. */
export interface NamedStatement {
  readonly name: string;
  /** The text of PREPARE, or the statement's own where a protocol made it. */
  readonly text: string;
  /** The OIDs of types that a protocol declared; 0: none. */
  readonly declared?: readonly number[] | undefined;
  /** Whether PREPARE made it. */
  readonly fromSql: boolean;
  /** What it runs; absent where EXECUTE cannot. */
  readonly syntax: PrepareSyntax["statement"] | undefined;
  readonly parameterTypes: readonly TypeRef[];
  /** The columns of its result when it was prepared. */
  readonly fields: readonly ResultField[];
  /** Which of its plans ran. */
  readonly choices: PlanChoices;
  /** When it was prepared: microseconds since 2000-01-01 UTC. */
  readonly preparedAt: number;
}

/** The prepared statements of a session, by name. */
export class NamedStatements {
  readonly #statements = new Map<string, NamedStatement>();

  /** All of them. */
  all(): Iterable<NamedStatement> {
    return this.#statements.values();
  }

  /**
   * Adds one.
   *
   * @throws {SqlError} `42P05` when the name is taken.
   */
  add(statement: NamedStatement): void {
    const { name } = statement;
    this.requireFree(name);
    if (this.#statements.size >= STATEMENTS_MAX) {
      throw new SqlError("53400", "too many prepared statements", {
        hint: "DEALLOCATE those that are not needed any more.",
      });
    }
    this.#statements.set(name, statement);
  }

  /** @throws {SqlError} `42P05` when the name is taken. */
  requireFree(name: string): void {
    if (!this.#statements.has(name)) return;
    throw new SqlError("42P05", `prepared statement "${name}" already exists`);
  }

  /**
   * The statement of that name.
   *
   * @throws {SqlError} `26000`.
   */
  get(name: string): NamedStatement {
    const statement = this.#statements.get(name);
    if (statement !== undefined) return statement;
    throw new SqlError("26000", `prepared statement "${name}" does not exist`);
  }

  /** Whether there is one of that name. */
  has(name: string): boolean {
    return this.#statements.has(name);
  }

  /** Forgets one. @throws {SqlError} `26000`. */
  remove(name: string): void {
    this.get(name);
    this.#statements.delete(name);
  }

  /** Forgets all. */
  clear(): void {
    this.#statements.clear();
  }
}
