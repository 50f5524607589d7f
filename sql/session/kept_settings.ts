/**
 * PostgreSQL's settings that are kept and shown, and change nothing here (but
 * `temp_file_limit`, see `session_spills.ts`, and `autovacuum`, see
 * `auto_analyze/`): a client that sets them finds them
 * set. Those that no session can set there
 * cannot be set here.
 *
 * One a line, under its category: `name; context; type; default; what it is`.
 *
 * @module
 */
import type {
  IntegerUnit,
  SettingDefinition,
  SettingType,
} from "./setting_definitions.ts";

const TABLE = `
# Client Connection Defaults / Locale and Formatting
default_text_search_config; user; text_search; pg_catalog.english; Sets default text search configuration.
icu_validation_level; user; enum disabled|debug5|debug4|debug3|debug2|debug1|log|notice|warning|error; warning; Log level for reporting invalid ICU locale strings.
lc_messages; superuser; string; C.UTF-8; Sets the language in which messages are displayed.
lc_monetary; user; string; C.UTF-8; Sets the locale for formatting monetary amounts.
lc_numeric; user; string; C.UTF-8; Sets the locale for formatting numbers.
lc_time; user; string; C.UTF-8; Sets the locale for formatting date and time values.
timezone_abbreviations; user; string; ; Selects a file of time zone abbreviations.
# Client Connection Defaults / Other Defaults
dynamic_library_path; superuser; string; \$libdir; Sets the path for dynamically loadable modules.
extension_control_path; superuser; string; \$system; Sets the path for extension control files.
gin_fuzzy_search_limit; user; integer 0..2147483647; 0; Sets the maximum allowed result for exact search by GIN.
# Client Connection Defaults / Shared Library Preloading
local_preload_libraries; user; string; ; Lists unprivileged shared libraries to preload into each backend.
session_preload_libraries; superuser; string; ; Lists shared libraries to preload into each backend.
shared_preload_libraries; postmaster; string; ; Lists shared libraries to preload into server.
# Client Connection Defaults / Statement Behavior
createrole_self_grant; user; string; ; Sets whether a CREATEROLE user automatically grants the role to themselves, and with which options.
default_tablespace; user; string; ; Sets the default tablespace to create tables and indexes in.
default_toast_compression; user; enum pglz; pglz; Sets the default compression method for compressible values.
default_transaction_deferrable; user; bool; off; Sets the default deferrable status of new transactions.
event_triggers; superuser; bool; on; Enables event triggers.
gin_pending_list_limit; user; integer 64..2097151 kB; 4096; Sets the maximum size of the pending list for GIN index.
idle_in_transaction_session_timeout; user; integer 0..2147483647 ms; 0; Sets the maximum allowed idle time between queries, when in a transaction.
idle_session_timeout; user; integer 0..2147483647 ms; 0; Sets the maximum allowed idle time between queries, when not in a transaction.
restrict_nonsystem_relation_kind; user; string; ; Prohibits access to non-system relations of specified kinds.
row_security; user; bool; on; Enables row security.
session_replication_role; superuser; enum origin|replica|local; origin; Sets the session's behavior for triggers and rewrite rules.
temp_tablespaces; user; string; ; Sets the tablespace(s) to use for temporary tables and sort files.
transaction_deferrable; user; bool; off; Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.
transaction_timeout; user; integer 0..2147483647 ms; 0; Sets the maximum allowed duration of any transaction within a session (not a prepared transaction).
xmlbinary; user; enum base64|hex; base64; Sets how binary values are to be encoded in XML.
xmloption; user; enum content|document; content; Sets whether XML data in implicit parsing and serialization operations is to be considered as documents or content fragments.
# Connections and Authentication / Authentication
password_encryption; user; enum md5|scram-sha-256; scram-sha-256; Chooses the algorithm for encrypting passwords.
scram_iterations; user; integer 1..2147483647; 4096; Sets the iteration count for SCRAM secret generation.
# Connections and Authentication / Connection Settings
listen_addresses; postmaster; string; localhost; Sets the host name or IP address(es) to listen to.
max_connections; postmaster; integer 1..262143; 100; Sets the maximum number of concurrent connections.
port; postmaster; integer 1..65535; 5432; Sets the TCP port the server listens on.
superuser_reserved_connections; postmaster; integer 0..262143; 3; Sets the number of connection slots reserved for superusers.
# Connections and Authentication / SSL
ssl; sighup; bool; off; Enables SSL connections.
# Connections and Authentication / TCP Settings
client_connection_check_interval; user; integer 0..2147483647 ms; 0; Sets the time interval between checks for disconnection while running queries.
tcp_keepalives_count; user; integer 0..2147483647; 0; Maximum number of TCP keepalive retransmits.
tcp_keepalives_idle; user; integer 0..2147483647 s; 0; Time between issuing TCP keepalives.
tcp_keepalives_interval; user; integer 0..2147483647 s; 0; Time between TCP keepalive retransmits.
tcp_user_timeout; user; integer 0..2147483647 ms; 0; TCP user timeout.
# Customized Options
hnsw.ef_search; user; integer 1..1000; 40; Sets the size of the dynamic candidate list for search
hnsw.iterative_scan; user; enum off|relaxed_order|strict_order; off; Sets the mode for iterative scans
hnsw.max_scan_tuples; user; integer 1..2147483647; 20000; Sets the max number of tuples to visit for iterative scans
hnsw.scan_mem_multiplier; user; real 1..1000; 1; Sets the multiple of work_mem to use for iterative scans
ivfflat.iterative_scan; user; enum off|relaxed_order; off; Sets the mode for iterative scans
ivfflat.max_probes; user; integer 1..32768; 32768; Sets the max number of probes for iterative scans
ivfflat.probes; user; integer 1..32768; 1; Sets the number of probes
# Developer Options
allow_in_place_tablespaces; superuser; bool; off; Allows tablespaces directly inside pg_tblspc, for testing.
allow_system_table_mods; superuser; bool; off; Allows modifications of the structure of system tables.
backtrace_functions; superuser; string; ; Log backtrace for errors in these functions.
debug_discard_caches; superuser; integer 0..0; 0; Aggressively flush system caches for debugging purposes.
debug_logical_replication_streaming; user; enum buffered|immediate; buffered; Forces immediate streaming or serialization of changes in large transactions.
debug_parallel_query; user; enum off|on|regress; off; Forces the planner's use parallel query nodes.
ignore_checksum_failure; superuser; bool; off; Continues processing after a checksum failure.
jit_dump_bitcode; superuser; bool; off; Write out LLVM bitcode to facilitate JIT debugging.
jit_expressions; user; bool; on; Allow JIT compilation of expressions.
jit_tuple_deforming; user; bool; on; Allow JIT compilation of tuple deforming.
wal_consistency_checking; superuser; string; ; Sets the WAL resource managers for which WAL consistency checks are done.
zero_damaged_pages; superuser; bool; off; Continues processing past damaged page headers.
# Error Handling
exit_on_error; user; bool; off; Terminate session on any error.
# Lock Management
deadlock_timeout; superuser; integer 1..2147483647 ms; 1000; Sets the time to wait on a lock before checking for deadlock.
max_locks_per_transaction; postmaster; integer 10..2147483647; 64; Sets the maximum number of locks per transaction.
# Preset Options
block_size; internal; integer 8192..8192; 8192; Shows the size of a disk block.
data_checksums; internal; bool; on; Shows whether data checksums are turned on for this cluster.
debug_assertions; internal; bool; off; Shows whether the running server has assertion checks enabled.
in_hot_standby; internal; bool; off; Shows whether hot standby is currently active.
max_function_args; internal; integer 100..100; 100; Shows the maximum number of function arguments.
max_identifier_length; internal; integer 63..63; 63; Shows the maximum identifier length.
max_index_keys; internal; integer 32..32; 32; Shows the maximum number of index keys.
segment_size; internal; integer 131072..131072 8kB; 131072; Shows the number of pages per disk file.
wal_block_size; internal; integer 8192..8192; 8192; Shows the block size in the write ahead log.
wal_segment_size; internal; integer 1048576..1073741824 B; 16777216; Shows the size of write ahead log segments.
# Query Tuning / Genetic Query Optimizer
geqo; user; bool; on; Enables genetic query optimization.
geqo_effort; user; integer 1..10; 5; GEQO: effort is used to set the default for other GEQO parameters.
geqo_generations; user; integer 0..2147483647; 0; GEQO: number of iterations of the algorithm.
geqo_pool_size; user; integer 0..2147483647; 0; GEQO: number of individuals in the population.
geqo_seed; user; real 0..1; 0; GEQO: seed for random path selection.
geqo_selection_bias; user; real 1.5..2; 2; GEQO: selective pressure within the population.
geqo_threshold; user; integer 2..2147483647; 12; Sets the threshold of FROM items beyond which GEQO is used.
# Query Tuning / Other Planner Options
constraint_exclusion; user; enum partition|on|off; partition; Enables the planner to use constraints to optimize queries.
cursor_tuple_fraction; user; real 0..1; 0.1; Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved.
default_statistics_target; user; integer 1..10000; 100; Sets the default statistics target.
from_collapse_limit; user; integer 1..2147483647; 8; Sets the FROM-list size beyond which subqueries are not collapsed.
jit; user; bool; on; Allow JIT compilation.
join_collapse_limit; user; integer 1..2147483647; 8; Sets the FROM-list size beyond which JOIN constructs are not flattened.
plan_cache_mode; user; enum auto|force_generic_plan|force_custom_plan; auto; Controls the planner's selection of custom or generic plan.
recursive_worktable_factor; user; real 0.001..1e+06; 10; Sets the planner's estimate of the average size of a recursive query's working table.
# Query Tuning / Planner Cost Constants
cpu_index_tuple_cost; user; real 0..1.79769e+308; 0.005; Sets the planner's estimate of the cost of processing each index entry during an index scan.
cpu_operator_cost; user; real 0..1.79769e+308; 0.0025; Sets the planner's estimate of the cost of processing each operator or function call.
cpu_tuple_cost; user; real 0..1.79769e+308; 0.01; Sets the planner's estimate of the cost of processing each tuple (row).
effective_cache_size; user; integer 1..2147483647 8kB; 524288; Sets the planner's assumption about the total size of the data caches.
jit_above_cost; user; real -1..1.79769e+308; 100000; Perform JIT compilation if query is more expensive.
jit_inline_above_cost; user; real -1..1.79769e+308; 500000; Perform JIT inlining if query is more expensive.
jit_optimize_above_cost; user; real -1..1.79769e+308; 500000; Optimize JIT-compiled functions if query is more expensive.
min_parallel_index_scan_size; user; integer 0..715827882 8kB; 64; Sets the minimum amount of index data for a parallel scan.
min_parallel_table_scan_size; user; integer 0..715827882 8kB; 1024; Sets the minimum amount of table data for a parallel scan.
parallel_setup_cost; user; real 0..1.79769e+308; 1000; Sets the planner's estimate of the cost of starting up worker processes for parallel query.
parallel_tuple_cost; user; real 0..1.79769e+308; 0.1; Sets the planner's estimate of the cost of passing each tuple (row) from worker to leader backend.
random_page_cost; user; real 0..1.79769e+308; 4; Sets the planner's estimate of the cost of a nonsequentially fetched disk page.
seq_page_cost; user; real 0..1.79769e+308; 1; Sets the planner's estimate of the cost of a sequentially fetched disk page.
# Query Tuning / Planner Method Configuration
enable_async_append; user; bool; on; Enables the planner's use of async append plans.
enable_distinct_reordering; user; bool; on; Enables reordering of DISTINCT keys.
enable_gathermerge; user; bool; on; Enables the planner's use of gather merge plans.
enable_group_by_reordering; user; bool; on; Enables reordering of GROUP BY keys.
enable_hashagg; user; bool; on; Enables the planner's use of hashed aggregation plans.
enable_incremental_sort; user; bool; on; Enables the planner's use of incremental sort steps.
enable_indexonlyscan; user; bool; on; Enables the planner's use of index-only-scan plans.
enable_material; user; bool; on; Enables the planner's use of materialization.
enable_memoize; user; bool; on; Enables the planner's use of memoization.
enable_parallel_append; user; bool; on; Enables the planner's use of parallel append plans.
enable_parallel_hash; user; bool; on; Enables the planner's use of parallel hash plans.
enable_partitionwise_aggregate; user; bool; off; Enables partitionwise aggregation and grouping.
enable_partitionwise_join; user; bool; off; Enables partitionwise join.
enable_presorted_aggregate; user; bool; on; Enables the planner's ability to produce plans that provide presorted input for ORDER BY / DISTINCT aggregate functions.
enable_self_join_elimination; user; bool; on; Enables removal of unique self-joins.
enable_sort; user; bool; on; Enables the planner's use of explicit sort steps.
enable_tidscan; user; bool; on; Enables the planner's use of TID scan plans.
# Replication / Sending Servers
max_replication_slots; postmaster; integer 0..262143; 10; Sets the maximum number of simultaneously defined replication slots.
max_wal_senders; postmaster; integer 0..262143; 10; Sets the maximum number of simultaneously running WAL sender processes.
track_commit_timestamp; postmaster; bool; off; Collects transaction commit time.
wal_sender_timeout; user; integer 0..2147483647 ms; 60000; Sets the maximum time to wait for WAL replication.
# Replication / Standby Servers
hot_standby; postmaster; bool; on; Allows connections and queries during recovery.
# Reporting and Logging / Process Title
cluster_name; postmaster; string; ; Sets the name of the cluster, which is included in the process title.
update_process_title; superuser; bool; on; Updates the process title to show the active SQL command.
# Reporting and Logging / What to Log
debug_pretty_print; user; bool; on; Indents parse and plan tree displays.
debug_print_parse; user; bool; off; Logs each query's parse tree.
debug_print_plan; user; bool; off; Logs each query's execution plan.
debug_print_rewritten; user; bool; off; Logs each query's rewritten parse tree.
log_duration; superuser; bool; off; Logs the duration of each completed SQL statement.
log_error_verbosity; superuser; enum terse|default|verbose; default; Sets the verbosity of logged messages.
log_lock_failures; superuser; bool; off; Logs lock failures.
log_lock_waits; superuser; bool; off; Logs long lock waits.
log_parameter_max_length; superuser; integer -1..1073741823 B; -1; Sets the maximum length in bytes of data logged for bind parameter values when logging statements.
log_parameter_max_length_on_error; user; integer -1..1073741823 B; 0; Sets the maximum length in bytes of data logged for bind parameter values when logging statements, on error.
log_replication_commands; superuser; bool; off; Logs each replication command.
log_statement; superuser; enum none|ddl|mod|all; none; Sets the type of statements logged.
log_temp_files; superuser; integer -1..2147483647 kB; -1; Log the use of temporary files larger than this number of kilobytes.
log_timezone; sighup; string; GMT; Sets the time zone to use in log messages.
# Reporting and Logging / When to Log
log_min_duration_sample; superuser; integer -1..2147483647 ms; -1; Sets the minimum execution time above which a sample of statements will be logged. Sampling is determined by "log_statement_sample_rate".
log_min_duration_statement; superuser; integer -1..2147483647 ms; -1; Sets the minimum execution time above which all statements will be logged.
log_min_error_statement; superuser; enum debug5|debug4|debug3|debug2|debug1|info|notice|warning|error|log|fatal|panic; error; Causes all statements generating error at or above this level to be logged.
log_min_messages; superuser; enum debug5|debug4|debug3|debug2|debug1|info|notice|warning|error|log|fatal|panic; warning; Sets the message levels that are logged.
log_statement_sample_rate; superuser; real 0..1; 1; Fraction of statements exceeding "log_min_duration_sample" to be logged.
log_transaction_sample_rate; superuser; real 0..1; 0; Sets the fraction of transactions from which to log all statements.
# Resource Usage / Disk
file_copy_method; user; enum copy; copy; Selects the file copy method.
temp_file_limit; superuser; integer -1..2147483647 kB; -1; Limits the total size of all temporary files used by each process.
# Resource Usage / I/O
backend_flush_after; user; integer 0..256 8kB; 0; Number of pages after which previously performed writes are flushed to disk.
effective_io_concurrency; user; integer 0..1000; 16; Number of simultaneous requests that can be handled efficiently by the disk subsystem.
io_combine_limit; user; integer 1..128 8kB; 16; Limit on the size of data reads and writes.
maintenance_io_concurrency; user; integer 0..1000; 16; A variant of "effective_io_concurrency" that is used for maintenance work.
# Resource Usage / Memory
hash_mem_multiplier; user; real 1..1000; 2; Multiple of "work_mem" to use for hash tables.
logical_decoding_work_mem; user; integer 64..2097151 kB; 65536; Sets the maximum memory to be used for logical decoding.
maintenance_work_mem; user; integer 64..2097151 kB; 65536; Sets the maximum memory to be used for maintenance operations.
max_prepared_transactions; postmaster; integer 0..262143; 0; Sets the maximum number of simultaneously prepared transactions.
max_stack_depth; superuser; integer 100..2097151 kB; 100; Sets the maximum stack depth, in kilobytes.
shared_buffers; postmaster; integer 16..1073741823 8kB; 16384; Sets the number of shared memory buffers used by the server.
temp_buffers; user; integer 100..1073741823 8kB; 1024; Sets the maximum number of temporary buffers used by each session.
vacuum_buffer_usage_limit; user; integer 0..16777216 kB; 2048; Sets the buffer pool size for VACUUM, ANALYZE, and autovacuum.
# Resource Usage / Worker Processes
max_parallel_workers; user; integer 0..1024; 8; Sets the maximum number of parallel workers that can be active at one time.
max_parallel_workers_per_gather; user; integer 0..1024; 2; Sets the maximum number of parallel processes per executor node.
max_worker_processes; postmaster; integer 0..262143; 8; Maximum number of concurrent worker processes.
parallel_leader_participation; user; bool; on; Controls whether Gather and Gather Merge also run subplans.
# Statistics / Cumulative Query and Index Statistics
stats_fetch_consistency; user; enum none|cache|snapshot; cache; Sets the consistency of accesses to statistics data.
track_activities; superuser; bool; on; Collects information about executing commands.
track_cost_delay_timing; superuser; bool; off; Collects timing statistics for cost-based vacuum delay.
track_counts; superuser; bool; on; Collects statistics on database activity.
track_functions; superuser; enum none|pl|all; none; Collects function-level statistics on database activity.
track_io_timing; superuser; bool; off; Collects timing statistics for database I/O activity.
track_wal_io_timing; superuser; bool; off; Collects timing statistics for WAL I/O activity.
# Statistics / Monitoring
compute_query_id; superuser; enum auto|regress|on|off; auto; Enables in-core computation of query identifiers.
log_executor_stats; superuser; bool; off; Writes executor performance statistics to the server log.
log_parser_stats; superuser; bool; off; Writes parser performance statistics to the server log.
log_planner_stats; superuser; bool; off; Writes planner performance statistics to the server log.
log_statement_stats; superuser; bool; off; Writes cumulative performance statistics to the server log.
# Vacuuming / Automatic Vacuuming
autovacuum; sighup; bool; on; Starts the autovacuum subprocess.
autovacuum_analyze_scale_factor; sighup; real 0..100; 0.1; Number of tuple inserts, updates, or deletes prior to analyze as a fraction of reltuples.
autovacuum_analyze_threshold; sighup; integer 0..2147483647; 50; Minimum number of tuple inserts, updates, or deletes prior to analyze.
autovacuum_naptime; sighup; integer 1..2147483 s; 60; Time to sleep between autovacuum runs.
# Vacuuming / Cost-Based Vacuum Delay
vacuum_cost_delay; user; real 0..100 ms; 0; Vacuum cost delay in milliseconds.
vacuum_cost_limit; user; integer 1..10000; 200; Vacuum cost amount available before napping.
vacuum_cost_page_dirty; user; integer 0..10000; 20; Vacuum cost for a page dirtied by vacuum.
vacuum_cost_page_hit; user; integer 0..10000; 1; Vacuum cost for a page found in the buffer cache.
vacuum_cost_page_miss; user; integer 0..10000; 2; Vacuum cost for a page not found in the buffer cache.
# Vacuuming / Default Behavior
vacuum_truncate; user; bool; on; Enables vacuum to truncate empty pages at the end of the table.
# Vacuuming / Freezing
vacuum_failsafe_age; user; integer 0..2100000000; 1600000000; Age at which VACUUM should trigger failsafe to avoid a wraparound outage.
vacuum_freeze_min_age; user; integer 0..1000000000; 50000000; Minimum age at which VACUUM should freeze a table row.
vacuum_freeze_table_age; user; integer 0..2000000000; 150000000; Age at which VACUUM should scan whole table to freeze tuples.
vacuum_max_eager_freeze_failure_rate; user; real 0..1; 0.03; Fraction of pages in a relation vacuum can scan and fail to freeze before disabling eager scanning.
vacuum_multixact_failsafe_age; user; integer 0..2100000000; 1600000000; Multixact age at which VACUUM should trigger failsafe to avoid a wraparound outage.
vacuum_multixact_freeze_min_age; user; integer 0..1000000000; 5000000; Minimum age at which VACUUM should freeze a MultiXactId in a table row.
vacuum_multixact_freeze_table_age; user; integer 0..2000000000; 150000000; Multixact age at which VACUUM should scan whole table to freeze tuples.
# Version and Platform Compatibility / Other Platforms and Clients
transform_null_equals; user; bool; off; Treats "expr=NULL" as "expr IS NULL".
# Version and Platform Compatibility / Previous PostgreSQL Versions
array_nulls; user; bool; on; Enables input of NULL elements in arrays.
backslash_quote; user; enum safe_encoding|on|off; safe_encoding; Sets whether "\\'" is allowed in string literals.
escape_string_warning; user; bool; on; Warn about backslash escapes in ordinary string literals.
lo_compat_privileges; superuser; bool; off; Enables backward compatibility mode for privilege checks on large objects.
quote_all_identifiers; user; bool; off; When generating SQL fragments, quote all identifiers.
synchronize_seqscans; user; bool; on; Enables synchronized sequential scans.
# Write-Ahead Log / Archiving
archive_mode; postmaster; enum always|on|off; off; Allows archiving of WAL files using "archive_command".
# Write-Ahead Log / Checkpoints
checkpoint_timeout; sighup; integer 30..86400 s; 300; Sets the maximum time between automatic WAL checkpoints.
max_wal_size; sighup; integer 2..2097151 MB; 1024; Sets the WAL size that triggers a checkpoint.
# Write-Ahead Log / Settings
commit_delay; superuser; integer 0..100000; 0; Sets the delay in microseconds between transaction commit and flushing WAL to disk.
commit_siblings; user; integer 0..1000; 5; Sets the minimum number of concurrent open transactions required before performing "commit_delay".
fsync; sighup; bool; on; Forces synchronization of updates to disk.
full_page_writes; sighup; bool; on; Writes full pages to WAL when first modified after a checkpoint.
wal_compression; superuser; enum pglz|on|off; off; Compresses full-page writes written in WAL file with specified method.
wal_init_zero; superuser; bool; on; Writes zeroes to new WAL files before first use.
wal_level; postmaster; enum minimal|replica|logical; replica; Sets the level of information written to the WAL.
wal_recycle; superuser; bool; on; Recycles WAL files by renaming them.
wal_skip_threshold; user; integer 0..2097151 kB; 2048; Minimum size of new file to fsync instead of writing WAL.
wal_sync_method; sighup; enum fsync|fdatasync|open_sync|open_datasync; fdatasync; Selects the method used for forcing WAL updates to disk.
`;

