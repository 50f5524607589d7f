/**
 * What functions about the catalog answer; `sql/functions/system/` has their
 * names and types. How names become objects is in `catalog_names.ts`.
 *
 * @module
 */
import { normalizeInt8 } from "../types/int8_value.ts";
import {
  statisticsColumns,
  statisticsComment,
  statisticsDefinition,
} from "./statistics_text.ts";
import { shownName } from "../analyzer/describe.ts";
import { quoteLiteral } from "../parser/quote.ts";
import {
  type ColumnEntry,
  isTypeEntry,
  type RelationEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { SqlArray } from "../types/array/array_value.ts";
import type { Nullable } from "../types/data_type.ts";
import { ownTypeOf } from "../types/domain_type.ts";
import { formatType } from "../types/type_registry.ts";
import { ROUTINE_ANSWERS } from "./routine_text.ts";
import { NAME_ANSWERS } from "./catalog_names.ts";
import { INDEX_PROPERTIES } from "./index_properties.ts";
import { TYPE_ANSWERS } from "./type_answers.ts";
import { TEMPORARY_ALIAS } from "../catalog/temporary_schema.ts";
import { roleNameOf } from "../catalog/roles.ts";
import {
  constraintColumns,
  constraintComment,
  constraintDefinition,
} from "./constraint_text.ts";
import { settingRows } from "./setting_rows.ts";
import type { Answer, Asked } from "./catalog_question.ts";
import { indexDefinition } from "./index_text.ts";
import { PLAN_QUALITY_ANSWERS } from "./plan_quality/plan_quality_answers.ts";
import { ACTIVITY_ANSWERS } from "./auto_analyze/activity_answers.ts";
import { BUILD_ANSWERS } from "./build_answers.ts";
import { LOCK_ANSWERS } from "./lock_answers.ts";
import { OBJECT_ANSWERS } from "./objects/object_answers.ts";
import { PARTITION_ANSWERS } from "./partition_answers.ts";
import { UPDATABLE_ANSWERS } from "./updatable_answers.ts";

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["current_schema", ({ catalog }) => catalog.creationSchema ?? null],
  [
    "current_schemas",
    ({ catalog }, [implicit]) =>
      SqlArray.of(implicit === true ? catalog.path : catalog.named),
  ],
  [
    "pg_my_temp_schema",
    ({ catalog }) => catalog.schema(TEMPORARY_ALIAS)?.id ?? 0,
  ],
  ["format_type", formatTypeOf],
  [
    "pg_table_is_visible",
    ({ catalog }, [id]) => {
      const entry = catalog.relationById(id as number);
      return entry === undefined ? null : catalog.isVisible(entry);
    },
  ],
  [
    "pg_type_is_visible",
    ({ core }, [id]) =>
      core.types.byOid(id as number) === undefined ? null : true,
  ],
  ["pg_get_indexdef", indexDefinition],
  ["pg_get_constraintdef", constraintDefinition],
  ["pg_get_statisticsobjdef", statisticsDefinition],
  ["pg_get_statisticsobjdef_columns", statisticsColumns],
  ["pg_get_viewdef", viewDefinition],
  [
    "obj_description",
    ({ catalog }, [id]) =>
      catalog.byId(id as number)?.comment ??
        constraintComment(catalog, id as number) ??
        statisticsComment(catalog, id as number),
  ],
  [
    "col_description",
    ({ catalog }, [id, number]) =>
      columnsOf(catalog.relationById(id as number))
        .find((column) => column.number === number)?.comment ?? null,
  ],
  ["pg_get_expr", shownExpression],
  [
    "pg_get_userbyid",
    ({ core, catalog }, [id]) =>
      roleNameOf(catalog, core.user, id as number) ??
        `unknown (OID=${id as number})`,
  ],
  ["pg_show_all_settings", settingRows],
  ["pg_constraint_columns", constraintColumns],
  ...ROUTINE_ANSWERS,
  ...NAME_ANSWERS,
  ...ACTIVITY_ANSWERS,
  ...PLAN_QUALITY_ANSWERS,
  ...BUILD_ANSWERS,
  ...TYPE_ANSWERS,
  ...INDEX_PROPERTIES,
  ["pg_current_wal_lsn", logPlace],
  ["pg_current_wal_insert_lsn", logPlace],
  ["pg_current_wal_flush_lsn", logPlace],
  [
    "shobj_description",
    ({ catalog }, [id, kind]) => {
      const entry = catalog.byId(id as number);
      return kind === "pg_authid" && entry?.kind === "role"
        ? entry.comment ?? null
        : null;
    },
  ],
  ...LOCK_ANSWERS,
  ...PARTITION_ANSWERS,
  ...UPDATABLE_ANSWERS,
  ...OBJECT_ANSWERS,
]);

/**
 * Answers a function by name.
 *
 * @throws {SqlError}
 */
export function catalogFunction(
  who: Omit<Asked, "ask">,
  name: string,
  args: readonly Nullable[],
): Nullable {
  const answer = ANSWERS.get(name);
  if (answer === undefined) {
    throw new SqlError("42883", `function ${name}() does not exist`);
  }
  return answer(
    { ...who, ask: (question, given) => catalogFunction(who, question, given) },
    args,
  );
}

function columnsOf(
  entry: RelationEntry | undefined,
): readonly ColumnEntry[] {
  return entry?.kind === "table" || entry?.kind === "view" ? entry.columns : [];
}

/** `format_type`; a type that is not known is `???`. */
function formatTypeOf(
  { core, catalog }: Asked,
  [id, typmod]: readonly Nullable[],
): Nullable {
  if (id === 0) return "-";
  const entry = catalog.byId(id as number);
  const type = core.types.byOid(id as number);
  if (isTypeEntry(entry)) {
    const modifier = entry.kind === "base" && (typmod as number) >= 0
      ? type?.typmodOutput?.(typmod as number)
      : undefined;
    return shownName(catalog, entry) + (modifier ?? "");
  }
  if (type === undefined) return "???";
  const table = catalog.relationById(ownTypeOf(type)?.oid ?? 0);
  if (table !== undefined) {
    return shownName(catalog, table) + (type.element === undefined ? "" : "[]");
  }
  return formatType({ type, typmod: typmod as number });
}

/** `pg_get_expr`: a sequence, kept by its id, is shown by its name. */
function shownExpression(
  { catalog }: Asked,
  [text]: readonly Nullable[],
): Nullable {
  return (text as string).replace(/\bnextval\('(\d+)'\)/g, (call, id) => {
    const entry = catalog.relationById(Number(id));
    if (entry === undefined) return call;
    return `nextval(${quoteLiteral(shownName(catalog, entry))}::regclass)`;
  });
}

/** `pg_get_viewdef`, of an OID or of a name. */
function viewDefinition(
  { catalog }: Asked,
  [which]: readonly Nullable[],
): Nullable {
  const entry = typeof which === "string"
    ? catalog.relation(undefined, which)
    : catalog.relationById(which as number);
  const sql = entry?.kind === "view"
    ? entry.sql
    : entry?.kind === "table"
    ? entry.materialized?.sql
    : undefined;
  return sql === undefined ? null : ` ${sql};`;
}

/** How far the log is: the sequence number of what is visible. */
function logPlace({ core }: Asked): Nullable {
  return normalizeInt8(BigInt(core.store.visibleSequence));
}
