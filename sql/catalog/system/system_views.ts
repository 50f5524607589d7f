// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The views of `pg_catalog`: their columns and their queries.
 *
 * @module
 */

/** A view of the system. */
export interface SystemView {
  /** `name type`, one after the other, with commas. */
  readonly columns: string;
  readonly sql: string;
}

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
  pg_prepared_statements: {
    columns: `name text, statement text, prepare_time timestamptz,
      parameter_types _regtype, result_types _regtype, from_sql bool,
      generic_plans int8, custom_plans int8`,
    sql: `SELECT * FROM pg_prepared_statement()`,
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
