/**
 * Expressions to bound expressions: names resolved, operators and functions
 * chosen, casts put in. Dispatches over the kinds; what takes more than a few
 * lines is in the files `bind_….ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  BooleanTestSyntax,
  CastSyntax,
  CollateSyntax,
  ColumnSyntax,
  ConstantSyntax,
  Expression,
  LogicalSyntax,
  OperatorSyntax,
} from "../parser/expression_syntax.ts";
import { bit } from "../types/bit_types.ts";
import { bool } from "../types/bool_type.ts";
import { cannotCast } from "../types/cast.ts";
import type { DataType } from "../types/data_type.ts";
import { int4, int8 } from "../types/int_types.ts";
import { numeric } from "../types/numeric_type.ts";
import { isRowType } from "../types/row/row_type.ts";
import { bindArray, bindArrayComparison } from "./bind_array.ts";
import { bindCall, bindNiladic } from "./bind_call.ts";
import {
  bindBetween,
  bindDistinctFrom,
  bindIn,
  bindNot,
  bindRowNullTest,
  bindRowOperator,
} from "./bind_comparison.ts";
import {
  bindCase,
  bindCoalesce,
  bindExtreme,
  bindNullIf,
} from "./bind_conditional.ts";
import { bindGrouping } from "./bind_grouping.ts";
import { bindCollation, collatedOperator } from "./collations/collated.ts";
import { bindJson } from "./sql_json/bind_json.ts";
import { bindPart } from "./bind_part.ts";
import { fieldOrCall } from "./functional_notation.ts";
import { bindAs, bindRow, bindRowValueTest, bindWholeRow } from "./bind_row.ts";
import { bindSubquery } from "./bind_subquery.ts";
import { missingSchema } from "./bind_schema.ts";
import { bindTypeName } from "./bind_type.ts";
import { noteOperator } from "./operators/own_operator.ts";
import { bindWithVariables } from "./routines/bind_variable.ts";
import {
  type Binding,
  BOOLEAN,
  type NamedWindows,
  type Place,
} from "./binding.ts";
import type { BoundConstant, BoundExpression } from "./bound_expression.ts";
import { type Coercer, positioned } from "./coerce.ts";
import type { Scope } from "./scope.ts";
import { type StatementState, UNKNOWN } from "./statement_state.ts";

/** Where a binder works. */
export interface BinderOptions {
  readonly state: StatementState;
  readonly coercer: Coercer;
  readonly scope: Scope;
  readonly place: Place;
  /** Whether it is in the arguments of an aggregate; default no. */
  readonly insideAggregate?: boolean;
  /** The windows that the query names; default none. */
  readonly windows?: NamedWindows;
}

const NO_WINDOWS: NamedWindows = new Map();

/** Binds the expressions of one place. */
export class ExpressionBinder implements Binding {
  readonly state: StatementState;
  readonly coercer: Coercer;
  readonly scope: Scope;
  readonly place: Place;
  readonly insideAggregate: boolean;
  readonly windows: NamedWindows;

  /** A binder for one place. */
  constructor(options: BinderOptions) {
    this.state = options.state;
    this.coercer = options.coercer;
    this.scope = options.scope;
    this.place = options.place;
    this.insideAggregate = options.insideAggregate ?? false;
    this.windows = options.windows ?? NO_WINDOWS;
  }

