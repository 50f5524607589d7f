/**
 * Expressions of SQL/JSON: which file binds which.
 *
 * @module
 */
import { unreachable } from "../../../base/invariant.ts";
import type { JsonSyntax } from "../../parser/expression_syntax.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import {
  bindJsonAggregate,
  bindJsonArrayQuery,
  bindJsonConstructor,
  bindJsonConversion,
  bindJsonTest,
} from "./bind_json_making.ts";
import { bindJsonQuery } from "./bind_json_query.ts";
import { bindJsonTable } from "./bind_json_table.ts";

/** An expression of SQL/JSON. */
export function bindJson(
  binding: Binding,
  syntax: JsonSyntax,
): BoundExpression {
  switch (syntax.kind) {
    case "json_query":
      return bindJsonQuery(binding, syntax);
    case "json_constructor":
      return bindJsonConstructor(binding, syntax);
    case "json_aggregate":
      return bindJsonAggregate(binding, syntax);
    case "json_array_query":
      return bindJsonArrayQuery(binding, syntax);
    case "json_test":
      return bindJsonTest(binding, syntax);
    case "json_conversion":
      return bindJsonConversion(binding, syntax);
    case "json_table":
      return bindJsonTable(binding, syntax);
    default:
      return unreachable(syntax);
  }
}
