// deno-lint-ignore-file camelcase -- these are the names of views
/**
 * The views of `pg_catalog` about what is done to tables: `pg_stat_all_tables`
 * and its parts. Rows are counted since the database was opened; scans and
 * vacuuming, of which there is none, are not: NULL, so that no index seems
 * unused.
 *
 * @module
 */
import type { SystemView } from "./system_view.ts";

const IS_USER =
  "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'";

/** What nodes of plans were expected to give, and what they gave. */
const PLAN_QUALITY: SystemView = {
  columns: `query text, node text, schemaname name, relname name,
    condition text, estimated_rows float8, actual_rows float8,
    q_error float8, max_q_error float8, calls int8, last_seen timestamptz`,
  sql: `SELECT query, node, schema_name, table_name, condition,
      estimated_rows, actual_rows, q_error, max_q_error, calls::int8,
      last_seen
    FROM lsm_plan_quality()`,
};

/** The views, by name. */
export const ACTIVITY_VIEWS: Readonly<Record<string, SystemView>> = {
  pg_stat_all_tables: tableActivity("true"),
  pg_stat_sys_tables: tableActivity(`NOT (${IS_USER})`),
  pg_stat_user_tables: tableActivity(IS_USER),
  pg_stat_all_indexes: indexActivity("true"),
  pg_stat_sys_indexes: indexActivity(`NOT (${IS_USER})`),
  pg_stat_user_indexes: indexActivity(IS_USER),
  lsm_plan_quality: PLAN_QUALITY,
};

/** Indexes of the tables of which `condition` is true. */
function indexActivity(condition: string): SystemView {
  return {
    columns: `relid oid, indexrelid oid, schemaname name, relname name,
      indexrelname name, idx_scan int8, last_idx_scan timestamptz,
      idx_tup_read int8, idx_tup_fetch int8`,
    sql: `SELECT c.oid, i.oid, n.nspname, c.relname, i.relname, NULL::int8,
        NULL::timestamptz, NULL::int8, NULL::int8
      FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid
        JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 't', 'm') AND ${condition}`,
  };
}

/** What is done to the tables of which `condition` is true. */
function tableActivity(condition: string): SystemView {
  return {
    columns: `relid oid, schemaname name, relname name, seq_scan int8,
      last_seq_scan timestamptz, seq_tup_read int8, idx_scan int8,
      last_idx_scan timestamptz, idx_tup_fetch int8, n_tup_ins int8,
      n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8,
      n_tup_newpage_upd int8, n_live_tup int8, n_dead_tup int8,
      n_mod_since_analyze int8, n_ins_since_vacuum int8,
      last_vacuum timestamptz, last_autovacuum timestamptz,
      last_analyze timestamptz, last_autoanalyze timestamptz,
      vacuum_count int8, autovacuum_count int8, analyze_count int8,
      autoanalyze_count int8, total_vacuum_time float8,
      total_autovacuum_time float8, total_analyze_time float8,
      total_autoanalyze_time float8`,
    sql: `SELECT c.oid, n.nspname, c.relname, NULL::int8, NULL::timestamptz,
        NULL::int8, NULL::int8, NULL::timestamptz, NULL::int8,
        coalesce(s.inserted, '0')::int8, coalesce(s.updated, '0')::int8,
        coalesce(s.deleted, '0')::int8, 0::int8, 0::int8,
        coalesce(s.live, '0')::int8, 0::int8,
        coalesce(s.changed, '0')::int8, coalesce(s.inserted, '0')::int8,
        NULL::timestamptz, NULL::timestamptz, t.analyzed_at,
        t.auto_analyzed_at, 0::int8, 0::int8,
        coalesce(s.analyze_count, '0')::int8,
        coalesce(s.autoanalyze_count, '0')::int8, 0::float8, 0::float8,
        0::float8, 0::float8
      FROM pg_class c
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN lsm_table_activity() s ON s.relid = c.oid
        LEFT JOIN lsm_table_statistics t ON t.relid = c.oid
      WHERE c.relkind IN ('r', 't', 'm', 'p') AND ${condition}`,
  };
}
