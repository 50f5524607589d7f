/**
 * Operators of `pg_lsn` and of the types of system columns.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { int4, normalizeInt8 } from "../../types/int_types.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import { cid, pgLsn, xid } from "../../types/place_types.ts";
import { binary, infix } from "../define.ts";
import type { OperatorDefinition } from "../registry.ts";

type Place = number | bigint;

/** A place in the log `offset` bytes further. */
function moved(place: Place, offset: Numeric, verb: string): SqlValue {
  if (offset.kind === "nan") {
    const side = verb === "add" ? "to" : "from";
    throw new SqlError("0A000", `cannot ${verb} NaN ${side} pg_lsn`);
  }
  const sign = verb === "add" ? 1n : -1n;
  if (!offset.isFinite) {
    throw new SqlError("0A000", "cannot convert infinity to pg_lsn");
  }
  const sum = Numeric.fromInteger(place).unscaled * 10n **
        BigInt(offset.scale) + sign * offset.unscaled;
  const result = Numeric.of(sum, offset.scale).withScale(0).unscaled;
  if (result < 0n || result >= 2n ** 64n) {
    throw new SqlError("22023", "pg_lsn out of range");
  }
  return normalizeInt8(result);
}

/** `=` and `<>`: such numbers wrap around, and have no order. */
const equalities: readonly OperatorDefinition[] = [
  infix(binary<number, number>("=", [xid, xid], bool, (a, b) => a === b), {
    commutator: "=",
    negator: "<>",
  }),
  infix(binary<number, number>("<>", [xid, xid], bool, (a, b) => a !== b), {
    commutator: "<>",
    negator: "=",
  }),
  infix(
    binary<number, number>("=", [xid, int4], bool, (a, b) => a === b >>> 0),
    { negator: "<>" },
  ),
  infix(
    binary<number, number>("<>", [xid, int4], bool, (a, b) => a !== b >>> 0),
    { negator: "=" },
  ),
  infix(binary<number, number>("=", [cid, cid], bool, (a, b) => a === b), {
    commutator: "=",
  }),
];

/** The operators of places, comparison of ordered types aside. */
export const placeOperators: readonly OperatorDefinition[] = [
  ...equalities,
  infix(
    binary<Place, Numeric>(
      "+",
      [pgLsn, numeric],
      pgLsn,
      (place, offset) => moved(place, offset, "add"),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Numeric, Place>(
      "+",
      [numeric, pgLsn],
      pgLsn,
      (offset, place) => moved(place, offset, "add"),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Place, Numeric>(
      "-",
      [pgLsn, numeric],
      pgLsn,
      (place, offset) => moved(place, offset, "subtract"),
    ),
  ),
  infix(
    binary<Place, Place>(
      "-",
      [pgLsn, pgLsn],
      numeric,
      (a, b) => Numeric.fromInteger(BigInt(a) - BigInt(b)),
    ),
  ),
];
