/**
 * Sequences named in expressions: `nextval('s')`.
 *
 * A DEFAULT keeps the sequence's id instead of its name, as a text that
 * PostgreSQL's `regclass` reads the same way, so that it goes on meaning the
 * sequence when that is renamed.
 *
 * @module
 */
import type { Expression } from "../../parser/expression_syntax.ts";
import type { CatalogView } from "../../catalog/entries.ts";
import { namedSequence } from "../../catalog/sequence_name.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { replaceExpressions } from "../walk.ts";

const FUNCTIONS: ReadonlySet<string> = new Set([
  "nextval",
  "currval",
  "setval",
]);

/** The argument without `::regclass`, which says what it is anyway. */
export function sequenceArgument(name: string, arg: Expression): Expression {
  return FUNCTIONS.has(name) && arg.kind === "cast" &&
      arg.type.name === "regclass" && arg.operand.kind === "constant"
    ? arg.operand
    : arg;
}

/**
 * The expression with sequences named by their ids.
 *
 * @throws {SqlError} `42P01`, `42809` where a name means no sequence.
 */
export function withSequenceIds(
  expression: BoundExpression,
  catalog: CatalogView,
): BoundExpression {
  return replaceExpressions(expression, (part) => {
    const name = sequenceNameIn(part);
    if (name === undefined || part.kind !== "call") return undefined;
    const [first, ...rest] = part.args;
    const value = String(namedSequence(catalog, name).id);
    return {
      ...part,
      args: [{ ...first, value } as BoundExpression, ...rest],
    };
  });
}

/** The ids of the sequences that a stored expression draws from. */
export function sequencesIn(text: string): number[] {
  return [...text.matchAll(/\b(?:nextval|currval|setval)\('(\d+)'/g)]
    .map(([, id]) => Number(id));
}

function sequenceNameIn(part: BoundExpression): string | undefined {
  if (part.kind !== "call" || !FUNCTIONS.has(part.function.name)) {
    return undefined;
  }
  const [first] = part.args;
  return first?.kind === "constant" && typeof first.value === "string"
    ? first.value
    : undefined;
}
