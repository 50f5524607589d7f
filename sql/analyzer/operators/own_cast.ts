/**
 * Casts of the catalog in expressions: the call of a function, the text form
 * read anew, or the value as it is.
 *
 * @module
 */
import type { CastEntry } from "../../catalog/entries.ts";
import { castName } from "../../catalog/operators/cast_entry.ts";
import { bool } from "../../types/bool_type.ts";
import type { CoercionContext, Convert } from "../../types/cast.ts";
import type { DataType, Nullable, TypeRef } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { calledFunction } from "../routines/aggregate_part.ts";
import type { StatementState } from "../statement_state.ts";

/** What somebody wants to be cast. */
export interface WantedCast {
  readonly operand: BoundExpression;
  readonly target: TypeRef;
  readonly context: CoercionContext;
  /** Whether somebody wrote it. */
  readonly written: boolean;
  readonly offset: number;
}

/** The cast of the catalog between two types. */
export function ownCast(
  { options: { catalog } }: StatementState,
  source: DataType,
  target: DataType,
): CastEntry | undefined {
  return catalog.hasOperators
    ? catalog.casts.get(castName(source.oid, target.oid))
    : undefined;
}

/** The operand, cast. */
export function withOwnCast(
  state: StatementState,
  cast: CastEntry,
  wanted: WantedCast,
): BoundExpression {
  state.references?.needed.add(cast.id);
  return cast.method === "function"
    ? calledCast(state, cast, wanted)
    : plainCast(cast, wanted);
}

function plainCast(
  { method }: CastEntry,
  { operand, target, context, written, offset }: WantedCast,
): BoundExpression {
  const source = operand.type.type;
  const { type, typmod } = target;
  const read: Convert | undefined = method === "binary"
    ? undefined
    : (value, input) =>
      type.input(source.output(value, input?.datetime), -1, input);
  const { applyTypmod } = type;
  const convert: Convert | undefined = typmod < 0 || applyTypmod === undefined
    ? read
    : (value, input) => {
      const made = read === undefined ? value : read(value, input);
      return made === null
        ? null
        : applyTypmod(made, typmod, context === "explicit");
    };
  return {
    kind: "cast",
    operand,
    type: target,
    context,
    convert,
    hidden: !written,
    offset,
  };
}

function calledCast(
  state: StatementState,
  { function: part, argumentCount = 1 }: CastEntry,
  { operand, target, context, offset }: WantedCast,
): BoundExpression {
  const constant = (type: DataType, value: Nullable): BoundExpression => ({
    kind: "constant",
    type: { type, typmod: -1 },
    value,
    offset,
  });
  const args = [
    operand,
    constant(int4, target.typmod),
    constant(bool, context === "explicit"),
  ].slice(0, argumentCount);
  const definition = calledFunction(
    state,
    part!,
    args.map(({ type }) => type.type),
  );
  const call: BoundExpression = {
    kind: "call",
    function: definition,
    args,
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
  if (definition.returnType === target.type) return call;
  // The result has the same form under another name.
  return {
    kind: "cast",
    operand: call,
    type: { type: target.type, typmod: -1 },
    context,
    convert: undefined,
    hidden: true,
    offset,
  };
}
