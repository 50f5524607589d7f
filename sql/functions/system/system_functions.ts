/**
 * Functions about time, chance, the session and the database.
 *
 * `lsm_s3_status()` and `lsm_s3_flush()` are answered by the host that
 * `context.host` asks.
 *
 * @module
 */
import { regtype } from "../../types/reg_types.ts";
import { RegValue } from "../../types/reg_value.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import { splitTimestamp, type Timestamp } from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4, int8, normalizeInt8 } from "../../types/int_types.ts";
import { anyArray, anyType, voidType } from "../../types/pseudo_types.ts";
import { timestamptz, toLocal } from "../../types/temporal_types.ts";
import { UTC } from "../../types/time_zone/time_zone.ts";
import { name, text } from "../../types/text_types.ts";
import { uuid, uuidOfBytes } from "../../types/uuid_type.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";

/** The version of PostgreSQL whose behaviour this is. */
export const POSTGRES_VERSION = "18.0";

/** What `version()` says. */
export const VERSION_TEXT = `PostgreSQL ${POSTGRES_VERSION} (KriyaDB for Deno)`;

function moment(
  functionName: string,
  form: (context: FunctionContext) => number,
  volatility: "stable" | "volatile" = "stable",
): FunctionDefinition {
  return define(
    functionName,
    [],
    timestamptz,
    (_args, context) => form(context),
    { volatility },
  );
}

