/**
 * ALTER and DROP FUNCTION, PROCEDURE, ROUTINE.
 *
 * @module
 */
import { type RoutineEntry, signatureOf } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AlterRoutineSyntax,
  DropRoutineSyntax,
} from "../../parser/syntax.ts";
import { otherSchema } from "../bind_schema.ts";
import type { BoundDrop } from "../bound_tree.ts";
import type { StatementState } from "../statement_state.ts";
import { changedAttributes } from "./bind_create_routine.ts";
import type { BoundChangeEntry } from "./bound_routine.ts";
import { findRoutine } from "./find_routine.ts";
import { refuseReaders } from "./refuse_readers.ts";
import { renamedCallers } from "./rename_in_expressions.ts";
import { routineSignature } from "./routine_names.ts";

/** Binds ALTER FUNCTION and its kin. */
export function bindAlterRoutine(
  state: StatementState,
  { word, name, action }: AlterRoutineSyntax,
): BoundChangeEntry {
  const before = findRoutine(state, word, name);
  const after = altered(state, before, action);
  const isMoved = before.name !== after.name || before.schema !== after.schema;
  return {
    kind: "change_entry",
    tag: action.kind === "comment" ? "COMMENT" : `ALTER ${word.toUpperCase()}`,
    before,
    after,
    notices: [],
    more: isMoved ? renamedCallers(state, { before, after }) : [],
  };
}

function altered(
  state: StatementState,
  before: RoutineEntry,
  action: AlterRoutineSyntax["action"],
): RoutineEntry {
  switch (action.kind) {
    case "owner":
      return before;
    case "comment": {
      const { comment: _, ...rest } = before;
      const { text } = action;
      return text === undefined ? rest : { ...rest, comment: text };
    }
    case "rename":
      refuseReaders(state, before);
      return moved(state, { ...before, name: action.name });
    case "set_schema": {
      const schema = otherSchema(state, before.schema, action.schema);
      if (schema === before.schema) return before;
      refuseReaders(state, before);
      return moved(state, { ...before, schema });
    }
    case "options": {
      const { routine, returnsSet, config } = before;
      const { options } = action;
      return {
        ...before,
        ...changedAttributes(options, routine, returnsSet, config),
      };
    }
  }
}

function moved(state: StatementState, after: RoutineEntry): RoutineEntry {
  const { catalog } = state.options;
  const signature = signatureOf(after);
  const isTaken = catalog.routines(after.schema, after.name)
    .some((each) => signatureOf(each) === signature);
  if (!isTaken) return after;
  const shown = routineSignature(catalog, { ...after, schema: "" })
    .replace(/^.*?\.(?=[^(]*\()/, "");
  throw new SqlError(
    "42723",
    `${after.routine} ${shown} already exists in schema "${after.schema}"`,
  );
}

/** Binds DROP FUNCTION and its kin. */
export function bindDropRoutine(
  state: StatementState,
  { word, names, ifExists, cascade }: DropRoutineSyntax,
): Omit<BoundDrop, "parameterTypes" | "cacheable"> {
  const entries: RoutineEntry[] = [];
  const notices: string[] = [];
  for (const name of names) {
    try {
      entries.push(findRoutine(state, word, name));
    } catch (error) {
      if (!ifExists || !isMissing(error)) throw error;
      const { message } = error as SqlError;
      notices.push(
        `${
          name.types === undefined
            ? `${word} ${name.name.name}() does not exist`
            : message
        }, skipping`,
      );
    }
  }
  return {
    kind: "drop",
    object: word,
    entries: [...new Set(entries)],
    cascade,
    notices,
  };
}

/** Whether an error says that what IF EXISTS asks for is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof SqlError &&
    ["42883", "3F000", "42704"].includes(error.code);
}
