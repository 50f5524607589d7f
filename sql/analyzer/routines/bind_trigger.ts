/**
 * CREATE, ALTER and DROP TRIGGER.
 *
 * @module
 */
import type {
  TableEntry,
  TriggerEntry,
  ViewEntry,
} from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  AlterTriggerSyntax,
  CreateTriggerSyntax,
  DropTriggerSyntax,
  RelationName,
} from "../../parser/syntax.ts";
import { missingRelation } from "../bind_from.ts";
import type { BoundDrop } from "../bound_tree.ts";
import { Coercer } from "../coerce.ts";
import { deparse } from "../deparse.ts";
import { ExpressionBinder } from "../expression_binder.ts";
import { Scope, scopeRelation } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { triggerType } from "../../types/pseudo_types.ts";
import type { BoundChangeEntry } from "./bound_routine.ts";
import { findRoutine } from "./find_routine.ts";

/** The numbers of `old` and `new` as relations of a trigger's WHEN. */
export const OLD_RELATION = 0;
/** See {@linkcode OLD_RELATION}. */
export const NEW_RELATION = 1;

/** Binds CREATE TRIGGER. */
export function bindCreateTrigger(
  state: StatementState,
  syntax: CreateTriggerSyntax,
): BoundChangeEntry {
  const relation = openRelation(state, syntax.relation);
  refuseShape(syntax, relation);
  const { name, timing, events, forEachRow, constraint } = syntax;
  const { catalog } = state.options;
  const before = catalog.triggersOf(relation.id)
    .find((each) => each.name === name);
  if (before !== undefined && !syntax.replace) {
    throw new SqlError(
      "42710",
      `trigger "${name}" for relation "${relation.name}" already exists`,
    );
  }
  const routine = findRoutine(state, "function", {
    name: syntax.routine,
    types: [],
  });
  if (routine.returns.oid !== triggerType.oid) {
    throw new SqlError(
      "42P17",
      `function ${routine.name} must return type trigger`,
    );
  }
  const columns = columnsOf(relation, syntax.columns);
  const { oldTable, newTable } = syntax;
  const after: TriggerEntry = {
    kind: "trigger",
    id: before?.id ?? 0,
    name,
    schema: relation.schema,
    tableId: relation.id,
    routineId: routine.id,
    timing,
    events,
    forEachRow,
    ...(columns.length === 0 ? {} : { columns }),
    ...(syntax.when === undefined
      ? {}
      : { whenSql: bindWhen(state, syntax, relation) }),
    args: syntax.args,
    enabled: before?.enabled ?? "origin",
    ...(constraint
      ? {
        constraint: {
          deferrable: syntax.deferrable || syntax.initiallyDeferred,
          initiallyDeferred: syntax.initiallyDeferred,
        },
      }
      : {}),
    ...(oldTable === undefined ? {} : { oldTable }),
    ...(newTable === undefined ? {} : { newTable }),
  };
  return {
    kind: "change_entry",
    tag: "CREATE TRIGGER",
    before,
    after,
    notices: [],
  };
}

function openRelation(
  state: StatementState,
  { schema, name, offset }: RelationName,
): TableEntry | ViewEntry {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name, offset);
  const isTable = entry.kind === "table" && entry.materialized === undefined;
  if (isTable || entry.kind === "view") return entry;
  throw new SqlError("42809", `relation "${name}" cannot have triggers`, {
    detail: `This operation is not supported for ${
      entry.kind === "table"
        ? "materialized views"
        : entry.kind === "index"
        ? "indexes"
        : "sequences"
    }.`,
  });
}

