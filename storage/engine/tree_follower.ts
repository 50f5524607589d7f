/**
 * From a manifest to what reads look at.
 *
 * After every publish the state of the tree follows the manifest: tables that
 * it names and the state has not come in, those that it does not name go. So
 * it makes no difference whether a flush, a compaction here or one in another
 * process made the change.
 *
 * Invariants:
 * 1. A table with range tombstones is open before the state has it.
 * 2. A flushed memtable goes in the turn in which its table comes.
 * 3. Tables that no manifest names yet (`OpenTable.pending`) stay.
 *
 * @module
 */
import { isPromise } from "../../base/maybe_promise.ts";
import type { Manifest, TableMeta } from "../manifest/manifest.ts";
import type { Memtable } from "../memtable/memtable.ts";
import { type OpenTable, TreeState } from "./tree_state.ts";

/** What comes with a publish. */
export interface Installed {
  /** Tables that the edit names, already open. */
  readonly opened?: readonly OpenTable[] | undefined;
  /** The memtable whose entries are in one of them. */
  readonly flushed?: Memtable | undefined;
  /**
   * Tables that a manifest has named by now, this one or one before: where the
   * answer to an earlier attempt was lost, somebody may have compacted them
   * since, and none names them any more.
   */
  readonly ingested?: readonly TableMeta[] | undefined;
}

/** What {@linkcode followManifest} needs of the store. */
export interface FollowerHost {
  /** The newest manifest. */
  manifest(): Manifest;
  /** What reads look at now. */
  state(): TreeState;
  /** Lets reads look at this from now on. */
  setState(state: TreeState): void;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Closes a table that left the tree, once no read needs it. */
  retire(table: OpenTable): void;
}

/** Makes the state what the manifest says. */
export async function followManifest(
  host: FollowerHost,
  installed: Installed,
): Promise<void> {
  const { opened = [] } = installed;
  const known = new Map(opened.map((table) => [table.meta.path, table]));
  for (;;) {
    const manifest = host.manifest();
    for (const table of host.state().levels.flat()) {
      known.set(table.meta.path, table);
    }
    const levels = manifest.levels.map((tables) =>
      tables.map((meta) => {
        let table = known.get(meta.path);
        if (table === undefined) {
          table = host.openTable(meta);
          known.set(meta.path, table);
        }
        return table;
      })
    );
    const closed = levels.flat().filter(({ meta, opened }) =>
      meta.tombstoneCount > 0 && opened === undefined
    );
    if (closed.length === 0) return install(host, levels, installed);
    for (const table of closed) {
      const reader = table.reader();
      if (isPromise(reader)) await reader;
    }
  }
}

function install(
  host: FollowerHost,
  levels: OpenTable[][],
  { flushed, ingested = [] }: Installed,
): void {
  const { memtable, frozen, levels: before } = host.state();
  const settled = new Set(ingested.map(({ path }) => path));
  for (const table of before[0]!) {
    if (settled.has(table.meta.path)) table.pending = false;
  }
  const named = new Set(levels.flat());
  const pending = before[0]!.filter((table) =>
    table.pending && !named.has(table)
  );
  for (const table of named) table.pending = false;
  const [level0 = [], ...others] = levels;
  host.setState(
    new TreeState(
      memtable,
      flushed === undefined
        ? frozen
        : frozen.filter((other) => other !== flushed),
      [[...pending, ...level0], ...others],
    ),
  );
  for (const table of before.flat()) {
    if (!named.has(table) && !table.pending) host.retire(table);
  }
}
