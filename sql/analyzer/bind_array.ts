/**
 * Arrays in expressions: `ARRAY[…]`, and comparisons with any or all elements
 * of one.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { arrayConstructor } from "../functions/array/array_constructor.ts";
import type {
  ArrayComparisonSyntax,
  ArraySyntax,
} from "../parser/expression_syntax.ts";
import { arrayTypeOf } from "../types/array/array_type.ts";
import { bool } from "../types/bool_type.ts";
import { cannotCast } from "../types/cast.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { unknown } from "../types/text_types.ts";
import {
  noteOperator,
  qualifiedOperator,
  requireAtOnce,
} from "./operators/own_operator.ts";
import { bindAs } from "./bind_row.ts";
import { type Binding, BOOLEAN } from "./binding.ts";
import { collatedOperator } from "./collations/collated.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { commonTypmod, offsetOf } from "./coerce.ts";

/** `ARRAY[…]`; `target` is the array type that a cast around it wants. */
export function bindArray(
  binding: Binding,
  { items: written, offset }: ArraySyntax,
  target?: TypeRef,
): BoundExpression {
  const items = written.map((item) =>
    item.kind === "array"
      ? bindArray(binding, item, target)
      : bindAs(binding, item, itemTarget(target), "explicit")
  );
  const nested = written.some((item, i) =>
    item.kind === "array" || items[i]!.type.type.element !== undefined
  );
  const type = target?.type ?? typeOfItems(binding, items, nested, offset);
  const coerced = target === undefined
    ? binding.coercer.toCommonType(items, "ARRAY")
    : castItems(binding, items, {
      type: nested ? target.type : target.type.element!,
      typmod: target.typmod,
    });
  return {
    kind: "call",
    function: arrayConstructor(type, items.length, nested),
    args: coerced,
    type: {
      type,
      typmod: target?.typmod ?? commonTypmod(coerced),
    },
    operator: undefined,
    offset,
  };
}

function itemTarget(target: TypeRef | undefined): TypeRef | undefined {
  const element = target?.type.element;
  return element && { type: element, typmod: target!.typmod };
}

/** The array type that the items make. */
function typeOfItems(
  binding: Binding,
  items: readonly BoundExpression[],
  nested: boolean,
  offset: number,
): DataType {
  if (items.length === 0) {
    throw new SqlError("42P18", "cannot determine type of empty array", {
      hint:
        "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
      offset,
    });
  }
  const common = binding.coercer.commonType(items, "ARRAY");
  const type = nested ? common : arrayTypeOf(common);
  if (type?.element !== undefined) return type;
  throw new SqlError(
    "42704",
    `could not find ${
      nested ? "element" : "array"
    } type for data type ${common.displayName}`,
    { offset },
  );
}

/** The items, each cast explicitly. */
function castItems(
  binding: Binding,
  items: readonly BoundExpression[],
  target: TypeRef,
): BoundExpression[] {
  return items.map((item) => {
    const result = binding.coercer.coerce(item, target, {
      context: "explicit",
    });
    if (result !== undefined) return result;
    const { message } = cannotCast(item.type.type, target.type);
    throw new SqlError("42846", message, { offset: offsetOf(item) });
  });
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export function bindArrayComparison(
  binding: Binding,
  syntax: ArrayComparisonSyntax,
): BoundExpression {
  const { operator, all, offset } = syntax;
  const left = binding.bind(syntax.left);
  const array = binding.bind(syntax.array);
  const arrayType = array.type.type;
  if (arrayType !== unknown && arrayType.element === undefined) {
    throw new SqlError(
      "42809",
      "op ANY/ALL (array) requires array on right side",
      { offset },
    );
  }
  const resolved = binding.state.options.functions.resolveOperator(
    operator,
    left.type.type,
    arrayType.element ?? unknown,
    offset,
  );
  noteOperator(binding, resolved, offset);
  requireAtOnce(resolved, offset);
  if (resolved.function.returnType !== bool) {
    throw new SqlError(
      "42809",
      "op ANY/ALL (array) requires operator to yield boolean",
      { offset },
    );
  }
  const [wantedLeft, wantedRight] = resolved.argumentTypes;
  const wantedArray = arrayTypeOf(wantedRight!);
  if (wantedArray === undefined) {
    throw new SqlError(
      "42704",
      `could not find array type for data type ${wantedRight!.displayName}`,
      { offset },
    );
  }
  const operands = [
    binding.coercer.implicit(left, wantedLeft!),
    binding.coercer.implicit(array, wantedArray),
  ] as const;
  const { entry } = resolved.operator;
  const collated = entry === undefined
    ? collatedOperator(operator, resolved.function, operands)
    : { function: resolved.function, args: operands };
  return {
    kind: "array_comparison",
    operand: collated.args[0]!,
    array: collated.args[1]!,
    function: collated.function,
    operator: entry === undefined
      ? operator
      : qualifiedOperator(entry.schema, operator),
    all,
    type: BOOLEAN,
    offset,
  };
}
