/**
 * How many bytes values of PostgreSQL's types have: `pg_type.typlen`, which row
 * descriptions tell.
 *
 * @module
 */

const SIZES: ReadonlyMap<number, number> = new Map([
  [16, 1], // bool
  [18, 1], // "char"
  [19, 64], // name
  [20, 8], // int8
  [21, 2], // int2
  [23, 4], // int4
  [24, 4], // regproc
  [26, 4], // oid
  [28, 4], // xid
  [700, 4], // float4
  [701, 8], // float8
  [705, -2], // unknown
  [1082, 4], // date
  [1083, 8], // time
  [1114, 8], // timestamp
  [1184, 8], // timestamptz
  [1186, 16], // interval
  [1266, 12], // timetz
  [2202, 4], // regprocedure
  [2205, 4], // regclass
  [2206, 4], // regtype
  [2950, 16], // uuid
]);

/** The bytes of a value of the type with this OID; -1 where they differ. */
export function typeSize(oid: number): number {
  return SIZES.get(oid) ?? -1;
}
