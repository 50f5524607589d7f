/**
 * Which rows go together under PARTITION BY HASH: PostgreSQL's hash functions
 * with their seed, so that rows lie in the partitions that they have there.
 *
 * Bob Jenkins' lookup3 (hash_bytes_extended), combined over the columns; NULL
 * adds nothing. A type without a hash of its own is hashed by its text.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { hashBytes } from "../../types/hashing/lookup3.ts";
import { hashOfValue } from "../../types/hashing/value_hash.ts";

const SEED = 0x7a5b22367996dcfdn;
const MASK = 0xffff_ffff_ffff_ffffn;
const COMBINE = 0x49a0f4dd15e5a8e3n;

/** The hash of the values of a partition key. */
export function partitionHash(
  types: readonly DataType[],
  values: readonly Nullable[],
): bigint {
  let all = 0n;
  values.forEach((value, i) => {
    if (value === null) return;
    const hash = hashOf(types[i]!, value);
    all = (all ^
      ((hash + COMBINE + ((all << 54n) & MASK) + (all >> 7n)) & MASK)) & MASK;
  });
  return all;
}

/** Types whose values are hashed as PostgreSQL does. */
const HASHED: ReadonlySet<string> = new Set(
  ("int2 int4 int8 date oid bool time timestamp timestamptz float4 float8 " +
    "uuid numeric bytea").split(" "),
);

/** What lies on disk lies by this: of other types the text is hashed. */
function hashOf(type: DataType, value: SqlValue): bigint {
  const { name } = type.storedAs ?? type;
  if (HASHED.has(name)) return hashOfValue(type, value, SEED)!;
  const text = typeof value === "string" ? value : type.output(value);
  const bytes = utf8Encode(name === "bpchar" ? text.trimEnd() : text);
  return hashBytes(bytes, SEED);
}