/** What does not go together. */
function refuseShape(
  syntax: CreateTriggerSyntax,
  { kind, name }: TableEntry | ViewEntry,
): void {
  const { timing, forEachRow, events, columns, when } = syntax;
  const refuse = (code: string, message: string, detail?: string): never => {
    throw new SqlError(code, message, detail === undefined ? {} : { detail });
  };
  if (kind === "view") {
    if (timing !== "instead" && forEachRow) {
      refuse(
        "42809",
        `"${name}" is a view`,
        "Views cannot have row-level BEFORE or AFTER triggers.",
      );
    }
    if (events.includes("truncate")) {
      refuse(
        "42809",
        `"${name}" is a view`,
        "Views cannot have TRUNCATE triggers.",
      );
    }
  } else if (timing === "instead") {
    refuse(
      "42809",
      `"${name}" is a table`,
      "Tables cannot have INSTEAD OF triggers.",
    );
  }
  if (events.includes("truncate") && forEachRow) {
    refuse("0A000", "TRUNCATE FOR EACH ROW triggers are not supported");
  }
  if (timing === "instead") {
    if (!forEachRow) {
      refuse("0A000", "INSTEAD OF triggers must be FOR EACH ROW");
    }
    if (when !== undefined) {
      refuse("0A000", "INSTEAD OF triggers cannot have WHEN conditions");
    }
    if (columns.length > 0) {
      refuse("0A000", "INSTEAD OF triggers cannot have column lists");
    }
  }
  refuseTransition(syntax, kind === "view" ? name : undefined);
}

function refuseTransition(
  syntax: CreateTriggerSyntax,
  view: string | undefined,
): void {
  const { timing, oldTable, newTable, events, columns } = syntax;
  if (oldTable === undefined && newTable === undefined) return;
  if (view !== undefined) {
    throw new SqlError("42809", `"${view}" is a view`, {
      detail: "Triggers on views cannot have transition tables.",
    });
  }
  if (timing !== "after") {
    throw new SqlError(
      "42P17",
      "transition table name can only be specified for an AFTER trigger",
    );
  }
  if (events.length > 1) {
    throw new SqlError(
      "0A000",
      "transition tables cannot be specified for triggers with more than one event",
    );
  }
  if (columns.length > 0) {
    throw new SqlError(
      "0A000",
      "transition tables cannot be specified for triggers with column lists",
    );
  }
  const [event] = events;
  if (newTable !== undefined && event !== "insert" && event !== "update") {
    throw new SqlError(
      "42P17",
      "NEW TABLE can only be specified for an INSERT or UPDATE trigger",
    );
  }
  if (oldTable !== undefined && event !== "delete" && event !== "update") {
    throw new SqlError(
      "42P17",
      "OLD TABLE can only be specified for a DELETE or UPDATE trigger",
    );
  }
  if (oldTable === newTable) {
    throw new SqlError(
      "42P17",
      "OLD TABLE name and NEW TABLE name cannot be the same",
    );
  }
}

function columnsOf(
  { columns, name }: TableEntry | ViewEntry,
  wanted: readonly string[],
): number[] {
  const numbers: number[] = [];
  for (const each of wanted) {
    const column = columns.find((column) => column.name === each);
    if (column === undefined) {
      throw new SqlError(
        "42703",
        `column "${each}" of relation "${name}" does not exist`,
      );
    }
    if (numbers.includes(column.number)) {
      throw new SqlError("42701", `column "${each}" specified more than once`);
    }
    numbers.push(column.number);
  }
  return numbers;
}

/** The scope of a trigger's WHEN. */
export function whenScope(relation: TableEntry | ViewEntry): Scope {
  const names = relation.columns.map(({ name }) => name);
  const types = relation.columns.map(({ type }) => type);
  const rows = [[OLD_RELATION, "old"], [NEW_RELATION, "new"]] as const;
  return new Scope(rows.map(([number, alias]) => ({
    ...scopeRelation(number, alias, names, types),
    columnsVisible: false,
  })));
}

/** The text of WHEN. */
function bindWhen(
  state: StatementState,
  { when, forEachRow, events }: CreateTriggerSyntax,
  relation: TableEntry | ViewEntry,
): string {
  const place = "trigger WHEN conditions";
  const coercer = new Coercer(state);
  const scope = whenScope(relation);
  const binder = new ExpressionBinder({ state, coercer, scope, place });
  const bound = coercer.toBoolean(binder.bind(when!), "WHEN");
  const text = deparse(bound, {
    column: ({ relation: number, name }) =>
      `${number === OLD_RELATION ? "old" : "new"}.${name}`,
  });
  const uses = (row: string): boolean =>
    new RegExp(`\\b${row}\\.`, "i").test(text);
  const refuse = (message: string): never => {
    throw new SqlError("42P17", message);
  };
  if (!forEachRow && (uses("old") || uses("new"))) {
    refuse("statement trigger's WHEN condition cannot reference column values");
  }
  if (uses("old") && events.includes("insert")) {
    refuse("INSERT trigger's WHEN condition cannot reference OLD values");
  }
  if (uses("new") && events.includes("delete")) {
    refuse("DELETE trigger's WHEN condition cannot reference NEW values");
  }
  return text;
}

