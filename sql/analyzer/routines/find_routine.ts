/**
 * The routine that DROP, ALTER, CALL's kin and CREATE TRIGGER name.
 *
 * @module
 */
import { inputsOf, type RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RoutineName, RoutineWord } from "../../parser/syntax.ts";
import { formatType } from "../../types/type_registry.ts";
import { missingSchema } from "../bind_schema.ts";
import type { StatementState } from "../statement_state.ts";
import { routineSignature } from "./routine_names.ts";
import { bindRoutineType } from "./routine_type.ts";

/**
 * The routine of that name and arguments.
 *
 * @throws {SqlError} `42883`, `42725`, `42809`, `3F000`.
 */
export function findRoutine(
  state: StatementState,
  word: RoutineWord,
  { name, types }: RoutineName,
): RoutineEntry {
  const { catalog } = state.options;
  const { schema } = name;
  if (schema !== undefined && !catalog.hasSchema(schema)) {
    throw missingSchema(schema);
  }
  const shown = schema === undefined ? name.name : `${schema}.${name.name}`;
  const all = catalog.routines(schema, name.name);
  if (types === undefined) {
    const fitting = word === "routine"
      ? all
      : all.filter(({ routine }) => routine === word);
    const candidates = fitting.length > 0 ? fitting : all;
    if (candidates.length > 1) throw notUnique(word, shown);
    const [only] = candidates;
    if (only !== undefined) return requireKind(state, word, only);
    throw new SqlError(
      "42883",
      `could not find a ${word} named "${shown}"`,
    );
  }
  const wanted = types.map((type) => bindRoutineType(state, type));
  const found = all.find((entry) => {
    const inputs = inputsOf(entry);
    return inputs.length === wanted.length &&
      inputs.every(({ type }, i) => type.oid === wanted[i]!.type.oid);
  });
  if (found !== undefined) return requireKind(state, word, found);
  const list = word === "aggregate" && wanted.length === 0
    ? ["*"]
    : wanted.map(({ type }) => formatType({ type, typmod: -1 }));
  throw new SqlError(
    "42883",
    `${word} ${shown}(${list.join(", ")}) does not exist`,
  );
}

function notUnique(word: RoutineWord, shown: string): SqlError {
  return new SqlError("42725", `${word} name "${shown}" is not unique`, {
    hint: `Specify the argument list to select the ${word} unambiguously.`,
  });
}

function requireKind(
  state: StatementState,
  word: RoutineWord,
  entry: RoutineEntry,
): RoutineEntry {
  if (word === "routine" || entry.routine === word) return entry;
  const shown = routineSignature(state.options.catalog, entry);
  if (word === "function" && entry.routine === "aggregate") {
    throw new SqlError("42809", `"${entry.name}" is an aggregate function`, {
      hint: "Use DROP AGGREGATE to drop aggregate functions.",
    });
  }
  throw new SqlError(
    "42809",
    word === "aggregate"
      ? `function ${shown} is not an aggregate`
      : `${shown} is not a ${word}`,
  );
}
