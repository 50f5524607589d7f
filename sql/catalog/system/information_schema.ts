// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The views of `information_schema`, over `pg_catalog`.
 *
 * | SQL's domain | type |
 * | --- | --- |
 * | sql_identifier | name |
 * | character_data, yes_or_no | varchar |
 * | cardinal_number | int4 |
 *
 * @module
 */
import { ROUTINE_VIEWS } from "./information_schema_routines.ts";
import { ABSENT_INFORMATION } from "./absent_views.ts";
import type { SystemView } from "./system_view.ts";

/** `YES` or `NO`. */
function yes(condition: string): string {
  return `CASE WHEN ${condition} THEN 'YES' ELSE 'NO' END::varchar`;
}

const DATABASE = "current_database()";

/** The tables `t` that views `v` read, with the rows `u` of `pg_depend`. */
const USED_BY_VIEWS = `FROM pg_class v
        JOIN pg_namespace nv ON nv.oid = v.relnamespace
        JOIN pg_rewrite r ON r.ev_class = v.oid
        JOIN pg_depend u ON u.objid = r.oid
          AND u.classid = 'pg_rewrite'::regclass
          AND u.refclassid = 'pg_class'::regclass AND u.refobjid <> v.oid
        JOIN pg_class t ON t.oid = u.refobjid
          AND t.relkind IN ('r', 'v', 'f', 'p') AND v.relkind = 'v'
        JOIN pg_namespace nt ON nt.oid = t.relnamespace`;

/** Whether a view has an INSTEAD OF trigger with these bits of `tgtype`. */
function hasTrigger(bits: number): string {
  return `EXISTS (SELECT FROM pg_trigger g
    WHERE g.tgrelid = c.oid AND g.tgtype & ${bits} = ${bits})`;
}

/** Relations that the standard calls tables. */
const TABLES = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace";

/** A column's precision, and the like, where it is of a type that has it. */
function ofTypes(types: string, value: string): string {
  return `CASE WHEN t.typname IN (${types}) THEN ${value} END`;
}

const MODIFIED = "a.atttypmod >= 0";

const PRIVILEGE_COLUMNS = `grantor name, grantee name, table_catalog name,
  table_schema name, table_name name, privilege_type varchar,
  is_grantable varchar, with_hierarchy varchar`;

/** Who owns a table has all privileges. */
const TABLE_PRIVILEGES =
  `SELECT pg_get_userbyid(c.relowner), pg_get_userbyid(c.relowner),
    ${DATABASE}, n.nspname, c.relname, p.name::varchar, 'YES'::varchar,
    CASE WHEN p.name = 'SELECT' THEN 'YES' ELSE 'NO' END::varchar
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN (VALUES ('INSERT'), ('SELECT'), ('UPDATE'), ('DELETE'),
      ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (name)
  WHERE c.relkind IN ('r', 'v')`;

