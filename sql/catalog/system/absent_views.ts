// deno-lint-ignore-file camelcase -- these are the names of views
/**
 * The views of what there is none of here: replication, subscriptions, foreign
 * data, security labels. Clients that look for some find that there is none.
 *
 * @module
 */
import type { SystemView } from "./system_view.ts";

/** Those of `pg_catalog`, by name. */
export const ABSENT_VIEWS: Readonly<Record<string, SystemView>> = {
  pg_replication_slots: empty(`slot_name name, plugin name, slot_type text,
    datoid oid, database name, temporary bool, active bool, active_pid int4,
    xmin xid, catalog_xmin xid, restart_lsn pg_lsn, confirmed_flush_lsn pg_lsn,
    wal_status text, safe_wal_size int8, two_phase bool, two_phase_at pg_lsn,
    inactive_since timestamptz, conflicting bool, invalidation_reason text,
    failover bool, synced bool`),
  pg_stat_replication: empty(`pid int4, usesysid oid, usename name,
    application_name text, client_addr inet, client_hostname text,
    client_port int4, backend_start timestamptz, backend_xmin xid, state text,
    sent_lsn pg_lsn, write_lsn pg_lsn, flush_lsn pg_lsn, replay_lsn pg_lsn,
    write_lag interval, flush_lag interval, replay_lag interval,
    sync_priority int4, sync_state text, reply_time timestamptz`),
  pg_stat_subscription: empty(`subid oid, subname name, worker_type text,
    pid int4, leader_pid int4, relid oid, received_lsn pg_lsn,
    last_msg_send_time timestamptz, last_msg_receipt_time timestamptz,
    latest_end_lsn pg_lsn, latest_end_time timestamptz`),
  pg_seclabels: empty(`objoid oid, classoid oid, objsubid int4, objtype text,
    objnamespace oid, objname text, provider text, label text`),
  pg_user_mappings: empty(`umid oid, srvid oid, srvname name, umuser oid,
    usename name, umoptions _text`),
};

/** Those of `information_schema`, by name. */
export const ABSENT_INFORMATION: Readonly<Record<string, SystemView>> = {
  column_options: empty(`table_catalog name, table_schema name,
    table_name name, column_name name, option_name name,
    option_value varchar`),
  foreign_data_wrapper_options: empty(`foreign_data_wrapper_catalog name,
    foreign_data_wrapper_name name, option_name name, option_value varchar`),
  foreign_data_wrappers: empty(`foreign_data_wrapper_catalog name,
    foreign_data_wrapper_name name, authorization_identifier name,
    library_name varchar, foreign_data_wrapper_language varchar`),
  foreign_server_options: empty(`foreign_server_catalog name,
    foreign_server_name name, option_name name, option_value varchar`),
  foreign_servers: empty(`foreign_server_catalog name,
    foreign_server_name name, foreign_data_wrapper_catalog name,
    foreign_data_wrapper_name name, foreign_server_type varchar,
    foreign_server_version varchar, authorization_identifier name`),
  foreign_table_options: empty(`foreign_table_catalog name,
    foreign_table_schema name, foreign_table_name name, option_name name,
    option_value varchar`),
  foreign_tables: empty(`foreign_table_catalog name,
    foreign_table_schema name, foreign_table_name name,
    foreign_server_catalog name, foreign_server_name name`),
  transforms: empty(`udt_catalog name, udt_schema name, udt_name name,
    specific_catalog name, specific_schema name, specific_name name,
    group_name name, transform_type varchar`),
  user_mapping_options: empty(`authorization_identifier name,
    foreign_server_catalog name, foreign_server_name name, option_name name,
    option_value varchar`),
  user_mappings: empty(`authorization_identifier name,
    foreign_server_catalog name, foreign_server_name name`),
};

/** A view with these columns, and no rows. */
function empty(columns: string): SystemView {
  const values = columns.split(",").map((column) =>
    `NULL::${column.trim().split(/\s+/)[1]}`
  );
  return { columns, sql: `SELECT ${values.join(", ")} WHERE false` };
}
