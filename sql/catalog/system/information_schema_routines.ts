// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The views of `information_schema` about routines and triggers, and about what
 * uses types and tables.
 *
 * @module
 */
import type { SystemView } from "./system_view.ts";

const DATABASE = "current_database()";

/** As many columns without a value as `columns` names, of its types. */
function nulls(columns: string): string {
  return columns.split(",").map((column) =>
    `NULL::${column.trim().split(" ").slice(1).join(" ")}`
  ).join(", ");
}

/** What the standard says of types, and PostgreSQL leaves open in routines. */
const SIZES = `character_maximum_length int4, character_octet_length int4,
  character_set_catalog name, character_set_schema name,
  character_set_name name, collation_catalog name, collation_schema name,
  collation_name name, numeric_precision int4, numeric_precision_radix int4,
  numeric_scale int4, datetime_precision int4, interval_type varchar,
  interval_precision int4`;

const SCOPE = `scope_catalog name, scope_schema name, scope_name name,
  maximum_cardinality int4`;

const UNTIL_SECURITY = `sql_path varchar`;

const CASTS = `is_user_defined_cast varchar, is_implicitly_invocable varchar`;

const SPECIFIC = `to_sql_specific_catalog name, to_sql_specific_schema name,
  to_sql_specific_name name`;

const TIMES = `created timestamptz, last_altered timestamptz,
  new_savepoint_level varchar`;

const RESULT_CASTS = `result_cast_from_data_type varchar,
  result_cast_as_locator varchar, result_cast_char_max_length int4,
  result_cast_char_octet_length int4, result_cast_char_set_catalog name,
  result_cast_char_set_schema name, result_cast_char_set_name name,
  result_cast_collation_catalog name, result_cast_collation_schema name,
  result_cast_collation_name name, result_cast_numeric_precision int4,
  result_cast_numeric_precision_radix int4, result_cast_numeric_scale int4,
  result_cast_datetime_precision int4, result_cast_interval_type varchar,
  result_cast_interval_precision int4, result_cast_type_udt_catalog name,
  result_cast_type_udt_schema name, result_cast_type_udt_name name,
  result_cast_scope_catalog name, result_cast_scope_schema name,
  result_cast_scope_name name, result_cast_maximum_cardinality int4,
  result_cast_dtd_identifier name`;

/** How a routine is told from others of its name. */
const SPECIFIC_NAME = "(p.proname || '_' || p.oid)::name";

/** What the standard calls a type. */
const DATA_TYPE = `CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
  WHEN nt.nspname = 'pg_catalog' THEN format_type(t.oid, NULL)
  ELSE 'USER-DEFINED' END`;

