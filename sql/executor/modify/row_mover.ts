/**
 * Rows of a partition that UPDATE gives a key of another: deleted where they
 * were, and inserted where they belong.
 *
 * Foreign keys to the table see an update: the row is still there.
 *
 * @module
 */
import type { LocatedChunk } from "../../access/table_access.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  columnOf,
  selectedCount,
} from "../../chunk/chunk.ts";
import { text } from "../../types/text_types.ts";
import { compact, gather } from "../column_tools.ts";
import {
  noteReferencedRows,
  noteReferencingRows,
} from "../foreign_keys/note_changes.ts";
import { requirePartition } from "../inheritance/partition_keys.ts";
import { routeRows, rowsByTable } from "../inheritance/row_router.ts";
import type { ChangeNode } from "../../planner/logical_plan.ts";
import type { RunState } from "../run_state.ts";
import { beforeDelete, beforeInsert } from "../triggers/before_rows.ts";
import type { ChangedRows } from "./changed_rows.ts";
import { obeyRules } from "./table_rules.ts";
import { namedTable } from "./tree_node.ts";
import type { TellChanged, TreeTarget } from "./tree_target.ts";

/** Rows that are updated: as they were, as they are to be. */
interface UpdatedRows {
  readonly source: Chunk;
  readonly before: LocatedChunk;
  readonly after: Chunk;
}

/** Moves rows between the partitions of a table. */
export class RowMover {
  readonly #named: TableEntry;
  readonly #run: RunState;
  readonly #target: (table: TableEntry) => TreeTarget;
  readonly #tell: TellChanged;
  readonly #isMerge: boolean;

  /** Moves rows of the table of `node`, whose partitions `target` gives. */
  constructor(
    node: ChangeNode,
    run: RunState,
    target: (table: TableEntry) => TreeTarget,
    tell: TellChanged,
  ) {
    this.#named = namedTable(node);
    this.#isMerge = node.kind === "merge";
    this.#run = run;
    this.#target = target;
    this.#tell = tell;
  }

  /** Writes updated rows of `from`, some of which belong elsewhere. */
  async move(
    from: TreeTarget,
    source: Chunk,
    before: LocatedChunk,
    after: Chunk,
  ): Promise<void> {
    const named = this.#named;
    if (named.partitionBound !== undefined) {
      this.#requireWithin(from.table, after);
    }
    const tables = routeRows(named, after, this.#run);
    for (
      const { table, rows } of rowsByTable(after, (row) => tables[row]!, true)
    ) {
      const part: UpdatedRows = {
        source: compact({ ...source, selection: rows }),
        before: {
          chunk: compact({ ...before.chunk, selection: rows }),
          locators: Float64Array.from(rows, (row) => before.locators[row]!),
        },
        after: {
          columns: after.columns.map((column) => gather(column, rows)),
          rowCount: rows.length,
        },
      };
      await (table.id === from.table.id
        ? this.#keep(from, part)
        : this.#moveTo(from, this.#target(table), part));
    }
  }

  /**
   * Rows do not leave the table that is named; UPDATE tells of their partition.
   *
   * @throws {SqlError} `23514`.
   */
  #requireWithin(leaf: TableEntry, rows: Chunk): void {
    const { name, schema } = this.#isMerge ? this.#named : leaf;
    requirePartition({ ...this.#named, name, schema }, rows, this.#run);
  }

  async #keep(
    from: TreeTarget,
    { source, before, after }: UpdatedRows,
  ): Promise<void> {
    const rows = obeyRules(from.table, after, this.#run);
    const locators = await from.writer.update(before, rows);
    await from.tell({
      count: rows.rowCount,
      selection: undefined,
      before: { columns: before.chunk.columns, locators: before.locators },
      after: { columns: rows.columns, locators },
      ...asMerged(rows.columns, locators),
      source,
    });
  }

  async #moveTo(
    from: TreeTarget,
    to: TreeTarget,
    { source, before, after }: UpdatedRows,
  ): Promise<void> {
    const goes = await beforeDelete(from.triggers, before.chunk.columns);
    if (!goes) return;
    const wanted = await beforeInsert(to.triggers, to.table, after);
    await from.writer.delete(before);
    if (selectedCount(wanted) === 0) return;
    const rows = obeyRules(to.table, wanted, this.#run);
    const locators = await to.writer.insert(rows);
    const changed: ChangedRows = {
      count: rows.rowCount,
      selection: undefined,
      before: { columns: before.chunk.columns, locators: before.locators },
      after: { columns: rows.columns, locators },
      ...asMerged(rows.columns, locators),
      movedTo: to.table.id,
      source,
    };
    noteReferencedRows(this.#run, from.table, changed);
    noteReferencingRows(this.#run, to.table, changed);
    from.triggers?.note({ ...changed, after: undefined });
    to.triggers?.note({ ...changed, before: undefined });
    await this.#tell(from, changed);
  }
}

/** What RETURNING of MERGE says of rows that were updated. */
function asMerged(
  columns: readonly Column[],
  locators: Float64Array,
): Pick<ChangedRows, "current" | "actions"> {
  return {
    current: { columns, locators },
    actions: columnOf(text, Array.from(locators, () => "UPDATE")),
  };
}
