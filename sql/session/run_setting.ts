/**
 * SET, RESET and SHOW.
 *
 * @module
 */
import type { SetSyntax, ShowSyntax } from "../parser/syntax.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { DatabaseCore } from "./database_core.ts";
import { type QueryResult, type Row, tagOnly, textField } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import type { SettingDefinition } from "./setting_definitions.ts";
import type { Settings } from "./settings.ts";

/** Runs SET and RESET. */
export function runSet(
  core: DatabaseCore,
  settings: Settings,
  syntax: SetSyntax,
  { options }: RunRequest,
): QueryResult<unknown> {
  if (syntax.kind === "reset_all") {
    settings.resetAll();
    return tagOnly("RESET");
  }
  if (syntax.kind === "set_transaction") {
    if (syntax.modes.isolation === "serializable") {
      throw new SqlError(
        "0A000",
        "isolation level SERIALIZABLE is not supported yet",
        { hint: "REPEATABLE READ (snapshot isolation) is the default." },
      );
    }
    return tagOnly("SET");
  }
  const { definition, value } = settings.set(
    syntax.name,
    syntax.values,
    syntax.local,
  );
  if (definition.effect === "store") applyToStore(core, settings, definition);
  if (definition.effect === "address") {
    options.onNotice?.({
      severity: "NOTICE",
      code: "00000",
      message:
        `"${definition.name}" is now "${value}"; the open database stays in ${core.store.objects.address}`,
    });
  }
  return tagOnly(syntax.reset ? "RESET" : "SET");
}

const MIB = 1024 * 1024;

function applyToStore(
  core: DatabaseCore,
  settings: Settings,
  definition: SettingDefinition,
): void {
  const value = settings.integer(definition.name);
  switch (definition.name) {
    case "lsm_s3.flush_interval_ms":
      return core.store.configure({ flushIntervalMs: value });
    case "lsm_s3.memtable_size_mb":
      return core.store.configure({ memtableBytesMax: value * MIB });
    case "lsm_s3.cache_size_mb":
      return core.store.configure({ cacheBytesMax: value * MIB });
  }
}

/** Runs SHOW. */
export function runShow(
  settings: Settings,
  { name }: ShowSyntax,
  { options }: RunRequest,
): QueryResult<unknown> {
  const asRow = (fields: readonly string[], values: string[]): Row | string[] =>
    options.rowMode === "array"
      ? values
      : Object.fromEntries(fields.map((field, i) => [field, values[i]]));
  if (name.toLowerCase() === "all") {
    const fields = ["name", "setting", "description"];
    const rows = settings.all().map(({ definition, value }) =>
      asRow(fields, [definition.name, value, definition.description])
    );
    return {
      rows,
      fields: fields.map(textField),
      affectedRows: rows.length,
      command: "SHOW",
    };
  }
  const value = settings.show(name);
  return {
    rows: [asRow([name], [value])],
    fields: [textField(name)],
    affectedRows: 1,
    command: "SHOW",
  };
}
