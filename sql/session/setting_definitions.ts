// deno-lint-ignore-file camelcase -- these are the names of settings
/**
 * The settings that SET and SHOW know (PostgreSQL, chapter 20), with their
 * defaults and what they take.
 *
 * @module
 */
import { INTERVAL_STYLES } from "../types/datetime_settings.ts";
import type {
  IntegerUnit,
  SettingDefinition,
  SettingEffect,
  SettingType,
} from "./setting_definition.ts";
import { STORE_SETTINGS } from "./store_settings.ts";

export type * from "./setting_definition.ts";

/** Names that are shown in another case than they are kept. */
const SPELLINGS: Readonly<Record<string, string>> = {
  datestyle: "DateStyle",
  intervalstyle: "IntervalStyle",
  timezone: "TimeZone",
};

/** A setting's name as people read it: `TimeZone`. */
export function spelledName(name: string): string {
  return SPELLINGS[name] ?? name;
}

const BOOLEAN: SettingType = { kind: "boolean" };
const STRING: SettingType = { kind: "string" };

function define(
  name: string,
  type: SettingType,
  initial: string,
  effect: SettingEffect,
  description: string,
): SettingDefinition {
  const category = categoryOf(name);
  return { name, type, initial, effect, description, category };
}

function integer(
  min: number,
  max: number,
  unit?: IntegerUnit,
): SettingType {
  return { kind: "integer", min, max, ...(unit === undefined ? {} : { unit }) };
}

function oneOf(...values: string[]): SettingType {
  return { kind: "enum", values };
}

const LOCALE = "Client Connection Defaults / Locale and Formatting";
const BEHAVIOR = "Client Connection Defaults / Statement Behavior";
const PRESET = "Preset Options";

/** The categories of settings that have an effect. */
const CATEGORIES: Readonly<Record<string, string>> = {
  application_name: "Reporting and Logging / What to Log",
  bytea_output: BEHAVIOR,
  client_encoding: LOCALE,
  client_min_messages: BEHAVIOR,
  datestyle: LOCALE,
  default_table_access_method: BEHAVIOR,
  default_transaction_isolation: BEHAVIOR,
  default_transaction_read_only: BEHAVIOR,
  enable_hashjoin: "Query Tuning / Planner Method Configuration",
  enable_mergejoin: "Query Tuning / Planner Method Configuration",
  enable_nestloop: "Query Tuning / Planner Method Configuration",
  enable_seqscan: "Query Tuning / Planner Method Configuration",
  extra_float_digits: LOCALE,
  integer_datetimes: PRESET,
  intervalstyle: LOCALE,
  lock_timeout: BEHAVIOR,
  max_parallel_maintenance_workers: "Resource Usage / Worker Processes",
  search_path: BEHAVIOR,
  server_encoding: PRESET,
  server_version: PRESET,
  server_version_num: PRESET,
  standard_conforming_strings:
    "Version and Platform Compatibility / Previous PostgreSQL Versions",
  statement_timeout: BEHAVIOR,
  synchronous_commit: "Write-Ahead Log / Settings",
  timezone: LOCALE,
  transaction_isolation: BEHAVIOR,
  transaction_read_only: BEHAVIOR,
  work_mem: "Resource Usage / Memory",
};

function categoryOf(name: string): string {
  return CATEGORIES[name] ?? "Customized Options";
}

const ISOLATION: SettingType = oneOf(
  "serializable",
  "repeatable read",
  "read committed",
  "read uncommitted",
);

/** PostgreSQL's version whose grammar and behaviour we follow. */
export const SERVER_VERSION = "18.0";

