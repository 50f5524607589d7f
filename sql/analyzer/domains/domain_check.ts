/**
 * A value made one of a domain, where somebody wrote the cast:
 *
 * ```text
 * CASE value WHEN IS NULL THEN error WHEN (check) IS FALSE THEN error
 *   ELSE value END
 * ```
 *
 * @module
 */
import type { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { BoundCaseBranch, BoundExpression } from "../bound_expression.ts";
import type { StatementState } from "../statement_state.ts";
import { replaceExpressions } from "../walk.ts";
import { brokenDomain, domainRules, nullOfDomain } from "./domain_rules.ts";

const BOOLEAN: TypeRef = { type: bool, typmod: -1 };

/** `value`, of the base type, checked as one of `domain`. */
export function checkedDomain(
  state: StatementState,
  value: BoundExpression,
  domain: TypeRef,
  offset: number,
): BoundExpression {
  const { type } = value;
  const { name, notNull, checks } = domainRules(state, domain.type, type);
  const operand: BoundExpression = { kind: "case_operand", type, offset: -1 };
  const branches: BoundCaseBranch[] = checks.map((
    { name: check, expression },
  ) => ({
    condition: {
      kind: "boolean_test",
      operand: replaceExpressions(
        expression,
        (part) => part.kind === "column" ? operand : undefined,
      ),
      test: "false",
      negated: false,
      type: BOOLEAN,
      offset: -1,
    },
    result: raising(type, () => brokenDomain(name, check)),
  }));
  if (notNull) {
    branches.unshift({
      condition: {
        kind: "null_test",
        operand,
        negated: false,
        type: BOOLEAN,
        offset: -1,
      },
      result: raising(type, () => nullOfDomain(name)),
    });
  }
  return {
    kind: "case",
    operand: value,
    branches,
    otherwise: operand,
    type,
    domain,
    offset,
  };
}

/** An expression that gives no value. */
function raising(type: TypeRef, error: () => SqlError): BoundExpression {
  return {
    kind: "call",
    function: {
      name: "domain_check",
      argumentTypes: [],
      returnType: type.type,
      strict: false,
      volatility: "volatile",
      scalar: () => {
        throw error();
      },
    },
    args: [],
    type,
    operator: undefined,
    offset: -1,
  };
}
