/**
 * Keys of indexes that are not just columns: expressions computed, predicates
 * asked.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import type { KeyProbe } from "../../access/index_access.ts";
import {
  columnKeys,
  hasPlainKeys,
  type IndexKeys,
} from "../../access/index_keys.ts";
import type { BoundIndexKeys } from "../../analyzer/indexes/index_keys.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import { compileFilter, type Filter } from "../filter_expression.ts";
import type { RunState } from "../run_state.ts";

/** Compiled keys of an index of a table. */
interface CompiledKeys {
  readonly bound: BoundIndexKeys;
  readonly keys: readonly ColumnExpression[];
  readonly predicate: Filter | undefined;
}

const known = new WeakMap<IndexEntry, CompiledKeys>();

/** A row of the table is all of its columns. */
const LAYOUT: Layout = ({ column }) => column;

/** Computes the keys of indexes in a run. */
export function indexKeysIn(run: RunState): IndexKeys {
  return (index, table, chunk) => {
    if (hasPlainKeys(index)) return columnKeys(index, table, chunk);
    const { keys, predicate } = compiledKeys(index, table, run);
    const selection = predicate === undefined
      ? chunk.selection
      : predicate(chunk, run);
    const rows: Chunk = { ...chunk, selection };
    return {
      rowCount: chunk.rowCount,
      selection,
      columns: keys.map((key) => key(rows, selection, run)),
    };
  };
}

function compiledKeys(
  index: IndexEntry,
  table: TableEntry,
  { context }: RunState,
): CompiledKeys {
  const { bindIndex } = context;
  invariant(bindIndex !== undefined, "nobody binds the keys of indexes");
  const bound = bindIndex(index, table);
  const there = known.get(index);
  if (there?.bound === bound) return there;
  const { keys, predicate } = bound;
  const compiled: CompiledKeys = {
    bound,
    keys: keys.map((key) => compileExpression(key, LAYOUT)),
    predicate: predicate && compileFilter(predicate, LAYOUT),
  };
  known.set(index, compiled);
  return compiled;
}

/** A probe of some of the rows as one of all: the others have no key. */
export function probeOfAll(
  rowCount: number,
  selection: Uint32Array | undefined,
  probe: KeyProbe,
): KeyProbe {
  if (selection === undefined) return probe;
  const keys = new Array<string | undefined>(rowCount).fill(undefined);
  const locators = new Float64Array(rowCount).fill(-1);
  selection.forEach((row, i) => {
    keys[row] = probe.keys[i];
    locators[row] = probe.locators[i]!;
  });
  return { keys, locators };
}
