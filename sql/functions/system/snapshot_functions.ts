/**
 * Functions of `pg_snapshot`, and those of `txid_snapshot`, which is older.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { int8, normalizeInt8 } from "../../types/int_types.ts";
import { xid8 } from "../../types/place_types.ts";
import {
  hadEnded,
  pgSnapshot,
  runningIn,
  snapshotParts,
  txidSnapshot,
} from "../../types/snapshot_types.ts";
import { binary, unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { setFunction } from "../sets/set_define.ts";

function functionsOf(
  snapshot: DataType,
  id: DataType,
  prefix: string,
  visible: string,
): FunctionDefinition[] {
  return [
    unary<SqlValue>(
      `${prefix}_xmin`,
      snapshot,
      id,
      (value) => normalizeInt8(snapshotParts(value).xmin),
    ),
    unary<SqlValue>(
      `${prefix}_xmax`,
      snapshot,
      id,
      (value) => normalizeInt8(snapshotParts(value).xmax),
    ),
    setFunction(
      `${prefix}_xip`,
      [snapshot],
      id,
      ([value]) => runningIn(value!),
    ),
    binary<number | bigint, string>(
      visible,
      [id, snapshot],
      bool,
      (number, value) => hadEnded(value, number),
    ),
  ];
}

/** Functions of snapshots. */
export const snapshotFunctions: readonly FunctionDefinition[] = [
  ...functionsOf(pgSnapshot, xid8, "pg_snapshot", "pg_visible_in_snapshot"),
  ...functionsOf(
    txidSnapshot,
    int8,
    "txid_snapshot",
    "txid_visible_in_snapshot",
  ),
];