function randomUuid(context: FunctionContext): string {
  const bytes = context.randomBytes(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidOfBytes(bytes);
}

/** Version 7: 48 bits of Unix milliseconds, 12 of their fraction, chance. */
function timeUuid(context: FunctionContext): string {
  const bytes = context.randomBytes(new Uint8Array(16));
  const micros = context.clock() + 946_684_800_000_000;
  let ms = Math.floor(micros / 1000);
  const fraction = Math.floor((micros - ms * 1000) * 4096 / 1000);
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  bytes[6] = 0x70 | (fraction >>> 8);
  bytes[7] = fraction & 0xff;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidOfBytes(bytes);
}

/** An integer from `low` to `high`, both included. */
function randomBetween(
  low: number,
  high: number,
  context: FunctionContext,
): number {
  if (low > high) {
    throw new SqlError(
      "22023",
      "lower bound must be less than or equal to upper bound",
    );
  }
  return low + Math.floor(context.random() * (high - low + 1));
}

/** The same for 64 bits: drawn from 8 random bytes, again where uneven. */
function randomBetweenWide(
  [low, high]: readonly Nullable[],
  context: FunctionContext,
): number | bigint {
  const from = BigInt(low as number | bigint);
  const count = BigInt(high as number | bigint) - from + 1n;
  if (count <= 0n) {
    throw new SqlError(
      "22023",
      "lower bound must be less than or equal to upper bound",
    );
  }
  const all = 1n << 64n;
  const bytes = new Uint8Array(8);
  for (;;) {
    context.randomBytes(bytes);
    const drawn = new DataView(bytes.buffer).getBigUint64(0);
    if (drawn < all - all % count) return normalizeInt8(from + drawn % count);
  }
}

/** Normally distributed, by Box and Muller. */
function randomNormal(
  [mean = 0, deviation = 1]: readonly Nullable[],
  context: FunctionContext,
): number {
  const radius = Math.sqrt(-2 * Math.log(1 - context.random()));
  const angle = 2 * Math.PI * context.random();
  return (mean as number) + (deviation as number) * radius * Math.cos(angle);
}

/** The clock as text in a form of its own: `Sat Nov 21 17:33:31.839000 2026`. */
function timeOfDay(context: FunctionContext): string {
  const zone = context.datetime?.zone ?? UTC;
  const now = context.clock();
  const local = splitTimestamp(toLocal(zone, now)).micros % 1_000_000;
  const styled = timestamptz.output(now - local, {
    zone,
    dateStyle: "Postgres",
    dateOrder: "MDY",
    intervalStyle: "postgres",
  });
  const fraction = String(local).padStart(6, "0");
  return styled.replace(/(:\d\d) /, `$1.${fraction} `);
}

/** A function that waits. */
function sleeping(functionName: string, type: DataType): FunctionDefinition {
  return {
    name: functionName,
    argumentTypes: [type],
    returnType: voidType,
    strict: true,
    volatility: "volatile",
    async: ([given], context) => {
      const seconds = type === float8
        ? given as number
        : type === interval
        ? Number((given as Interval).total()) / 1e6
        : (Number(given as Timestamp) - context.clock()) / 1e6;
      return context.host("pg_sleep", [seconds]);
    },
  };
}

/** `pg_typeof`: the type, under the name that it has in the session. */
const typeOf: FunctionDefinition = {
  ...define("pg_typeof", [anyType], regtype, () => null, {
    strict: false,
    volatility: "stable",
  }),
  specialize: ([type]) =>
    define(
      "pg_typeof",
      [type!],
      regtype,
      (_args, context) =>
        context.catalog?.("regtypeout", [type!.oid]) ??
          new RegValue(type!.oid, type!.displayName),
      { strict: false, volatility: "stable" },
    ),
};

function settingOf(context: FunctionContext, word: string): string {
  const value = context.setting(word.toLowerCase());
  if (value === undefined) {
    throw new SqlError(
      "42704",
      `unrecognized configuration parameter "${word}"`,
    );
  }
  return value;
}

function constant(
  functionName: string,
  type: DataType,
  form: (context: FunctionContext) => string,
): FunctionDefinition {
  return define(functionName, [], type, (_args, context) => form(context), {
    volatility: "stable",
  });
}

function hosted(
  functionName: string,
  argumentTypes: readonly DataType[] = [],
  returnType: DataType = text,
): FunctionDefinition {
  return {
    name: functionName,
    argumentTypes,
    returnType,
    strict: true,
    volatility: "volatile",
    async: (args, context) => context.host(functionName, args),
  };
}

/** Functions about time, chance, the session and the database. */
export const systemFunctions: readonly FunctionDefinition[] = [
  moment("now", (context) => context.transactionTimestamp),
  moment("transaction_timestamp", (context) => context.transactionTimestamp),
  moment(
    "statement_timestamp",
    (context) => context.statementTimestamp ?? context.transactionTimestamp,
  ),
  moment("clock_timestamp", (context) => context.clock(), "volatile"),
  define("random", [], float8, (_args, context) => context.random(), {
    volatility: "volatile",
  }),
  define(
    "random",
    [int4, int4],
    int4,
    ([low, high], context) =>
      randomBetween(low as number, high as number, context),
    { volatility: "volatile" },
  ),
  typeOf,
  define("gen_random_uuid", [], uuid, (_args, context) => randomUuid(context), {
    volatility: "volatile",
  }),
  define("uuidv4", [], uuid, (_args, context) => randomUuid(context), {
    volatility: "volatile",
  }),
  define("uuidv7", [], uuid, (_args, context) => timeUuid(context), {
    volatility: "volatile",
  }),
  constant("version", text, () => VERSION_TEXT),
  constant(
    "current_database",
    name,
    () => "postgres",
  ),
  constant("current_user", name, (context) => userOf(context)),
  constant("session_user", name, (context) => sessionUser(context)),
  define(
    "current_setting",
    [text],
    text,
    ([word], context) => settingOf(context, word as string),
    { volatility: "stable" },
  ),
  define(
    "current_setting",
    [text, bool],
    text,
    ([word, missingOk], context) =>
      missingOk === true
        ? context.setting((word as string).toLowerCase()) ?? null
        : settingOf(context, word as string),
    { volatility: "stable" },
  ),
  constant("getdatabaseencoding", name, () => "UTF8"),
  constant("pg_client_encoding", name, () => "UTF8"),
  define("pg_is_in_recovery", [], bool, () => false, {
    volatility: "volatile",
  }),
  define("random", [int8, int8], int8, randomBetweenWide, {
    volatility: "volatile",
  }),
  ...[[], [float8], [float8, float8]].map((types) =>
    define("random_normal", types, float8, randomNormal, {
      volatility: "volatile",
    })
  ),
  define("timeofday", [], text, (_args, context) => timeOfDay(context), {
    volatility: "volatile",
  }),
  sleeping("pg_sleep", float8),
  sleeping("pg_sleep_for", interval),
  sleeping("pg_sleep_until", timestamptz),
  hosted("lsm_s3_status"),
  hosted("lsm_s3_flush"),
  ...[[text], [text, int4], [text, int4, int4], [text, int4, anyArray]].map(
    (types) => hosted("lsm_recall", types, float8),
  ),
  ...[[text], [text, int4], [text, int4, int4]].map(
    (types) => hosted("lsm_recall_segments", types),
  ),
];

function sessionUser(context: FunctionContext): string {
  return context.setting("session_authorization") || "postgres";
}

function userOf(context: FunctionContext): string {
  const role = context.setting("role") ?? "none";
  return role === "none" ? sessionUser(context) : role;
}
