/**
 * EXECUTE: the statement that it stands for, alone and within EXPLAIN and
 * CREATE TABLE AS.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { ResultField } from "../../analyzer/bound_tree.ts";
import type {
  CreateTableAsSyntax,
  ExecuteSyntax,
  ExplainSyntax,
  Statement,
} from "../../parser/syntax.ts";
import type { NamedStatement, NamedStatements } from "./named_statements.ts";

/** A statement that EXECUTE has a part in. */
export interface Execution {
  /** EXECUTE, with its values. */
  readonly execute: ExecuteSyntax;
  /** What it executes. */
  readonly statement: NamedStatement;
  /** The whole statement, with the other in the place of EXECUTE. */
  readonly syntax: Statement;
}

/**
 * The execution in `syntax`; `undefined` if there is none.
 *
 * @throws {SqlError} `26000` when there is no statement of the name.
 */
export function executionOf(
  statements: NamedStatements,
  syntax: Statement,
): Execution | undefined {
  if (syntax.kind === "execute") {
    const statement = statements.get(syntax.name);
    return { execute: syntax, statement, syntax: executable(statement) };
  }
  if (syntax.kind === "create_table_as") {
    return inTableAs(statements, syntax);
  }
  if (syntax.kind !== "explain") return undefined;
  const inner = executionOf(statements, syntax.statement);
  return inner && {
    ...inner,
    syntax: {
      ...syntax,
      statement: inner.syntax as ExplainSyntax["statement"],
    },
  };
}

function inTableAs(
  statements: NamedStatements,
  syntax: CreateTableAsSyntax,
): Execution | undefined {
  const { query } = syntax;
  if (query.kind !== "execute") return undefined;
  const statement = statements.get(query.name);
  const inner = executable(statement);
  if (inner.kind !== "select") {
    throw new SqlError("42809", "prepared statement is not a SELECT");
  }
  return {
    execute: query,
    statement,
    syntax: { ...syntax, query: inner },
  };
}

/** @throws {SqlError} `0A000` for what only its protocol can run. */
function executable(
  { name, syntax }: NamedStatement,
): NonNullable<NamedStatement["syntax"]> {
  if (syntax !== undefined) return syntax;
  throw new SqlError("0A000", `EXECUTE cannot run the statement "${name}"`);
}

/** @throws {SqlError} `0A000` when a statement has other columns than before. */
export function refuseChangedResult(
  before: readonly ResultField[],
  now: readonly ResultField[],
): void {
  const same = before.length === now.length &&
    before.every(({ type }, i) => {
      const other = now[i]!.type;
      return type.type.oid === other.type.oid && type.typmod === other.typmod;
    });
  if (same) return;
  throw new SqlError("0A000", "cached plan must not change result type");
}
