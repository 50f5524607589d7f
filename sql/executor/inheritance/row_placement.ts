/**
 * Where rows that are written to a partition belong.
 *
 * A row that is written to a partition by its name has to belong there. One that
 * came through its table was sent there, and only a trigger may have changed
 * that; updated, it moves to where it belongs then.
 *
 * @module
 */
import type { LocatedChunk } from "../../access/table_access.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RowPlacement } from "../modify/row_changer.ts";
import type { RunState } from "../run_state.ts";
import { misplacedRows, requirePartition } from "./partition_keys.ts";

const NONE = new Uint32Array(0);

/** Where rows of a table that a statement names belong: there. */
export function ownPlacement(
  table: TableEntry,
  run: RunState,
): RowPlacement | undefined {
  if (table.partitionBound === undefined) return undefined;
  return {
    requireOwn: (rows) => requirePartition(table, rows, run),
    requireStay: (rows) => requirePartition(table, rows, run),
    leaving: (rows) => {
      requirePartition(table, rows, run);
      return NONE;
    },
    move: (_source, _before, after) => {
      requirePartition(table, after, run);
      return "stay";
    },
  };
}

/** Moves rows to the partitions that they belong to now. */
export type MoveRows = (
  source: Chunk,
  before: LocatedChunk,
  after: Chunk,
) => Promise<void>;

/** Where rows of a table of a tree belong. */
export function routedPlacement(
  table: TableEntry,
  run: RunState,
  { move, hasTriggers }: {
    readonly move: MoveRows;
    readonly hasTriggers: boolean;
  },
): RowPlacement | undefined {
  if (table.partitionBound === undefined) return undefined;
  const leaving = (rows: Chunk): Uint32Array =>
    misplacedRows(run.writes.catalog, table, rows, run).sort();
  const misplaced = (rows: Chunk): boolean => leaving(rows).length > 0;
  return {
    requireOwn: (rows) => {
      if (!hasTriggers || !misplaced(rows)) return;
      throw new SqlError(
        "0A000",
        "moving row to another partition during a BEFORE FOR EACH ROW trigger is not supported",
        {
          detail:
            `Before executing trigger, the row was to be in partition "${table.schema}.${table.name}".`,
        },
      );
    },
    requireStay: (rows) => {
      if (!misplaced(rows)) return;
      throw new SqlError("0A000", "invalid ON UPDATE specification", {
        detail:
          "The result tuple would appear in a different partition than the original tuple.",
      });
    },
    leaving,
    move: (source, before, after) =>
      misplaced(after)
        ? move(source, before, after).then(() => "moved")
        : "stay",
  };
}
