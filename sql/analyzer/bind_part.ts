/**
 * Parts of values: `(value)[1]`, `(value)[1:2]`, read and assigned to.
 *
 * @module
 */
import {
  assignShapePart,
  hasParts,
  partOf,
  shapeSubscript,
} from "../functions/geometry/shape_subscript.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  assignFunction,
  subscriptFunction,
  type SubscriptShape,
} from "../functions/array/array_subscript.ts";
import { DIMENSIONS_MAX } from "../types/array/array_value.ts";
import type {
  Expression,
  PartStep,
  PartSyntax,
  SubscriptSyntax,
} from "../parser/expression_syntax.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { hstore } from "../types/extensions/hstore_type.ts";
import { jsonb } from "../types/json_types.ts";
import { int4 } from "../types/int_types.ts";
import { assignHstorePart, bindHstoreSubscript } from "./bind_hstore_part.ts";
import { assignJsonPart, bindJsonSubscripts } from "./bind_json_part.ts";
import { bindField, fieldAt, requireField, rowCall } from "./bind_row.ts";
import type { Binding } from "./binding.ts";
import { fieldOrCall } from "./functional_notation.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";

/** `(value)[1].field` */
export function bindPart(
  binding: Binding,
  syntax: PartSyntax,
): BoundExpression {
  const { operand, steps } = syntax;
  const value = binding.bind(operand);
  const [first] = steps;
  const last = steps.at(-1);
  const bind = (): BoundExpression => {
    if (operand.kind === "column" && first?.kind === "field") {
      requireField(value, first.name, operand.path, operand.offset);
    }
    return bindSteps(binding, value, steps);
  };
  if (last?.kind !== "field") return bind();
  const before = steps.slice(0, -1);
  return fieldOrCall(
    binding,
    last.name,
    () => before.length === 0 ? operand : { ...syntax, steps: before },
    bind,
  );
}

/** Goes the steps from `value`. */
export function bindSteps(
  binding: Binding,
  value: BoundExpression,
  steps: readonly PartStep[],
): BoundExpression {
  let part = value;
  for (const group of groupsOf(steps)) {
    part = group.kind === "field"
      ? bindField(part, group.name)
      : bindSubscripts(binding, part, group.subscripts);
  }
  return part;
}

/** A field, or subscripts that stand side by side: they belong together. */
type StepGroup =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "subscripts"; readonly subscripts: SubscriptSyntax[] };

function groupsOf(steps: readonly PartStep[]): StepGroup[] {
  const groups: StepGroup[] = [];
  let open: SubscriptSyntax[] | undefined;
  for (const step of steps) {
    if (step.kind === "subscript") {
      if (open === undefined) {
        groups.push({ kind: "subscripts", subscripts: open = [] });
      }
      open.push(step);
      continue;
    }
    open = undefined;
    if (step.kind === "star") {
      throw new SqlError(
        "0A000",
        'row expansion via "*" is not supported here',
      );
    }
    groups.push(step);
  }
  return groups;
}

function bindSubscripts(
  binding: Binding,
  value: BoundExpression,
  subscripts: readonly SubscriptSyntax[],
): BoundExpression {
  const { type, typmod } = value.type;
  if (type === jsonb) return bindJsonSubscripts(binding, value, subscripts);
  if (type === hstore) return bindHstoreSubscript(binding, value, subscripts);
  const isShape = hasParts(type);
  if (type.element === undefined && !isShape) throw cannotSubscript(value);
  const { shape, args } = bindBounds(binding, subscripts);
  const definition = isShape
    ? shapeSubscript(type, subscripts.length, shape.isSlice)
    : subscriptFunction(type, shape);
  return {
    kind: "call",
    function: definition,
    args: [value, ...args],
    type: { type: definition.returnType, typmod },
    operator: undefined,
    offset: value.offset,
  };
}

function cannotSubscript(value: BoundExpression): SqlError {
  return new SqlError(
    "42804",
    `cannot subscript type ${value.type.type.displayName} because it does not support subscripting`,
    { offset: offsetOf(value) },
  );
}

/** What the subscripts look like, and their values. */
interface BoundBounds {
  readonly shape: SubscriptShape;
  readonly args: readonly BoundExpression[];
}