/** The trigger of that name. */
function findTrigger(
  state: StatementState,
  relation: RelationName,
  name: string,
): TriggerEntry {
  const table = openRelation(state, relation);
  const found = state.options.catalog.triggersOf(table.id)
    .find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new SqlError(
    "42704",
    `trigger "${name}" for table "${table.name}" does not exist`,
  );
}

/** Binds ALTER TRIGGER, ENABLE and DISABLE TRIGGER, and COMMENT. */
export function bindAlterTrigger(
  state: StatementState,
  { relation, name, action }: AlterTriggerSyntax,
): BoundChangeEntry {
  const tag = action.kind === "rename"
    ? "ALTER TRIGGER"
    : action.kind === "comment"
    ? "COMMENT"
    : "ALTER TABLE";
  const table = openRelation(state, relation);
  if (action.kind === "enable" && table.kind === "view") {
    throw cannotEnable(action, table);
  }
  const all = state.options.catalog.triggersOf(table.id);
  const chosen = name === undefined
    ? all
    : [findTrigger(state, relation, name)];
  const [before, ...others] = chosen;
  const after = before && altered(state, before, action);
  const more = others.map((each) => ({
    before: each,
    after: altered(state, each, action),
  }));
  return { kind: "change_entry", tag, before, after, notices: [], more };
}

/** Triggers of a view are there, or they are not. */
function cannotEnable(
  { enabled }: AlterTriggerSyntax["action"] & { readonly kind: "enable" },
  { name }: ViewEntry,
): SqlError {
  const words = {
    origin: "ENABLE TRIGGER",
    disabled: "DISABLE TRIGGER",
    replica: "ENABLE REPLICA TRIGGER",
    always: "ENABLE ALWAYS TRIGGER",
  };
  return new SqlError(
    "42809",
    `ALTER action ${words[enabled]} cannot be performed on relation "${name}"`,
    { detail: "This operation is not supported for views." },
  );
}

function altered(
  state: StatementState,
  before: TriggerEntry,
  action: AlterTriggerSyntax["action"],
): TriggerEntry {
  switch (action.kind) {
    case "rename": {
      const { catalog } = state.options;
      const isTaken = catalog.triggersOf(before.tableId)
        .some((each) => each.name === action.name);
      if (!isTaken) return { ...before, name: action.name };
      const table = catalog.relationById(before.tableId)!.name;
      throw new SqlError(
        "42710",
        `trigger "${action.name}" for relation "${table}" already exists`,
      );
    }
    case "enable":
      return { ...before, enabled: action.enabled };
    case "comment": {
      const { comment: _, ...rest } = before;
      const { text } = action;
      return text === undefined ? rest : { ...rest, comment: text };
    }
  }
}

/** Binds DROP TRIGGER. */
export function bindDropTrigger(
  state: StatementState,
  { relation, name, ifExists, cascade }: DropTriggerSyntax,
): Omit<BoundDrop, "parameterTypes" | "cacheable"> {
  const notices: string[] = [];
  const entries: TriggerEntry[] = [];
  try {
    entries.push(findTrigger(state, relation, name));
  } catch (error) {
    const isMissing = error instanceof SqlError &&
      (error.code === "42P01" || error.code === "42704");
    if (!ifExists || !isMissing) throw error;
    notices.push(
      `${
        error.code === "42P01"
          ? `relation "${relation.name}" does not exist`
          : `trigger "${name}" for relation "${relation.name}" does not exist`
      }, skipping`,
    );
  }
  return { kind: "drop", object: "trigger", entries, cascade, notices };
}
