/**
 * Expressions of one type made into another: PostgreSQL's `parse_coerce.c`.
 *
 * A literal of unknown type is read by the input of the type wanted, here and
 * now, so that a bad one is reported where it stands. A parameter of open type
 * takes the type wanted. Everything else needs a cast that the context allows.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  canCoerce,
  cannotCast,
  type CoercionContext,
  compileCast,
  inputTypmod,
  reaches,
} from "../types/cast.ts";
import { bool } from "../types/bool_type.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { baseOf } from "../types/domain_type.ts";
import { record } from "../types/row/row_type.ts";
import { rowConstructor } from "../functions/row/row_constructor.ts";
import { text, unknown } from "../types/text_types.ts";
import type { BoundConstant, BoundExpression } from "./bound_expression.ts";
import type { CastEntry } from "../catalog/entries.ts";
import { checkedDomain } from "./domains/domain_check.ts";
import { ownCast, withOwnCast } from "./operators/own_cast.ts";
import type { StatementState } from "./statement_state.ts";

/** How an expression is to be coerced. */
export interface CoerceOptions {
  /** What is allowed. */
  readonly context: CoercionContext;
  /** Whether somebody wrote the cast, so that EXPLAIN shows it. */
  readonly written?: boolean;
  /** Where it was written. */
  readonly offset?: number;
}

/** Coerces expressions within one statement. */
export class Coercer {
  readonly #state: StatementState;

  /** A coercer for the statement. */
  constructor(state: StatementState) {
    this.#state = state;
  }

