import { RegValue } from "../../types/reg_value.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { bool } from "../../types/bool_type.ts";
import { int4 } from "../../types/int_types.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import { vector } from "../../types/vector_type.ts";
import { createFunctionRegistry } from "../default_registry.ts";
import type { FunctionContext } from "../registry.ts";

const registry = createFunctionRegistry();

/** A clock that advances a microsecond a look, and predictable chance. */
function contextOf(settings: Record<string, string> = {}): FunctionContext {
  let clock = 1000;
  let chance = 0;
  return {
    transactionTimestamp: 7,
    statementTimestamp: 8,
    clock: () => clock++,
    random: () => (chance = (chance + 0.37) % 1),
    randomBytes: (bytes) => bytes.fill(0xff),
    setting: (name) => settings[name],
    host: (name) => Promise.resolve(`answer of ${name}`),
  };
}

function call(
  name: string,
  context: FunctionContext,
  types: readonly DataType[] = [],
  args: readonly Nullable[] = [],
): Nullable {
  return registry.resolveFunction(name, types).function
    .scalar!(args, context);
}

Deno.test("now, statement_timestamp and clock_timestamp tell their times apart", () => {
  const context = contextOf();
  assertEquals(call("now", context), 7);
  assertEquals(call("transaction_timestamp", context), 7);
  assertEquals(call("statement_timestamp", context), 8);
  assertEquals(call("clock_timestamp", context), 1000);
  assertEquals(call("clock_timestamp", context), 1001);
  const volatility = (name: string): string =>
    registry.resolveFunction(name, []).function.volatility;
  assertEquals(volatility("now"), "stable");
  assertEquals(volatility("clock_timestamp"), "volatile");
});

Deno.test("uuids have their version and variant, and version 7 the time", () => {
  const context = contextOf();
  assertEquals(
    call("gen_random_uuid", context),
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
  );
  assertEquals(call("uuidv4", context), call("gen_random_uuid", context));
  const at = (clock: number): string =>
    call("uuidv7", { ...context, clock: () => clock }) as string;
  // 2024-01-02 03:04:05.678901+00
  const moment = timestamptz.input("2024-01-02 03:04:05.678901+00", -1);
  const id = at(moment as number);
  assertEquals(id.slice(0, 15), "018cc820-db2e-7");
  assertEquals(id[19], "b");
  assert(at(moment as number) < at((moment as number) + 1));
  assert(at(moment as number) < at((moment as number) + 5000));
});

Deno.test("random is a number below 1, or an integer between two", () => {
  const context = contextOf();
  assertEquals(call("random", context), 0.37);
  const seen = new Set<Nullable>();
  for (let i = 0; i < 100; i++) {
    seen.add(call("random", context, [int4, int4], [-1, 1]));
  }
  assertEquals([...seen].sort(), [-1, 0, 1]);
  const error = assertThrows(
    () => call("random", context, [int4, int4], [2, 1]),
    SqlError,
  );
  assertEquals(error.code, "22023");
});

Deno.test("current_setting asks the session, and may be told that a name is missing", () => {
  const context = contextOf({ timezone: "UTC" });
  assertEquals(call("current_setting", context, [text], ["TimeZone"]), "UTC");
  const error = assertThrows(
    () => call("current_setting", context, [text], ["nope"]),
    SqlError,
  );
  assertEquals(
    [error.code, error.message],
    ["42704", 'unrecognized configuration parameter "nope"'],
  );
  assertEquals(
    call("current_setting", context, [text, bool], ["nope", true]),
    null,
  );
});

Deno.test("pg_typeof names the type of its argument", () => {
  const context = contextOf();
  assertEquals(
    call("pg_typeof", context, [int4], [1]),
    new RegValue(23, "integer"),
  );
  assertEquals(
    call("pg_typeof", context, [vector], [null]),
    new RegValue(vector.oid, "vector"),
  );
});

Deno.test("functions of the database are answered by its host", async () => {
  const { function: flush } = registry.resolveFunction("lsm_s3_flush", []);
  assertEquals(flush.scalar, undefined);
  assertEquals(
    await flush.async!([], contextOf()),
    "answer of lsm_s3_flush",
  );
  assertEquals(registry.isFunction("lsm_s3_status"), true);
  assertEquals(registry.isAggregate("lsm_s3_status"), false);
});
