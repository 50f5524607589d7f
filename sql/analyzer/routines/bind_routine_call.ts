/**
 * Calls of routines of the catalog: arguments in the order of the parameters,
 * with defaults, and what the call gives in the place where it stands.
 *
 * @module
 */
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { arrayConstructor } from "../../functions/array/array_constructor.ts";
import { isPolymorphic } from "../../functions/polymorphism.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import type { DataType } from "../../types/data_type.ts";
import { triggerType } from "../../types/pseudo_types.ts";
import type { Binding } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { parseStored } from "../stored_expression.ts";
import type { Place } from "../place.ts";
import { refuseSet } from "../set_calls.ts";
import type { RoutineCandidate } from "./routine_candidates.ts";
import { routineFunction, SYNCHRONOUS } from "./routine_function.ts";
import { settledResult } from "./stored_type.ts";

/** What a call is made of. */
export interface RoutineCallParts {
  readonly candidate: RoutineCandidate;
  readonly args: readonly BoundExpression[];
  /** The types that the arguments are to have, as written. */
  readonly types: readonly DataType[];
  readonly offset: number;
}

/** The call of a routine, in the place where `binding` works. */
export function bindRoutineCall(
  binding: Binding,
  { candidate, args, types, offset }: RoutineCallParts,
): BoundExpression {
  const { entry } = candidate;
  const { state, place } = binding;
  if (entry.returns.oid === triggerType.oid) {
    throw new SqlError(
      "0A000",
      "trigger functions can only be called as triggers",
      { offset },
    );
  }
  const given = args.map((arg, i) => binding.coercer.implicit(arg, types[i]!));
  const all = arranged(binding, candidate, given, offset);
  state.references?.needed.add(entry.id);
  state.references?.type({
    offset,
    id: entry.id,
    schema: entry.schema,
    name: entry.name,
  });
  const actual = all.map(({ type }) => type.type);
  const definition = routineFunction(state, candidate, actual, place);
  if (definition.set !== undefined) refuseSet(binding, definition, offset);
  if (definition.async !== undefined) refuseWaiting(entry, place, offset);
  return {
    kind: "call",
    function: definition,
    args: all,
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

/** @throws {SqlError} `0A000` where a call cannot be waited for. */
export function refuseWaiting(
  { name, language }: RoutineEntry,
  place: Place,
  offset: number,
): void {
  if (!SYNCHRONOUS.has(place)) return;
  throw new SqlError(
    "0A000",
    `function ${name} is not supported in ${place}`,
    {
      detail: `Its body, in ${language}, runs statements.`,
      offset,
    },
  );
}

/** The arguments, one for each parameter that is given. */
function arranged(
  binding: Binding,
  { inputs, inputTypes, targets, gathers }: RoutineCandidate,
  given: readonly BoundExpression[],
  offset: number,
): BoundExpression[] {
  return inputs.map((input, position) => {
    const own = given.filter((_, i) => targets[i] === position);
    if (gathers && position === inputs.length - 1) {
      return gathered(inputTypes[position]!, own, offset);
    }
    if (own[0] !== undefined) return own[0];
    const bound = binding.within(
      "DEFAULT expressions",
      false,
      parseStored(input.defaultSql!),
    );
    const declared = inputTypes[position]!;
    if (!isPolymorphic(declared)) return binding.coercer.settleUnknown(bound);
    // It is of the type that the arguments say.
    const type = settledResult(
      given.map((_, i) => inputTypes[targets[i]!]!),
      given.map((arg) => arg.type.type),
      declared,
    );
    const context = { context: "explicit", offset } as const;
    return binding.coercer.coerce(bound, { type, typmod: -1 }, context) ??
      bound;
  });
}

function gathered(
  declared: DataType,
  items: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  const type = declared.element === undefined
    ? arrayTypeOf(items[0]!.type.type) ?? declared
    : declared;
  return {
    kind: "call",
    function: arrayConstructor(type, items.length, false),
    args: items,
    type: { type, typmod: -1 },
    operator: undefined,
    offset,
  };
}