  /** Whether `expression` can become a `target` in that context. */
  can(
    expression: BoundExpression,
    target: DataType,
    context: CoercionContext,
  ): boolean {
    const source = expression.type.type;
    const own = ownCast(this.#state, source, target);
    return own === undefined
      ? canCoerce(source, target, context)
      : reaches(own.context, context);
  }

  /**
   * `expression` as a `target`, or `undefined` if the context does not allow
   * it.
   *
   * @throws {SqlError} `22P02` and its kin when a literal is not one of the type.
   */
  coerce(
    expression: BoundExpression,
    target: TypeRef,
    options: CoerceOptions,
  ): BoundExpression | undefined {
    if (target.type.domain !== undefined) {
      return this.#toDomain(expression, target, options);
    }
    const source = expression.type;
    if (source.type === target.type) {
      return this.#fitTypmod(expression, target, options);
    }
    if (source.type === unknown) {
      if (expression.kind === "constant") {
        const constant = this.#literal(expression, target);
        return this.#fitTypmod(constant, target, options);
      }
      if (expression.kind === "parameter") {
        const { index, offset } = expression;
        this.#state.settleParameter(index, target.type, offset);
        const parameter = {
          ...expression,
          type: { type: target.type, typmod: -1 },
        };
        return this.#fitTypmod(parameter, target, options);
      }
    }
    const own = ownCast(this.#state, source.type, target.type);
    if (own !== undefined) return this.#own(own, expression, target, options);
    if (source.type === record && target.type.fields !== undefined) {
      const isMaker = expression.kind === "call" &&
        expression.function.rowFields !== undefined;
      return isMaker
        ? this.toRow(expression.args, target.type, options, expression.offset)
        : undefined;
    }
    if (!canCoerce(source.type, target.type, options.context)) return undefined;
    return this.#cast(expression, target, options);
  }

  /**
   * A row of `type`, which has fields, of the values of them all.
   *
   * @throws {SqlError} `42846` when there are too few or too many, or one has no
   * cast.
   */
  toRow(
    values: readonly BoundExpression[],
    type: DataType,
    { context }: Pick<CoerceOptions, "context">,
    offset: number,
  ): BoundExpression {
    const fields = type.fields!;
    const refused = (detail: string): SqlError =>
      new SqlError("42846", cannotCast(record, type).message, {
        detail,
        offset,
      });
    if (values.length < fields.length) {
      throw refused("Input has too few columns.");
    }
    if (values.length > fields.length) {
      throw refused("Input has too many columns.");
    }
    const args = values.map((value, i) => {
      const field = fields[i]!;
      const made = this.coerce(value, field.type, { context });
      if (made !== undefined) return made;
      throw refused(
        `Cannot cast type ${value.type.type.displayName} to ${field.type.type.displayName} in column ${
          i + 1
        }.`,
      );
    });
    return {
      kind: "call",
      function: rowConstructor(type, fields),
      args,
      type: { type, typmod: -1 },
      operator: undefined,
      offset,
    };
  }

  /** As {@linkcode Coercer.coerce}, where the caller knows it is possible. */
  implicit(expression: BoundExpression, type: DataType): BoundExpression {
    const target = { type, typmod: -1 };
    const result = this.coerce(expression, target, { context: "implicit" });
    return result ?? expression;
  }

  /** A condition: what must be a boolean, for instance `WHERE`. */
  toBoolean(expression: BoundExpression, what: string): BoundExpression {
    return this.toType(expression, bool, what);
  }

  /** The argument of something that wants one certain type. */
  toType(
    expression: BoundExpression,
    type: DataType,
    what: string,
  ): BoundExpression {
    const target = { type, typmod: -1 };
    const result = this.coerce(expression, target, { context: "assignment" });
    if (result === undefined) {
      throw new SqlError(
        "42804",
        `argument of ${what} must be type ${type.displayName}, not type ${expression.type.type.displayName}`,
        { offset: offsetOf(expression) },
      );
    }
    return result;
  }

  /**
   * The type that values of all `expressions` can have: PostgreSQL's
   * `select_common_type`. `what` names the construct in the error.
   */
  commonType(expressions: readonly BoundExpression[], what: string): DataType {
    let common = expressions[0]!.type.type;
    for (const expression of expressions.slice(1)) {
      const next = expression.type.type;
      if (next === unknown || next === common) continue;
      if (common === unknown) {
        common = next;
      } else if (next.category !== common.category) {
        throw new SqlError(
          "42804",
          `${what} types ${common.displayName} and ${next.displayName} cannot be matched`,
          { offset: offsetOf(expression) },
        );
      } else if (
        !common.preferred && canCoerce(common, next, "implicit") &&
        !canCoerce(next, common, "implicit")
      ) {
        common = next;
      }
    }
    return common === unknown ? text : common;
  }

  /** `expressions`, all of the type {@linkcode Coercer.commonType} finds. */
  toCommonType(
    expressions: readonly BoundExpression[],
    what: string,
  ): BoundExpression[] {
    const type = this.commonType(expressions, what);
    return expressions.map((expression) => {
      const target = { type, typmod: -1 };
      const result = this.coerce(expression, target, { context: "implicit" });
      if (result === undefined) {
        throw new SqlError(
          "42846",
          `${what} could not convert type ${expression.type.type.displayName} to ${type.displayName}`,
          { offset: offsetOf(expression) },
        );
      }
      return result;
    });
  }

  /** What is still of unknown type becomes text. */
  settleUnknown(expression: BoundExpression): BoundExpression {
    return expression.type.type === unknown
      ? this.implicit(expression, text)
      : expression;
  }

  /**
   * What is stored is checked with its row; else here. The expression has the
   * base type.
   */
  #toDomain(
    expression: BoundExpression,
    domain: TypeRef,
    options: CoerceOptions,
  ): BoundExpression | undefined {
    const value = this.coerce(expression, baseOf(domain), options);
    if (value === undefined || options.context === "assignment") return value;
    return checkedDomain(this.#state, value, domain, options.offset ?? -1);
  }

  /** `expression` by a cast of the catalog, where the context allows it. */
  #own(
    cast: CastEntry,
    operand: BoundExpression,
    target: TypeRef,
    options: CoerceOptions,
  ): BoundExpression | undefined {
    const { context, written = false, offset = -1 } = options;
    if (!reaches(cast.context, context)) return undefined;
    const wanted = { operand, target, context, written, offset };
    const made = withOwnCast(this.#state, cast, wanted);
    const isFitted = cast.method !== "function" ||
      (cast.argumentCount ?? 1) > 1;
    return isFitted ? made : this.#fitTypmod(made, target, options);
  }

  /** The literal, read as a `target`. */
  #literal(literal: BoundConstant, target: TypeRef): BoundConstant {
    const { type } = target;
    const typmod = inputTypmod(target);
    const ref = { type, typmod };
    if (literal.value === null) return { ...literal, type: ref };
    try {
      const value = type.input(
        literal.value as string,
        typmod,
        this.#state.inputContext,
      );
      return { ...literal, type: ref, value };
    } catch (error) {
      this.#refuseUncommitted(literal, type);
      throw positioned(error, literal.offset);
    }
  }

  /** @throws {SqlError} `55P04` for a label that this transaction added. */
  #refuseUncommitted({ value, offset }: BoundConstant, type: DataType): void {
    if (type.enumeration === undefined) return;
    const entry = this.#state.options.catalog.byId(type.oid);
    if (entry?.kind !== "enum") return;
    if (!entry.labels.some(({ label }) => label === value)) return;
    throw new SqlError(
      "55P04",
      `unsafe use of new value "${value}" of enum type ${entry.name}`,
      {
        hint: "New enum values must be committed before they can be used.",
        offset: offset < 0 ? undefined : offset,
      },
    );
  }