/** Every setting. */
export const SETTING_DEFINITIONS: readonly SettingDefinition[] = [
  define(
    "application_name",
    STRING,
    "",
    "session",
    "The name of the application, for others to see.",
  ),
  define(
    "bytea_output",
    oneOf("hex"),
    "hex",
    "session",
    "The text form of bytea.",
  ),
  define(
    "check_function_bodies",
    BOOLEAN,
    "on",
    "session",
    "Whether CREATE FUNCTION looks at the body.",
  ),
  define(
    "client_encoding",
    { kind: "encoding" },
    "UTF8",
    "session",
    "The encoding of text; always UTF-8.",
  ),
  define(
    "client_min_messages",
    oneOf(
      "debug5",
      "debug4",
      "debug3",
      "debug2",
      "debug1",
      "log",
      "notice",
      "warning",
      "error",
    ),
    "notice",
    "session",
    "The least severity of notices that are told.",
  ),
  define(
    "datestyle",
    { kind: "date_style" },
    "ISO, MDY",
    "session",
    "The text form of dates and times, and the order of their numbers.",
  ),
  define(
    "default_table_access_method",
    oneOf("lsm_s3"),
    "lsm_s3",
    "session",
    "The table access method of CREATE TABLE without USING.",
  ),
  define(
    "default_transaction_isolation",
    ISOLATION,
    "repeatable read",
    "session",
    "The isolation of new transactions.",
  ),
  define(
    "default_transaction_read_only",
    BOOLEAN,
    "off",
    "session",
    "Whether new transactions are read-only.",
  ),
  define(
    "enable_bitmapscan",
    BOOLEAN,
    "on",
    "session",
    "Whether rows may be found by several indexes together.",
  ),
  define(
    "enable_hashjoin",
    BOOLEAN,
    "on",
    "session",
    "Enables the planner's use of hash join plans.",
  ),
  define(
    "enable_indexscan",
    BOOLEAN,
    "on",
    "session",
    "Whether rows may be found by an index.",
  ),
  define(
    "enable_mergejoin",
    BOOLEAN,
    "on",
    "session",
    "Enables the planner's use of merge join plans.",
  ),
  define(
    "enable_nestloop",
    BOOLEAN,
    "on",
    "session",
    "Enables the planner's use of nested-loop join plans.",
  ),
  define(
    "enable_partition_pruning",
    BOOLEAN,
    "on",
    "session",
    "Enables plan-time and execution-time partition pruning.",
  ),
  define(
    "enable_seqscan",
    BOOLEAN,
    "on",
    "session",
    "Whether whole tables may be scanned where an index could be used.",
  ),
  define(
    "extra_float_digits",
    integer(-15, 3),
    "1",
    "session",
    "Digits of floating-point text; 1 and up is the shortest exact form.",
  ),
  define(
    "integer_datetimes",
    BOOLEAN,
    "on",
    "fixed",
    "Whether times are kept as integers.",
  ),
  define(
    "intervalstyle",
    oneOf(...INTERVAL_STYLES),
    "postgres",
    "session",
    "The text form of intervals.",
  ),
  define(
    "kriya.deadlock_prevention",
    oneOf("off", "wait_die"),
    "off",
    "session",
    "Whether a session that is younger than what is in its way gives up.",
  ),
  define(
    "kriya.write_set_mem",
    integer(64, 1_048_576, "kB"),
    "64MB",
    "session",
    "Memory that a transaction may hold of what it has written; the rest goes to temporary files.",
  ),
  define(
    "lock_timeout",
    integer(0, 2_147_483_647, "ms"),
    "0",
    "session",
    "How long a statement waits for a lock; 0: without limit.",
  ),
  ...STORE_SETTINGS,
  define(
    "max_parallel_maintenance_workers",
    integer(0, 1024),
    "2",
    "session",
    "Threads that build an index of vectors, at most; 0: the session's own.",
  ),
  {
    ...define(
      "role",
      { kind: "role" },
      "none",
      "session",
      "The role whose rights statements have.",
    ),
    hidden: true,
  },
  define(
    "search_path",
    { kind: "names" },
    '"$user", public',
    "session",
    "The schemas in which names without one are looked up.",
  ),
  define(
    "server_encoding",
    STRING,
    "UTF8",
    "fixed",
    "The encoding of stored text.",
  ),
  define(
    "server_version",
    STRING,
    SERVER_VERSION,
    "fixed",
    "The PostgreSQL version whose behaviour is followed.",
  ),
  define(
    "server_version_num",
    STRING,
    "180000",
    "fixed",
    "The same as a number.",
  ),
  {
    ...define(
      "session_authorization",
      { kind: "role" },
      "",
      "session",
      "The user of the session.",
    ),
    hidden: true,
  },
  define(
    "standard_conforming_strings",
    BOOLEAN,
    "on",
    "session",
    "Whether backslashes in '…' are ordinary characters.",
  ),
  define(
    "statement_timeout",
    integer(0, 2_147_483_647, "ms"),
    "0",
    "session",
    "How long a statement may run; 0: without limit.",
  ),
  define(
    "synchronous_commit",
    oneOf("on", "off", "local", "remote_write", "remote_apply"),
    "on",
    "session",
    "When COMMIT returns: once it is durable, or with off once it is visible.",
  ),
  define(
    "timezone",
    { kind: "time_zone" },
    "UTC",
    "session",
    "The time zone of timestamps with time zone.",
  ),
  define(
    "transaction_isolation",
    ISOLATION,
    "repeatable read",
    "session",
    "The isolation of the current transaction.",
  ),
  define(
    "transaction_read_only",
    BOOLEAN,
    "off",
    "session",
    "Whether the current transaction is read-only.",
  ),
  define(
    "version_retention",
    integer(0, 315_360_000_000, "ms"),
    "0",
    "database",
    "How long the database can be read as it was; 0: not at all.",
  ),
  define(
    "work_mem",
    integer(64, 2_147_483_647, "kB"),
    "256MB",
    "session",
    "Memory that a statement may hold in sorts and groups.",
  ),
];
