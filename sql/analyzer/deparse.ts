/**
 * Bound expressions as SQL text, in the words of PostgreSQL's `ruleutils.c`:
 * what EXPLAIN shows, and what the catalog keeps of a DEFAULT.
 *
 * Casts that nobody wrote are not shown, for whoever binds the text again puts
 * them back. Everything else is in parentheses, so that no precedence is
 * needed.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { DataType, Nullable, TypeRef } from "../types/data_type.ts";
import { formatType } from "../types/type_registry.ts";
import type {
  BoundAggregate,
  BoundCase,
  BoundColumn,
  BoundExpression,
  BoundIn,
  BoundOuter,
  BoundWindowCall,
} from "./bound_expression.ts";
import { quoteIdentifier, quoteLiteral } from "../parser/quote.ts";

/** How to write an expression. */
export interface DeparseOptions {
  /** A column's text; default its name. */
  readonly column?: (column: BoundColumn) => string;
  /** The text of a value from around the query; default its name. */
  readonly outer?: (outer: BoundOuter) => string;
  /** The name of a call's window; default `(?)`. */
  readonly window?: (call: BoundWindowCall) => string | undefined;
  /** `= ANY ('{…}')` for IN, as EXPLAIN has it; default `IN (…)`. */
  readonly anyArray?: boolean;
}

/** The SQL text of `expression`. */
export function deparse(
  expression: BoundExpression,
  options: DeparseOptions = {},
): string {
  return new Deparser(options).text(expression);
}

class Deparser {
  readonly #options: DeparseOptions;
  /** The texts of the operands of the CASEs around. */
  readonly #operands: string[] = [];

  constructor(options: DeparseOptions) {
    this.#options = options;
  }

  text(expression: BoundExpression): string {
    switch (expression.kind) {
      case "constant":
        return deparseConstant(expression.value, expression.type);
      case "parameter":
        return `$${expression.index + 1}`;
      case "column":
        return this.#options.column?.(expression) ??
          quoteIdentifier(expression.name);
      case "call":
        return this.#call(expression);
      case "cast":
        if (expression.collation !== undefined) {
          const name = quoteIdentifier(expression.collation.name);
          return `(${this.text(expression.operand)} COLLATE ${name})`;
        }
        return expression.hidden
          ? this.text(expression.operand)
          : `(${this.text(expression.operand)})::${
            formatType(expression.type)
          }`;
      case "logical": {
        if (expression.operation === "not") {
          return `(NOT ${this.text(expression.operands[0]!)})`;
        }
        const word = expression.operation === "and" ? " AND " : " OR ";
        return `(${this.#texts(expression.operands).join(word)})`;
      }
      case "null_test":
        return `(${this.text(expression.operand)} IS ${
          expression.negated ? "NOT NULL" : "NULL"
        })`;
      case "boolean_test":
        return `(${this.text(expression.operand)} IS ${
          expression.negated ? "NOT " : ""
        }${expression.test.toUpperCase()})`;
      case "distinct_from": {
        const { left, right, negated } = expression;
        const text = `(${this.text(left)} IS DISTINCT FROM ${
          this.text(right)
        })`;
        return negated ? `(NOT ${text})` : text;
      }
      case "null_if":
        return `NULLIF(${this.text(expression.left)}, ${
          this.text(expression.right)
        })`;
      case "coalesce":
        return `COALESCE(${this.#texts(expression.operands).join(", ")})`;
      case "extreme":
        return `${expression.greatest ? "GREATEST" : "LEAST"}(${
          this.#texts(expression.operands).join(", ")
        })`;
      case "in":
        return this.#in(expression);
      case "array_comparison":
        return `(${this.text(expression.operand)} ${expression.operator} ${
          expression.all ? "ALL" : "ANY"
        } (${this.text(expression.array)}))`;
      case "case":
        return this.#case(expression);
      case "case_operand":
        return this.#operands.at(-1) ?? "CASE_TEST_EXPR";
      case "aggregate":
        return this.#aggregate(expression);
      case "grouping":
        return `GROUPING(${this.#texts(expression.args).join(", ")})`;
      case "window":
        return this.#window(expression);
      case "outer":
        return this.#options.outer?.(expression) ??
          quoteIdentifier(expression.name);
      case "subquery":
        return expression.form === "exists"
          ? "EXISTS(SubPlan)"
          : expression.form === "array"
          ? "ARRAY(SubPlan)"
          : "(SubPlan)";
      default:
        return unreachable(expression);
    }
  }

