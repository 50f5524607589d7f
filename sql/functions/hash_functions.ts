/**
 * PostgreSQL's hash functions by name: `hashtext(text)`, `hashint8(int8)`, and
 * with a seed `hashtextextended(text, int8)`. Users choose shards and advisory
 * locks by them; their results are PostgreSQL's.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { int4, int8, normalizeInt8 } from "../types/int_types.ts";
import type { DataType, SqlValue } from "../types/data_type.ts";
import { hashOfValue } from "../types/hashing/value_hash.ts";
import { anyArray, anyMultirange, anyRange } from "../types/pseudo_types.ts";
import { record } from "../types/row/row_type.ts";
import { polymorphicTo } from "./array/array_define.ts";
import { define } from "./define.ts";
import type { FunctionDefinition } from "./definition.ts";

/** One word a type: the function's name, that with a seed, the type. */
const HASH_NAMES = `
hashint2:hashint2extended:int2 hashint4:hashint4extended:int4
hashint8:hashint8extended:int8 hashoid:hashoidextended:oid
hashchar:hashcharextended:char hashname:hashnameextended:name
hashtext:hashtextextended:text hashbpchar:hashbpcharextended:bpchar
hashbytea:hashbyteaextended:bytea hashfloat4:hashfloat4extended:float4
hashfloat8:hashfloat8extended:float8 hashbool:hashboolextended:bool
hashdate:hashdateextended:date hashmacaddr:hashmacaddrextended:macaddr
hashmacaddr8:hashmacaddr8extended:macaddr8 hashinet:hashinetextended:inet
hashxid:hashxidextended:xid hashxid8:hashxid8extended:xid8
hashcid:hashcidextended:cid hash_numeric:hash_numeric_extended:numeric
timestamp_hash:timestamp_hash_extended:timestamp
timestamptz_hash:timestamptz_hash_extended:timestamptz
time_hash:time_hash_extended:time timetz_hash:timetz_hash_extended:timetz
interval_hash:interval_hash_extended:interval uuid_hash:uuid_hash_extended:uuid
pg_lsn_hash:pg_lsn_hash_extended:pg_lsn
`;

/** The same of types that are made of others. */
const PARTED: readonly (readonly [string, DataType])[] = [
  ["hash_array", anyArray],
  ["hash_range", anyRange],
  ["hash_multirange", anyMultirange],
  ["hash_record", record],
];

function hashed(type: DataType, value: SqlValue, seed: bigint): bigint {
  const hash = hashOfValue(type, value, seed);
  if (hash !== undefined) return hash;
  const name = type.element?.displayName ?? type.displayName;
  throw new SqlError(
    "42883",
    `could not identify a hash function for type ${name}`,
  );
}

function plain(type: DataType, value: SqlValue): number {
  return Number(BigInt.asIntN(32, hashed(type, value, 0n)));
}

function seeded(
  type: DataType,
  value: SqlValue,
  seed: number | bigint,
): number | bigint {
  const hash = hashed(type, value, BigInt.asUintN(64, BigInt(seed)));
  return normalizeInt8(BigInt.asIntN(64, hash));
}

/** All of them, for the types that there are. */
export function* hashFunctions(
  types: ReadonlyMap<string, DataType>,
): Iterable<FunctionDefinition> {
  for (const word of HASH_NAMES.trim().split(/\s+/)) {
    const [name, extended, typeName] = word.split(":") as [
      string,
      string,
      string,
    ];
    const type = types.get(typeName);
    if (type === undefined) continue;
    yield define(name, [type], int4, ([value]) => plain(type, value!));
    yield define(
      extended,
      [type, int8],
      int8,
      ([value, seed]) => seeded(type, value!, seed as number | bigint),
    );
  }
  for (const [name, type] of PARTED) {
    yield polymorphicTo(
      name,
      [type],
      int4,
      ([actual]) => ([value]) => plain(actual!, value!),
    );
    yield polymorphicTo(
      `${name}_extended`,
      [type, int8],
      int8,
      ([actual]) => ([value, seed]) =>
        seeded(actual!, value!, seed as number | bigint),
    );
  }
}
