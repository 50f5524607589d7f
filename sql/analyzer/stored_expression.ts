/**
 * Expressions that the catalog keeps as text.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { parse } from "../parser/parser.ts";
import type { Expression } from "../parser/expression_syntax.ts";

const BEFORE = "SELECT ";

/** Where the text of a stored expression begins in what is parsed. */
export const STORED_OFFSET: number = BEFORE.length;

/** The expression that a stored text is. */
export function parseStored(text: string): Expression {
  const syntax = parse(BEFORE + text)[0]?.syntax;
  if (syntax?.kind === "select" && syntax.body.kind === "select_body") {
    const [target] = syntax.body.targets;
    if (target !== undefined) return target.expression;
  }
  throw new SqlError("XX000", `stored expression is damaged: ${text}`);
}
