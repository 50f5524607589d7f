/**
 * Sizes as people read them: `pg_size_pretty`, `pg_size_bytes`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { int8 } from "../../types/int_types.ts";
import { Numeric } from "../../types/numeric.ts";
import { multiply, roundTo } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { text } from "../../types/text_types.ts";
import { unary } from "../define.ts";
import { checkInt8 } from "../numeric/integer_operators.ts";
import type { FunctionDefinition } from "../registry.ts";

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** The largest unit in which the size is not below 10. */
function pretty(size: bigint): string {
  const sign = size < 0n ? "-" : "";
  let rest = size < 0n ? -size : size;
  if (rest < 10n * 1024n) return `${sign}${rest} bytes`;
  // Twice the size in each unit, so that it can be rounded at the end.
  rest >>= 9n;
  for (let unit = 1;; unit++) {
    if (rest < 20n * 1024n - 1n || unit === UNITS.length - 1) {
      return `${sign}${(rest + 1n) / 2n} ${UNITS[unit]}`;
    }
    rest >>= 10n;
  }
}

function prettyNumeric(size: Numeric): string {
  if (!size.isFinite) return `${size} bytes`;
  const whole = roundTo(size, 0).unscaled;
  const isSmall = whole < 10_240n && whole > -10_240n;
  return isSmall ? `${size} bytes` : pretty(whole);
}

const POWERS: Readonly<Record<string, number>> = {
  "": 0,
  b: 0,
  bytes: 0,
  kb: 1,
  mb: 2,
  gb: 3,
  tb: 4,
  pb: 5,
};

/** `1.5 GB` in bytes. */
function bytesOf(value: string): number | bigint {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$/s
    .exec(value);
  if (match === null) {
    throw new SqlError("22023", `invalid size: "${value}"`);
  }
  const power = POWERS[match[2]!.toLowerCase()];
  if (power === undefined) {
    throw new SqlError("22023", `invalid size: "${value}"`, {
      detail: `Invalid size unit: "${match[2]}".`,
      hint: 'Valid units are "bytes", "B", "kB", "MB", "GB", "TB", and "PB".',
    });
  }
  const factor = Numeric.of(1024n ** BigInt(power));
  const bytes = roundTo(multiply(Numeric.parse(match[1]!), factor), 0);
  return checkInt8(bytes.unscaled);
}

/** Functions of sizes. */
export const sizeFunctions: readonly FunctionDefinition[] = [
  unary<number | bigint>(
    "pg_size_pretty",
    int8,
    text,
    (size) => pretty(BigInt(size)),
  ),
  unary<Numeric>("pg_size_pretty", numeric, text, prettyNumeric),
  unary<string>("pg_size_bytes", text, int8, bytesOf),
];