  /** A binder for another place of the same query. */
  at(place: Place): ExpressionBinder {
    return new ExpressionBinder({ ...this.#options(), place });
  }

  /** Binds an expression in another place. */
  within(
    place: Place,
    insideAggregate: boolean,
    syntax: Expression,
  ): BoundExpression {
    return new ExpressionBinder({ ...this.#options(), place, insideAggregate })
      .bind(syntax);
  }

  /** A binder of the same place that knows the windows of its query. */
  withWindows(windows: NamedWindows): ExpressionBinder {
    return new ExpressionBinder({ ...this.#options(), windows });
  }

  #options(): BinderOptions {
    const { state, coercer, scope, place, windows } = this;
    return { state, coercer, scope, place, windows };
  }

  /** Binds an expression. */
  bind(syntax: Expression): BoundExpression {
    this.state.countExpression();
    switch (syntax.kind) {
      case "constant":
        return this.#constant(syntax);
      case "column":
        return this.#column(syntax);
      case "parameter": {
        const { number, offset } = syntax;
        return {
          kind: "parameter",
          index: number - 1,
          type: this.state.parameterType(number, offset),
          offset,
        };
      }
      case "operator":
        return this.#operator(syntax);
      case "logical":
        return this.#logical(syntax);
      case "cast":
        return this.#cast(syntax);
      case "collate":
        return this.#collate(syntax);
      case "call":
        return bindCall(this, syntax);
      case "niladic":
        return bindNiladic(this, syntax);
      case "in":
        return bindIn(this, syntax);
      case "between":
        return bindBetween(this, syntax);
      case "distinct_from":
        return bindDistinctFrom(this, syntax);
      case "null_test":
        return this.#nullTest(syntax);
      case "boolean_test":
        return this.#booleanTest(syntax);
      case "null_if":
        return bindNullIf(this, syntax);
      case "coalesce":
        return bindCoalesce(this, syntax);
      case "extreme":
        return bindExtreme(this, syntax);
      case "case":
        return bindCase(this, syntax);
      case "subquery":
        return bindSubquery(this, syntax);
      case "array":
        return bindArray(this, syntax);
      case "part":
        return bindPart(this, syntax);
      case "array_comparison":
        return bindArrayComparison(this, syntax);
      case "grouping":
        return bindGrouping(this, syntax);
      case "row":
        return bindRow(this, syntax);
      case "default":
        throw new SqlError("42601", "DEFAULT is not allowed in this context", {
          offset: syntax.offset,
        });
      default:
        return bindJson(this, syntax);
    }
  }

  /** Binds a condition: WHERE, HAVING. */
  condition(syntax: Expression): BoundExpression {
    return this.coercer.toBoolean(this.bind(syntax), this.place);
  }

  /** An operator over bound operands. */
  operator(
    name: string,
    left: BoundExpression | undefined,
    right: BoundExpression,
    offset: number,
    schema?: string,
  ): BoundExpression {
    const resolved = this.state.options.functions.resolveOperator(
      name,
      left?.type.type,
      right.type.type,
      offset,
      schema,
    );
    noteOperator(this, resolved, offset);
    const isOwn = resolved.operator.entry !== undefined;
    const operands = left === undefined ? [right] : [left, right];
    const coerced = operands.map((operand, i) =>
      this.coercer.implicit(operand, resolved.argumentTypes[i]!)
    );
    return {
      kind: "call",
      ...isOwn
        ? { function: resolved.function, args: coerced }
        : collatedOperator(name, resolved.function, coerced),
      type: { type: resolved.function.returnType, typmod: -1 },
      // Whatever its symbol, nothing is known of what it means.
      operator: isOwn ? undefined : name,
      offset,
    };
  }

  #operator(syntax: OperatorSyntax): BoundExpression {
    const { schema, name, left, right, offset } = syntax;
    if (
      left?.kind === "row" &&
      (right.kind === "row" || right.kind === "subquery")
    ) {
      return bindRowOperator(this, syntax);
    }
    if (
      schema !== undefined && !this.state.options.catalog.hasSchema(schema)
    ) throw missingSchema(schema, offset);
    const first = left === undefined ? undefined : this.bind(left);
    return this.operator(name, first, this.bind(right), offset, schema);
  }

  #constant({ literal, offset }: ConstantSyntax): BoundConstant {
    const make = (
      type: DataType,
      value: BoundConstant["value"],
    ): BoundConstant => ({
      kind: "constant",
      type: { type, typmod: -1 },
      value,
      offset,
    });
    switch (literal.form) {
      case "null":
        return { kind: "constant", type: UNKNOWN, value: null, offset };
      case "string":
        return { kind: "constant", type: UNKNOWN, value: literal.text, offset };
      case "boolean":
        return make(bool, literal.value);
      case "integer":
        return make(int4, literal.value);
      case "decimal": {
        const type = numberType(literal.text);
        return make(type, type.input(literal.text, -1));
      }
      case "bits":
        return this.#bits(literal.text, offset);
    }
  }

  #bits(digits: string, offset: number): BoundConstant {
    try {
      const type = { type: bit, typmod: -1 };
      return { kind: "constant", type, value: bit.input(digits, -1), offset };
    } catch (error) {
      throw positioned(error, offset);
    }
  }

  #column(syntax: ColumnSyntax): BoundExpression {
    if (syntax.star) return this.#wholeRow(syntax);
    const { variables } = this.state.options;
    return variables === undefined
      ? this.#named(syntax)
      : bindWithVariables(variables, syntax, () => this.#named(syntax));
  }

  #named(syntax: ColumnSyntax): BoundExpression {
    const { place, scope } = this;
    if (place === "DEFAULT expressions" || place === "partition bound") {
      const what = place === "partition bound"
        ? "partition bound expression"
        : "DEFAULT expression";
      throw new SqlError(
        "0A000",
        `cannot use column reference in ${what}`,
        { offset: syntax.offset },
      );
    }
    const [name] = syntax.path;
    if (syntax.path.length > 1) {
      return fieldOrCall(
        this,
        syntax.path.at(-1)!,
        () => ({ ...syntax, path: syntax.path.slice(0, -1) }),
        () => scope.resolve(syntax),
      );
    }
    if (scope.find(name!, syntax.offset) !== undefined) {
      return scope.resolve(syntax);
    }
    // No column has the name: perhaps a relation, whose rows it then means.
    return scope.findRelation(name!) === undefined
      ? scope.resolve(syntax)
      : this.#wholeRow(syntax);
  }

  #wholeRow({ path, offset }: ColumnSyntax): BoundExpression {
    if (path.length === 0) {
      throw new SqlError(
        "42601",
        'row expansion via "*" is not supported here',
        {
          offset,
        },
      );
    }
    return bindWholeRow(this, this.scope.relation(path, offset), offset);
  }

