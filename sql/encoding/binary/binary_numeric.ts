/**
 * `numeric` in its binary form.
 *
 * | bytes | what |
 * | --- | --- |
 * | 2 | how many digits follow, base 10000 |
 * | 2 | weight: the power of 10000 of the first one |
 * | 2 | sign: 0, 0x4000 negative, 0xc000 NaN, 0xd000 and 0xf000 infinite |
 * | 2 | display scale |
 * | 2 each | the digits |
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { Numeric, powerOfTen, SCALE_MAX } from "../../types/numeric.ts";
import type { BinaryReader, BinaryWriter } from "./binary_bytes.ts";

const NEGATIVE = 0x4000;
const SPECIAL = {
  nan: 0xc000,
  infinity: 0xd000,
  "-infinity": 0xf000,
} as const;

/** The display scale that PostgreSQL sends with an infinity. */
const SPECIAL_SCALE = 0x20;

/** Digits of one group. */
const GROUP = 4;

/** Writes a value. */
export function writeBinaryNumeric(
  writer: BinaryWriter,
  { unscaled, scale, kind }: Numeric,
): void {
  if (kind !== "finite") {
    const shown = kind === "nan" ? 0 : SPECIAL_SCALE;
    for (const part of [0, 0, SPECIAL[kind], shown]) writer.i16(part);
    return;
  }
  const isNegative = unscaled < 0n;
  const digits = String(isNegative ? -unscaled : unscaled)
    .padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const decimals = scale === 0 ? "" : digits.slice(-scale);
  const left = whole.padStart(Math.ceil(whole.length / GROUP) * GROUP, "0");
  const right = decimals.padEnd(
    Math.ceil(decimals.length / GROUP) * GROUP,
    "0",
  );
  const groups = (left + right).match(/\d{4}/g)!.map(Number);
  let weight = left.length / GROUP - 1;
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift();
    weight--;
  }
  while (groups.length > 0 && groups.at(-1) === 0) groups.pop();
  writer.i16(groups.length);
  writer.i16(groups.length === 0 ? 0 : weight);
  writer.i16(isNegative ? NEGATIVE : 0);
  writer.i16(scale);
  for (const group of groups) writer.i16(group);
}

/** Reads a value. */
export function readBinaryNumeric(reader: BinaryReader): Numeric {
  const count = reader.i16() & 0xffff;
  const weight = reader.i16();
  const sign = reader.i16() & 0xffff;
  const scale = reader.i16() & 0xffff;
  if (sign === SPECIAL.nan) return Numeric.NAN;
  if (sign === SPECIAL.infinity) return Numeric.INFINITY;
  if (sign === SPECIAL["-infinity"]) return Numeric.NEGATIVE_INFINITY;
  if (sign !== 0 && sign !== NEGATIVE) {
    throw new SqlError("22P03", 'invalid sign in external "numeric" value');
  }
  if (scale > SCALE_MAX) {
    throw new SqlError("22P03", 'invalid scale in external "numeric" value');
  }
  let digits = "";
  for (let i = 0; i < count; i++) {
    const group = reader.i16();
    if (group < 0 || group > 9999) {
      throw new SqlError("22P03", 'invalid digit in external "numeric" value');
    }
    digits += String(group).padStart(GROUP, "0");
  }
  const magnitude = scaled(digits, (weight + 1 - count) * GROUP, scale);
  return Numeric.of(sign === NEGATIVE ? -magnitude : magnitude, scale);
}

/** `digits × 10^exponent` with so many decimals, further ones cut off. */
function scaled(digits: string, exponent: number, scale: number): bigint {
  const value = BigInt(digits === "" ? "0" : digits);
  const shift = exponent + scale;
  return shift >= 0 ? value * powerOfTen(shift) : value / powerOfTen(-shift);
}