  #texts(expressions: readonly BoundExpression[]): string[] {
    return expressions.map((expression) => this.text(expression));
  }

  #call(call: Extract<BoundExpression, { kind: "call" }>): string {
    const args = this.#texts(call.args);
    if (call.function.deparse !== undefined) {
      return call.function.deparse(args);
    }
    if (call.operator === undefined) {
      return `${quoteIdentifier(call.function.name)}(${args.join(", ")})`;
    }
    return args.length === 1
      ? `(${call.operator} ${args[0]})`
      : `(${args[0]} ${call.operator} ${args[1]})`;
  }

  #in({ operand, items, negated }: BoundIn): string {
    const left = this.text(operand);
    if (this.#options.anyArray !== true) {
      return `(${left} ${negated ? "NOT IN" : "IN"} (${
        this.#texts(items).join(", ")
      }))`;
    }
    const word = negated ? "<> ALL" : "= ANY";
    return `(${left} ${word} (${this.#array(items)}))`;
  }

  /** An array of constants as a literal, of anything else as ARRAY[…]. */
  #array(items: readonly BoundExpression[]): string {
    const { type } = items[0]!;
    const values: string[] = [];
    for (const item of items) {
      if (item.kind !== "constant") {
        return `ARRAY[${this.#texts(items).join(", ")}]`;
      }
      values.push(
        item.value === null ? "NULL" : element(type.type.output(item.value)),
      );
    }
    const literal = quoteLiteral(`{${values.join(",")}}`);
    return `${literal}::${formatType(type)}[]`;
  }

  #case({ operand, branches, otherwise, domain }: BoundCase): string {
    if (domain !== undefined) {
      return `(${this.text(operand!)})::${quoteIdentifier(domain.type.name)}`;
    }
    const parts = ["CASE"];
    if (operand !== undefined) {
      const text = this.text(operand);
      parts.push(text);
      this.#operands.push(text);
    }
    for (const { condition, result } of branches) {
      // With an operand, the condition is `operand = value`.
      const shown = operand !== undefined && condition.kind === "call" &&
          condition.args.length === 2
        ? condition.args[1]!
        : condition;
      parts.push(`WHEN ${this.text(shown)} THEN ${this.text(result)}`);
    }
    if (operand !== undefined) this.#operands.pop();
    parts.push(`ELSE ${this.text(otherwise)}`, "END");
    return parts.join(" ");
  }

  #window(call: BoundWindowCall): string {
    const { callee, args, star, filter } = call;
    const inner = star ? "*" : this.#texts(args).join(", ");
    const name = quoteIdentifier(callee.definition.name);
    const condition = filter === undefined
      ? ""
      : ` FILTER (WHERE ${this.text(filter)})`;
    const window = this.#options.window?.(call) ?? "(?)";
    return `${name}(${inner})${condition} OVER ${window}`;
  }

  #aggregate(
    { definition, args, star, distinct, filter, orderBy }: BoundAggregate,
  ): string {
    const inner = star
      ? "*"
      : `${distinct ? "DISTINCT " : ""}${this.#texts(args).join(", ")}`;
    const keys = orderBy.map((order) =>
      this.text(order.expression) + orderText(order)
    );
    const sorted = keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
    const text = `${quoteIdentifier(definition.name)}(${inner}${sorted})`;
    return filter === undefined
      ? text
      : `${text} FILTER (WHERE ${this.text(filter)})`;
  }
}

/** ` DESC NULLS LAST` and its kin; nothing for what is the default. */
export function orderText(
  { descending, nullsFirst }: {
    readonly descending: boolean;
    readonly nullsFirst: boolean;
  },
): string {
  const direction = descending ? " DESC" : "";
  if (nullsFirst === descending) return direction;
  return `${direction} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
}

/** An element of an array literal, in quotes where it needs them. */
function element(text: string): string {
  if (/^[^\s{}",\\]+$/.test(text) && text.toUpperCase() !== "NULL") return text;
  return `"${text.replace(/(["\\])/g, "\\$1")}"`;
}

/** A constant as SQL: `get_const_expr`. */
export function deparseConstant(value: Nullable, type: TypeRef): string {
  if (value === null) return `NULL::${formatType(type)}`;
  const text = type.type.output(value);
  switch (type.type.name) {
    case "bool":
      return value === true ? "true" : "false";
    case "int4":
      if (!text.startsWith("-")) return text;
      break;
    case "numeric":
      if (/^\d*\.\d+$/.test(text) && type.typmod < 0) return text;
      break;
    case "unknown":
      return quoteLiteral(text);
  }
  return `${quoteLiteral(text)}::${labelOf(type.type, type)}`;
}

function labelOf(type: DataType, ref: TypeRef): string {
  return ref.typmod < 0 ? type.displayName : formatType(ref);
}
