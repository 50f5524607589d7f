/**
 * The blocks of routines in PL/pgSQL.
 *
 * @module
 */
import type { RoutineEntry } from "../../../catalog/routine_entry.ts";
import { parsePlpgsql } from "../../../parser/plpgsql/parse_plpgsql.ts";
import type { PlpgsqlBlock } from "../../../parser/plpgsql/plpgsql_syntax.ts";

const blocks = new WeakMap<RoutineEntry, PlpgsqlBlock>();

/** The block of a routine; it is parsed once. */
export function blockOf(entry: RoutineEntry): PlpgsqlBlock {
  let block = blocks.get(entry);
  if (block === undefined) blocks.set(entry, block = parsePlpgsql(entry.body));
  return block;
}