  #logical({ operation, operands, offset }: LogicalSyntax): BoundExpression {
    if (operation === "not") return bindNot(this, operands[0]!, offset);
    const name = operation === "and" ? "AND" : "OR";
    return {
      kind: "logical",
      operation,
      operands: operands.map((operand) =>
        this.coercer.toBoolean(this.bind(operand), name)
      ),
      type: BOOLEAN,
      offset,
    };
  }

  #cast({ operand, type: name, offset }: CastSyntax): BoundExpression {
    const type = bindTypeName(this.state, name);
    const bound = operand.kind === "array" && type.type.element !== undefined
      ? bindArray(this, operand, type)
      : bindAs(this, operand, type, "explicit");
    const at = offset < 0 ? name.offset : offset;
    const result = this.coercer.coerce(bound, type, {
      context: "explicit",
      written: true,
      offset: at,
    });
    if (result === undefined) {
      const { message } = cannotCast(bound.type.type, type.type);
      throw new SqlError("42846", message, { offset: at });
    }
    return result;
  }

  #collate(syntax: CollateSyntax): BoundExpression {
    const operand = this.coercer.settleUnknown(this.bind(syntax.operand));
    return {
      kind: "cast",
      operand,
      type: operand.type,
      context: "implicit",
      convert: undefined,
      hidden: true,
      collation: bindCollation(this.state, syntax, operand.type.type),
      offset: syntax.offset,
    };
  }

  #nullTest(
    syntax: Extract<Expression, { kind: "null_test" }>,
  ): BoundExpression {
    const { operand, negated, offset } = syntax;
    if (operand.kind === "row") {
      return bindRowNullTest(this, operand, negated, offset);
    }
    const bound = this.bind(operand);
    if (isRowType(bound.type.type)) {
      return bindRowValueTest(bound, negated, offset);
    }
    return {
      kind: "null_test",
      operand: bound,
      negated,
      type: BOOLEAN,
      offset,
    };
  }

  #booleanTest(syntax: BooleanTestSyntax): BoundExpression {
    const { operand, test, negated, offset } = syntax;
    const clause = `IS ${negated ? "NOT " : ""}${test.toUpperCase()}`;
    return {
      kind: "boolean_test",
      operand: this.coercer.toBoolean(this.bind(operand), clause),
      test,
      negated,
      type: BOOLEAN,
      offset,
    };
  }
}

/** The type of a number that is not a plain integer. */
export function numberType(text: string): DataType {
  if (!/^-?\d+$/.test(text)) return numeric;
  const value = BigInt(text);
  if (BigInt.asIntN(32, value) === value) return int4;
  return BigInt.asIntN(64, value) === value ? int8 : numeric;
}
