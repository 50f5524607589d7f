/**
 * Queries in expressions.
 *
 * | written | bound as |
 * | --- | --- |
 * | `(SELECT …)` | its one column |
 * | `ARRAY(SELECT …)` | an array of its one column |
 * | `EXISTS (SELECT …)` | a boolean |
 * | `a op ANY (SELECT …)`, `a IN (SELECT …)` | `test`: a with a row of the query |
 * | `(a, b) op (SELECT …)` | the same, for the one row |
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { noArrayType } from "../functions/polymorphism.ts";
import type { AggregateDefinition } from "../functions/registry.ts";
import type { SubquerySyntax } from "../parser/expression_syntax.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import type { DataType } from "../types/data_type.ts";
import { unknown } from "../types/text_types.ts";
import { type Binding, BOOLEAN } from "./binding.ts";
import type {
  BoundColumn,
  BoundExpression,
  BoundQuery,
  BoundSubquery,
  ResultField,
} from "./bound_expression.ts";
import { Frame } from "./frame.ts";
import { compareBoundRows } from "./row_comparison.ts";
import { baseOf } from "../types/domain_type.ts";

/** Where there are no queries: what is there is kept in the catalog. */
const WITHOUT_QUERIES: ReadonlySet<string> = new Set([
  "DEFAULT expressions",
  "check constraints",
  "column generation expressions",
  "index expressions",
  "index predicates",
  "transform expressions",
  "partition key expressions",
  "partition bound",
  "EXECUTE parameters",
]);

/** Binds a query in an expression. */
export function bindSubquery(
  binding: Binding,
  syntax: SubquerySyntax,
): BoundSubquery {
  const { state, scope, place } = binding;
  const { form, left, offset } = syntax;
  if (WITHOUT_QUERIES.has(place)) {
    const what = place.replace(/s$/, "");
    throw new SqlError("0A000", `cannot use subquery in ${what}`, { offset });
  }
  const lefts = left === undefined
    ? []
    : (left.kind === "row" ? left.items : [left]).map((item) =>
      binding.bind(item)
    );
  const frame = new Frame(() => state.newSlot(), binding);
  const query = state.bindQuery(syntax.query, {
    resolveUnknowns: true,
    parent: { scope, frame },
  });
  const relation = state.newRelation();
  const { fields } = query;
  const common = { query, relation, captures: frame.captures, offset };
  if (left !== undefined) {
    return {
      kind: "subquery",
      form: form === "scalar" || form === "array" ? "row" : form,
      ...common,
      ...bindTest(binding, syntax, lefts, query, relation),
      type: BOOLEAN,
    };
  }
  if (form !== "exists" && fields.length !== 1) {
    throw new SqlError(
      "42601",
      fields.length === 0
        ? "subquery must return a column"
        : "subquery must return only one column",
      { offset },
    );
  }
  const gather = form === "array"
    ? gathering(binding, baseOf(fields[0]!.type).type)
    : undefined;
  const type = gather !== undefined
    ? { type: gather.returnType, typmod: fields[0]!.type.typmod }
    : form === "scalar"
    ? baseOf(fields[0]!.type)
    : BOOLEAN;
  return {
    kind: "subquery",
    form,
    ...common,
    ...(gather === undefined ? {} : { gather }),
    operands: [],
    operandRelation: -1,
    test: undefined,
    type,
  };
}

/** What makes an array of values of a type. */
function gathering(
  { state }: Binding,
  type: DataType,
): AggregateDefinition {
  if (type.category !== "A" && arrayTypeOf(type) === undefined) {
    throw noArrayType(type);
  }
  return state.options.functions.resolveAggregate("array_agg", [type])
    .aggregate;
}

/** The comparison of the operands with a row of the query. */
function bindTest(
  binding: Binding,
  { operator, offset }: SubquerySyntax,
  lefts: readonly BoundExpression[],
  { fields }: BoundQuery,
  relation: number,
): Pick<BoundSubquery, "operands" | "operandRelation" | "test"> {
  if (lefts.length !== fields.length) {
    throw new SqlError(
      "42601",
      lefts.length < fields.length
        ? "subquery has too many columns"
        : "subquery has too few columns",
      { offset },
    );
  }
  const rights = fields.map((field, column) =>
    columnOf(relation, column, field)
  );
  const operands = lefts.map((left, i) => {
    if (left.type.type !== unknown) return left;
    // A literal of open type is read as what it is compared with.
    const call = binding.operator(operator, left, rights[i]!, offset);
    return call.kind === "call" ? call.args[0]! : left;
  });
  const operandRelation = binding.state.newRelation();
  const names = operands.map(({ type }, column) =>
    columnOf(operandRelation, column, { name: "", type })
  );
  const test = compareBoundRows(binding, operator, names, rights, offset);
  return { operands, operandRelation, test };
}

function columnOf(
  relation: number,
  column: number,
  { name, type: given }: Pick<ResultField, "name" | "type">,
): BoundColumn {
  const type = baseOf(given);
  return { kind: "column", relation, column, type, name, offset: -1 };
}