function bindBounds(
  binding: Binding,
  subscripts: readonly SubscriptSyntax[],
): BoundBounds {
  if (subscripts.length > DIMENSIONS_MAX) {
    throw new SqlError(
      "54000",
      `number of array dimensions (${subscripts.length}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    );
  }
  const isSlice = subscripts.some((subscript) => subscript.isSlice);
  const args: BoundExpression[] = [];
  const given = subscripts.map(
    (subscript): readonly [boolean, boolean] => {
      // Beside a slice, `[n]` means `[1:n]`.
      const lower = isSlice && !subscript.isSlice ? ONE : subscript.lower;
      if (lower !== undefined) args.push(bindBound(binding, lower));
      const { upper } = subscript;
      if (upper !== undefined) args.push(bindBound(binding, upper));
      return [lower !== undefined, upper !== undefined];
    },
  );
  return { shape: { isSlice, given }, args };
}

const ONE: Expression = {
  kind: "constant",
  literal: { form: "integer", value: 1 },
  offset: -1,
};

function bindBound(binding: Binding, syntax: Expression): BoundExpression {
  const bound = binding.bind(syntax);
  const target = { type: int4, typmod: -1 };
  const result = binding.coercer.coerce(bound, target, {
    context: "assignment",
  });
  if (result !== undefined) return result;
  throw new SqlError("42804", "array subscript must have type integer", {
    offset: offsetOf(bound),
  });
}

/**
 * `value` assigned to a part of `base`, the column `name`: the whole column's
 * new value.
 */
export function assignPart(
  binding: Binding,
  base: BoundExpression,
  steps: readonly PartStep[],
  value: BoundExpression,
  name: string,
): BoundExpression {
  return new PartAssigner(binding, value, name).assign(base, groupsOf(steps));
}

/** The type of a part of a column that INSERT names, which is not read. */
export function partType(
  { type, typmod }: TypeRef,
  steps: readonly PartStep[],
  name: string,
): TypeRef {
  let part: TypeRef = { type, typmod };
  for (const group of groupsOf(steps)) {
    if (group.kind === "field") {
      part = part.type.fields![fieldIndex(part.type, group.name, name)]!.type;
    } else if (part.type.element === undefined) {
      return { type: partOf(part.type) ?? part.type, typmod: -1 };
    } else if (!group.subscripts.some(({ isSlice }) => isSlice)) {
      part = { type: part.type.element, typmod: part.typmod };
    }
  }
  return part;
}

/** @throws {SqlError} `42804`, `42703` when the type has no such field. */
function fieldIndex(type: DataType, field: string, column: string): number {
  const start = `cannot assign to field "${field}" of column "${column}"`;
  const shown = type.displayName;
  if (type.fields === undefined) {
    throw new SqlError(
      "42804",
      `${start} because its type ${shown} is not a composite type`,
    );
  }
  const index = type.fields.findIndex((each) => each.name === field);
  if (index >= 0) return index;
  throw new SqlError(
    "42703",
    `${start} because there is no such column in data type ${shown}`,
  );
}

/** Puts one value into a part of a column. */
class PartAssigner {
  readonly #binding: Binding;
  readonly #value: BoundExpression;
  readonly #column: string;

  constructor(binding: Binding, value: BoundExpression, column: string) {
    this.#binding = binding;
    this.#value = value;
    this.#column = column;
  }

  /** `base` with the value in the part that the steps lead to. */
  assign(
    base: BoundExpression,
    [group, ...rest]: readonly StepGroup[],
  ): BoundExpression {
    if (group === undefined) return this.#value;
    return group.kind === "field"
      ? this.#field(base, group.name, rest)
      : this.#subscripts(base, group.subscripts, rest);
  }

  #field(
    base: BoundExpression,
    name: string,
    rest: readonly StepGroup[],
  ): BoundExpression {
    const { type } = base.type;
    const index = fieldIndex(type, name, this.#column);
    const fields = type.fields!;
    const args = fields.map((field, i) => {
      const part = fieldAt(base, fields, i);
      if (i !== index) return part;
      return rest.length > 0 ? this.assign(part, rest) : this.#coerced(
        field.type,
        `subfield "${name}" is of type ${field.type.type.displayName}`,
      );
    });
    return rowCall(type, fields, args, -1);
  }

  #subscripts(
    base: BoundExpression,
    subscripts: readonly SubscriptSyntax[],
    rest: readonly StepGroup[],
  ): BoundExpression {
    const binding = this.#binding;
    const { type, typmod } = base.type;
    if ((type === jsonb || type === hstore) && rest.length === 0) {
      const assign = type === jsonb ? assignJsonPart : assignHstorePart;
      return assign(binding, base, subscripts, this.#value, this.#column);
    }
    const item = type.element ?? partOf(type);
    if (item === undefined) throw cannotSubscript(base);
    const { shape, args } = bindBounds(binding, subscripts);
    const wanted = shape.isSlice ? type : item;
    const assigned = rest.length > 0
      ? this.assign(bindSubscripts(binding, base, subscripts), rest)
      : this.#coerced(
        { type: wanted, typmod },
        `subscripted assignment to "${this.#column}" requires type ${wanted.displayName}`,
      );
    return {
      kind: "call",
      function: type.element === undefined
        ? assignShapePart(type, subscripts.length, shape.isSlice)
        : assignFunction(type, shape),
      args: [base, ...args, assigned],
      type: base.type,
      operator: undefined,
      offset: -1,
    };
  }

  /** The value as one of that type; `what` begins the error. */
  #coerced(target: TypeRef, what: string): BoundExpression {
    const value = this.#value;
    const result = this.#binding.coercer.coerce(value, target, {
      context: "assignment",
    });
    if (result !== undefined) return result;
    throw new SqlError(
      "42804",
      `${what} but expression is of type ${value.type.type.displayName}`,
      {
        hint: "You will need to rewrite or cast the expression.",
        offset: offsetOf(value),
      },
    );
  }
}
