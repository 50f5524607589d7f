/**
 * The body of a PL/pgSQL routine, looked at when it is made: its blocks, its
 * names, and that what stands in it is SQL. What the SQL means is found when it
 * runs, as tables may come later.
 *
 * @module
 */
import { storedType } from "../../../analyzer/routines/stored_type.ts";
import type { RoutineEntry } from "../../../catalog/routine_entry.ts";
import { isPolymorphic } from "../../../functions/polymorphism.ts";
import { parse } from "../../../parser/parser.ts";
import { triggerType } from "../../../types/pseudo_types.ts";
import type { RoutineSession } from "../routine_session.ts";
import { triggerVariables } from "./trigger_variables.ts";
import { checkFlow } from "./check_flow.ts";
import { codesIn } from "./plpgsql_codes.ts";
import { type GivenVariable, PlpgsqlNames } from "./plpgsql_names.ts";
import { blockOf } from "./plpgsql_blocks.ts";

/** @throws {SqlError} when the body is wrong. */
export function checkPlpgsql(
  session: RoutineSession,
  entry: RoutineEntry,
): void {
  const block = blockOf(entry);
  const { analyzeOptions } = session;
  const types = entry.parameters.map(({ type }) =>
    storedType(analyzeOptions, type)
  );
  for (const { kind, code } of codesIn(block)) {
    parse(kind === "statement" ? code.text : `SELECT ${code.text}`);
  }
  checkFlow(entry, block);
  if (types.some(({ type }) => isPolymorphic(type))) return;
  const given: GivenVariable[] = entry.returns.oid === triggerType.oid
    ? [...triggerVariables(undefined)]
    : entry.parameters.map(({ name }, i) => ({ name, type: types[i]! }));
  new PlpgsqlNames(analyzeOptions, entry.name, given, block);
}
