/**
 * What the use of an operator of the catalog needs besides its function.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { ResolvedOperator } from "../../functions/registry.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import type { Binding } from "../binding.ts";
import { refuseWaiting } from "../routines/bind_routine_call.ts";

/** Notes that an operator of the catalog is used, where that can be. */
export function noteOperator(
  { state, place }: Pick<Binding, "state" | "place">,
  { operator, function: definition }: ResolvedOperator,
  offset: number,
): void {
  const { entry } = operator;
  if (entry === undefined) return;
  state.references?.needed.add(entry.id);
  if (definition.async === undefined) return;
  refuseWaiting(definition.routine!.entry as RoutineEntry, place, offset);
}

/** @throws {SqlError} `0A000` for an operator whose function waits. */
export function requireAtOnce(
  { operator, function: definition }: ResolvedOperator,
  offset: number,
): void {
  if (definition.async === undefined) return;
  throw new SqlError(
    "0A000",
    `operator ${operator.name} is not supported here`,
    {
      detail: `Its function ${definition.name} runs statements.`,
      offset,
    },
  );
}

/** An operator that means the same in any search path. */
export function qualifiedOperator(schema: string, name: string): string {
  return `OPERATOR(${quoteIdentifier(schema)}.${name})`;
}
