/**
 * Functions about partitions; the session knows them.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { Nullable } from "../../types/data_type.ts";
import { int4, oid } from "../../types/int_types.ts";
import { record } from "../../types/row/row_type.ts";
import { regclass } from "../../types/reg_types.ts";
import { RegValue } from "../../types/reg_value.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { rowSetFunction, setFunction } from "../sets/set_define.ts";

/** A relation as JSON has it: its OID and its name. */
type Named = readonly [oid: number, name: string] | null;

function ask(
  context: FunctionContext,
  question: string,
  args: readonly Nullable[],
): Nullable {
  if (context.catalog !== undefined) return context.catalog(question, args);
  throw new SqlError("0A000", "the catalog cannot be asked here");
}

function relation(named: Named): RegValue | null {
  return named === null ? null : new RegValue(named[0], named[1]);
}

/** Functions about partitions. */
export const partitionFunctions: readonly FunctionDefinition[] = [
  setFunction(
    "pg_partition_ancestors",
    [regclass],
    regclass,
    (args, context) => {
      const all = ask(context, "pg_partition_ancestors", args) as string;
      return (JSON.parse(all) as Named[]).map(relation);
    },
    { volatility: "volatile", columnName: "relid" },
  ),
  rowSetFunction(
    "pg_partition_tree",
    [regclass],
    record,
    [["relid", regclass], ["parentrelid", regclass], ["isleaf", bool], [
      "level",
      int4,
    ]],
    (args, context) => {
      const all = ask(context, "pg_partition_tree", args) as string;
      return (JSON.parse(all) as [Named, Named, boolean, number][]).map((
        [table, parent, isLeaf, level],
      ) => [relation(table), relation(parent), isLeaf, level]);
    },
    { volatility: "volatile" },
  ),
  define(
    "pg_partition_root",
    [regclass],
    regclass,
    (args, context) => {
      const all = ask(context, "pg_partition_ancestors", args) as string;
      return relation((JSON.parse(all) as Named[]).at(-1) ?? null);
    },
    { volatility: "immutable" },
  ),
  define(
    "pg_get_partition_constraintdef",
    [oid],
    text,
    (args, context) => ask(context, "pg_get_partition_constraintdef", args),
    { volatility: "stable" },
  ),
  define(
    "pg_get_partkeydef",
    [oid],
    text,
    (args, context) => ask(context, "pg_get_partkeydef", args),
    { volatility: "stable" },
  ),
];