  /** `expression`, already of the type, fitted to the modifier. */
  #fitTypmod(
    expression: BoundExpression,
    target: TypeRef,
    options: CoerceOptions,
  ): BoundExpression {
    if (target.typmod < 0 || expression.type.typmod === target.typmod) {
      return expression;
    }
    return this.#cast(expression, target, options);
  }

  #cast(
    operand: BoundExpression,
    target: TypeRef,
    { context, written, offset }: CoerceOptions,
  ): BoundExpression {
    return {
      kind: "cast",
      operand,
      type: target,
      context,
      convert: compileCast(operand.type.type, target, context),
      hidden: written !== true,
      offset: offset ?? -1,
    };
  }
}

/** The modifier that all have with the type they share; -1 if they differ. */
export function commonTypmod(expressions: readonly BoundExpression[]): number {
  const { type, typmod } = expressions[0]!.type;
  const same = expressions.every((expression) =>
    expression.type.type === type && expression.type.typmod === typmod
  );
  return same ? typmod : -1;
}

/** Where an expression stands: PostgreSQL's `exprLocation`. */
export function offsetOf(expression: BoundExpression): number | undefined {
  const offset = findOffset(expression);
  return offset < 0 ? undefined : offset;
}

function findOffset(expression: BoundExpression): number {
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "column":
    case "aggregate":
    case "grouping":
    case "window":
    case "outer":
      return expression.offset;
    case "subquery":
      return leftmost([
        expression.offset,
        ...expression.operands.map(findOffset),
      ]);
    case "call":
      return leftmost([expression.offset, ...expression.args.map(findOffset)]);
    case "cast":
      return leftmost([expression.offset, findOffset(expression.operand)]);
    case "logical":
    case "coalesce":
    case "extreme":
      return leftmost([
        expression.offset,
        ...expression.operands.map(findOffset),
      ]);
    case "null_test":
    case "boolean_test":
    case "in":
    case "array_comparison":
      return leftmost([expression.offset, findOffset(expression.operand)]);
    case "distinct_from":
    case "null_if":
      return leftmost([expression.offset, findOffset(expression.left)]);
    case "case":
      return expression.offset;
    case "case_operand":
      return -1;
  }
}

function leftmost(offsets: readonly number[]): number {
  const known = offsets.filter((offset) => offset >= 0);
  return known.length === 0 ? -1 : Math.min(...known);
}

/** The error, with a position if it has none: a literal's input knows none. */
export function positioned(error: unknown, offset: number): unknown {
  if (!(error instanceof KriyaError) || offset < 0) return error;
  if (error instanceof SqlError && error.position !== undefined) return error;
  return new SqlError(error.code, error.message, {
    offset,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