/** The views, by name. */
export const ROUTINE_VIEWS: Readonly<Record<string, SystemView>> = {
  routines: {
    columns: `specific_catalog name, specific_schema name, specific_name name,
      routine_catalog name, routine_schema name, routine_name name,
      routine_type varchar, module_catalog name, module_schema name,
      module_name name, udt_catalog name, udt_schema name, udt_name name,
      data_type varchar, ${SIZES}, type_udt_catalog name,
      type_udt_schema name, type_udt_name name, ${SCOPE},
      dtd_identifier name, routine_body varchar, routine_definition varchar,
      external_name varchar, external_language varchar,
      parameter_style varchar, is_deterministic varchar,
      sql_data_access varchar, is_null_call varchar, ${UNTIL_SECURITY},
      schema_level_routine varchar, max_dynamic_result_sets int4, ${CASTS},
      security_type varchar, ${SPECIFIC}, as_locator varchar, ${TIMES},
      is_udt_dependent varchar, ${RESULT_CASTS}`,
    sql: `SELECT ${DATABASE}, n.nspname, ${SPECIFIC_NAME}, ${DATABASE},
        n.nspname, p.proname,
        CASE p.prokind WHEN 'f' THEN 'FUNCTION'
          WHEN 'p' THEN 'PROCEDURE' END::varchar,
        NULL::name, NULL::name, NULL::name, NULL::name, NULL::name,
        NULL::name,
        CASE WHEN p.prokind <> 'p' THEN ${DATA_TYPE} END::varchar,
        ${nulls(SIZES)},
        CASE WHEN nt.nspname IS NOT NULL THEN ${DATABASE} END, nt.nspname,
        t.typname, ${nulls(SCOPE)},
        CASE WHEN p.prokind <> 'p' THEN '0' END::name,
        CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END::varchar,
        p.prosrc::varchar,
        CASE WHEN l.lanname = 'c' THEN p.prosrc END::varchar,
        upper(l.lanname::text)::varchar, 'GENERAL'::varchar,
        CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END::varchar,
        'MODIFIES'::varchar,
        CASE WHEN p.prokind <> 'p' THEN
          CASE WHEN p.proisstrict THEN 'YES' ELSE 'NO' END END::varchar,
        ${nulls(UNTIL_SECURITY)}, 'YES'::varchar, 0, ${nulls(CASTS)},
        CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END::varchar,
        ${nulls(SPECIFIC)}, 'NO'::varchar, ${nulls(TIMES)}, 'NO'::varchar,
        ${nulls(RESULT_CASTS)}
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_language l ON l.oid = p.prolang
        LEFT JOIN pg_type t ON t.oid = p.prorettype AND p.prokind <> 'p'
        LEFT JOIN pg_namespace nt ON nt.oid = t.typnamespace`,
  },
  parameters: {
    columns: `specific_catalog name, specific_schema name, specific_name name,
      ordinal_position int4, parameter_mode varchar, is_result varchar,
      as_locator varchar, parameter_name name, data_type varchar, ${SIZES},
      udt_catalog name, udt_schema name, udt_name name, ${SCOPE},
      dtd_identifier name, parameter_default varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, ${SPECIFIC_NAME}, u.n::int4,
        CASE p.proargmodes[u.n] WHEN 'o' THEN 'OUT' WHEN 't' THEN 'OUT'
          WHEN 'b' THEN 'INOUT' ELSE 'IN' END::varchar,
        'NO'::varchar, 'NO'::varchar, nullif(p.proargnames[u.n], '')::name,
        (${DATA_TYPE})::varchar, ${nulls(SIZES)}, ${DATABASE}, nt.nspname,
        t.typname, ${nulls(SCOPE)}, u.n::text::name,
        pg_get_function_arg_default(p.oid, u.n::int4)::varchar
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        CROSS JOIN LATERAL unnest(coalesce(p.proallargtypes,
          string_to_array(p.proargtypes::text, ' ')::oid[]))
          WITH ORDINALITY AS u (type, n)
        JOIN pg_type t ON t.oid = u.type
        JOIN pg_namespace nt ON nt.oid = t.typnamespace`,
  },
  triggers: {
    columns: `trigger_catalog name, trigger_schema name, trigger_name name,
      event_manipulation varchar, event_object_catalog name,
      event_object_schema name, event_object_table name, action_order int4,
      action_condition varchar, action_statement varchar,
      action_orientation varchar, action_timing varchar,
      action_reference_old_table name, action_reference_new_table name,
      action_reference_old_row name, action_reference_new_row name,
      created timestamptz`,
    sql: `SELECT ${DATABASE}, n.nspname, t.tgname, em.event::varchar,
        ${DATABASE}, n.nspname, c.relname,
        rank() OVER (PARTITION BY n.nspname, c.relname, em.bit,
          t.tgtype & 1, t.tgtype & 66 ORDER BY t.tgname)::int4,
        CASE WHEN t.tgqual IS NOT NULL THEN
          (regexp_match(pg_get_triggerdef(t.oid),
            'WHEN \\((.+)\\) EXECUTE FUNCTION'))[1] END::varchar,
        substring(pg_get_triggerdef(t.oid)
          FROM 'EXECUTE FUNCTION .*$')::varchar,
        CASE WHEN t.tgtype & 1 = 1 THEN 'ROW' ELSE 'STATEMENT' END::varchar,
        CASE t.tgtype & 66 WHEN 2 THEN 'BEFORE' WHEN 64 THEN 'INSTEAD OF'
          ELSE 'AFTER' END::varchar,
        t.tgoldtable, t.tgnewtable, NULL::name, NULL::name,
        NULL::timestamptz
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE'))
          AS em (bit, event) ON t.tgtype & em.bit <> 0
      WHERE NOT t.tgisinternal`,
  },
  column_udt_usage: {
    columns: `udt_catalog name, udt_schema name, udt_name name,
      table_catalog name, table_schema name, table_name name,
      column_name name`,
    sql: `SELECT ${DATABASE}, coalesce(nbt.nspname, nt.nspname),
        coalesce(bt.typname, t.typname), ${DATABASE}, n.nspname, c.relname,
        a.attname
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace nt ON nt.oid = t.typnamespace
        LEFT JOIN pg_type bt ON t.typtype = 'd' AND bt.oid = t.typbasetype
        LEFT JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped
        AND c.relkind IN ('r', 'v', 'f', 'p')`,
  },
  constraint_table_usage: {
    columns: `table_catalog name, table_schema name, table_name name,
      constraint_catalog name, constraint_schema name, constraint_name name`,
    sql: `SELECT ${DATABASE}, n.nspname, r.relname, ${DATABASE}, k.nspname,
        o.conname
      FROM pg_constraint o JOIN pg_namespace k ON k.oid = o.connamespace
        JOIN pg_class r ON r.oid = CASE o.contype WHEN 'f' THEN o.confrelid
          WHEN 'p' THEN o.conrelid WHEN 'u' THEN o.conrelid END
        JOIN pg_namespace n ON n.oid = r.relnamespace
      WHERE r.relkind IN ('r', 'p')`,
  },
  information_schema_catalog_name: {
    columns: `catalog_name name`,
    sql: `SELECT ${DATABASE}`,
  },
  applicable_roles: {
    columns: `grantee name, role_name name, is_grantable varchar`,
    sql: `SELECT a.rolname, b.rolname,
        CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END::varchar
      FROM pg_auth_members m JOIN pg_authid a ON a.oid = m.member
        JOIN pg_authid b ON b.oid = m.roleid`,
  },
};
