/**
 * Raw nodes of VACUUM and ANALYZE to `syntax.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { MaintenanceSyntax } from "./maintenance_syntax.ts";
import { optionValue } from "./narrow_definition.ts";
import { narrowRelation } from "./narrow_from.ts";
import {
  flagOf,
  listOf,
  nodeOf,
  type RawFields,
  type RawNode,
  type RawReader,
  stringOf,
  textOf,
} from "./raw_node.ts";

const ANALYZE_OPTIONS: ReadonlySet<string> = new Set([
  "verbose",
  "skip_locked",
  "buffer_usage_limit",
]);

const VACUUM_OPTIONS: ReadonlySet<string> = new Set([
  ...ANALYZE_OPTIONS,
  "analyze",
  "freeze",
  "full",
  "disable_page_skipping",
  "index_cleanup",
  "process_main",
  "process_toast",
  "truncate",
  "parallel",
  "skip_database_stats",
  "only_database_stats",
]);

/** Options whose value is no boolean. */
const OTHER_OPTIONS: ReadonlySet<string> = new Set([
  "buffer_usage_limit",
  "index_cleanup",
  "parallel",
]);

/** A `VacuumStmt`. */
export function narrowMaintenance(
  reader: RawReader,
  { fields }: RawNode,
): MaintenanceSyntax {
  const isVacuum = flagOf(fields["is_vacuumcmd"]);
  const given = optionsOf(reader, fields["options"], isVacuum);
  const analyze = !isVacuum || given.has("analyze");
  const targets = listOf(fields["rels"]).map((item) => {
    const { fields: target } = nodeOf(item);
    return {
      relation: narrowRelation(reader, target["relation"] as RawFields),
      columns: listOf(target["va_cols"]).map(stringOf),
    };
  });
  if (!analyze && targets.some(({ columns }) => columns.length > 0)) {
    throw new SqlError(
      "0A000",
      "ANALYZE option must be specified when a column list is provided",
    );
  }
  return {
    kind: "maintenance",
    vacuum: isVacuum,
    analyze,
    verbose: given.has("verbose"),
    targets,
  };
}

/** The options that are on. */
function optionsOf(
  reader: RawReader,
  value: unknown,
  isVacuum: boolean,
): ReadonlySet<string> {
  const on = new Set<string>();
  for (const item of listOf(value)) {
    const { fields } = nodeOf(item);
    const name = textOf(fields["defname"])!;
    const known = isVacuum ? VACUUM_OPTIONS : ANALYZE_OPTIONS;
    if (!known.has(name)) {
      throw new SqlError(
        "42601",
        `unrecognized ${isVacuum ? "VACUUM" : "ANALYZE"} option "${name}"`,
        { offset: reader.offsetOf(fields) },
      );
    }
    if (OTHER_OPTIONS.has(name) || isOn(name, fields)) on.add(name);
  }
  return on;
}

/** PostgreSQL's `defGetBoolean`. */
function isOn(name: string, fields: RawFields): boolean {
  const value = optionValue(fields["arg"]);
  switch (value?.toLowerCase()) {
    case undefined:
    case "1":
    case "true":
    case "on":
      return true;
    case "0":
    case "false":
    case "off":
      return false;
    default:
      throw new SqlError("42601", `${name} requires a Boolean value`);
  }
}
