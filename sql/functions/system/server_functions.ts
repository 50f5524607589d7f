/**
 * What tools ask of a server, as an embedded database answers: it has no
 * address, no log of its own and no standby.
 *
 * @module
 */
import { SqlArray } from "../../types/array/array_value.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { inet } from "../../types/network/network_types.ts";
import { pgLsn } from "../../types/place_types.ts";
import { record } from "../../types/row/row_type.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import { textArray } from "../../types/text_array_type.ts";
import { name, text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition, Volatility } from "../registry.ts";
import { rowSetFunction } from "../sets/set_define.ts";

function fixed(
  functionName: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  answer: Nullable,
  volatility: Volatility = "stable",
): FunctionDefinition {
  return define(functionName, argumentTypes, returnType, () => answer, {
    volatility,
    strict: answer !== null || returnType === pgLsn ||
      returnType === timestamptz,
  });
}

/** Name and value of each option: `name=value`. */
function* options([list]: readonly Nullable[]): Iterable<Nullable[]> {
  for (const option of (list as SqlArray).elements) {
    if (option === null) continue;
    const word = option as string;
    const at = word.indexOf("=");
    yield at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
  }
}

/** Functions about the server. */
export const serverFunctions: readonly FunctionDefinition[] = [
  fixed("inet_client_addr", [], inet, null),
  fixed("inet_client_port", [], int4, null),
  fixed("inet_server_addr", [], inet, null),
  fixed("inet_server_port", [], int4, null),
  fixed("pg_jit_available", [], bool, false, "volatile"),
  fixed("pg_current_logfile", [], text, null, "volatile"),
  fixed("pg_current_logfile", [text], text, null, "volatile"),
  fixed("pg_last_wal_receive_lsn", [], pgLsn, null, "volatile"),
  fixed("pg_last_wal_replay_lsn", [], pgLsn, null, "volatile"),
  fixed("pg_last_xact_replay_timestamp", [], timestamptz, null, "volatile"),
  fixed("pg_notification_queue_usage", [], float8, 0, "volatile"),
  fixed(
    "pg_safe_snapshot_blocking_pids",
    [int4],
    arrayTypeOf(int4)!,
    SqlArray.EMPTY,
    "volatile",
  ),
  define(
    "pg_char_to_encoding",
    [name],
    int4,
    ([word]) => /^(?:utf-?8|unicode)$/i.test(word as string) ? 6 : -1,
    { volatility: "stable" },
  ),
  define(
    "pg_trigger_depth",
    [],
    int4,
    (_args, { routines }) => routines?.triggerDepth ?? 0,
    { volatility: "stable" },
  ),
  rowSetFunction(
    "pg_options_to_table",
    [textArray],
    record,
    [["option_name", text], ["option_value", text]],
    options,
    { volatility: "stable" },
  ),
];
