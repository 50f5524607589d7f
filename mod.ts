/**
 * KriyaDB: an embedded SQL database with vector search whose home is a bucket.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 *
 * await using db = await open("memory:");
 * await db.exec(`
 *   CREATE TABLE items (id int PRIMARY KEY, name text, embedding vector(3));
 *   CREATE INDEX ON items USING lsm_hnsw (embedding lsm_vector_cosine_ops);
 * `);
 * await db.query("INSERT INTO items VALUES ($1, $2, $3)", [1, "red", [1, 0, 0]]);
 * const { rows } = await db.query(
 *   "SELECT name FROM items ORDER BY embedding <=> $1 LIMIT 5",
 *   [[0.9, 0.1, 0]],
 * );
 * console.log(rows); // [{ name: "red" }]
 * ```
 *
 * Here belongs what applications call, and nothing else.
 *
 * @module
 */
export { open, type OpenOptions } from "./sql/session/open.ts";
export {
  backup,
  type BackupDatabaseOptions,
  check,
  type CheckOptions,
  compact,
  type CompactDatabaseOptions,
} from "./sql/session/maintenance.ts";
export type { PlaceOptions } from "./sql/session/place.ts";
export type {
  ExternalCompactionOptions,
  ExternalCompactionProgress,
  ExternalCompactionReport,
} from "./storage/engine/external_compaction.ts";
export type {
  BackupOptions,
  BackupProgress,
  BackupReport,
} from "./storage/backup/backup.ts";
export type { Damage } from "./storage/engine/damage.ts";
export type { FsckReport } from "./storage/engine/fsck.ts";
export type { CachedStoreOptions } from "./storage/cache/cached_store.ts";
export type { DiskCacheOptions } from "./storage/cache/disk_cache.ts";
export {
  SharedCache,
  type SharedCacheOptions,
  type SharedCacheStatistics,
} from "./storage/cache/shared/shared_cache.ts";
export type {
  S3Credentials,
  S3Options,
} from "./storage/object_store/s3/s3_options.ts";
export { Database } from "./sql/session/database.ts";
export type {
  AggregateOptions,
  FunctionOptions,
  JsArguments,
  JsTypes,
  JsValue,
} from "./sql/session/host_functions.ts";
export type { TypeModifiers, TypeOptions } from "./sql/session/host_types.ts";
export type { OperatorOptions } from "./sql/session/host_operators.ts";
export type { Volatility } from "./sql/functions/registry.ts";
export { DatabaseSession } from "./sql/session/database_session.ts";
export {
  type CopyDescription,
  type ProtocolOptions,
  ProtocolSession,
  type StatementDescription,
  type TransactionStatus,
} from "./sql/session/protocol/protocol_session.ts";
export { ScriptStatement } from "./sql/session/protocol/script_statement.ts";
export type { RowForm, RowSink } from "./sql/session/row_sink.ts";
export { BinaryWriter } from "./sql/encoding/binary/binary_bytes.ts";
export {
  BinaryValue,
  TextValue,
  writeBinary,
} from "./sql/encoding/binary/binary_values.ts";
export type { ListenCallback } from "./sql/session/notifications/listening_queries.ts";
export type { Notification } from "./sql/session/notifications/notification_hub.ts";
export type { NotificationCallback } from "./sql/session/notifications/session_notifications.ts";
export {
  type PreparedFacts,
  PreparedStatement,
  SessionQueries,
} from "./sql/session/session_queries.ts";
export type {
  BeginOptions,
  Queryable,
  QueryOptions,
  TransactionClient,
} from "./sql/session/queryable.ts";
export type {
  Field,
  QueryResult,
  ResultFormat,
  Row,
  RowMode,
} from "./sql/session/result.ts";
export type { Change, ChangesOptions } from "./sql/session/changes/change.ts";
export {
  type LiveCallback,
  type LiveOptions,
  LiveQuery,
  type LiveRequest,
  type LiveUpdate,
} from "./sql/session/live/live_query.ts";
export type {
  Parsers,
  Serializers,
  ValueForms,
} from "./sql/session/value_forms.ts";
export type { CopySource } from "./sql/session/copy_source.ts";
export type { Dialect } from "./sql/dialect/dialect.ts";
export type { AsOf, Notice, RunOptions } from "./sql/session/run_options.ts";
export type {
  BuildOptions,
  BuildProgress,
  IndexAccessMethod,
  NearestBatch,
  NearestCursor,
  NearestRequest,
  OperatorClass,
  RangeBatch,
  RangeBound,
  RangeCursor,
  RangeRequest,
} from "./sql/access/index_access.ts";
export { type IndexKeys, locatorsOf } from "./sql/access/index_keys.ts";
export type {
  LocatedChunk,
  TableAccessMethod,
  TableScan,
  TableScanOptions,
} from "./sql/access/table_access.ts";
export type {
  CatalogView,
  ColumnEntry,
  IndexColumn,
  IndexEntry,
  IndexExpression,
  RelationEntry,
  TableEntry,
} from "./sql/catalog/entries.ts";
export {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  columnOf,
  type ColumnValues,
  isNull,
  selectedCount,
  valueAt,
} from "./sql/chunk/chunk.ts";
export type { TransactionHandle } from "./sql/transaction/transaction_handle.ts";
export type {
  ColumnStorage,
  DataType,
  InputContext,
  Nullable,
  SqlValue,
  TypeCategory,
  TypeRef,
} from "./sql/types/data_type.ts";
export type { Interval, IntervalParts } from "./sql/types/interval.ts";
export type { Numeric, NumericKind } from "./sql/types/numeric.ts";
export { SqlError, type SqlErrorOptions } from "./sql/errors/sql_error.ts";
export {
  type ErrorKind,
  KriyaError,
  type KriyaErrorOptions,
} from "./base/errors.ts";
export type { Cancellation } from "./base/cancellation.ts";
export {
  type Environment,
  systemEnvironment,
  type Timer,
  type TimerOptions,
} from "./base/environment.ts";
export type { MaybePromise } from "./base/maybe_promise.ts";
export type { Consistency, LsmOptions } from "./storage/engine/options.ts";
export type {
  BackgroundWorker,
  WorkerMain,
  WorkerOptions,
  WorkerStatus,
} from "./sql/session/extensions/background_workers.ts";
export type {
  PlanNext,
  PlanningStatement,
  QueryHooks,
  StatementExecution,
  StatementPlan,
} from "./sql/session/extensions/query_hooks.ts";
export type {
  ScanBound,
  ScanCondition,
  ScanOffer,
  ScanOperator,
  ScanProvider,
  ScanQuestion,
  ScanRow,
  ScanRows,
  ScanRun,
} from "./sql/planner/custom_scan.ts";
export type { PlanProgress } from "./sql/executor/plan_hooks.ts";
export type { PlanSettings } from "./sql/optimizer/facts.ts";
export type {
  StoreEvent,
  StoreEventListener,
  StoreEventName,
} from "./storage/engine/store_event.ts";
export type {
  ScratchFile,
  ScratchFiles,
} from "./storage/object_store/scratch_file.ts";
export {
  MemoryScratch,
  type MemoryScratchOptions,
} from "./storage/object_store/memory_scratch.ts";
export type { BlockCodec } from "./storage/sstable/codec.ts";
export type * from "./storage/object_store/object_store.ts";
