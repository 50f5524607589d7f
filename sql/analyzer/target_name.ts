/**
 * The name of a result column that nobody named: PostgreSQL's
 * `FigureColname`. A column gives its name, a call its function's; a cast its
 * type's, unless what it casts has a better one; the rest is `?column?`.
 *
 * @module
 */
import type { Expression, SelectSyntax } from "../parser/expression_syntax.ts";

/** How good a name is: 2 from the expression itself, 1 as a last resort. */
interface Figured {
  readonly name: string;
  readonly strength: 0 | 1 | 2;
}

const NOTHING: Figured = { name: "?column?", strength: 0 };

/** The name of an unnamed target. */
export function targetName(expression: Expression): string {
  return figure(expression).name;
}

function figure(expression: Expression): Figured {
  switch (expression.kind) {
    case "column":
      return expression.star
        ? NOTHING
        : { name: expression.path.at(-1)!, strength: 2 };
    case "call":
    case "niladic":
      return { name: expression.name, strength: 2 };
    case "null_if":
      return { name: "nullif", strength: 2 };
    case "coalesce":
      return { name: "coalesce", strength: 2 };
    case "extreme":
      return { name: expression.greatest ? "greatest" : "least", strength: 2 };
    case "subquery": {
      if (expression.form === "array") return { name: "array", strength: 2 };
      if (expression.form === "exists") return { name: "exists", strength: 2 };
      return expression.form === "scalar"
        ? leftmostName(expression.query)
        : NOTHING;
    }
    case "array":
      return { name: "array", strength: 2 };
    case "part": {
      const field = expression.steps.findLast((step) => step.kind === "field");
      return field?.kind === "field"
        ? { name: field.name, strength: 2 }
        : figure(expression.operand);
    }
    case "json_query":
      return { name: `json_${expression.form}`, strength: 2 };
    case "json_constructor":
      return { name: `json_${expression.form}`, strength: 2 };
    case "json_aggregate":
      return { name: `json_${expression.form}agg`, strength: 2 };
    case "json_array_query":
      return { name: "json_array", strength: 2 };
    case "json_conversion":
      return {
        name: expression.form === "parse" ? "json" : `json_${expression.form}`,
        strength: 2,
      };
    case "json_table":
      return { name: "json_table", strength: 2 };
    case "grouping":
      return { name: "grouping", strength: 2 };
    case "row":
      return { name: "row", strength: 2 };
    case "collate":
      return figure(expression.operand);
    case "cast": {
      const inner = figure(expression.operand);
      return inner.strength > 1
        ? inner
        : { name: expression.type.name, strength: 1 };
    }
    case "case": {
      const inner = expression.otherwise === undefined
        ? NOTHING
        : figure(expression.otherwise);
      return inner.strength > 1 ? inner : { name: "case", strength: 1 };
    }
    default:
      return NOTHING;
  }
}

/** A query's name is its first column's. */
function leftmostName({ body }: SelectSyntax): Figured {
  if (body.kind === "set_operation_body") return leftmostName(body.left);
  if (body.kind === "values_body") return { name: "column1", strength: 2 };
  const [target] = body.targets;
  if (target === undefined) return NOTHING;
  return target.name === undefined
    ? figure(target.expression)
    : { name: target.name, strength: 2 };
}