/** The views of `information_schema`, by name. */
export const INFORMATION_SCHEMA: Readonly<Record<string, SystemView>> = {
  schemata: {
    columns: `catalog_name name, schema_name name, schema_owner name,
      default_character_set_catalog name, default_character_set_schema name,
      default_character_set_name name, sql_path varchar`,
    sql: `SELECT ${DATABASE}, nspname, pg_get_userbyid(nspowner), NULL::name,
        NULL::name, NULL::name, NULL::varchar
      FROM pg_namespace`,
  },
  tables: {
    columns: `table_catalog name, table_schema name, table_name name,
      table_type varchar, self_referencing_column_name name,
      reference_generation varchar, user_defined_type_catalog name,
      user_defined_type_schema name, user_defined_type_name name,
      is_insertable_into varchar, is_typed varchar, commit_action varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname,
        CASE WHEN n.oid = pg_my_temp_schema() THEN 'LOCAL TEMPORARY'
          WHEN c.relkind = 'v' THEN 'VIEW' ELSE 'BASE TABLE' END::varchar,
        NULL::name, NULL::varchar, NULL::name, NULL::name, NULL::name,
        ${
      yes("c.relkind = 'r' OR pg_relation_is_updatable(c.oid, false) & 8 = 8")
    },
        'NO'::varchar, NULL::varchar
      FROM ${TABLES} WHERE c.relkind IN ('r', 'v')`,
  },
  views: {
    columns: `table_catalog name, table_schema name, table_name name,
      view_definition varchar, check_option varchar, is_updatable varchar,
      is_insertable_into varchar, is_trigger_updatable varchar,
      is_trigger_deletable varchar, is_trigger_insertable_into varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname,
        pg_get_viewdef(c.oid)::varchar,
        CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'
          WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL'
          ELSE 'NONE' END::varchar,
        ${yes("pg_relation_is_updatable(c.oid, false) & 20 = 20")},
        ${yes("pg_relation_is_updatable(c.oid, false) & 8 = 8")},
        ${yes(hasTrigger(81))}, ${yes(hasTrigger(73))}, ${yes(hasTrigger(69))}
      FROM ${TABLES} WHERE c.relkind = 'v'`,
  },
  domains: {
    columns: `domain_catalog name, domain_schema name, domain_name name,
      data_type varchar, domain_default varchar, udt_catalog name,
      udt_schema name, udt_name name, dtd_identifier name`,
    sql: `SELECT ${DATABASE}, n.nspname, t.typname,
        CASE WHEN bt.typcategory = 'A' THEN 'ARRAY'
          WHEN bt.typnamespace <> 11 THEN 'USER-DEFINED'
          ELSE format_type(bt.oid, NULL) END::varchar,
        t.typdefault::varchar, ${DATABASE}, nbt.nspname, bt.typname,
        '1'::name
      FROM pg_type t
        JOIN pg_namespace n ON n.oid = t.typnamespace
        JOIN pg_type bt ON bt.oid = t.typbasetype
        JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace
      WHERE t.typtype = 'd'`,
  },
  user_defined_types: {
    columns: `user_defined_type_catalog name, user_defined_type_schema name,
      user_defined_type_name name, user_defined_type_category varchar,
      is_instantiable varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname, 'STRUCTURED'::varchar,
        'YES'::varchar
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'c'`,
  },
  attributes: {
    columns: `udt_catalog name, udt_schema name, udt_name name,
      attribute_name name, ordinal_position int4, is_nullable varchar,
      data_type varchar, attribute_udt_catalog name,
      attribute_udt_schema name, attribute_udt_name name`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname, a.attname,
        a.attnum::int4, 'YES'::varchar,
        CASE WHEN t.typcategory = 'A' THEN 'ARRAY'
          WHEN t.typnamespace <> 11 THEN 'USER-DEFINED'
          ELSE format_type(t.oid, NULL) END::varchar,
        ${DATABASE}, nt.nspname, t.typname
      FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace nt ON nt.oid = t.typnamespace
      WHERE c.relkind = 'c'`,
  },
  domain_constraints: {
    columns: `constraint_catalog name, constraint_schema name,
      constraint_name name, domain_catalog name, domain_schema name,
      domain_name name, is_deferrable varchar, initially_deferred varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.conname, ${DATABASE}, n.nspname,
        t.typname, 'NO'::varchar, 'NO'::varchar
      FROM pg_constraint c
        JOIN pg_type t ON t.oid = c.contypid
        JOIN pg_namespace n ON n.oid = t.typnamespace`,
  },
  columns: {
    columns: `table_catalog name, table_schema name, table_name name,
      column_name name, ordinal_position int4, column_default varchar,
      is_nullable varchar, data_type varchar, character_maximum_length int4,
      character_octet_length int4, numeric_precision int4,
      numeric_precision_radix int4, numeric_scale int4,
      datetime_precision int4, interval_type varchar,
      interval_precision int4, character_set_catalog name,
      character_set_schema name, character_set_name name,
      collation_catalog name, collation_schema name, collation_name name,
      domain_catalog name, domain_schema name, domain_name name,
      udt_catalog name, udt_schema name, udt_name name, scope_catalog name,
      scope_schema name, scope_name name, maximum_cardinality int4,
      dtd_identifier name, is_self_referencing varchar, is_identity varchar,
      identity_generation varchar, identity_start varchar,
      identity_increment varchar, identity_maximum varchar,
      identity_minimum varchar, identity_cycle varchar,
      is_generated varchar, generation_expression varchar,
      is_updatable varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname, a.attname, a.attnum::int4,
        CASE WHEN a.attgenerated = ''
          THEN pg_get_expr(d.adbin, d.adrelid) END::varchar,
        ${yes("NOT a.attnotnull")},
        CASE WHEN t.typcategory = 'A' THEN 'ARRAY'
          WHEN coalesce(bt.typnamespace, t.typnamespace) <> 11
            THEN 'USER-DEFINED'
          ELSE format_type(coalesce(bt.oid, a.atttypid), NULL) END::varchar,
        CASE WHEN t.typname IN ('varchar', 'bpchar') AND ${MODIFIED}
          THEN a.atttypmod - 4 END,
        ${
      ofTypes(
        "'text', 'varchar', 'bpchar'",
        `CASE WHEN ${MODIFIED} THEN (a.atttypmod - 4) * 4 ELSE 1073741824 END`,
      )
    },
        CASE t.typname WHEN 'int2' THEN 16 WHEN 'int4' THEN 32
          WHEN 'int8' THEN 64 WHEN 'float4' THEN 24 WHEN 'float8' THEN 53
          WHEN 'numeric' THEN CASE WHEN ${MODIFIED}
            THEN ((a.atttypmod - 4) >> 16) & 65535 END END,
        CASE WHEN t.typname IN ('int2', 'int4', 'int8', 'float4', 'float8')
            THEN 2
          WHEN t.typname = 'numeric' THEN 10 END,
        CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 0
          WHEN t.typname = 'numeric' AND ${MODIFIED}
            THEN (a.atttypmod - 4) & 2047 END,
        CASE WHEN t.typname = 'date' THEN 0
          WHEN t.typname IN ('time', 'timetz', 'timestamp', 'timestamptz')
            THEN CASE WHEN ${MODIFIED} THEN a.atttypmod ELSE 6 END
          WHEN t.typname = 'interval'
            THEN CASE WHEN ${MODIFIED} AND a.atttypmod & 65535 <> 65535
              THEN a.atttypmod & 65535 ELSE 6 END END,
        NULL::varchar, NULL::int4, NULL::name, NULL::name, NULL::name,
        CASE WHEN a.attcollation NOT IN (0, 100) THEN ${DATABASE} END,
        CASE WHEN a.attcollation NOT IN (0, 100) THEN 'pg_catalog'::name END,
        CASE WHEN a.attcollation NOT IN (0, 100) THEN (SELECT co.collname
          FROM pg_collation co WHERE co.oid = a.attcollation) END,
        CASE WHEN t.typtype = 'd' THEN ${DATABASE} END,
        CASE WHEN t.typtype = 'd' THEN nt.nspname END,
        CASE WHEN t.typtype = 'd' THEN t.typname END,
        ${DATABASE}, coalesce(nbt.nspname, nt.nspname),
        coalesce(bt.typname, t.typname), NULL::name, NULL::name, NULL::name,
        NULL::int4, a.attnum::text::name, 'NO'::varchar,
        ${yes("a.attidentity IN ('a', 'd')")},
        CASE a.attidentity WHEN 'a' THEN 'ALWAYS'
          WHEN 'd' THEN 'BY DEFAULT' END::varchar,
        s.seqstart::varchar, s.seqincrement::varchar, s.seqmax::varchar,
        s.seqmin::varchar,
        ${yes("s.seqcycle")},
        CASE WHEN a.attgenerated = '' THEN 'NEVER' ELSE 'ALWAYS' END::varchar,
        CASE WHEN a.attgenerated <> ''
          THEN pg_get_expr(d.adbin, d.adrelid) END::varchar,
        ${
      yes(
        "c.relkind = 'r' OR pg_column_is_updatable(c.oid, a.attnum, false)",
      )
    }
      FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_namespace nt ON nt.oid = t.typnamespace
        LEFT JOIN pg_type bt ON t.typtype = 'd' AND bt.oid = t.typbasetype
        LEFT JOIN pg_namespace nbt ON nbt.oid = bt.typnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_depend p ON p.refclassid = 1259 AND p.refobjid = c.oid
          AND p.refobjsubid = a.attnum AND p.deptype = 'i'
        LEFT JOIN pg_sequence s ON s.seqrelid = p.objid
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')`,
  },
  table_constraints: {
    columns: `constraint_catalog name, constraint_schema name,
      constraint_name name, table_catalog name, table_schema name,
      table_name name, constraint_type varchar, is_deferrable varchar,
      initially_deferred varchar, enforced varchar, nulls_distinct varchar`,
    sql: `SELECT ${DATABASE}, k.nspname, o.conname, ${DATABASE}, n.nspname,
        c.relname,
        CASE o.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY'
          WHEN 'n' THEN 'CHECK' WHEN 'p' THEN 'PRIMARY KEY'
          WHEN 'u' THEN 'UNIQUE' END::varchar,
        ${yes("o.condeferrable")}, ${yes("o.condeferred")},
        ${yes("o.conenforced")},
        CASE WHEN o.contype = 'u' THEN ${yes("NOT i.indnullsnotdistinct")}
          END::varchar
      FROM pg_constraint o
        JOIN pg_class c ON c.oid = o.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_namespace k ON k.oid = o.connamespace
        LEFT JOIN pg_index i ON i.indexrelid = o.conindid
      WHERE o.contype IN ('c', 'f', 'n', 'p', 'u')`,
  },
  key_column_usage: {
    columns: `constraint_catalog name, constraint_schema name,
      constraint_name name, table_catalog name, table_schema name,
      table_name name, column_name name, ordinal_position int4,
      position_in_unique_constraint int4`,
    sql: `SELECT ${DATABASE}, k.nspname, o.conname, ${DATABASE}, n.nspname,
        c.relname, a.attname, u.position, u.referenced_position
      FROM pg_constraint o
        JOIN pg_class c ON c.oid = o.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_namespace k ON k.oid = o.connamespace
        JOIN LATERAL pg_constraint_columns(o.oid)
          AS u (attnum, position, referenced, referenced_position) ON true
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum
      WHERE o.contype IN ('p', 'u', 'f')`,
  },
  constraint_column_usage: {
    columns: `table_catalog name, table_schema name, table_name name,
      column_name name, constraint_catalog name, constraint_schema name,
      constraint_name name`,
    sql: `SELECT DISTINCT ${DATABASE}, n.nspname, c.relname, a.attname,
        ${DATABASE}, k.nspname, o.conname
      FROM pg_constraint o
        JOIN pg_namespace k ON k.oid = o.connamespace
        JOIN LATERAL pg_constraint_columns(o.oid)
          AS u (attnum, position, referenced, referenced_position) ON true
        JOIN pg_class c ON c.oid =
          CASE WHEN o.contype = 'f' THEN o.confrelid ELSE o.conrelid END
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum =
          CASE WHEN o.contype = 'f' THEN u.referenced ELSE u.attnum END
      WHERE o.contype IN ('p', 'u', 'f', 'c')`,
  },
  referential_constraints: {
    columns: `constraint_catalog name, constraint_schema name,
      constraint_name name, unique_constraint_catalog name,
      unique_constraint_schema name, unique_constraint_name name,
      match_option varchar, update_rule varchar, delete_rule varchar`,
    sql: `SELECT ${DATABASE}, k.nspname, o.conname, ${DATABASE}, pk.nspname,
        p.conname,
        CASE o.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL'
          ELSE 'NONE' END::varchar,
        ${rule("o.confupdtype")}, ${rule("o.confdeltype")}
      FROM pg_constraint o
        JOIN pg_namespace k ON k.oid = o.connamespace
        LEFT JOIN pg_constraint p ON p.conindid = o.conindid
          AND p.contype IN ('p', 'u')
        LEFT JOIN pg_namespace pk ON pk.oid = p.connamespace
      WHERE o.contype = 'f'`,
  },
  check_constraints: {
    columns: `constraint_catalog name, constraint_schema name,
      constraint_name name, check_clause varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, o.conname,
        pg_get_expr(o.conbin, o.conrelid)::varchar
      FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace
      WHERE o.contype = 'c'`,
  },
  table_privileges: {
    columns: PRIVILEGE_COLUMNS,
    sql: TABLE_PRIVILEGES,
  },
  role_table_grants: {
    columns: PRIVILEGE_COLUMNS,
    sql: TABLE_PRIVILEGES,
  },
  enabled_roles: {
    columns: `role_name name`,
    sql: `SELECT rolname FROM pg_authid WHERE rolname = current_user`,
  },
  sequences: {
    columns: `sequence_catalog name, sequence_schema name,
      sequence_name name, data_type varchar, numeric_precision int4,
      numeric_precision_radix int4, numeric_scale int4, start_value varchar,
      minimum_value varchar, maximum_value varchar, increment varchar,
      cycle_option varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.relname,
        format_type(s.seqtypid, NULL)::varchar,
        CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 ELSE 64 END, 2, 0,
        s.seqstart::varchar, s.seqmin::varchar, s.seqmax::varchar,
        s.seqincrement::varchar, ${yes("s.seqcycle")}
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT EXISTS (SELECT FROM pg_depend p
        WHERE p.objid = c.oid AND p.deptype = 'i')`,
  },
  view_table_usage: {
    columns: `view_catalog name, view_schema name, view_name name,
      table_catalog name, table_schema name, table_name name`,
    sql: `SELECT DISTINCT ${DATABASE}, nv.nspname, v.relname, ${DATABASE},
        nt.nspname, t.relname
      ${USED_BY_VIEWS}`,
  },
  view_column_usage: {
    columns: `view_catalog name, view_schema name, view_name name,
      table_catalog name, table_schema name, table_name name,
      column_name name`,
    sql: `SELECT DISTINCT ${DATABASE}, nv.nspname, v.relname, ${DATABASE},
        nt.nspname, t.relname, a.attname
      ${USED_BY_VIEWS}
        JOIN pg_attribute a
          ON a.attrelid = t.oid AND a.attnum = u.refobjsubid`,
  },
  collations: {
    columns: `collation_catalog name, collation_schema name,
      collation_name name, pad_attribute varchar`,
    sql: `SELECT ${DATABASE}, n.nspname, c.collname, 'NO PAD'::varchar
      FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
      WHERE c.collencoding IN (-1, 6)`,
  },
  character_sets: {
    columns: `character_set_catalog name, character_set_schema name,
      character_set_name name, character_repertoire name, form_of_use name,
      default_collate_catalog name, default_collate_schema name,
      default_collate_name name`,
    sql: `SELECT NULL::name, NULL::name, 'UTF8'::name, 'UCS'::name,
        'UTF8'::name, NULL::name, NULL::name, NULL::name`,
  },
  ...ABSENT_INFORMATION,
  ...ROUTINE_VIEWS,
};

/** What ON UPDATE and ON DELETE say. */
function rule(column: string): string {
  return `CASE ${column} WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
    WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT'
    ELSE 'NO ACTION' END::varchar`;
}