/** The settings of {@linkcode TABLE}. */
export const KEPT_SETTINGS: readonly SettingDefinition[] = parseTable();

function parseTable(): SettingDefinition[] {
  const settings: SettingDefinition[] = [];
  let category = "";
  for (const line of TABLE.trim().split("\n")) {
    if (line.startsWith("# ")) {
      category = line.slice(2);
      continue;
    }
    const [name, context, type, initial, ...description] = line.split("; ");
    const isSet = context === "user" || context === "superuser";
    settings.push({
      name: name!,
      type: typeOf(type!),
      initial: initial!,
      effect: isSet
        ? "kept"
        : name!.startsWith("autovacuum")
        ? "opening"
        : "fixed",
      description: description.join("; "),
      category,
      context: context!,
    });
  }
  return settings;
}

/** `bool`, `string`, `enum a|b`, `integer 0..9 ms`, `real 0..1`. */
function typeOf(text: string): SettingType {
  const [kind, range = "", unit] = text.split(" ");
  const [min, max] = range.split("..").map(Number);
  switch (kind) {
    case "bool":
      return { kind: "boolean" };
    case "text_search":
      return { kind };
    case "enum":
      return { kind: "enum", values: range.split("|") };
    case "integer":
      return {
        kind,
        min: min!,
        max: max!,
        ...unit !== undefined && { unit: unit as IntegerUnit },
      };
    case "real":
      return { kind, min: min!, max: max!, ...unit !== undefined && { unit } };
    default:
      return { kind: "string" };
  }
}
