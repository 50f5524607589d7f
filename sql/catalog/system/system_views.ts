// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The views of `pg_catalog`: their columns and their queries.
 *
 * @module
 */
import { ABSENT_VIEWS } from "./absent_views.ts";
import { ACTIVITY_VIEWS } from "./activity_views.ts";
import type { SystemView } from "./system_view.ts";

/** The views of `pg_catalog`, by name. */
export const SYSTEM_VIEWS: Readonly<Record<string, SystemView>> = {
  pg_tables: {
    columns: `schemaname name, tablename name, tableowner name,
      tablespace name, hasindexes bool, hasrules bool, hastriggers bool,
      rowsecurity bool`,
    sql: `SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner),
        t.spcname, c.relhasindex, c.relhasrules, c.relhastriggers,
        c.relrowsecurity
      FROM pg_class c
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
      WHERE c.relkind IN ('r', 'p')`,
  },
  pg_views: {
    columns: `schemaname name, viewname name, viewowner name,
      definition text`,
    sql: `SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner),
        pg_get_viewdef(c.oid)
      FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'v'`,
  },
  pg_matviews: {
    columns: `schemaname name, matviewname name, matviewowner name,
      tablespace name, hasindexes bool, ispopulated bool, definition text`,
    sql: `SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner),
        t.spcname, c.relhasindex, c.relispopulated, pg_get_viewdef(c.oid)
      FROM pg_class c
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
      WHERE c.relkind = 'm'`,
  },
  pg_indexes: {
    columns: `schemaname name, tablename name, indexname name,
      tablespace name, indexdef text`,
    sql: `SELECT n.nspname, c.relname, i.relname, t.spcname,
        pg_get_indexdef(i.oid)
      FROM pg_index x
        JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_tablespace t ON t.oid = i.reltablespace
      WHERE c.relkind IN ('r', 'm', 'p') AND i.relkind IN ('i', 'I')`,
  },
  pg_roles: {
    columns: `rolname name, rolsuper bool, rolinherit bool,
      rolcreaterole bool, rolcreatedb bool, rolcanlogin bool,
      rolreplication bool, rolconnlimit int4, rolpassword text,
      rolvaliduntil timestamptz, rolbypassrls bool, rolconfig _text, oid oid`,
    sql: `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb,
        rolcanlogin, rolreplication, rolconnlimit, '********'::text,
        rolvaliduntil, rolbypassrls, NULL::text[], oid
      FROM pg_authid`,
  },
  pg_user: {
    columns: `usename name, usesysid oid, usecreatedb bool, usesuper bool,
      userepl bool, usebypassrls bool, passwd text, valuntil timestamptz,
      useconfig _text`,
    sql: `SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication,
        rolbypassrls, '********'::text, rolvaliduntil, NULL::text[]
      FROM pg_authid WHERE rolcanlogin`,
  },
  pg_sequences: {
    columns: `schemaname name, sequencename name, sequenceowner name,
      data_type regtype, start_value int8, min_value int8, max_value int8,
      increment_by int8, cycle bool, cache_size int8, last_value int8`,
    sql: `SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner),
        s.seqtypid::regtype, s.seqstart, s.seqmin, s.seqmax, s.seqincrement,
        s.seqcycle, s.seqcache, pg_sequence_last_value(c.oid::regclass::text)
      FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace`,
  },
  pg_policies: {
    columns: `schemaname name, tablename name, policyname name,
      permissive text, roles _name, cmd text, qual text, with_check text`,
    sql: `SELECT n.nspname, c.relname, p.polname,
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        '{}'::name[], p.polcmd::text, p.polqual::text, p.polwithcheck::text
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace`,
  },
  pg_rules: {
    columns: `schemaname name, tablename name, rulename name,
      definition text`,
    sql: `SELECT ''::name, ''::name, ''::name, NULL::text WHERE false`,
  },
  pg_group: {
    columns: `groname name, grosysid oid, grolist _oid`,
    sql: `SELECT rolname, oid, ARRAY(SELECT m.member FROM pg_auth_members m
          WHERE m.roleid = a.oid)
      FROM pg_authid a WHERE NOT rolcanlogin`,
  },
  pg_shadow: {
    columns: `usename name, usesysid oid, usecreatedb bool, usesuper bool,
      userepl bool, usebypassrls bool, passwd text, valuntil timestamptz,
      useconfig _text`,
    sql: `SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication,
        rolbypassrls, NULL::text, rolvaliduntil, NULL::text[]
      FROM pg_authid WHERE rolcanlogin`,
  },
  pg_available_extensions: {
    columns: `name name, default_version text, installed_version text,
      comment text`,
    sql: `SELECT a.name, a.default_version, e.extversion, a.comment
      FROM pg_available_extensions() AS a
        LEFT JOIN pg_extension e ON e.extname = a.name`,
  },
  pg_prepared_xacts: {
    columns: `transaction xid, gid text, prepared timestamptz, owner name,
      database name`,
    sql: `SELECT NULL::text, NULL::text, NULL::timestamptz, NULL::name,
        NULL::name WHERE false`,
  },
  pg_publication_tables: {
    columns: `pubname name, schemaname name, tablename name, attnames _name,
      rowfilter text`,
    sql: `SELECT NULL::name, NULL::name, NULL::name, NULL::name[], NULL::text
      WHERE false`,
  },
  pg_stat_activity: {
    columns: `datid oid, datname name, pid int4, leader_pid int4,
      usesysid oid, usename name, application_name text, client_addr text,
      client_hostname text, client_port int4, backend_start timestamptz,
      xact_start timestamptz, query_start timestamptz,
      state_change timestamptz, wait_event_type text, wait_event text,
      state text, backend_xid xid, backend_xmin xid, query_id int8,
      query text, backend_type text`,
    sql: `SELECT d.oid, d.datname, pg_backend_pid(), NULL::int4, 10::oid,
        session_user, current_setting('application_name'), NULL::text,
        NULL::text, NULL::int4, pg_postmaster_start_time(), now(),
        statement_timestamp(), statement_timestamp(), NULL::text, NULL::text,
        'active'::text, NULL::text, NULL::text, NULL::int8, NULL::text,
        'client backend'::text
      FROM pg_database d WHERE d.datname = current_database()`,
  },
  pg_stat_progress_create_index: {
    columns: `pid int4, datid oid, datname name, relid oid, index_relid oid,
      command text, phase text, lockers_total int8, lockers_done int8,
      current_locker_pid int8, blocks_total int8, blocks_done int8,
      tuples_total int8, tuples_done int8, partitions_total int8,
      partitions_done int8`,
    sql: `SELECT b.pid, b.datid, d.datname, b.relid, b.index_relid, b.command,
        b.phase, 0::int8, 0::int8, 0::int8, 0::int8, 0::int8,
        b.tuples_total::int8, b.tuples_done::int8, 0::int8, 0::int8
      FROM pg_index_builds() b LEFT JOIN pg_database d ON d.oid = b.datid`,
  },
  pg_stats: {
    columns: `schemaname name, tablename name, attname name, inherited bool,
      null_frac float4, avg_width int4, n_distinct float4,
      most_common_vals text, most_common_freqs _float4,
      histogram_bounds text, correlation float4,
      most_common_elems text, most_common_elem_freqs _float4,
      elem_count_histogram _float4, range_length_histogram text,
      range_empty_frac float4, range_bounds_histogram text`,
    sql: `SELECT n.nspname, c.relname, a.attname, s.stainherit,
        s.stanullfrac, s.stawidth, s.stadistinct,
        CASE WHEN s.stakind1 = 1 THEN s.stavalues1 WHEN s.stakind2 = 1 THEN s.stavalues2 WHEN s.stakind3 = 1 THEN s.stavalues3 END,
        CASE WHEN s.stakind1 = 1 THEN s.stanumbers1 WHEN s.stakind2 = 1 THEN s.stanumbers2 WHEN s.stakind3 = 1 THEN s.stanumbers3 END,
        CASE WHEN s.stakind1 = 2 THEN s.stavalues1 WHEN s.stakind2 = 2 THEN s.stavalues2 WHEN s.stakind3 = 2 THEN s.stavalues3 END,
        (CASE WHEN s.stakind1 = 3 THEN s.stanumbers1 WHEN s.stakind2 = 3 THEN s.stanumbers2 WHEN s.stakind3 = 3 THEN s.stanumbers3 END)[1],
        NULL::text, NULL::float4[], NULL::float4[], NULL::text, NULL::float4,
        NULL::text
      FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid
        JOIN pg_attribute a
          ON a.attrelid = c.oid AND a.attnum = s.staattnum
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT a.attisdropped`,
  },
  pg_stats_ext: {
    columns: `schemaname name, tablename name, statistics_schemaname name,
      statistics_name name, statistics_owner name, attnames _name,
      exprs _text, kinds _char, inherited bool, n_distinct text,
      dependencies text, most_common_vals _text, most_common_val_nulls _bool,
      most_common_freqs _float8, most_common_base_freqs _float8`,
    sql: `SELECT * FROM lsm_extended_statistics`,
  },
  ...ACTIVITY_VIEWS,
  ...ABSENT_VIEWS,
  pg_prepared_statements: {
    columns: `name text, statement text, prepare_time timestamptz,
      parameter_types _regtype, result_types _regtype, from_sql bool,
      generic_plans int8, custom_plans int8`,
    sql: `SELECT * FROM pg_prepared_statement()`,
  },
  pg_timezone_names: {
    columns: `name text, abbrev text, utc_offset interval, is_dst bool`,
    sql: `SELECT * FROM pg_timezone_names()`,
  },
  pg_timezone_abbrevs: {
    columns: `abbrev text, utc_offset interval, is_dst bool`,
    sql: `SELECT * FROM pg_timezone_abbrevs_abbrevs()`,
  },
  pg_cursors: {
    columns: `name text, statement text, is_holdable bool, is_binary bool,
      is_scrollable bool, creation_time timestamptz`,
    sql: `SELECT * FROM pg_cursor()`,
  },
  pg_locks: {
    columns: `locktype text, database oid, relation oid, page int4,
      tuple int2, virtualxid text, transactionid xid, classid oid, objid oid,
      objsubid int2, virtualtransaction text, pid int4, mode text,
      granted bool, fastpath bool, waitstart timestamptz`,
    sql: `SELECT * FROM pg_lock_status()`,
  },
  pg_settings: {
    columns: `name text, setting text, unit text, category text,
      short_desc text, extra_desc text, context text, vartype text,
      source text, min_val text, max_val text, enumvals _text,
      boot_val text, reset_val text, sourcefile text, sourceline int4,
      pending_restart bool`,
    sql: `SELECT name, setting, unit, category, short_desc, extra_desc,
        context, vartype, source, min_val, max_val, enumvals::text[],
        boot_val, reset_val, sourcefile, sourceline, pending_restart
      FROM pg_show_all_settings()`,
  },
};
